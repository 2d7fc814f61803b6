"""Shortest completions: how few bytes can end a text from here.

A structural recursion with a growing limit (iterative deepening): the branches of an optional,
expensive part are given up as soon as they exceed what a cheaper part needs, so what is built
lazily stays unbuilt. A reference cannot come back to itself before a byte is read, so the limit
shrinks on every way around a recursion, and the search ends.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from typing import Any

from constrain.engine.derivative import Engine
from constrain.engine.described import Described
from constrain.errors import WorkLimitExceeded

__all__ = ["shortest_text"]

# Completions longer than this are given up on.
LONGEST = 1 << 20

# States of one regular expression that are looked at: some seconds of work.
MAX_STATES = 100_000


def shortest_text(engine: Engine, node: int) -> bytes:
    """A shortest text of ``node``. Behind a captured text, the shortest such text is taken.

    Raises:
        ValueError: ``node`` is empty.
        WorkLimitExceeded: every text is longer than a megabyte, or finding one takes too much work.
    """
    if engine.is_empty(node):
        raise ValueError("an empty language has no shortest text")
    limit = 8
    while limit <= LONGEST:
        text = _Search(engine).text(node, limit)
        if text is not None:
            return text
        limit *= 2
    raise WorkLimitExceeded(f"every completion is longer than {LONGEST} bytes")


# A rule is a generator: it yields the (node, limit) whose text it needs, is sent that text or None, and
# returns its own. Recursion is a loop over a stack of generators, for documents nest deeper than Python does.
Rule = Generator[tuple[int, int], "bytes | None", "bytes | None"]


class _Search:
    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.known: dict[int, bytes] = {}
        self.failed: dict[int, int] = {}

    def text(self, node: int, limit: int) -> bytes | None:
        """A shortest text of ``node`` if one has at most ``limit`` bytes."""
        stack: list[tuple[int, int, Rule]] = []
        wanted: tuple[int, int] | None = (node, limit)
        answer: bytes | None = None
        while wanted is not None or stack:
            if wanted is not None:
                decided, answer = self.recall(*wanted)
                if not decided:
                    kind, *fields = self.engine.inspect(wanted[0])
                    stack.append((*wanted, _RULES[kind](self.engine, wanted[0], fields, wanted[1])))
                elif not stack:
                    break
            wanted, answer = self.resume(stack, answer)
        return answer

    def recall(self, node: int, limit: int) -> tuple[bool, bytes | None]:
        """Whether the question is decided already, and its answer."""
        if limit < 0 or self.failed.get(node, -1) >= limit:
            return True, None
        if self.engine.nullable(node):
            return True, b""
        found = self.known.get(node)
        if found is None:
            return False, None
        return True, found if len(found) <= limit else None

    def resume(
        self, stack: list[tuple[int, int, Rule]], sent: bytes | None
    ) -> tuple[tuple[int, int] | None, bytes | None]:
        """Let the innermost rule go on; what it needs next, or else its answer."""
        node, limit, rule = stack[-1]
        try:
            return rule.send(sent), None
        except StopIteration as finished:
            stack.pop()
            answer: bytes | None = finished.value
        if answer is None:
            self.failed[node] = limit
        else:
            self.known[node] = answer
        return None, answer


def _empty(engine: Engine, node: int, fields: list[Any], limit: int) -> Rule:
    return None
    yield


def _literal(engine: Engine, node: int, fields: list[Any], limit: int) -> Rule:
    return fields[0] if len(fields[0]) <= limit else None
    yield


def _byte_set(engine: Engine, node: int, fields: list[Any], limit: int) -> Rule:
    return bytes([_plainest(fields[0])]) if limit else None
    yield


def _concat(engine: Engine, node: int, fields: list[Any], limit: int) -> Rule:
    head = yield fields[0], limit
    if head is None:
        return None
    tail = yield fields[1], limit - len(head)
    return None if tail is None else head + tail


def _union(engine: Engine, node: int, fields: list[Any], limit: int) -> Rule:
    best = None
    for part in fields[0]:
        text = yield part, limit
        if text is not None:
            best, limit = text, len(text) - 1
    return best


def _repeat(engine: Engine, node: int, fields: list[Any], limit: int) -> Rule:
    body, least, _ = fields
    text = yield body, limit // least
    return None if text is None else text * least


def _body(engine: Engine, node: int, fields: list[Any], limit: int) -> Rule:
    return (yield fields[0], limit)


def _reference(engine: Engine, node: int, fields: list[Any], limit: int) -> Rule:
    body, expand = fields
    if isinstance(expand, Described):
        text = expand.shortest()
        return text if len(text) <= limit else None
    return (yield body, limit)


def _choice(engine: Engine, node: int, fields: list[Any], limit: int) -> Rule:
    best = None
    for prefix, follow in sorted(engine.choices(node), key=lambda option: len(option[0])):
        if len(prefix) > limit:
            break
        rest = yield follow(), limit - len(prefix)
        if rest is not None:
            best = prefix + rest
            limit = len(best) - 1
    return best


def _capture(engine: Engine, node: int, fields: list[Any], limit: int) -> Rule:
    body, text, handler = fields
    special = {key[len(text) :] for key in handler.special if key.startswith(text)}
    suffixes = [suffix for suffix in special if suffix and engine.matches(body, suffix)]
    plain = _breadth_first(engine, body, limit, special)
    best = None
    for suffix in sorted(suffixes if plain is None else [*suffixes, plain], key=len):
        follow = handler.complete(engine, text + suffix)
        if follow != engine.EMPTY:
            rest = yield follow, limit - len(suffix)
            if rest is not None:
                best = suffix + rest
                limit = len(best) - 1
    return best


def _regular(engine: Engine, node: int, fields: list[Any], limit: int) -> Rule:
    return _breadth_first(engine, node, limit, set())
    yield


_RULES: dict[str, Callable[[Engine, int, list[Any], int], Rule]] = {
    "empty": _empty,
    "literal": _literal,
    "byte_set": _byte_set,
    "concat": _concat,
    "union": _union,
    "repeat": _repeat,
    "reference": _reference,
    "leaf": _body,
    "choice": _choice,
    "capture": _capture,
    "intersection": _regular,
    "complement": _regular,
}


def _breadth_first(engine: Engine, start: int, limit: int, without: set[bytes]) -> bytes | None:
    """A shortest text of the regular expression ``start`` that is not in ``without``.

    A state is visited once for each text in ``without`` and once more: of that many different texts
    that lead to it, one is not a prefix of what is to be avoided. Raises WorkLimitExceeded.
    """
    visits: dict[int, int] = {}
    queue = deque([(start, b"")])
    while queue:
        node, text = queue.popleft()
        if engine.nullable(node) and text not in without:
            return text
        if len(text) == limit or visits.get(node, 0) > len(without):
            continue
        visits[node] = visits.get(node, 0) + 1
        if len(visits) > MAX_STATES:
            raise WorkLimitExceeded(f"a shortest text is not among the first {MAX_STATES} states of a pattern")
        for members, target in engine.transitions(node):
            queue.extend((target, text + bytes([byte])) for byte in _some(members, len(without) + 1))
    return None


def _some(members: int, count: int) -> list[int]:
    """Up to ``count`` bytes of a set, letters and digits first."""
    chosen: list[int] = []
    while members and len(chosen) < count:
        byte = _plainest(members)
        chosen.append(byte)
        members &= ~(1 << byte)
    return chosen


_PLAIN = sum(1 << byte for byte in b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_DIGITS = sum(1 << byte for byte in b"0123456789")
_VISIBLE = sum(1 << byte for byte in range(0x21, 0x7F))


def _plainest(members: int) -> int:
    """A byte of a set that is pleasant to read, if there is one."""
    for preferred in (_DIGITS, _PLAIN, _VISIBLE):
        if members & preferred:
            members &= preferred
            break
    return (members & -members).bit_length() - 1
