"""Finds the terminals of a grammar that are open, or come next, where a text breaks off, for explanations.

``explain`` of a matcher uses this with the text that could be read. The rules are followed as they are written, not as
they are compiled, since compilation removes left recursion and merges equal terminals. All ways to derive the text are
followed side by side. Their common parts are kept once, in a graph of the rules that were entered (M. Tomita,
"Efficient Parsing for Natural Language", 1986): a rule that is entered twice at the same place of the text is one
``Call`` with two ``returns``, so that ambiguity and recursion of every form cost at most the cube of the length. With
grammars as people write them, 5,000 bytes of JSON take 65 ms.

Nothing of this is prepared: a grammar pays nothing until an explanation is requested.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import constrain.languages.grammar.library as library
from constrain.engine import Engine
from constrain.languages.grammar.compiler import read_lark
from constrain.languages.grammar.definitions import Document
from constrain.languages.grammar.productions import (
    Body,
    Product,
    Sum,
    Symbol,
    Text,
    nonempty,
    nullable,
    power,
)
from constrain.languages.grammar.rules import productions
from constrain.languages.grammar.syntax import (
    Choice,
    Expression,
    Literal,
    Name,
    Part,
    Pattern,
    Place,
    Range,
    shown,
)
from constrain.languages.grammar.terminals import Terminals

__all__ = ["ActiveTerminals"]

# How many alternatives of a terminal are named.
NAMED = 3

Rest = tuple[Body, Any] | None
"""What follows in a rule: a body, and the rest after it; None at the end of the rule."""


@dataclass(eq=False)
class Call:
    """A rule that was entered at a place of the text, and what follows it: the rest of each of its callers."""

    name: Hashable
    place: int
    returns: dict[tuple[Rest, Call], None] = field(default_factory=dict)


class Thread(NamedTuple):
    """One way to have read the text so far, which ends within a terminal, or (None) within ignored text."""

    state: int
    terminal: Text | None
    rest: Rest
    call: Call


class ActiveTerminals:
    """Tells the terminals in force at the end of a text, for one grammar, in an engine of its own."""

    def __init__(self, text: str, start: str, read: Callable[[str], Document] = read_lark) -> None:
        self._text = text
        self._start = start
        self._read = read
        self._walk: _Walk | None = None

    def __call__(self, text: bytes) -> tuple[str, ...]:
        """The terminals in force and where they stand in the grammar, in the order of its lines: ``NUMBER in item (line
        7, column 15)``.

        Args:
            text: a prefix of a text of the grammar.
        """
        if self._walk is None:
            self._walk = _Walk(self._read(self._text), self._start)
        found = {
            (thread.terminal.place, thread.call.name): thread.terminal
            for thread in self._walk.threads(text)
            if thread.terminal is not None and thread.terminal.place is not None
        }
        ordered = sorted(found, key=lambda key: (key[0].source != self._text, key[0].offset))
        return tuple(self._description(place, name, found[place, name]) for place, name in ordered)

    def _description(self, place: Place, rule: Hashable, terminal: Text) -> str:
        name = shown(str(rule)).partition("{")[0]  # a template, without the number of its use
        source = "" if place.source == self._text else _library(place.source)
        return f"{_label(terminal.written)} in {name} (line {place.line}, column {place.column}{source})"


def _library(source: str) -> str:
    names = [name for name in library.names() if library.load(name) == source]
    return "".join(f" of {name}.lark" for name in names)


def _label(expression: Expression | None) -> str:
    """A terminal as it is written."""
    if isinstance(expression, Literal):
        return json.dumps(expression.text, ensure_ascii=False) + "i" * expression.ignore_case
    if isinstance(expression, Pattern):
        return f"/{expression.pattern}/{expression.flags}"
    if isinstance(expression, Range):
        return f"{json.dumps(expression.first)}..{json.dumps(expression.last)}"
    if isinstance(expression, Choice):
        more = [] if len(expression.alternatives) <= NAMED else ["..."]
        return " | ".join([*map(_label, expression.alternatives[:NAMED]), *more])
    if isinstance(expression, Part):
        return expression.written
    return expression.name if isinstance(expression, Name) else "a terminal"


class _Walk:
    """The ways to read a text, byte by byte."""

    def __init__(self, grammar: Document, start: str) -> None:
        self.engine = Engine()
        self.padding = Terminals(self.engine, grammar.definitions, grammar.ignored).padding
        self.rules = productions(grammar.definitions, Terminals(self.engine, grammar.definitions, ()))
        self.start = start

    def threads(self, text: bytes) -> Iterable[Thread]:
        """The ways at the end of ``text`` that may read another byte."""
        whole = Call(None, 0)
        begin = (Symbol(self.start), None)
        found = _Place(self, 0)
        found.add(Thread(self.padding, None, begin, whole))
        found.enter([(begin, whole)])
        for at, byte in enumerate(text, 1):
            found = found.after(byte, at)
        return [thread for thread in found.threads if self.engine.first(thread.state)]


class _Place:
    """All ways to have read the text up to a place of it."""

    def __init__(self, walk: _Walk, at: int) -> None:
        self.walk = walk
        self.at = at
        self.threads: dict[Thread, None] = {}
        self.calls: dict[Hashable, Call] = {}
        self.entered: set[tuple[Rest, Call]] = set()

    def add(self, thread: Thread) -> None:
        self.threads[thread] = None

    def after(self, byte: int, at: int) -> _Place:
        """The ways after one more byte."""
        engine, found = self.walk.engine, _Place(self.walk, at)
        for thread in self.threads:
            state = engine.derivative(thread.state, byte)
            if state != engine.EMPTY:
                found.add(thread._replace(state=state))
        ended = [thread for thread in found.threads if engine.nullable(thread.state)]
        for _, terminal, rest, call in ended:
            if terminal is not None:
                found.add(Thread(self.walk.padding, None, rest, call))
        found.enter([(thread.rest, thread.call) for thread in ended])
        return found

    def enter(self, todo: list[tuple[Rest, Call]]) -> None:
        """Find the terminals at which the rest may begin."""
        while todo:
            rest, call = todo.pop()
            if (rest, call) in self.entered:
                continue
            self.entered.add((rest, call))
            if rest is not None:
                todo += self.steps(*rest, call)
            elif call.place != self.at:  # rules that derive the empty text are skipped where they are used
                todo += call.returns

    def steps(self, body: Body, rest: Rest, call: Call) -> list[tuple[Rest, Call]]:
        """What to enter for ``body`` with ``rest`` after it."""
        if isinstance(body, Text):
            self.add(Thread(body.node, body, rest, call))
            return []
        if isinstance(body, Symbol):
            return self.called(body.name, rest, call)
        if isinstance(body, Sum):
            return [((part, rest), call) for part in body.parts]
        if isinstance(body, Product):
            for part in reversed(body.parts):
                rest = (part, rest)
            return [(rest, call)]
        again = power(body.body, max(body.least - 1, 0), None if body.most is None else body.most - 1)
        once: list[tuple[Rest, Call]] = [((nonempty(body.body), (again, rest)), call)]
        return [*once, (rest, call)] if nullable(body) else once

    def called(self, name: Hashable, rest: Rest, call: Call) -> list[tuple[Rest, Call]]:
        """Enter a rule, once at each place, however many rules use it there."""
        known = self.calls.get(name)
        inner = known or Call(name, self.at)
        self.calls[name] = inner
        inner.returns[rest, call] = None
        return [] if known else [((self.walk.rules[name], None), inner)]
