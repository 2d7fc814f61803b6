"""Peaks: how far a text can come to be from its end, whatever is read of it.

A peak of a regular expression is at least the length of a shortest completion of each of its
derivatives, in bytes. It is found from the structure, without deriving; only where there is an
intersection or a complement are the states searched.
"""

from __future__ import annotations

from typing import Any

from constrain.engine.completion import Completions, avoiding_text
from constrain.engine.derivative import Engine
from constrain.engine.described import Described

__all__ = ["UNBOUNDED", "Peaks", "longest_of_first"]

# No peak is known.
UNBOUNDED = 1 << 24

# States that the search behind an intersection or a complement, or in a captured text, may visit.
STATE_LIMIT = 2_000


class Peaks:
    """Peaks of one engine's nodes."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.completions = Completions(engine)
        self.known: dict[int, int] = {}
        self.captures: dict[tuple[int, int], int] = {}

    def inside(self, node: int, kind: str, fields: list[Any]) -> int | None:
        """The peak of what is left of ``node`` when something of it has been read; None if its parts tell."""
        if kind == "literal":
            return len(fields[0]) - 1
        if kind == "leaf":
            return self.of(fields[0])
        return 0 if kind == "byte_set" else None

    def of(self, node: int) -> int:
        """The peak of a regular expression."""
        peak = self.known.get(node)
        if peak is None:
            self.known[node] = UNBOUNDED  # should it lead back to itself
            kind, *fields = self.engine.inspect(node)
            peak = self.known[node] = self._of(node, kind, fields)
        return peak

    def shortest(self, node: int) -> int:
        """The length of a shortest text."""
        return self.completions.cheapest(node)[0]

    def _of(self, node: int, kind: str, fields: list[Any]) -> int:
        if kind == "literal":
            return len(fields[0])
        if kind == "byte_set":
            return 1
        if kind == "concat":
            return self._of_spine(node)
        if kind == "union":
            live = [
                part for part in fields[0] if not self.engine.is_empty(part)
            ]  # a conjunction may be empty
            return max(map(self.of, live), default=0)
        if kind == "repeat":
            more = max(int(fields[1]) - 1, 0)
            return self.of(fields[0]) + more * self.shortest(fields[0])
        if kind == "choice":
            return max(
                max(len(key) + self.shortest(follow()), self.of(follow()))
                for key, follow in self.engine.choices(node)
            )
        if kind == "reference" and isinstance(fields[1], Described):
            return UNBOUNDED
        if kind in ("leaf", "reference"):
            return self.of(fields[0])
        if kind in ("intersection", "complement"):
            return _furthest(self.engine, node)
        return 0

    def _of_spine(self, node: int) -> int:
        """A concatenation, from its last part to its first."""
        parts = []
        kind, *fields = self.engine.inspect(node)
        while kind == "concat":
            parts.append(fields[0])
            node = fields[1]
            kind, *fields = self.engine.inspect(node)
        peak, behind = self.of(node), self.shortest(node)
        for part in reversed(parts):
            peak = max(peak, self.of(part) + behind)
            behind += self.shortest(part)
        return peak

    def captured(self, body: int, texts: int) -> int:
        """The peak of the texts of a capture where all but one of ``texts`` of them may be refused."""
        peak = self.captures.get((body, texts))
        if peak is None:
            graph = _graph(self.engine, body)
            rests = [state for state in graph if state != self.engine.EPSILON]
            peak = max((longest_of_first(self.engine, state, texts) for state in rests), default=UNBOUNDED)
            self.captures[body, texts] = peak
        return peak

    def ordinary_suffix(self, body: int, text: bytes, handler: Any) -> bytes:
        """What can come behind ``text`` in a capture so that it is not refused."""
        suffix = avoiding_text(self.engine, body, UNBOUNDED, handler.refused(self.engine), text)
        if suffix is None:
            raise AssertionError("a capture refuses all texts")
        return suffix


def longest_of_first(engine: Engine, node: int, count: int) -> int:
    """The length of the longest among ``count`` shortest texts of a regular expression; ``UNBOUNDED`` if it
    has fewer."""
    found, length = 0, 0
    layer = {node: 1}
    while layer:
        found += sum(ways for state, ways in layer.items() if engine.nullable(state))
        if found >= count:
            return length
        following: dict[int, int] = {}
        for state, ways in layer.items():
            for members, target in engine.transitions(state):
                ways_there = following.get(target, 0) + ways * members.bit_count()
                following[target] = min(ways_there, count)
        layer = following
        length += 1
    return UNBOUNDED


def _furthest(engine: Engine, node: int) -> int:
    """The largest distance from a state of a regular expression to its end, by a search from the ends."""
    graph = _graph(engine, node)
    sources: dict[int, list[int]] = {state: [] for state in graph}
    for state, targets in graph.items():
        for target in targets:
            sources[target].append(state)
    layer = {state for state in graph if engine.nullable(state)}
    seen, distance = set(layer), -1
    while layer:
        layer = {source for state in layer for source in sources[state]} - seen
        seen |= layer
        distance += 1
    return max(distance, 0) if graph else UNBOUNDED


def _graph(engine: Engine, node: int) -> dict[int, list[int]]:
    """The states of a regular expression and where their edges lead; nothing if they are many."""
    graph: dict[int, list[int]] = {}
    todo = [node]
    while todo:
        state = todo.pop()
        if state not in graph:
            graph[state] = [target for _, target in engine.transitions(state)]
            todo += graph[state]
        if len(graph) > STATE_LIMIT:
            return {}
    return graph
