# C-level layout of the tables of bounded patterns.
from constrain.engine.derivative cimport Engine
from constrain.masks.bits.bitmask cimport IdBuffer, Row
from constrain.masks.leaves.loops cimport Loops
from constrain.masks.leaves.leaf_classes cimport LeafClasses
from constrain.vocabulary.trie cimport Trie

cdef class BoundedPattern:
    cdef Engine engine
    cdef LeafClasses leaf_classes
    cdef Loops loops
    cdef readonly Trie trie
    cdef int words
    cdef int character
    cdef int start
    cdef readonly int turns
    cdef readonly bint begins
    cdef int root
    cdef dict pairs
    cdef list groups
    cdef int width
    cdef int[::1] numbers
    cdef dict lengths
    cdef int[::1] at_start
    cdef dict masks
    cdef dict ways_out
    cdef IdBuffer found
    cdef IdBuffer group_of
    cdef IdBuffer left
    cdef object ids
    cdef object sizes
    cdef object started
    cdef object pair
    cdef object shortest
    cdef list list_of_pairs
    cdef Row whole
    cdef object exits
    cdef object exit_counts
    cdef int most_exited

    cdef int descend(self, int node, int count, int pattern, int started) except -1
    cdef int pair_of(self, int count, int pattern) except -1
    cdef int count_ids(self, int[::1] sizes) except -1
    cdef int sort_ids(self, int[::1] target, int[::1] place) except -1
    cdef int add(self, int first, int last, int pair, int shift) except -1
    cdef list pairs_after(self, int count, int pattern)
