"""Masks of captures: the keys of an object that it does not declare.

Inside a captured text every token of its leaf will do. Behind it comes what the handler answers: for some texts
nothing, for all others the same, and then something that depends on the text, so that the few tokens that
reach that far are verified one by one.
"""

from __future__ import annotations

from collections.abc import Sequence

import cython
import numpy as np

if cython.compiled:
    from cython.cimports.constrain.engine.derivative import Engine
    from cython.cimports.constrain.expression.nodes import (
        CONCAT,
        EMPTY_NODE,
        EPSILON_NODE,
        FORK,
        KIND,
        REPEAT,
        A,
        B,
        C,
    )
    from cython.cimports.constrain.masks.bits.bitmask import IdBuffer, Row, clear_bits, overlaps, set_bit
    from cython.cimports.constrain.masks.walk.walker import Walker
    from cython.cimports.constrain.vocabulary.layout import END, FIRST_TOKEN
    from cython.cimports.constrain.vocabulary.trie import Trie


class CaptureWalker(Walker):
    """A walker that knows what is behind a captured text.

    ``tokens[i]`` are the bytes of token *i* or ``None``.
    """

    def __init__(
        self, engine: Engine, trie: Trie, tokens: Sequence[bytes | None], words: int, shared: dict
    ) -> None:
        Walker.__init__(self, engine, trie, words, shared)
        self.tokens = tokens
        self.pool = IdBuffer()
        self.scratch = None
        self.keys = {}
        self.settled = {}
        self.ends = {}
        self.origin = EMPTY_NODE

    def walk_capture(self, trie: Trie, node: cython.int, head: cython.int, tail: cython.int) -> cython.int:
        """A key to be: inside it every token will do; behind it comes what its handler answers.

        All texts that are not refused are answered alike, ``handler.common`` and then something that
        depends on the text: the few tokens that reach that far are verified one by one. Tokens that
        complete a text that is refused are taken out.
        """
        engine: Engine = self.engine
        used: cython.int = self.found.used
        rows: cython.Py_ssize_t = len(self.rows)
        follow: cython.int
        reached: cython.int
        handler = engine.handlers[engine.nodes[head, C]]
        affordable: cython.bint = True
        if self.budget.limited:
            parts = [head] if handler.alike else engine.captures(head)
            affordable = self.budget.has_room_anywhere(parts, tail)
            if not affordable and not handler.alike:
                for reached in parts:
                    self.walk_capture(trie, node, reached, tail)
                return 0
            self.budget.enter(parts, tail)
        refused: list = refused_below(engine, trie, node, head)
        places: cython.Py_ssize_t = len(self.pending)
        follow = self.guard_of(head, tail) if handler.begins else engine.concat2(handler.common, self.guard)
        if not affordable:
            self.walk_leaf_tight(
                trie, node, engine.nodes[head, A], self.budget.byte_costs.slack(head), follow
            )
        elif handler.begins:
            self.walk(trie, node, engine.leaf_of(engine.nodes[head, A]), follow)
        else:
            self.walk_key(trie, node, engine.nodes[head, A], follow)
        if self.budget.limited:
            self.budget.leave()
        whole: cython.bint = node == 0 and trie is self.trie and not refused and self.budget.witnesses is None
        if len(self.pending) > places and whole and handler.extends:
            self.settle(head, tail, places)
        return self.drop_below(trie, refused, used, rows) if refused else 0

    # -- keys ---------------------------------------------------------------------------------

    def walk_key(self, trie: Trie, node: cython.int, body: cython.int, rest: cython.int) -> cython.int:
        """The leaf of a capture, then ``rest``. While a run of characters goes on, the tails of the tokens
        that end it are the same after each character: they are walked once for all."""
        engine: Engine = self.engine
        run: cython.int = engine.nodes[body, A]
        used: cython.int = self.found.used
        if (
            engine.nodes[body, KIND] != CONCAT
            or engine.nodes[run, KIND] != REPEAT
            or not self.leaves.leaf_classes.is_run(body)
        ):
            return self.walk(trie, node, engine.leaf_of(body), rest)
        key = (trie.key, node, body, rest)
        known = self.keys.get(key)
        if known is None or (self.budget.limited and known[4] < 0):
            kept = self.budget.measure() if self.budget.limited else None
            rows, self.rows = self.rows, []
            pending, self.pending = self.pending, []
            self.walk_run(trie, node, run, engine.nodes[body, B], rest)
            start: cython.int = self.pool.used
            self.pool.add_range(self.found.data, used, self.found.used)
            most: cython.int = -1 if kept is None else self.budget.measured(kept)
            known = self.keys[key] = (self.rows, start, self.pool.used, self.pending, most)
            self.found.used = used
            self.rows = rows
            self.pending = pending
        if self.budget.limited and (self.budget.witnesses is not None or not self.budget.take(known[4])):
            return self.walk_run(trie, node, run, engine.nodes[body, B], rest)
        self.rows.extend(known[0])
        self.pending.extend(known[3])
        return self.found.add_range(self.pool.data, known[1], known[2])

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
        for i in range(start, self.found.used):
            token = self.found.data[i]
            if not (cython.cast(cython.uint, self.scratch[token >> 5]) >> (token & 31)) & 1:
                self.found.data[kept] = token
                kept += 1
        self.found.used = kept
        for node in nodes:
            for i in range(trie.nodes[node, FIRST_TOKEN], trie.nodes[trie.nodes[node, END], FIRST_TOKEN]):
                self.scratch[trie.ids[i] >> 5] = 0
        for i in range(rows, len(self.rows)):
            row = self.rows[i]
            own = False
            for node in nodes:
                low = trie.nodes[node, FIRST_TOKEN]
                high = trie.nodes[trie.nodes[node, END], FIRST_TOKEN]
                # The row of a run of characters holds no token with a closing quote, so none of these.
                if own or overlaps(row.bits, trie.ids, low, high):
                    if not own:
                        row = row.copy()
                        own = True
                    clear_bits(row.bits, trie.ids[low:high], high - low)
            if own:
                self.rows[i] = row
        return 0

    def settle(self, head: cython.int, tail: cython.int, start: cython.Py_ssize_t) -> cython.int:
        """Verify the tokens at ``pending[start:]`` from the capture ``head`` on, once for all its texts that are
        answered alike: as long as they complete no second captured text, which might be equal to this one, it cannot
        matter which it is."""
        engine: Engine = self.engine
        state: cython.int = engine.concat2(head, tail)
        before: cython.long = 0
        key = (engine.nodes[head, A], engine.nodes[head, C], tail, self.kinds_behind(head, start))
        target: cython.int
        most: cython.int = 0 if self.budget.limited else -1
        settled = self.settled.get(key)
        if settled is None or (self.budget.limited and settled[2] < 0):
            first: cython.int = self.pool.used
            for trie, node in self.pending[start:]:
                for token in trie.tokens_below(node)[len(trie.tokens_at(node)) :]:
                    before = engine.completions
                    target = engine.run(state, self.tokens[token])
                    if target != EMPTY_NODE:
                        self.pool.add(token)
                        if self.budget.limited:
                            most = max(most, self.budget.byte_costs.bound(target))
                    if engine.completions - before > 1:
                        return 0
            settled = self.settled[key] = (first, self.pool.used, most)
        if self.budget.limited and not self.budget.take(settled[2]):
            return 0  # some may be too dear: they are verified one by one
        del self.pending[start:]
        return self.found.add_range(self.pool.data, settled[0], settled[1])

    def kinds_behind(self, head: cython.int, start: cython.Py_ssize_t) -> object:
        """Of which kinds the texts are that the tokens at ``pending[start:]`` complete, where these tell how the
        capture ``head`` answers."""
        engine: Engine = self.engine
        handler = engine.handlers[engine.nodes[head, C]]
        if handler.alike:
            return None
        key = (engine.nodes[head, A], handler.common)
        ends = self.ends.get(key)
        if ends is None:
            ends = self.ends[key] = self.find_ends(engine.nodes[head, A], start)
        return tuple(handler.kinds(engine.literal_bytes(engine.nodes[head, B]), ends))

    def find_ends(self, body: cython.int, start: cython.Py_ssize_t) -> list:
        """What the tokens at ``pending[start:]`` read of ``body``, which they all complete."""
        found: dict = {}
        state: cython.int
        i: cython.int
        for trie, node in self.pending[start:]:
            for token in trie.tokens_below(node)[len(trie.tokens_at(node)) :]:
                data = self.tokens[token]
                state = body
                i = 0
                while state != EPSILON_NODE:
                    state = self.engine.step(state, data[i])
                    i += 1
                found[data[:i]] = None
        return list(found)

    def verify(self, trie: Trie, node: cython.int) -> cython.int:
        """Accept the tokens below ``node``, which reach past a captured text and what commonly follows it,
        if the state that this mask is of can read them."""
        return self.verify_range(
            trie, trie.nodes[node + 1, FIRST_TOKEN], trie.nodes[trie.nodes[node, END], FIRST_TOKEN]
        )

    def verify_range(self, trie: Trie, start: cython.int, stop: cython.int) -> cython.int:
        """Accept those of the tokens [start, stop) of a trie that the state of this mask can read, and afford."""
        i: cython.int
        for i in range(start, stop):
            self.verify_token(trie.ids[i])
        return 0

    def verify_token(self, token: cython.int) -> cython.int:
        """Accept ``token`` if the state of this mask can read it, and afford it."""
        extra: cython.int = self.budget.extra
        target: cython.int = self.engine.run(self.origin, self.tokens[token])
        if target == EMPTY_NODE:
            return 0
        self.budget.extra = 0  # what is left then is all there is
        if not self.budget.limited or self.budget.has_room_for_rest(EPSILON_NODE, 0, target):
            self.found.add(token)
        self.budget.extra = extra
        return 0


