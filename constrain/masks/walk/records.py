"""Masks of records: texts of any expression, each followed by the answer of a handler to that text.

The items of an array whose items must differ are such texts: what the other items may be depends on each of them. Where
a text may end, a *guard* stands for the answer. The tokens that go on there are found once for all texts, as far as it
does not matter which text it was; other tokens are verified one by one.
"""

from __future__ import annotations

import cython

if cython.compiled:
    from cython.cimports.constrain.engine.derivative import Engine
    from cython.cimports.constrain.expression.nodes import EMPTY_NODE, A
    from cython.cimports.constrain.masks.bits.bitmask import IdBuffer
    from cython.cimports.constrain.masks.budgets.unbounded import UNBOUNDED
    from cython.cimports.constrain.masks.walk.walk import Walk
    from cython.cimports.constrain.vocabulary.layout import FIRST_CHILD, FIRST_TOKEN
    from cython.cimports.constrain.vocabulary.trie import Trie

from constrain.masks.walk.walk import Entangled


class Records:
    """The part of a walk that handles what follows a recorded text."""

    def __init__(self) -> None:
        self.answered = {}
        self.answered_within = {}

    def forget(self) -> cython.int:
        """Drop what was found on the way to masks."""
        self.answered.clear()
        self.answered_within.clear()
        return 0

    def entries(self) -> cython.Py_ssize_t:
        """How many entries are kept."""
        return len(self.answered) + len(self.answered_within)

    def walk_record(
        self, walk: Walk, trie: Trie, node: cython.int, head: cython.int, tail: cython.int
    ) -> cython.int:
        """Walk a record: where its text may end, a guard stands for the answer of its handler."""
        guard: cython.int = walk.guard_of(head, tail)
        if walk.budget.limited:
            walk.budget.enter([head], tail)
        walk.follow(trie, node, walk.engine.nodes[head, A], guard)
        if walk.budget.limited:
            walk.budget.leave()
        return 0

    def end_record(self, walk: Walk, trie: Trie, node: cython.int, guard: cython.int) -> cython.int:
        """Handle the end of a recorded text, which may be at ``node``."""
        engine: Engine = walk.engine
        used: cython.int = walk.collected.ids.used
        start: cython.int
        if walk.budget.limited:
            return self.end_record_within(walk, trie, node, guard)
        found = self.answered.get((trie.key, node, guard))
        if found is None:
            handler, tail = walk.guards[guard]
            doubtful, walk.collected.recorded = walk.collected.recorded, []
            state: cython.int = handler.answer_to_any(engine)
            if state == EMPTY_NODE:
                self.doubt(walk, trie, node, handler.begins)
            else:
                self.walk_answer(walk, trie, node, handler, engine.concat2(state, tail), b"")
            start = walk.collected.ids.move_to(walk.collected.pool, used)
            found = self.answered[trie.key, node, guard] = (
                start,
                walk.collected.pool.used,
                walk.collected.recorded,
            )
            walk.collected.recorded = doubtful
        return self.take_answers(walk, guard, found)

    def end_record_within(self, walk: Walk, trie: Trie, node: cython.int, guard: cython.int) -> cython.int:
        """``end_record`` within a budget: the costs of the tokens that follow the text are found once for all texts."""
        extra: cython.int = walk.budget.outer[len(walk.budget.outer) - 1]
        found = self.answered_within.get((trie.key, node, guard))
        if found is None:
            found = self.answered_within[trie.key, node, guard] = self.measure_answers(
                walk, trie, node, guard
            )
        if found[3] + extra <= walk.budget.left and walk.budget.witnesses is None:
            walk.budget.most = max(walk.budget.most, found[3] + extra)
            return self.take_answers(walk, guard, found)
        if walk.budget.witnesses is not None:
            walk.collected.recorded.append((trie, node))
            return 0
        walk.budget.cut = True
        ids = walk.collected.pool.array[found[0] : found[1]][found[4] <= walk.budget.left - extra]
        walk.budget.most = max(walk.budget.most, walk.budget.left)
        return walk.collected.ids.add_range(ids, 0, len(ids))

    def measure_answers(self, walk: Walk, trie: Trie, node: cython.int, guard: cython.int) -> tuple:
        """What may follow any text that ends at ``node``: where its tokens begin and end in the pool, what depends on
        the text, the highest cost of any of these tokens, and the costs of those in the pool."""
        engine: Engine = walk.engine
        handler, tail = walk.guards[guard]
        used: cython.int = walk.collected.ids.used
        doubtful, walk.collected.recorded = walk.collected.recorded, []
        kept = walk.budget.measure()
        self.answer_costs = IdBuffer()
        state: cython.int = handler.answer_to_any(engine)
        if state == EMPTY_NODE:
            self.doubt(walk, trie, node, handler.begins)
        else:
            self.walk_answer(walk, trie, node, handler, engine.concat2(state, tail), b"")
        most: cython.int = walk.budget.measured(kept)
        start: cython.int = walk.collected.ids.move_to(walk.collected.pool, used)
        recorded, walk.collected.recorded = walk.collected.recorded, doubtful
        return start, walk.collected.pool.used, recorded, most, self.answer_costs.take()

    def take_answers(self, walk: Walk, guard: cython.int, found: tuple) -> cython.int:
        """Accept what may follow the text that ``guard`` stands for."""
        text: bytes = walk.engine.literal_bytes(walk.texts[guard])
        for trie, node, second, first, last, rest in found[2]:
            if second is None or cython.cast(bytes, second).startswith(text):
                walk.collected.recorded.append((trie, node))
            else:  # whatever the recorded text will be, it is not the second one
                walk.collected.ids.add_range(walk.collected.pool.data, first, last)
                walk.collected.recorded.extend(rest)
        return walk.collected.ids.add_range(walk.collected.pool.data, found[0], found[1])

    def doubt(self, walk: Walk, trie: Trie, node: cython.int, begins: object) -> cython.int:
        """Mark all tokens that go on below ``node`` with a byte of ``begins`` as tokens to verify."""
        k: cython.int
        byte: object
        for k in range(trie.nodes[node, FIRST_CHILD], trie.nodes[node + 1, FIRST_CHILD]):
            byte = trie.children[k] & 255
            if begins >> byte & 1:
                walk.collected.recorded.append((trie, trie.children[k] >> 8, None, 0, 0, None))
        return 0

    def in_doubt(
        self, walk: Walk, trie: Trie, node: cython.int, handler: object, state: cython.int, path: bytes
    ) -> tuple:
        """(trie, node, text, first, last, rest) for the tokens at and below ``node``: where they complete a second text
        that is spelled in one way, those of ``pool[first:last]`` are allowed, and those at the nodes of ``rest`` must
        be verified, unless the first text is equal to the second. The text is None where all must be verified."""
        second = handler.string_at_end(path)
        if second is None:
            return (trie, node, None, 0, 0, None)
        used: cython.int = walk.collected.ids.used
        outer, walk.collected.recorded = walk.collected.recorded, []
        if walk.budget.limited:
            walk.budget.has_room(handler.spare(walk.engine, path), state)
        walk.collected.accept(trie, node)
        self.walk_third(walk, trie, node, handler, state, b"")
        inner, walk.collected.recorded = walk.collected.recorded, outer
        first: cython.int = walk.collected.ids.move_to(walk.collected.pool, used)
        return (trie, node, second, first, walk.collected.pool.used, inner)

    def walk_third(
        self, walk: Walk, trie: Trie, node: cython.int, handler: object, state: cython.int, path: bytes
    ) -> cython.int:
        """Like ``walk_answer``, after a second text."""
        engine: Engine = walk.engine
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
                walk.collected.recorded.append((trie, child))
                continue
            if target == EMPTY_NODE:
                continue
            longer = path + bytes((trie.children[k] & 255,))
            if engine.completions != before or not handler.is_common(engine, longer):
                walk.collected.recorded.append((trie, child))
                continue
            if walk.budget.limited:
                walk.budget.has_room(handler.spare(engine, longer), target)
            walk.collected.accept(trie, child)
            self.walk_third(walk, trie, child, handler, target, longer)
        return 0

    def walk_answer(
        self, walk: Walk, trie: Trie, node: cython.int, handler: object, state: cython.int, path: bytes
    ) -> cython.int:
        """Accept the tokens below ``node`` that ``state`` can read, whatever text ``handler`` is asked about."""
        engine: Engine = walk.engine
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
            except Entangled:  # after the text comes a stand-in for what follows an enclosing text
                engine.top = top
                walk.collected.recorded.append((trie, child, None, 0, 0, None))
                continue
            if target == EMPTY_NODE:
                continue
            longer = path + bytes((trie.children[k] & 255,))
            if engine.completions != before or not handler.is_common(engine, longer):
                walk.collected.recorded.append(self.in_doubt(walk, trie, child, handler, target, longer))
                continue
            if walk.budget.limited and walk.has_tokens(trie, child):
                spare: cython.int = handler.spare(engine, longer)
                walk.budget.has_room(spare, target)
                for _ in range(trie.nodes[child, FIRST_TOKEN], trie.nodes[child + 1, FIRST_TOKEN]):
                    self.answer_costs.add(min(spare + walk.budget.byte_costs.bound(target), UNBOUNDED))
            walk.collected.accept(trie, child)
            if not trie.is_leaf(child):
                self.walk_answer(walk, trie, child, handler, target, longer)
        return 0
