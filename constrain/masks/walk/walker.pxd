# C-level layout of the structural walk.
from constrain.engine.derivative cimport Engine
from constrain.masks.bits.bitmask cimport IdBuffer
from constrain.masks.budgets.allowance cimport Allowance
from constrain.masks.leaves.leaf cimport LeafCache
from constrain.vocabulary.trie cimport Trie

cdef class Walker:
    cdef readonly Engine engine
    cdef Trie trie
    cdef readonly int words
    cdef LeafCache leaves
    cdef IdBuffer found
    cdef list rows
    cdef list pending
    cdef dict begins
    cdef int narrow_left
    cdef int guard
    cdef dict guards
    cdef int depth
    cdef int steps
    cdef readonly Allowance budget

    cdef int walk(self, Trie trie, int node, int head, int tail) except -1
    cdef int walk_union(self, Trie trie, int node, int head, int tail) except -1
    cdef int written(self, int head) except -1
    cdef bint add_beginnings(self, list begun, int arm) except -1
    cdef int after_beginning(self, tuple one) except -1
    cdef int walk_begun(self, Trie trie, int node, list begun, int depth, int tail) except -1
    cdef bint has_room_for_one(self, list begun, int read, int tail) except -1
    cdef bint has_tokens(self, Trie trie, int node) noexcept
    cdef int accept(self, Trie trie, int node) except -1
    cdef int walk_literal(self, Trie trie, int node, int head, int tail) except -1
    cdef int walk_bytes(self, Trie trie, int node, int head, int tail) except -1
    cdef int walk_run(self, Trie trie, int node, int run, int close, int tail) except -1
    cdef bint walk_bounded(self, Trie trie, int node, int body, int tail)
    cdef int walk_whole(self, Trie trie, int node, int body, int tail) except -1
    cdef int walk_leaf(self, Trie trie, int node, int body, int tail) except -1
    cdef int walk_leaf_wholly(self, Trie trie, int node, int body, int tail) except -1
    cdef int walk_excluding(self, Trie trie, int node, int body, int plain, int tail) except -1
    cdef int collect_excluded(self, Trie trie, int node, int plain, int state, list excluded) except -1
    cdef int drop_below(self, Trie trie, list nodes, int start, Py_ssize_t rows) except -1
    cdef int walk_choice(self, Trie trie, int node, int low, int high, int depth, int choice, int tail) except -1
    cdef int walk_capture(self, Trie trie, int node, int head, int tail) except -1
    cdef int walk_record(self, Trie trie, int node, int head, int tail) except -1
    cdef int guard_of(self, int head, int tail) except -1
    cdef int end_record(self, Trie trie, int node, int guard) except -1
    cdef object begins_of(self, int node)
    cdef int walk_ways_out(self, Trie trie, object ways_out, int tail) except -1
    cdef bint walk_narrow(self, Trie trie, int node, int body, int tail)
    cdef bint walk_edges(self, Trie trie, int node, int state, int tail)
    cdef int walk_leaf_tight(self, Trie trie, int node, int body, int slack, int tail) except -1
    cdef int walk_run_tight(self, Trie trie, int node, int run, int close, int slack, int tail) except -1
    cdef int walk_tight(self, Trie trie, int node, int state, int slack, int tail, int depth) except -1
    cdef int derive_below(self, Trie trie, int node, int state) except -1
    cdef bint walk_derivative(self, Trie trie, int k, int state) except -1
    cdef int walk_derivatives(self, Trie trie, int node, int state) except -1
