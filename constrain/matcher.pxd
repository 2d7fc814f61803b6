# C-level layout of the matcher and the constraint.
from constrain.automaton cimport TokenAutomaton
from constrain.engine.derivative cimport Engine
from constrain.masks.bitmask cimport TokenSet

cdef class Constraint:
    cdef readonly object vocabulary
    cdef readonly object grammar
    cdef object index
    cdef readonly Py_ssize_t memory
    cdef TokenAutomaton automaton
    cdef object __weakref__

    cdef TokenAutomaton current(self)

cdef class Step:
    cdef readonly int state
    cdef readonly int token
    cdef readonly int count
    cdef readonly Step before
    cdef object plan

cdef class Matcher:
    cdef readonly Constraint constraint
    cdef TokenAutomaton automaton
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
