# C-level layout of the arena, for the compiled modules above it.
from constrain.expression.text_sets cimport TextSets

cdef class Arena(TextSets):
    cdef int repeat_of(self, int body, int least, int most)
    cdef int valid_table(self, int table) except -1
    cdef int leaf_of(self, int body)
    cdef int choice_of(self, int table, int low, int high, int depth, int first, int last)
    cdef int record_of(self, int residual, int text, int handler)
    cdef int extended(self, int text, int byte)
    cdef int capture_of(self, int residual, int text, int handler)
    cdef int body_of(self, int reference)
    cdef int follow_of(self, int table, int position)
