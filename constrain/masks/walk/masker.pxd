# C-level layout of the masker.
from constrain.masks.bits.bitmask cimport TokenSet
from constrain.masks.walk.records cimport RecordWalker

cdef class Masker(RecordWalker):
    cpdef TokenSet mask(self, int state, object end_ids)
    cdef bint fits(self, int state, int budget) except -1
    cdef int count_costs(self) except -1
    cpdef tuple mask_within(self, int state, int left, object end_ids)
    cdef int add_ends(self, object end_ids) except -1
    cdef int verify_beyond(self) except -1
    cdef int compute(self, int state) except -1
    cdef TokenSet combine(self)
