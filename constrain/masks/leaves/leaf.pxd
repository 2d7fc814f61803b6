# C-level layout of the leaf cache.
from constrain.engine.derivative cimport Engine
from constrain.masks.bits.bitmask cimport IdBuffer, Row
from constrain.masks.leaves.bounded cimport BoundedPattern
from constrain.masks.leaves.character_run cimport CharacterRun
from constrain.masks.leaves.safe_distance cimport SafeDistances
from constrain.masks.leaves.counter_relaxation cimport CounterRelaxation
from constrain.masks.leaves.leaf_mask cimport LeafMask
from constrain.masks.leaves.loops cimport Loops
from constrain.masks.leaves.character_run_cache cimport CharacterRunCache
from constrain.masks.leaves.leaf_classes cimport Bounds, LeafClasses
from constrain.vocabulary.trie cimport Trie

cdef class LeafCache:
    cdef Engine engine
    cdef readonly int words
    cdef dict shared
    cdef dict local
    cdef readonly CharacterRunCache run_cache
    cdef Loops loops
    cdef SafeDistances safe_distances
    cdef readonly LeafClasses leaf_classes
    cdef CounterRelaxation relaxation
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
