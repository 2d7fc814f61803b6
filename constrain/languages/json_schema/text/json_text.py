"""How JSON values are spelled: each string in exactly one way, so that equal keys are equal bytes.

Strings are UTF-8 with the escapes that JSON cannot do without: ``\\" \\\\ \\b \\f \\n \\r \\t``
and lower-case ``\\u00xx`` for the other control characters (RFC 8259, section 7). That is what
``json.dumps(..., ensure_ascii=False)`` writes. ``ASCII`` is what it writes by default: ``\\uxxxx`` for each
character beyond ASCII, or two of them (a surrogate pair) where four digits are not enough.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import TYPE_CHECKING, Any

from constrain.languages.regex import Alphabet, Utf8
from constrain.languages.regex.unicode.ranges import ALL, Ranges, difference, intersection

if TYPE_CHECKING:
    from constrain.engine import Engine

Number = int | Decimal

# Characters that a JSON string spells with a backslash, and those that are escaped where only ASCII is wanted.
ESCAPED: Ranges = ((0, 0x1F), (0x22, 0x22), (0x5C, 0x5C))
BEYOND: Ranges = ((0x7F, 0x10FFFF),)

HEX_DIGITS = b"0123456789abcdef"


def has_spelling(text: str) -> bool:
    """Whether ``text`` can be spelled: a lone surrogate is no character."""
    return text.isascii() or UNICODE.spell(text) is not None


def exact(value: int | float | Decimal) -> Number:
    """The number without rounding, whole numbers as ``int``; a float stands for its shortest decimal."""
    if type(value) is int:
        return value
    number = Decimal(float.__repr__(value)) if isinstance(value, float) else value
    whole = int(number)
    return whole if whole == number else number


def negated(number: Number) -> Number:
    """Minus ``number``; the operator would round a Decimal to the precision of its context."""
    return number.copy_negate() if isinstance(number, Decimal) else -number


def decimal_digits(value: Number) -> tuple[int, str]:
    """The integer part of a number >= 0, and its fraction digits without trailing zeros."""
    if isinstance(value, int):
        return value, ""
    whole, _, fraction = format(value, "f").partition(".")
    return int(whole), fraction.rstrip("0")


def is_number(value: Any) -> bool:
    """Whether the value is a JSON number; a Python bool is not."""
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def identity(value: Any) -> Any:
    """A hashable stand-in: equal for equal JSON values (1 and 1.0 are equal, 1 and true are not)."""
    if value is None or isinstance(value, (bool, str)):
        return (type(value), value)
    if isinstance(value, list):
        return tuple([identity(item) for item in value])
    if isinstance(value, dict):
        return frozenset([(key, identity(item)) for key, item in value.items()])
    return exact(value)


def smaller(one: int | None, other: int | None) -> int | None:
    """The smaller of two upper bounds; None is no bound."""
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


class JsonText(Alphabet):
    """The alphabet of a JSON string's inside: a character is its UTF-8 bytes, or its escape.

    ``ascii``: whether every character beyond ASCII is escaped. There are two: ``UNICODE`` and ``ASCII``.
    """

    def __init__(self, ascii: bool) -> None:
        self.ascii = ascii

    def spell(self, text: str) -> bytes | None:
        """The JSON string, with its quotes; None if ``text`` holds a lone surrogate, which has no spelling."""
        try:
            spelled = encode_basestring(text).encode()
        except UnicodeEncodeError:
            return None
        return encode_basestring_ascii(text).encode() if self.ascii else spelled

    def contents(self, text: str) -> bytes:
        """What ``spell`` writes between the quotes; ``text`` holds no surrogate."""
        spelled = (encode_basestring_ascii if self.ascii else encode_basestring)(text)
        return spelled[1 : len(spelled) - 1].encode()

    def characters(self, arena: Engine, ranges: Ranges) -> Any:
        """The spellings of every character of ``ranges``."""
        raw, escapes = _raw_and_escaped(ranges)
        parts = []
        if self.ascii:
            parts = [node for bounds in intersection(raw, BEYOND) for node in _escapes(arena, *bounds)]
            raw = difference(raw, BEYOND)
        if raw:
            parts.append(Utf8().characters(arena, raw))
        for beginning, members in escapes:
            parts.append(arena.concat(arena.literal(beginning), arena.byte_set(members)))
        return arena.union(parts)

    def any_text(self, arena: Engine) -> Any:
        """Every sequence of characters."""
        return arena.repeat(self.characters(arena, ALL))

    def text(self, arena: Engine, text: str) -> Any:
        """One text without surrogates."""
        return arena.literal(self.contents(text))


@lru_cache(maxsize=4096)
def _raw_and_escaped(ranges: Ranges) -> tuple[Ranges, tuple[tuple[bytes, int], ...]]:
    r"""The characters that are written as they are, and the escapes of the others.

    Escapes with a common beginning, ``\``, ``\u000`` or ``\u001``, go together: their last bytes are one set.
    """
    last_bytes: dict[bytes, int] = {}
    for first, last in intersection(ranges, ESCAPED):
        for code in range(first, last + 1):
            escape = encode_basestring(chr(code))[1:-1].encode()
            beginning, last_byte = escape[:-1], escape[-1]
            last_bytes[beginning] = last_bytes.get(beginning, 0) | 1 << last_byte
    return difference(ranges, ESCAPED), tuple(last_bytes.items())


UNICODE, ASCII = JsonText(ascii=False), JsonText(ascii=True)


def _escapes(arena: Engine, first: int, last: int) -> Iterator[Any]:
    r"""``\uxxxx`` for the characters from ``first`` to ``last``, and surrogate pairs (RFC 8259, section 7)."""
    if first < 0x10000:
        yield _escaped(arena, first, min(last, 0xFFFF))
    first, last = max(first - 0x10000, 0), last - 0x10000
    while first <= last:
        lead = first >> 10
        following = (lead + 1) << 10
        if first & 0x3FF == 0 and last + 1 >= following:  # leads that are followed by all trails
            following = (last + 1) >> 10 << 10
        end = min(last, following - 1)
        leads = _escaped(arena, 0xD800 | lead, 0xD800 | (following - 1) >> 10)
        yield arena.concat(leads, _escaped(arena, 0xDC00 | first & 0x3FF, 0xDC00 | end & 0x3FF))
        first = end + 1


def _escaped(arena: Engine, first: int, last: int) -> Any:
    r"""``\u`` and four hexadecimal digits."""
    return arena.concat(arena.literal(b"\\u"), _hexadecimal(arena, first, last, 4))


def _hexadecimal(arena: Engine, first: int, last: int, digits: int) -> Any:
    """The numbers from ``first`` to ``last``, written with ``digits`` digits."""
    if not digits:
        return arena.EPSILON
    unit = 16 ** (digits - 1)
    low, high = first // unit, last // unit
    if low == high:
        rest = _hexadecimal(arena, first % unit, last % unit, digits - 1)
        return arena.concat(arena.literal(HEX_DIGITS[low : low + 1]), rest)
    parts = []
    if first % unit:
        parts.append(_hexadecimal(arena, first, (low + 1) * unit - 1, digits))
        low += 1
    if (last + 1) % unit:
        parts.append(_hexadecimal(arena, high * unit, last, digits))
        high -= 1
    if low <= high:
        leading = arena.byte_set(sum(1 << digit for digit in HEX_DIGITS[low : high + 1]))
        parts.append(arena.concat(leading, _hexadecimal(arena, 0, unit - 1, digits - 1)))
    return arena.union(parts)
