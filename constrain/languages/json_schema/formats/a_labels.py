"""Labels in Punycode (RFC 3492) that stand for one letter beyond ASCII among letters of ASCII.

``xn--mnchen-3ya``: the letters of ASCII in order, a hyphen, and three digits that say which other letter to
insert, and where. Both are one number, ``(code - 0x80) * (letters + 1) + place``, written in base 35 with the
lowest digit first. Which triples of digits are right depends on how many letters there are, so an
automaton can decide it. For two letters beyond ASCII it would have to remember the first one.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from constrain.languages.json_schema.formats import idna_tables as known
from constrain.languages.json_schema.formats.notation import DIGIT, Notation, members
from constrain.languages.regex import ranges as sets
from constrain.languages.regex.ranges import Ranges

_LETTER: Ranges = sets.union([DIGIT, ((0x61, 0x7A),)])  # upper case is not what the encoder writes
_DIGITS = "abcdefghijklmnopqrstuvwxyz0123456789"
# The first number of a label has thresholds 1, 1, 26 (RFC 3492, sections 3.3 and 5): its first two digits are
# at least 1, and the third is the last if it is below 26.
_BASE = 35
_LAST_DIGITS = 26
_NUMBERS = _BASE + _BASE * _BASE + _BASE * _BASE * _LAST_DIGITS
_MOST_LETTERS = 63 - len("xn--") - len("-abc")


def a_label(n: Notation) -> Any:
    """``xn--``, letters and single hyphens in between, and the inserted letter."""
    letter = n.one_of(_LETTER)
    rests = [n.arena.EMPTY, n.arena.EMPTY]  # after as many letters as are possible, after one less, ...
    for count in range(_MOST_LETTERS, 0, -1):
        inserted = n.arena.reference(partial(_insertion, count))
        more = n.either(n.sequence(letter, rests[-1]), n.sequence("-", letter, rests[-2]))
        dotted = n.sequence("ll", n.arena.reference(partial(_middle_dot, count + 2))) if count < _MOST_LETTERS - 1 else n.arena.EMPTY
        rests.append(n.either(n.sequence("-", inserted), more, dotted))
    alone = n.arena.reference(partial(_insertion, 0))
    dotted = n.sequence("ll", n.arena.reference(partial(_middle_dot, 2)))
    return n.sequence("xn--", n.either(alone, n.sequence(letter, rests[-1]), dotted))


def insertable() -> Ranges:
    """Letters that are allowed beside any letters of ASCII, in names without right-to-left letters."""
    tables = known.tables()
    left_to_right = sets.union([tables.bidi["L"], tables.bidi["EN"]])
    excluded = sets.union([tables.marks, known.DEPENDENT, ((0, 0x7F),)])
    return sets.difference(sets.intersection(tables.allowed, left_to_right), excluded)


def _insertion(count: int, arena: Any) -> Any:
    """The digits that insert a letter anywhere among ``count`` others."""
    n = Notation(arena)
    right = bytearray(_NUMBERS)
    for first, last in insertable():
        low = min((first - 0x80) * (count + 1), _NUMBERS)
        high = min((last - 0x80) * (count + 1) + count + 1, _NUMBERS)
        right[low:high] = b"\1" * (high - low)
    beginnings: dict[tuple[tuple[str, str], ...], str] = {}
    for one in range(1, _BASE + 1):
        endings: dict[str, str] = {}
        for two in range(1, _BASE + 1):
            column = right[one + _BASE * two :: _BASE * _BASE][:_LAST_DIGITS]
            last_digits = "".join(_DIGITS[place] for place, flag in enumerate(column) if flag)
            endings[last_digits] = endings.get(last_digits, "") + _DIGITS[two]
        endings.pop("", None)
        key = tuple(sorted(endings.items()))
        beginnings[key] = beginnings.get(key, "") + _DIGITS[one]
    return n.either(
        *[
            n.sequence(n.one_of(some), *[n.either(*[n.sequence(n.one_of(twos), n.one_of(threes)) for threes, twos in key])])
            for key, some in beginnings.items()
        ]
    )


def _middle_dot(place: int, arena: Any) -> Any:
    """What follows ``ll`` where a middle dot between them is inserted; ``place`` letters are read."""
    n = Notation(arena)
    letter = n.one_of(_LETTER)
    rests = [n.arena.EMPTY, n.arena.EMPTY]
    for count in range(_MOST_LETTERS, place - 1, -1):
        number = (ord(known.MIDDLE_DOT) - 0x80) * (count + 1) + place - 1
        more = n.either(n.sequence(letter, rests[-1]), n.sequence("-", letter, rests[-2]))
        rests.append(n.either("-" + _three_digits(number), more))
    return rests[-1]


def _three_digits(number: int) -> str:
    rest, one = divmod(number - 1, _BASE)
    rest, two = divmod(rest - 1, _BASE)
    return _DIGITS[one + 1] + _DIGITS[two + 1] + _DIGITS[rest]
