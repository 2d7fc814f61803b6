# What the C interface of the interpreter says about its threads.
cdef extern from *:
    """
    #ifndef MS_WINDOWS
    #include <unistd.h>
    #endif

    /* Whether the interpreter has other threads than this one. */
    static int has_threads(void) {
        PyThreadState *first = PyInterpreterState_ThreadHead(PyInterpreterState_Get());
        return first != NULL && PyThreadState_Next(first) != NULL;
    }

    /* Sleep without the interpreter's lock; where systems count such times in milliseconds, only release it. Not
       time.sleep: what others put in its place may run anything. */
    static void let_others_run(unsigned int microseconds) {
        Py_BEGIN_ALLOW_THREADS
    #ifndef MS_WINDOWS
        usleep(microseconds);
    #endif
        Py_END_ALLOW_THREADS
    }
    """
    bint has_threads()
    void let_others_run(unsigned int microseconds)
