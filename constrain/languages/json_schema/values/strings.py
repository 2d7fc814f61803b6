"""Strings: an interval of lengths, kept separate from regular languages.

``minLength``, ``maxLength`` and their complements combine by arithmetic and become one counter. Only a pattern
together with a bound that it does not imply becomes an intersection. So do several choices between languages, which
would be exponentially many if they were multiplied out.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from constrain.languages.json_schema.terms.algebra import Algebra
from constrain.languages.json_schema.text.json_text import has_spelling, smaller
from constrain.languages.json_schema.values.finite import Finite


class Language(NamedTuple):
    """A set of strings: ``kind`` is "pattern" (``value``: its text), "format" (its name) or
    "values" (a frozenset of strings)."""

    kind: str
    value: Any


class FiniteStrings(Finite):
    """Some strings."""

    __slots__ = ()

    def complement(self, algebra: Algebra) -> list[Any]:
        return [Strings(excluded=(Language("values", frozenset(self.values)),))]

    def inhabited(self, algebra: Algebra) -> bool:
        return any(has_spelling(value) for value in self.values)


class Strings(NamedTuple):
    """Strings of ``least`` to ``most`` characters (None: any number), in every language of
    ``languages`` and in none of ``excluded``, and in one of the alternatives of each of ``clauses``."""

    least: int = 0
    most: int | None = None
    languages: tuple[Language, ...] = ()
    excluded: tuple[Language, ...] = ()
    clauses: tuple[tuple[Strings | FiniteStrings, ...], ...] = ()

    @property
    def spelling(self) -> int:
        return 0

    @property
    def is_plain(self) -> bool:
        """Whether only the length matters."""
        return not (self.languages or self.excluded or self.clauses)

    def meet(self, other: Any, algebra: Algebra) -> Any:
        if isinstance(other, Finite):
            return other.meet(self, algebra)
        least = max(self.least, other.least)
        most = smaller(self.most, other.most)
        if most is not None and least > most:
            return None
        languages = _united(self.languages, other.languages)
        excluded = _united(self.excluded, other.excluded)
        if any(item in languages for item in excluded):
            return None
        return Strings(least, most, languages, excluded, _united(self.clauses, other.clauses))

    def with_clause(self, alternatives: tuple[Strings | FiniteStrings, ...]) -> Strings:
        """The strings that are in any of ``alternatives``, too."""
        return self._replace(clauses=_united(self.clauses, (alternatives,)))

    def complement(self, algebra: Algebra) -> list[Any]:
        result: list[Any] = []
        if self.least > 0:
            result.append(Strings(0, self.least - 1))
        if self.most is not None:
            result.append(Strings(self.most + 1))
        result.extend(Strings(excluded=(language,)) for language in self.languages)
        for language in self.excluded:
            result.append(
                FiniteStrings(sorted(language.value))
                if language.kind == "values"
                else Strings(languages=(language,))
            )
        for clause in self.clauses:
            result.extend(algebra.others(clause, ANY_STRING))
        return result

    def implies(self, other: Any) -> bool:
        return (
            isinstance(other, Strings)
            and self.least >= other.least
            and (other.most is None or (self.most is not None and self.most <= other.most))
            and set(other.languages) <= set(self.languages)
            and set(other.excluded) <= set(self.excluded)
            and set(other.clauses) <= set(self.clauses)
        )

    def disjoint(self, other: Any, algebra: Algebra) -> bool:
        if isinstance(other, Finite):
            return other.disjoint(self, algebra)
        most = smaller(self.most, other.most)
        return (
            (most is not None and max(self.least, other.least) > most)
            or any(language in other.languages for language in self.excluded)
            or any(language in self.languages for language in other.excluded)
        )

    def accepts(self, value: str, algebra: Algebra) -> bool:
        if len(value) < self.least or (self.most is not None and len(value) > self.most):
            return False
        matches = algebra.languages.matches
        return (
            all(matches(language, value) for language in self.languages)
            and not any(matches(language, value) for language in self.excluded)
            and all(any(part.accepts(value, algebra) for part in clause) for clause in self.clauses)
        )

    def inhabited(self, algebra: Algebra) -> bool:
        if self.is_plain:
            return self.most is None or self.least <= self.most
        return algebra.languages.inhabited(self)


def _united(ones: tuple[Any, ...], others: tuple[Any, ...]) -> tuple[Any, ...]:
    return (*ones, *[other for other in others if other not in ones])


ANY_STRING = Strings()
