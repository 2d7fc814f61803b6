# C-level layout of the tables of runs.
from constrain.engine.derivative cimport Engine
from constrain.masks.bits.bitmask cimport IdBuffer, Row
from constrain.masks.leaves.loops cimport Loops
from constrain.vocabulary.trie cimport Trie

cdef class CharacterRun:
    cdef readonly Trie trie
    cdef readonly bint shared
    cdef int words
    cdef int start
    cdef int most_started
    cdef int most_exited
    cdef int[::1] inside
    cdef int[::1] inside_until
    cdef readonly Row whole
    cdef Trie others
    cdef object exits
    cdef object exit_counts
    cdef dict rows
    cdef dict ways_out
    cdef object ids
    cdef object counts
    cdef object within
    cdef object missing
    cdef int most_missing
    cdef object within_counts
    cdef IdBuffer found
    cdef IdBuffer found_counts
    cdef IdBuffer left
    cdef IdBuffer left_counts
    cdef IdBuffer unfinished
    cdef dict lacking
    cdef dict finished

    cdef int descend(self, Engine engine, Loops loops, int node, int state, int count) except -1
    cdef int add_below(self, int node, int shift) except -1
    cdef tuple between(self, int most, tuple fits)
    cdef object unfinished_with(self, int missing, int most)
    cdef int lacks(self, Engine engine, int state) except -1
    cdef Row dense(self, int most)
    cdef int inside_count(self, int most) except -1
    cdef object exits_between(self, int least, int most, object begins)
