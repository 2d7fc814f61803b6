# C-level layout of ``Engine``, for the compiled modules above it.
from constrain.engine.edges cimport Edges

cdef class Engine(Edges):
    cdef dict reference_derivatives
    cdef dict apart
    cdef int reached
    cdef dict answers
    cdef readonly long completions

    cpdef object first(self, int node)
    cdef int derive_at(self, int node, int byte, int depth)
    cdef int derive_concat(self, int node, int byte, int depth)
    cdef int derive_union(self, int node, int byte, int depth)
    cdef int derive_reference(self, int node, int byte, int depth)
    cdef int derive_deep(self, int node, int byte) except -1
    cdef list derived_parts(self, int node, int byte)
    cdef int derive_from(self, int node, int byte, dict known) except -1
    cdef int derive_choice(self, int node, int byte)
    cdef int derive_capture(self, int node, int byte)
    cdef int derive_record(self, int node, int byte, int residual)
    cdef int answer(self, int handler, int text)
    cdef int run(self, int node, bytes data)
    cdef bytes literal_bytes(self, int node)
    cdef int complete(self, int handler, int text)
    cdef int first_bytes(self, int node, unsigned int* words) except -1
    cdef bint first_of_parts(self, int node) except -1
    cdef int first_of_one(self, int node, unsigned int* words) except -1
    cdef int pushed
    cdef int lower_bound(self, int table, int low, int high, int depth, int byte)
    cdef int run_literal(self, int head, int tail, bytes data, int start)
    cdef bytes key_bytes(self, int entry)
    cdef int run_characters(self, int body, bytes data, int start)
    cdef bint is_apart(self, int character, int close)
