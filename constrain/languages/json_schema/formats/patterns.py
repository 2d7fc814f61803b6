r"""Regular expressions of ECMA-262, with the ``u`` flag: 'Patterns' in the specification.

The syntax is recursive and has conditions that no automaton can check, so this is a part of it, every text of
which is a valid pattern:

* groups and lookarounds are nested at most ``DEPTH`` deep;
* backreferences are ``\1`` and ``\k<n>``, where the pattern begins (after ``^``, perhaps) with the group
  they mean; no other group has a name, and a name that is referred to has one letter;
* ``{n,m}`` has counts of up to four digits, and a range of characters, ``a-z``, ends that can be compared:
  both ASCII, ``\xHH`` or ``\uHHHH``, or characters of different blocks;
* ``\p{..}`` names a general category or one of some scripts; there are no modifiers ``(?i:..)``.
"""

from __future__ import annotations

from typing import Any

from constrain.languages.json_schema.formats.notation import (
    ALPHA,
    DIGIT,
    HEXDIG,
    NOT_ASCII,
    Notation,
    members,
)
from constrain.languages.regex.unicode import ranges as sets
from constrain.languages.regex.unicode.ranges import Ranges

DEPTH = 6

_SYNTAX = "^$\\.*+?()[]{}|/"
_DIGITS = "0123456789abcdef"
_CATEGORIES = (
    "L Lu Ll Lt LC Lm Lo M Mn Mc Me N Nd Nl No P Pc Pd Ps Pe Pi Pf Po S Sm Sc Sk So Z Zs Zl Zp C Cc Cf Cn Co"
)
_SCRIPTS = "Arabic Cyrillic Devanagari Greek Han Hangul Hebrew Hiragana Katakana Latin Thai"
# Blocks whose characters are compared with those of later blocks: 16 characters each where the alphabets of
# Europe are, then 256.
# Bytes that the end of a range has at the most: a character, with a backslash or as one escaped in JSON; and what
# follows the mark of a hexadecimal code up to the end of a second one.
LONGEST_CODE = 12
LONGEST_RANGE = 32

_BLOCKS = [(first, first + 15) for first in range(0xA0, 0x600, 16)]
_BLOCKS += [(first, first + 255) for first in range(0x600, 0xD800, 256)]


def regex(n: Notation) -> Any:
    """Patterns as far as the module says; the empty one is among them."""
    syntax = Syntax(n)
    plain = syntax.terms(DEPTH)
    numbered = syntax.terms(DEPTH, "\\1")
    one_letter = [
        syntax.named(letter) for first, last in ALPHA for letter in map(chr, range(first, last + 1))
    ]
    longer = n.sequence(syntax.name(), ">", syntax.terms(DEPTH - 1), ")", syntax.quantifier, numbered)
    group = n.sequence("(", syntax.terms(DEPTH - 1), ")", syntax.quantifier, numbered)
    named = n.sequence("(?<", n.either(*one_letter, longer))
    first = n.either("|", syntax.simple_term, syntax.groups(DEPTH, capturing=False))
    return n.sequence(n.optional("^"), n.either("", group, named, n.sequence(first, plain)))


