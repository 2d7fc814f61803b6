# C-level layout of what is collected for a mask.
from constrain.masks.bits.bitmask cimport IdBuffer, TokenSet
from constrain.vocabulary.trie cimport Trie

cdef class Collected:
    cdef int words
    cdef IdBuffer ids
    cdef IdBuffer pool
    cdef list rows
    cdef list pending
    cdef list recorded
    cdef int[::1] scratch

    cdef int clear(self) except -1
    cdef int accept(self, Trie trie, int node) except -1
    cdef int drop_below(self, Trie trie, list nodes, int start, Py_ssize_t rows) except -1
    cdef TokenSet combined(self)
