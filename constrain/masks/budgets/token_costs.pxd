# C-level layout of what it costs to complete a text, in tokens.
from constrain.engine.derivative cimport Engine
from constrain.masks.budgets.byte_costs cimport ByteCosts
from constrain.vocabulary.trie cimport Trie

cdef class TokenCosts:
    cdef readonly ByteCosts byte_costs
    cdef Engine engine
    cdef Trie trie
    cdef dict spelled
    cdef dict rests
    cdef int[::1] scratch
    cdef int depth
    cdef Py_ssize_t size

    cdef int price(self, bytes within, int tail) except -1
    cdef int price_rest(self, int state, int tail) except -1
    cdef int count(self, bytes head, tuple found) except -1
    cdef tuple spell(self, int node)
    cdef bytes text(self, int node)
    cdef tuple spell_part(self, int node)
    cdef tuple preceded(self, bytes head, tuple found, object way)
    cdef object way_of(self, int node)
    cdef object way_of_union(self, int node)
    cdef bint is_dear(self, int arm) except -1
    cdef object way_of_capture(self, int node)
    cdef object way_of_choice(self, int node)
    cdef object way_of_reference(self, int node)
    cdef bint is_covered(self, int arm) except -1
    cdef tuple keep(self, int node, tuple found)
