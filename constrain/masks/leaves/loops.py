"""Whole subtrees: a state that loops on every byte below a trie node accepts all tokens there.

Most of a mask inside ``[a-z]*`` or a JSON string is found in this way: a subtree is a contiguous range of tokens, and
needs no walk.
"""

from __future__ import annotations

import cython
import numpy as np

if cython.compiled:
    from cython.cimports.constrain.engine.derivative import Engine
    from cython.cimports.constrain.expression.nodes import EDGE_COUNT, EMPTY_NODE
    from cython.cimports.constrain.vocabulary.trie import Trie

# Bits of ``Loops.flags``.
LEARNT = cython.declare(cython.int, 1)
LOOPS = cython.declare(cython.int, 2)


class Loops:
    """For each state of an engine, the bytes and characters that lead back to it; found on demand."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.known = 0

    def stay(self, trie: Trie, node: cython.int, state: cython.int) -> cython.bint:
        """Whether every token below ``node`` consists of characters on which ``state`` loops."""
        if state >= self.known or not self.flags[state] & LEARNT:
            self.learn(state)
        if not self.flags[state] & LOOPS:
            return False
        if (
            trie.ascii_set[node, 0] & ~self.ascii_set[state, 0]
            or trie.ascii_set[node, 1] & ~self.ascii_set[state, 1]
        ):
            return False
        # A continuation byte with no lead below the node is not well-formed from a boundary.
        return not trie.leads[node] & ~self.leads[state] and (trie.utf8[node] & 1) != 0

    def learn(self, state: cython.int) -> cython.int:
        engine: Engine = self.engine
        at: cython.int = engine.edges(state)
        byte: cython.int = 0
        i: cython.int
        if state >= self.known:
            self.grow(2 * engine.size)
        for i in range(engine.nodes[state, EDGE_COUNT]):
            while byte <= engine.pool[at + 2 * i] and byte < 128:
                if engine.pool[at + 2 * i + 1] == state:
                    self.ascii_set[state, byte >> 6] |= cython.cast(cython.ulonglong, 1) << (byte & 63)
                    self.flags[state] |= LOOPS
                byte += 1
        self.learn_leads(state)
        self.flags[state] |= LEARNT  # last: what ends this halfway has left nothing wrong, but not all
        return 0

    def grow(self, size: cython.int) -> cython.int:
        flags, sets = np.zeros(size, np.uint8), np.zeros((size, 2), np.ulonglong)
        leads = np.zeros(size, np.ulonglong)
        if self.known:
            flags[: self.known] = np.asarray(self.flags)
            sets[: self.known] = np.asarray(self.ascii_set)
            leads[: self.known] = np.asarray(self.leads)
        self.flags, self.ascii_set, self.leads, self.known = flags, sets, leads, size
        return 0

    def learn_leads(self, state: cython.int) -> cython.int:
        """Note the lead bytes of which every well-formed character leads from ``state`` back to it."""
        lead: cython.int
        low: cython.int
        high: cython.int
        for lead in range(0xC2, 0xF5):
            low = 0xA0 if lead == 0xE0 else 0x90 if lead == 0xF0 else 0x80
            high = 0x9F if lead == 0xED else 0x8F if lead == 0xF4 else 0xBF
            if self.leads_back(
                state, self.engine.step(state, lead), low, high, 0 if lead < 0xE0 else 1 if lead < 0xF0 else 2
            ):
                self.leads[state] |= cython.cast(cython.ulonglong, 1) << (lead & 63)
                self.flags[state] |= LOOPS
        return 0

    def leads_back(
        self, state: cython.int, target: cython.int, low: cython.int, high: cython.int, more: cython.int
    ) -> cython.bint:
        """Whether ``more`` + 1 continuation bytes, the first in low..high, lead from ``target`` to ``state``."""
        at: cython.int
        i: cython.int
        previous: cython.int = -1
        if target == EMPTY_NODE:
            return False
        at = self.engine.edges(target)
        for i in range(self.engine.nodes[target, EDGE_COUNT]):
            if self.engine.pool[at + 2 * i] >= low and previous < high:
                if more == 0 and self.engine.pool[at + 2 * i + 1] != state:
                    return False
                if more and not self.leads_back(
                    state, self.engine.pool[at + 2 * i + 1], 0x80, 0xBF, more - 1
                ):
                    return False
            previous = self.engine.pool[at + 2 * i]
        return True
