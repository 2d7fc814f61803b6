"""What may be asked about terms where their values are worked out: ``Algebra`` and normal forms."""

from __future__ import annotations

from typing import Any, Protocol

from constrain.languages.json_schema.terms.algebra import Algebra
from constrain.languages.json_schema.terms.fixpoint import LeastFixpoint
from constrain.languages.json_schema.terms.term import Term
from constrain.languages.json_schema.values.normal_form import Normal
from constrain.languages.json_schema.values.string_languages import StringLanguages


class Enumeration(Protocol):
    """The values of terms that have few."""

    def __call__(self, term: Term, limit: int) -> list[Any] | None:
        """The values of ``term``, each once; None if there are more than ``limit``."""


class ValueAlgebra(Algebra, Protocol):
    """Terms and their normal forms."""

    @property
    def languages(self) -> StringLanguages:
        """The languages that strings are asked to be in."""

    @property
    def normal(self) -> LeastFixpoint:
        """Called with a term: its ``Normal`` form."""

    @property
    def few_values(self) -> Enumeration:
        """The values of a term if they are few."""

    @property
    def any_string(self) -> Term:
        """The term of all strings."""

    def values(self, key: Any, normal: Normal) -> Term:
        """The term of a normal form; ``key`` names it: equal keys must mean equal values."""

    def constant(self, value: Any, silent: bool = False) -> Term:
        """The term of one JSON value; ``silent`` if it does not stand in the schema."""

    def few_strings(self, term: Term, limit: int) -> list[str] | None:
        """The strings of ``term``; None if there are more than ``limit``."""
