"""``unevaluatedProperties`` and ``unevaluatedItems``.

What the keywords beside one of them evaluate is collected as contributions: a class of names or of
positions, and the condition under which it counts - that some arm of an ``anyOf`` is valid, say. For
each class there is then one demand: *a condition under which it is evaluated holds, or all its members
satisfy the subschema*. No combination of arms is ever enumerated (JSON Schema 2020-12, core, section 11).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any, NamedTuple

from constrain.errors import WorkLimitExceeded
from constrain.languages.json_schema.reading.schema_terms import SchemaAlgebra
from constrain.languages.json_schema.states.undeclared_names import NamePatterns
from constrain.languages.json_schema.terms.term import PLACE, TRUE, Term
from constrain.languages.json_schema.values.arrays import Arrays
from constrain.languages.json_schema.values.objects import Objects, Shape

# The most arms with ``contains`` that need not be valid: each combination of them is a demand of its own.
MAX_CONDITIONAL_CONTAINS = 5


class Contribution(NamedTuple):
    """If ``condition`` holds, all of ``what`` is evaluated.

    ``what`` is a set of names, the term of a pattern, a number of first items, the term of ``contains``,
    or None for everything.
    """

    condition: Term
    what: Any


def _applied(term: Term, algebra: SchemaAlgebra, condition: Term) -> Iterator[tuple[Term, Term]]:
    """The subschemas that apply to the same value, each with the condition under which it is valid."""
    schema, scope = term.schema, term.scope
    for keyword in ("$ref", "$dynamicRef", "$recursiveRef"):
        if keyword in schema:
            yield algebra.target(term, keyword), condition
    for arm in schema.get("allOf", ()):
        yield algebra.at(arm, scope), condition
    for keyword in ("anyOf", "oneOf"):
        for arm in schema.get(keyword, ()):
            valid = algebra.at(arm, scope)
            yield valid, algebra.both(condition, valid)
    if "if" in schema:
        valid = algebra.at(schema["if"], scope)
        yield valid, algebra.both(condition, valid)
        if "then" in schema:
            yield algebra.at(schema["then"], scope), algebra.both(condition, valid)
        if "else" in schema:
            yield algebra.at(schema["else"], scope), algebra.both(condition, algebra.negation(valid))
    for keyword in ("dependentSchemas", "dependencies"):
        for name, dependent in schema.get(keyword, {}).items():
            if not isinstance(dependent, list):
                present = algebra.negation(algebra.lacking(name))
                yield algebra.at(dependent, scope), algebra.both(condition, present)


def _contributions(
    term: Term, algebra: SchemaAlgebra, own: Any, condition: Term = TRUE, above: frozenset[Term] = frozenset()
) -> Iterator[Contribution]:
    """What is evaluated if ``term`` is valid; ``own`` lists what the keywords of one schema evaluate themselves."""
    if term.kind != PLACE or isinstance(term.schema, bool) or term in above:
        return
    schema = term.schema
    hidden = "$ref" in schema and algebra.draft(term) <= 7
    if not hidden:
        for what in own(term, algebra, bool(above)):
            yield Contribution(condition, what)
    for applied, valid in _applied(term, algebra, condition):
        if not hidden or applied is algebra.target(term, "$ref"):
            yield from _contributions(applied, algebra, own, valid, above | {term})


# -- properties -------------------------------------------------------------------------------


def _own_properties(term: Term, algebra: SchemaAlgebra, nested: bool) -> Iterator[Any]:
    schema = term.schema
    yield frozenset(schema.get("properties", ()))
    for pattern in schema.get("patternProperties", ()):
        yield algebra.matching(pattern)
    if "additionalProperties" in schema or (nested and "unevaluatedProperties" in schema):
        yield None


def unevaluated_properties(term: Term, algebra: SchemaAlgebra) -> list[Term]:
    """The demands of ``unevaluatedProperties`` in the schema of ``term``."""
    subschema = algebra.at(term.schema["unevaluatedProperties"], term.scope)
    found = [item for item in _contributions(term, algebra, _own_properties) if item.what != frozenset()]
    if subschema is TRUE or any(item == (TRUE, None) for item in found):
        return []
    named = dict.fromkeys(
        name for item in found if isinstance(item.what, frozenset) for name in sorted(item.what)
    )
    patterns = list(dict.fromkeys(item.what for item in found if isinstance(item.what, Term)))
    demands = []
    for name in named:
        conditions = [item.condition for item in found if _covers_name(item.what, name, algebra)]
        demands.append(algebra.any_of([*conditions, algebra.narrowed(Objects({name: subschema}))]))
    rest = dict.fromkeys(named, TRUE)
    told = NamePatterns(patterns, algebra)
    for inside in told.sign_vectors():
        conditions = [item.condition for item in found if item.what is None or item.what in inside]
        if patterns:
            key = told.names(inside, [term for term in patterns if term not in inside])
            others = Objects(rest, TRUE, shapes=(Shape(((key, subschema),), TRUE),))
        else:
            others = Objects(rest, subschema)
        demands.append(algebra.any_of([*conditions, algebra.narrowed(others)]))
    return demands


def _covers_name(what: Any, name: str, algebra: SchemaAlgebra) -> bool:
    if isinstance(what, Term):
        return algebra.accepts(what, name)
    return what is None or name in what


# -- items ------------------------------------------------------------------------------------


def _own_items(term: Term, algebra: SchemaAlgebra, nested: bool) -> Iterator[Any]:
    schema = term.schema
    items = schema.get("items")
    yield len(items) if isinstance(items, list) else len(schema.get("prefixItems", ()))
    everything = "items" in schema and (not isinstance(items, list) or "additionalItems" in schema)
    if everything or (nested and "unevaluatedItems" in schema):
        yield None
    if "contains" in schema and algebra.draft(term) >= 2020:
        yield algebra.at(schema["contains"], term.scope)


def unevaluated_items(term: Term, algebra: SchemaAlgebra) -> list[Term]:
    """The demands of ``unevaluatedItems`` in the schema of ``term``."""
    subschema = algebra.at(term.schema["unevaluatedItems"], term.scope)
    found = list(_contributions(term, algebra, _own_items))
    if subschema is TRUE or any(item == (TRUE, None) for item in found):
        return []
    containing = [item for item in found if isinstance(item.what, Term)]
    admitted = algebra.any_of([subschema, *[item.what for item in containing if item.condition is TRUE]])
    conditional = [item for item in containing if item.condition is not TRUE]
    first = max([item.what for item in found if isinstance(item.what, int)], default=0)
    demands = []
    for index in range(first + 1):
        conditions = [
            item.condition
            for item in found
            if item.what is None or (isinstance(item.what, int) and item.what > index)
        ]
        for holding in _subsets(conditional):
            item_term = algebra.any_of([admitted, *[item.what for item in holding]])
            prefix = (TRUE,) * index
            part = Arrays((*prefix, item_term)) if index < first else Arrays(prefix, item_term)
            conditions.append(algebra.all_of([*[item.condition for item in holding], algebra.narrowed(part)]))
        demands.append(algebra.any_of(conditions))
    return demands


def _subsets(items: list[Contribution]) -> Iterator[tuple[Contribution, ...]]:
    if len(items) > MAX_CONDITIONAL_CONTAINS:
        raise WorkLimitExceeded(
            f"more than {MAX_CONDITIONAL_CONTAINS} arms with contains beside unevaluatedItems; merge some of them",
            limit="MAX_CONDITIONAL_CONTAINS",
            value=MAX_CONDITIONAL_CONTAINS,
        )
    for count in range(len(items) + 1):
        yield from combinations(items, count)
