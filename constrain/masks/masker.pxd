# C-level layout of the masker.
from constrain.engine.derivative cimport Engine
from constrain.masks.bitmask cimport IdBuffer, TokenSet
from constrain.masks.leaf cimport LeafCache, LeafMask
from constrain.vocabulary.trie cimport Trie

cdef class Masker:
    cdef readonly Engine engine
    cdef readonly Trie trie
    cdef readonly int words
    cdef LeafCache leaves
    cdef object tokens
    cdef IdBuffer found
    cdef list rows
    cdef list pending
    cdef int[::1] scratch
    cdef dict special
    cdef dict keys
    cdef dict begins
    cdef dict settled
    cdef int narrow_left
    cdef int origin
    cdef int guard
    cdef int depth
    cdef int steps
    cdef list places
    cdef object after
    cdef object no_ids
    cdef bint derived

    cdef TokenSet compute(self, int state, bint ends, int[::1] end_ids)
    cdef object combine(self)
    cdef int walk(self, Trie trie, int node, int head, int tail) except -1
    cdef int accept(self, Trie trie, int node) except -1
    cdef int walk_literal(self, Trie trie, int node, int head, int tail) except -1
    cdef int walk_bytes(self, Trie trie, int node, int head, int tail) except -1
    cdef int walk_run(self, Trie trie, int node, int run, int close, int tail) except -1
    cdef int walk_whole(self, Trie trie, int node, int body, int tail) except -1
    cdef int walk_leaf(self, Trie trie, int node, int body, int tail) except -1
    cdef int walk_choice(self, Trie trie, int node, int low, int high, int depth, int choice, int tail) except -1
    cdef int walk_capture(self, Trie trie, int node, int head, int tail) except -1
    cdef object begins_of(self, int node)
    cdef int walk_ways_out(self, Trie trie, object ways_out, int tail) except -1
    cdef bint walk_narrow(self, Trie trie, int node, int body, int tail)
    cdef bint walk_edges(self, Trie trie, int node, int state, int tail)
    cdef int walk_key(self, Trie trie, int node, int body, int rest) except -1
    cdef list special_below(self, Trie trie, int node, int head)
    cdef int collect_special(self, Trie trie, int node, int table, int low, int high, int depth, list found) except -1
    cdef int drop_below(self, Trie trie, int node, int start, Py_ssize_t rows) except -1
    cdef int settle(self, int head, int tail, Py_ssize_t start) except -1
    cdef int verify(self, Trie trie, int node) except -1
    cdef int walk_derivatives(self, Trie trie, int node, int state) except -1
