# Columns of ``Trie.nodes``, as C constants.
cdef enum:
    FIRST_CHILD = 0
    FIRST_TOKEN = 1
    END = 2
    CHARACTERS = 3
    COLUMNS = 4
