"""What follows the integer part of a multiple, decided by arithmetic.

What may follow is a block of consecutive integers, in units of the last place. A state is made only if its block
holds a member, so there are no dead ends and no search is needed. Each state is a reference, written when a derivative
first enters it.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from constrain.engine import Described
from constrain.languages.json_schema.numerals.digit_table import USED, NumeralTable


class Tails:
    """The ends of the members from ``first`` >= 0 to ``last``, in units of the last place."""

    __slots__ = ("first", "last", "numerals")

    def __init__(self, numerals: NumeralTable, first: int, last: int) -> None:
        self.numerals = numerals
        self.first = first
        self.last = last

    def holds(self, number: int) -> bool:
        if not self.first <= number <= self.last:
            return False
        return self.numerals.multiples.first(number, number) is not None

    def ends(self, whole: int) -> bool:
        """Whether ``whole`` may stand without a point."""
        return self.numerals.plain and self.holds(whole * self.numerals.unit)

    def tail(self, whole: int) -> Any:
        """What may follow the integer part ``whole``; EMPTY if nothing may."""
        arena = self.numerals.arena
        parts = [arena.EPSILON] if self.ends(whole) else []
        if self.numerals.pointed:
            parts.append(arena.concat(arena.literal(b"."), self.fraction(whole, self.numerals.digits)))
        return arena.union(parts)

    # -- the fraction -------------------------------------------------------------------------

    def fraction(self, prefix: int, left: int) -> Any:
        """What may follow in the fraction, where ``left`` digits are left, after those that make ``prefix``."""
        numerals = self.numerals
        multiples = numerals.multiples
        start = prefix * numerals.powers[left]
        end = start + numerals.powers[left] - 1
        low, high = max(start, self.first), min(end, self.last)
        member = multiples.first(low, high)
        if member is None:
            return numerals.arena.EMPTY
        if multiples.first(member + 1, high) is None:
            return self.write_only(member - start, left)
        remainders = multiples.remainders(prefix, left)
        cut = low != start or high != end
        if numerals.zeros is not None and not cut and max(remainders[1:], default=-1) < 0:
            return self.write_free(left, numerals.zeros)
        key = (-1, prefix, left, self.first, self.last) if cut else (left, *remainders)
        node = numerals.fractions.get(key)
        if node is None:
            ends = left < numerals.digits and self.holds(start)
            node = numerals.arena.reference(Fraction(self, prefix, left, ends), ends)
            numerals.fractions[key] = node
        return node

    def write_only(self, rest: int, left: int) -> Any:
        """The one number whose remaining digits are ``rest``, with any zeros after it."""
        arena, shared = self.numerals.arena, self.numerals.output.shared
        digits = str(rest).zfill(left).rstrip("0") if rest else ""
        least = 0 if digits or left < self.numerals.digits else 1
        zeros = arena.repeat(shared.zero, least, left - len(digits))
        return arena.concat(arena.literal(digits.encode()), zeros)

    def write_free(self, left: int, zeros: int) -> Any:
        """Any digits, the last ``zeros`` of ``left`` being zeros."""
        arena, shared = self.numerals.arena, self.numerals.output.shared
        run = arena.repeat(shared.digit, int(left == self.numerals.digits), left - zeros)
        return arena.concat(run, arena.repeat(shared.zero, 0, zeros))

    def fraction_digits(self, prefix: int, left: int) -> int:
        """The digits that may follow in the fraction: a set of ten bits."""
        if left == 0:
            return 0
        power = self.numerals.powers[left - 1]
        start = 10 * prefix * power
        low, high = max(start, self.first), min(start + 10 * power - 1, self.last)
        return self.numerals.multiples.digits(low, high, power)

    # -- shortest texts -----------------------------------------------------------------------

    def shortest_whole(self, prefix: int, least: int, most: int, leading: bool = False) -> bytes:
        """A shortest text to follow the digits of ``prefix``, ``least`` to ``most`` more in the integer part.
        If ``leading``, none have been read: the first one is no zero, unless it is the only one."""
        numerals = self.numerals
        best: bytes | None = None
        for more in range(least, most + 1):
            if best is not None and len(best) <= more:
                break
            power = numerals.powers[more + numerals.digits]
            start = power // 10 if leading and more > 1 else prefix * power
            places = numerals.digits if best is None else min(numerals.digits, len(best) - more - 2)
            number, places = self.roundest(
                start,
                (prefix + 1) * power - 1,
                int(not numerals.plain),
                max(places, 0) if numerals.pointed else 0,
            )
            if number is not None:
                digits = b"%0*d" % (more, number // numerals.unit % numerals.powers[more]) if more else b""
                best = digits + b"." + self.decimals(number)[:places] if places else digits
        assert best is not None, "a state without a member"
        return best

    def shortest_fraction(self, prefix: int, left: int) -> bytes:
        """A shortest text to follow in the fraction."""
        power, digits = self.numerals.powers[left], self.numerals.digits
        number, places = self.roundest(
            prefix * power, (prefix + 1) * power - 1, max(digits - left, 1), digits
        )
        assert number is not None, "a state without a member"
        return self.decimals(number)[digits - left : places]

    def roundest(self, low: int, high: int, least: int, most: int) -> tuple[int | None, int]:
        """A member from ``low`` to ``high`` with fewest decimal places, ``least`` to ``most``, and how many."""
        multiples, digits = self.numerals.multiples, self.numerals.digits
        low, high = max(low, self.first), min(high, self.last)
        if least > most or multiples.rounded(digits - most).first(low, high) is None:
            return None, most
        places = least
        while (number := multiples.rounded(digits - places).first(low, high)) is None:
            places += 1
        return number, places

    def decimals(self, number: int) -> bytes:
        return b"%0*d" % (self.numerals.digits, number % self.numerals.unit)


class Fraction(Described):
    """What may follow in a fraction, ``left`` digits at the most."""

    __slots__ = ("_digits", "ends", "left", "prefix", "tails")

    used = USED

    @property
    def residual(self) -> int:
        return self.tails.numerals.longest

    def __init__(self, tails: Tails, prefix: int, left: int, ends: bool) -> None:
        self.tails = tails
        self.prefix = prefix
        self.left = left
        self.ends = ends
        self._digits: int | None = None

    @property
    def digits(self) -> int:
        """Those that may follow: a set of ten bits."""
        if self._digits is None:
            self._digits = self.tails.fraction_digits(self.prefix, self.left)
        return self._digits

    def __call__(self, arena: Any) -> Any:
        follow = partial(self.tails.fraction, left=self.left - 1)
        parts = self.tails.numerals.branches(self.digits, follow, self.prefix)
        return arena.union([arena.EPSILON, *parts] if self.ends else parts)

    def begins(self, used: int, length: int) -> int | None:
        return self.digits << ord("0") if length == 1 else None

    def shortest(self) -> bytes:
        return self.tails.shortest_fraction(self.prefix, self.left)
