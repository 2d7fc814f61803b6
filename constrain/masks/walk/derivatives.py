"""The slow walk: token by token, with one derivative for each trie node.

Expressions that are too entangled for a walk along their structure are walked in this way. The size of the trie bounds
the work.
"""

from __future__ import annotations

import cython

if cython.compiled:
    from cython.cimports.constrain.expression.nodes import EMPTY_NODE, EPSILON_NODE
    from cython.cimports.constrain.masks.walk.walk import Walk
    from cython.cimports.constrain.vocabulary.layout import FIRST_CHILD
    from cython.cimports.constrain.vocabulary.trie import Trie

# How many trie nodes are examined by derivatives within a budget, which takes some milliseconds.
DERIVATIVES = cython.declare(cython.int, 4_000)


def derive_below(walk: Walk, trie: Trie, node: cython.int, state: cython.int) -> cython.int:
    """``walk_derivatives``, limited within a budget to as many derivatives as one mask may take. A single derivative of
    so entangled a state can take long, so the bytes that the state can begin with are looked up first."""
    begins: object = walk.engine.first(state)
    k: cython.int
    walk.budget.work_left = min(walk.budget.work_left, DERIVATIVES)
    for k in range(trie.nodes[node, FIRST_CHILD], trie.nodes[node + 1, FIRST_CHILD]):
        if begins >> (trie.children[k] & 255) & 1 and not walk_derivative(walk, trie, k, state):
            break
    return 0


def walk_derivatives(walk: Walk, trie: Trie, node: cython.int, state: cython.int) -> cython.int:
    """Accept the tokens below ``node`` that can be read from ``state``, with one derivative for each trie node."""
    k: cython.int
    walk.engine.meter.count(4)
    for k in range(trie.nodes[node, FIRST_CHILD], trie.nodes[node + 1, FIRST_CHILD]):
        if not walk_derivative(walk, trie, k, state):
            break
    return 0


def walk_derivative(walk: Walk, trie: Trie, k: cython.int, state: cython.int) -> cython.bint:
    """Accept such tokens at and below child number ``k``; return False if no more nodes may be examined."""
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
