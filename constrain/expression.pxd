# C-level layout of ``expression.Arena``, for the compiled modules above it.
cimport cython

cdef int EMPTY_NODE, EPSILON_NODE
cdef int EMPTY_KIND, EPSILON_KIND, LITERAL, BYTE_SET, CONCAT, UNION, INTERSECTION, COMPLEMENT
cdef int REPEAT, REFERENCE, CHOICE, LEAF, CAPTURE, RECORD
cdef int KIND, A, B, C, FLAGS, EDGES, EDGE_COUNT, HASH, FIELDS
cdef int NULLABLE, UNCERTAIN, KNOWN_EMPTY, KNOWN_LIVE, PRUNED
cdef int TABLE_HEADER, ENTRY, KEY_OFFSET, KEY_LENGTH, KEY_INDEX, KEY_FOLLOW

cdef class Arena:
    cdef object __weakref__
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
    cdef list references
    cdef list bodies
    cdef list follows
    cdef list handlers
    cdef dict handler_numbers
    cdef readonly int base_size
    cdef readonly object base

    cdef int copy_from(self, Arena base) except -1
    cdef void reserve_pool(self, int count)
    cdef void reserve_text(self, int count)
    cdef void push(self, int value)
    cdef int intern(self, int kind, int a, int b, int c, int flags)
    cdef int intern_pool(self, int kind, int count, int flags)
    cdef unsigned int hash_of(self, int kind, int a, int b, int c)
    cdef bint same(self, int node, int kind, int a, int b, int c)
    cdef void grow_slots(self)
    cdef bint is_nullable(self, int node)
    cdef int concat2(self, int first, int second)
    cdef int join_literals(self, int first, int second)
    cdef int literal_at(self, int offset, int length)
    cdef int union2(self, int first, int second)
    cdef int union_of_stack(self, int start)
    cdef int intersection_of_stack(self, int start)
    cdef void flatten(self, int start, int kind)
    cdef void sort_unique(self, int start)
    cdef void merge_byte_sets(self, int start)
    cdef void factor_heads(self, int start)
    cdef int set_of_pool(self)
    cdef bint byte_set_bits(self, int node)
    cdef int repeat_of(self, int body, int least, int most)
    cdef int leaf_of(self, int body)
    cdef int choice_of(self, int table, int low, int high, int depth, int first, int last)
    cdef int record_of(self, int residual, int text, int handler)
    cdef int extended(self, int text, int byte)
    cdef int capture_of(self, int residual, int text, int handler)
    cdef int body_of(self, int reference)
    cdef int follow_of(self, int table, int position)
