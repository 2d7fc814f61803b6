"""How JSON values are spelled: each string in exactly one way, so that equal keys are equal bytes.

Strings are UTF-8 with the escapes that JSON cannot do without: ``\\" \\\\ \\b \\f \\n \\r \\t``
and lower-case ``\\u00xx`` for the other control characters (RFC 8259, section 7). That is what
``json.dumps(..., ensure_ascii=False)`` writes.
"""

from __future__ import annotations

from decimal import Decimal
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any

from constrain.languages.regex import Alphabet, Utf8
from constrain.languages.regex.ranges import ALL, Ranges, difference, intersection

if TYPE_CHECKING:
    from constrain.engine import Engine

Number = int | Decimal

# Characters that a JSON string spells with a backslash.
ESCAPED: Ranges = ((0, 0x1F), (0x22, 0x22), (0x5C, 0x5C))


def spell(text: str) -> bytes | None:
    """The JSON string, with its quotes; None if ``text`` holds a lone surrogate, which has no spelling."""
    try:
        return encode_basestring(text).encode()
    except UnicodeEncodeError:
        return None


def has_spelling(text: str) -> bool:
    """Whether ``text`` can be spelled: UTF-8 cannot express a lone surrogate."""
    return text.isascii() or spell(text) is not None


def contents(text: str) -> bytes:
    """What ``spell`` writes between the quotes; ``text`` holds no surrogate."""
    spelled = encode_basestring(text)
    return spelled[1 : len(spelled) - 1].encode()


def exact(value: int | float | Decimal) -> Number:
    """The number without rounding, whole numbers as ``int``; a float stands for its shortest decimal."""
    if type(value) is int:
        return value
    number = Decimal(repr(value)) if isinstance(value, float) else value
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
    """The alphabet of a JSON string's inside: a character is its UTF-8 bytes, or its escape."""

    def characters(self, arena: Engine, ranges: Ranges) -> Any:
        """The spellings of every character of ``ranges``."""
        raw = difference(ranges, ESCAPED)
        parts = [Utf8().characters(arena, raw)] if raw else []
        # Escapes with a common beginning: ``\\``, ``\\u000``, ``\\u001``; their last bytes are one set.
        last_bytes: dict[bytes, int] = {}
        for first, last in intersection(ranges, ESCAPED):
            for code in range(first, last + 1):
                escape = contents(chr(code))
                beginning, last_byte = escape[: len(escape) - 1], escape[len(escape) - 1]
                last_bytes[beginning] = last_bytes.get(beginning, 0) | 1 << last_byte
        for beginning, members in last_bytes.items():
            parts.append(arena.concat(arena.literal(beginning), arena.byte_set(members)))
        return arena.union(parts)

    def any_text(self, arena: Engine) -> Any:
        """Every sequence of characters."""
        return arena.repeat(self.characters(arena, ALL))

    def text(self, arena: Engine, text: str) -> Any:
        """One text without surrogates."""
        return arena.literal(contents(text))
