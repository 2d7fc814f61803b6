"""Edges of regular expressions, and whether one is empty.

A state of a leaf is an expression, and its transition table is its *edges*: runs of bytes with one target each,
covering 0..255, found once and kept in the arena's pool. Intersection and complement are allowed.

An expression with an intersection or a complement in it may be empty without *being* ``EMPTY``. ``viable`` searches
its edges for a nullable state; ``prune`` redirects edges to dead targets, so that no caller ever runs into a dead end.
"""

from __future__ import annotations

import cython

from constrain.errors import WorkLimitExceeded

if cython.compiled:
    from cython.cimports.constrain.expression.arena import Arena
    from cython.cimports.constrain.expression.nodes import (
        CAPTURE,
        COMPLEMENT,
        CONCAT,
        EDGE_COUNT,
        EDGES,
        EMPTY_NODE,
        EPSILON_NODE,
        FLAGS,
        INTERSECTION,
        KIND,
        KNOWN_EMPTY,
        KNOWN_LIVE,
        LEAF,
        NULLABLE,
        PRUNED,
        RECORD,
        REFERENCE,
        REPEAT,
        UNCERTAIN,
        UNION,
        A,
        B,
        C,
    )


class Edges(Arena):
    """An arena that can expand its regular expressions into edges."""

    def __init__(self, base: Edges | None = None) -> None:
        Arena.__init__(self, base)
        self.search_steps = 0

    def derive(self, node: cython.int, byte: cython.int) -> cython.int:
        """The derivative of any expression; ``engine.derivative`` implements it."""
        raise NotImplementedError

    # -- edges of regular expressions ---------------------------------------------------------

    def edges(self, node: cython.int) -> cython.int:
        """Offset into ``pool`` of the runs (last byte, target) of ``node``, dead targets pruned."""
        if not self.nodes[node, FLAGS] & PRUNED:
            self.prune(node)
        return self.nodes[node, EDGES]

    def expand(self, node: cython.int) -> cython.int:
        """Like ``edges``, but a target may be empty without being ``EMPTY``."""
        if self.nodes[node, EDGES] < 0:
            self.expand_all(node)
        return self.nodes[node, EDGES]

    def expand_all(self, node: cython.int) -> cython.int:
        """Find the edges of ``node``, after those that they are made of. It is not recursive, because the expression of
        a pattern can be as deep as the pattern is long."""
        start: cython.int = self.top
        self.push(node)
        while self.top > start:
            node = self.stack[self.top - 1]
            if self.nodes[node, EDGES] < 0 and not self.push_unexpanded(node):
                self.expand_one(node)
            if self.nodes[node, EDGES] >= 0:
                self.top -= 1
        return 0

    def push_unexpanded(self, node: cython.int) -> cython.bint:
        """Push what must be expanded before ``node``; return whether there was anything."""
        before: cython.int = self.top
        kind: cython.int = self.nodes[node, KIND]
        part: cython.int
        i: cython.int
        if kind == UNION or kind == INTERSECTION:
            for i in range(self.nodes[node, B]):
                part = self.pool[self.nodes[node, A] + i]
                if self.nodes[part, EDGES] < 0:
                    self.push(part)
        elif kind == CONCAT or kind == REPEAT or kind == LEAF or kind == COMPLEMENT or kind == REFERENCE:
            part = self.body_of(node) if kind == REFERENCE else self.nodes[node, A]
            if self.nodes[part, EDGES] < 0:
                self.push(part)
            if kind == CONCAT and self.is_nullable(part) and self.nodes[self.nodes[node, B], EDGES] < 0:
                self.push(self.nodes[node, B])
        return self.top > before

    def expand_one(self, node: cython.int) -> cython.int:
        """Find the edges of ``node``, whose parts have been expanded as far as ``push_unexpanded`` asks."""
        kind: cython.int = self.nodes[node, KIND]
        if kind == CONCAT and self.is_nullable(self.nodes[node, A]):
            self.expand_merged(node, True)
        elif kind == UNION:
            self.expand_merged(node, True)
        elif kind == INTERSECTION:
            self.expand_merged(node, False)
        elif kind == CONCAT or kind == REPEAT or kind == LEAF or kind == COMPLEMENT:
            self.expand_mapped(node, self.nodes[node, A], self.rest(node))
        elif kind == REFERENCE:
            self.expand_mapped(node, self.body_of(node), EPSILON_NODE)
        elif kind == CAPTURE or kind == RECORD:
            raise AssertionError("a capture inside a leaf: only regular expressions may be marked as one")
        else:
            self.expand_bytes(node)
        return 0

    def rest(self, node: cython.int) -> cython.int:
        """What follows a text of field A of a concatenation or a repetition."""
        least: cython.int
        most: cython.int
        if self.nodes[node, KIND] == CONCAT:
            return self.nodes[node, B]
        if self.nodes[node, KIND] == REPEAT:
            least = self.nodes[node, B]
            most = self.nodes[node, C]
            return self.repeat_of(
                self.nodes[node, A], least - 1 if least else 0, most - 1 if most > 0 else most
            )
        return EPSILON_NODE

    def store(self, node: cython.int, last: cython.p_int, target: cython.p_int, count: cython.int) -> None:
        """Keep ``count`` runs as the edges of ``node``, joining neighbours with one target."""
        i: cython.int
        kept: cython.int = 0
        self.reserve_pool(2 * count)
        at: cython.int = self.pool_used
        for i in range(count):
            if kept and self.pool[at + 2 * kept - 1] == target[i]:
                self.pool[at + 2 * kept - 2] = last[i]
            else:
                self.pool[at + 2 * kept] = last[i]
                self.pool[at + 2 * kept + 1] = target[i]
                kept += 1
        self.pool_used += 2 * kept
        self.nodes[node, EDGES] = at
        self.nodes[node, EDGE_COUNT] = kept

    def expand_bytes(self, node: cython.int) -> None:
        """The edges of a literal, a byte set or a choice, found byte by byte."""
        last: cython.int[256]
        target: cython.int[256]
        byte: cython.int
        for byte in range(256):
            last[byte] = byte
            target[byte] = self.derive(node, byte)
        self.store(node, last, target, 256)

    def expand_mapped(self, node: cython.int, source: cython.int, rest: cython.int) -> None:
        """The edges of ``source``, each target wrapped as ``node`` wraps its body."""
        last: cython.int[256]
        target: cython.int[256]
        kind: cython.int = self.nodes[node, KIND]
        at: cython.int = self.edges(source) if kind == LEAF else self.nodes[source, EDGES]
        count: cython.int = self.nodes[source, EDGE_COUNT]
        i: cython.int
        for i in range(count):
            last[i] = self.pool[at + 2 * i]
            target[i] = self.pool[at + 2 * i + 1]
            if kind == LEAF:
                target[i] = self.leaf_of(target[i])
            elif kind == COMPLEMENT:
                target[i] = self.complement(target[i])
            else:
                target[i] = self.concat2(target[i], rest)
        self.store(node, last, target, count)

    def expand_merged(self, node: cython.int, union: cython.bint) -> None:
        """Merge the edges of the parts of a union, of an intersection, or of a concatenation whose head may be
        empty."""
        last: cython.int[256]
        target: cython.int[256]
        start: cython.int = self.top
        count: cython.int = self.push_parts(node)
        runs: cython.int = 0
        byte: cython.int = 0
        i: cython.int
        at: cython.int
        inner: cython.int
        rest: cython.int = self.nodes[node, B] if self.nodes[node, KIND] == CONCAT else EPSILON_NODE
        while byte < 256:
            inner = self.top
            last[runs] = 255
            for i in range(count):  # three ints per part: node, current run, offset of its edges
                at = self.stack[start + 3 * i + 2] + 2 * self.stack[start + 3 * i + 1]
                if self.pool[at] < last[runs]:
                    last[runs] = self.pool[at]
                self.push(
                    self.pool[at + 1] if i or rest == EPSILON_NODE else self.concat2(self.pool[at + 1], rest)
                )
            target[runs] = self.union_of_stack(inner) if union else self.intersection_of_stack(inner)
            self.meter.count(count)
            byte = last[runs] + 1
            for i in range(count):
                at = self.stack[start + 3 * i + 2] + 2 * self.stack[start + 3 * i + 1]
                if self.pool[at] < byte:
                    self.stack[start + 3 * i + 1] += 1
            runs += 1
        self.top = start
        self.store(node, last, target, runs)

    def push_parts(self, node: cython.int) -> cython.int:
        """Push (part, 0, offset of its edges) for each part that is merged; return how many there are."""
        i: cython.int
        part: cython.int
        start: cython.int = self.top
        count: cython.int = 2
        if self.nodes[node, KIND] == CONCAT:
            self.push(self.nodes[node, A])
            self.push(0)
            self.push(-1)
            self.push(self.nodes[node, B])
            self.push(0)
            self.push(-1)
        else:
            count = self.nodes[node, B]
            for i in range(count):
                self.push(self.pool[self.nodes[node, A] + i])
                self.push(0)
                self.push(-1)
        for i in range(count):
            part = self.stack[start + 3 * i]
            self.stack[start + 3 * i + 2] = self.nodes[part, EDGES]
        return count

    def step(self, node: cython.int, byte: cython.int) -> cython.int:
        """The derivative of a regular expression, by its edges. Only this target is checked for emptiness."""
        at: cython.int = self.expand(node)
        self.meter.patience -= 1
        if self.meter.patience < 0:
            self.meter.check()
        target: cython.int
        low: cython.int = 0
        high: cython.int = self.nodes[node, EDGE_COUNT] - 1
        middle: cython.int
        while low < high:
            middle = (low + high) >> 1
            if self.pool[at + 2 * middle] < byte:
                low = middle + 1
            else:
                high = middle
        target = self.pool[at + 2 * low + 1]
        if self.nodes[target, FLAGS] & UNCERTAIN and not self.viable(target):
            return EMPTY_NODE
        return target

    # -- emptiness ----------------------------------------------------------------------------

    def prune(self, node: cython.int) -> None:
        i: cython.int
        at: cython.int = self.expand(node)
        for i in range(self.nodes[node, EDGE_COUNT]):
            if not self.viable(self.pool[at + 2 * i + 1]):
                self.pool[at + 2 * i + 1] = EMPTY_NODE
        self.nodes[node, FLAGS] |= PRUNED

    def viable(self, node: cython.int) -> cython.bint:
        """Whether ``node`` accepts some text. This is immediate unless ``node`` contains an intersection or a
        complement."""
        known: cython.int = self.known_viable(node)
        return known != 0 if known >= 0 else self.find_viable(node)

    def known_viable(self, node: cython.int) -> cython.int:
        """The answer of ``viable`` if it is known; else -1."""
        flags: cython.int = self.nodes[node, FLAGS]
        if not flags & UNCERTAIN:
            return node != EMPTY_NODE
        if flags & (NULLABLE | KNOWN_LIVE):
            return 1
        return 0 if flags & KNOWN_EMPTY else -1

    def find_viable(self, node: cython.int) -> cython.bint:
        """The known answer of ``viable``, or -1, from the answers for the parts: for a union, one part suffices. The
        stack holds two ints for each node that is examined, however deep: the node, and how many of its parts have been
        examined."""
        start: cython.int = self.top
        answer: cython.int = -1
        asked: cython.int
        kind: cython.int
        self.push(node)
        self.push(0)
        while self.top > start:
            node = self.stack[self.top - 2]
            asked = self.stack[self.top - 1]
            kind = self.nodes[node, KIND]
            if kind == INTERSECTION or kind == COMPLEMENT or kind == REFERENCE:
                answer = self.open_star(node) >= 0 or self.search(node)
            elif asked == 0 or (answer != (kind == UNION) and asked < self.part_count(node)):
                self.stack[self.top - 1] = asked + 1
                node = self.part_at(node, asked)
                answer = self.known_viable(node)
                if answer < 0:
                    self.push(node)
                    self.push(0)
                continue
            self.nodes[node, FLAGS] |= KNOWN_LIVE if answer else KNOWN_EMPTY
            self.top -= 2
        return answer != 0

    def search(self, start: cython.int) -> cython.bint:
        """Depth-first search of the derivatives of ``start`` for one that is surely not empty.

        If one is found, all on the path to it are live. If none is, all that were visited are empty.
        """
        path: list = [start]
        edge: list = [0]
        visited: set = {start}
        limit: cython.int = self.meter.limits.states
        depth: cython.Py_ssize_t = 0
        node: cython.int
        target: cython.int
        i: cython.int
        while depth >= 0:
            node = path[depth]
            i = edge[depth]
            if i == 0:
                self.expand(node)
                if self.leads_to_life(node):
                    for node in path:
                        self.nodes[node, FLAGS] |= KNOWN_LIVE
                    return True
                self.search_steps += 1
                self.meter.count(1)
                if len(visited) > limit:
                    raise WorkLimitExceeded(
                        f"deciding whether a pattern is satisfiable took more than {limit} states; "
                        "simplify the combination of patterns, lookarounds and length bounds",
                        limit="states",
                        value=limit,
                    )
            if i == self.nodes[node, EDGE_COUNT]:
                path.pop()
                edge.pop()
                depth -= 1
                continue
            target = self.pool[self.nodes[node, EDGES] + 2 * i + 1]
            edge[depth] = i + 1
            if target == EMPTY_NODE or self.nodes[target, FLAGS] & KNOWN_EMPTY or target in visited:
                continue
            visited.add(target)
            path.append(target)
            edge.append(0)
            depth += 1
        for node in visited:
            self.nodes[node, FLAGS] |= KNOWN_EMPTY
        return False

    def leads_to_life(self, node: cython.int) -> cython.bint:
        """Whether an edge of ``node`` leads to a state that is surely not empty. All edges are checked before any is
        followed: otherwise the intersection of ``x{0,500}`` and a pattern might be followed along its first edge for
        500 texts of x."""
        at: cython.int = self.nodes[node, EDGES]
        i: cython.int
        target: cython.int
        flags: cython.int
        for i in range(self.nodes[node, EDGE_COUNT]):
            target = self.pool[at + 2 * i + 1]
            flags = self.nodes[target, FLAGS]
            if target != EMPTY_NODE and (flags & (NULLABLE | KNOWN_LIVE) or not flags & UNCERTAIN):
                return True
        return False
