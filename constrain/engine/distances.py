"""How far the residuals of a regular expression can be from the end of a text.

Where the structure does not tell, because it contains an intersection or a complement, the states are searched.
"""

from __future__ import annotations

from typing import Any

from constrain.engine.completion import avoiding_text
from constrain.engine.derivative import Engine
from constrain.work import checkpoint

__all__ = ["UNBOUNDED", "Distances", "longest_of_first", "ordinary_suffix"]

# The value where no distance is known.
UNBOUNDED = 1 << 24

# Expressions whose texts are no longer than this need no search, such as numbers and dates without those that have been
# used already.
SHORT = 64

# How deep parts are examined for the length of a longest text.
DEEPEST = 100

# How many states one search may visit.
STATE_LIMIT = 2_000


class Distances:
    """Distances in one engine's regular expressions."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._captures: dict[tuple[int, int], int] = {}
        self._longest: dict[int, int] = {}

    def footprint(self) -> int:
        """Bytes in use."""
        return 200 * len(self._captures) + 100 * len(self._longest)

    def furthest(self, node: int) -> list[tuple[int, int]]:
        """Pairs of a state and a number of bytes that completes each residual of it, for ``node`` and states that are
        reached from it."""
        longest = self.longest(node)
        graph = {} if longest <= SHORT else _graph(self.engine, node)
        if not graph:
            return [(node, max(longest - 1, 0))]
        most = max(_distances(self.engine, graph).values(), default=0)
        return [(state, most) for state in graph]

    def longest(self, node: int, depth: int = 0) -> int:
        """The length of a longest text of a regular expression, or more; ``UNBOUNDED`` if lengths are unbounded, or if
        the part, which is nested ``depth`` levels deep, is too deep to tell."""
        if depth > DEEPEST:
            return UNBOUNDED
        engine, spine = self.engine, []
        kind, *fields = engine.inspect(node)
        while kind == "concat" and node not in self._longest:
            spine.append((node, fields[0]))
            node = fields[1]
            kind, *fields = engine.inspect(node)
        if node not in self._longest:
            self._longest[node] = self._longest_part(kind, fields, depth + 1)
        length = self._longest[node]
        for node, part in reversed(spine):
            length = self._longest[node] = min(self.longest(part, depth + 1) + length, UNBOUNDED)
        return length

    def _longest_part(self, kind: str, fields: list[Any], depth: int) -> int:
        """``longest`` for a node that is not a concatenation."""
        if kind == "literal":
            return len(fields[0])
        if kind == "byte_set":
            return 1
        if kind == "union":
            return max(self.longest(part, depth) for part in fields[0])
        if kind == "intersection":
            return min(self.longest(part, depth) for part in fields[0])
        if kind == "repeat":
            return (
                UNBOUNDED if fields[2] is None else min(self.longest(fields[0], depth) * fields[2], UNBOUNDED)
            )
        if kind == "leaf":
            return self.longest(fields[0], depth)
        return 0 if kind in ("empty", "epsilon") else UNBOUNDED

    def captured(self, body: int, texts: int) -> int:
        """A number of bytes that completes each residual of ``body`` even if all but one of any ``texts`` texts are
        refused."""
        found = self._captures.get((body, texts))
        if found is None:
            graph = _graph(self.engine, body)
            rests = [state for state in graph if state != self.engine.EPSILON]
            found = max((longest_of_first(self.engine, state, texts) for state in rests), default=UNBOUNDED)
            self._captures[body, texts] = found
            for state in rests:  # what completes each residual also completes the residuals of a residual
                self._captures.setdefault((state, texts), found)
        return found


def ordinary_suffix(engine: Engine, body: int, text: bytes, handler: Any) -> bytes:
    """A completion of ``text`` in a capture such that the whole is not refused.

    Raises:
        WorkLimitExceeded: finding one takes too much work.
    """
    suffix = avoiding_text(engine, body, UNBOUNDED, handler.refused(engine), text)
    if suffix is None:
        raise AssertionError("a capture refuses all texts")
    return suffix


def longest_of_first(engine: Engine, node: int, count: int) -> int:
    """The length of the longest among ``count`` shortest texts of a regular expression; ``UNBOUNDED`` if it
    has fewer, or they are not found among its first states."""
    found, length = 0, 0
    layer = {node: 1}
    steps = 0
    while layer and steps < STATE_LIMIT:
        found += sum(ways for state, ways in layer.items() if engine.nullable(state))
        if found >= count:
            return length
        following: dict[int, int] = {}
        for state, ways in layer.items():
            steps += 1
            for members, target in engine.transitions(state):
                ways_there = following.get(target, 0) + ways * members.bit_count()
                following[target] = min(ways_there, count)
        layer = following
        length += 1
    return UNBOUNDED


def _graph(engine: Engine, node: int) -> dict[int, list[int]]:
    """The states of a regular expression and the targets of their edges; empty if there are too many."""
    graph: dict[int, list[int]] = {}
    todo = [node]
    while todo:
        checkpoint()
        state = todo.pop()
        if state not in graph:
            graph[state] = [target for _, target in engine.transitions(state)]
            todo += graph[state]
        if len(graph) > STATE_LIMIT:
            return {}
    return graph


def _distances(engine: Engine, graph: dict[int, list[int]]) -> dict[int, int]:
    """How many bytes each state of ``graph`` is from the end of a text, by a search from the ends."""
    sources: dict[int, list[int]] = {state: [] for state in graph}
    for state, targets in graph.items():
        for target in targets:
            sources[target].append(state)
    layer = {state for state in graph if engine.nullable(state)}
    distances: dict[int, int] = {}
    distance = 0
    while layer:
        distances.update(dict.fromkeys(layer, distance))
        layer = {source for state in layer for source in sources[state]} - distances.keys()
        distance += 1
    return distances
