# What the segmentation of texts needs of the trie.
from constrain.vocabulary.trie cimport Trie
