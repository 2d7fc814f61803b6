# C-level layout of the automaton over tokens.
from constrain.engine.derivative cimport Engine
from constrain.masks.bits.bitmask cimport TokenSet
from constrain.masks.walk.masker cimport Masker
from constrain.vocabulary.trie cimport Trie

cdef int ENDED

cdef class TokenAutomaton:
    cdef object __weakref__
    cdef readonly int root
    cdef readonly Engine engine
    cdef readonly bint full
    cdef readonly Py_ssize_t memory
    cdef Masker masker
    cdef Trie trie
    cdef object tokens
    cdef object end_ids
    cdef frozenset end_set
    cdef TokenSet end_mask
    cdef readonly object lock
    cdef readonly long hits
    cdef readonly long misses
    cdef readonly long forgotten
    cdef readonly double seconds
    cdef readonly double longest
    cdef dict masks
    cdef dict older_masks
    cdef dict moves
    cdef dict older_moves
    cdef dict bounds
    cdef dict tight
    cdef dict older_tight
    cdef readonly object viability
    cdef Py_ssize_t young_size
    cdef Py_ssize_t least
    cdef int since_count

    cdef TokenSet mask_of(self, int state)
    cdef int move(self, int state, int token) except -2
    cdef int derive(self, int state, int token) except -2
    cdef TokenSet find_mask(self, int state)
    cdef int note_mask(self, double seconds) except -1
    cdef TokenSet viable_of(self, int state, TokenSet mask, int left)
    cdef bint is_viable(self, int target, int left) except -1
    cdef object text_of(self, int token)
    cdef TokenSet mask_within(self, int state, int left)
    cdef bint allows_within(self, int state, int token, int left) except -1
    cdef bint is_cut(self, int state, int left)
    cdef bint fits(self, int state, int budget) except -1
    cdef object plan_after(self, int state, int token, int left)
    cdef object plan_of(self, int state)
    cdef list spell(self, bytes text, object most)
    cdef int add_young(self, int size) except -1
    cdef int count_memory(self) except -1
