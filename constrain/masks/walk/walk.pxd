# C-level layout of what the parts of a walk have in common.
from constrain.engine.derivative cimport Engine
from constrain.masks.budgets.allowance cimport Allowance
from constrain.masks.leaves.leaf cimport LeafCache
from constrain.masks.walk.collected cimport Collected
from constrain.vocabulary.trie cimport Trie

cdef class Walk:
    cdef readonly Engine engine
    cdef Trie trie
    cdef object tokens
    cdef readonly int words
    cdef LeafCache leaves
    cdef readonly Allowance budget
    cdef Collected collected
    cdef dict begins
    cdef int guard
    cdef dict guards
    cdef dict texts
    cdef int depth
    cdef int steps

    cdef int follow(self, Trie trie, int node, int head, int tail) except -1
    cdef int walk_ways_out(self, Trie trie, object ways_out, int tail) except -1
    cdef bint has_tokens(self, Trie trie, int node) noexcept
    cdef object begins_of(self, int node)
    cdef int guard_of(self, int head, int tail) except -1
