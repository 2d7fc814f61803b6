# C-level layout of sequences of tokens.
from constrain.decoding.automaton cimport TokenAutomaton
from constrain.masks.bits.bitmask cimport TokenSet

cdef class Plan:
    cdef readonly int count
    cdef readonly bytes text
    cdef list tokens
    cdef Py_ssize_t at

cdef class Step:
    cdef readonly int state
    cdef readonly int token
    cdef readonly int count
    cdef readonly Step before
    cdef Plan plan
    cdef Plan inherited
    cdef TokenSet given
    cdef int planned

cdef class Steps:
    cdef readonly TokenAutomaton automaton
    cdef readonly int budget

    cdef Step start(self)
    cdef Step after(self, Step step, int token)
    cdef TokenSet mask_at(self, Step step)
    cdef Plan rest_of(self, Plan plan, int token)
    cdef bint is_enough(self, Step step, Plan plan) except -1
    cdef int plan_instead(self, Step step, TokenSet mask) except -2
    cdef Plan plan_of(self, Step step)
    cdef Plan make_plan(self, Step step)
    cdef list tokens_of(self, Plan plan)
    cdef list completion(self, Step step)

cdef Plan _plan(object found)
cdef Step _step(int state, int token, Step before)
