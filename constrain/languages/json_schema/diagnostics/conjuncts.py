"""What a term demands, one keyword at a time, for explanations.

Together, the conjuncts of a term mean what the term means. Keywords that depend on others (``additionalProperties`` on
the names in ``properties``) keep these beside them, stripped of their own demands.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from constrain.languages.json_schema.keywords.rules import ASSERTING
from constrain.languages.json_schema.solver import Solver
from constrain.languages.json_schema.terms.term import ALL, FALSE, PLACE, TRUE, VALUES, Term
from constrain.languages.json_schema.text.pointers import escape

EXCLUSIVE = {"minimum": "exclusiveMinimum", "maximum": "exclusiveMaximum"}

# The keywords that a keyword depends on.
READS: dict[str, tuple[str, ...]] = {
    "additionalProperties": ("properties", "patternProperties"),
    "items": ("prefixItems",),
    "additionalItems": ("items",),
    "contains": ("minContains", "maxContains"),
    "then": ("if",),
    "else": ("if",),
    **{keyword: (exclusive,) for keyword, exclusive in EXCLUSIVE.items()},
}
# Keywords that demand nothing except through one that depends on them.
READ_ONLY = frozenset(["if", "minContains", "maxContains"])
SUBSCHEMAS = frozenset(["properties", "patternProperties", "prefixItems", "items"])
UNEVALUATED = frozenset(["unevaluatedProperties", "unevaluatedItems"])

# Keywords that are explained last.
APPLIED = frozenset(
    ["anyOf", "oneOf", "not", "then", "else", "dependentSchemas", "dependencies", "dependentRequired"]
)

# Values longer than this are not quoted.
LONGEST_QUOTE = 40


class Conjunct(NamedTuple):
    """One demand.

    Attributes:
        term: what it means.
        pointer: the schema that it stands in; None if it is not one keyword of a schema.
        keyword: its keyword, "" for a boolean schema.
        value: the value of the keyword.
    """

    term: Term
    pointer: str | None
    keyword: str = ""
    value: Any = None

    def label(self, outside: str | None) -> str:
        """The keyword and its value, with the place unless that is ``outside``."""
        if self.pointer is None:
            given = self.term.kind == VALUES
            return "the value that enum or const gives" if given else "a combination of other schemas"
        shown = self._shown()
        return shown if self.pointer == outside else f"{shown} at {self.pointer or 'the root'}"

    def _shown(self) -> str:
        if not self.keyword:
            return "the schema false" if self.term is FALSE else "the reference back to itself"
        shown = f"{self.keyword} {quote(self.value)}"
        exclusive = EXCLUSIVE.get(self.keyword)
        if exclusive and self.term.schema.get(exclusive) is True:  # in draft 4
            shown += f" with {exclusive} true"
        return f"{shown} with the keywords beside it" if self.keyword in UNEVALUATED else shown


def quote(value: Any) -> str:
    """A value as JSON, or three dots if that is long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    text = text if text.isprintable() else json.dumps(value, default=str)
    return text if len(text) <= LONGEST_QUOTE else "..."


def conjuncts(term: Term, solver: Solver) -> list[Conjunct]:
    """The demands of ``term``, simple ones first."""
    found = list(_conjuncts(term, None, solver, set()))
    return sorted(found, key=lambda item: (item.pointer is None, item.keyword in APPLIED | UNEVALUATED))


def _conjuncts(term: Term, place: str | None, solver: Solver, above: set[Term]) -> Iterator[Conjunct]:
    """``place``: the JSON pointer to the term if it is known; ``above``: terms that led here by reference."""
    if term is TRUE:
        return
    if term.kind == ALL:
        for part in term.parts:
            yield from _conjuncts(part, None, solver, above)
    elif term.kind != PLACE:
        yield Conjunct(term, None)
    elif term is FALSE:
        yield Conjunct(term, place or "")
    elif term in above:
        yield Conjunct(term, solver.document.pointer(solver.origin(term)))
    else:
        pointer = solver.document.pointer(solver.origin(term)) if place is None else place
        yield from _of_schema(term, pointer, solver, above | {term})


def _of_schema(term: Term, pointer: str, solver: Solver, above: set[Term]) -> Iterator[Conjunct]:
    schema = term.schema
    if "$ref" in schema and solver.draft(term) <= 7:
        schema = {"$ref": schema["$ref"]}
    for keyword, value in schema.items():
        if keyword == "allOf":
            for index, arm in enumerate(value):
                yield from _conjuncts(solver.at(arm, term.scope), f"{pointer}/allOf/{index}", solver, above)
        elif keyword in ("$ref", "$dynamicRef", "$recursiveRef"):
            target = solver.target(term, keyword)
            place = f"{pointer}/{keyword}" if target is FALSE else None
            yield from _conjuncts(target, place, solver, above)
        elif keyword == "required":
            for name in value:
                yield Conjunct(solver.excerpt(term, {keyword: [name]}), pointer, keyword, name)
        elif keyword in UNEVALUATED:
            yield Conjunct(solver.excerpt(term, dict(schema)), pointer, keyword, value)
        elif _demands(keyword, value, schema):
            yield Conjunct(solver.excerpt(term, _alone(keyword, schema)), pointer, keyword, value)


def _demands(keyword: str, value: Any, schema: dict[str, Any]) -> bool:
    if keyword in READ_ONLY or (keyword in ("then", "else") and "if" not in schema):
        return False
    return keyword in ASSERTING or keyword in READS


def _alone(keyword: str, schema: dict[str, Any]) -> dict[str, Any]:
    """The keyword with those that it depends on, stripped so that only the keyword demands anything."""
    result = {keyword: schema[keyword]}
    for other in READS.get(keyword, ()):
        if other in schema:
            result[other] = _without_demands(schema[other]) if other in SUBSCHEMAS else schema[other]
    return result


def _without_demands(value: Any) -> Any:
    """Schemas by name or position that admit everything."""
    return [True for _ in value] if isinstance(value, list) else dict.fromkeys(value, True)


def place(pointer: str, *tokens: str) -> str:
    """The JSON pointer to what lies below ``pointer``."""
    return "/".join([pointer, *map(escape, tokens)])
