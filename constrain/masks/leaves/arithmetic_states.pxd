# C-level signatures of the questions to described references.
from constrain.engine.derivative cimport Engine
from constrain.masks.bits.bitmask cimport IdBuffer
from constrain.vocabulary.trie cimport Trie

cdef object begins_below(Engine engine, Trie trie, int node, int state)
cdef bint accept_below(IdBuffer found, Trie trie, int node, object begins) except -1
