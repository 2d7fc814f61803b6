"""Masks of records: texts of any expression, behind which comes what a handler answers to the text.

The items of an array whose items must differ are such texts: whatever is written in one, what the others
may be depends on it. Where a text may end, a *guard* stands for the answer. What goes on there is found
once for all texts, as far as it does not matter which it was; other tokens are verified one by one.
"""

from __future__ import annotations

from collections.abc import Sequence

import cython

if cython.compiled:
    from cython.cimports.constrain.engine.derivative import Engine
    from cython.cimports.constrain.expression.nodes import EMPTY_NODE, EPSILON_NODE, A, B, C
    from cython.cimports.constrain.masks.bits.bitmask import IdBuffer
    from cython.cimports.constrain.masks.budgets.unbounded import UNBOUNDED
    from cython.cimports.constrain.masks.walk.captures import CaptureWalker
    from cython.cimports.constrain.vocabulary.layout import END, FIRST_CHILD, FIRST_TOKEN
    from cython.cimports.constrain.vocabulary.trie import Trie

from constrain.masks.walk.walker import Entangled, give_up


class RecordWalker(CaptureWalker):
    """A walker that knows what is behind a recorded text."""

    def __init__(
        self, engine: Engine, trie: Trie, tokens: Sequence[bytes | None], words: int, shared: dict
    ) -> None:
        CaptureWalker.__init__(self, engine, trie, tokens, words, shared)
        self.answered = {}
        self.answered_within = {}
        self.texts = {}
        self.recorded = []

    def walk_record(self, trie: Trie, node: cython.int, head: cython.int, tail: cython.int) -> cython.int:
        """A text that is noted: where it may end, a guard stands for what its handler will answer."""
        guard: cython.int = self.guard_of(head, tail)
        if self.budget.limited:
            self.budget.enter([head], tail)
        self.walk(trie, node, self.engine.nodes[head, A], guard)
        if self.budget.limited:
            self.budget.leave()
        return 0

    def guard_of(self, head: cython.int, tail: cython.int) -> cython.int:
        """A stand-in for what the handler of ``head``, a record or a capture, will answer, and ``tail``, of
        which the first bytes are known."""
        number: cython.int = self.engine.nodes[head, C]
        guard = self.guards.get((number, tail))
        if guard is None:
            guard = self.engine.reference(give_up)
            self.begins[guard] = self.engine.handlers[number].begins
            if self.budget.byte_costs is not None:
                self.budget.byte_costs.stand_in(guard)
            self.guards[guard] = (self.engine.handlers[number], tail)
            self.guards[number, tail] = guard
        self.texts[guard] = self.engine.nodes[head, B]
        return guard

    def end_record(self, trie: Trie, node: cython.int, guard: cython.int) -> cython.int:
        """A noted text may end at ``node``."""
        engine: Engine = self.engine
        used: cython.int = self.found.used
        start: cython.int
        if self.budget.limited:
            return self.end_record_within(trie, node, guard)
        found = self.answered.get((trie.key, node, guard))
        if found is None:
            handler, tail = self.guards[guard]
            doubtful, self.recorded = self.recorded, []
            state: cython.int = handler.answer_to_any(engine)
            if state == EMPTY_NODE:
                self.doubt(trie, node, handler.begins)
            else:
                self.walk_answer(trie, node, handler, engine.concat2(state, tail), b"")
            start = self.found.move_to(self.pool, used)
            found = self.answered[trie.key, node, guard] = (start, self.pool.used, self.recorded)
            self.recorded = doubtful
        return self.take_answers(guard, found)

    def end_record_within(self, trie: Trie, node: cython.int, guard: cython.int) -> cython.int:
        """The same within a budget: what the tokens that follow the text cost is found once for all texts."""
        extra: cython.int = self.budget.outer[len(self.budget.outer) - 1]
        found = self.answered_within.get((trie.key, node, guard))
        if found is None:
            found = self.answered_within[trie.key, node, guard] = self.measure_answers(trie, node, guard)
        if found[3] + extra <= self.budget.left and self.budget.witnesses is None:
            self.budget.most = max(self.budget.most, found[3] + extra)
            return self.take_answers(guard, found)
        if self.budget.witnesses is not None:
            self.recorded.append((trie, node))
            return 0
        self.budget.cut = True
        ids = self.pool.array[found[0] : found[1]][found[4] <= self.budget.left - extra]
        self.budget.most = max(self.budget.most, self.budget.left)
        return self.found.add_range(ids, 0, len(ids))

    def measure_answers(self, trie: Trie, node: cython.int, guard: cython.int) -> tuple:
        """What may follow any text that ends at ``node``: where its tokens begin and end in the pool, what depends on
        the text, the most that any of these tokens cost, and what each of those in the pool does."""
        engine: Engine = self.engine
        handler, tail = self.guards[guard]
        used: cython.int = self.found.used
        doubtful, self.recorded = self.recorded, []
        kept = self.budget.measure()
        self.answer_costs = IdBuffer()
        state: cython.int = handler.answer_to_any(engine)
        if state == EMPTY_NODE:
            self.doubt(trie, node, handler.begins)
        else:
            self.walk_answer(trie, node, handler, engine.concat2(state, tail), b"")
        most: cython.int = self.budget.measured(kept)
        start: cython.int = self.found.move_to(self.pool, used)
        recorded, self.recorded = self.recorded, doubtful
        return start, self.pool.used, recorded, most, self.answer_costs.take()

    def take_answers(self, guard: cython.int, found: tuple) -> cython.int:
        """Accept what may follow the text that ``guard`` stands for."""
        text: bytes = self.engine.literal_bytes(self.texts[guard])
        for trie, node, second, first, last, rest in found[2]:
            if second is None or cython.cast(bytes, second).startswith(text):
                self.recorded.append((trie, node))
            else:  # whatever the noted text will be, it is not the second one
                self.found.add_range(self.pool.data, first, last)
                self.recorded.extend(rest)
        return self.found.add_range(self.pool.data, found[0], found[1])

    def doubt(self, trie: Trie, node: cython.int, begins: object) -> cython.int:
        """All tokens that go on below ``node`` with a byte of ``begins`` are to be verified."""
        k: cython.int
        byte: object
        for k in range(trie.nodes[node, FIRST_CHILD], trie.nodes[node + 1, FIRST_CHILD]):
            byte = trie.children[k] & 255
            if begins >> byte & 1:
                self.recorded.append((trie, trie.children[k] >> 8, None, 0, 0, None))
        return 0

    def in_doubt(
        self, trie: Trie, node: cython.int, handler: object, state: cython.int, path: bytes
    ) -> tuple:
        """(trie, node, text, first, last, rest) for the tokens at and below ``node``: where they complete a second
        text that is spelled in one way, those of ``pool[first:last]`` are allowed, and those at the nodes of ``rest``
        to be verified, unless the first text is equal to it. The text is None where all are to be verified."""
        second = handler.string_at_end(path)
        if second is None:
            return (trie, node, None, 0, 0, None)
        used: cython.int = self.found.used
        outer, self.recorded = self.recorded, []
        if self.budget.limited:
            self.budget.has_room(handler.spare(self.engine, path), state)
        self.accept(trie, node)
        self.walk_third(trie, node, handler, state, b"")
        inner, self.recorded = self.recorded, outer
        first: cython.int = self.found.move_to(self.pool, used)
        return (trie, node, second, first, self.pool.used, inner)

    def walk_third(
        self, trie: Trie, node: cython.int, handler: object, state: cython.int, path: bytes
    ) -> cython.int:
        """Like ``walk_answer``, behind a second text."""
        engine: Engine = self.engine
        k: cython.int
        child: cython.int
        target: cython.int
        before: cython.long
        top: cython.int = engine.top
        engine.meter.count(10)
        for k in range(trie.nodes[node, FIRST_CHILD], trie.nodes[node + 1, FIRST_CHILD]):
            before = engine.completions
            child = trie.children[k] >> 8
            try:
                target = engine.derive(state, trie.children[k] & 255)
            except Entangled:
                engine.top = top
                self.recorded.append((trie, child))
                continue
            if target == EMPTY_NODE:
                continue
            longer = path + bytes((trie.children[k] & 255,))
            if engine.completions != before or not handler.is_common(engine, longer):
                self.recorded.append((trie, child))
                continue
            if self.budget.limited:
                self.budget.has_room(handler.spare(engine, longer), target)
            self.accept(trie, child)
            self.walk_third(trie, child, handler, target, longer)
        return 0

    def walk_answer(
        self, trie: Trie, node: cython.int, handler: object, state: cython.int, path: bytes
    ) -> cython.int:
        """Accept the tokens below ``node`` that ``state`` can read, whatever text ``handler`` is asked about."""
        engine: Engine = self.engine
        k: cython.int
        child: cython.int
        target: cython.int
        before: cython.long
        top: cython.int = engine.top
        engine.meter.count(10)
        for k in range(trie.nodes[node, FIRST_CHILD], trie.nodes[node + 1, FIRST_CHILD]):
            before = engine.completions
            child = trie.children[k] >> 8
            try:
                target = engine.derive(state, trie.children[k] & 255)
            except Entangled:  # behind the text comes a stand-in for what follows a text around it
                engine.top = top
                self.recorded.append((trie, child, None, 0, 0, None))
                continue
            if target == EMPTY_NODE:
                continue
            longer = path + bytes((trie.children[k] & 255,))
            if engine.completions != before or not handler.is_common(engine, longer):
                self.recorded.append(self.in_doubt(trie, child, handler, target, longer))
                continue
            if self.budget.limited and self.has_tokens(trie, child):
                spare: cython.int = handler.spare(engine, longer)
                self.budget.has_room(spare, target)
                for _ in range(trie.nodes[child, FIRST_TOKEN], trie.nodes[child + 1, FIRST_TOKEN]):
                    self.answer_costs.add(min(spare + self.budget.byte_costs.bound(target), UNBOUNDED))
            self.accept(trie, child)
            if not trie.is_leaf(child):
                self.walk_answer(trie, child, handler, target, longer)
        return 0

    def verify_recorded(self) -> cython.int:
        """Accept the tokens at and below the recorded nodes that the state of this mask can read."""
        node: cython.int
        trie: Trie
        for recorded in self.recorded:
            trie, node = recorded[0], recorded[1]
            self.verify_range(
                trie, trie.nodes[node, FIRST_TOKEN], trie.nodes[trie.nodes[node, END], FIRST_TOKEN]
            )
        return 0
