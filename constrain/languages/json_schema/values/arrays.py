"""Arrays: terms of the first items and of the rest, lengths, numbers of items, uniqueness, clauses."""

from __future__ import annotations

from typing import Any, NamedTuple

from constrain.languages.json_schema.terms.algebra import Algebra
from constrain.languages.json_schema.terms.clause import Clause, resolve
from constrain.languages.json_schema.terms.term import FALSE, TRUE, Term
from constrain.languages.json_schema.text.json_text import identity, smaller


class ItemCount(NamedTuple):
    """From ``least`` to ``most`` (None: any number) of the items from position ``start`` on are in ``term``."""

    start: int
    term: Term
    least: int
    most: int | None

    def accepts(self, value: list[Any], algebra: Algebra) -> bool:
        count = sum(algebra.accepts(self.term, item) for item in value[self.start :])
        return self.least <= count and (self.most is None or count <= self.most)


class Arrays(NamedTuple):
    """Arrays of ``least`` to ``most`` items; item *i* is in ``prefix[i]``, or in ``rest`` beyond it.

    Attributes:
        counts: how many items are in a term.
        unique: True if all items differ, False if two are equal, None if that does not matter.
        clauses: conditions that can be met in several ways.
    """

    prefix: tuple[Term, ...] = ()
    rest: Term = TRUE
    least: int = 0
    most: int | None = None
    counts: tuple[ItemCount, ...] = ()
    unique: bool | None = None
    clauses: tuple[Clause, ...] = ()

    @property
    def is_simple(self) -> bool:
        """Whether each item can be decided by its position alone."""
        return not (self.counts or self.clauses) and self.unique is None

    def item(self, index: int) -> Term:
        return self.prefix[index] if index < len(self.prefix) else self.rest

    # -- the algebra --------------------------------------------------------------------------

    def meet(self, other: Arrays, algebra: Algebra) -> Arrays | None:
        least = max(self.least, other.least)
        most = smaller(self.most, other.most)
        unique = self.unique if other.unique is None else other.unique
        if (most is not None and least > most) or (self.unique is not None and self.unique is not unique):
            return None
        count = max(len(self.prefix), len(other.prefix))
        prefix = tuple([algebra.both(self.item(i), other.item(i)) for i in range(count)])
        rest = algebra.both(self.rest, other.rest)
        if FALSE in (*prefix, rest)[:least]:
            return None
        counts = tuple(dict.fromkeys((*self.counts, *other.counts)))
        result = Arrays(prefix, rest, least, most, counts, unique)
        clauses = tuple(dict.fromkeys((*self.clauses, *other.clauses)))
        return resolve(result, clauses, algebra) if clauses else result

    def with_clause(self, clause: Clause) -> Arrays:
        """The arrays for which ``clause`` holds as well."""
        return self if clause in self.clauses else self._replace(clauses=(*self.clauses, clause))

    def without_clauses(self) -> Arrays:
        return self._replace(clauses=())

    def with_clauses(self, clauses: tuple[Clause, ...]) -> Arrays:
        """The arrays with these clauses in place of its own."""
        return self._replace(clauses=clauses)

    def complement(self, algebra: Algebra) -> list[Arrays]:
        result = []
        if self.least > 0:
            result.append(Arrays(most=self.least - 1))
        if self.most is not None:
            result.append(Arrays(least=self.most + 1))
        for index, term in enumerate(self.prefix):
            if term is not TRUE:
                prefix = (TRUE,) * index + (algebra.negation(term),)
                result.append(Arrays(prefix, TRUE, index + 1))
        if self.rest is not TRUE:
            start = len(self.prefix)
            if self.rest is FALSE:
                result.append(Arrays(least=start + 1))
            else:
                result.append(Arrays(counts=(ItemCount(start, algebra.negation(self.rest), 1, None),)))
        for count in self.counts:
            if count.least > 0:
                result.append(Arrays(counts=(count._replace(least=0, most=count.least - 1),)))
            if count.most is not None:
                result.append(Arrays(counts=(count._replace(least=count.most + 1, most=None),)))
        if self.unique is not None:
            result.append(Arrays(unique=not self.unique))
        for clause in self.clauses:
            result.extend(clause.complement(ANY_ARRAY, algebra))
        return result

    def implies(self, other: Any) -> bool:
        """Whether a quick look shows that every one of these arrays is in ``other``."""
        if not isinstance(other, Arrays) or other.least > self.least:
            return False
        if other.most is not None and (self.most is None or self.most > other.most):
            return False
        count = max(len(self.prefix), len(other.prefix)) + 1
        return (
            all(other.item(i) is TRUE or other.item(i) is self.item(i) for i in range(count))
            and (other.unique is None or other.unique is self.unique)
            and set(other.counts) <= set(self.counts)
            and set(other.clauses) <= set(self.clauses)
        )

    def disjoint(self, other: Arrays, algebra: Algebra) -> bool:
        """Whether a quick look shows that no array is in both."""
        least, most = max(self.least, other.least), smaller(self.most, other.most)
        if most is not None and least > most:
            return True
        if self.unique is not None and other.unique is (not self.unique):
            return True
        count = min(least, max(len(self.prefix), len(other.prefix)) + 1)
        return any(algebra.disjoint(self.item(i), other.item(i)) for i in range(count))

    # -- values -------------------------------------------------------------------------------

    def accepts(self, value: list[Any], algebra: Algebra) -> bool:
        if len(value) < self.least or (self.most is not None and len(value) > self.most):
            return False
        if self.unique is not None and self.unique is not (len(set(map(identity, value))) == len(value)):
            return False
        return (
            all(algebra.accepts(self.item(i), item) for i, item in enumerate(value))
            and all(count.accepts(value, algebra) for count in self.counts)
            and all(clause.accepts(value, algebra) for clause in self.clauses)
        )

    def inhabited(self, algebra: Algebra) -> bool:
        """Whether there is any array. Only required items are asked about, since others may be recursive."""
        if self.most is not None and self.least > self.most:
            return False
        if self.least > len(self.prefix) and not algebra.inhabited(self.rest):
            return False
        if not all(algebra.inhabited(term) for term in self.prefix[: self.least]):
            return False
        return self.is_simple or algebra.has_array(self)

    def bounded(self, algebra: Algebra) -> Arrays:
        """The same arrays, with ``most`` cut off before the first position that can have no value."""
        most = self.most
        for index, term in enumerate(self.prefix):
            if (most is None or index < most) and not algebra.inhabited(term):
                most = index
        if (most is None or most > len(self.prefix)) and not algebra.inhabited(self.rest):
            most = len(self.prefix)
        return self._replace(prefix=self.prefix[:most], most=most)

    def after_first(self) -> Arrays:
        """What follows the first item, where each item can be decided by its position alone."""
        most = None if self.most is None else self.most - 1
        return Arrays(self.prefix[1:], self.rest, max(self.least - 1, 0), most)


ANY_ARRAY = Arrays()
