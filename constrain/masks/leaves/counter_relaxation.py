"""Relaxed counters: bounds that are too far away for any token to reach are dropped.

``x{0,200}`` and ``x{0,199}`` allow the same tokens of up to 16 bytes, if completing such a token does not need more
than the remaining 180 turns or so. So the loops of an expression whose bounds are farther than a *horizon* are
*relaxed* to ``x{0,}``, and one mask of the tokens up to the horizon serves all counters and all their combinations.
Where counters are nested, that is the difference between a few states and thousands. The longer tokens, one in a
hundred, are walked in the unchanged expression, or with a farther horizon.

Why that is exact: a text that is shorter than any c turns of x is in ``x{b,c}`` if it is in ``x{b,}``, and the same
argument holds for expressions made of such loops in any way. The unchanged and the relaxed expression agree on all
texts that are no longer than the least bound, the *reach*. Without intersections, every prefix that short can be
completed in both or in neither, since a completion needs no further turns. With intersections, the completion has to be
within reach too: how long the shortest ones are is found along with the mask. What is relaxed is not below a
complement, so that whatever can be completed in the unchanged expression can be completed in the relaxed one.
"""

from __future__ import annotations

import cython

if cython.compiled:
    from cython.cimports.constrain.engine.derivative import Engine
    from cython.cimports.constrain.expression.nodes import (
        BYTE_SET,
        CONCAT,
        EDGE_COUNT,
        EMPTY_NODE,
        FLAGS,
        INTERSECTION,
        KIND,
        LITERAL,
        REPEAT,
        UNCERTAIN,
        UNION,
        A,
        B,
        C,
    )

# Horizons in bytes: one token in a hundred is longer than the first, one in a thousand is longer than the second.
HORIZONS = (16, 32, 128)

# Where there are intersections, bounds must be farther away by this much, to leave room for completions.
ROOM = cython.declare(cython.int, 16)

# The reach where there is no bound, and the length of a completion that was not found.
UNLIMITED = cython.declare(cython.int, 1 << 24)

# How many states are looked at for a completion.
STATES = cython.declare(cython.int, 1000)


