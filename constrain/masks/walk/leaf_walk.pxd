# C-level layout of the walk of leaves.
from constrain.masks.walk.walk cimport Walk
from constrain.vocabulary.trie cimport Trie

cdef class LeafWalk:
    cdef int narrow_left

    cdef int walk_literal(self, Walk walk, Trie trie, int node, int head, int tail) except -1
    cdef int walk_bytes(self, Walk walk, Trie trie, int node, int head, int tail) except -1
    cdef int walk_leaf(self, Walk walk, Trie trie, int node, int body, int tail) except -1
    cdef int walk_leaf_wholly(self, Walk walk, Trie trie, int node, int body, int tail) except -1
    cdef int walk_excluding(self, Walk walk, Trie trie, int node, int body, int plain, int tail) except -1
    cdef int collect_excluded(self, Walk walk, Trie trie, int node, int plain, int state, list excluded) except -1
    cdef bint walk_bounded(self, Walk walk, Trie trie, int node, int body, int tail)
    cdef int walk_run(self, Walk walk, Trie trie, int node, int run, int close, int tail) except -1
    cdef int walk_whole(self, Walk walk, Trie trie, int node, int body, int tail) except -1
    cdef bint walk_narrow(self, Walk walk, Trie trie, int node, int body, int tail)
    cdef bint walk_edges(self, Walk walk, Trie trie, int node, int state, int tail)
    cdef int walk_leaf_tight(self, Walk walk, Trie trie, int node, int body, int slack, int tail) except -1
    cdef int walk_run_tight(self, Walk walk, Trie trie, int node, int run, int close, int slack, int tail) except -1
    cdef int walk_tight(self, Walk walk, Trie trie, int node, int state, int slack, int tail, int depth) except -1
