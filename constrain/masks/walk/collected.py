"""What is collected for one mask: whole rows, single tokens, and places where tokens must still be verified."""

from __future__ import annotations

import cython
import numpy as np

if cython.compiled:
    from cython.cimports.constrain.masks.bits.bitmask import (
        IdBuffer,
        Row,
        TokenSet,
        clear_bits,
        or_into,
        overlaps,
        set_bit,
        set_bits,
    )
    from cython.cimports.constrain.vocabulary.layout import END, FIRST_TOKEN
    from cython.cimports.constrain.vocabulary.trie import Trie

from constrain.masks.bits.bitmask import DENSE_FROM


class Collected:
    """The sink of a walk.

    Attributes:
        ids: tokens that are allowed, one by one.
        rows: bitmasks of other allowed tokens.
        pending: (trie, node) below which tokens reach past a captured text.
        recorded: (trie, node, ...) at and below which tokens depend on a recorded text.
        pool: ids that several masks share.
    """

    def __init__(self, words: int) -> None:
        self.words = words
        self.ids = IdBuffer()
        self.pool = IdBuffer()
        self.scratch = None
        self.clear()

    def clear(self) -> cython.int:
        """Begin a mask."""
        self.ids.used = 0
        self.rows = []
        self.pending = []
        self.recorded = []
        return 0

    def accept(self, trie: Trie, node: cython.int) -> cython.int:
        """Accept the tokens that end at ``node``."""
        i: cython.int
        for i in range(trie.nodes[node, FIRST_TOKEN], trie.nodes[node + 1, FIRST_TOKEN]):
            self.ids.add(trie.ids[i])
        return 0

    def drop_below(self, trie: Trie, nodes: list, start: cython.int, rows: cython.Py_ssize_t) -> cython.int:
        """Take the tokens at and below ``nodes`` out of ``found[start:]`` and of ``self.rows[rows:]``."""
        node: cython.int
        low: cython.int
        high: cython.int
        kept: cython.int = start
        token: cython.int
        i: cython.int
        row: Row
        own: cython.bint
        if self.scratch is None:
            self.scratch = np.zeros(self.words, np.int32)
        for node in nodes:
            for i in range(trie.nodes[node, FIRST_TOKEN], trie.nodes[trie.nodes[node, END], FIRST_TOKEN]):
                set_bit(self.scratch, trie.ids[i])
        for i in range(start, self.ids.used):
            token = self.ids.data[i]
            if not (cython.cast(cython.uint, self.scratch[token >> 5]) >> (token & 31)) & 1:
                self.ids.data[kept] = token
                kept += 1
        self.ids.used = kept
        for node in nodes:
            for i in range(trie.nodes[node, FIRST_TOKEN], trie.nodes[trie.nodes[node, END], FIRST_TOKEN]):
                self.scratch[trie.ids[i] >> 5] = 0
        for i in range(rows, len(self.rows)):
            row = self.rows[i]
            own = False
            for node in nodes:
                low = trie.nodes[node, FIRST_TOKEN]
                high = trie.nodes[trie.nodes[node, END], FIRST_TOKEN]
                # The row of a run of characters holds no token with a closing quote, so it holds none of these.
                if own or overlaps(row.bits, trie.ids, low, high):
                    if not own:
                        row = row.copy()
                        own = True
                    clear_bits(row.bits, trie.ids[low:high], high - low)
            if own:
                self.rows[i] = row
        return 0

    def combined(self) -> TokenSet:
        """The rows and single ids as one token set."""
        whole: Row = None
        row: Row
        i: cython.Py_ssize_t
        own: cython.bint = True
        if self.rows:
            whole = self.rows[0]
            own = len(self.rows) > 1 or self.ids.used > 4 * DENSE_FROM
            if len(self.rows) > 1 or self.ids.used > 4 * DENSE_FROM:
                whole = whole.copy()
                for i in range(1, len(self.rows)):
                    row = self.rows[i]
                    or_into(whole.bits, row.bits)
                set_bits(whole.bits, self.ids.data, self.ids.used)
                self.ids.used = 0
        elif self.ids.used > DENSE_FROM:
            whole = Row(np.zeros(self.words, np.int32))
            set_bits(whole.bits, self.ids.data, self.ids.used)
            self.ids.used = 0
        else:
            own = False
        found: TokenSet = TokenSet.__new__(TokenSet)
        found.row = whole
        found.size = 4 * self.words if own else 0
        found.pool = self.pool
        found.count = self.ids.used
        found.start = self.ids.move_to(self.pool, 0)
        return found
