"""``Objects`` as formulas over their properties (``counting_formula``)."""

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
from constrain.languages.json_schema.terms.name_class import ALL_NAMES, NameClass
from constrain.languages.json_schema.terms.term import TRUE
from constrain.languages.json_schema.terms.work_budget import STATE
from constrain.languages.json_schema.text.json_text import has_spelling
from constrain.languages.json_schema.values.objects import Objects


def conditions(part: Objects, algebra: Algebra) -> Formula:
    """What ``part`` demands of several properties together."""
    return conjunction([*_counts(part), *_clauses(part, algebra)])


def whole(part: Objects, algebra: Algebra) -> Formula:
    """All that ``part`` demands, remembered."""
    if part.formula is None:
        part.formula = _translated(part, algebra)
    formula: Formula = part.formula
    return formula


def _translated(part: Objects, algebra: Algebra) -> Formula:
    algebra.budget.spend(STATE)
    literals = [atom(_named(name), TRUE) for name in part.required]
    for name, term in part.properties.items():
        literals.append(negate(atom(_named(name), algebra.negation(term))))
    for keys, term in part.restricted():
        literals.append(negate(atom(keys, algebra.negation(term))))
    literals.append(atom(ALL_NAMES, TRUE, part.least))
    if part.most is not None:
        literals.append(negate(atom(ALL_NAMES, TRUE, part.most + 1)))
    differs = [negate(whole(other.schema.objects[0], algebra)) for other in part.must_differ_from]
    return conjunction([*literals, conditions(part, algebra), *differs])


def _named(name: str) -> NameClass:
    """The class of one name; the empty class if the name cannot be written."""
    return NameClass(frozenset([name] if has_spelling(name) else []))


def _counts(part: Objects) -> Iterator[Formula]:
    for keys, term, least, most in part.counts:
        yield atom(keys, term, least)
        if most is not None:
            yield negate(atom(keys, term, most + 1))


def _clauses(part: Objects, algebra: Algebra) -> Iterator[Formula]:
    for clause in part.clauses:
        yield of_clause(clause, lambda other: whole(other, algebra))
