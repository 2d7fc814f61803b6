"""Interned combinations of terms, and the laws that make equal ones the same object."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from constrain.languages.json_schema.terms.term import ALL, ANY, FALSE, NOT, ONE, TRUE, Term


class TermTable:
    """Makes combinations of terms, each once. What they mean does not matter here."""

    __slots__ = ("_combined",)

    def __init__(self) -> None:
        self._combined: dict[Any, Term] = {}

    def both(self, one: Term, other: Term) -> Term:
        """The conjunction of two terms."""
        if one is other or other is TRUE:
            return one
        if one is TRUE:
            return other
        return self.all_of((one, other))

    def all_of(self, terms: Iterable[Term]) -> Term:
        """The conjunction of ``terms``. Laws: associativity, idempotence, unit, zero, contradiction."""
        return self._combine(ALL, terms, TRUE, FALSE)

    def any_of(self, terms: Iterable[Term]) -> Term:
        """The disjunction of ``terms``. Laws: associativity, idempotence, unit, zero, excluded middle."""
        return self._combine(ANY, terms, FALSE, TRUE)

    def _combine(self, kind: int, terms: Iterable[Term], unit: Term, zero: Term) -> Term:
        parts: dict[Term, None] = {}
        for term in terms:
            if term is zero:
                return zero
            if term.kind == kind:
                parts.update(dict.fromkeys(term.parts))
            elif term is not unit:
                parts[term] = None
        if len(parts) < 2:
            return next(iter(parts), unit)
        if any(term.kind == NOT and term.parts[0] in parts for term in parts):
            return zero
        return self._interned(kind, tuple(parts))

    def one_of(self, terms: Iterable[Term]) -> Term:
        """Exactly one of ``terms``. What a term admits that occurs several times is never admitted."""
        parts = [term for term in terms if term is not FALSE]
        return parts[0] if len(parts) == 1 else self._interned(ONE, tuple(parts)) if parts else FALSE

    def negation(self, term: Term) -> Term:
        """What ``term`` does not admit. Laws: double negation, De Morgan."""
        if term is TRUE:
            return FALSE
        if term is FALSE:
            return TRUE
        if term.kind == NOT:
            return term.parts[0]
        if term.kind == ALL:
            return self.any_of([self.negation(part) for part in term.parts])
        if term.kind == ANY:
            return self.all_of([self.negation(part) for part in term.parts])
        return self._interned(NOT, (term,))

    def _interned(self, kind: int, parts: tuple[Term, ...]) -> Term:
        term = self._combined.get((kind, parts))
        if term is None:
            term = self._combined[kind, parts] = Term(kind, None, (), parts)
        return term