class Syntax:
    """The productions of the grammar, as expressions."""

    def __init__(self, n: Notation) -> None:
        self.n = n
        self.hexadecimal = n.one_of(HEXDIG)
        self.quantifier = self._quantifier()
        self.simple_term = self._simple_term()

    def terms(self, depth: int, *others: str) -> Any:
        """``Disjunction``: terms and bars in any order; ``others``: texts that are atoms as well."""
        n = self.n
        node = n.part("")
        more = n.sequence(n.either(*others), self.quantifier) if others else n.arena.EMPTY
        simple = n.either("|", self.simple_term, more)
        for level in range(depth + 1):
            groups = self._groups(node) if level else n.arena.EMPTY
            node = n.repeat(n.either(simple, groups))
        return node

    def groups(self, depth: int, capturing: bool) -> Any:
        """A group or lookaround, with terms nested one less deep."""
        return self._groups(self.terms(depth - 1), capturing)

    def _groups(self, body: Any, capturing: bool = True) -> Any:
        n = self.n
        openings = ["(", "(?:"] if capturing else ["(?:"]
        atom = n.sequence(n.either(*openings), body, ")", self.quantifier)
        assertion = n.sequence("(?", n.either("=", "!", "<=", "<!"), body, ")")
        return n.either(atom, assertion)

    def named(self, letter: str) -> Any:
        """What follows ``(?<`` where the name is this letter."""
        return self.n.deferred(_after_name, letter)

    def name(self) -> Any:
        """Names of groups, of two letters or more."""
        n = self.n
        start = sets.union([ALPHA, members("_$")])
        return n.sequence(n.one_of(start), n.repeat(n.one_of(sets.union([start, DIGIT])), 1))

    def _simple_term(self) -> Any:
        n = self.n
        plain = n.one_of(sets.complement(members("^$\\.*+?()[]{}|")))
        escape = n.either(self.class_escape(), self.character_escape(), n.one_of(_SYNTAX))
        atom = n.either(plain, ".", n.sequence("\\", escape), self.character_class())
        assertion = n.either("^", "$", "\\b", "\\B")
        return n.either(assertion, n.sequence(atom, self.quantifier))

    # -- counts -------------------------------------------------------------------------------

    def _quantifier(self) -> Any:
        n = self.n
        counts = n.sequence("{", n.either(*[self._from_count(length) for length in range(1, 5)]), "}")
        return n.optional(n.either("*", "+", "?", counts), n.optional("?"))

    def _count(self, length: int) -> Any:
        return self._tail("123456789" if length > 1 else _DIGITS[:10], length)

    def _tail(self, first: str, length: int) -> Any:
        digit = self.n.one_of(DIGIT)
        return self.n.sequence(self.n.one_of(first), self.n.repeat(digit, length - 1, length - 1))

    def _from_count(self, length: int) -> Any:
        """A count of so many digits, and perhaps a larger one: longer, or ahead in its first digit."""
        n = self.n
        longer = [self._count(more) for more in range(length + 1, 5)]
        ways = [n.sequence(self._count(length), n.optional(",", n.either("", *longer)))]
        for first in range(int(length > 1), 10):
            larger = _DIGITS[first:10] if length == 1 else _DIGITS[first + 1 : 10]
            if larger:
                ways.append(n.sequence(self._tail(str(first), length), ",", self._tail(larger, length)))
        return n.either(*ways)

    # -- escapes, after the backslash -----------------------------------------------------------

    def class_escape(self) -> Any:
        n = self.n
        scripts = [n.sequence(name, "=", n.either(*_SCRIPTS.split())) for name in ("Script", "sc")]
        properties = n.either(*_CATEGORIES.split(), *scripts)
        return n.either(n.one_of("dDsSwW"), n.sequence(n.one_of("pP"), "{", properties, "}"))

    def character_escape(self) -> Any:
        """But for identity escapes, and ``\\0``, which no digit may follow."""
        n, h = self.n, self.hexadecimal
        code_point = n.either(n.repeat(h, 1, 5), n.sequence("10", h, h, h, h))
        return n.either(
            n.one_of("fnrtv"),
            n.sequence("c", n.one_of(ALPHA)),
            n.sequence("x", h, h),
            n.sequence("u", n.either(n.sequence(h, h, h, h), n.sequence("{", code_point, "}"))),
        )

    # -- classes ------------------------------------------------------------------------------

    def character_class(self) -> Any:
        """``[..]``, built when the first bracket is read."""
        return self.n.sequence("[", self.n.deferred(_class_members))

    def class_members(self) -> Any:
        """What follows the bracket: a hyphen that is no range stands at the beginning or the end."""
        n = self.n
        plain = n.one_of(sets.complement(members("\\]-")))
        escape = n.either(self.class_escape(), self.character_escape(), n.one_of(_SYNTAX + "-b"))
        item = n.either(plain, n.sequence("\\", escape), self.ranges())
        first = n.optional("-")
        inner = n.either("", n.sequence(n.repeat(item, 1), n.optional("-")))
        return n.sequence(n.optional("^"), first, inner, "]")

    def ranges(self) -> Any:
        """``a-b`` where a comes before b, or is b."""
        n = self.n
        return n.either(*self._ascii_ranges(), *self._block_ranges(), *self._hexadecimal_ranges())

    def _ascii_ranges(self) -> list[Any]:
        n = self.n
        result = []
        for code in range(0x20, 0x7F):
            low = [] if chr(code) in "\\]-" else [chr(code)]
            if chr(code) in _SYNTAX + "-":
                low.append("\\" + chr(code))
            result.append(
                n.sequence(n.either(*low), "-", n.deferred(_ascii_from, code, residual=LONGEST_CODE))
            )
        return result

    def _block_ranges(self) -> list[Any]:
        n = self.n
        return [
            n.sequence(n.one_of((block,)), "-", n.deferred(_beyond, block[1], residual=LONGEST_CODE))
            for block in _BLOCKS
        ]

    def _hexadecimal_ranges(self) -> list[Any]:
        n = self.n
        return [
            n.sequence("\\x", n.deferred(_ordered, "\\x", "", 2, 2, residual=LONGEST_RANGE)),
            n.sequence("\\u", n.deferred(_ordered, "\\u", "", 4, 3, residual=LONGEST_RANGE)),
        ]


