# C-level layout of the walk of records.
from constrain.masks.bits.bitmask cimport IdBuffer
from constrain.masks.walk.captures cimport CaptureWalker
from constrain.vocabulary.trie cimport Trie

cdef class RecordWalker(CaptureWalker):
    cdef dict answered
    cdef dict answered_within
    cdef IdBuffer answer_costs
    cdef dict texts
    cdef list recorded

    cdef int end_record_within(self, Trie trie, int node, int guard) except -1
    cdef tuple measure_answers(self, Trie trie, int node, int guard)
    cdef int take_answers(self, int guard, tuple found) except -1
    cdef int doubt(self, Trie trie, int node, object begins) except -1
    cdef tuple in_doubt(self, Trie trie, int node, object handler, int state, bytes path)
    cdef int walk_third(self, Trie trie, int node, object handler, int state, bytes path) except -1
    cdef int walk_answer(self, Trie trie, int node, object handler, int state, bytes path) except -1
    cdef int verify_recorded(self) except -1
