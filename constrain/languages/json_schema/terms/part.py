"""What every part of a normal form offers: a set of values of one JSON type.

Parts are closed under conjunction and complement: ``Finite`` values, ``Strings``, ``Numbers``, ``Arrays``, ``Objects``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from constrain.languages.json_schema.terms.algebra import Algebra


class Part(Protocol):
    """A set of values of one type. Two parts that meet are of the same type."""

    def meet(self, other: Any, algebra: Algebra) -> Any:
        """The values of both, as a part; None if it shows that there are none."""

    def complement(self, algebra: Algebra) -> Sequence[Any]:
        """Parts that together are all other values of the type."""

    def implies(self, other: Any) -> bool:
        """Whether a quick look shows that ``other`` holds all its values."""

    def disjoint(self, other: Any, algebra: Algebra) -> bool:
        """Whether a quick look shows that no value is in both."""

    def accepts(self, value: Any, algebra: Algebra) -> bool:
        """Whether it holds ``value``."""

    def inhabited(self, algebra: Algebra) -> bool:
        """Whether it holds any value."""


class ConditionalPart(Part, Protocol):
    """A part with conditions that hold one way or another (``Clause``): ``Arrays`` and ``Objects``."""

    @property
    def clauses(self) -> tuple[Any, ...]:
        """The conditions."""

    def with_clause(self, clause: Any) -> Any:
        """The values for which ``clause`` holds as well."""

    def with_clauses(self, clauses: tuple[Any, ...]) -> Any:
        """The values with these clauses in place of its own."""

    def without_clauses(self) -> Any:
        """The values without regard to its clauses."""
