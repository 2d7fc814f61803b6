"""What a value type may ask about terms, without knowing who answers.

``Solver`` gives the answers: it reads schemas, so it depends on every value type. Value types in turn hold terms (the
items of an array, the properties of an object) and combine them. They depend on this protocol alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from constrain.languages.json_schema.terms.term import Term
from constrain.languages.json_schema.terms.work_budget import WorkBudget
from constrain.languages.json_schema.text.options import Options


class LanguageTests(Protocol):
    """Regular languages of strings, compiled when they are first asked about."""

    def matches(self, language: Any, value: str) -> bool:
        """Whether ``value`` is in a language."""

    def inhabited(self, part: Any) -> bool:
        """Whether there is any string in a part."""


class Algebra(Protocol):
    """Combinations of terms, and what is known about their values."""

    @property
    def options(self) -> Options:
        """How documents are written."""

    @property
    def budget(self) -> WorkBudget:
        """The work that one question may take."""

    @property
    def languages(self) -> LanguageTests:
        """The languages that strings are asked to be in."""

    def both(self, one: Term, other: Term) -> Term:
        """The conjunction of two terms."""

    def all_of(self, terms: Iterable[Term]) -> Term:
        """The conjunction of ``terms``."""

    def any_of(self, terms: Iterable[Term]) -> Term:
        """The disjunction of ``terms``."""

    def negation(self, term: Term) -> Term:
        """What ``term`` does not admit."""

    def accepts(self, term: Term, value: Any) -> bool:
        """Whether ``value`` satisfies ``term``."""

    def inhabited(self, term: Term) -> bool:
        """Whether any value satisfies ``term``."""

    def disjoint(self, one: Term, other: Term) -> bool:
        """Whether a quick look shows that no value satisfies both; False says nothing."""

    def scalars(self, term: Term) -> list[Any] | None:
        """The values of ``term`` if they are a given few, none of them an array or an object."""

    def others(self, parts: tuple[Any, ...], whole: Any) -> tuple[Any, ...]:
        """The values of one type, all of which are in ``whole``, that are in none of ``parts``."""

    def has_array(self, part: Any) -> bool:
        """Whether there is an array of ``part``."""

    def has_object(self, part: Any) -> bool:
        """Whether there is an object of ``part``."""
