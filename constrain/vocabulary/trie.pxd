# C-level layout of ``vocabulary.trie.Trie``, for the mask layer.
cdef class Trie:
    cdef readonly int key
    cdef readonly int node_count
    cdef readonly bint shared
    cdef readonly int longer_than
    cdef dict long_tries
    cdef unsigned char[::1] byte
    cdef int[:, ::1] nodes
    cdef int[::1] children
    cdef int[::1] ids
    cdef unsigned long long[:, ::1] ascii_set
    cdef unsigned long long[::1] leads
    cdef unsigned char[::1] utf8
    cdef unsigned char[::1] whole
    cdef unsigned char[::1] missing
    cdef unsigned char[::1] height
    cdef int[::1] token_characters
    cdef readonly int most_characters
    cdef readonly tuple beyond
    cdef int most_id

    cdef int check(self, long long node) except -1

    cdef int child(self, int node, int byte) except -2
    cdef bint is_leaf(self, int node)
    cdef int link(self) except -1
    cdef int summarise(self) except -1
    cdef int count_characters(self) except -1

cdef class Builder:
    cdef unsigned char[::1] byte
    cdef int[::1] depth
    cdef int[::1] token_start
    cdef int[::1] ids
    cdef int nodes
    cdef int tokens

    cdef int open(self, int byte, int depth) except -1
    cdef int add(self, int token) except -1
    cdef int merge(self, Trie source, int[::1] roots, int count, int depth, unsigned char[::1] skip) except -1
    cdef int copy_below(self, Trie source, int node, int depth) except -1
    cdef int copy_longer(self, Trie source, int node, int depth, int length) except -1
    cdef int copy_kept(self, Trie source, int node, int depth, int[::1] kept) except -1
