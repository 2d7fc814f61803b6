# C-level layout of unions and intersections.
from constrain.expression.inclusion cimport Inclusion

cdef class Alternatives(Inclusion):
    cdef int union2(self, int first, int second)
    cdef int union_of_stack(self, int start)
    cdef int intersection_of_stack(self, int start)
    cdef void flatten(self, int start, int kind)
    cdef int drop_left_out(self, int start) except -1
    cdef int place_of(self, int node, int start) noexcept
    cdef void drop_narrower_repeats(self, int start)
    cdef int drop_included(self, int start) except -1
    cdef bint is_counted(self, int node)
    cdef bint has_narrower(self, int node, int other)
    cdef int drop_wider_repeats(self, int start) except -1
    cdef bint is_wider(self, int node, int other)
    cdef void sort_unique(self, int start)
    cdef void merge_byte_sets(self, int start)
    cdef int union_begun(self, int start) except -2
    cdef int union_of_factors(self, int start)
    cdef int factor_heads(self, int start)
    cdef int push_tails(self, int i, int end, bint grouped)
    cdef bint sort_by_head(self, int start) except -1
    cdef bint byte_set_bits(self, int node)
