# What the segmentation of texts needs of the trie.
from constrain.vocabulary.trie cimport Trie

cdef int count_before(Trie trie, bytes head, bytes tail, int[::1] tail_counts, int[::1] counts) except -1
