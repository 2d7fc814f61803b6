# Limits that modules of this layer share, as C constants.
cdef enum:
    UNBOUNDED = 0x1000000  # the cost of a completion that is not known
