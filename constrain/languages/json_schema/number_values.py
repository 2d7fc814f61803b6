"""A finite set of numbers: every spelling of each, without exponent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constrain.languages.json_schema.finite import Finite
from constrain.languages.json_schema.numbers import ANY, LEXICAL, POINTED, without
from constrain.languages.json_schema.spelling import decimal_digits, exact, negated

if TYPE_CHECKING:
    from constrain.languages.json_schema.terms import Terms
    from constrain.languages.json_schema.writer import Writer


class FiniteNumbers(Finite):
    """Some numbers."""

    __slots__ = ()

    def complement(self, terms: Terms) -> list[Any]:
        return list(without(self.values, self.spelling))

    def inhabited(self, terms: Terms) -> bool:
        return bool(self.values)

    def write(self, writer: Writer) -> Any:
        """One table, however many values there are."""
        arena = writer.arena
        spellings = [
            pair
            for value in self.values
            for pair in number_spellings(writer, value, self._asked(value, writer))
        ]
        tails = Tails([tail for _, tail in spellings])
        return arena.choice(arena.table([text for text, _ in spellings], tails.follow))

    def _asked(self, value: Any, writer: Writer) -> int:
        """How ``value`` has to be spelled: with ``integers="digits"`` as the schema does if it has no point there."""
        digits = writer.options.integers == "digits" and isinstance(value, int)
        return LEXICAL if digits and self.spelling == ANY else self.spelling


class Tails:
    """What follows each key of a table, known beforehand."""

    __slots__ = ("nodes",)

    def __init__(self, nodes: list[Any]) -> None:
        self.nodes = nodes

    def follow(self, arena: Any, index: int) -> Any:
        return self.nodes[index]


def number_spellings(writer: Writer, value: Any, spelling: int) -> list[tuple[bytes, Any]]:
    """Every spelling of a number without exponent: (leading text, expression of the rest)."""
    arena, shared, digits = writer.arena, writer.shared, writer.options.max_digits
    number = exact(value)
    whole, fraction = decimal_digits(negated(number) if number < 0 else number)
    if spelling == POINTED and not fraction:
        fraction = "0"
    text = f"{whole}.{fraction}" if fraction else str(whole)
    if fraction:
        tail = arena.repeat(shared.zero, 0, max(digits - len(fraction), 0))
    else:
        tail = arena.EPSILON if spelling == LEXICAL else shared.zero_fraction
    signs = ["-"] if number < 0 else ["", "-"] if number == 0 else [""]
    return [((sign + text).encode(), tail) for sign in signs]
