# C-level layout of the walk for prices.
from constrain.engine.derivative cimport Engine
from constrain.masks.bitmask cimport IdBuffer
from constrain.masks.loops cimport Loops
from constrain.vocabulary.trie cimport Trie

cdef class TokenPrices:
    cdef Engine engine
    cdef Trie trie
    cdef Loops loops
    cdef object prices
    cdef IdBuffer found
    cdef dict places
    cdef list rest_prices
    cdef list rests
    cdef int mode
    cdef int handler
    cdef int steps
    cdef int depth

    cdef int place(self, int head, int tail) except -1
    cdef int accept(self, int node, int head, int tail) except -1
    cdef int add_range(self, int start, int stop, int place) except -1
    cdef int walk(self, int node, int head, int tail) except -1
    cdef int walk_literal(self, int node, int head, int tail) except -1
    cdef int walk_edges(self, int node, int state, int tail) except -1
    cdef int walk_behind(self, int node, int tail) except -1
    cdef int walk_capture(self, int node, int head, int tail) except -1
    cdef int drop_below(self, list nodes, int start) except -1
    cdef int walk_derivatives(self, int node, int head, int tail) except -1
