# C-level layout of edges.
from constrain.expression.arena cimport Arena

cdef class Edges(Arena):
    cdef readonly long search_steps

    cdef int edges(self, int node)
    cdef int expand(self, int node)
    cdef int expand_all(self, int node) except -1
    cdef bint push_unexpanded(self, int node) except -1
    cdef int expand_one(self, int node) except -1
    cdef void store(self, int node, int* last, int* target, int count)
    cdef void expand_bytes(self, int node)
    cdef void expand_mapped(self, int node, int source, int rest)
    cdef void expand_merged(self, int node, bint union)
    cdef void prune(self, int node)
    cdef bint viable(self, int node)
    cdef int known_viable(self, int node) noexcept
    cdef bint find_viable(self, int node) except -1
    cdef bint search(self, int start)
    cdef bint leads_to_life(self, int node)
    cdef int step(self, int node, int byte)
    cdef int derive(self, int node, int byte)
    cdef int rest(self, int node)
    cdef int push_parts(self, int node)
