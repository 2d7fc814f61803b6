"""Finds the parts of a pattern that may match next where a text breaks off, for explanations.

``explain`` of a matcher uses this with the text that could be read. Each character or class of the pattern gets its own
optional mark before it: four bytes that occur in no text. The marks that may come next are then found in the language
of the marked pattern, and the answer is exact.

Marks would disturb assertions, which look at neighbouring characters. So patterns with assertions other than anchors at
their edges are not marked, and no places in them are reported. A pattern pays nothing until an explanation is
requested.
"""

from __future__ import annotations

from typing import Any

from constrain.engine import Engine
from constrain.errors import RegexError
from constrain.languages.regex.compiler import compile_tree, has_inner_assertions
from constrain.languages.regex.parsing.ecma import EcmaReader, read_ecma
from constrain.languages.regex.parsing.python import OrderMatters, PythonReader, read_python
from constrain.languages.regex.parsing.reader import ATOM, Reader
from constrain.languages.regex.parsing.syntax import Node
from constrain.languages.regex.unicode import ranges as sets
from constrain.languages.regex.unicode.alphabet import Arena, Expression
from constrain.languages.regex.unicode.ranges import Ranges
from constrain.languages.regex.unicode.utf8 import Utf8

__all__ = ["ActiveAtoms"]

# In the marked pattern, marks are the last of Unicode's private characters, U+10F800 to U+10FFFF.
FIRST_MARK, MARKS = 0x10F800, 0x800


class ActiveAtoms:
    """Tells the parts of one pattern in force at the end of a text."""

    def __init__(self, pattern: str, flavour: str) -> None:
        self._pattern = pattern
        self._flavour = flavour
        self._marked: _Marked | None = None

    def __call__(self, text: bytes) -> tuple[str, ...]:
        """The characters and classes of the pattern that may match what comes next, in their order:
        ``[0-9] (line 1, column 6)``. None if the pattern is not marked.

        Args:
            text: a prefix of a text that the pattern matches; it may break off inside a character.
        """
        if self._marked is None:
            self._marked = _Marked(self._pattern, self._flavour)
        return tuple(self._description(start, end) for start, end in self._marked.after(text))

    def _description(self, start: int, end: int) -> str:
        place = RegexError(self._pattern, start, "")
        return f"{self._pattern[start:end]} (line {place.line}, column {place.column})"


class _Marked:
    """The marked language of a pattern."""

    def __init__(self, pattern: str, flavour: str) -> None:
        tree, self.spans = _read(pattern, flavour)
        has_marks = any(map(_is_mark, pattern)) or "10f" in pattern.lower()  # as an escape
        if has_marks or has_inner_assertions(tree) or len(self.spans) > MARKS:
            self.spans = []
        parts, done = [], 0
        for number, (start, end) in enumerate(self.spans):
            parts += [pattern[done:start], "(?:", chr(FIRST_MARK + number), "?", pattern[start:end], ")"]
            done = end
        tree = {"python": read_python, "ecma": read_ecma}[flavour]("".join([*parts, pattern[done:]]))
        self.engine = Engine()
        self.root = compile_tree(self.engine, tree, _WithMarks(), "fullmatch", pattern)

    def after(self, text: bytes) -> list[tuple[int, int]]:
        """The spans that may match at the end of ``text``, or the character that is begun there."""
        engine = self.engine
        whole = len(text.decode(errors="ignore").encode())
        begun = engine.advance(self.root, text[:whole])
        return [
            span
            for number, span in enumerate(self.spans)
            if engine.advance(begun, _mark(FIRST_MARK + number) + text[whole:]) != engine.EMPTY
        ]


def _is_mark(character: str) -> bool:
    return FIRST_MARK <= ord(character) < FIRST_MARK + MARKS


def _mark(code: int) -> bytes:
    return b"\xff" + code.to_bytes(3, "big")


class _WithMarks(Utf8):
    """UTF-8, and marks."""

    def characters(self, arena: Arena, ranges: Ranges) -> Expression:
        single = ranges == sets.single(ranges[0][0])
        return self.text(arena, chr(ranges[0][0])) if single else super().characters(arena, ranges)

    def text(self, arena: Arena, text: str) -> Expression:
        return arena.literal(b"".join(_mark(ord(c)) if _is_mark(c) else c.encode() for c in text))


def _read(pattern: str, flavour: str) -> tuple[Node, list[tuple[int, int]]]:
    """The tree of a pattern, and the places of its characters and classes, in order."""
    readers: list[Any] = [_Python(pattern)]
    if flavour == "ecma":  # like ``read_ecma``: by the stricter syntax if possible
        readers = [_Ecma(pattern, unicode=True), _Ecma(pattern, unicode=False)]
    for reader in readers[:-1]:
        try:
            return reader.tree(), reader.spans
        except RegexError:
            pass
    try:
        return readers[-1].tree(), readers[-1].spans
    except OrderMatters:
        return read_python(pattern), []


class _Spans(Reader):
    """Notes the places of characters and classes."""

    def __init__(self, source: str, **options: Any) -> None:
        super().__init__(source, **options)
        self.spans: list[tuple[int, int]] = []

    def atom(self, items: list[str | Node], character: str, state: int) -> int:
        start, count = self.position, len(items)
        found = super().atom(items, character, state)
        if found == ATOM and character != "(" and len(items) > count:
            single = character in "\\[."
            self.spans += (
                [(start, self.position)] if single else [(at, at + 1) for at in range(start, self.position)]
            )
        return found


class _Python(_Spans, PythonReader):
    """Python's syntax."""


class _Ecma(_Spans, EcmaReader):
    """The syntax of ECMA-262."""
