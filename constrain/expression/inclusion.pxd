# C-level layout of inclusion.
from constrain.expression.interning cimport Interning

cdef class Inclusion(Interning):
    cdef dict made_of

    cdef bint is_star(self, int node)
    cdef bint is_made_of(self, int node, int star) except -1
    cdef bint find_made_of(self, int node, int star) except -1
    cdef int known_made_of(self, int node, int star) except -2
    cdef int part_count(self, int node) noexcept
    cdef int part_at(self, int node, int i) noexcept
    cdef list parts_first(self, int node, dict known, bint certain)
    cdef bint is_among(self, int node, int whole)
    cdef bint has_bytes(self, int characters, int node)
    cdef bint is_part_of(self, int node, int other) except -1
    cdef bint is_spelled(self, int node, int star, int tail, int depth) except -1
    cdef bint has_conditions(self, int node, int other)
    cdef int open_star(self, int node) except -2
    cdef int head_star(self, int node, int depth)
    cdef bint goes_on(self, int node, int star, int depth)
    cdef bint ends_in(self, int node, int star, int depth)
