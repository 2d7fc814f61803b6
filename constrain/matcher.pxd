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
    cdef object guide
    cdef dict bounds
    cdef object __weakref__

    cdef TokenSet mask_of(self, int state)
    cdef int move(self, int state, int token) except -2
    cdef int derive(self, int state, int token) except -2
    cdef object steering(self)
    cdef int bound_of(self, int state) except -1

cdef class Step:
    cdef readonly int state
    cdef readonly int token
    cdef readonly int count
    cdef readonly Step before
    cdef object plan

cdef class Matcher:
    cdef readonly Constraint constraint
    cdef Step last
    cdef readonly int budget
    cdef object bitmask
    cdef int[:, ::1] rows

    cdef Step after(self, Step step, int token)
    cdef Step after_within_budget(self, Step step, int token)
    cdef TokenSet mask_at(self, Step step)
    cdef TokenSet restricted(self, Step step, int left)
    cdef object plan_of(self, Step step)
    cdef int write(self, list sets, object bitmask, int row) except -1
    cdef int check(self, object bitmask, int row) except -1

cdef Step _step(int state, int token, Step before)
