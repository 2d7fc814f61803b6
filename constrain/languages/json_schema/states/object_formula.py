"""``Objects`` as formulas over their properties (``formula``)."""

from __future__ import annotations

from collections.abc import Iterator

from constrain.languages.json_schema.terms.algebra import Algebra
from constrain.languages.json_schema.terms.counting_formula import (
    Formula,
    atom,
    conjunction,
    negate,
    of_clause,
)
from constrain.languages.json_schema.terms.name_class import ALL_KEYS, Keys
from constrain.languages.json_schema.terms.term import TRUE
from constrain.languages.json_schema.terms.work_budget import STATE
from constrain.languages.json_schema.text.json_text import has_spelling
from constrain.languages.json_schema.values.objects import Objects


def conditions(part: Objects, terms: Algebra) -> Formula:
    """What ``part`` demands of several properties together."""
    return conjunction([*_counts(part), *_clauses(part, terms)])


def whole(part: Objects, terms: Algebra) -> Formula:
    """All that ``part`` demands, remembered."""
    if part.formula is None:
        part.formula = _translated(part, terms)
    formula: Formula = part.formula
    return formula


def _translated(part: Objects, terms: Algebra) -> Formula:
    terms.budget.spend(STATE)
    literals = [atom(_named(name), TRUE) for name in part.required]
    for name, term in part.properties.items():
        literals.append(negate(atom(_named(name), terms.negation(term))))
    for keys, term in part.restricted():
        literals.append(negate(atom(keys, terms.negation(term))))
    literals.append(atom(ALL_KEYS, TRUE, part.least))
    if part.most is not None:
        literals.append(negate(atom(ALL_KEYS, TRUE, part.most + 1)))
    rivals = [negate(whole(rival.schema.objects[0], terms)) for rival in part.rivals]
    return conjunction([*literals, conditions(part, terms), *rivals])


def _named(name: str) -> Keys:
    """The class of one name: of none if it cannot be written."""
    return Keys(frozenset([name] if has_spelling(name) else []))


def _counts(part: Objects) -> Iterator[Formula]:
    for keys, term, least, most in part.counts:
        yield atom(keys, term, least)
        if most is not None:
            yield negate(atom(keys, term, most + 1))


def _clauses(part: Objects, terms: Algebra) -> Iterator[Formula]:
    for clause in part.clauses:
        yield of_clause(clause, lambda other: whole(other, terms))
