"""Spellings of the numbers in an interval, as an expression over digits.

The sign is split off, which leaves a magnitude between two bounds >= 0. Its spellings fall into three groups: integer
parts that admit any fraction, and the integer parts of the two bounds, whose fractions are compared digit by digit.
Every expression is linear in the number of digits of the bounds, and each of its branches leads to a spelling. It is
EMPTY exactly if there is none.

``digits`` is the number of digits that may still be written; bounds with more digits are clipped.
"""

from __future__ import annotations

from typing import Any

from constrain.languages.json_schema.output.output import Output
from constrain.languages.json_schema.text.json_text import Number, decimal_digits, negated
from constrain.languages.json_schema.values.numbers import Numbers


def interval(writer: Output, part: Numbers) -> Any:
    """The leaf of all spellings without exponent of the numbers of ``part``."""
    low, low_open, high, high_open = part.low, part.low_open, part.high, part.high_open
    spell = _Integers(writer, part.lexical) if part.integer else _Decimals(writer)
    signed = []
    if high is None or high >= 0:  # magnitudes from max(low, 0) to high
        if low is None or low < 0:
            signed.append(spell.magnitudes(0, False, high, high_open))
        else:
            signed.append(spell.magnitudes(low, low_open, high, high_open))
    if low is None or low <= 0:  # magnitudes from max(-high, 0) to -low, after a minus sign; -0 is 0
        upper = None if low is None else negated(low)
        if high is None or high > 0:
            negative = spell.magnitudes(0, False, upper, low_open)
        else:
            negative = spell.magnitudes(negated(high), high_open, upper, low_open)
        signed.append(writer.arena.concat(writer.arena.literal(b"-"), negative))
    return writer.arena.leaf(writer.arena.union(signed))


class _Digits:
    """Expressions over runs of decimal digits."""

    def __init__(self, writer: Output) -> None:
        self.arena = writer.arena
        self.shared = writer.shared
        self.max_digits = writer.options.max_digits

    def between(self, first: int, last: int) -> Any:
        """One digit from ``first`` to ``last``."""
        return (
            self.arena.byte_set(((1 << (last + 1)) - (1 << first)) << 48)
            if first <= last
            else self.arena.EMPTY
        )

    def run(self, least: int, most: int) -> Any:
        return self.arena.repeat(self.shared.digit, least, most)

    def literal(self, digits: str | int) -> Any:
        return self.arena.literal(str(digits).encode())

    def integers(self, first: int, last: int) -> Any:
        """The integers from ``first`` to ``last``, both >= 0, without leading zeros."""
        if first > last:
            return self.arena.EMPTY
        parts = []
        if first == 0:
            parts.append(self.literal(0))
            first = 1
        low, high = str(first), str(last)
        shortest, longest = len(low), len(high)
        if first > last:
            return parts[0]
        if shortest == longest and first > 10 ** (shortest - 1) and last < 10**longest - 1:
            parts.append(self.same_length(low, high))
            return self.arena.union(parts)
        if first > 10 ** (shortest - 1):
            parts.append(self.at_least(low))
            shortest += 1
        if last < 10**longest - 1:
            parts.append(self.at_most(high, 1))
            longest -= 1
        if shortest <= longest:
            parts.append(self.arena.concat(self.between(1, 9), self.run(shortest - 1, longest - 1)))
        return self.arena.union(parts)

    def same_length(self, low: str, high: str) -> Any:
        """Digit strings from ``low`` to ``high``, which are equally long."""
        if not low:
            return self.arena.EPSILON
        first, last, rest = int(low[0]), int(high[0]), len(low) - 1
        if first == last:
            return self.arena.concat(self.literal(first), self.same_length(low[1:], high[1:]))
        return self.arena.union(
            [
                self.arena.concat(self.literal(first), self.at_least(low[1:])),
                self.arena.concat(self.between(first + 1, last - 1), self.run(rest, rest)),
                self.arena.concat(self.literal(last), self.at_most(high[1:], 0)),
            ]
        )

    def at_least(self, low: str) -> Any:
        """Digit strings as long as ``low`` and not below it."""
        if not low.strip("0"):
            return self.run(len(low), len(low))
        first, rest = int(low[0]), len(low) - 1
        return self.arena.union(
            [
                self.arena.concat(self.literal(first), self.at_least(low[1:])),
                self.arena.concat(self.between(first + 1, 9), self.run(rest, rest)),
            ]
        )

    def at_most(self, high: str, lowest: int) -> Any:
        """Digit strings as long as ``high`` and not above it, whose first digit is ``lowest`` or more."""
        if not high.strip("9") and not lowest:
            return self.run(len(high), len(high))
        last, rest = int(high[0]), len(high) - 1
        return self.arena.union(
            [
                self.arena.concat(self.between(lowest, last - 1), self.run(rest, rest)),
                self.arena.concat(self.literal(last), self.at_most(high[1:], 0)),
            ]
        )