def _class_members(n: Notation) -> Any:
    return Syntax(n).class_members()


def _after_name(n: Notation, letter: str) -> Any:
    syntax = Syntax(n)
    following = syntax.terms(DEPTH, "\\1", f"\\k<{letter}>")
    return n.sequence(f"{letter}>", syntax.terms(DEPTH - 1), ")", syntax.quantifier, following)


# -- ends of ranges -------------------------------------------------------------------------------


def _ascii_from(n: Notation, first: int) -> Any:
    """A printable character from ``first`` on, with a backslash where it may or must have one."""
    some: Ranges = ((first, 0x7E),)
    raw = sets.union([sets.difference(some, members("\\]-")), NOT_ASCII])
    escaped = sets.intersection(some, members(_SYNTAX + "-"))
    return n.either(n.one_of(raw), n.sequence("\\", n.one_of(escaped)) if escaped else n.arena.EMPTY)


def _beyond(n: Notation, last: int) -> Any:
    """A character after ``last``."""
    return n.one_of(sets.normalise([(last + 1, sets.LAST)]))


def _ordered(n: Notation, mark: str, digits: str, length: int, compared: int) -> Any:
    """The rest of two codes of ``length`` digits, the first of which begins with ``digits``, the other is
    ahead in the digits that are compared, or equal in all of them."""
    if len(digits) == compared:
        rest = n.repeat(n.one_of(HEXDIG), length - compared, length - compared)
        return n.sequence(rest, "-", mark, _above(n, digits, length))
    # No code is known to be ahead of one that begins with the last digit in every place that is compared.
    is_last = len(digits) + 1 == compared < length and not digits.strip(_DIGITS[-1])
    return n.either(
        *[
            n.sequence(
                _digit(n, digit),
                n.deferred(_ordered, mark, digits + digit, length, compared, residual=LONGEST_RANGE),
            )
            for digit in (_DIGITS[:-1] if is_last else _DIGITS)
        ]
    )


def _digit(n: Notation, digit: str) -> Any:
    return n.one_of(digit + digit.upper())


def _above(n: Notation, digits: str, length: int) -> Any:
    """Codes of ``length`` digits that are ahead of all that begin with ``digits``, or equal to them."""
    ways = [digits] if len(digits) == length else []
    for place, digit in enumerate(digits):
        larger = _DIGITS[_DIGITS.index(digit) + 1 :]
        if larger:
            rest = n.repeat(n.one_of(HEXDIG), length - place - 1, length - place - 1)
            same = [_digit(n, known) for known in digits[:place]]
            ways.append(n.sequence(*same, n.one_of(larger + larger.upper()), rest))
    return n.either(*ways)
