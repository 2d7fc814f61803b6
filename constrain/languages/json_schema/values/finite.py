"""A finite set of values of one type, from ``enum`` and ``const``: what strings and numbers have in common."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any

from constrain.languages.json_schema.terms.algebra import Algebra
from constrain.languages.json_schema.text.json_text import identity


class Finite:
    """Some values, each once, in the order of the schema.

    ``spelling`` concerns numbers: whether one must be spelled with a point or without (``numbers``).
    """

    __slots__ = ("keys", "spelling", "values")

    def __init__(self, values: list[Any], spelling: int = 0) -> None:
        distinct: dict[Any, Any] = {}
        for value in values:
            distinct.setdefault(identity(value), value)
        self.keys = distinct.keys()
        self.values = list(distinct.values())
        self.spelling = spelling

    def __eq__(self, other: object) -> bool:
        return (
            type(other) is type(self)
            and isinstance(other, Finite)
            and self.keys == other.keys
            and self.spelling == other.spelling
        )

    def __hash__(self) -> int:
        return hash((frozenset(self.keys), self.spelling))

    def meet(self, other: Any, algebra: Algebra) -> Finite | None:
        found = self.within((other,), algebra)
        return found[0] if found else None

    def within(self, others: tuple[Any, ...], algebra: Algebra) -> list[Finite]:
        """The values that are in any of ``others``, grouped by the spelling that these ask for."""
        groups: dict[int, list[Any]] = {}
        for value in self.values:
            accepting = {part.spelling for part in others if part.accepts(value, algebra)}
            for spelling in {
                self.spelling or other for other in accepting if not other or self.spelling in (0, other)
            }:
                groups.setdefault(spelling, []).append(value)
        return [type(self)(values, spelling) for spelling, values in groups.items()]

    def apart_from(self, keys: AbstractSet[Any]) -> Finite:
        """The values whose identities are not among ``keys``; there may be none."""
        result = type(self)([], self.spelling)
        kept = {key: value for key, value in zip(self.keys, self.values, strict=True) if key not in keys}
        result.keys, result.values = kept.keys(), list(kept.values())
        return result

    def implies(self, other: Any) -> bool:
        return isinstance(other, Finite) and self.spelling == other.spelling and self.keys <= other.keys

    def disjoint(self, other: Any, algebra: Algebra) -> bool:
        if isinstance(other, Finite):
            return self.keys.isdisjoint(other.keys)
        return not any(other.accepts(value, algebra) for value in self.values)

    def accepts(self, value: Any, algebra: Algebra) -> bool:
        return identity(value) in self.keys
