"""Masks of captures: the keys of an object that it does not declare.

Inside a captured text, every token of its leaf is allowed. After it comes the handler's answer: nothing for some texts;
for all others, a common part and then something that depends on the text, so that the few tokens that reach that far
are verified one by one.
"""

from __future__ import annotations

import cython

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
    from cython.cimports.constrain.masks.walk.leaf_walk import LeafWalk
    from cython.cimports.constrain.masks.walk.walk import Walk
    from cython.cimports.constrain.vocabulary.trie import Trie


class Captures:
    """The part of a walk that handles what follows a captured text."""

    def __init__(self, leaf_walk: LeafWalk) -> None:
        self.leaf_walk = leaf_walk
        self.keys = {}
        self.settled = {}
        self.ends = {}

    def forget(self) -> cython.int:
        """Drop what was found on the way to masks."""
        self.keys.clear()
        self.settled.clear()
        self.ends.clear()
        return 0

    def entries(self) -> cython.Py_ssize_t:
        """How many entries are kept."""
        return len(self.keys) + len(self.settled) + len(self.ends)

    def walk_capture(
        self, walk: Walk, trie: Trie, node: cython.int, head: cython.int, tail: cython.int
    ) -> cython.int:
        """Walk a capture: inside it, every token is allowed; after it comes the answer of its handler.

        All texts that are not refused get ``handler.common`` as the beginning of the answer, and then something that
        depends on the text: the few tokens that reach that far are verified one by one. Tokens that complete a text
        that is refused are taken out.
        """
        engine: Engine = walk.engine
        used: cython.int = walk.collected.ids.used
        rows: cython.Py_ssize_t = len(walk.collected.rows)
        follow: cython.int
        reached: cython.int
        handler = engine.handlers[engine.nodes[head, C]]
        affordable: cython.bint = True
        if walk.budget.limited:
            parts = [head] if handler.alike else engine.captures(head)
            affordable = walk.budget.has_room_anywhere(parts, tail)
            if not affordable and not handler.alike:
                for reached in parts:
                    self.walk_capture(walk, trie, node, reached, tail)
                return 0
            walk.budget.enter(parts, tail)
        refused: list = refused_below(engine, trie, node, head)
        places: cython.Py_ssize_t = len(walk.collected.pending)
        follow = walk.guard_of(head, tail) if handler.begins else engine.concat2(handler.common, walk.guard)
        if not affordable:
            self.leaf_walk.walk_leaf_tight(
                walk, trie, node, engine.nodes[head, A], walk.budget.byte_costs.slack(head), follow
            )
        elif handler.begins:
            walk.follow(trie, node, engine.leaf_of(engine.nodes[head, A]), follow)
        else:
            self.walk_key(walk, trie, node, engine.nodes[head, A], follow)
        if walk.budget.limited:
            walk.budget.leave()
        whole: cython.bint = node == 0 and trie is walk.trie and not refused and walk.budget.witnesses is None
        if len(walk.collected.pending) > places and whole and handler.extends:
            self.settle(walk, head, tail, places)
        return walk.collected.drop_below(trie, refused, used, rows) if refused else 0

    def walk_key(
        self, walk: Walk, trie: Trie, node: cython.int, body: cython.int, rest: cython.int
    ) -> cython.int:
        """Walk the leaf of a capture, then ``rest``. As long as a run of characters goes on, the tails of the tokens
        that end it are the same after each character, so they are walked only once."""
        engine: Engine = walk.engine
        run: cython.int = engine.nodes[body, A]
        used: cython.int = walk.collected.ids.used
        if (
            engine.nodes[body, KIND] != CONCAT
            or engine.nodes[run, KIND] != REPEAT
            or not walk.leaves.leaf_classes.is_run(body)
        ):
            return walk.follow(trie, node, engine.leaf_of(body), rest)
        key = (trie.key, node, body, rest)
        known = self.keys.get(key)
        if known is None or (walk.budget.limited and known[4] < 0):
            kept = walk.budget.measure() if walk.budget.limited else None
            rows, walk.collected.rows = walk.collected.rows, []
            pending, walk.collected.pending = walk.collected.pending, []
            self.leaf_walk.walk_run(walk, trie, node, run, engine.nodes[body, B], rest)
            start: cython.int = walk.collected.pool.used
            walk.collected.pool.add_range(walk.collected.ids.data, used, walk.collected.ids.used)
            most: cython.int = -1 if kept is None else walk.budget.measured(kept)
            known = self.keys[key] = (
                walk.collected.rows,
                start,
                walk.collected.pool.used,
                walk.collected.pending,
                most,
            )
            walk.collected.ids.used = used
            walk.collected.rows = rows
            walk.collected.pending = pending
        if walk.budget.limited and (walk.budget.witnesses is not None or not walk.budget.take(known[4])):
            return self.leaf_walk.walk_run(walk, trie, node, run, engine.nodes[body, B], rest)
        walk.collected.rows.extend(known[0])
        walk.collected.pending.extend(known[3])
        return walk.collected.ids.add_range(walk.collected.pool.data, known[1], known[2])

    def settle(self, walk: Walk, head: cython.int, tail: cython.int, start: cython.Py_ssize_t) -> cython.int:
        """Verify the tokens at ``pending[start:]`` from the capture ``head`` on, once for all its texts that get the
        same answer. As long as the tokens complete no second captured text, which might be equal to the first, it does
        not matter which text the first one is."""
        engine: Engine = walk.engine
        state: cython.int = engine.concat2(head, tail)
        before: cython.long = 0
        key = (engine.nodes[head, A], engine.nodes[head, C], tail, self.kinds_behind(walk, head, start))
        target: cython.int
        most: cython.int = 0 if walk.budget.limited else -1
        settled = self.settled.get(key)
        if settled is None or (walk.budget.limited and settled[2] < 0):
            first: cython.int = walk.collected.pool.used
            for trie, node in walk.collected.pending[start:]:
                for token in trie.tokens_below(node)[len(trie.tokens_at(node)) :]:
                    before = engine.completions
                    target = engine.run(state, walk.tokens[token])
                    if target != EMPTY_NODE:
                        walk.collected.pool.add(token)
                        if walk.budget.limited:
                            most = max(most, walk.budget.byte_costs.bound(target))
                    if engine.completions - before > 1:
                        return 0
            settled = self.settled[key] = (first, walk.collected.pool.used, most)
        if walk.budget.limited and not walk.budget.take(settled[2]):
            return 0  # some may be too expensive: they are verified one by one
        del walk.collected.pending[start:]
        return walk.collected.ids.add_range(walk.collected.pool.data, settled[0], settled[1])

    def kinds_behind(self, walk: Walk, head: cython.int, start: cython.Py_ssize_t) -> object:
        """The kinds of the texts that the tokens at ``pending[start:]`` complete, where the kind determines how the
        capture ``head`` answers."""
        engine: Engine = walk.engine
        handler = engine.handlers[engine.nodes[head, C]]
        if handler.alike:
            return None
        key = (engine.nodes[head, A], handler.common)
        ends = self.ends.get(key)
        if ends is None:
            ends = self.ends[key] = self.find_ends(walk, engine.nodes[head, A], start)
        return tuple(handler.kinds(engine.literal_bytes(engine.nodes[head, B]), ends))

    def find_ends(self, walk: Walk, body: cython.int, start: cython.Py_ssize_t) -> list:
        """What the tokens at ``pending[start:]`` read of ``body``, which they all complete."""
        found: dict = {}
        state: cython.int
        i: cython.int
        for trie, node in walk.collected.pending[start:]:
            for token in trie.tokens_below(node)[len(trie.tokens_at(node)) :]:
                data = walk.tokens[token]
                state = body
                i = 0
                while state != EPSILON_NODE:
                    state = walk.engine.step(state, data[i])
                    i += 1
                found[data[:i]] = None
        return list(found)


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
    """Follow the common beginning of a set of texts, ``depth`` bytes of which are read, down the trie; -1 if no token
    has it.

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
