# C-level layout of the masker.
from constrain.masks.bitmask cimport TokenSet
from constrain.masks.captures cimport CaptureWalker

cdef class Masker(CaptureWalker):
    cpdef TokenSet mask(self, int state, object end_ids)
    cdef int add_ends(self, object end_ids) except -1
    cdef int compute(self, int state) except -1
    cdef TokenSet combine(self)
