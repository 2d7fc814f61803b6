# C-level layout of the masker.
from constrain.masks.bits.bitmask cimport TokenSet
from constrain.masks.walk.captures cimport Captures
from constrain.masks.walk.leaf_walk cimport LeafWalk
from constrain.masks.walk.records cimport Records
from constrain.masks.walk.walk cimport Walk
from constrain.vocabulary.trie cimport Trie

cdef class Masker(Walk):
    cdef LeafWalk leaf_walk
    cdef Captures captures
    cdef Records records
    cdef int origin

    cpdef TokenSet mask(self, int state, object end_ids)
    cdef bint fits(self, int state, int budget) except -1
    cdef int count_costs(self) except -1
    cpdef tuple mask_within(self, int state, int left, object end_ids)
    cdef int add_ends(self, object end_ids) except -1
    cdef int verify_token(self, int token) except -1
    cdef int verify_range(self, Trie trie, int start, int stop) except -1
    cdef int verify(self, Trie trie, int node) except -1
    cdef int verify_recorded(self) except -1
    cdef int verify_beyond(self) except -1
    cdef int compute(self, int state) except -1
