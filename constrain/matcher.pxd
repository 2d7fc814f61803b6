# C-level layout of the matcher and the constraint.
from constrain.engine.derivative cimport Engine
from constrain.masks.bitmask cimport TokenSet
from constrain.masks.masker cimport Masker

cdef class Constraint:
    cdef readonly object vocabulary
    cdef readonly object grammar
    cdef readonly int root
    cdef readonly Engine engine
    cdef Masker masker
    cdef object tokens
    cdef object end_ids
    cdef frozenset end_set
    cdef dict masks
    cdef dict moves
    cdef object lock
    cdef TokenSet end_mask
    cdef object __weakref__

    cdef TokenSet mask_of(self, int state)
    cdef int move(self, int state, int token) except -2
    cdef int derive(self, int state, int token) except -2

cdef class Matcher:
    cdef readonly Constraint constraint
    cdef readonly int state
    cdef list history
    cdef object bitmask
    cdef int[:, ::1] rows
