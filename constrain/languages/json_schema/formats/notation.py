"""The notation of the RFCs, ABNF (RFC 5234), as methods that build expressions.

A grammar rule becomes a function of a ``Notation``: ``n.sequence("P", n.repeat(digit, 1), "D")``. Texts
stand for themselves, in the case they are written in; ``any_case`` gives ABNF's own meaning of a
quoted text. The characters are those of a JSON string's contents (``json_text.JsonText``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from constrain.engine import Deferred
from constrain.languages.json_schema.text.json_text import UNICODE, JsonText
from constrain.languages.regex.unicode import ranges as sets
from constrain.languages.regex.unicode.ranges import Ranges

if TYPE_CHECKING:
    from constrain.engine import Engine


def members(characters: str) -> Ranges:
    """The set of the characters of a text."""
    return sets.normalise((ord(character), ord(character)) for character in characters)


# RFC 5234, appendix B.1, core rules.
DIGIT: Ranges = ((0x30, 0x39),)
ALPHA: Ranges = ((0x41, 0x5A), (0x61, 0x7A))
HEXDIG: Ranges = ((0x30, 0x39), (0x41, 0x46), (0x61, 0x66))
ALPHANUMERIC = sets.union([ALPHA, DIGIT])
NOT_ASCII = sets.complement(((0, 0x7F),))


class Notation:
    """Builds expressions in one arena. A part is an expression, or a text that stands for itself."""

    __slots__ = ("_sets", "alphabet", "arena")

    def __init__(self, arena: Engine, alphabet: JsonText = UNICODE) -> None:
        self.arena: Any = arena
        self.alphabet = alphabet
        self._sets: dict[Ranges, Any] = {}

    def one_of(self, characters: str | Ranges) -> Any:
        """One character of a set."""
        ranges = members(characters) if isinstance(characters, str) else characters
        found = self._sets.get(ranges)
        if found is None:
            found = self.alphabet.characters(self.arena, ranges) if ranges else self.arena.EMPTY
            self._sets[ranges] = found
        return found

    def part(self, part: Any) -> Any:
        return self.alphabet.text(self.arena, part) if isinstance(part, str) else part

    def sequence(self, *parts: Any) -> Any:
        """The parts one after the other."""
        return self.arena.concat(*[self.part(part) for part in parts])

    def either(self, *parts: Any) -> Any:
        """Any one of the parts."""
        return self.arena.union([self.part(part) for part in parts])

    def repeat(self, part: Any, least: int = 0, most: int | None = None) -> Any:
        """The part, ``least`` to ``most`` times (None: any number of times)."""
        return self.arena.repeat(self.part(part), least, most)

    def optional(self, *parts: Any) -> Any:
        """The sequence of the parts, or nothing."""
        return self.repeat(self.sequence(*parts), 0, 1)

    def separated(self, item: Any, separator: Any, least: int = 1, most: int | None = None) -> Any:
        """``least`` (at least one) to ``most`` items with a separator between each two."""
        more = None if most is None else most - 1
        return self.sequence(item, self.repeat(self.sequence(separator, item), least - 1, more))

    def deferred(self, rule: Callable[..., Any], *arguments: Any, residual: int | None = None) -> Any:
        """What ``rule(n, *arguments)`` builds, which needs a character, when it is first read; so many bytes as
        ``residual`` complete what is begun of it, if that is given."""
        write = partial(_apply, self.alphabet, rule, arguments)
        return self.arena.reference(write if residual is None else Deferred(write, residual))

    def any_case(self, text: str) -> Any:
        """A text of ASCII letters and other characters, in upper or lower case."""
        return self.sequence(*[self.one_of(letter.lower() + letter.upper()) for letter in text])

    def two_digits(self, values: Iterable[int]) -> Any:
        """Numbers from 0 to 99, written with two digits."""
        tens: dict[str, str] = {}
        for value in sorted(values):
            ten, unit = str(value // 10), str(value % 10)
            tens[ten] = tens.get(ten, "") + unit
        units: dict[str, str] = {}
        for ten, some in tens.items():
            units[some] = units.get(some, "") + ten
        return self.either(
            *[self.sequence(self.one_of(first), self.one_of(some)) for some, first in units.items()]
        )


def _apply(alphabet: JsonText, rule: Callable[..., Any], arguments: tuple[Any, ...], arena: Any) -> Any:
    return rule(Notation(arena, alphabet), *arguments)
