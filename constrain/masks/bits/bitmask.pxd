# The bitmask primitives, for the compiled modules of this layer.
cdef class Row:
    cdef int[::1] bits

    cpdef Row copy(self)

cdef class IdBuffer:
    cdef readonly object array
    cdef int[::1] data
    cdef readonly int used

    cdef int reserve(self, int count) except -1
    cdef int add(self, int token) except -1
    cdef int add_range(self, int[::1] source, int start, int stop) except -1
    cdef int move_to(self, IdBuffer pool, int start) except -1

cdef class TokenSet:
    cdef Row row
    cdef IdBuffer pool
    cdef int start
    cdef int count
    cdef readonly int size

    cdef TokenSet with_token(self, int token)
    cdef bint has(self, int token) except -1
    cdef bint is_empty(self) except -1
    cdef int first(self) except -2
    cdef int write(self, int[::1] target) except -1

cdef int write_rows(list sets, int[:, ::1] target) except -1
cdef int set_bit(int[::1] row, int token) except -1
cdef int set_bits(int[::1] row, int[::1] ids, int count) except -1
cdef int clear_bits(int[::1] row, int[::1] ids, int count) except -1
cdef int or_into(int[::1] row, int[::1] other) except -1
cdef bint overlaps(int[::1] row, int[::1] ids, int start, int stop) except -1
