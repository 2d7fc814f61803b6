# C-level layout of the leaf cache.
from constrain.engine.derivative cimport Engine
from constrain.masks.bitmask cimport IdBuffer, Row
from constrain.masks.bounded cimport BoundedPattern
from constrain.masks.counted cimport CharacterRun
from constrain.masks.dead_ends cimport DeadEnds
from constrain.masks.horizons cimport Horizons
from constrain.masks.leaf_mask cimport LeafMask
from constrain.masks.loops cimport Loops
from constrain.masks.runs cimport RunTables
from constrain.masks.shapes cimport Bounds, Shapes
from constrain.vocabulary.trie cimport Trie

cdef class LeafCache:
    cdef Engine engine
    cdef readonly int words
    cdef dict shared
    cdef dict local
    cdef readonly RunTables runs
    cdef Loops loops
    cdef DeadEnds dead_ends
    cdef readonly Shapes shapes
    cdef Horizons horizons
    cdef int limit
    cdef bint relaxing
    cdef int turns
    cdef unsigned char[::1] counted
    cdef bint uncertain
    cdef int completion
    cdef int[:, ::1] frames
    cdef int[::1] exits
    cdef int exit_used
    cdef unsigned int[::1] soft
    cdef IdBuffer found
    cdef IdBuffer pool
    cdef IdBuffer shared_pool
    cdef object dense
    cdef readonly Py_ssize_t made
    cdef int[::1] row

    cdef bint stay(self, Trie trie, int node, int state)
    cdef LeafMask known(self, Trie trie, int node, int body)
    cdef LeafMask get(self, Trie trie, int node, int body)
    cdef LeafMask compute(self, Trie trie, int node, int body)
    cdef int count_turns(self, int state) except -1
    cdef LeafMask compute_relaxed(self, Trie trie, int node, int body)
    cdef bint is_far(self, Trie trie, int node, int body) except -1
    cdef LeafMask get_far(self, Trie trie, int node, int body, bint wholly)
    cdef LeafMask finish(self, Trie trie, int body, Row row)
    cdef object softness(self)
    cdef bint is_cached(self, Trie trie, int node, int body)
    cdef bint is_shared(self, Trie trie, int body)
    cdef BoundedPattern bounded(self, Trie trie, int node, Bounds bounds, bint relaxed)
    cdef int walk(self, Trie trie, int node, int body) except -1
    cdef int flush(self) except -1
    cdef int enter(self, int depth, Trie trie, int node, int state) except -1
    cdef int leave(self, Trie trie, int node, int state) except -1
    cdef int add_exit(self, int node) except -1
