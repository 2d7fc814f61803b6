"""The contents of quoted strings and of regular expressions between slashes."""

from __future__ import annotations

import re

from constrain.languages.grammar.syntax import Literal, Pattern, Place, Range
from constrain.languages.grammar.tokens import Token

# Lark lists 'l' (locale) too: its meaning depends on the machine, so it is refused.
FLAGS = "imsux"

_ESCAPE = re.compile(
    r"""\\(?: (?P<plain>[nrtf"\\])
            | x(?P<x>[0-9a-fA-F]{2}) | u(?P<u>[0-9a-fA-F]{4}) | U(?P<U>[0-9a-fA-F]{8})
            | (?P<other>[\s\S]) )""",
    re.VERBOSE,
)
_PLAIN = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", '"': '"', "\\": "\\"}


def read_string(token: Token, source: str) -> Literal:
    """``"text"`` or ``"text"i``, as a literal. An empty one is refused, as Lark does."""
    place = Place(source, token.offset)
    closing = token.text.rindex('"')
    text = _unescape(token.text[1:closing], Place(source, token.offset + 1))
    if not text:
        raise place.error(
            "an empty string matches nothing in particular: leave the alternative empty instead"
        )
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise place.error("half a surrogate pair cannot be written")
    return Literal(text, token.text[closing + 1 :] == "i", place)


def read_range(first: Token, last: Token, source: str) -> Range:
    """``"a".."z"``: two single characters in ascending order."""
    ends = []
    for token in (first, last):
        literal = read_string(token, source)
        if len(literal.text) != 1 or literal.ignore_case:
            raise literal.place.error("the ends of a range are single characters, without flags")
        ends.append(literal.text)
    place = Place(source, first.offset)
    if ends[0] > ends[1]:
        raise place.error(f"the range {ends[0]!r}..{ends[1]!r} is empty: its ends are in the wrong order")
    return Range(ends[0], ends[1], place)


def read_regexp(token: Token, source: str) -> Pattern:
    """``/pattern/flags``. The pattern is not changed, since ``\\/`` is an escape in its syntax."""
    closing = token.text.rindex("/")
    pattern, flags = token.text[1:closing], token.text[closing + 1 :]
    for i, flag in enumerate(flags):
        if flag not in FLAGS:
            place = Place(source, token.offset + closing + 1 + i)
            raise place.error(
                f"'{flag}' is not a flag of a regular expression here; those are {', '.join(FLAGS)}"
            )
    place = Place(source, token.offset + 1)
    if "\n" in pattern and "x" not in flags:
        raise place.error("a regular expression goes over several lines only with the flag 'x'")
    return Pattern(pattern, flags, place)


def _unescape(text: str, start: Place) -> str:
    """Lark's escapes. A backslash before any other character stands for itself, as in Lark."""

    def value(found: re.Match[str]) -> str:
        if found["plain"]:
            return _PLAIN[found["plain"]]
        if found["other"]:
            if found["other"] in "xuU":
                place = Place(start.source, start.offset + found.start())
                raise place.error(f"\\{found['other']} takes 2 (\\x), 4 (\\u) or 8 (\\U) hexadecimal digits")
            return found.group()
        number = int(found["x"] or found["u"] or found["U"], 16)
        if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
            place = Place(start.source, start.offset + found.start())
            raise place.error(f"U+{number:04X} is no Unicode character")
        return chr(number)

    return _ESCAPE.sub(value, text)
