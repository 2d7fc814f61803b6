"""The pattern syntax of Python's ``re`` for str patterns.

It follows the documentation of ``re`` and, where that is silent, the behaviour of CPython. Two things depend on the
running interpreter: the Unicode version, and whether ``\\B`` holds in the empty text (3.14). Offsets of errors are
those of ``re.error.pos`` where ``re`` gives one.
"""

from __future__ import annotations

import sys
import unicodedata
from typing import Any

from constrain.errors import RegexError
from constrain.languages.regex.parsing import ordered
from constrain.languages.regex.parsing.analysis import width
from constrain.languages.regex.parsing.conditionals import without_conditionals
from constrain.languages.regex.parsing.reader import (
    ASSERTION,
    ATOM,
    DIGITS,
    HEXADECIMAL,
    OCTAL,
    Reader,
    count_of,
)
from constrain.languages.regex.parsing.syntax import EMPTY, End, Look, Node, Start, Text, Word, chars
from constrain.languages.regex.unicode import characters as known
from constrain.languages.regex.unicode import ranges as sets
from constrain.languages.regex.unicode.ranges import Ranges

_CONTROLS = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\"}
_HEX_LENGTHS = {"x": 2, "u": 4, "U": 8}
_BLANKS = frozenset(" \t\n\r\v\f")
_FLAGS = frozenset("aiLmsux")
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_MAXREPEAT = 4294967295  # of the module ``_sre``
_NOT_IN_EMPTY = sys.version_info < (3, 14)


class OrderMatters(Exception):
    """The pattern has an atomic group, a possessive quantifier or a conditional: its tree must keep its order."""


