"""Spellings of numbers that divisibility rules, in one interval or another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constrain.engine import Described
from constrain.languages.json_schema.magnitudes import USED, Magnitudes
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
        wholes, fractions: states that no bound concerns.
    """

    __slots__ = (
        "alike", "digits", "fractions", "multiples", "plain", "pointed", "powers", "sets", "unit", "wholes",
        "writer", "zeros",
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
        self.wholes: dict[tuple[int, ...], Any] = {}
        self.fractions: dict[tuple[int, ...], Any] = {}

    @property
    def arena(self) -> Any:
        return self.writer.arena

    def between(self, low: int, high: int) -> Any:
        """The leaf of all members from ``low`` to ``high``, of which there is at least one."""
        return self.arena.leaf(self.arena.reference(Signed(self, low, high)))

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
