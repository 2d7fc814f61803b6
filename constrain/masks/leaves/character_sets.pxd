# C-level layout of sets of characters.

cdef class Characters:
    cdef unsigned long long low
    cdef unsigned long long high
    cdef unsigned long long leads

    cdef int count(self) except -1
    cdef int missing(self, Characters other) except -1
    cdef bint meets(self, Characters other)
    cdef int add(self, Characters other) except -1
    cdef int keep(self, Characters other) except -1
    cdef int drop(self, Characters other) except -1

cdef class Step(Characters):
    cdef int target

cdef Characters WORDS
cdef unsigned long long byte_range(int first, int last) noexcept
