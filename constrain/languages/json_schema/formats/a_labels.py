"""Labels in Punycode (RFC 3492) that stand for one letter beyond ASCII among letters of ASCII.

``xn--mnchen-3ya``: the letters of ASCII in order, a hyphen, and three digits that say which other letter to
insert, and where. Both are one number, ``(code - 0x80) * (letters + 1) + place``, written in base 35 with the
lowest digit first. Which triples of digits are right depends on how many letters there are, so an
automaton can decide it. For two letters beyond ASCII it would have to remember the first one.
"""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Any

import constrain.languages.json_schema.formats.idna_tables as known
from constrain.engine import Deferred
from constrain.languages.json_schema.formats.notation import DIGIT, Notation
from constrain.languages.regex.unicode import ranges as sets
from constrain.languages.regex.unicode.ranges import Ranges

_LETTER: Ranges = sets.union([DIGIT, ((0x61, 0x7A),)])  # the encoder writes no upper case
_DIGITS = "abcdefghijklmnopqrstuvwxyz0123456789"
_BYTES = [1 << ord(digit) for digit in _DIGITS]
# The first number of a label has thresholds 1, 1, 26 (RFC 3492, sections 3.3 and 5): its first two digits are
# at least 1, and the third is the last if it is below 26.
_BASE = 35
_LAST_DIGITS = 26
_NUMBERS = _BASE + 1 + _BASE * _BASE * _LAST_DIGITS
_MOST_LETTERS = 63 - len("xn--") - len("-abc")
LONGEST = 63  # bytes of a label (RFC 1034, section 3.1)


def a_label(n: Notation) -> Any:
    """``xn--``, letters and single hyphens in between, and the inserted letter."""
    arena = n.arena
    letter = n.one_of(_LETTER)
    rests = [arena.EMPTY, arena.EMPTY]  # after as many letters as are possible, after one less, ...
    for count in range(_MOST_LETTERS, 0, -1):
        inserted = arena.reference(Deferred(partial(_insertion, count), LONGEST))
        after_hyphen = n.either(inserted, n.sequence(letter, rests[-2]))
        more = n.either(n.sequence(letter, rests[-1]), _dotted(n, count + 2))
        rests.append(n.either(n.sequence("-", after_hyphen), more))
    alone = arena.reference(Deferred(partial(_insertion, 0), LONGEST))
    return n.sequence("xn--", n.either(alone, n.sequence(letter, rests[-1]), _dotted(n, 2)))


def _dotted(n: Notation, count: int) -> Any:
    """Two letters l, the ``count``-th the second, with a middle dot inserted between them."""
    if count > _MOST_LETTERS:
        return n.arena.EMPTY
    return n.sequence("ll", n.arena.reference(Deferred(partial(_middle_dot, count), LONGEST)))


@lru_cache(maxsize=1)
def insertable() -> Ranges:
    """Letters that are allowed beside any letters of ASCII, in names without right-to-left letters."""
    tables = known.tables()
    left_to_right = sets.union([tables.bidi["L"], tables.bidi["EN"]])
    excluded = sets.union([tables.marks, known.DEPENDENT, ((0, 0x7F),)])
    return sets.difference(sets.intersection(tables.allowed, left_to_right), excluded)


def _insertion(count: int, arena: Any) -> Any:
    """The digits that insert a letter anywhere among ``count`` others."""
    right = _numbers(count)
    beginnings: dict[frozenset[tuple[bytes, int]], int] = {}
    for one in range(1, _BASE + 1):
        endings: dict[bytes, int] = {}
        for two in range(1, _BASE + 1):
            column = right[one + _BASE * two :: _BASE * _BASE]
            endings[column] = endings.get(column, 0) | _BYTES[two]
        key = frozenset(endings.items())
        beginnings[key] = beginnings.get(key, 0) | _BYTES[one]
    ways = []
    for key, ones in beginnings.items():
        pairs = [arena.concat(arena.byte_set(twos), arena.byte_set(_flagged(threes))) for threes, twos in key]
        ways.append(arena.concat(arena.byte_set(ones), arena.union(pairs)))
    return arena.union(ways)


def _numbers(count: int) -> bytes:
    """[number]: whether it inserts a letter that may be inserted."""
    right = bytearray(_NUMBERS)
    for first, last in insertable():
        low = (first - 0x80) * (count + 1)
        if low >= _NUMBERS:
            break
        high = min((last - 0x80) * (count + 1) + count + 1, _NUMBERS)
        right[low:high] = b"\1" * (high - low)
    return bytes(right)


@lru_cache(maxsize=4096)
def _flagged(flags: bytes) -> int:
    return sum(_BYTES[place] for place, flag in enumerate(flags) if flag)


def _middle_dot(place: int, arena: Any) -> Any:
    """What follows ``ll``, of which the second is the ``place``-th letter: no hyphens here.

    With hyphens, a union with the labels above would be factored in exponentially many ways.
    """
    n = Notation(arena)
    letter = n.one_of(_LETTER)
    rest = arena.EMPTY
    for count in range(_MOST_LETTERS, place - 1, -1):
        number = (ord(known.MIDDLE_DOT) - 0x80) * (count + 1) + place - 1
        rest = n.either("-" + _three_digits(number), n.sequence(letter, rest))
    return rest


def _three_digits(number: int) -> str:
    rest, one = divmod(number - 1, _BASE)
    rest, two = divmod(rest - 1, _BASE)
    return _DIGITS[one + 1] + _DIGITS[two + 1] + _DIGITS[rest]
