# C-level layout of the table of loops.
from constrain.engine.derivative cimport Engine
from constrain.vocabulary.trie cimport Trie

cdef class Loops:
    cdef Engine engine
    cdef unsigned long long[:, ::1] ascii_set
    cdef unsigned long long[::1] leads
    cdef unsigned char[::1] flags
    cdef readonly int known

    cdef bint stay(self, Trie trie, int node, int state)
    cdef int grow(self, int size) except -1
    cdef int learn(self, int state) except -1
    cdef int learn_leads(self, int state) except -1
    cdef bint leads_back(self, int state, int target, int low, int high, int more)
