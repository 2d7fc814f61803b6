# C-level declarations of the walk of alternatives.
from constrain.masks.walk.walk cimport Walk
from constrain.vocabulary.trie cimport Trie

cdef int walk_union(Walk walk, Trie trie, int node, int head, int tail) except -1
cdef int with_bodies(Walk walk, int head) except -1
cdef bint add_beginnings(Walk walk, list begun, int arm) except -1
cdef int after_beginning(Walk walk, tuple one) except -1
cdef int walk_begun(Walk walk, Trie trie, int node, list begun, int depth, int tail) except -1
cdef bint has_room_for_one(Walk walk, list begun, int read, int tail) except -1
cdef int walk_choice(Walk walk, Trie trie, int node, int low, int high, int depth, int choice, int tail) except -1
