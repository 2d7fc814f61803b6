# C-level layout of unions and intersections.
from constrain.expression.interning cimport Interning

cdef class Alternatives(Interning):
    cdef int union2(self, int first, int second)
    cdef int union_of_stack(self, int start)
    cdef int intersection_of_stack(self, int start)
    cdef void flatten(self, int start, int kind)
    cdef void drop_narrower_repeats(self, int start)
    cdef bint is_counted(self, int node)
    cdef bint has_narrower(self, int node, int other)
    cdef void drop_wider_repeats(self, int start)
    cdef bint is_wider(self, int node, int other)
    cdef void sort_unique(self, int start)
    cdef void merge_byte_sets(self, int start)
    cdef void factor_heads(self, int start)
    cdef bint byte_set_bits(self, int node)
