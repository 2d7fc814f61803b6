"""The slow walk: token by token, one derivative a trie node.

What is too entangled for a walk along the structure is walked so, within the size of the trie.
"""

from __future__ import annotations

import cython

if cython.compiled:
    from cython.cimports.constrain.expression.nodes import EMPTY_NODE, EPSILON_NODE
    from cython.cimports.constrain.masks.walk.walk import Walk
    from cython.cimports.constrain.vocabulary.layout import FIRST_CHILD
    from cython.cimports.constrain.vocabulary.trie import Trie

# Within a budget: trie nodes that are looked at by derivatives, some milliseconds.
DERIVATIVES = cython.declare(cython.int, 4_000)


def derive_below(walk: Walk, trie: Trie, node: cython.int, state: cython.int) -> cython.int:
    """``walk_derivatives``, as many within a budget as one mask may take; of a state that is so entangled, one
    derivative may take long, so it is looked up first which bytes it can begin with at all."""
    begins: object = walk.engine.first(state)
    k: cython.int
    walk.budget.work_left = min(walk.budget.work_left, DERIVATIVES)
    for k in range(trie.nodes[node, FIRST_CHILD], trie.nodes[node + 1, FIRST_CHILD]):
        if begins >> (trie.children[k] & 255) & 1 and not walk_derivative(walk, trie, k, state):
            break
    return 0


def walk_derivatives(walk: Walk, trie: Trie, node: cython.int, state: cython.int) -> cython.int:
    """Accept the tokens below ``node`` that can be read from ``state``, one derivative a trie node."""
    k: cython.int
    walk.engine.meter.count(4)
    for k in range(trie.nodes[node, FIRST_CHILD], trie.nodes[node + 1, FIRST_CHILD]):
        if not walk_derivative(walk, trie, k, state):
            break
    return 0


def walk_derivative(walk: Walk, trie: Trie, k: cython.int, state: cython.int) -> cython.bint:
    """The same at and below the child number ``k``. False if no more are to be looked at."""
    child: cython.int = trie.children[k] >> 8
    target: cython.int = walk.engine.derive(state, trie.children[k] & 255)
    if target == EMPTY_NODE:
        return True
    if not walk.budget.limited:
        walk.collected.accept(trie, child)
    else:
        if not walk.budget.works(1):
            return False
        if walk.has_tokens(trie, child) and walk.budget.has_room_for_rest(EPSILON_NODE, 0, target):
            walk.collected.accept(trie, child)
    if not trie.is_leaf(child):
        walk_derivatives(walk, trie, child, target)
    return True
