"""Multiples, digit by digit: what all states share."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from typing import Any

from constrain.languages.json_schema.output.output import Output
from constrain.languages.json_schema.values.multiples import Multiples, powers_of_ten

# All digits as ten bits; as a set of bytes; and the bytes of a magnitude, which are these and the point.
ANY_DIGIT = 0x3FF
DIGITS = ANY_DIGIT << ord("0")
USED = DIGITS | 1 << ord(".")


class NumeralTable:
    """Facts about the spellings of the members of ``multiples``, and states that are shared.

    Attributes:
        plain, pointed: whether a number may be spelled without a point, and with one.
        digits: how many may be written before and after the point.
        powers: those of ten.
        unit: the number 1, as numbers are counted in units of the last place.
        zeros: the least number of final zeros, if that is all that divisibility asks for; else None.
        alike: whether any integer part is as good as any other.
        fractions: states of fractions, by what matters of the digits read.
        cut: states of the integer part that a bound cuts through.
    """

    __slots__ = (
        "_sets", "alike", "cut", "digits", "fractions", "multiples", "output", "plain", "pointed", "powers", "unit",
        "zeros",
    )  # fmt: skip

    def __init__(self, output: Output, multiples: Multiples, plain: bool, pointed: bool) -> None:
        self.output = output
        self.multiples = multiples
        self.plain = plain
        self.pointed = pointed
        self.digits = output.options.max_digits
        self.powers = powers_of_ten(2 * self.digits + 1)
        self.unit = self.powers[self.digits]
        self.zeros = self.powers.index(multiples.step) if multiples.step in self.powers else None
        self.alike = max(multiples.reduced(self.digits)) == 1
        self._sets: dict[int, Any] = {}
        self.cut: dict[tuple[int, int, int], Any] = {}
        self.fractions: dict[tuple[int, ...], Any] = {}

    @property
    def arena(self) -> Any:
        """The arena written to."""
        return self.output.arena

    @property
    def longest(self) -> int:
        """The length of a longest magnitude in bytes: digits, a point, digits."""
        return 2 * self.digits + 1

    def free(self, exponent: int, most: int) -> int:
        """How many of ``exponent`` digits within no bound can be any digits: the first ones, ``most`` at most; -1 if
        none."""
        needed = bisect_left(self.powers, self.multiples.ample)
        return max(min(exponent - needed, most), -1)

    def branches(self, digits: int, follow: Callable[[int], Any], prefix: int) -> list[Any]:
        """Each of a set of digits, followed by what ``follow`` says of the prefix with that digit. Digits with equal
        continuations are put together."""
        members: dict[Any, int] = {}
        for digit in range(10):
            if digits >> digit & 1:
                node = follow(10 * prefix + digit)
                members[node] = members.get(node, 0) | 1 << digit
        concat = self.arena.concat
        return [concat(self.one_of(some), node) for node, some in members.items()]

    def one_of(self, digits: int) -> Any:
        """One digit out of a set of ten bits."""
        node = self._sets.get(digits)
        if node is None:
            node = self._sets[digits] = self.arena.byte_set(digits << 48)
        return node
