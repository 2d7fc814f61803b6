"""What it costs to complete a text, in tokens.

The costs are those of *short* texts. The short text of a concatenation is made of the short texts of its parts. The
short text of a part is a shortest one in bytes, except in unions: there it is the text of the arm that takes the fewest
tokens together with what follows, since the next token will tell the arms apart. For each of the first bytes of a short
text, the least number of tokens that spell it from there on is kept. Nothing more is needed to count the tokens of a
longer text that ends in it, including tokens that lie across the border.
"""

from __future__ import annotations

import cython
import numpy as np

if cython.compiled:
    from cython.cimports.constrain.engine.derivative import Engine
    from cython.cimports.constrain.expression.nodes import (
        CAPTURE,
        CHOICE,
        CONCAT,
        ENTRY,
        EPSILON_NODE,
        KEY_LENGTH,
        KEY_OFFSET,
        KIND,
        LEAF,
        LITERAL,
        RECORD,
        REFERENCE,
        TABLE_HEADER,
        UNION,
        A,
        B,
        C,
    )
    from cython.cimports.constrain.masks.budgets.byte_costs import ARMS, DEPTH_LIMIT, ByteCosts
    from cython.cimports.constrain.masks.budgets.unbounded import UNBOUNDED
    from cython.cimports.constrain.vocabulary.segmentation import count_before
    from cython.cimports.constrain.vocabulary.trie import Trie

from constrain.engine.described import Deferred, Represented
from constrain.errors import WorkLimitExceeded
from constrain.vocabulary.segmentation import LOOK_AHEAD

# How many bytes of short texts are kept, and how many prices of pairs.
SPELLED_BYTES = 4 << 20
RESTS = 16_384

# In a long concatenation, what follows every so many parts is kept, since other concatenations have the same end.
STRIDE = cython.declare(cython.int, 8)

# What is known about the empty text.
NOTHING = (b"", np.zeros(1, np.intc), None)


