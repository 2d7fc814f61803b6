# C-level layout of the walk of captures.
from constrain.engine.derivative cimport Engine
from constrain.masks.bits.bitmask cimport IdBuffer
from constrain.masks.walk.walker cimport Walker
from constrain.vocabulary.trie cimport Trie

cdef class CaptureWalker(Walker):
    cdef object tokens
    cdef IdBuffer pool
    cdef int[::1] scratch
    cdef dict keys
    cdef dict settled
    cdef dict ends
    cdef int origin

    cdef int walk_key(self, Trie trie, int node, int body, int rest) except -1
    cdef int settle(self, int head, int tail, Py_ssize_t start) except -1
    cdef object kinds_behind(self, int head, Py_ssize_t start)
    cdef list find_ends(self, int body, Py_ssize_t start)
    cdef int verify_token(self, int token) except -1
    cdef int verify_range(self, Trie trie, int start, int stop) except -1
    cdef int verify(self, Trie trie, int node) except -1

cdef list refused_below(Engine engine, Trie trie, int node, int head)
cdef int push_place(Engine engine, int node, int texts, int depth) except -1
cdef int follow_shared(Engine engine, Trie trie, int node, int texts, int depth) except -2
