"""What it costs to complete a text, in tokens.

A text is a *short* one: along a concatenation it is made of short texts of the parts. Of a part it is a shortest one in
bytes, but for the arms of a union: there it is the one that takes the fewest tokens, with what follows, since the
next token will tell them apart. How few tokens spell it from each of its first bytes on is kept: what comes before
it needs no more to be spelled with it, tokens that lie across the border included.
"""

from __future__ import annotations

import cython

if cython.compiled:
    from cython.cimports.constrain.engine.derivative import Engine
    from cython.cimports.constrain.expression.nodes import (
        CHOICE,
        CONCAT,
        ENTRY,
        KEY_LENGTH,
        KEY_OFFSET,
        KIND,
        RECORD,
        REFERENCE,
        TABLE_HEADER,
        UNION,
        A,
        B,
    )
    from cython.cimports.constrain.masks.costs import ARMS, DEPTH_LIMIT, Costs
    from cython.cimports.constrain.masks.limits import UNBOUNDED
    from cython.cimports.constrain.vocabulary.trie import Trie

from constrain.engine.described import Represented
from constrain.errors import WorkLimitExceeded
from constrain.vocabulary.segmentation import LOOK_AHEAD, fewest_before, token_counts

# Bytes of what is kept of short texts, and how many prices of pairs are.
SPELLED_BYTES = 4 << 20
RESTS = 16_384


class Prices:
    """Prices of completions in one engine, in the tokens of one vocabulary."""

    def __init__(self, costs: Costs, trie: Trie) -> None:
        self.costs = costs
        self.engine = costs.engine
        self.trie = trie
        self.spelled, self.rests = {}, {}
        self.depth = 0
        self.size = 0

    def footprint(self) -> int:
        """Bytes in use."""
        return self.size + 130 * len(self.rests)

    def forget(self) -> None:
        """Drop what is known; what is needed of it is found again."""
        self.spelled.clear()
        self.rests.clear()
        self.size = 0

    def price(self, within: bytes, tail: cython.int) -> cython.int:
        """So many tokens spell the bytes ``within`` and then a text of ``tail``; ``UNBOUNDED`` if none are known."""
        try:
            beginning, counts, _ = self.spell(tail)
        except (WorkLimitExceeded, ValueError):
            return UNBOUNDED
        return min(fewest_before(self.trie, within, beginning, counts), UNBOUNDED)

    def price_rest(self, state: cython.int, tail: cython.int) -> cython.int:
        """``price`` of a text of ``state`` and then one of ``tail``, remembered: many tokens lead to one state."""
        key: object = cython.cast(cython.longlong, state) << 32 | tail
        found = self.rests.get(key)
        if found is None:
            try:
                found = self.price(self.costs.text(state), tail)
            except WorkLimitExceeded:
                found = UNBOUNDED
            if len(self.rests) >= RESTS:
                self.rests.clear()
            self.rests[key] = found
        return found

    # -- short texts --------------------------------------------------------------------------

    def text(self, node: int) -> bytes:
        """The short text of ``node``.

        Raises:
            ValueError: there is none.
            WorkLimitExceeded: finding one takes too much work.
        """
        parts: list = []
        if self.depth > DEPTH_LIMIT:
            return self.costs.text(node)
        self.depth += 1
        try:
            while True:
                while self.engine.nodes[node, KIND] == CONCAT and not self.engine.is_nullable(node):
                    parts.append(self.text(self.engine.nodes[node, A]))
                    node = self.engine.nodes[node, B]
                way = self.spell(node)[2]
                if way is None:
                    parts.append(self.costs.text(node))
                    return b"".join(parts)
                parts.append(way[0])
                node = way[1]
        finally:
            self.depth -= 1

    def spell(self, node: cython.int) -> tuple:
        """The first bytes of the short text of ``node``; how few tokens spell the whole text, from each of them on; and
        the way that the text takes where there are several: some bytes, and the expression of the others.

        Raises:
            ValueError: there is no text.
            WorkLimitExceeded: finding one takes too much work.
        """
        engine: Engine = self.engine
        spine: list = []
        found = self.spelled.get(node)
        while found is None and engine.nodes[node, KIND] == CONCAT and not engine.is_nullable(node):
            spine.append(node)
            node = engine.nodes[node, B]
            found = self.spelled.get(node)
        if found is None:
            found = self.keep(node, self.spell_part(node))
        for node in reversed(spine):
            found = self.keep(node, self.preceded(self.text(engine.nodes[node, A]), found, None))
        return found

    def spell_part(self, node: cython.int) -> tuple:
        """The same of what is no concatenation."""
        kind: cython.int = self.engine.nodes[node, KIND]
        way: object = None
        if not self.engine.is_nullable(node) and self.depth <= DEPTH_LIMIT:
            self.depth += 1
            try:
                if kind == UNION:
                    way = self.way_of_union(node)
                elif kind == CHOICE:
                    way = self.way_of_choice(node)
                elif kind == REFERENCE:
                    way = self.way_of_reference(node)
                if way is not None:
                    return self.preceded(way[0], self.spell(way[1]), way)
            finally:
                self.depth -= 1
        return self.preceded(self.costs.text(node), (b"", token_counts(self.trie, b"")), None)

    def preceded(self, head: bytes, found: tuple, way: object) -> tuple:
        """What is known of ``head`` and then the text of which ``found`` is known."""
        if not head:
            return found[0], found[1], way
        beginning = (head + found[0])[:LOOK_AHEAD]
        return beginning, token_counts(self.trie, head, found[0], found[1])[: len(beginning) + 1], way

    def way_of_union(self, node: cython.int) -> object:
        """The arm that takes the fewest tokens."""
        engine: Engine = self.engine
        best: object = None
        least: cython.int = UNBOUNDED
        i: cython.int
        for i in range(min(engine.nodes[node, B], 2 * ARMS)):
            arm = engine.pool[engine.nodes[node, A] + i]
            if engine.viable(arm) and not self.is_covered(arm):
                found = self.spell(arm)
                if best is None or found[1][0] < least:
                    best, least = (b"", arm), found[1][0]
        return best

    def way_of_choice(self, node: cython.int) -> object:
        """What is left of the key of the best entry, and what follows it."""
        engine: Engine = self.engine
        at: cython.int = engine.nodes[node, A]
        table: cython.int = engine.pool[at]
        position: cython.int = self.costs.best_entry(at, engine.pool[at + 1], engine.pool[at + 2])
        entry: cython.int = table + TABLE_HEADER + ENTRY * position
        offset: cython.int = engine.pool[entry + KEY_OFFSET]
        key = bytes(engine.text[offset + engine.pool[at + 3] : offset + engine.pool[entry + KEY_LENGTH]])
        return key, engine.follow_of(table, position)

    def way_of_reference(self, node: cython.int) -> object:
        """What stands in for a reference, if something does."""
        supplier = self.engine.references[self.engine.nodes[node, A]]
        return (b"", supplier.ending(self.engine)) if isinstance(supplier, Represented) else None

    def is_covered(self, arm: cython.int) -> cython.bint:
        """Whether ``arm`` begins with a record that may end here: beside it stands what follows then."""
        engine: Engine = self.engine
        if engine.nodes[arm, KIND] == CONCAT:
            arm = engine.nodes[arm, A]
        return engine.nodes[arm, KIND] == RECORD and engine.is_nullable(engine.nodes[arm, A])

    def keep(self, node: cython.int, found: tuple) -> tuple:
        if self.size > SPELLED_BYTES:
            self.spelled.clear()
            self.size = 0
        self.spelled[node] = found
        self.size += 450 + 5 * len(found[0])
        return found
