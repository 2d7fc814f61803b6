# C-level layout of ``Engine``, for the compiled modules above it.
from constrain.engine.edges cimport Edges

cdef class Engine(Edges):
    cdef dict reference_derivatives
    cdef dict apart
    cdef int reached
    cdef readonly long completions

    cpdef object first(self, int node)
    cdef int derive_concat(self, int node, int byte)
    cdef int derive_union(self, int node, int byte)
    cdef int derive_reference(self, int node, int byte)
    cdef int derive_choice(self, int node, int byte)
    cdef int derive_capture(self, int node, int byte)
    cdef int run(self, int node, bytes data)
    cdef bytes literal_bytes(self, int node)
    cdef int complete(self, int handler, int text)
    cdef int first_bytes(self, int node, unsigned int* words) except -1
    cdef int lower_bound(self, int table, int low, int high, int depth, int byte)
    cdef int run_literal(self, int head, int tail, bytes data, int start)
    cdef bytes key_bytes(self, int entry)
    cdef int run_characters(self, int body, bytes data, int start)
    cdef bint is_apart(self, int character, int close)
