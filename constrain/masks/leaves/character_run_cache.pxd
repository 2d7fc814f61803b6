# C-level layout of the cache of tables of runs.
from constrain.engine.derivative cimport Engine
from constrain.masks.leaves.character_run cimport CharacterRun
from constrain.masks.leaves.loops cimport Loops
from constrain.vocabulary.trie cimport Trie

cdef int SMALL

cdef class CharacterRunCache:
    cdef Engine engine
    cdef Loops loops
    cdef int words
    cdef dict shared
    cdef dict tables
    cdef dict contents
    cdef readonly list characters

    cdef CharacterRun of(self, Trie trie, int node, int character)
    cdef CharacterRun find(self, Trie trie, int node, int character)
    cdef bint has(self, Trie trie, int node, int character)
    cdef int warm(self, Trie trie, int node, int character) except -1
    cdef object content_of(self, int node)
