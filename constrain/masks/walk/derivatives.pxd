# C-level declarations of the walk by derivatives.
from constrain.masks.walk.walk cimport Walk
from constrain.vocabulary.trie cimport Trie

cdef int derive_below(Walk walk, Trie trie, int node, int state) except -1
cdef int walk_derivatives(Walk walk, Trie trie, int node, int state) except -1
cdef bint walk_derivative(Walk walk, Trie trie, int k, int state) except -1
