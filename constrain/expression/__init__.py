"""The intermediate representation of all languages: interned expressions and the laws they obey.

An expression denotes a set of byte strings. It is an ``int``: the index of a node in an ``Arena``,
where equal structure has equal index (hash-consing), so that comparing, storing and forking a decoding state costs
nothing. The constructors below are *smart*: they apply algebraic laws before they intern. Without these laws an
expression would have infinitely many derivatives (Brzozowski 1964, theorem 5.2; Owens, Reppy and Turon 2009, section
4.1).

Node kinds, with their three fields A, B, C:

    EMPTY         no text
    EPSILON       the empty text
    LITERAL       text[A : A+B]
    BYTE_SET      pool[A : A+8]: one byte out of a 256-bit set
    CONCAT        A, then B                       (associated to the right)
    UNION         pool[A : A+B], ascending
    INTERSECTION  pool[A : A+B], ascending
    COMPLEMENT every byte string except those of A
    REPEAT        A, from B to C times            (C = -1: no upper bound)
    REFERENCE     the body that number A supplies when it is first needed
    CHOICE        pool[A : A+6] = table, low, high, depth, first, last: see ``Arena.choice``
    LEAF          A, a regular language whose masks are cached apart from what follows
    CAPTURE a text of residual A, after the text B; then the answer of handler C to the whole
    RECORD like CAPTURE, for any A: see ``Arena.record``
    FORK not an expression but a set of texts, in which bit C is 0 (A) or 1 (B): see ``TextSets``

Kinds, columns and flags are C constants, in ``nodes.pxd``. Reading order: ``interning`` (how nodes are kept, and
the simplest of them), ``alternatives`` (unions and intersections, and what keeps them small), ``inclusion``, ``arena``
(the rest), ``text_sets``.

The modules are Cython in pure-Python mode; their ``.pxd`` files hold the C types. Memory is a handful of growing
arrays, addressed by index: a memoryview of an array is reassigned when it grows, so an index stays valid where a
pointer would not.
"""
