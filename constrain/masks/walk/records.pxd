# C-level layout of the walk of records.
from constrain.masks.bits.bitmask cimport IdBuffer
from constrain.masks.walk.walk cimport Walk
from constrain.vocabulary.trie cimport Trie

cdef class Records:
    cdef dict answered
    cdef dict answered_within
    cdef IdBuffer answer_costs

    cdef int forget(self) except -1
    cdef Py_ssize_t entries(self) except -1
    cdef int walk_record(self, Walk walk, Trie trie, int node, int head, int tail) except -1
    cdef int end_record(self, Walk walk, Trie trie, int node, int guard) except -1
    cdef int end_record_within(self, Walk walk, Trie trie, int node, int guard) except -1
    cdef tuple measure_answers(self, Walk walk, Trie trie, int node, int guard)
    cdef int take_answers(self, Walk walk, int guard, tuple found) except -1
    cdef int doubt(self, Walk walk, Trie trie, int node, object begins) except -1
    cdef tuple in_doubt(self, Walk walk, Trie trie, int node, object handler, int state, bytes path)
    cdef int walk_third(self, Walk walk, Trie trie, int node, object handler, int state, bytes path) except -1
    cdef int walk_answer(self, Walk walk, Trie trie, int node, object handler, int state, bytes path) except -1
