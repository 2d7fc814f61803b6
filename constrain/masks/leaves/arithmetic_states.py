"""What a described reference tells about the tokens below a trie node.

The states of a number with a divisibility rule are built one by one, each by some arithmetic, and each leads to ten
others. But a mask rarely needs to know more than which digit may come next, or whether any digit may, over the length
of a token. So the reference is asked for just that, and the states are not built (``engine.described``).
"""

from __future__ import annotations

import cython

if cython.compiled:
    from cython.cimports.constrain.engine.derivative import Engine
    from cython.cimports.constrain.expression.nodes import KIND, REFERENCE, A
    from cython.cimports.constrain.masks.bits.bitmask import IdBuffer
    from cython.cimports.constrain.vocabulary.layout import END, FIRST_CHILD, FIRST_TOKEN
    from cython.cimports.constrain.vocabulary.trie import Trie

from constrain.engine.described import Described

# The bytes that are not ASCII. The trie keeps no set of them.
OTHERS = (1 << 256) - (1 << 128)


def begins_below(engine: Engine, trie: Trie, node: cython.int, state: cython.int) -> object:
    """The bytes that begin exactly the tokens below ``node`` that can be read from ``state``, as a 256-bit integer;
    ``None`` if ``state`` does not say."""
    if engine.nodes[state, KIND] != REFERENCE:
        return None
    described = engine.references[engine.nodes[state, A]]
    if not isinstance(described, Described):
        return None
    used = int(trie.ascii_set[node, 0]) | int(trie.ascii_set[node, 1]) << 64
    if trie.leads[node] or not trie.utf8[node] & 1:
        used |= OTHERS
    return described.begins(used, trie.height[node])


def accept_below(found: IdBuffer, trie: Trie, node: cython.int, begins: object) -> cython.bint:
    """Add the tokens below ``node`` that begin with one of ``begins``; return whether these are all tokens there."""
    k: cython.int
    child: cython.int
    all_begin: cython.bint = True
    for k in range(trie.nodes[node, FIRST_CHILD], trie.nodes[node + 1, FIRST_CHILD]):
        if begins >> (trie.children[k] & 255) & 1:
            child = trie.children[k] >> 8
            found.add_range(
                trie.ids, trie.nodes[child, FIRST_TOKEN], trie.nodes[trie.nodes[child, END], FIRST_TOKEN]
            )
        else:
            all_begin = False
    return all_begin
