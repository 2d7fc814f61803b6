"""Spellings of multiples, in any interval."""

from __future__ import annotations

from typing import Any

from constrain.engine import Described
from constrain.languages.json_schema.numerals.bounded import Magnitudes
from constrain.languages.json_schema.numerals.digit_table import USED, NumeralTable
from constrain.languages.json_schema.numerals.unbounded import Levels
from constrain.languages.json_schema.output.output import Output
from constrain.languages.json_schema.values.multiples import Multiples


class Numerals:
    """The spellings of the members of ``multiples``; ``plain`` ones without a point, ``pointed`` ones with one."""

    __slots__ = ("levels", "table")

    def __init__(self, output: Output, multiples: Multiples, plain: bool, pointed: bool) -> None:
        self.table = NumeralTable(output, multiples, plain, pointed)
        self.levels = Levels(self.table)

    def between(self, low: int, high: int) -> Any:
        """The leaf of all members from ``low`` to ``high``, of which there is at least one."""
        arena = self.table.arena
        return arena.leaf(arena.reference(Signed(self, low, high)))


class Signed(Described):
    """The members from ``low`` to ``high``: magnitudes, some with a minus sign. ``-0`` is 0."""

    __slots__ = ("high", "low", "numerals")

    used = USED | 1 << 0x2D

    @property
    def residual(self) -> int:
        return self.numerals.table.longest + 1

    def __init__(self, numerals: Numerals, low: int, high: int) -> None:
        self.numerals = numerals
        self.low = low
        self.high = high

    def signs(self) -> list[tuple[bytes, Magnitudes]]:
        result = []
        for sign, first, last in ((b"", self.low, self.high), (b"-", -self.high, -self.low)):
            first = max(first, 0)
            if self.numerals.table.multiples.first(first, last) is not None:
                result.append((sign, Magnitudes(self.numerals.levels, first, last)))
        return result

    def __call__(self, arena: Any) -> Any:
        return arena.union(
            [arena.concat(arena.literal(sign), part.spellings()) for sign, part in self.signs()]
        )

    def shortest(self) -> bytes:
        return min([sign + part.shortest() for sign, part in self.signs()], key=len)
