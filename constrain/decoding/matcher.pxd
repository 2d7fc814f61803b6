# C-level layout of the matcher and the constraint.
from constrain.decoding.automaton cimport TokenAutomaton
from constrain.engine.derivative cimport Engine
from constrain.masks.bits.bitmask cimport TokenSet
from constrain.decoding.steps cimport Step, Steps

cdef class Constraint:
    cdef readonly object vocabulary
    cdef readonly object grammar
    cdef object index
    cdef readonly object limits
    cdef readonly Py_ssize_t memory
    cdef TokenAutomaton automaton
    cdef object __weakref__

    cdef TokenAutomaton current(self)

cdef class Matcher:
    cdef readonly Constraint constraint
    cdef Steps steps
    cdef Step last
    cdef object bitmask
    cdef int[:, ::1] rows

    cdef int write(self, list sets, object bitmask, int row) except -1
    cdef int check(self, object bitmask, int row) except -1