class TokenCosts:
    """The costs of completions in one engine, in tokens of one vocabulary."""

    def __init__(self, costs: ByteCosts, trie: Trie) -> None:
        self.byte_costs = costs
        self.engine = costs.engine
        self.trie = trie
        self.spelled, self.rests = {}, {}
        self.scratch = np.empty(2 * LOOK_AHEAD, np.intc)
        self.depth = 0
        self.size = 0

    def footprint(self) -> int:
        """Bytes in use."""
        return self.size + 130 * len(self.rests)

    def forget(self) -> None:
        """Drop what is known; it is found again when it is needed."""
        self.spelled.clear()
        self.rests.clear()
        self.size = 0

    def price(self, within: bytes, tail: cython.int) -> cython.int:
        """How many tokens spell the bytes ``within`` and then a text of ``tail``; ``UNBOUNDED`` if no text is known."""
        try:
            return min(self.count(within, self.spell(tail)), UNBOUNDED)
        except (WorkLimitExceeded, ValueError):
            return UNBOUNDED

    def price_rest(self, state: cython.int, tail: cython.int) -> cython.int:
        """``price`` of a text of ``state`` and then one of ``tail``, remembered: many tokens lead to one state."""
        key: object = cython.cast(cython.longlong, state) << 32 | tail
        found = self.rests.get(key)
        if found is None:
            try:
                found = self.price(self.text(state), tail)
            except (WorkLimitExceeded, ValueError):
                found = UNBOUNDED
            if len(self.rests) >= RESTS:
                self.rests.clear()
            self.rests[key] = found
        return found

    def count(self, head: bytes, found: tuple) -> cython.int:
        """How many tokens spell ``head`` and what follows it, about which ``found`` is known; ``scratch`` gets the
        numbers from each byte of ``head`` on."""
        if len(head) > self.scratch.shape[0]:
            self.scratch = np.empty(2 * len(head), np.intc)
        return count_before(self.trie, head, found[0], found[1], self.scratch)

    # -- short texts --------------------------------------------------------------------------

    def text(self, node: cython.int) -> bytes:
        """The short text of ``node``. Most are so short that all of it is kept.

        Raises:
            ValueError: there is none.
            WorkLimitExceeded: finding one takes too much work.
        """
        parts: list = []
        found = self.spell(node)
        if len(found[0]) < LOOK_AHEAD:
            return found[0]
        if self.depth > DEPTH_LIMIT:
            return self.byte_costs.text(node)
        self.depth += 1
        try:
            while len(found[0]) == LOOK_AHEAD:
                if found[2] is not None:
                    parts.append(found[2][0])
                    node = found[2][1]
                elif self.engine.nodes[node, KIND] == CONCAT and not self.engine.is_nullable(node):
                    parts.append(self.text(self.engine.nodes[node, A]))
                    node = self.engine.nodes[node, B]
                else:
                    return b"".join(parts) + self.byte_costs.text(node)
                found = self.spell(node)
            return b"".join(parts) + found[0]
        finally:
            self.depth -= 1

    def spell(self, node: cython.int) -> tuple:
        """The first bytes of the short text of ``node``; how few tokens spell the whole text, from each of them on; and
        the way that the text takes where there are several: its next bytes, and the expression of the bytes after
            these.

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
        heads: list = []
        while spine:
            node = spine.pop()
            heads.append(self.text(engine.nodes[node, A]))
            if not spine or len(heads) == STRIDE:
                found = self.keep(node, self.preceded(b"".join(reversed(heads)), found, None))
                heads = []
        return found

    def spell_part(self, node: cython.int) -> tuple:
        """What is known about the short text of ``node``, which is not a concatenation."""
        engine: Engine = self.engine
        way: object = None
        if not engine.is_nullable(node) and self.depth <= DEPTH_LIMIT:
            self.depth += 1
            try:
                way = self.way_of(node)
                if way is not None:
                    return self.preceded(way[0], self.spell(way[1]), way)
            finally:
                self.depth -= 1
        return self.preceded(self.byte_costs.text(node), NOTHING, None)

    def way_of(self, node: cython.int) -> object:
        """The way that the short text of ``node`` takes; ``None`` if it is found by a search."""
        engine: Engine = self.engine
        kind: cython.int = engine.nodes[node, KIND]
        if kind == LITERAL:
            return engine.literal_bytes(node), EPSILON_NODE
        if kind == LEAF:
            return b"", engine.nodes[node, A]
        if kind == UNION:
            return self.way_of_union(node)
        if kind == CHOICE:
            return self.way_of_choice(node)
        if kind == REFERENCE:
            return self.way_of_reference(node)
        if kind == CAPTURE:
            return self.way_of_capture(node)
        return None

    def preceded(self, head: bytes, found: tuple, way: object) -> tuple:
        """What is known about the text that consists of ``head`` and of the text that ``found`` describes."""
        if not head:
            return found[0], found[1], way
        beginning = (head + found[0])[:LOOK_AHEAD]
        counts = np.empty(len(beginning) + 1, np.intc)
        self.count(head, found)
        known = min(len(head), len(counts))
        counts[:known] = self.scratch[:known]
        counts[known:] = found[1][: len(counts) - known]
        return beginning, counts, way

    def way_of_union(self, node: cython.int) -> object:
        """The arm that takes the fewest tokens. Arms that are expensive to spell are left out where there are others,
        unless they take the fewest bytes."""
        engine: Engine = self.engine
        best: object = None
        least: cython.int = UNBOUNDED
        i: cython.int
        sizes: dict = {}
        for i in range(min(engine.nodes[node, B], 2 * ARMS)):
            arm = engine.pool[engine.nodes[node, A] + i]
            if engine.viable(arm) and not self.is_covered(arm):
                sizes[arm] = self.byte_costs.bound(arm)
        shortest: object = min(sizes.values(), default=0)
        for arm, size in sizes.items():
            if size == shortest or not self.is_dear(arm):
                found = self.spell(arm)
                if best is None or found[1][0] < least:
                    best, least = (b"", arm), found[1][0]
        return best

    def is_dear(self, arm: cython.int) -> cython.bint:
        """Whether ``arm`` begins with a name that is not listed, or with a reference to something rarely used that is
        not built yet."""
        engine: Engine = self.engine
        if engine.nodes[arm, KIND] == CONCAT:
            arm = engine.nodes[arm, A]
        if engine.nodes[arm, KIND] == REFERENCE:
            return isinstance(engine.references[engine.nodes[arm, A]], Deferred)
        return engine.nodes[arm, KIND] == CAPTURE

    def way_of_choice(self, node: cython.int) -> object:
        """The rest of the key of the best entry, and what follows it."""
        engine: Engine = self.engine
        at: cython.int = engine.nodes[node, A]
        table: cython.int = engine.pool[at]
        position: cython.int = self.byte_costs.best_entry(at, engine.pool[at + 1], engine.pool[at + 2])
        entry: cython.int = table + TABLE_HEADER + ENTRY * position
        offset: cython.int = engine.pool[entry + KEY_OFFSET]
        key = bytes(engine.text[offset + engine.pool[at + 3] : offset + engine.pool[entry + KEY_LENGTH]])
        return key, engine.follow_of(table, position)

    def way_of_reference(self, node: cython.int) -> object:
        """The expression that replaces a reference, if there is one."""
        supplier = self.engine.references[self.engine.nodes[node, A]]
        return (b"", supplier.ending(self.engine)) if isinstance(supplier, Represented) else None

    def way_of_capture(self, node: cython.int) -> object:
        """A completion of the captured text that any continuation may follow, if one is known."""
        engine: Engine = self.engine
        handler = engine.handlers[engine.nodes[node, C]]
        if not handler.alike:
            return None
        follow, _, fixed = self.byte_costs.ending(node)
        if not fixed:
            return None
        begun = engine.literal_bytes(engine.nodes[node, B])
        return self.byte_costs.ordinary_suffix(engine.nodes[node, A], begun, handler), follow

    def is_covered(self, arm: cython.int) -> cython.bint:
        """Whether ``arm`` begins with a record that may end here. If so, what then follows is another arm."""
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
