"""Prices of tokens: how few tokens can complete a text once a given token is written.

``TokenPrices`` walks the trie along the structure of a state as ``masks.masker`` does, but what it
keeps of a token is where inside the expression it ends: what is left then is a rest of the part that
it ends in, followed by all that came behind that part. The price of a token is what the cheapest such
rest costs. Many tokens end in the same place - all words inside a string do - so places are few.

It is only needed near the end of a budget, takes no part of the mask from a cache, and may miss
tokens that are allowed (entangled grammars, see ``STEP_LIMIT``); what it finds is then cut to the mask.
"""

from __future__ import annotations

from typing import Any

import cython
import numpy as np

if cython.compiled:
    from cython.cimports.constrain.engine.derivative import Engine
    from cython.cimports.constrain.expression.nodes import (
        CAPTURE,
        CONCAT,
        EMPTY_NODE,
        EPSILON_NODE,
        KIND,
        LEAF,
        LITERAL,
        REFERENCE,
        REPEAT,
        UNION,
        A,
        B,
        C,
    )
    from cython.cimports.constrain.masks.bitmask import IdBuffer
    from cython.cimports.constrain.masks.captures import refused_below
    from cython.cimports.constrain.masks.loops import Loops
    from cython.cimports.constrain.vocabulary.layout import END, FIRST_CHILD, FIRST_TOKEN
    from cython.cimports.constrain.vocabulary.trie import Trie

# Trie nodes that one walk looks at: some tens of milliseconds.
STEP_LIMIT = cython.declare(cython.int, 2_000_000)
DEPTH_LIMIT = cython.declare(cython.int, 400)

# Where a walk is: in what is written, inside a captured text, or behind one.
PLAIN = cython.declare(cython.int, 0)
CAPTURED = cython.declare(cython.int, 1)
UNCERTAIN = cython.declare(cython.int, 2)

# Tokens that reach further into what follows than this many bytes are left out of account there.
LOOK_AHEAD = 128

# The price of what no tokens spell.
UNSPELLABLE = 1 << 24


def fewest_tokens(trie: Trie, data: bytes) -> int:
    """How many tokens at least spell ``data``; ``UNSPELLABLE`` if none do."""
    return int(token_counts(trie, data)[0])


def token_counts(
    trie: Trie, head: bytes, tail: bytes = b"", tail_counts: np.ndarray | None = None
) -> np.ndarray:
    """For each place in ``head tail``, how many tokens at least spell what is behind it: int32 ``[size + 1]``.

    ``tail_counts`` are those of ``tail``, if they are known: then only ``head`` is looked at.
    """
    data = head + tail
    size: cython.int = len(data)
    known: cython.int = len(head) if tail_counts is not None else size
    counts = np.zeros(size + 1, np.intc)
    if tail_counts is not None:
        counts[known:] = tail_counts
    count: cython.int[::1] = counts
    at: cython.int
    end: cython.int
    node: cython.int
    best: cython.int
    for at in range(known - 1, -1, -1):
        best = UNSPELLABLE
        node = 0
        for end in range(at, size):
            node = trie.child(node, cython.cast(cython.uchar, data[end]))
            if node < 0:
                break
            if (
                trie.nodes[node, FIRST_TOKEN] < trie.nodes[node + 1, FIRST_TOKEN]
                and count[end + 1] + 1 < best
            ):
                best = count[end + 1] + 1
        count[at] = best
    return counts


def price_before(trie: Trie, head: bytes, tail: bytes, tail_counts: np.ndarray) -> int:
    """``fewest_tokens`` of ``head tail``, given the counts of ``tail``."""
    if not head:
        return int(tail_counts[0])
    return int(token_counts(trie, head, tail[:LOOK_AHEAD], tail_counts[: len(tail[:LOOK_AHEAD]) + 1])[0])


def spell(trie: Trie, data: bytes, most: int | None = None) -> list[int]:
    """The ids of as few tokens as spell ``data``, the longest first among equally good ones; the first ``most``.

    Raises:
        ValueError: none do.
    """
    counts = token_counts(trie, data)
    if counts[0] >= UNSPELLABLE:
        raise ValueError(f"no tokens spell {data!r}")
    ids = []
    at = 0
    while at < len(data) and len(ids) != most:
        node = 0
        best = None
        for end in range(at, len(data)):
            node = trie.find(data[end : end + 1], node)
            if node < 0:
                break
            tokens = trie.tokens_at(node)
            if tokens and counts[end + 1] == counts[at] - 1:
                best = tokens[0], end + 1
        ids.append(best[0])
        at = best[1]
    return ids


