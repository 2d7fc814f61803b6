"""Classes of property names."""

from __future__ import annotations

from typing import NamedTuple

from constrain.languages.json_schema.terms.algebra import Algebra
from constrain.languages.json_schema.terms.term import Term

UNBOUNDED = 1 << 62


class NameClass(NamedTuple):
    """A class of names: ``names``, or if that is None, all names but ``excluded`` that are in every term of ``inside``
    and in none of ``outside``."""

    names: frozenset[str] | None = None
    excluded: frozenset[str] = frozenset()
    inside: frozenset[Term] = frozenset()
    outside: frozenset[Term] = frozenset()

    @property
    def most(self) -> int:
        """The largest number of names in it."""
        return UNBOUNDED if self.names is None else len(self.names)

    def holds(self, name: str, algebra: Algebra) -> bool:
        if self.names is not None:
            return name in self.names
        return (
            name not in self.excluded
            and all(algebra.accepts(term, name) for term in self.inside)
            and not any(algebra.accepts(term, name) for term in self.outside)
        )

    def without(self, names: frozenset[str]) -> NameClass:
        """The class without ``names``, which can no longer come."""
        if self.names is None or self.names.isdisjoint(names):
            return self
        return NameClass(self.names - names)


ALL_NAMES = NameClass()