class _Integers(_Digits):
    """Magnitudes of integers; ``1.0`` is one unless ``lexical``."""

    def __init__(self, writer: Output, lexical: bool) -> None:
        _Digits.__init__(self, writer)
        self.tail = writer.arena.EPSILON if lexical else writer.shared.zero_fraction

    def magnitudes(self, low: Number, low_open: bool, high: Number | None, high_open: bool) -> Any:
        first, fraction = decimal_digits(low)
        if fraction or low_open:
            first += 1
        last = 10**self.max_digits - 1
        if high is not None:
            whole, fraction = decimal_digits(high)
            last = min(last, whole - 1 if high_open and not fraction else whole)
        return self.arena.concat(self.integers(first, last), self.tail)


class _Decimals(_Digits):
    """Magnitudes of decimal numbers."""

    def magnitudes(self, low: Number, low_open: bool, high: Number | None, high_open: bool) -> Any:
        limit = 10**self.max_digits
        whole_low, digits_low = decimal_digits(low)
        whole_high, digits_high = (limit, "") if high is None else decimal_digits(high)
        if whole_low >= limit:
            return self.arena.EMPTY
        if whole_high >= limit:
            whole_high, digits_high, high_open = limit, "", True
        cut = low_open or digits_low != ""
        first = whole_low + 1 if cut else whole_low
        parts = [self.arena.concat(self.integers(first, whole_high - 1), self.shared.any_fraction)]
        if cut and whole_low == whole_high:
            digits = self.inside(digits_low, low_open, digits_high, high_open, self.max_digits)
            parts.append(self.with_point(whole_low, digits))
        else:
            if cut:
                parts.append(self.with_point(whole_low, self.above(digits_low, low_open, self.max_digits)))
            if digits_high or not high_open:
                parts.append(self.literal(whole_high) if whole_high < limit else self.arena.EMPTY)
                parts.append(
                    self.with_point(whole_high, self.below(digits_high, high_open, self.max_digits, True))
                )
        return self.arena.union(parts)

    def with_point(self, whole: int, digits: Any) -> Any:
        return self.arena.concat(self.literal(f"{whole}."), digits)

    def above(self, low: str, low_open: bool, digits: int) -> Any:
        """Fraction digits of a number above 0.``low``, or equal to it unless ``low_open``."""
        if not low:
            return self.shared.positive_digits[digits] if low_open else self.run(0, digits)
        if digits == 0:
            return self.arena.EMPTY
        first = int(low[0])
        return self.arena.union(
            [
                self.arena.concat(self.literal(first), self.above(low[1:], low_open, digits - 1)),
                self.arena.concat(self.between(first + 1, 9), self.run(0, digits - 1)),
            ]
        )

    def below(self, high: str, high_open: bool, digits: int, some: bool) -> Any:
        """Fraction digits of a number below 0.``high``, or equal to it unless ``high_open``; not none if ``some``."""
        if not high:
            return self.arena.EMPTY if high_open else self.arena.repeat(self.shared.zero, int(some), digits)
        parts = [] if some else [self.arena.EPSILON]
        if digits:
            last = int(high[0])
            parts.append(self.arena.concat(self.between(0, last - 1), self.run(0, digits - 1)))
            parts.append(
                self.arena.concat(self.literal(last), self.below(high[1:], high_open, digits - 1, False))
            )
        return self.arena.union(parts)

    def inside(self, low: str, low_open: bool, high: str, high_open: bool, digits: int) -> Any:
        """Fraction digits of a number between 0.``low`` and 0.``high``."""
        if not low and not low_open:
            return self.below(high, high_open, digits, False)
        if digits == 0 or not high:
            return self.arena.EMPTY
        first, last = int(low[0]) if low else 0, int(high[0])
        if first == last:
            rest = self.inside(low[1:], low_open, high[1:], high_open, digits - 1)
            return self.arena.concat(self.literal(first), rest)
        if first > last:
            return self.arena.EMPTY
        return self.arena.union(
            [
                self.arena.concat(self.literal(first), self.above(low[1:], low_open, digits - 1)),
                self.arena.concat(self.between(first + 1, last - 1), self.run(0, digits - 1)),
                self.arena.concat(self.literal(last), self.below(high[1:], high_open, digits - 1, False)),
            ]
        )
