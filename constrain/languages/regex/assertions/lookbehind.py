"""Lookbehinds of more than one character, as automata that run along the text from its start.

The automaton of ``(?<=y)`` recognises 'any text, then y'; its set of states is part of the left
context (``borders``), which makes lookbehind exact wherever it occurs. Assertions inside y are guards on transitions
that consume nothing. They are evaluated at their own place, by the left context and the next character there.
"""

from __future__ import annotations

from typing import NoReturn, Protocol

from constrain.errors import RegexError
from constrain.languages.regex.parsing.analysis import width
from constrain.languages.regex.parsing.syntax import Alt, Chars, Concat, End, Look, Loop, Node, Text
from constrain.languages.regex.unicode import ranges as sets
from constrain.languages.regex.unicode.ranges import Ranges

MOST_STATES = 5000


class Places(Protocol):
    """What a lookbehind asks of ``Borders``, to which it belongs."""

    source: str
    atoms: list[Ranges]
    everything: int

    def bits(self, atom: int) -> int: ...

    def states(self, left: int, lookbehind: int) -> frozenset[int]: ...

    def allowed(self, node: Node, left: int) -> int: ...

    def looks_ahead(self, node: Look) -> bool: ...

    def automaton(self, node: Node) -> Lookbehind | None: ...


class Lookbehind:
    """A nondeterministic automaton; state 0 is its start, state 1 accepts."""

    def __init__(self, node: Look, borders: Places) -> None:
        self.offset = node.offset
        self._borders = borders
        self._consume: list[list[tuple[Ranges, int]]] = [[], []]
        self._skip: list[list[tuple[Node | None, int]]] = [[], []]
        self._accepting: dict[int, int] = {}
        # How far assertions inside the body look to the left of their place; None: no bound.
        self._reach: int | None = 1
        self._add(node.body, 0, 1)
        self.initial: frozenset[int] = frozenset([0])
        length = width(node.body)[1]
        self.window = None if length is None or self._reach is None else length + self._reach

    def step(self, left: int, number: int, atom: int) -> frozenset[int]:
        """The states after a character of ``atom``; ``number``: of this automaton in the record."""
        letter = self._borders.atoms[atom][0][0]
        here = self._closure(left, number, self._borders.bits(atom))
        edges = [edge for state in here for edge in self._consume[state]]
        return self.initial.union(target for ranges, target in edges if sets.contains(ranges, letter))

    def accepting(self, left: int, number: int) -> int:
        """The right mask under which the lookbehind's body ends at a place with this left context."""
        if left not in self._accepting:
            bit, mask = 1, 0
            while bit <= self._borders.everything:
                if 1 in self._closure(left, number, bit):
                    mask |= bit
                bit <<= 1
            self._accepting[left] = mask
        return self._accepting[left]

    def _closure(self, left: int, number: int, right: int) -> set[int]:
        """States reached without consuming, where ``right`` is the mask of the next character."""
        todo = list(self._borders.states(left, number))
        seen = set(todo)
        while todo:
            for guard, target in self._skip[todo.pop()]:
                if target not in seen and (guard is None or self._borders.allowed(guard, left) & right):
                    seen.add(target)
                    todo.append(target)
        return seen

    # -- building -----------------------------------------------------------------------------

    def _state(self) -> int:
        if len(self._skip) >= MOST_STATES:
            self._refuse("lookbehind is too long", self.offset)
        self._consume.append([])
        self._skip.append([])
        return len(self._skip) - 1

    def _refuse(self, reason: str, offset: int) -> NoReturn:
        raise RegexError(self._borders.source, offset, reason)

    def _add(self, node: Node, source: int, target: int) -> None:
        """Add paths for the texts of ``node`` from one state to another."""
        if isinstance(node, Text):
            self._chain([Chars(sets.single(ord(letter))) for letter in node.text], source, target)
        elif isinstance(node, Chars):
            self._consume[source].append((node.ranges, target))
        elif isinstance(node, Concat):
            self._chain(node.parts, source, target)
        elif isinstance(node, Alt):
            for part in node.parts:
                self._add(part, source, target)
        elif isinstance(node, Loop):
            self._loop(node, source, target)
        else:
            if isinstance(node, Look) and self._borders.looks_ahead(node):
                self._refuse("a lookahead inside a lookbehind is not supported", node.offset)
            if isinstance(node, End) and node.final_newline:
                self._refuse("$ inside a lookbehind is not supported, use \\Z", node.offset)
            self._widen(node)
            self._skip[source].append((node, target))

    def _widen(self, guard: Node) -> None:
        """Account for a lookbehind inside this one."""
        inner = self._borders.automaton(guard)
        if inner is not None and self._reach is not None:
            self._reach = None if inner.window is None else max(self._reach, inner.window)

    def _chain(self, parts: tuple[Node, ...] | list[Chars], source: int, target: int) -> None:
        for part in parts:
            after = self._state()
            self._add(part, source, after)
            source = after
        self._skip[source].append((None, target))

    def _loop(self, node: Loop, source: int, target: int) -> None:
        for _ in range(node.least):
            after = self._state()
            self._add(node.body, source, after)
            source = after
        if node.most is None:
            hub = self._state()
            self._skip[source].append((None, hub))
            self._add(node.body, hub, hub)
            source = hub
        else:
            for _ in range(node.most - node.least):
                self._skip[source].append((None, target))
                after = self._state()
                self._add(node.body, source, after)
                source = after
        self._skip[source].append((None, target))