def crossed(trie: Trie, data: bytes, place: int, follows: int) -> bool:
    """Whether a token could lie across ``place`` in ``data``, a byte of ``follows``, a 256-bit set, coming next."""
    size: cython.int = len(data)
    start: cython.int
    at: cython.int
    node: cython.int
    k: cython.int
    for start in range(place):
        node = 0
        for at in range(start, size):
            node = trie.child(node, cython.cast(cython.uchar, data[at]))
            if node < 0:
                break
            if at >= place and trie.nodes[node, FIRST_TOKEN] < trie.nodes[node + 1, FIRST_TOKEN]:
                return True
        if node >= 0:
            for k in range(trie.nodes[node, FIRST_CHILD], trie.nodes[node + 1, FIRST_CHILD]):
                if follows >> (trie.children[k] & 255) & 1:
                    return True
    return False


class TokenPrices:
    """The walk of one engine's states over one vocabulary's trie.

    ``prices``, given to each walk, has what it asks for, nodes being of the engine: ``of_rest(head, tail)``,
    the price of ``head tail``; ``captured(head, rest, handler)``, that of what a capture has left, ``head``,
    whatever it has captured, and then ``rest``; ``uncertain(head, rest)``, that of ``head rest`` where ``rest`` stands
    for what follows captured texts; and ``after(capture)``, what follows one text of a capture.
    """

    def __init__(self, engine: Engine, trie: Trie) -> None:
        self.engine = engine
        self.trie = trie
        self.loops = Loops(engine)
        self.found = IdBuffer()

    def of(self, state: int, prices: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """The tokens that can be read from ``state``: ids, ascending, and the place that each ends in, the
        cheapest if there are several; then of each place the price, and [head, tail] of what costs that (-1: in
        a captured text, or behind it, where the state tells by itself). All int32."""
        self.prices = prices
        self.found.used = 0
        self.places = {}
        self.rest_prices = []
        self.rests = []
        self.steps = 0
        self.depth = 0
        self.mode = PLAIN
        self.handler = -1
        try:
            self.walk(0, state, EPSILON_NODE)
        finally:
            self.prices = None
        pairs = self.found.take().reshape(-1, 2)
        costs = np.array(self.rest_prices, np.intc)
        order = np.lexsort((costs[pairs[:, 1]], pairs[:, 0]))
        ids, first = np.unique(pairs[order, 0], return_index=True)
        return ids, pairs[order[first], 1], costs, np.array(self.rests, np.intc).reshape(-1, 2)

    def place(self, head: cython.int, tail: cython.int) -> cython.int:
        """The number of the place where ``head tail`` is left."""
        if self.mode == PLAIN:
            key: object = (cython.cast(cython.longlong, head) << 32) | tail
        else:
            key = (self.mode, head, tail, self.handler)
        found = self.places.get(key)
        if found is not None:
            return found
        number: cython.int = len(self.rest_prices)
        self.places[key] = number
        self.rests.append([head, tail] if self.mode == PLAIN else [-1, -1])
        if self.mode == PLAIN:
            self.rest_prices.append(self.prices.of_rest(head, tail))
        elif self.mode == CAPTURED:
            self.rest_prices.append(self.prices.captured(head, tail, self.engine.handlers[self.handler]))
        else:
            self.rest_prices.append(self.prices.uncertain(head, tail))
        return number

    def accept(self, node: cython.int, head: cython.int, tail: cython.int) -> cython.int:
        """Note that the tokens at ``node`` leave ``head tail``."""
        start: cython.int = self.trie.nodes[node, FIRST_TOKEN]
        stop: cython.int = self.trie.nodes[node + 1, FIRST_TOKEN]
        if start < stop:
            self.add_range(start, stop, self.place(head, tail))
        return 0

    def add_range(self, start: cython.int, stop: cython.int, place: cython.int) -> cython.int:
        i: cython.int
        for i in range(start, stop):
            self.found.add(self.trie.ids[i])
            self.found.add(place)
        return 0

    def walk(self, node: cython.int, head: cython.int, tail: cython.int) -> cython.int:
        """Price the tokens below ``node`` that can be read from ``head tail``."""
        engine: Engine = self.engine
        kind: cython.int = engine.nodes[head, KIND]
        i: cython.int
        self.steps += 1
        if self.trie.is_leaf(node) or self.steps > STEP_LIMIT or self.depth > DEPTH_LIMIT:
            return 0
        self.depth += 1
        if kind == CONCAT:
            self.walk(node, engine.nodes[head, A], engine.concat2(engine.nodes[head, B], tail))
        elif kind == LITERAL:
            self.walk_literal(node, head, tail)
        elif kind == UNION:
            for i in range(engine.nodes[head, B]):
                self.walk(node, engine.pool[engine.nodes[head, A] + i], tail)
        elif kind == REFERENCE:
            self.walk(node, engine.body_of(head), tail)
        elif kind == CAPTURE:
            self.walk_capture(node, head, tail)
        elif head == EPSILON_NODE:
            if tail != EPSILON_NODE:
                self.walk(node, tail, EPSILON_NODE)
        else:
            if engine.is_nullable(head):
                self.walk(node, tail, EPSILON_NODE)
            if kind == LEAF:
                self.walk_edges(node, engine.nodes[head, A], tail)
            elif kind == REPEAT:
                self.walk(node, engine.nodes[head, A], engine.concat2(engine.rest(head), tail))
            else:
                self.walk_derivatives(node, head, tail)
        self.depth -= 1
        return 0

    def walk_literal(self, node: cython.int, head: cython.int, tail: cython.int) -> cython.int:
        engine: Engine = self.engine
        i: cython.int
        at: cython.int = engine.nodes[head, A]
        count: cython.int = engine.nodes[head, B]
        for i in range(count):
            node = self.trie.child(node, engine.text[at + i])
            if node < 0:
                return 0
            self.accept(node, engine.literal_at(at + i + 1, count - i - 1), tail)
        return self.walk(node, tail, EPSILON_NODE)

    def walk_edges(self, node: cython.int, state: cython.int, tail: cython.int) -> cython.int:
        """Go on inside a leaf or a captured text, whose rest is ``state``, and behind it where it may end."""
        engine: Engine = self.engine
        trie: Trie = self.trie
        at: cython.int = engine.edges(state)
        k: cython.int
        child: cython.int
        target: cython.int
        rest: cython.int
        for k in range(trie.nodes[node, FIRST_CHILD], trie.nodes[node + 1, FIRST_CHILD]):
            while engine.pool[at] < (trie.children[k] & 255):
                at += 2
            target = engine.pool[at + 1]
            child = trie.children[k] >> 8
            self.steps += 1
            if target == EMPTY_NODE:
                continue
            if self.steps > STEP_LIMIT:
                return 0
            rest = target if self.mode == CAPTURED else engine.leaf_of(target)
            self.accept(child, rest, tail)
            if trie.is_leaf(child):
                continue
            if engine.is_nullable(target):
                self.walk_behind(child, tail)
            elif self.loops.stay(trie, child, target):
                self.add_range(
                    trie.nodes[child + 1, FIRST_TOKEN],
                    trie.nodes[trie.nodes[child, END], FIRST_TOKEN],
                    self.place(rest, tail),
                )
                continue
            if target != EPSILON_NODE:
                self.walk_edges(child, target, tail)
        return 0

    def walk_behind(self, node: cython.int, tail: cython.int) -> cython.int:
        mode: cython.int = self.mode
        if mode == CAPTURED:
            self.mode = UNCERTAIN
        self.walk(node, tail, EPSILON_NODE)
        self.mode = mode
        return 0

    def walk_capture(self, node: cython.int, head: cython.int, tail: cython.int) -> cython.int:
        """A captured text, and behind it what follows an ordinary one. Tokens that complete a text that is
        refused are taken out."""
        engine: Engine = self.engine
        used: cython.int = self.found.used
        mode: cython.int = self.mode
        outer: cython.int = self.handler
        number: cython.int = engine.nodes[head, C]
        follow: cython.int
        if not engine.handlers[number].alike:
            for part in engine.captures(head):
                self.walk_capture(node, part, tail)
            return 0
        follow = engine.concat2(self.prices.after(head), tail)
        self.mode, self.handler = CAPTURED, number
        self.walk_edges(node, engine.nodes[head, A], follow)
        self.mode, self.handler = mode, outer
        return self.drop_below(refused_below(engine, self.trie, node, head), used)

    def drop_below(self, nodes: list, start: cython.int) -> cython.int:
        """Take back what was found from ``start`` on for tokens at or below any of ``nodes``."""
        if not nodes:
            return 0
        pairs = self.found.take(start).reshape(-1, 2)
        dropped = np.concatenate([np.array(self.trie.tokens_below(node), np.intc) for node in nodes])
        kept = np.ascontiguousarray(pairs[~np.isin(pairs[:, 0], dropped)]).reshape(-1)
        self.found.used = start
        return self.found.add_range(kept, 0, len(kept))

    def walk_derivatives(self, node: cython.int, head: cython.int, tail: cython.int) -> cython.int:
        """One byte at a time: sets of bytes, keys, and what has no structure to follow."""
        k: cython.int
        child: cython.int
        target: cython.int
        trie: Trie = self.trie
        for k in range(trie.nodes[node, FIRST_CHILD], trie.nodes[node + 1, FIRST_CHILD]):
            target = self.engine.derive(head, (trie.children[k] & 255))
            if target != EMPTY_NODE:
                child = trie.children[k] >> 8
                self.accept(child, target, tail)
                self.walk(child, target, tail)
        return 0
