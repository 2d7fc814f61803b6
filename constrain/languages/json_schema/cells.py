"""Splitting the values of a term by which of some other terms they satisfy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from constrain.languages.json_schema.normal import finite
from constrain.languages.json_schema.spelling import identity
from constrain.languages.json_schema.term import TRUE, VALUES, Term

if TYPE_CHECKING:
    from constrain.languages.json_schema.terms import Terms

Cell = tuple[Term, frozenset[Term]]


def split(value: Term, terms: Iterable[Term], algebra: Terms) -> list[Cell]:
    """Inhabited terms that together are ``value``, each with those of ``terms`` that all its values satisfy;
    its values satisfy none of the others.

    Terms with a few given values - the constants that tell the arms of a ``oneOf`` apart - are looked
    up in one table of values; taking them one after the other would cost the cube of their number.
    """
    always = frozenset([term for term in terms if term is TRUE or term is value])
    unknown = sorted(set(terms) - always, key=id)
    listed = {term: values for term in unknown if (values := algebra.scalars(term)) is not None}
    cells = _by_value(value, listed, algebra) if listed else [(value, frozenset())]
    for term in unknown:
        if term not in listed:
            cells = [part for cell in cells for part in _halves(cell, term, algebra)]
    return [(cell, satisfied | always) for cell, satisfied in cells]


def _halves(cell: Cell, term: Term, algebra: Terms) -> Iterable[Cell]:
    value, satisfied = cell
    inside = algebra.both(value, term)
    if algebra.inhabited(inside):
        yield inside, satisfied | {term}
    outside = algebra.both(value, algebra.negation(term))
    if algebra.inhabited(outside):
        yield outside, satisfied


def _by_value(value: Term, listed: dict[Term, list[Any]], algebra: Terms) -> list[Cell]:
    """Each value of ``listed`` with the terms it satisfies, and all other values with none."""
    every = {identity(item): item for values in listed.values() for item in values}
    holders: dict[Any, set[Term]] = {}
    for term, values in listed.items():
        for item in values:
            holders.setdefault(identity(item), set()).add(term)
    groups: dict[frozenset[Term], list[Any]] = {}
    for key, item in every.items():
        if algebra.accepts(value, item):
            groups.setdefault(frozenset(holders[key]), []).append(item)
    cells = [(_values(items, algebra), satisfied) for satisfied, items in groups.items()]
    cells = [(algebra.both(value, term), satisfied) for term, satisfied in cells]
    rest = algebra.both(value, algebra.negation(_values(list(every.values()), algebra)))
    if algebra.inhabited(rest):
        cells.append((rest, frozenset()))
    return cells


def _values(items: list[Any], algebra: Terms) -> Term:
    return algebra.values((VALUES, "one of", frozenset(map(identity, items))), finite(items, algebra))
