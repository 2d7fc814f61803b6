"""Conditions on arrays and objects that can be met in several ways.

A clause says how many of its arms admit a value: at least one, exactly one, or not exactly one. Each arm is a
union of alternatives. Clauses are kept as they are while parts are combined: multiplying them out would make
products that grow with every clause, and all arms of a ``oneOf`` would have to be told apart. While a value
is read, a clause becomes a formula (``counting_formula``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from constrain.languages.json_schema.terms.algebra import Algebra
from constrain.languages.json_schema.terms.part import ConditionalPart

SOME, ONE, NOT_ONE = range(3)


class Clause(NamedTuple):
    """How many of ``arms`` must admit a value (``kind``). Each arm is a tuple of alternatives."""

    kind: int
    arms: tuple[tuple[ConditionalPart, ...], ...]

    def accepts(self, value: Any, algebra: Algebra) -> bool:
        count = sum(any(part.accepts(value, algebra) for part in arm) for arm in self.arms)
        return count > 0 if self.kind == SOME else (count == 1) == (self.kind == ONE)

    def alternatives(self) -> Iterator[ConditionalPart]:
        return (part for arm in self.arms for part in arm)

    def complement(self, whole: ConditionalPart, algebra: Algebra) -> list[Any]:
        """Alternatives that together hold what the clause excludes from ``whole``."""
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
    """``part``, which has no clauses, restricted by ``clauses`` as far as they add anything; None if one cannot hold.

    Where only one alternative is left, ``part`` is met with it, and the other clauses are looked at again.
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
