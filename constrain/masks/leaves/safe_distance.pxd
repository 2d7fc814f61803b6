# C-level layout of the distances from dead ends.
from constrain.engine.derivative cimport Engine
from constrain.masks.leaves.character_sets cimport Characters, Step
from constrain.vocabulary.trie cimport Trie

cdef class Safe(Characters):
    cdef int distance
    cdef int budget
    cdef dict depths

    cdef bint covers(self, Trie trie, int node)

cdef class SafeDistances:
    cdef Engine engine
    cdef dict steps
    cdef dict live
    cdef dict known
    cdef dict loops
    cdef int left

    cdef bint far(self, Trie trie, int node, int state) except -1
    cdef Safe loop_in(self, int state, bint search)
    cdef Safe find_loop(self, int state)
    cdef bint includes(self, int node, int part) except -1
    cdef Safe measure(self, int state, int budget)
    cdef Safe attempt(self, int state, bint words, int budget)
    cdef list next_level(self, Safe safe, list level, dict depths)
    cdef int note(self, Safe safe) except -1
    cdef Characters live_of(self, int state)
    cdef list steps_of(self, int state)
    cdef list find_steps(self, int state)
    cdef int follow_leads(self, int first, int last, int target, dict steps, Characters live) except -1
    cdef bint collect(self, int state, int low, int high, int more, set ends) except -1

cdef Step step_to(dict steps, object target)
