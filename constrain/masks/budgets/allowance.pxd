# C-level layout of what a budget has room for.
from constrain.engine.derivative cimport Engine
from constrain.masks.budgets.byte_costs cimport ByteCosts
from constrain.masks.budgets.token_costs cimport TokenCosts
from constrain.masks.leaves.leaf_classes cimport LeafClasses
from constrain.vocabulary.trie cimport Trie

cdef class Allowance:
    cdef Engine engine
    cdef readonly ByteCosts byte_costs
    cdef readonly TokenCosts token_costs
    cdef bint limited
    cdef int left
    cdef int most
    cdef bint cut
    cdef int work_left
    cdef int extra
    cdef list after
    cdef list outer
    cdef list witnesses
    cdef int tokens

    cdef int begin(self, int left) except -1
    cdef int begin_again(self) except -1
    cdef bint works(self, int steps) noexcept
    cdef bint has_room(self, int within, int tail) except -1
    cdef bint has_room_for_text(self, bytes within, int slack, int tail) except -1
    cdef bint has_room_for_tokens(self, int cost) except -1
    cdef bint has_room_for_literal(self, int literal, int read, int tail) except -1
    cdef bint has_room_for_rest(self, int state, int slack, int tail) except -1
    cdef bint has_room_for_entry(self, int choice, int low, int high, int depth, int tail) except -1
    cdef bint has_room_anywhere(self, list captures, int tail) except -1
    cdef int enter(self, list heads, int tail) except -1
    cdef int leave(self) except -1
    cdef tuple measure(self)
    cdef int measured(self, tuple kept) except -1
    cdef bint take(self, int cost) except -1
