# C types of the masking pass.
ctypedef fused Score:
    short
    int
    long long

cdef Score mask_row(
    const Score* source, Score* target, const int* words, const Score* kept, Py_ssize_t size, Score blocked
) noexcept nogil
cdef Py_ssize_t open_row(Score* target, const int* words, Py_ssize_t size) noexcept nogil
cpdef Py_ssize_t mask_rows(
    size_t source,
    Py_ssize_t source_step,
    size_t target,
    Py_ssize_t target_step,
    Py_ssize_t width,
    const int[:, :] bitmask,
    const unsigned char[::1] chosen,
    Py_ssize_t size,
    const Score[:, ::1] kept,
    Score blocked,
) except -2
