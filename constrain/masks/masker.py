"""Masks of states: the tokens whose bytes can be read."""

from __future__ import annotations

from collections.abc import Callable

import cython
import numpy as np

if cython.compiled:
    from cython.cimports.constrain.expression.nodes import (
        EPSILON_NODE,
    )
    from cython.cimports.constrain.masks.bitmask import Row, TokenSet, or_into, set_bits
    from cython.cimports.constrain.masks.leaf import LeafCache
    from cython.cimports.constrain.masks.records import RecordWalker

from constrain.masks.bitmask import DENSE_FROM
from constrain.masks.walker import Entangled


class Masker(RecordWalker):
    """Computes the masks of one engine's states over one vocabulary.

    ``tokens[i]`` are the bytes of token *i* or ``None``, ``trie`` is their trie, and ``shared`` the
    vocabulary's store of leaf masks for the engine's base (``LeafCache``).
    """

    def mask(self, state: cython.int, end_ids: object) -> TokenSet:
        """The tokens allowed in ``state``; ``end_ids`` are added where the text may end."""
        self.compute(state)
        if self.engine.is_nullable(state):
            self.add_ends(end_ids)
        return self.combine()

    def mask_by_derivatives(self, state: int, end_ids: np.ndarray) -> TokenSet:
        """The same mask, by derivatives alone."""
        self.found.used = 0
        self.rows = []
        self.walk_derivatives(self.trie, 0, state)
        if self.engine.is_nullable(state):
            self.add_ends(end_ids)
        return self.combine()

    def places_of(self, state: int, after: Callable[[int], int]) -> list[tuple[int, int]] | None:
        """Where tokens allowed in ``state`` may end: inside the head of one of the pairs (head, tail), ``tail``
        being all that is left then. ``None`` if only derivatives can tell. ``after(capture)`` is what stands
        for all that may follow texts of a capture."""
        self.places, self.after, self.derived = [], after, False
        try:
            self.compute(state)
        finally:
            places, self.places, self.after = self.places, None, None
        return None if self.derived else places

    def footprint(self) -> int:
        """Bytes in use, beside what is shared by all grammars."""
        entries = len(self.begins) + len(self.settled) + len(self.keys) + len(self.answered)
        return self.leaves.footprint() + 4 * self.pool.used + 400 * entries

    def add_ends(self, end_ids: object) -> cython.int:
        token: cython.int
        for token in end_ids:
            self.found.add(token)
        return 0

    def compute(self, state: cython.int) -> cython.int:
        """Collect the tokens allowed in ``state`` in ``found`` and ``rows``."""
        self.found.used = 0
        self.rows = []
        self.pending = []
        self.recorded = []
        self.origin = state
        self.depth = 0
        self.steps = 0
        try:
            self.walk(self.trie, 0, state, EPSILON_NODE)
        except Entangled:
            self.found.used = 0
            self.rows = []
            self.pending = []
            self.recorded = []
            self.walk_derivatives(self.trie, 0, state)
        for trie, node in self.pending:
            self.verify(trie, node)
        return self.verify_recorded()

    def combine(self) -> TokenSet:
        """Rows and single ids as one token set."""
        whole: Row = None
        row: Row
        i: cython.Py_ssize_t
        own: cython.bint = True
        if self.rows:
            whole = self.rows[0]
            own = len(self.rows) > 1 or self.found.used > 4 * DENSE_FROM
            if len(self.rows) > 1 or self.found.used > 4 * DENSE_FROM:
                whole = whole.copy()
                for i in range(1, len(self.rows)):
                    row = self.rows[i]
                    or_into(whole.bits, row.bits)
                set_bits(whole.bits, self.found.data, self.found.used)
                self.found.used = 0
        elif self.found.used > DENSE_FROM:
            whole = Row(np.zeros(self.words, np.int32))
            set_bits(whole.bits, self.found.data, self.found.used)
            self.found.used = 0
        else:
            own = False
        found: TokenSet = TokenSet.__new__(TokenSet)
        found.row = whole
        found.size = 4 * self.words if own else 0
        found.pool = self.pool
        found.count = self.found.used
        found.start = self.found.move_to(self.pool, 0)
        return found
