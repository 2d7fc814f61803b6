# C-level layout of the storage of nodes.
from constrain.work cimport Meter

cdef class Interning:
    cdef object __weakref__
    cdef readonly Meter meter
    cdef int[:, ::1] nodes
    cdef readonly int size
    cdef int[::1] slots
    cdef int slot_mask
    cdef int[::1] pool
    cdef int pool_used
    cdef unsigned char[::1] text
    cdef int text_used
    cdef int[::1] stack
    cdef int top
    cdef int[::1] frames
    cdef int frame_top
    cdef list references
    cdef list bodies
    cdef list follows
    cdef set tables
    cdef list handlers
    cdef dict handler_numbers
    cdef readonly int base_size
    cdef readonly object base

    cdef int copy_from(self, Interning base) except -1
    cdef Py_ssize_t held(self) except -1
    cdef Py_ssize_t room_for(self, Py_ssize_t needed, Py_ssize_t size, Py_ssize_t item) except -1
    cdef int reserve_node(self) except -1
    cdef int reserve_pool(self, int count) except -1
    cdef int reserve_text(self, int count) except -1
    cdef int push(self, int value) except -1
    cdef int push_frame(self, int value) except -1
    cdef int pop_frame(self) noexcept
    cdef int intern(self, int kind, int a, int b, int c, int flags)
    cdef int intern_hashed(self, unsigned int h, int kind, int a, int b, int c, int flags)
    cdef int intern_pool(self, int kind, int count, int flags)
    cdef unsigned int hash_of(self, int kind, int a, int b, int c)
    cdef bint same(self, int node, int kind, int a, int b, int c)
    cdef void grow_slots(self)
    cdef int valid(self, long long node) except -1
    cdef bint is_nullable(self, int node)
    cdef int concat2(self, int first, int second)
    cdef int join_all(self, tuple parts, int first, int last) except -1
    cdef int concat_parts(self, int first, int second)
    cdef int join_options(self, int first, int second)
    cdef int option_of(self, int node) noexcept
    cdef int join_literals(self, int first, int second)
    cdef int literal_at(self, int offset, int length)
    cdef int rest_of_literal(self, int node, int count)
    cdef int literal_with(self, int node, int at)
    cdef int set_of_pool(self)
