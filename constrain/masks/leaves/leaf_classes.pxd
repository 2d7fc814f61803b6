# C-level layout of the shapes of leaves.
from constrain.engine.derivative cimport Engine

cdef int FAR

cdef class Bounds:
    cdef int count
    cdef int character
    cdef int pattern
    cdef int least
    cdef int most
    cdef int close

cdef class LeafClasses:
    cdef Engine engine
    cdef dict residuals
    cdef dict runs
    cdef dict free
    cdef dict bounds
    cdef dict plain

    cdef bint is_run(self, int body)
    cdef bint find_run(self, int body)
    cdef bint ends_apart(self, int character, int close)
    cdef object residuals_of(self, int character)
    cdef int free_character(self, int body, list characters) except -2
    cdef int free_within(self, int body, list characters, int depth) except -2
    cdef int find_free(self, int body, list characters, int depth) except -2
    cdef int find_free_apart(self, int body, list characters) except -2
    cdef bint is_finite(self, int node) except -1
    cdef bint is_wide(self, int character)
    cdef Bounds bounds_of(self, int body)
    cdef Bounds find_bounds(self, int body)
    cdef int without_exclusions(self, int body) except -1
    cdef int find_plain(self, int body) except -1
    cdef bint is_list(self, int node, int depth) except -1
    cdef dict relaxations
    cdef dict turns
    cdef tuple relaxed(self, int node)
    cdef tuple relax(self, int node)
    cdef int turns_of(self, int node) except -1
    cdef int find_turns(self, int node) except -1
    cdef readonly dict lengths
