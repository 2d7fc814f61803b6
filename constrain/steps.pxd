# C-level layout of sequences of tokens.
from constrain.automaton cimport TokenAutomaton
from constrain.masks.bitmask cimport TokenSet

cdef class Step:
    cdef readonly int state
    cdef readonly int token
    cdef readonly int count
    cdef readonly Step before
    cdef object plan
    cdef object inherited

cdef class Steps:
    cdef readonly TokenAutomaton automaton
    cdef readonly int budget

    cdef Step start(self)
    cdef Step after(self, Step step, int token)
    cdef TokenSet mask_at(self, Step step)
    cdef object rest_of(self, object plan, int token)
    cdef bint is_enough(self, Step step, object plan) except -1
    cdef int planned(self, Step step, TokenSet mask) except -2
    cdef object plan_of(self, Step step)
    cdef object make_plan(self, Step step)
    cdef list completion(self, Step step)

cdef Step _step(int state, int token, Step before)
