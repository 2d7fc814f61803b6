"""Divisibility: which decimal numbers are multiples of one number, and of none of some others.

Numbers with at most ``digits`` digits after the point are counted in units of the last one, so
that everything below is arithmetic on integers: exact, whatever the size.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import gcd, lcm


def common_multiple(one: Fraction | None, other: Fraction | None) -> Fraction | None:
    """The least number that both divide: a number is a multiple of it if and only if it is one of both.

    ``None`` divides every number.
    """
    if one is None or other is None:
        return other if one is None else one
    return Fraction(lcm(one.numerator, other.numerator), gcd(one.denominator, other.denominator))


def is_multiple(number: Fraction, divisor: Fraction) -> bool:
    return (number / divisor).denominator == 1


def smallest(divisors: list[Fraction]) -> tuple[Fraction, ...]:
    """Those that no other one divides, ascending. What is a multiple of none of these is a multiple of none at all."""
    kept: list[Fraction] = []
    for divisor in sorted(set(divisors)):
        if not any(is_multiple(divisor, other) for other in kept):
            kept.append(divisor)
    return tuple(kept)


@lru_cache(maxsize=8)
def powers_of_ten(count: int) -> tuple[int, ...]:
    """10 ** 0 to 10 ** (count - 1)."""
    return tuple([10**exponent for exponent in range(count)])


class Multiples:
    """The multiples of ``step`` that are multiples of none of ``avoided``; zero is a multiple of anything.

    Integers. Each of ``avoided`` is a multiple of ``step``.
    """

    __slots__ = ("_reduced", "_rounded", "ample", "avoided", "ratios", "step")

    def __init__(self, step: int, avoided: tuple[int, ...]) -> None:
        self.step = step
        self.avoided = avoided
        self.ratios = tuple([each // step for each in avoided])
        # This many consecutive numbers hold a member: of 2**r consecutive numbers, one is a multiple of none
        # of r primes (Kanold 1967), unless there is no member at all. There is one much sooner as a rule.
        self.ample = step << len(avoided)
        self._reduced: dict[int, tuple[int, ...]] = {}
        self._rounded: dict[int, Multiples] = {}

    @classmethod
    def of(cls, divisor: Fraction | None, indivisible: tuple[Fraction, ...], digits: int) -> Multiples:
        """The multiples of ``divisor``, but not of any of ``indivisible``, in units of 10 ** -digits."""
        unit = 10**digits
        step = 1 if divisor is None else (divisor * unit).numerator
        return cls(step, tuple([lcm(step, (each * unit).numerator) for each in indivisible]))

    def rounded(self, zeros: int) -> Multiples:
        """Those that are multiples of 10 ** zeros."""
        found = self._rounded.get(zeros)
        if found is None:
            step = lcm(self.step, 10**zeros)
            found = self._rounded[zeros] = Multiples(step, tuple([lcm(step, each) for each in self.avoided]))
        return found

    def first(self, low: int, high: int) -> int | None:
        """The smallest member from ``low`` to ``high``."""
        step = self.step
        count = -(-low // step)
        if self.ratios and count * step <= high:
            found = self.first_ratio(count)
            if found is None:
                return None
            count = found
        return count * step if count * step <= high else None

    def at_least(self, low: int, high: int) -> int:
        """A lower bound on the number of members from ``low`` to ``high``."""
        if self.ratios:
            return 0 if 1 in self.ratios else max(high - low + 1, 0) // self.ample
        return max(high // self.step + -low // self.step + 1, 0)

    def digits(self, low: int, high: int, power: int) -> int:
        """The digits at the place of ``power`` in the members from ``low`` to ``high``, which agree in all digits
        before it: a set of ten bits."""
        found = 0
        member = self.first(low, high)
        while member is not None:
            place = member // power
            found |= 1 << place % 10
            member = self.first((place + 1) * power, high)
        return found

    def first_ratio(self, count: int) -> int | None:
        """The smallest number from ``count`` on that none of ``ratios`` divides."""
        ratios = self.ratios
        if 1 in ratios:
            return None
        while True:  # a short run: see ``ample``
            for ratio in ratios:
                if count % ratio == 0:
                    break
            else:
                return count
            count += 1

    def reduced(self, exponent: int) -> tuple[int, ...]:
        """Moduli that tell apart the prefixes n of numbers n * 10 ** exponent + ..., ``step`` being first.

        Prefixes that agree modulo each of these have the same continuations of ``exponent`` digits.
        """
        found = self._reduced.get(exponent)
        if found is None:
            power = 10**exponent
            found = tuple([modulus // gcd(modulus, power) for modulus in (self.step, *self.avoided)])
            self._reduced[exponent] = found
        return found

    def remainders(self, prefix: int, exponent: int) -> tuple[int, ...]:
        """What must be known of ``prefix`` to tell which of the numbers prefix * 10 ** exponent + ... are members,
        where ``exponent`` digits follow; -1 for each of ``avoided`` that divides none of them."""
        moduli = self.reduced(exponent)
        power = 10**exponent
        start = prefix * power
        kept = [prefix % moduli[0]]
        for modulus, reduced in zip(self.avoided, moduli[1:], strict=True):
            kept.append(-1 if -start % modulus >= power else prefix % reduced)
        return tuple(kept)
