"""What may be asked where keywords are read: the terms of the schemas that they refer to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from constrain.languages.json_schema.terms.term import Term
from constrain.languages.json_schema.values.arrays import Arrays
from constrain.languages.json_schema.values.objects import Objects
from constrain.languages.json_schema.values.value_algebra import ValueAlgebra


class SchemaAlgebra(ValueAlgebra, Protocol):
    """The terms of one document."""

    def at(self, schema: Any, scope: Any = ()) -> Term:
        """The term of a schema of the document, read in a dynamic scope."""

    def draft(self, term: Term) -> int:
        """The draft that the schema of a PLACE is written in."""

    def target(self, term: Term, keyword: str) -> Term:
        """What the reference ``keyword`` in the schema of ``term`` names."""

    def one_of(self, terms: Iterable[Term]) -> Term:
        """Exactly one of ``terms``."""

    def lacking(self, name: str) -> Term:
        """All values but the objects that have property ``name``."""

    def narrowed(self, part: Arrays | Objects) -> Term:
        """All values, those of the type of ``part`` narrowed to it."""

    def matching(self, pattern: str) -> Term:
        """The strings that hold a match of ``pattern``."""

    def asserts_format(self, schema: Any) -> bool:
        """Whether the ``format`` in ``schema`` is more than an annotation."""
