# What the C interface of the interpreter says about its threads.
cdef extern from *:
    """
    /* Whether the interpreter has other threads than this one. */
    static int has_threads(void) {
        PyThreadState *first = PyInterpreterState_ThreadHead(PyInterpreterState_Get());
        return first != NULL && PyThreadState_Next(first) != NULL;
    }
    """
    bint has_threads()
