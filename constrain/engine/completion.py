"""Shortest completions: the least that ends a text from here.

A structural recursion with a growing limit (iterative deepening): the branches of an optional, expensive part are given
up as soon as they exceed what a cheaper part needs, so that parts which are built lazily stay unbuilt. A reference
cannot reach itself before a byte is read, so the limit shrinks with every turn of a recursion, and the search ends.

What is least depends on the ``price`` of a literal: its bytes, or the tokens of a vocabulary that spell it. A text
costs what its parts cost, spelled one by one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator
from typing import Any

from constrain.engine.derivative import Engine
from constrain.engine.described import Deferred, Described, Represented
from constrain.errors import WorkLimitExceeded
from constrain.work import checkpoint

__all__ = ["Completions", "avoiding_text", "forced_text", "shortest_text"]

# Longer completions are not found.
LONGEST = 1 << 20

# How many states of one regular expression are examined, which takes some seconds.
MAX_STATES = 100_000

# A completion of a node: its price, and its text.
Completion = tuple[int, bytes]
Answer = Completion | None

_NOTHING: Completion = (0, b"")


def shortest_text(engine: Engine, node: int) -> bytes:
    """A shortest text of ``node``. For a capture, the shortest text that may be captured is taken, and then the
    shortest continuation of that text.

    Raises:
        ValueError: ``node`` is empty.
        WorkLimitExceeded: every text is longer than a megabyte, or finding one takes too much work.
    """
    return Completions(engine).cheapest(node)[1]


def forced_text(engine: Engine, node: int, limit: int = LONGEST) -> bytes:
    """The longest text that every text of ``node`` begins with, up to ``limit`` bytes."""
    text = bytearray()
    while len(text) < limit and not engine.nullable(node):
        live = engine.first(node)
        if live & (live - 1):
            break
        text.append(live.bit_length() - 1)
        node = engine.derivative(node, text[-1])
    return bytes(text)


# A rule is a generator: it yields the (node, limit) whose completion it needs, is sent that completion or None, and
# returns its own. Recursion is a loop over a stack of generators, because documents may be nested deeper than Python
# allows calls to be.
Rule = Generator[tuple[int, int], Answer, Answer]


class Completions:
    """The cheapest completions of the nodes of one engine, kept as they are found."""

    def __init__(self, engine: Engine, price: Callable[[bytes], int] = len) -> None:
        """``price(text)`` of a literal is at most ``len(text)``, and at least 1 if there is any text."""
        self.engine = engine
        self.price = price
        self.known: dict[int, Completion] = {}
        self.failed: dict[int, int] = {}
        self._stand_ins: set[int] = set()
        self._least: dict[int, int] = {}
        self._texts = 0  # bytes of the known texts

    def stand_in(self, node: int) -> None:
        """Declare that the empty text completes ``node``: what it stands for is counted elsewhere."""
        self._stand_ins.add(node)
        self.known[node] = _NOTHING

    def forget(self) -> None:
        """Drop what is known; it is found again when it is needed."""
        self.known = dict.fromkeys(self._stand_ins, _NOTHING)
        self.failed.clear()
        self._least.clear()
        self._texts = 0

    def cheapest(self, node: int) -> Completion:
        """The price of a cheapest text of ``node``, and that text.

        Raises:
            ValueError: ``node`` is empty.
            WorkLimitExceeded: every text costs more than a megabyte.
        """
        decided, answer = self.recall(node, LONGEST)
        if decided and answer is not None:
            return answer
        if self.engine.is_empty(node):
            raise ValueError("an empty language has no shortest text")
        limit = 8
        while limit <= LONGEST:
            answer = self.within(node, limit)
            if answer is not None:
                return answer
            limit *= 2
        raise WorkLimitExceeded(
            f"every completion is longer than {LONGEST} bytes", limit="LONGEST", value=LONGEST
        )

    def within(self, node: int, limit: int) -> Answer:
        """A cheapest text of ``node`` if it costs at most ``limit``."""
        stack: list[tuple[int, int, Rule]] = []
        wanted: tuple[int, int] | None = (node, limit)
        answer: Answer = None
        while wanted is not None or stack:
            checkpoint()
            if wanted is not None:
                decided, answer = self.recall(*wanted)
                if not decided:
                    stack.append((*wanted, self.rule(*wanted)))
                elif not stack:
                    break
            wanted, answer = self.resume(stack, answer)
        return answer

    def least(self, node: int) -> int:
        """A lower bound on the cost of texts of ``node``, a concatenation, from its literals. With it, a long one is
        not followed again and again with limits that it exceeds."""
        spine: list[tuple[int, int]] = []
        while node not in self._least:
            head, rest = self.engine.inspect(node)[1:]
            spine.append((node, self._least_part(head)))
            node = rest
            if self.engine.supplier(node) is not None or self.engine.inspect(node)[0] != "concat":
                self._least[node] = self._least_part(node)
        total = self._least[node]
        for node, least in reversed(spine):
            total = self._least[node] = total + least
        return total

    def _least_part(self, node: int) -> int:
        if self.engine.nullable(node) or node in self._stand_ins:
            return 0
        if self.engine.supplier(node) is not None:
            return 1
        kind, *fields = self.engine.inspect(node)
        return self.price(fields[0]) if kind == "literal" else 1

    def rule(self, node: int, limit: int) -> Rule:
        """The rule that answers an undecided question. The body of a reference is not built just to choose a rule."""
        if self.engine.supplier(node) is not None:
            return _reference(self, node, [], limit)
        kind, *fields = self.engine.inspect(node)
        return _RULES[kind](self, node, fields, limit)

    def recall(self, node: int, limit: int) -> tuple[bool, Answer]:
        """Whether the question is decided already, and its answer."""
        if limit < 0 or self.failed.get(node, -1) >= limit:
            return True, None
        if self.engine.nullable(node):
            return True, _NOTHING
        found = self.known.get(node)
        if found is None:
            return False, None
        return True, found if found[0] <= limit else None

    def resume(
        self, stack: list[tuple[int, int, Rule]], sent: Answer
    ) -> tuple[tuple[int, int] | None, Answer]:
        """Resume the innermost rule; return what it needs next, or else its answer."""
        node, limit, rule = stack[-1]
        try:
            return rule.send(sent), None
        except StopIteration as finished:
            stack.pop()
            answer: Answer = finished.value
        if answer is None:
            self.failed[node] = limit
        else:
            self.keep(node, answer)
        return None, answer

    def keep(self, node: int, answer: Completion) -> None:
        """Remember an answer. In a long concatenation each part has one, with the text of all that follows."""
        if node not in self.known:
            self._texts += len(answer[1])
        self.known[node] = answer

    def footprint(self) -> int:
        """Bytes in use."""
        return self._texts + 250 * len(self.known) + 100 * (len(self.failed) + len(self._least))


def _empty(search: Completions, node: int, fields: list[Any], limit: int) -> Rule:
    return None
    yield


def _literal(search: Completions, node: int, fields: list[Any], limit: int) -> Rule:
    price = search.price(fields[0])
    return (price, fields[0]) if price <= limit else None
    yield


def _byte_set(search: Completions, node: int, fields: list[Any], limit: int) -> Rule:
    return (1, bytes([_plainest(fields[0])])) if limit else None
    yield


def _concat(search: Completions, node: int, fields: list[Any], limit: int) -> Rule:
    """Complete all of a concatenation at once: a rule for each part would take four times as long."""
    if search.least(node) > limit:
        return None
    engine, spine = search.engine, []
    while True:
        decided, head = search.recall(fields[0], limit)
        if not decided:
            head = yield fields[0], limit
        if head is None:
            return None
        checkpoint(20)
        spine.append((node, head))
        node, limit = fields[1], limit - head[0]
        decided, answer = search.recall(node, limit)
        if decided:
            break
        kind, *fields = engine.inspect(node) if engine.supplier(node) is None else ("reference",)
        if kind != "concat":
            answer = yield node, limit
            break
    if answer is None:
        return None
    for node, head in reversed(spine):
        answer = head[0] + answer[0], head[1] + answer[1]
        search.keep(node, answer)
    return answer


def _union(search: Completions, node: int, fields: list[Any], limit: int) -> Rule:
    best = None
    for part in fields[0]:
        found = yield part, limit
        if found is not None:
            best, limit = found, found[0] - 1
    return best


def _repeat(search: Completions, node: int, fields: list[Any], limit: int) -> Rule:
    body, least, _ = fields
    found = yield body, limit // least
    return None if found is None else (found[0] * least, found[1] * least)


def _body(search: Completions, node: int, fields: list[Any], limit: int) -> Rule:
    return (yield fields[0], limit)


def _reference(search: Completions, node: int, fields: list[Any], limit: int) -> Rule:
    expand = search.engine.supplier(node)
    if isinstance(expand, Deferred) and expand.least > limit:
        return None
    if isinstance(expand, Described):
        text = expand.shortest()
        price = search.price(text)
        return (price, text) if price <= limit else None
    if isinstance(expand, Represented):
        return (yield expand.ending(search.engine), limit)
    return (yield search.engine.inspect(node)[1], limit)


def _choice(search: Completions, node: int, fields: list[Any], limit: int) -> Rule:
    best = None
    options = [
        (search.price(prefix), len(prefix), place, prefix, follow)
        for place, (prefix, follow) in enumerate(search.engine.choices(node))
    ]
    for price, _, _, prefix, follow in sorted(options):
        if price > limit:
            break
        rest = yield follow(), limit - price
        if rest is not None:
            best = price + rest[0], prefix + rest[1]
            limit = best[0] - 1
    return best


def _capture(search: Completions, node: int, fields: list[Any], limit: int) -> Rule:
    body, text, handler = fields
    if not handler.alike:
        return (yield search.engine.union(search.engine.captures(node)), limit)
    suffix = avoiding_text(search.engine, body, limit, handler.refused(search.engine), text)
    if suffix is None:
        return None
    rest = yield handler.complete(search.engine, text + suffix), limit - len(suffix)
    return None if rest is None else (len(suffix) + rest[0], suffix + rest[1])


def _record(search: Completions, node: int, fields: list[Any], limit: int) -> Rule:
    body, text, handler = fields
    if search.engine.nullable(body):  # what follows the text as it is, is another part of the union
        return None
    suffix = yield body, limit - 1
    if suffix is None:
        return None
    rest = yield handler.complete(search.engine, text + suffix[1]), limit - suffix[0]
    return None if rest is None else (suffix[0] + rest[0], suffix[1] + rest[1])


def _regular(search: Completions, node: int, fields: list[Any], limit: int) -> Rule:
    """Find a shortest text. For every state on its way, the rest of it is a shortest text, which is kept as well."""
    text = avoiding_text(search.engine, node, limit)
    if text is None:
        return None
    rest = node
    for i in range(len(text) - 1):
        rest = search.engine.derivative(rest, text[i])
        if rest not in search.known:
            search.keep(rest, (len(text) - i - 1, text[i + 1 :]))
    return len(text), text
    yield


_RULES: dict[str, Callable[[Completions, int, list[Any], int], Rule]] = {
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
    "record": _record,
    "intersection": _regular,
    "complement": _regular,
}


def avoiding_text(
    engine: Engine, start: int, limit: int, without: int = Engine.EMPTY, begun: bytes = b""
) -> bytes | None:
    """A shortest text of the regular expression ``start`` such that ``begun`` and this text together are not in the
    text set ``without``.

    The search is breadth first. Texts that are a prefix of none of ``without`` are equivalent where they lead to the
    same state. The others are examined one by one, each with the texts of ``without`` that it is a prefix of. Raises
    WorkLimitExceeded.
    """
    if engine.nullable(start) and not engine.holds(without, begun):
        return b""
    visited: set[int] = set()
    queue: deque[tuple[int, bytes, int]] = deque([(start, b"", engine.beginning_with(without, begun))])
    while queue:
        checkpoint()
        node, text, near = queue.popleft()
        if len(text) == limit or (near == engine.EMPTY and node in visited):
            continue
        if near == engine.EMPTY:
            visited.add(node)
            if len(visited) > MAX_STATES:
                raise WorkLimitExceeded(
                    f"no shortest text is found in the first {MAX_STATES} states of a pattern",
                    limit="MAX_STATES",
                    value=MAX_STATES,
                )
        for byte, target, avoided in _branches(engine, node, len(begun + text), near):
            longer = text + bytes([byte])
            if engine.nullable(target) and not engine.holds(avoided, begun + longer):
                return longer
            queue.append((target, longer, avoided))
    return None


def _branches(engine: Engine, node: int, depth: int, near: int) -> Iterator[tuple[int, int, int]]:
    """The steps from ``node``, each as a byte, its target, and the texts of ``near`` (of which ``depth`` bytes are
    read) that go on after the byte: for each edge, one byte after which no text must be avoided, and every byte after
    which a longer text of ``near`` is still possible."""
    avoided = engine.by_next_byte(near, depth)
    others = ALL_BYTES
    for byte, _ in avoided:
        others &= ~(1 << byte)
    for members, target in engine.transitions(node):
        if members & others:
            yield _plainest(members & others), target, engine.EMPTY
        for byte, texts in avoided:
            if members >> byte & 1:
                yield byte, target, texts


ALL_BYTES = (1 << 256) - 1
# In this order: lower case is right where either is, and parsers of dates know no year 0000.
_PREFERRED = [
    sum(1 << byte for byte in some)
    for some in (b"abcdefghijklmnopqrstuvwxyz", b"123456789", b"0", range(0x41, 0x5B), range(0x21, 0x7F))
]


_UPPER_CASE = sum(1 << byte for byte in range(0x41, 0x5B))


def _plainest(members: int) -> int:
    """A byte of a set that is pleasant to read and that common parsers accept, if there is one."""
    upper = members & _UPPER_CASE
    # The T and the Z of a time may be in either case.
    if members == upper | upper << 32 and not upper & (upper - 1):
        return (upper & -upper).bit_length() - 1
    for preferred in _PREFERRED:
        if members & preferred:
            members &= preferred
            break
    return (members & -members).bit_length() - 1
