"""The values of a term, divided by which of some other terms they satisfy."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from constrain.errors import WorkLimitExceeded
from constrain.languages.json_schema.terms.term import ALL, ANY, NOT, TRUE, VALUES, Term
from constrain.languages.json_schema.terms.work_budget import CELL
from constrain.languages.json_schema.text.json_text import has_spelling, identity
from constrain.languages.json_schema.values.normal_algebra import exactly
from constrain.languages.json_schema.values.value_algebra import ValueAlgebra
from constrain.work import current_limits

Cell = tuple[Term, frozenset[Term]]

# Bytes that are kept for each negation that a cell satisfies.
NEGATION = 64


class ValuePartition:
    """The cells of a term. A cell is an inhabited term with those of ``terms`` that all of its values satisfy; its
    values satisfy none of the others.

    Together the cells are ``value``. They are made one by one and kept: whether a cell has a value may take long to
    decide, and mostly only the first few cells are needed.

    Terms with a few given values - the constants that tell the arms of a ``oneOf`` apart - are looked
    up in one table of values; taking them one after the other would cost the cube of their number.
    """

    __slots__ = ("_algebra", "_known", "_rest", "_terms", "_value")

    def __init__(self, value: Term, terms: frozenset[Term], algebra: ValueAlgebra) -> None:
        self._value = value
        self._terms = terms
        self._algebra = algebra
        self._known: list[Cell] = []
        self._rest: Iterator[Cell] | None = None

    def __iter__(self) -> Iterator[Cell]:
        """The cells. If they are asked for while they are being made, as of a recursive schema, they are made again."""
        if self._rest is None:
            self._rest = self._make()
        position = 0
        while True:
            if position == len(self._known):
                if is_running(self._rest):
                    yield from islice(self._make(), position, None)
                    return
                cell = next(self._rest, None)
                if cell is None:
                    return
                self._known.append(cell)
            yield self._known[position]
            position += 1

    def _make(self) -> Iterator[Cell]:
        value, algebra = self._value, self._algebra
        always = frozenset([term for term in self._terms if term is TRUE or term is value])
        unknown = sorted(self._terms - always, key=id)
        given = {term: few for term in unknown if (few := _given(term, algebra)) is not None}
        cells = _by_value(value, given, algebra) if given else iter([(value, frozenset())])
        others = [term for term in unknown if term not in given]
        for cell, satisfied in cells:
            yield from _divided(cell, satisfied | always, others, algebra)


def with_few(
    items: list[Term], terms: dict[Term, None], limit: int, algebra: ValueAlgebra
) -> dict[Term, None]:
    """``terms``, and more terms to divide by, such that any two cells of different ``items`` that satisfy the same
    terms either both have more than ``limit`` values, or are parts of one term with few. Values of the former can
    stand for each other wherever they come from; those of the latter must be told apart one by one."""
    few: set[Term] = set()
    found = [item for item in items if algebra.few_values(item, limit) is not None]
    while True:
        few.update(found)
        terms = {**terms, **dict.fromkeys(found)}
        alike: dict[frozenset[Term], list[Term]] = {}
        for item in items:
            for cell, satisfied in ValuePartition(item, frozenset(terms), algebra):
                if few.isdisjoint(satisfied):
                    alike.setdefault(satisfied, []).append(cell)
        found = [
            cell
            for cells in alike.values()
            if len(cells) > 1
            for cell in cells
            if algebra.few_values(cell, limit) is not None
        ]
        if not found:
            return terms


def is_running(iterator: Any) -> bool:
    return bool(getattr(iterator, "gi_running", False))


def _divided(
    value: Term, satisfied: frozenset[Term], terms: list[Term], algebra: ValueAlgebra
) -> Iterator[Cell]:
    """The cells of ``value`` by ``terms``; each also satisfies ``satisfied``."""
    items = algebra.scalars(value) if terms else None
    if items is not None and all(_is_about_values(term, algebra) for term in terms):
        yield from _sorted(value, items, satisfied, terms, algebra)
    else:
        yield from _halved(value, satisfied, terms, algebra)


def _sorted(
    value: Term, items: list[Any], satisfied: frozenset[Term], terms: list[Term], algebra: ValueAlgebra
) -> Iterator[Cell]:
    """The same where the values are ``items``, each of which is looked at."""
    groups: dict[frozenset[Term], list[Any]] = {}
    items = list(filter(_is_written, items))
    for item in items:
        algebra.budget.spend(1 + len(terms) // CELL)
        groups.setdefault(frozenset([term for term in terms if algebra.accepts(term, item)]), []).append(item)
    wanted = sorted(
        groups, key=lambda group: -sum([(term in group) is not is_negation(term) for term in terms])
    )
    for group in wanted:
        alike = groups[group]
        yield value if len(alike) == len(items) else _values(alike, algebra), satisfied | group


def _is_about_values(term: Term, algebra: ValueAlgebra) -> bool:
    """Whether ``term`` is known to decide by values only, without regard to how numbers are spelled."""
    normal = algebra.normal.certain(term)
    return normal is not None and not any(part.spelling for part in normal.numbers)


def _halved(
    value: Term, satisfied: frozenset[Term], terms: list[Term], algebra: ValueAlgebra
) -> Iterator[Cell]:
    """The same for any values, halved term by term. Depth first without recursion, as this may already be deep within
    other questions.

    Schemas mostly ask for what they mention and exclude its negation, so those halves come first.
    """
    waiting = [(value, satisfied, 0)]
    while waiting:
        value, satisfied, index = waiting.pop()
        algebra.budget.spend(CELL)
        if index > 0 and not algebra.inhabited(value):
            continue
        if index == len(terms):
            yield value, satisfied
            continue
        term = terms[index]
        halves = [
            (algebra.both(value, algebra.negation(term)), satisfied, index + 1),
            (algebra.both(value, term), satisfied | {term}, index + 1),
        ]
        waiting.extend(reversed(halves) if is_negation(term) else halves)


def is_negation(term: Term) -> bool:
    """Whether the term only says what a value is not."""
    return term.kind == NOT or (term.kind in (ALL, ANY) and all(map(is_negation, term.parts)))


def _is_written(item: Any) -> bool:
    return not isinstance(item, str) or has_spelling(item)


def _given(term: Term, algebra: ValueAlgebra) -> list[Any] | None:
    """The values of ``term``, or those that a negation excludes, if they are a given few (``Solver.scalars``)."""
    return algebra.scalars(algebra.negation(term) if is_negation(term) else term)


def _by_value(value: Term, given: dict[Term, list[Any]], algebra: ValueAlgebra) -> Iterator[Cell]:
    """Each value that ``given`` mentions with the terms that it satisfies, and all other values with the negations."""
    every = {identity(item): item for values in given.values() for item in values}
    mentioning: dict[Any, set[Term]] = {}
    for term, values in given.items():
        for item in values:
            mentioning.setdefault(identity(item), set()).add(term)
    usual = frozenset(filter(is_negation, given))
    groups: dict[frozenset[Term], list[Any]] = {}
    for key, item in every.items():
        if _is_written(item) and algebra.accepts(value, item):
            groups.setdefault(frozenset(mentioning[key]), []).append(item)
    held = 0
    for mentioned_by, items in groups.items():
        algebra.budget.spend(1)
        held += NEGATION * len(usual)
        if held > current_limits().matcher_memory:
            raise WorkLimitExceeded(
                f"{len(groups)} values are to be told apart, each of which {len(usual)} schemas rule out; "
                "write them as one enum, or with one property whose enum tells them apart",
                limit="matcher_memory",
                value=current_limits().matcher_memory,
            )
        yield algebra.both(value, _values(items, algebra)), usual ^ mentioned_by
    rest = algebra.both(value, algebra.negation(_values(list(every.values()), algebra)))
    if algebra.inhabited(rest):
        yield rest, usual


def _values(items: list[Any], algebra: ValueAlgebra) -> Term:
    return algebra.values((VALUES, "one of", frozenset(map(identity, items))), exactly(items, algebra))
