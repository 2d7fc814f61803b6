r"""The patterns of JSON Schema: those of ECMA-262, and what authors write with another dialect in mind.

A pattern that is malformed by ECMA-262, with the ``u`` flag and without it, is read once more, as with the ``u`` flag
except for what is listed here. All of it is an error in ECMA-262, so nothing that ECMA-262 accepts is read differently:

    (?i) (?i-s)      flags for the rest of the group, as in Go, Python and Rust: the modifier ``(?i:...)`` of ECMA-262
    (?P<name>...) a group with a name, as in these languages
    \' \- \_ \#      an escaped character that is neither letter nor digit stands for itself
    ] { }            stand for themselves where they open or close nothing
    [\w-.]           a hyphen next to a named set is a hyphen
    \A \z \Z         the start and the end of the text
    [[:alpha:]]      the ASCII characters of a POSIX class
    \p{Greek} \pL    a script by its name alone, a category of one letter
"""

from __future__ import annotations

import re
from functools import lru_cache

from constrain.errors import RegexError
from constrain.languages.regex.parsing.ecma import EcmaReader
from constrain.languages.regex.parsing.reader import ASSERTION, ATOM, NOTHING, as_set
from constrain.languages.regex.parsing.syntax import End, Node, Start
from constrain.languages.regex.unicode import ranges as sets
from constrain.languages.regex.unicode.properties import property_set
from constrain.languages.regex.unicode.ranges import Ranges

__all__ = ["liberties", "read_schema"]

# Flags that ECMA-262 has, and flags that change nothing here: Unicode, and which of several matches is found.
_KNOWN_FLAGS, _IDLE_FLAGS = frozenset("ims"), frozenset("uU")
_INLINE_FLAGS = re.compile(r"\?([A-Za-z]*)(?:-([A-Za-z]+))?\)")
_POSIX = re.compile(r":(\^?)([a-z]+):\]")
_LOWER, _UPPER, _DIGIT = (0x61, 0x7A), (0x41, 0x5A), (0x30, 0x39)
_POSIX_CLASSES: dict[str, Ranges] = {
    "alnum": (_DIGIT, _UPPER, _LOWER),
    "alpha": (_UPPER, _LOWER),
    "ascii": ((0, 0x7F),),
    "blank": ((0x09, 0x09), (0x20, 0x20)),
    "cntrl": ((0, 0x1F), (0x7F, 0x7F)),
    "digit": (_DIGIT,),
    "graph": ((0x21, 0x7E),),
    "lower": (_LOWER,),
    "print": ((0x20, 0x7E),),
    "punct": ((0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)),
    "space": ((0x09, 0x0D), (0x20, 0x20)),
    "upper": (_UPPER,),
    "word": (_DIGIT, _UPPER, (0x5F, 0x5F), _LOWER),
    "xdigit": (_DIGIT, (0x41, 0x46), (0x61, 0x66)),
}


