"""Numbers as expressions."""

from __future__ import annotations

from typing import Any

from constrain.languages.json_schema.numerals.divisible import Numerals
from constrain.languages.json_schema.numerals.intervals import interval
from constrain.languages.json_schema.output.output import Output
from constrain.languages.json_schema.text.json_text import decimal_digits, exact, negated
from constrain.languages.json_schema.values.finite_numbers import FiniteNumbers
from constrain.languages.json_schema.values.numbers import (
    ANY,
    ANY_INTEGER,
    ANY_NUMBER,
    LEXICAL,
    POINTED,
    Numbers,
)

# The parts that every schema shares, without the fields of their intervals.
UNBOUNDED = (ANY_NUMBER[4:], ANY_INTEGER[4:])


def write_numbers(part: Numbers, writer: Output) -> Any:
    """The leaf of the numbers of ``part``."""
    part = part.spelled(writer.options)
    if part.low is None and part.high is None and part[4:] in UNBOUNDED:
        return writer.shared.integer if part.integer else writer.shared.number
    if part.multiple is None and not part.indivisible and part.integer != POINTED:
        return interval(writer, part)
    node = writer.number_leaves.get(part)
    if node is None:
        node = _numerals(part, writer).between(*part.span(writer.options.max_digits))
        writer.number_leaves[part] = node
    return node


def _numerals(part: Numbers, writer: Output) -> Numerals:
    """The spellings of the numbers without regard to their interval."""
    key = part._replace(low=None, low_open=False, high=None, high_open=False)
    numerals: Numerals | None = writer.numerals.get(key)
    if numerals is None:
        multiples = part.multiples(writer.options.max_digits)
        numerals = Numerals(writer, multiples, part.integer != POINTED, part.integer != LEXICAL)
        writer.numerals[key] = numerals
    return numerals


def write_finite_numbers(part: FiniteNumbers, writer: Output) -> Any:
    """One table, however many values there are."""
    arena = writer.arena
    spellings = [
        pair
        for value in part.values
        for pair in number_spellings(writer, value, _asked_spelling(part, value, writer))
    ]
    tails = Tails([tail for _, tail in spellings])
    return arena.choice(arena.table([text for text, _ in spellings], tails.follow))


def _asked_spelling(part: FiniteNumbers, value: Any, writer: Output) -> int:
    """How ``value`` must be spelled: with ``integers="digits"``, without a point if the schema writes none."""
    digits = writer.options.integers == "digits" and isinstance(value, int)
    return LEXICAL if digits and part.spelling == ANY else part.spelling


class Tails:
    """What follows each key of a table, known beforehand."""

    __slots__ = ("nodes",)

    def __init__(self, nodes: list[Any]) -> None:
        self.nodes = nodes

    def follow(self, arena: Any, index: int) -> Any:
        return self.nodes[index]


def number_spellings(writer: Output, value: Any, spelling: int) -> list[tuple[bytes, Any]]:
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
