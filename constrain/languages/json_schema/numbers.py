"""Numbers: one interval and integer-ness, decided by exact arithmetic."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING, Any, NamedTuple

from constrain.languages.json_schema.finite import Finite
from constrain.languages.json_schema.intervals import interval
from constrain.languages.json_schema.spelling import Number, exact

if TYPE_CHECKING:
    from constrain.languages.json_schema.term import Term
    from constrain.languages.json_schema.terms import Terms
    from constrain.languages.json_schema.writer import Writer

# Degrees of being an integer. In draft 4 ``1.0`` is not one; since draft 6 it is.
ANY, WHOLE, LEXICAL = 0, 1, 2


class Numbers(NamedTuple):
    """Numbers between ``low`` and ``high`` (None: no bound), each bound exclusive if ``open``."""

    low: Number | None = None
    low_open: bool = False
    high: Number | None = None
    high_open: bool = False
    integer: int = ANY

    @property
    def lexical(self) -> bool:
        return self.integer == LEXICAL

    def meet(self, other: Any, terms: Terms) -> Any:
        if isinstance(other, Finite):
            return other.meet(self, terms)
        low, low_open, high, high_open, integer = self
        if other.low is not None and (low is None or (other.low, other.low_open) > (low, low_open)):
            low, low_open = other.low, other.low_open
        if other.high is not None and (
            high is None or (other.high, not other.high_open) < (high, not high_open)
        ):
            high, high_open = other.high, other.high_open
        if low is not None and high is not None and (low > high or (low == high and (low_open or high_open))):
            return None
        return Numbers(low, low_open, high, high_open, max(integer, other.integer))

    def complement(self, terms: Terms) -> list[Any]:
        raise NotImplementedError

    def implies(self, other: Any) -> bool:
        return self == other

    def disjoint(self, other: Any, terms: Terms) -> bool:
        return self.meet(other, terms) is None

    def accepts(self, value: Any, terms: Terms) -> bool:
        number = exact(value)
        if self.integer and not isinstance(number, int):
            return False
        if self.low is not None and (number < self.low or (number == self.low and self.low_open)):
            return False
        return self.high is None or not (number > self.high or (number == self.high and self.high_open))

    def inhabited(self, terms: Terms) -> bool:
        """Whether the interval holds a number of at most ``max_digits`` digits on each side of the point.

        Such numbers are the multiples of 10 ** -max_digits (of 1, for integers) below a limit.
        """
        first, last = self._span(terms)
        return first <= last

    def few_values(self, limit: int, terms: Terms) -> list[Number] | None:
        """The numbers of the part, or None if they are more than ``limit``."""
        first, last = self._span(terms)
        digits = 0 if self.integer else terms.options.max_digits
        return None if last - first >= limit else [exact(Decimal(f"{i}e-{digits}")) for i in range(first, last + 1)]

    def _span(self, terms: Terms) -> tuple[int, int]:
        limit: int = 10**terms.options.max_digits
        scale = 1 if self.integer else limit
        first, last = 1 - limit * scale, limit * scale - 1
        if self.low is not None:
            bound = Fraction(self.low) * scale
            first = max(first, floor(bound) + 1 if self.low_open else ceil(bound))
        if self.high is not None:
            bound = Fraction(self.high) * scale
            last = min(last, ceil(bound) - 1 if self.high_open else floor(bound))
        return first, last

    def write(self, writer: Writer) -> Any:
        if self.low is None and self.high is None and not self.lexical:
            return writer.shared.integer if self.integer else writer.shared.number
        return interval(writer, self)


ANY_NUMBER = Numbers()
ANY_INTEGER = Numbers(integer=WHOLE)


def without(values: list[Any], lexical: int) -> list[Numbers]:
    raise NotImplementedError
