"""Numbers: an interval, divisibility and spelling, closed under conjunction and negation."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor
from typing import Any, NamedTuple

from constrain.languages.json_schema.terms.algebra import Algebra
from constrain.languages.json_schema.text.json_text import Number, exact
from constrain.languages.json_schema.text.options import Options
from constrain.languages.json_schema.values.finite import Finite
from constrain.languages.json_schema.values.multiples import Multiples, common_multiple, is_multiple, smallest

# What ``integer`` asks for: nothing; a multiple of 1; a spelling without a point, as draft 4 wants of integers (since
# draft 6, ``1.0`` is one); or the negation of that, a spelling with a point.
ANY, WHOLE, LEXICAL, POINTED = 0, 1, 2, 3

ONE = Fraction(1)


class Numbers(NamedTuple):
    """Numbers from ``low`` to ``high`` (None: no bound), each bound exclusive if ``open``, that are
    multiples of ``multiple`` (None: of nothing in particular) and of none of ``indivisible``.

    All fields concern values, except that ``LEXICAL`` and ``POINTED`` concern spellings. ``meet`` and ``complement``
    return one canonical form: ``integer`` says that a number is whole wherever it can, and each of ``indivisible``
    is a multiple of ``divisor`` and of no other of them.
    """

    low: Number | None = None
    low_open: bool = False
    high: Number | None = None
    high_open: bool = False
    integer: int = ANY
    multiple: Fraction | None = None
    indivisible: tuple[Fraction, ...] = ()

    @property
    def lexical(self) -> bool:
        return self.integer == LEXICAL

    @property
    def spelling(self) -> int:
        """What is asked of the spelling: LEXICAL, POINTED, or ANY if nothing is."""
        return self.integer if self.integer in (LEXICAL, POINTED) else ANY

    @property
    def divisor(self) -> Fraction | None:
        """What divides every number of the part, as far as ``multiple`` and ``integer`` say."""
        return common_multiple(self.multiple, ONE) if self.integer in (WHOLE, LEXICAL) else self.multiple

    def meet(self, other: Any, algebra: Algebra) -> Any:
        return other.meet(self, algebra) if isinstance(other, Finite) else self.both(other)

    def both(self, other: Numbers) -> Numbers | None:
        """The numbers of both parts; None if the parts show that there are none."""
        low, low_open, high, high_open = self[:4]
        if other.low is not None and (low is None or (other.low, other.low_open) > (low, low_open)):
            low, low_open = other.low, other.low_open
        if other.high is not None and (
            high is None or (other.high, not other.high_open) < (high, not high_open)
        ):
            high, high_open = other.high, other.high_open
        if low is not None and high is not None and (low > high or (low == high and (low_open or high_open))):
            return None
        integer = max(self.integer, other.integer)
        if integer == POINTED and LEXICAL in (self.integer, other.integer):
            return None
        bounded = Numbers(low, low_open, high, high_open, integer)
        if self[5:] == other[5:] == (None, ()) and integer != POINTED:
            return bounded
        divisor = common_multiple(self.divisor, other.divisor)
        indivisible = [
            common_multiple(each, divisor) or each for each in (*self.indivisible, *other.indivisible)
        ]
        return None if divisor in indivisible else bounded.divisible(divisor, smallest(indivisible))

    def divided_by(self, value: int | float | Decimal | Fraction) -> Numbers:
        """The multiples of ``value``, a number above 0: ``multipleOf`` and ``divisibleBy``."""
        divisor = value if isinstance(value, Fraction) else Fraction(exact(value))
        if divisor <= 0:
            raise ValueError(f"a divisor must be greater than 0, not {value}")
        return self.divisible(common_multiple(self.divisor, divisor), self.indivisible)

    def divisible(self, divisor: Fraction | None, indivisible: tuple[Fraction, ...]) -> Numbers:
        """The part with other divisibility, in canonical form."""
        integer = self.integer
        if integer != POINTED and divisor is not None and divisor.denominator == 1:
            integer = max(integer, WHOLE)
            divisor = divisor if divisor > 1 else None
        return Numbers(*self[:4], integer, divisor, indivisible)

    def complement(self, algebra: Algebra) -> list[Numbers]:
        """All other numbers, in disjoint parts."""
        inside: Numbers | None = Numbers(*self[:4])
        parts: list[Numbers | None] = list(self.outside())
        for condition, negation in self.conditions():
            if inside is not None:
                parts.append(inside.both(negation))
                inside = inside.both(condition)
        return [part for part in parts if part is not None]

    def conditions(self) -> list[tuple[Numbers, Numbers]]:
        """The conditions of the part besides its interval, each with its negation."""
        result = []
        if self.integer in (LEXICAL, POINTED):
            other = POINTED if self.lexical else LEXICAL
            result.append((Numbers(integer=self.integer), Numbers(integer=other)))
        if self.divisor is not None and not (self.lexical and self.divisor == 1):
            result.append((ANY_NUMBER.divided_by(self.divisor), Numbers(indivisible=(self.divisor,))))
        for each in self.indivisible:
            result.append((Numbers(indivisible=(each,)), ANY_NUMBER.divided_by(each)))
        return result

    def outside(self) -> list[Numbers]:
        """The numbers beyond either bound."""
        parts = []
        if self.low is not None:
            parts.append(Numbers(high=self.low, high_open=not self.low_open))
        if self.high is not None:
            parts.append(Numbers(low=self.high, low_open=not self.high_open))
        return parts

    def implies(self, other: Any) -> bool:
        return isinstance(other, Numbers) and self.both(other) == self

    def disjoint(self, other: Any, algebra: Algebra) -> bool:
        return other.disjoint(self, algebra) if isinstance(other, Finite) else self.both(other) is None

    def accepts(self, value: Any, algebra: Algebra) -> bool:
        """Whether any spelling of ``value`` is in the part; every number has one with a point."""
        number = exact(value)
        if self.integer in (WHOLE, LEXICAL) and not isinstance(number, int):
            return False
        if self.low is not None and (number < self.low or (number == self.low and self.low_open)):
            return False
        if self.high is not None and (number > self.high or (number == self.high and self.high_open)):
            return False
        if self.multiple is None and not self.indivisible:
            return True
        fraction = Fraction(number)
        if self.multiple is not None and not is_multiple(fraction, self.multiple):
            return False
        return not any(is_multiple(fraction, each) for each in self.indivisible)

    def inhabited(self, algebra: Algebra) -> bool:
        """Whether any number of the part has at most ``max_digits`` digits on each side of the point."""
        if self.low is None and self.high is None and not self.indivisible:
            return True  # 0
        digits = algebra.options.max_digits
        return self.multiples(digits).first(*self.span(digits)) is not None

    def few_values(self, limit: int, algebra: Algebra) -> list[Number] | None:
        """The numbers of the part, or None if they are more than ``limit``."""
        digits = algebra.options.max_digits
        multiples, (first, last) = self.multiples(digits), self.span(digits)
        if multiples.at_least(first, last) > limit:
            return None
        found: list[Number] = []
        number = multiples.first(first, last)
        while number is not None:
            if len(found) == limit:
                return None
            found.append(exact(Decimal(f"{number}e-{digits}")))
            number = multiples.first(number + 1, last)
        return found

    def multiples(self, digits: int) -> Multiples:
        return Multiples.of(self.divisor, self.indivisible, digits)

    def span(self, digits: int) -> tuple[int, int]:
        """The first and the last number in the interval, in units of 10 ** -digits, the integer part
        having no more than ``digits`` digits."""
        unit = 10**digits
        first, last = 1 - unit * unit, unit * unit - 1
        if self.low is not None:
            bound = Fraction(self.low) * unit
            first = max(first, floor(bound) + 1 if self.low_open else ceil(bound))
        if self.high is not None:
            bound = Fraction(self.high) * unit
            last = min(last, ceil(bound) - 1 if self.high_open else floor(bound))
        return first, last

    def spelled(self, options: Options) -> Numbers:
        """The part as it is written: with ``integers="digits"``, whole numbers have no point.

        This comes last, since a schema judges values, and ``1.0`` is an integer even if it is never written.
        """
        if options.integers != "digits" or self.integer == POINTED:
            return self
        divisor = self.divisor
        return self if divisor is None or divisor.denominator > 1 else self._replace(integer=LEXICAL)


ANY_NUMBER = Numbers()
ANY_INTEGER = Numbers(integer=WHOLE)


def without(values: Iterable[int | float | Decimal], integer: int = ANY) -> list[Numbers]:
    """All numbers but ``values``; if ``integer`` is LEXICAL or POINTED, only those spellings of them are left out."""
    numbers = sorted({exact(value) for value in values})
    if not numbers:
        return [ANY_NUMBER]
    parts = [Numbers(high=numbers[0], high_open=True)]
    parts += [Numbers(low, True, high, True) for low, high in pairwise(numbers)]
    parts.append(Numbers(low=numbers[-1], low_open=True))
    if integer == LEXICAL:
        parts += [Numbers(number, False, number, False, POINTED) for number in numbers]
    elif integer == POINTED:
        parts += [
            Numbers(number, False, number, False, LEXICAL) for number in numbers if isinstance(number, int)
        ]
    return parts