class PythonReader(Reader):
    """Reads one pattern of the 'python' flavour."""

    def __init__(self, source: str) -> None:
        super().__init__(source)
        self._may_set_flags = True

    def set_flags(self, flags: frozenset[str]) -> None:
        self.flags = flags
        self.case_rule = ("ascii" if "a" in flags else "python") if "i" in flags else ""

    # -- sequences ----------------------------------------------------------------------------

    def atom(self, items: list[str | Node], character: str, state: int) -> int:
        start = self.position
        self.position += 1
        if "x" in self.flags and (character in _BLANKS or character == "#"):
            if character == "#":
                end = self.source.find("\n", self.position)
                self.position = self.length if end < 0 else end + 1
            return state
        if character == "(":
            return self._parenthesis(items, start, state)
        self._may_set_flags = False
        if character == "\\":
            return self._escape(items, start)
        if character == "[":
            items.append(self.read_class(start, True))
        elif character == ".":
            every = "s" in self.flags
            items.append(chars(sets.ALL if every else sets.complement(known.PYTHON_LINE_END)))
        elif character == "^" or character == "$":
            lines = known.PYTHON_LINE_END if "m" in self.flags else sets.NONE
            items.append(Start(lines, start) if character == "^" else End(lines, not lines, start))
            return ASSERTION
        else:
            self.literal(items, character)
        return ATOM

    def sequence(self, first: bool) -> Node:
        if not first:
            self._may_set_flags = False
        return super().sequence(first)

    def quantifier(self, state: int) -> tuple[int, int | None] | None:
        start = self.position
        self._may_set_flags = False
        self.position += 1
        if self.peek() == "}":
            return None
        low = self.run(DIGITS, self.length)
        high = self.run(DIGITS, self.length) if self.take(",") else None
        if not self.take("}"):
            return None
        if max(count_of(low), count_of(high or "")) >= _MAXREPEAT:
            self.fail("the repetition number is too large", start + 1)
        return self.bounds(low, high, start + 1)

    def quantifier_mark(self, start: int) -> str:
        if self.peek() != "+":
            return super().quantifier_mark(start)
        return self.possessive()

    def possessive(self) -> str:
        """Step over the mark of a possessive quantifier."""
        raise OrderMatters

    # -- groups -------------------------------------------------------------------------------

    def _parenthesis(self, items: list[str | Node], start: int, state: int) -> int:
        flags = self.flags
        leading = self._may_set_flags
        if self.take("?"):
            if self.take("#"):
                self.until(")", "missing ), unterminated comment")
                return state
            if self.peek() and (self.peek() in _FLAGS or self.peek() == "-"):
                if not self._inline_flags(start, leading):
                    return state
            elif not self.take(":"):
                self._may_set_flags = False
                items.append(self._extension(start))
                self.set_flags(flags)
                return ATOM
        else:
            self._may_set_flags = False
            items.append(self.capture(start))
            self.set_flags(flags)
            return ATOM
        self._may_set_flags = False
        items.append(self.group(start))
        self.set_flags(flags)
        return ATOM

    def _extension(self, start: int) -> Node:
        """A group that begins with ``(?`` and is neither a comment nor a group with flags."""
        if self.take("P<"):
            name = self.until(">", "missing >, unterminated name")
            self.add_name(name, name.isidentifier(), start + 4)
            return self.capture(start)
        if self.take("P="):
            self.until(")", "missing ), unterminated name")
            return self.unsupported("backreferences are not regular", start)
        behind = self.take("<")
        mark = self.peek()
        if mark == "=" or mark == "!":
            self.position += 1
            body = self.group(start)
            low, high = self.width(body)
            if behind and low != high:
                self.fail("look-behind requires fixed-width pattern", start)
            return self.lookaround(behind, mark == "!", body, start)
        if not behind and (mark == "(" or mark == ">"):
            self.position += 1
            return self.conditional(start) if mark == "(" else self.atomic(start)
        self.fail("unexpected end of pattern" if not mark else f"unknown extension ?{mark}", start + 1)

    def capture(self, start: int) -> Node:
        """A capturing group."""
        return self.group(start)

    def lookaround(self, behind: bool, negated: bool, body: Node, start: int) -> Node:
        return Look(behind, negated, body, start)

    def width(self, body: Node) -> tuple[int, int | None]:
        return width(body)

    def conditional(self, start: int) -> Node:
        """``(?(1)yes|no)``, read up to the second parenthesis."""
        raise OrderMatters

    def atomic(self, start: int) -> Node:
        """``(?>...)``, read up to the mark."""
        raise OrderMatters

    def _inline_flags(self, start: int, leading: bool) -> bool:
        """Flags of ``(?i)`` or ``(?i-s:``; True where a group follows."""
        added = self.run(_FLAGS, self.length)
        removed = ""
        if self.take("-"):
            removed = self.run(_FLAGS, self.length)
            if not removed:
                self.fail("missing flag")
        kinds = set(added) & set("auL")
        if "L" in added + removed:
            self.fail("bad inline flags: cannot use 'L' flag with a str pattern")
        if len(kinds) > 1:
            self.fail("bad inline flags: flags 'a', 'u' and 'L' are incompatible")
        if set(removed) & set("au"):
            self.fail("bad inline flags: cannot turn off flags 'a', 'u' and 'L'")
        if set(added) & set(removed):
            self.fail("bad inline flags: flag turned on and off")
        unicode = frozenset("au") if "u" in kinds else frozenset()
        flags = (self.flags | frozenset(added)) - unicode - frozenset(removed)
        if self.take(":"):
            self.set_flags(flags)
            return True
        if removed or not self.take(")"):
            self.fail("missing -, : or )" if self.position >= self.length else "unknown flag")
        if not leading:
            self.fail("global flags not at the start of the expression", start)
        if "u" in kinds and "a" in self.flags:
            self.fail("ASCII and UNICODE flags are incompatible", start)
        self.set_flags(flags)
        return False

    # -- escapes ------------------------------------------------------------------------------

    def _escape(self, items: list[str | Node], start: int) -> int:
        letter = self.escaped(start)
        if letter == "A":
            items.append(Start(sets.NONE, start))
            return ASSERTION
        if letter == "Z" or (letter == "z" and not _NOT_IN_EMPTY):
            items.append(End(sets.NONE, False, start))
            return ASSERTION
        if letter == "b" or letter == "B":
            items.append(Word(self._named_set("w"), letter == "B", letter == "B" and _NOT_IN_EMPTY, start))
            return ASSERTION
        if letter in "dwsDWS":
            items.append(chars(self._named_set(letter)))
            return ATOM
        if letter in DIGITS and letter != "0":
            number = letter + self.run(DIGITS, 1)
            third = self.peek()
            if not (len(number) == 2 and set(number + third) <= OCTAL and third):
                items.append(self.unsupported("backreferences are not regular", start))
                return ATOM
            self.position -= 1
        self.literal(items, self._character(letter, start, 2))
        return ATOM

    def _named_set(self, letter: str) -> Ranges:
        r"""Members of ``\d \w \s`` or of their complements ``\D \W \S``."""
        lower = letter.lower()
        found = known.PYTHON_ASCII_CLASSES[lower] if "a" in self.flags else known.python_class(lower)
        return found if letter == lower else sets.complement(found)

    def _character(self, letter: str, start: int, octal_digits: int) -> str:
        """The character of an escape, with the cursor just after its first letter."""
        if letter in _CONTROLS:
            return _CONTROLS[letter]
        if letter in _HEX_LENGTHS:
            wanted = _HEX_LENGTHS[letter]
            return chr(self.code_point(self.run(HEXADECIMAL, wanted), wanted, start))
        if letter == "N":
            return self._by_name(start)
        if letter in OCTAL:
            value = int(letter + self.run(OCTAL, octal_digits), 8)
            if value > 0o377:
                self.fail("octal escape value outside of range 0-0o377", start)
            return chr(value)
        if letter in DIGITS or letter in _LETTERS:
            self.fail(f"bad escape \\{letter}", start)
        return letter

    def _by_name(self, start: int) -> str:
        if not self.take("{"):
            self.fail("missing {")
        name = self.until("}", "missing }, unterminated name")
        try:
            found = unicodedata.lookup(name)
        except (KeyError, UnicodeEncodeError):  # it is not a name, or has half a surrogate pair
            found = ""
        if len(found) != 1:
            self.fail(f"undefined character name {name!r}", start)
        return found

    def members(self, letters: list[Ranges], named: list[Ranges]) -> Ranges:
        """Case is ignored only for characters and ranges: ``re`` looks up ``\\w`` and the like as they are."""
        return sets.union([self.closed(sets.union(letters)), *named])

    def class_escape(self, letter: str, place: int) -> int | Ranges:
        if letter in "dwsDWS":
            return self._named_set(letter)
        return 8 if letter == "b" else ord(self._character(letter, place, 2))


