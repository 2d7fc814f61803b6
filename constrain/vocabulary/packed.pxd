# C-level signatures of packed vocabularies.
cdef bint place(list tokens, bytes text, int[::1] ids, int[::1] lengths) except -1
