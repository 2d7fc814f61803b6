"""Masks of states: the tokens whose bytes can be read."""

from __future__ import annotations

import cython
import numpy as np

if cython.compiled:
    from cython.cimports.constrain.expression.nodes import (
        EPSILON_NODE,
    )
    from cython.cimports.constrain.masks.bits.bitmask import IdBuffer, Row, TokenSet, or_into, set_bits
    from cython.cimports.constrain.masks.leaves.leaf import LeafCache
    from cython.cimports.constrain.masks.walk.records import RecordWalker
    from cython.cimports.constrain.vocabulary.trie import Trie

from constrain.masks.bits.bitmask import DENSE_FROM
from constrain.masks.walk.walker import Entangled


class Masker(RecordWalker):
    """Computes the masks of one engine's states over one vocabulary.

    ``tokens[i]`` are the bytes of token *i* or ``None``, ``trie`` is their trie, and ``shared`` the
    vocabulary's store of leaf masks for the engine's base (``LeafCache``).
    """

    def mask(self, state: cython.int, end_ids: object) -> TokenSet:
        """The tokens allowed in ``state``; ``end_ids`` are added where the text may end."""
        self.compute(self.engine.valid(state))
        if self.engine.is_nullable(state):
            self.add_ends(end_ids)
        return self.combine()

    def mask_by_derivatives(self, state: int, end_ids: np.ndarray) -> TokenSet:
        """The same mask, by derivatives alone."""
        self.found.used = 0
        self.rows = []
        self.origin = self.engine.valid(state)
        self.walk_derivatives(self.trie, 0, state)
        self.verify_beyond()
        if self.engine.is_nullable(state):
            self.add_ends(end_ids)
        return self.combine()

    def mask_within(self, state: cython.int, left: cython.int, end_ids: object) -> tuple:
        """The tokens allowed in ``state`` after which ``left`` tokens are known to complete the text.

        Returns the set; whether any tokens were left out; and how many tokens complete the text after any in it."""
        self.count_costs()
        self.budget.begin(left)
        try:
            found = self.mask(state, end_ids)
        finally:
            self.budget.limited = False
        return found, self.budget.cut, self.budget.most

    def witness(self, state: int, token: int, left: int) -> list[bytes]:
        """Texts for the sake of which ``mask_within`` has ``token``: what may follow it, within ``left`` tokens."""
        trie: Trie = self.trie
        if not 0 <= token < len(self.tokens) or self.tokens[token] is None:
            raise IndexError(f"{token} is no token")
        self.budget.witnesses, self.trie = [], Trie.of_token(token, self.tokens[token])
        try:
            self.mask_within(state, left, [])
            return self.budget.witnesses
        finally:
            self.budget.witnesses, self.trie = None, trie

    def fits(self, state: cython.int, budget: cython.int) -> cython.bint:
        """Whether it is plain to see that ``budget`` tokens complete a text from ``state``."""
        self.count_costs()
        return self.budget.byte_costs.bound(state) <= budget

    def count_costs(self) -> cython.int:
        """Begin to keep what completions cost."""
        if self.budget.byte_costs is None:
            self.budget.count_costs(self.leaves.leaf_classes, self.trie)
            for guard in [self.guard, *self.guards.values()]:
                if isinstance(guard, int):
                    self.budget.byte_costs.stand_in(guard)
        return 0

    def forget(self) -> None:
        """Drop what was found out on the way to masks; what is needed of it is found again. Masks that were given
        out keep theirs."""
        self.leaves.forget()
        self.pool = IdBuffer()
        self.keys.clear()
        self.settled.clear()
        self.ends.clear()
        self.answered.clear()
        self.answered_within.clear()
        self.begins = {guard: self.guards[guard][0].begins for guard in self.guards if isinstance(guard, int)}

    def footprint(self) -> int:
        """Bytes in use, beside what is shared by all grammars."""
        entries = len(self.begins) + len(self.settled) + len(self.keys) + len(self.ends)
        entries += len(self.answered) + len(self.answered_within) + len(self.guards) + len(self.texts)
        pool = cython.cast(cython.Py_ssize_t, self.pool.used)
        return self.leaves.footprint() + 4 * pool + 400 * entries

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
        self.narrow_left = 0
        top: cython.int = self.engine.top
        try:
            self.walk(self.trie, 0, state, EPSILON_NODE)
        except Entangled:
            self.engine.top = top
            self.found.used = 0
            self.rows = []
            self.pending = []
            self.recorded = []
            self.budget.begin_again()
            self.derive_below(self.trie, 0, state)
        for trie, node in self.pending:
            self.verify(trie, node)
        self.verify_recorded()
        return self.verify_beyond()

    def verify_beyond(self) -> cython.int:
        """Accept those of the tokens that are too long for the trie that the state of this mask can read."""
        for token in self.trie.beyond:
            self.verify_token(token)
        return 0

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
