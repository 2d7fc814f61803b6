r"""The pattern syntax of ECMA-262, which JSON Schema's ``pattern`` uses.

A pattern is read with the ``u`` flag, as JSON Schema recommends; one that is malformed there is read
by the web-compatible rules of Annex B instead (``\-``, a lone ``]`` or ``{`` ...), which real schemas need. Both
readings work on code points. Two escapes would silently turn into plain letters in the second reading, ``\p{..}`` and
``\u{..}``: there they are errors. Modifiers ``(?i:..)`` as in ECMAScript 2025. Source: ECMA-262, 'Patterns' and
'Regular Expressions' in Annex B.
"""

from __future__ import annotations

import re

from constrain.errors import RegexError
from constrain.languages.regex.parsing.reader import (
    ASSERTION,
    ATOM,
    DIGITS,
    HEXADECIMAL,
    NOTHING,
    OCTAL,
    Reader,
    as_set,
)
from constrain.languages.regex.parsing.syntax import End, Look, Node, Start, Word, chars
from constrain.languages.regex.unicode import characters as known
from constrain.languages.regex.unicode import ranges as sets
from constrain.languages.regex.unicode.properties import is_property_name, property_set
from constrain.languages.regex.unicode.ranges import Ranges

_CONTROLS = {"f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_SYNTAX = frozenset("^$\\.*+?()[]{}|/")
_CLASS_LETTERS = frozenset("dwsDWS")
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_FLAGS = frozenset("ims")
_COUNT = re.compile(r"\{([0-9]+)(?:,([0-9]*))?\}")
_PLAIN_RUN = re.compile(r"[^\\^$.*+?()\[\]{}|\ud800-\udfff]+")
_BRACKET = re.compile(r"\[(?:\\.|[^\]\\])*\]", re.DOTALL)
_OPENINGS = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]?|\((\?<[^=!]|(?!\?))", re.DOTALL)


_ESCAPE_IN_NAME = re.compile(
    r"\\u(?:\{([0-9a-fA-F]+)\}|([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|([0-9a-fA-F]{4}))"
)


# Source of a class, case rule, with the u flag -> its node.
_CLASSES: dict[tuple[str, str, bool], Node] = {}
_MOST_CLASSES = 4096


class EcmaReader(Reader):
    """Reads one pattern, with the ``u`` flag or by Annex B."""

    def __init__(self, source: str, unicode: bool) -> None:
        super().__init__(source)
        self.unicode = unicode

    def set_flags(self, flags: frozenset[str]) -> None:
        self.flags = flags
        self.case_rule = ("ecma-unicode" if self.unicode else "ecma") if "i" in flags else ""

    def alternatives(self) -> Node:
        """Groups in different alternatives may have the same name (ECMAScript 2025)."""
        outer = found = self.names
        branches: list[Node] = []
        while not branches or self.take("|"):
            self.names = outer
            branches.append(self.sequence(not branches))
            found |= self.names
        self.names = found
        return self.choice(branches)

    # -- sequences ----------------------------------------------------------------------------

    def may_be_alone(self) -> bool:
        """Whether an unmatched bracket or brace is a literal."""
        return not self.unicode

    def atom(self, items: list[str | Node], character: str, state: int) -> int:
        start = self.position
        self.position += 1
        if character == "\\":
            return self.escape(items, start)
        if character == "(":
            return self.parenthesis(items, start)
        if character == "[":
            items.append(self.bracket(start))
        elif character == ".":
            every = "s" in self.flags
            items.append(chars(sets.ALL if every else sets.complement(known.ECMA_LINE_END)))
        elif character == "^" or character == "$":
            lines = known.ECMA_LINE_END if "m" in self.flags else sets.NONE
            items.append(Start(lines, start) if character == "^" else End(lines, False, start))
            return ASSERTION
        elif character in "]}" and not self.may_be_alone():
            self.fail(f"lone {character}", start)
        else:
            self._plain(items, character, start)
        return ATOM

    def _plain(self, items: list[str | Node], character: str, start: int) -> None:
        """A literal character and those after it; the last one is kept apart, for a quantifier."""
        run = _PLAIN_RUN.match(self.source, start)
        if run is None or self.case_rule:
            self.literal(items, character)
            return
        self.position = run.end()
        if self.position - start > 1:
            items.append(self.source[start : self.position - 1])
        items.append(self.source[self.position - 1])

    def quantifier(self, state: int) -> tuple[int, int | None] | None:
        start = self.position
        found = _COUNT.match(self.source, start)
        if found is None:
            if not self.may_be_alone():
                self.fail("nothing to repeat" if state == NOTHING else "incomplete quantifier", start)
            return None
        self.position = found.end()
        return self.bounds(found.group(1), found.group(2), start)

    # -- groups -------------------------------------------------------------------------------

    def parenthesis(self, items: list[str | Node], start: int) -> int:
        flags = self.flags
        if self.take("?"):
            behind = self.take("<")
            mark = self.peek()
            if mark == "=" or mark == "!":
                self.position += 1
                items.append(Look(behind, mark == "!", self.group(start), start))
                return ASSERTION if behind or self.unicode else ATOM
            if behind:
                self.name(start)
            elif not self.take(":"):
                self._modifiers(start)
        items.append(self.group(start))
        self.set_flags(flags)
        return ATOM

    def name(self, start: int) -> None:
        """Read the name of a group and ``>``."""
        place = self.position
        name = _ESCAPE_IN_NAME.sub(_unescaped, self.until(">", "missing >, unterminated group name"))
        first, rest = (known.ECMA_NAME_START, known.ECMA_NAME_REST)
        valid = bool(name) and all(
            sets.contains(property_set(property_name) or sets.NONE, ord(letter)) or letter in others
            for letter, (property_name, others) in zip(name, [first, *[rest] * len(name)], strict=False)
        )
        self.add_name(name, valid, place)

    def _modifiers(self, start: int) -> None:
        added = self.run(_FLAGS, self.length)
        dash = self.take("-")
        removed = self.run(_FLAGS, self.length) if dash else ""
        letters = added + removed
        if not self.take(":") or not letters or len(set(letters)) < len(letters):
            self.fail("invalid group", start)
        self.set_flags((self.flags | frozenset(added)) - frozenset(removed))

    # -- escapes ------------------------------------------------------------------------------

    def escape(self, items: list[str | Node], start: int) -> int:
        letter = self.escaped(start)
        if letter == "b" or letter == "B":
            items.append(Word(self.closed(known.WORD), letter == "B", False, start))
            return ASSERTION
        if letter in _CLASS_LETTERS:
            items.append(chars(self._named_set(letter)))
        elif letter in "pP" and self.is_property(letter, start):
            items.append(chars(self.closed(self._property(letter, start))))
        elif letter == "k" and (self.unicode or self._group_count(named=True)):
            items.append(self._named_reference(start))
        elif letter in "123456789" and self.is_reference(letter, start):
            items.append(self.unsupported("backreferences are not regular", start))
        else:
            self.literal(items, chr(self._code_point(letter, start)))
        return ATOM

    def _named_set(self, letter: str) -> Ranges:
        lower = letter.lower()
        found = self.closed(known.ECMA_CLASSES[lower])
        return found if letter == lower else sets.complement(found)

    def is_property(self, letter: str, start: int) -> bool:
        if self.unicode:
            return True
        if self.peek() == "{":
            self.fail(f"\\{letter}{{ needs a pattern that is valid with the u flag, which this is not", start)
        return False

    def _property(self, letter: str, start: int) -> Ranges:
        name = self.property_name()
        if not is_property_name(name):
            self.fail("invalid property name", start)
        found = self.property_named(name)
        if found is None:
            self.unsupported(f"no Unicode property {name!r}", start)
            return sets.NONE
        return found if letter == "p" else sets.complement(found)

    def property_name(self) -> str:
        """The text in braces at the cursor; "" if there is none."""
        return self.until("}", "invalid property name") if self.take("{") else ""

    def property_named(self, name: str) -> Ranges | None:
        """The members of a Unicode property, or None."""
        return property_set(name)

    def _group_count(self, named: bool = False) -> int:
        """The number of capturing groups of the whole pattern; ``named``: only those with a name."""
        openings = (m.group(1) for m in _OPENINGS.finditer(self.source))
        return sum(1 for kind in openings if (kind if named else kind is not None))

    def _named_reference(self, start: int) -> Node:
        if not self.take("<") or not self._group_count(named=True):
            self.fail("invalid named reference", start)
        self.until(">", "invalid named reference")
        return self.unsupported("backreferences are not regular", start)

    def is_reference(self, letter: str, start: int) -> bool:
        """Whether decimal digits after the backslash name a group; steps over them if so."""
        first = self.position
        number = int(letter + self.run(DIGITS, 9))
        if number <= self._group_count():
            return True
        if self.unicode:
            self.fail("invalid escape", start)
        self.position = first
        return False

    def _code_point(self, letter: str, start: int) -> int:
        """The character of an escape, with the cursor just after its first letter."""
        if letter in _CONTROLS:
            return ord(_CONTROLS[letter])
        if letter == "c":
            return self._control(start)
        if letter == "x":
            return self._hexadecimal(letter, 2, start)
        if letter == "u":
            return self._unicode_escape(start)
        if letter in OCTAL:
            return self._octal(letter, start)
        if self.unicode and letter not in _SYNTAX:
            return self.unknown_escape(letter, start)
        return ord(letter)

    def unknown_escape(self, letter: str, start: int) -> int:
        """The meaning of an escape that ECMA-262 does not know, with the u flag."""
        self.fail(f"invalid escape \\{letter}", start)

    def _control(self, start: int) -> int:
        if self.peek() in _LETTERS:
            self.position += 1
            return ord(self.source[self.position - 1]) % 32
        if self.unicode:
            self.fail("invalid control escape", start)
        self.position -= 1
        return ord("\\")

    def _octal(self, letter: str, start: int) -> int:
        if self.unicode:
            if letter != "0" or self.peek() in DIGITS:
                self.fail("invalid decimal escape", start)
            return 0
        return int(letter + self.run(OCTAL, 2 if letter < "4" else 1), 8)

    def _hexadecimal(self, letter: str, wanted: int, start: int) -> int:
        first = self.position
        digits = self.run(HEXADECIMAL, wanted)
        if len(digits) < wanted and not self.unicode:
            self.position = first
            return ord(letter)
        return self.code_point(digits, wanted, start)

    def _unicode_escape(self, start: int) -> int:
        if self.peek() == "{":
            if not self.unicode:
                self.fail("\\u{ needs a pattern that is valid with the u flag, which this is not", start)
            self.position += 1
            digits = self.until("}", "invalid Unicode escape")
            if not digits or not set(digits) <= HEXADECIMAL or int(digits, 16) > sets.LAST:
                self.fail("invalid Unicode escape", start)
            return int(digits, 16)
        high = self._hexadecimal("u", 4, start)
        after = self.position
        if 0xD800 <= high < 0xDC00 and self.take("\\u"):
            digits = self.run(HEXADECIMAL, 4)
            if len(digits) == 4 and 0xDC00 <= int(digits, 16) < 0xE000:
                return 0x10000 + ((high - 0xD800) << 10) + int(digits, 16) - 0xDC00
            self.position = after
        return high

    # -- bracketed classes --------------------------------------------------------------------

    def bracket(self, start: int) -> Node:
        """A class, cached: few classes are frequent, and reading one costs more than the rest of a pattern."""
        whole = _BRACKET.match(self.source, start)
        key = (whole.group() if whole else "", self.case_rule, self.unicode)
        known_class = _CLASSES.get(key)
        if known_class is not None and whole is not None:
            self.position = whole.end()
            return known_class
        node = self.read_class(start, False)
        if len(_CLASSES) >= _MOST_CLASSES:
            _CLASSES.clear()
        if self.is_supported():
            _CLASSES[key] = node
        return node

    def bad_range(self, low: int | Ranges, high: int | Ranges, place: int) -> list[Ranges]:
        if self.unicode or (isinstance(low, int) and isinstance(high, int)):
            super().bad_range(low, high, place)
        return [as_set(low), sets.single(ord("-")), as_set(high)]

    def class_escape(self, letter: str, place: int) -> int | Ranges:
        if letter in _CLASS_LETTERS:
            return self._named_set(letter)
        if letter in "pP" and self.is_property(letter, place):
            return self._property(letter, place)
        if letter == "b":
            return 8
        if letter == "-" and self.unicode:
            return ord("-")
        if letter == "k" and not self.unicode and self._group_count(named=True):
            self.fail("invalid escape \\k", place)
        following = self.peek()
        if letter == "c" and not self.unicode and following and (following in DIGITS or following == "_"):
            self.position += 1
            return ord(following) % 32
        return self._code_point(letter, place)


def _unescaped(found: re.Match[str]) -> str:
    """The character of an escape in the name of a group; itself, which no name may hold, if there is none."""
    braced, high, low, short = found.groups()
    if high:
        return bytes.fromhex(high + low).decode("utf-16-be")
    value = int((braced or short).lstrip("0")[:8] or "0", 16)
    return chr(value) if value <= sets.LAST else found.group()


def read_ecma(source: str) -> Node:
    """The syntax tree of a pattern of ECMA-262; raises RegexError."""
    reader = EcmaReader(source, unicode=True)
    try:
        node = reader.tree()
    except RegexError:
        reader = EcmaReader(source, unicode=False)
        node = reader.tree()
    return reader.checked(node)
