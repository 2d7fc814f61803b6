"""The result of the walk of one leaf: the tokens inside, the exits, and the tokens that are not walked yet."""

from __future__ import annotations

import cython
import numpy as np

if cython.compiled:
    from cython.cimports.constrain.masks.bits.bitmask import IdBuffer, Row
    from cython.cimports.constrain.vocabulary.trie import Trie

from constrain.masks.leaves.character_run import keep_ways_out, ways_out_size


class LeafMask:
    """The result of the walk of one leaf below one trie node.

    Attributes:
        row: the tokens that stay inside, if they are many, else ``None``; the rest are ids of ``pool``.
        exits: the nodes of ``trie`` where the leaf may end, or ``None``.
        soft: bytes (a 256-bit integer) after exits that were left out because every byte there also continues the leaf.
            The mask is valid only if what follows begins with none of them.
        longer: the trie of the tokens that are too long to be in this mask, or ``None``.
    """

    def __init__(
        self,
        trie: Trie,
        row: Row | None,
        pool: IdBuffer,
        start: int,
        count: int,
        exits: np.ndarray | None,
        soft: int,
        shared: bool,
    ) -> None:
        self.trie = trie
        self.row = row
        self.pool = pool
        self.start = start
        self.stop = start + count
        self.exits = exits
        self.soft = soft
        self.shared = shared
        self.ways_out = {}
        self.completion = 0
        self.longer = None

    def up_to(self, longer: Trie) -> LeafMask:
        """This mask, which was found up to a horizon, for a leaf that is walked unchanged for the tokens of
        ``longer``."""
        mask: LeafMask = LeafMask(
            self.trie,
            self.row,
            self.pool,
            self.start,
            self.stop - self.start,
            self.exits,
            self.soft,
            self.shared,
        )
        mask.ways_out = self.ways_out
        mask.longer = longer
        return mask

    def exits_to(self, begins: object) -> object:
        """Where tokens leave the leaf and go on with a byte of ``begins``, a 256-bit integer: a tail trie, or the trie
        nodes if they are few or have too much below them."""
        found = self.ways_out.get(begins)
        if found is None:
            found = self.trie.ways_out(self.exits, begins, self.shared)
            keep_ways_out(self.ways_out, begins, found)
        return found

    def footprint(self) -> int:
        """Bytes in use, without the ids."""
        row = 0 if self.row is None else 4 * self.row.bits.shape[0]
        return row + (0 if self.exits is None else 4 * len(self.exits)) + ways_out_size(self.ways_out)
