"""Numbers that differ from those that an array has read.

The spellings of numbers read are kept as a trie of expressions, and another number changes the path of its digits only.
So what is left of an interval shares nearly all of its states with what was left before, and each number costs the same
however many there are.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from constrain.languages.json_schema.numerals.intervals import interval
from constrain.languages.json_schema.numerals.number_writer import number_spellings, write_numbers
from constrain.languages.json_schema.output.output import Output
from constrain.languages.json_schema.states.seen_values import SeenValues
from constrain.languages.json_schema.text.json_text import is_number
from constrain.languages.json_schema.values.numbers import ANY, POINTED, Numbers


class Spellings(NamedTuple):
    """A trie of texts: those of ``ends``, and for each byte those of a child after it. ``node`` is the expression of
    all."""

    ends: Any
    children: dict[int, Spellings]
    node: Any


class SeenNumbers:
    """What is left of intervals of numbers."""

    __slots__ = ("_intervals", "_left", "_none", "_spellings", "read", "writer")

    def __init__(self, read: SeenValues, writer: Output) -> None:
        self.read = read
        self.writer = writer
        empty = writer.arena.EMPTY
        self._none = Spellings(empty, {}, empty)
        self._spellings: dict[Any, Spellings] = {read.empty: self._none}
        self._intervals: dict[tuple[Numbers, ...], Any] = {}
        self._left: dict[tuple[tuple[Numbers, ...], Any], Any] = {}

    def left(self, parts: tuple[Numbers, ...], used: Any) -> Any:
        """The numbers of ``parts``, which are intervals, except those of ``used``; EMPTY if there are none."""
        arena, spellings = self.writer.arena, self._of(used).node
        if spellings == arena.EMPTY:
            return arena.union([write_numbers(part, self.writer) for part in parts])
        left = self._left.get((parts, spellings))
        if left is None:
            node = arena.intersection([self._interval(parts), arena.complement(spellings)])
            left = self._left[parts, spellings] = arena.EMPTY if arena.is_empty(node) else arena.leaf(node)
        return left

    def _interval(self, parts: tuple[Numbers, ...]) -> Any:
        """The numbers of ``parts``, spelled without exponent."""
        node = self._intervals.get(parts)
        if node is None:
            node = self.writer.arena.union(
                [interval(self.writer, part.spelled(self.writer.options)) for part in parts]
            )
            self._intervals[parts] = node
        return node

    def _of(self, used: Any) -> Spellings:
        """The spellings of all numbers in ``used``."""
        longer = []
        known = self._spellings.get(used)
        while known is None and (before := self.read.last(used)) is not None:
            longer.append((used, before[1]))
            used = before[0]
            known = self._spellings.get(used)
        spellings = known or self._none
        for used, name in reversed(longer):
            value = self.read.values.get(name)
            if is_number(value):
                for text, tail in number_spellings(self.writer, value, ANY):
                    spellings = self._with(spellings, text, tail)
            self._spellings[used] = spellings
        return spellings

    def _with(self, spellings: Spellings, text: bytes, tail: Any) -> Spellings:
        """``spellings``, and ``text`` with each of ``tail`` after it."""
        arena, ends, children = self.writer.arena, spellings.ends, spellings.children
        if text:
            child = self._with(children.get(text[0], self._none), text[1:], tail)
            children = {**children, text[0]: child}
        else:
            ends = arena.union([ends, tail])
        continued = [arena.concat(arena.byte_set(1 << byte), child.node) for byte, child in children.items()]
        return Spellings(ends, children, arena.union([ends, *continued]))


def is_interval(part: Any) -> bool:
    """Whether a part of numbers is a plain interval: only bounds are asked of them, and to be whole."""
    return (
        isinstance(part, Numbers)
        and part.multiple is None
        and not part.indivisible
        and part.integer != POINTED
    )
