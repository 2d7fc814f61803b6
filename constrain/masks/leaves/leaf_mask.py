"""What the walk of one leaf found: the tokens inside, the ways out, and what is still to be walked."""

from __future__ import annotations

import cython
import numpy as np

if cython.compiled:
    from cython.cimports.constrain.masks.bits.bitmask import IdBuffer, Row
    from cython.cimports.constrain.vocabulary.trie import Trie

from constrain.masks.leaves.character_run import keep_ways_out, ways_out_size


class LeafMask:
    """What the walk of one leaf found below one trie node.

    Attributes:
        row: the tokens that stay inside, if they are many, else ``None``; the rest are ids of ``pool``.
        exits: the nodes of ``trie`` where the leaf may end, or ``None``.
        soft: bytes (a 256-bit integer) behind exits that were left out because every byte there also
            continues the leaf: what follows must not begin with one of them for this mask to hold.
        longer: the tokens that are too long to be in this mask, or ``None``: their trie.
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
        """This mask, found up to a horizon, of a leaf that is walked as it is for the tokens of ``longer``."""
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
        """Where tokens leave the leaf to go on with a byte of ``begins``, a 256-bit integer: a tail
        trie, or the trie nodes if they are few, or too much is below them."""
        found = self.ways_out.get(begins)
        if found is None:
            found = self.trie.ways_out(self.exits, begins, self.shared)
            keep_ways_out(self.ways_out, begins, found)
        return found

    def footprint(self) -> int:
        """Bytes in use, beside the ids."""
        row = 0 if self.row is None else 4 * self.row.bits.shape[0]
        return row + (0 if self.exits is None else 4 * len(self.exits)) + ways_out_size(self.ways_out)
