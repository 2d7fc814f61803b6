# C-level layout of relaxed expressions.
from constrain.engine.derivative cimport Engine

cdef class CounterRelaxation:
    cdef Engine engine
    cdef dict known
    cdef dict least
    cdef dict counting
    cdef dict completions

    cdef tuple relaxed(self, int node, int horizon)
    cdef tuple relax(self, int node, int bound)
    cdef tuple find_relaxed(self, int node, int bound)
    cdef tuple relax_loop(self, int node, int bound)
    cdef bint counts_bytes(self, int node) except -1
    cdef bint find_counting(self, int node) except -1
    cdef int least_of(self, int node) except -1
    cdef int find_least(self, int node) except -1
    cdef int completion(self, int state) except -1
    cdef int find_completion(self, int start) except -1