class CounterRelaxation:
    """Relaxed expressions of one engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.known = {}
        self.least = {}
        self.counting = {}
        self.completions = {}

    def footprint(self) -> int:
        """Bytes in use."""
        entries = sum(map(len, self.known.values())) + len(self.least) + len(self.completions)
        return 200 * entries

    # -- expressions --------------------------------------------------------------------------

    def relaxed(self, node: cython.int, horizon: cython.int) -> tuple[int, int, bool]:
        """``node`` without the bounds of loops that are farther than ``horizon``; its reach; and whether other loops
        have nearer bounds."""
        if self.engine.nodes[node, FLAGS] & UNCERTAIN:
            return self.relax(node, horizon + ROOM)
        return self.relax(node, horizon)

    def relax(self, node: cython.int, bound: cython.int) -> tuple[int, int, bool]:
        known: dict = self.known.setdefault(bound, {})
        found = known.get(node)
        if found is None:
            for part in self.engine.parts_first(node, known, False):
                known[part] = self.find_relaxed(part, bound)
            found = known[node]
        return found

    def find_relaxed(self, node: cython.int, bound: cython.int) -> tuple[int, int, bool]:
        engine: Engine = self.engine
        kind: cython.int = engine.nodes[node, KIND]
        i: cython.int
        start: cython.int = engine.top
        reach: cython.int = UNLIMITED
        near: cython.bint = False
        if kind == CONCAT:
            body, reach, near = self.relax(engine.nodes[node, A], bound)
            tail, other, also = self.relax(engine.nodes[node, B], bound)
            return engine.concat2(body, tail), min(reach, other), near or also
        if kind == UNION or kind == INTERSECTION:
            for i in range(engine.nodes[node, B]):
                body, other, also = self.relax(engine.pool[engine.nodes[node, A] + i], bound)
                engine.push(body)
                reach = min(reach, other)
                near = near or also
            body = engine.union_of_stack(start) if kind == UNION else engine.intersection_of_stack(start)
            return body, reach, near
        if kind == REPEAT:
            return self.relax_loop(node, bound)
        return node, reach, False

    def relax_loop(self, node: cython.int, bound: cython.int) -> tuple[int, int, bool]:
        engine: Engine = self.engine
        turns: cython.int = engine.nodes[node, C]
        reach: cython.int
        body, reach, near = self.relax(engine.nodes[node, A], bound)
        # A token may end within a turn, so one turn less is counted.
        far: cython.int = (turns - 1) * max(self.least_of(engine.nodes[node, A]), 1) + 1
        if turns > 0 and far >= bound:
            turns = -1
            reach = min(reach, far)
        return engine.repeat_of(body, engine.nodes[node, B], turns), reach, near or turns > 1

    def counts_bytes(self, node: cython.int) -> cython.bint:
        """Whether ``node`` has a bounded loop in which one byte can be a turn. Of other loops, a token takes few turns,
        and ``LeafClasses.relaxed`` serves all tokens at once."""
        known = self.counting.get(node)
        if known is None:
            for part in self.engine.parts_first(node, self.counting, False):
                self.counting[part] = self.find_counting(part)
            known = self.counting[node]
        return known

    def find_counting(self, node: cython.int) -> cython.bint:
        engine: Engine = self.engine
        kind: cython.int = engine.nodes[node, KIND]
        i: cython.int
        if kind == CONCAT:
            return self.counts_bytes(engine.nodes[node, A]) or self.counts_bytes(engine.nodes[node, B])
        if kind == UNION or kind == INTERSECTION:
            for i in range(engine.nodes[node, B]):
                if self.counts_bytes(engine.pool[engine.nodes[node, A] + i]):
                    return True
            return False
        if kind == REPEAT:
            if engine.nodes[node, C] > 1 and self.least_of(engine.nodes[node, A]) <= 1:
                return True
            return self.counts_bytes(engine.nodes[node, A])
        return False

    def least_of(self, node: cython.int) -> cython.int:
        """A lower bound on the length of the texts of ``node``."""
        known = self.least.get(node)
        if known is None:
            for part in self.engine.parts_first(node, self.least, False):
                self.least[part] = self.find_least(part)
            known = self.least[node]
        return known

    def find_least(self, node: cython.int) -> cython.int:
        engine: Engine = self.engine
        kind: cython.int = engine.nodes[node, KIND]
        i: cython.int
        length: cython.int = 0
        if kind == LITERAL:
            return engine.nodes[node, B]
        if kind == BYTE_SET:
            return 1
        if kind == CONCAT:
            return min(self.least_of(engine.nodes[node, A]) + self.least_of(engine.nodes[node, B]), 1000)
        if kind == REPEAT:
            return min(min(engine.nodes[node, B], 1000) * self.least_of(engine.nodes[node, A]), 1000)
        if kind == UNION:
            length = 1000
            for i in range(engine.nodes[node, B]):
                length = min(length, self.least_of(engine.pool[engine.nodes[node, A] + i]))
        return length

    def completion(self, state: cython.int) -> cython.int:
        """The least number of bytes that complete ``state``; ``UNLIMITED`` if that takes too long to tell."""
        known = self.completions.get(state)
        if known is None:
            known = self.completions[state] = self.find_completion(state)
        return known

    def find_completion(self, start: cython.int) -> cython.int:
        engine: Engine = self.engine
        best: cython.int = UNLIMITED
        length: cython.int = 0
        target: cython.int
        at: cython.int
        i: cython.int
        seen: set = {start}
        level: list = [start]
        found: list
        if engine.is_nullable(start):
            return 0
        while level and length + 1 < best and len(seen) < STATES:
            length += 1
            found = []
            for state in level:
                at = engine.edges(state)
                engine.meter.count(10)
                for i in range(engine.nodes[state, EDGE_COUNT]):
                    target = engine.pool[at + 2 * i + 1]
                    if target == EMPTY_NODE or target in seen:
                        continue
                    if engine.is_nullable(target):
                        return min(best, length)
                    seen.add(target)
                    known = self.completions.get(target)
                    if known is not None:
                        best = min(best, length + known)
                    else:
                        found.append(target)
            level = found
        return best
