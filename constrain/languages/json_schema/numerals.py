"""Spellings of numbers that divisibility rules, in one interval or another."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from constrain.engine import Described
from constrain.languages.json_schema.levels import USED, Level
from constrain.languages.json_schema.magnitudes import Magnitudes
from constrain.languages.json_schema.multiples import Multiples, powers_of_ten

if TYPE_CHECKING:
    from constrain.languages.json_schema.writer import Writer


class Numerals:
    """The spellings of the members of ``multiples``, and the states that all intervals share.

    Attributes:
        plain, pointed: whether a number may be spelled without a point, and with one.
        digits: how many may be written before and after the point.
        powers: those of ten.
        unit: what one is: numbers are counted in units of the last place.
        zeros: how many a number ends in at least, if that is all that divisibility asks for.
        alike: whether any integer part is as good as any other.
        unbounded: the magnitudes of all members.
        levels, fractions: states that no bound concerns; and of fractions, those that one does.
        cut: states of the integer part that a bound concerns.
    """

    __slots__ = (
        "alike", "cut", "digits", "fractions", "levels", "multiples", "plain", "pointed", "powers", "sets",
        "unbounded", "unit", "writer", "zeros",
    )  # fmt: skip

    def __init__(self, writer: Writer, multiples: Multiples, plain: bool, pointed: bool) -> None:
        self.writer = writer
        self.multiples = multiples
        self.plain = plain
        self.pointed = pointed
        self.digits = writer.options.max_digits
        self.powers = powers_of_ten(2 * self.digits + 1)
        self.unit = self.powers[self.digits]
        self.zeros = self.powers.index(multiples.step) if multiples.step in self.powers else None
        self.alike = max(multiples.reduced(self.digits)) == 1
        self.sets: dict[int, Any] = {}
        self.levels: dict[tuple[int, int], Level] = {}
        self.cut: dict[tuple[int, int, int], Any] = {}
        self.fractions: dict[tuple[int, ...], Any] = {}
        self.unbounded = Magnitudes(self, 0, self.powers[-1] - 1)

    @property
    def arena(self) -> Any:
        return self.writer.arena

    def between(self, low: int, high: int) -> Any:
        """The leaf of all members from ``low`` to ``high``, of which there is at least one."""
        return self.arena.leaf(self.arena.reference(Signed(self, low, high)))

    @property
    def longest(self) -> int:
        """The bytes of a longest magnitude: digits, a point, digits."""
        return 2 * self.digits + 1

    def level(self, least: int, most: int) -> Level:
        """Integer parts of which ``least`` to ``most`` more digits are to come, whatever they are."""
        level = self.levels.get((least, most))
        if level is None:
            level = self.levels[least, most] = Level(self, least, most)
        return level

    def free(self, exponent: int, most: int) -> int:
        """Of ``exponent`` digits that no bound concerns, up to ``most`` in front that can be any; -1: perhaps none."""
        needed = bisect_left(self.powers, self.multiples.ample)
        return max(min(exponent - needed, most), -1)

    def branches(self, digits: int, follow: Callable[[int], Any], prefix: int) -> list[Any]:
        """One of a set of digits, then what ``follow`` says of the prefix with that digit; equal ones together."""
        members: dict[Any, int] = {}
        for digit in range(10):
            if digits >> digit & 1:
                node = follow(10 * prefix + digit)
                members[node] = members.get(node, 0) | 1 << digit
        concat = self.arena.concat
        return [concat(self.one_of(some), node) for node, some in members.items()]

    def one_of(self, digits: int) -> Any:
        """One digit out of a set of ten bits."""
        node = self.sets.get(digits)
        if node is None:
            node = self.sets[digits] = self.arena.byte_set(digits << 48)
        return node


class Signed(Described):
    """The members from ``low`` to ``high``: magnitudes, some with a minus sign. ``-0`` is 0."""

    __slots__ = ("high", "low", "numerals")

    used = USED | 1 << 0x2D

    @property
    def residual(self) -> int:
        return self.numerals.longest + 1

    def __init__(self, numerals: Numerals, low: int, high: int) -> None:
        self.numerals = numerals
        self.low = low
        self.high = high

    def signs(self) -> list[tuple[bytes, Magnitudes]]:
        result = []
        for sign, first, last in ((b"", self.low, self.high), (b"-", -self.high, -self.low)):
            first = max(first, 0)
            if self.numerals.multiples.first(first, last) is not None:
                result.append((sign, Magnitudes(self.numerals, first, last)))
        return result

    def __call__(self, arena: Any) -> Any:
        return arena.union([arena.concat(arena.literal(sign), part.write()) for sign, part in self.signs()])

    def shortest(self) -> bytes:
        return min([sign + part.shortest() for sign, part in self.signs()], key=len)
