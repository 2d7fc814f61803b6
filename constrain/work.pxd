# C-level layout of meters.
cdef int give_way() except -1

cdef class Meter:
    cdef readonly object own
    cdef readonly object limits
    cdef readonly int scopes
    cdef int most_nodes
    cdef Py_ssize_t most_bytes
    cdef long patience
    cdef double deadline
    cdef long forks
    cdef str seconds
    cdef Meter outer
    cdef unsigned long owner
    cdef object queue

    cpdef int count(self, long steps) except -1
    cdef int check(self) except -1
    cdef int exceed(self, str limit, object value, str reason) except -1
    cdef int halt(self, object error) except -1
    cdef int take_lock(self) except -1
    cdef int adopt(self, object limits) except -1
    cdef int queue_up(self, unsigned long ident) except -1
    cdef int give_lock(self) except -1
    cdef int part(self) except -1

cdef class Scope:
    cdef readonly Meter meter
    cdef readonly object limits
    cdef readonly str seconds
    cdef public object engine

cdef class Compiling(Scope):
    cdef double start
    cdef bint last

cdef Meter current_meter()
cdef Meter enter_meter(Meter meter)
