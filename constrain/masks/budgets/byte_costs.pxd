# C-level layout of what it costs to complete a text, in bytes.
from constrain.engine.derivative cimport Engine
from constrain.masks.bits.bitmask cimport IdBuffer
from constrain.masks.leaves.leaf_classes cimport Bounds, LeafClasses

cdef class ByteCosts:
    cdef readonly Engine engine
    cdef LeafClasses leaf_classes
    cdef readonly object completions
    cdef readonly object distances
    cdef readonly long searches
    cdef int[::1] bounds
    cdef int[::1] residuals
    cdef dict endings
    cdef dict finishes
    cdef IdBuffer spine
    cdef int depth

    cdef int grow(self) except -1
    cdef int bound(self, int node) except -1
    cdef int find_bound(self, int node) except -1
    cdef int bound_of_spine(self, int node) except -1
    cdef int bound_of_part(self, int node) except -1
    cdef int bound_of_union(self, int node) except -1
    cdef int bound_of_reference(self, int node) except -1
    cdef int bound_of_choice(self, int node) except -1
    cdef int best_entry(self, int choice, int low, int high) except -2
    cdef int bound_of_entry(self, int table, int position, int depth) except -1
    cdef int bound_of_capture(self, int node) except -1
    cdef int bound_of_record(self, int node) except -1
    cdef int shortest(self, int node) except -1
    cdef object ending(self, int capture)
    cdef int finish(self, int body, object handler, bint anywhere) except -1
    cdef int slack(self, int capture) except -1
    cdef int find_slack(self, int body, object handler, int texts, bytes begun) except -1
    cdef int residual(self, int node) except -1
    cdef int find_residual(self, int node) except -1
    cdef int residual_of_bounded(self, int node) except -1
    cdef int residual_of_spine(self, int node) except -1
    cdef int residual_of_union(self, int node) except -1
    cdef bytes text(self, int node)
    cdef bytes ordinary_suffix(self, int body, bytes begun, object handler)

cdef int added(int one, int other) noexcept

cdef int ARMS
cdef int DEPTH_LIMIT