class SchemaReader(EcmaReader):
    """Reads one pattern that is malformed by ECMA-262.

    Attributes:
        liberties: what was read that ECMA-262 does not know, in words.
    """

    def __init__(self, source: str) -> None:
        super().__init__(source, unicode=True)
        self.liberties: dict[str, None] = {}

    def took(self, liberty: str) -> None:
        self.liberties[liberty] = None

    def may_be_alone(self) -> bool:
        self.took(f"a lone {self.source[self.position - 1]} stands for itself")
        return True

    def quantifier(self, state: int) -> tuple[int, int | None] | None:
        if self.source.startswith("{,", self.position):
            self.fail("a count without its least number: write {0,n}, or \\{ for a brace")
        return super().quantifier(state)

    # -- groups -------------------------------------------------------------------------------

    def parenthesis(self, items: list[str | Node], start: int) -> int:
        found = _INLINE_FLAGS.match(self.source, self.position)
        if found is not None and (found[1] or found[2]):
            self._flags(found[1], found[2] or "", start)
            self.position = found.end()
            self.took(
                f"({found.group()} holds for the rest of its group: ECMA-262 has ({found.group()[:-1]}:...)"
            )
            return NOTHING
        if not self.take("?P<"):
            return super().parenthesis(items, start)
        self.took("(?P<name>...) is a group with a name: ECMA-262 has (?<name>...)")
        flags = self.flags
        self.name(start)
        items.append(self.group(start))
        self.set_flags(flags)
        return ATOM

    def _flags(self, added: str, removed: str, start: int) -> None:
        unknown = next((flag for flag in added + removed if flag not in _KNOWN_FLAGS | _IDLE_FLAGS), "")
        if unknown:
            self.fail(f"unknown flag {unknown}: known are i, m and s", start)
        self.set_flags((self.flags | (frozenset(added) & _KNOWN_FLAGS)) - frozenset(removed))

    # -- escapes ------------------------------------------------------------------------------

    def escape(self, items: list[str | Node], start: int) -> int:
        letter = self.peek()
        if letter and letter in "AzZ":
            self.position += 1
            self.took(f"\\{letter} is the {'start' if letter == 'A' else 'end'} of the text")
            items.append(Start(sets.NONE, start) if letter == "A" else End(sets.NONE, False, start))
            return ASSERTION
        return super().escape(items, start)

    def is_reference(self, letter: str, start: int) -> bool:
        self.run(frozenset("0123456789"), 9)
        return True

    def unknown_escape(self, letter: str, start: int) -> int:
        if letter.isalnum() and letter.isascii():
            self.fail(f"unknown escape \\{letter}", start)
        self.took(f"\\{letter} stands for {letter}")
        return ord(letter)

    def is_property(self, letter: str, start: int) -> bool:
        return True

    def property_name(self) -> str:
        if self.peek() in ("", "{"):
            return super().property_name()
        self.position += 1
        self.took(
            f"\\p{self.source[self.position - 1]} is a category of one letter: ECMA-262 wants braces around it"
        )
        return self.source[self.position - 1]

    def property_named(self, name: str) -> Ranges | None:
        found = property_set(name)
        if found is None and "=" not in name:
            found = property_set(f"Script={name}")
            if found is not None:
                self.took(f"\\p{{{name}}} is a script: ECMA-262 has \\p{{Script={name}}}")
        return found

    # -- bracketed classes --------------------------------------------------------------------

    def bracket(self, start: int) -> Node:
        return self.read_class(start, False)

    def bad_range(self, low: int | Ranges, high: int | Ranges, place: int) -> list[Ranges]:
        if isinstance(low, int) and isinstance(high, int):
            self.fail(f"bad character range {self.source[place : self.position]}", place)
        self.took("a hyphen beside a named set stands for itself")
        return [as_set(low), sets.single(ord("-")), as_set(high)]

    def bracket_in_class(self) -> int | Ranges:
        found = _POSIX.match(self.source, self.position)
        if found is None:
            return ord("[")
        if found[2] not in _POSIX_CLASSES:
            self.fail(f"unknown POSIX class [{found.group()}", self.position - 1)
        self.position = found.end()
        self.took(f"[{found.group()} is a POSIX class")
        members = self.closed(_POSIX_CLASSES[found[2]])  # case first, then negation
        return sets.complement(members) if found[1] else members


@lru_cache(maxsize=8192)
def _read(source: str) -> tuple[Node | RegexError, tuple[str, ...]]:
    """The tree of a pattern, or the error if there is none, and the liberties taken to read it."""
    unsupported: RegexError | None = None
    malformed: RegexError | None = None
    for reader in (EcmaReader(source, unicode=True), EcmaReader(source, unicode=False), SchemaReader(source)):
        try:
            node = reader.tree()
        except RegexError as problem:
            malformed = problem
            continue
        try:
            return reader.checked(node), tuple(getattr(reader, "liberties", ()))
        except RegexError as problem:
            unsupported = unsupported or problem
    found = unsupported or malformed
    assert found is not None
    # A new error is kept, without the frames in which the original was raised.
    return RegexError(found.source, found.offset, found.reason), ()


def read_schema(source: str) -> Node:
    """The syntax tree of a pattern of JSON Schema.

    Raises:
        RegexError: it is malformed, even in the dialects that are read besides ECMA-262, or not regular.
    """
    found, _ = _read(source)
    if isinstance(found, RegexError):
        raise RegexError(found.source, found.offset, found.reason)
    return found


def liberties(source: str) -> tuple[str, ...]:
    """The parts of a pattern of JSON Schema that are read although ECMA-262 does not know them, in words; none if the
    pattern is valid in ECMA-262 or cannot be read."""
    return _read(source)[1]
