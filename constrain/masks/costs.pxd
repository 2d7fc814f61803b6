# C-level layout of what it costs to complete a text.
from constrain.engine.derivative cimport Engine
from constrain.masks.bitmask cimport IdBuffer
from constrain.vocabulary.trie cimport Trie

cdef class Costs:
    cdef readonly Engine engine
    cdef readonly Trie trie
    cdef readonly object completions
    cdef readonly object distances
    cdef readonly long searches
    cdef int[::1] bounds
    cdef int[::1] residuals
    cdef dict spelled
    cdef dict rests
    cdef dict endings
    cdef dict finishes
    cdef IdBuffer spine
    cdef int depth
    cdef Py_ssize_t text_size

    cdef int grow(self) except -1
    cdef int bound(self, int node) except -1
    cdef int find_bound(self, int node) except -1
    cdef int bound_of_spine(self, int node) except -1
    cdef int bound_of_part(self, int node) except -1
    cdef int bound_of_union(self, int node) except -1
    cdef int bound_of_reference(self, int node) except -1
    cdef int bound_of_choice(self, int node) except -1
    cdef int bound_of_entry(self, int table, int position, int depth) except -1
    cdef int bound_of_capture(self, int node) except -1
    cdef int bound_of_record(self, int node) except -1
    cdef int shortest(self, int node) except -1
    cdef object ending(self, int capture)
    cdef int finish(self, int body, object handler, bint anywhere) except -1
    cdef int residual(self, int node) except -1
    cdef int find_residual(self, int node) except -1
    cdef int residual_of_spine(self, int node) except -1
    cdef int residual_of_union(self, int node) except -1
    cdef bytes text(self, int node)
    cdef tuple spell(self, int node)
    cdef tuple spell_part(self, int node)
    cdef bint is_covered(self, int arm) except -1
    cdef tuple keep(self, int node, tuple found)
    cdef int price(self, bytes within, int tail) except -1
    cdef int price_rest(self, int state, int tail) except -1

cdef int added(int one, int other) noexcept
