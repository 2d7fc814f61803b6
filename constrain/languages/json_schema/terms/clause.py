"""Conditions on arrays and objects that hold one way or another.

A clause says how many of some arms - each a union of alternatives - hold a value: one at least, exactly
one, or not exactly one. It stays as it is while parts are combined; products of alternatives would grow
with every clause, and the arms of a ``oneOf`` would all have to be told apart. While a value is read a
clause is a formula (``counting_formula``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from constrain.languages.json_schema.terms.algebra import Algebra
from constrain.languages.json_schema.terms.part import ConditionalPart

SOME, ONE, NOT_ONE = range(3)


class Clause(NamedTuple):
    """``arms``, each a tuple of alternatives, of which some, one, or none or several hold (``kind``)."""

    kind: int
    arms: tuple[tuple[ConditionalPart, ...], ...]

    def accepts(self, value: Any, algebra: Algebra) -> bool:
        count = sum(any(part.accepts(value, algebra) for part in arm) for arm in self.arms)
        return count > 0 if self.kind == SOME else (count == 1) == (self.kind == ONE)

    def alternatives(self) -> Iterator[ConditionalPart]:
        return (part for arm in self.arms for part in arm)

    def complement(self, whole: ConditionalPart, algebra: Algebra) -> list[Any]:
        """Alternatives that together are what the clause excludes from ``whole``."""
        if self.kind == SOME:
            return list(algebra.others(tuple(self.alternatives()), whole))
        return [whole.with_clause(Clause(NOT_ONE if self.kind == ONE else ONE, self.arms))]

    def within(self, part: ConditionalPart, algebra: Algebra) -> Clause | None:
        """The clause as far as it concerns the values of ``part``; None if it holds for all of them."""
        if self.kind == SOME and any(part.implies(other) for other in self.alternatives()):
            return None
        arms = [tuple([other for other in arm if not part.disjoint(other, algebra)]) for arm in self.arms]
        kept = tuple([arm for arm in arms if arm])
        if self.kind == ONE and len(kept) == 1:
            return Clause(SOME, kept).within(part, algebra)
        if self.kind == NOT_ONE and not kept:
            return None
        return Clause(self.kind, kept)


def some(alternatives: tuple[ConditionalPart, ...]) -> Clause:
    """The clause that one of ``alternatives`` holds."""
    return Clause(SOME, tuple([(part,) for part in alternatives]))


def resolve(part: Any, clauses: tuple[Clause, ...], algebra: Algebra) -> Any:
    """``part``, which has no clauses, and ``clauses``, as far as they say more; None if one cannot hold.

    Where all but one alternative are ruled out, that one is met, and the others are looked at again.
    """
    kept: list[Clause] = []
    waiting = [*reversed(clauses)]
    while waiting:
        narrowed = waiting.pop().within(part, algebra)
        if narrowed is None:
            continue
        if not narrowed.arms and narrowed.kind != NOT_ONE:
            return None
        if narrowed.kind == SOME and len(narrowed.arms) == 1 and len(narrowed.arms[0]) == 1:
            both = part.meet(narrowed.arms[0][0], algebra)
            if both is None:
                return None
            waiting += reversed([*kept, *both.clauses])
            part, kept = both.without_clauses(), []
        else:
            kept.append(narrowed)
    return part.with_clauses(tuple(dict.fromkeys(kept))) if kept else part
