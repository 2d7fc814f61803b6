# C-level layout of sets of texts.
from constrain.expression.alternatives cimport Alternatives

cdef class TextSets(Alternatives):
    cdef int close_forks(self, int node, int outermost, int bit)
    cdef int valid_set(self, int texts) except -1
    cdef int set_of_stack(self, int low, int high) except -1
    cdef int fork(self, int low, int high, int bit)
    cdef int nearest(self, int texts, int text)
    cdef int beginning_with_literal(self, int texts, int begun)
    cdef int first_text(self, int texts)
    cdef int count_of(self, int texts)
    cdef int last_byte(self, int texts)
    cdef bint bit_of(self, int text, int bit)
    cdef int differing_bit(self, int first, int second)
