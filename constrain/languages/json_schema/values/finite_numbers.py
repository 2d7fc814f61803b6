"""A finite set of numbers: every spelling of each, without exponent."""

from __future__ import annotations

from typing import Any

from constrain.languages.json_schema.terms.algebra import Algebra
from constrain.languages.json_schema.values.finite import Finite
from constrain.languages.json_schema.values.numbers import without


class FiniteNumbers(Finite):
    """Some numbers."""

    __slots__ = ()

    def complement(self, algebra: Algebra) -> list[Any]:
        return list(without(self.values, self.spelling))

    def inhabited(self, algebra: Algebra) -> bool:
        return bool(self.values)
