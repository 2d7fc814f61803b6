"""Parts of numbers for tests: how to make and to write them, and what they mean, as simply as possible."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from constrain.engine import Engine
from constrain.languages.json_schema import Options, build_shared
from constrain.languages.json_schema.document.document import Document
from constrain.languages.json_schema.numerals.number_writer import write_numbers
from constrain.languages.json_schema.solver import Solver
from constrain.languages.json_schema.values.numbers import ANY_NUMBER, LEXICAL, POINTED, WHOLE, Numbers
from constrain.languages.json_schema.values.string_languages import StringLanguages
from constrain.languages.json_schema.writing.writer import Writer

# The divisors of real schemas, and some with common factors, for what goes wrong with those.
DIVISORS = [
    "0.01",
    "0.1",
    "0.5",
    "1",
    "2",
    "3",
    "5",
    "6",
    "7",
    "10",
    "13",
    "25",
    "100",
    "130",
    "2.5",
    "0.75",
    "0.07",
]
DIVISORS += ["0.003", "1e-8", "1e308", "0.123456789", "123457"]


def writer_of(arena: Any, digits: int) -> Writer:
    options = Options(whitespace="compact", max_digits=digits)
    shared = build_shared(arena, options)
    return Writer(arena, shared, Solver(Document(True), options, StringLanguages(arena, shared.character)))


def written(part: Numbers, digits: int, arena: Any = None) -> tuple[Any, Any, Writer]:
    """An arena, the expression of ``part`` in it, EMPTY if it has no number, and its writer."""
    arena = Engine() if arena is None else arena
    writer = writer_of(arena, digits)
    node = write_numbers(part, writer) if part.inhabited(writer.solver) else arena.EMPTY
    return arena, node, writer  # the arena does not keep the writer of what is already written


def means(part: Numbers, text: str) -> bool:
    """Whether the number spelled by ``text`` satisfies every condition of the part."""
    value = Fraction(text)
    if part.low is not None and (
        value < Fraction(part.low) or (part.low_open and value == Fraction(part.low))
    ):
        return False
    if part.high is not None and (
        value > Fraction(part.high) or (part.high_open and value == Fraction(part.high))
    ):
        return False
    if part.integer in (WHOLE, LEXICAL) and value.denominator > 1:
        return False
    if (part.integer == LEXICAL and "." in text) or (part.integer == POINTED and "." not in text):
        return False
    if part.multiple is not None and (value / part.multiple).denominator > 1:
        return False
    return all((value / each).denominator > 1 for each in part.indivisible)


def spellings(digits: int) -> list[str]:
    """Every number of at most ``digits`` digits before and after the point, spelled in every way."""
    fractions = [f"{f:0{n}}" for n in range(1, digits + 1) for f in range(10**n)]
    wholes = [f"{sign}{whole}" for sign in ("", "-") for whole in range(10**digits)]
    return wholes + [f"{whole}.{fraction}" for whole in wholes for fraction in fractions]


def limits(largest: int) -> st.SearchStrategy[Any]:
    decimals = st.builds(
        lambda digits, places: Decimal(digits).scaleb(-places),
        st.integers(-largest, largest),
        st.integers(0, 3),
    )
    return st.integers(-12, 12) | decimals


def conditions(largest: int) -> st.SearchStrategy[Numbers]:
    """Parts with one condition each."""
    divisors = st.sampled_from(DIVISORS)
    return st.one_of(
        divisors.map(lambda divisor: ANY_NUMBER.divided_by(Decimal(divisor))),
        divisors.map(lambda divisor: Numbers(indivisible=(Fraction(divisor),))),
        st.sampled_from([WHOLE, LEXICAL, POINTED]).map(lambda integer: Numbers(integer=integer)),
        st.builds(
            lambda limit, exclusive: Numbers(low=limit, low_open=exclusive), limits(largest), st.booleans()
        ),
        st.builds(
            lambda limit, exclusive: Numbers(high=limit, high_open=exclusive), limits(largest), st.booleans()
        ),
    )


def combined(parts: list[Numbers]) -> Numbers | None:
    """The conjunction of ``parts``, None if it shows that it is empty."""
    result: Numbers | None = ANY_NUMBER
    for part in parts:
        result = None if result is None else result.both(part)
    return result


def part_lists(largest: int, most: int = 5) -> st.SearchStrategy[list[Numbers]]:
    return st.lists(conditions(largest), min_size=1, max_size=most)