def refused_below(engine: Engine, trie: Trie, node: cython.int, head: cython.int) -> list:
    """The trie nodes at or below ``node`` where the capture ``head`` has read a text that is refused."""
    found: list = []
    depth: cython.int
    text: cython.int = engine.nodes[head, B]
    texts: cython.int = engine.handlers[engine.nodes[head, C]].refused(engine)
    texts = engine.beginning_with_literal(texts, text)
    if texts == EMPTY_NODE:
        return found
    start: cython.int = engine.top
    push_place(engine, node, texts, engine.nodes[text, B])
    while engine.top > start:
        engine.top -= 3
        depth, texts = engine.stack[engine.top + 2], engine.stack[engine.top + 1]
        node = follow_shared(engine, trie, engine.stack[engine.top], texts, depth)
        if node < 0:
            continue
        if engine.nodes[texts, KIND] == FORK:
            depth = engine.nodes[texts, C] // 9
            push_place(engine, node, engine.nodes[texts, B], depth)
            push_place(engine, node, engine.nodes[texts, A], depth)
        else:
            found.append(node)
    return found


def push_place(engine: Engine, node: cython.int, texts: cython.int, depth: cython.int) -> cython.int:
    """Push a place in a trie, where ``depth`` bytes of some texts are read, onto the scratch stack."""
    engine.push(node)
    engine.push(texts)
    return engine.push(depth)


def follow_shared(
    engine: Engine, trie: Trie, node: cython.int, texts: cython.int, depth: cython.int
) -> cython.int:
    """Follow what a set of texts, ``depth`` bytes of which are read, begins with down the trie: -1 if no token does.

    Where no token below has the byte that the texts end with, none completes one. Thousands of names that end
    with three digits would otherwise lead to a thousand nodes wherever a token of three digits may come.
    """
    first: cython.int = engine.first_text(texts)
    last: cython.int = engine.last_byte(texts)
    shared: cython.int = engine.nodes[first, B]
    if engine.nodes[texts, KIND] == FORK:
        shared = engine.nodes[texts, C] // 9
    while depth < shared and node >= 0:
        if 0 <= last < 128 and not (trie.ascii_set[node, last >> 6] >> (last & 63)) & 1:
            return -1
        node = trie.child(node, engine.text[engine.nodes[first, A] + depth])
        depth += 1
    return node
