"""The slow, obvious twin of the engine: Brzozowski derivatives over plain Python tuples.

``Oracle`` has the building methods of ``constrain.expression.Arena`` and the queries of
``constrain.engine.Engine``; an expression is a nested tuple instead of an int. It has no memo tables except those that
termination needs, no laws except those that keep tuples small, and no Cython. The same front end can therefore build
one language twice, and the two must agree on every byte.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

sys.setrecursionlimit(max(sys.getrecursionlimit(), 10_000))

Node = tuple[Any, ...]
ALL_BYTES = (1 << 256) - 1


class Oracle:
    EMPTY: Node = ("empty",)
    EPSILON: Node = ("epsilon",)

    def __init__(self) -> None:
        self._tables: list[tuple[tuple[bytes, ...], Callable[[Any, int], Node] | None]] = []
        self._references: list[tuple[Callable[[Any], Node], bool]] = []
        self._handlers: list[Any] = []
        self._bodies: dict[int, Node] = {}
        self._viable: dict[Node, bool] = {}

    # -- building -----------------------------------------------------------------------------

    def literal(self, data: bytes) -> Node:
        return ("literal", data) if data else self.EPSILON

    def byte_set(self, members: int) -> Node:
        return ("set", members) if members else self.EMPTY

    def concat(self, *parts: Node) -> Node:
        result = self.EPSILON
        for part in reversed(parts):
            if self.EMPTY in (part, result):
                result = self.EMPTY
            elif result == self.EPSILON:
                result = part
            elif part != self.EPSILON:
                result = ("concat", part, result)
        return result

    def union(self, parts: Iterable[Node]) -> Node:
        flat: set[Node] = set()
        for part in parts:
            flat.update(part[1] if part[0] == "union" else [part])
        flat.discard(self.EMPTY)
        if len(flat) < 2:
            return flat.pop() if flat else self.EMPTY
        return ("union", frozenset(flat))

    def intersection(self, parts: Iterable[Node]) -> Node:
        flat: set[Node] = set()
        for part in parts:
            flat.update(part[1] if part[0] == "intersection" else [part])
        if self.EMPTY in flat:
            return self.EMPTY
        flat.discard(self.complement(self.EMPTY))
        if len(flat) < 2:
            return flat.pop() if flat else self.complement(self.EMPTY)
        return ("intersection", frozenset(flat))

    def complement(self, body: Node) -> Node:
        return body[1] if body[0] == "complement" else ("complement", body)

    def repeat(self, body: Node, least: int = 0, most: int | None = None) -> Node:
        if most == 0 or body == self.EPSILON:
            return self.EPSILON
        if body == self.EMPTY:
            return self.EPSILON if least == 0 else self.EMPTY
        return body if (least, most) == (1, 1) else ("repeat", body, least, most)

    def reference(self, expand: Callable[[Any], Node], nullable: bool = False) -> Node:
        self._references.append((expand, nullable))
        return ("reference", len(self._references) - 1)

    def table(self, keys: Sequence[bytes], follow: Callable[[Any, int], Node] | None = None) -> int:
        self._tables.append((tuple(keys), follow))
        return len(self._tables) - 1

    def choice(self, table: int, first: int = 0, last: int | None = None) -> Node:
        last = len(self._tables[table][0]) - 1 if last is None else last
        return ("choice", table, first, last, b"") if first <= last else self.EMPTY

    def leaf(self, body: Node) -> Node:
        return body

    def text_set(self, texts: Iterable[bytes]) -> frozenset[bytes]:
        return frozenset(texts)

    def with_text(self, texts: frozenset[bytes], text: bytes) -> frozenset[bytes]:
        return texts | {text}

    def holds(self, texts: frozenset[bytes], text: bytes) -> bool:
        return text in texts

    def texts(self, texts: frozenset[bytes]) -> list[bytes]:
        return sorted(texts)

    def text_count(self, texts: frozenset[bytes]) -> int:
        return len(texts)

    def beginning_with(self, texts: frozenset[bytes], begun: bytes) -> frozenset[bytes]:
        return frozenset(text for text in texts if text.startswith(begun))

    def capture(self, leaf: Node, handler: Any) -> Node:
        self._handlers.append(handler)
        return ("capture", leaf, len(self._handlers) - 1, b"")

    def record(self, body: Node, handler: Any) -> Node:
        self._handlers.append(handler)
        return ("record", body, len(self._handlers) - 1, b"")

    # -- queries ------------------------------------------------------------------------------

    def nullable(self, node: Node) -> bool:
        match node:
            case ("epsilon",):
                return True
            case ("empty",) | ("literal", _) | ("set", _) | ("capture", *_) | ("record", *_):
                return False
            case ("concat", head, tail):
                return self.nullable(head) and self.nullable(tail)
            case ("union", parts):
                return any(self.nullable(part) for part in parts)
            case ("intersection", parts):
                return all(self.nullable(part) for part in parts)
            case ("complement", body):
                return not self.nullable(body)
            case ("repeat", body, least, _):
                return least == 0 or self.nullable(body)
            case ("reference", number):
                return self._references[number][1]
            case ("choice", table, first, last, seen):
                keys = self._tables[table][0]
                return any(
                    keys[i] == seen and self.nullable(self._follow(table, i)) for i in range(first, last + 1)
                )
        raise AssertionError(node)

    def derivative(self, node: Node, byte: int) -> Node:
        result = self._derivative(node, byte)
        return result if self._is_viable(result) else self.EMPTY

    def run(self, node: Node, data: bytes) -> Node:
        for byte in data:
            node = self.derivative(node, byte)
        return node

    advance = run

    def matches(self, node: Node, data: bytes) -> bool:
        return self.nullable(self.run(node, data))

    def inspect(self, node: Node) -> Node:
        return node

    def is_empty(self, node: Node) -> bool:
        return not self._is_viable(node)

    def first(self, node: Node) -> int:
        """The bytes that a text may begin with."""
        return sum(1 << byte for byte in range(256) if self.derivative(node, byte) != self.EMPTY)

    def transitions(self, node: Node) -> list[tuple[int, Node]]:
        """Byte sets and what follows each of their bytes; where nothing follows, there is none."""
        targets: dict[Node, int] = {}
        for byte in range(256):
            after = self.derivative(node, byte)
            targets[after] = targets.get(after, 0) | 1 << byte
        targets.pop(self.EMPTY, None)
        return [(members, after) for after, members in targets.items()]

    # -- the rules ----------------------------------------------------------------------------

    def _derivative(self, node: Node, byte: int) -> Node:
        match node:
            case ("empty",) | ("epsilon",):
                return self.EMPTY
            case ("literal", data):
                return self.literal(data[1:]) if data[0] == byte else self.EMPTY
            case ("set", members):
                return self.EPSILON if members >> byte & 1 else self.EMPTY
            case ("concat", head, tail):
                first = self.concat(self._derivative(head, byte), tail)
                second = self._derivative(tail, byte) if self.nullable(head) else self.EMPTY
                return self.union([first, second])
            case ("union", parts):
                return self.union(self._derivative(part, byte) for part in parts)
            case ("intersection", parts):
                return self.intersection([self._derivative(part, byte) for part in parts])
            case ("complement", body):
                return self.complement(self._derivative(body, byte))
            case ("repeat", body, least, most):
                rest = self.repeat(body, max(least - 1, 0), None if most is None else most - 1)
                return self.concat(self._derivative(body, byte), rest)
            case ("reference", number):
                return self._derivative(self._body(number), byte)
            case ("choice", table, first, last, seen):
                return self._derivative_of_choice(table, first, last, seen, byte)
            case ("capture", leaf, handler, seen):
                return self._derivative_of_capture(leaf, handler, seen, byte)
            case ("record", body, handler, seen):
                return self._derivative_of_record(body, handler, seen, byte)
        raise AssertionError(node)

    def _derivative_of_choice(self, table: int, first: int, last: int, seen: bytes, byte: int) -> Node:
        keys = self._tables[table][0]
        longer = seen + bytes([byte])
        finished = [
            self._derivative(self._follow(table, i), byte) for i in range(first, last + 1) if keys[i] == seen
        ]
        alive = any(keys[i].startswith(longer) for i in range(first, last + 1))
        return self.union([*finished, ("choice", table, first, last, longer) if alive else self.EMPTY])

    def _derivative_of_capture(self, leaf: Node, handler: int, seen: bytes, byte: int) -> Node:
        residual = self.derivative(leaf, byte)
        longer = seen + bytes([byte])
        if residual == self.EMPTY:
            return self.EMPTY
        if residual == self.EPSILON:
            result: Node = self._handlers[handler].complete(self, longer)
            return result
        return ("capture", residual, handler, longer)

    def _derivative_of_record(self, body: Node, handler: int, seen: bytes, byte: int) -> Node:
        residual = self.derivative(body, byte)
        longer = seen + bytes([byte])
        if residual == self.EMPTY:
            return self.EMPTY
        answer = self._handlers[handler].complete(self, longer) if self.nullable(residual) else self.EMPTY
        return self.union([answer, ("record", residual, handler, longer)])

    def _follow(self, table: int, index: int) -> Node:
        follow = self._tables[table][1]
        return self.EPSILON if follow is None else follow(self, index)

    def _body(self, number: int) -> Node:
        if number not in self._bodies:
            expand, nullable = self._references[number]
            self._bodies[number] = expand(self)
            assert self.nullable(self._bodies[number]) == nullable
        return self._bodies[number]

    def _is_viable(self, node: Node) -> bool:
        """Whether some text is accepted. Only intersection and complement need a search."""
        match node:
            case ("empty",):
                return False
            case ("concat", head, tail):
                return self._is_viable(head) and self._is_viable(tail)
            case ("union", parts):
                return any(self._is_viable(part) for part in parts)
            case ("intersection", _) | ("complement", _):
                return self._search(node)
            case ("repeat", body, least, _):
                return least == 0 or self._is_viable(body)
        return True

    def _search(self, start: Node) -> bool:
        if start not in self._viable:
            seen, todo, found = {start}, [start], False
            while todo and not found:
                node = todo.pop()
                found = self.nullable(node)
                for byte in range(256):
                    after = self._derivative(node, byte)
                    if after != self.EMPTY and after not in seen:
                        seen.add(after)
                        todo.append(after)
            self._viable[start] = found
        return self._viable[start]
