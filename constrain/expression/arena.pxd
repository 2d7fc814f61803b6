# C-level layout of the arena, for the compiled modules above it.
from constrain.expression.alternatives cimport Alternatives

cdef class Arena(Alternatives):
    cdef int repeat_of(self, int body, int least, int most)
    cdef int leaf_of(self, int body)
    cdef int choice_of(self, int table, int low, int high, int depth, int first, int last)
    cdef int capture_of(self, int residual, int text, int handler)
    cdef int body_of(self, int reference)
    cdef int follow_of(self, int table, int position)
