# C-level layout of the walk of captures.
from constrain.engine.derivative cimport Engine
from constrain.masks.walk.leaf_walk cimport LeafWalk
from constrain.masks.walk.walk cimport Walk
from constrain.vocabulary.trie cimport Trie

cdef class Captures:
    cdef LeafWalk leaf_walk
    cdef dict keys
    cdef dict settled
    cdef dict ends

    cdef int forget(self) except -1
    cdef Py_ssize_t entries(self) except -1
    cdef int walk_capture(self, Walk walk, Trie trie, int node, int head, int tail) except -1
    cdef int walk_key(self, Walk walk, Trie trie, int node, int body, int rest) except -1
    cdef int settle(self, Walk walk, int head, int tail, Py_ssize_t start) except -1
    cdef object kinds_behind(self, Walk walk, int head, Py_ssize_t start)
    cdef list find_ends(self, Walk walk, int body, Py_ssize_t start)

cdef list refused_below(Engine engine, Trie trie, int node, int head)
cdef int push_place(Engine engine, int node, int texts, int depth) except -1
cdef int follow_shared(Engine engine, Trie trie, int node, int texts, int depth) except -2
