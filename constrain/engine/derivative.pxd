# C-level layout of ``engine.derivative.Engine``, for the compiled modules above it.
from constrain.expression cimport Arena

cdef class Engine(Arena):
    cdef dict reference_derivatives
    cdef dict answers
    cdef readonly long search_steps
    cdef readonly long completions

    cdef int edges(self, int node)
    cdef int expand(self, int node)
    cdef void store(self, int node, int* last, int* target, int count)
    cdef void expand_bytes(self, int node)
    cdef void expand_mapped(self, int node, int source, int rest)
    cdef void expand_merged(self, int node, bint union)
    cdef void prune(self, int node)
    cdef bint viable(self, int node)
    cdef bint search(self, int start)
    cdef int step(self, int node, int byte)
    cdef int derive(self, int node, int byte)
    cdef int derive_concat(self, int node, int byte)
    cdef int derive_union(self, int node, int byte)
    cdef int derive_reference(self, int node, int byte)
    cdef int derive_choice(self, int node, int byte)
    cdef int derive_capture(self, int node, int byte)
    cdef int derive_record(self, int node, int byte)
    cdef int answer(self, int handler, int text)
    cdef int run(self, int node, bytes data)
    cdef bytes literal_bytes(self, int node)
    cdef int complete(self, int handler, int text)
    cdef void first_bytes(self, int node, unsigned int[::1] words)
    cdef int rest(self, int node)
    cdef int push_parts(self, int node)
    cdef int lower_bound(self, int table, int low, int high, int depth, int byte)
    cdef int run_literal(self, int head, int tail, bytes data, int start)
    cdef bytes key_bytes(self, int entry)