class OrderedReader(PythonReader):
    """Reads a pattern into a tree that keeps its order (``ordered``).

    The methods of the base class treat these nodes like those of ``syntax``, since they only pass them on.
    """

    def __init__(self, source: str) -> None:
        super().__init__(source)
        self._groups = 0
        self._numbers: dict[str, int] = {}
        self._asked: list[tuple[int, int]] = []

    def plain(self) -> Node:
        """The tree of the whole source; raises RegexError where it is malformed or not regular."""
        found: Any = self.tree()
        missing = next((place for number, place in self._asked if number > self._groups), None)
        if missing is not None:
            self.fail("invalid group reference", missing)
        self.checked(EMPTY)
        try:
            return self.checked(ordered.plain(without_conditionals(found)))
        except ordered.NotRegular as problem:
            raise RegexError(self.source, problem.offset, problem.reason) from None

    def joined(self, items: list[Any]) -> Any:
        return ordered.Sequence(tuple(Text(item) if isinstance(item, str) else item for item in items))

    def choice(self, branches: list[Any]) -> Any:
        return branches[0] if len(branches) == 1 else ordered.Choice(tuple(branches))

    def repetition(self, body: Any, least: int, most: int | None, mark: str, start: int) -> Any:
        if mark == "+":  # ``re`` does not return to a round that is over
            rounds = ordered.Repeat(ordered.Atomic(body, start), least, most, False, start)
            return ordered.Atomic(rounds, start)
        return ordered.Repeat(body, least, most, mark == "?", start)

    def possessive(self) -> str:
        self.position += 1
        return "+"

    def add_name(self, name: str, valid: bool, offset: int) -> None:
        super().add_name(name, valid, offset)
        self._numbers[name] = self._groups + 1

    def capture(self, start: int) -> Any:
        self._groups += 1
        return ordered.Group(self._groups, self.group(start))  # type: ignore[arg-type]

    def lookaround(self, behind: bool, negated: bool, body: Any, start: int) -> Any:
        return ordered.Around(behind, negated, body, start)

    def width(self, body: Any) -> tuple[int, int | None]:
        return width(ordered.outline(body))

    def atomic(self, start: int) -> Any:
        return ordered.Atomic(self.group(start), start)  # type: ignore[arg-type]

    def conditional(self, start: int) -> Any:
        name = self.until(")", "missing ), unterminated name")
        number = self._numbers.get(name, 0)
        if not number and name.isidentifier():
            self.fail(f"unknown group name {name!r}", start + 3)
        if not number and not (name.isascii() and name.isdigit() and name.strip("0")):
            self.fail(f"bad group number {name!r}", start + 3)
        number = number or count_of(name)
        self._asked.append((number, start + 3))
        branches: list[Any] = [self.sequence(False)]
        if self.take("|"):
            branches.append(self.sequence(False))
        if self.peek() == "|":
            self.fail("conditional backref with more than two branches")
        if not self.take(")"):
            self.fail("missing ), unterminated group", start)
        return ordered.Conditional(number, branches[0], [*branches, ordered.NOTHING][1], start)


def read_python(source: str) -> Node:
    """The syntax tree of a pattern of Python's ``re``; raises RegexError."""
    reader = PythonReader(source)
    try:
        return reader.checked(reader.tree())
    except OrderMatters:
        return OrderedReader(source).plain()
