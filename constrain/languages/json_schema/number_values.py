"""A finite set of numbers: every spelling of each, without exponent."""

from __future__ import annotations

from typing import Any

from constrain.languages.json_schema.algebra import Algebra
from constrain.languages.json_schema.finite import Finite
from constrain.languages.json_schema.numbers import without


class FiniteNumbers(Finite):
    """Some numbers."""

    __slots__ = ()

    def complement(self, terms: Algebra) -> list[Any]:
        return list(without(self.values, self.spelling))

    def inhabited(self, terms: Algebra) -> bool:
        return bool(self.values)
