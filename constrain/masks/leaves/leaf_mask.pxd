# C-level layout of leaf masks.
from constrain.masks.bits.bitmask cimport IdBuffer, Row
from constrain.vocabulary.trie cimport Trie

cdef class LeafMask:
    cdef readonly Row row
    cdef IdBuffer pool
    cdef int start
    cdef int stop
    cdef Trie trie
    cdef readonly object exits
    cdef readonly object soft
    cdef bint shared
    cdef int completion
    cdef int turns
    cdef readonly Trie longer
    cdef dict ways_out

    cdef LeafMask up_to(self, Trie longer)
    cdef object exits_to(self, object begins)
