"""Schema order: in which order the keys of an object are written.

Keys come in the order of their first appearance when the schema is read from top to bottom, through
``$ref``, ``anyOf`` and ``allOf`` where they stand; then keys that only ``required`` names; then all
others. The order belongs to the *place* of the object in the document, not to the arm of an
``anyOf`` that it happens to match: so it is asked of a term of its own, the sequence of all schemas
that speak about that place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constrain.languages.json_schema.fixpoint import LeastFixpoint
from constrain.languages.json_schema.reading import is_plain, steps
from constrain.languages.json_schema.term import Term

if TYPE_CHECKING:
    from constrain.languages.json_schema.terms import Terms


class ReadingOrder:
    """Answers about the order of keys, memoised."""

    __slots__ = ("_names", "facets", "terms")

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.facets = LeastFixpoint(self._facets, ())
        self._names: dict[Term, tuple[str, ...]] = {}

    def _facets(self, term: Term) -> tuple[dict[str, Any], ...]:
        """The schemas that speak about a value of ``term`` by themselves, each once, in reading order."""
        if term.parts:
            return _distinct([facet for part in term.parts for facet in self.facets(part)])
        if isinstance(term.schema, bool):
            return ()
        if is_plain(term.schema):
            return (term.schema,)
        result: list[dict[str, Any]] = []
        for step in steps(term.schema, self.terms):
            if step is None:
                result.append(term.schema)
            else:
                for arm in step:
                    result.extend(self.facets(arm))
        return _distinct(result)

    def names(self, term: Term) -> tuple[str, ...]:
        """The keys that a value of ``term`` may be said to have, in schema order."""
        names = self._names.get(term)
        if names is None:
            facets = self.facets(term)
            first = dict.fromkeys([name for facet in facets for name in facet.get("properties", ())])
            for facet in facets:
                first.update(dict.fromkeys(facet.get("required", ())))
            names = self._names[term] = tuple(first)
        return names

    def of_member(self, order: Term, name: str | None) -> Term:
        """The order of the value of property ``name`` (None: of an undeclared one) of an object."""
        speaking = []
        for facet in self.facets(order):
            properties = facet.get("properties", {})
            if name in properties:
                speaking.append(properties[name])
            elif "additionalProperties" in facet:
                speaking.append(facet["additionalProperties"])
        return self.terms.sequence(speaking)

    def of_item(self, order: Term, index: int, term: Term) -> Term:
        """The order of item ``index``, which is in ``term``."""
        facets = self.facets(order)
        if len(facets) < 2:
            return term
        speaking = []
        for facet in facets:
            prefix, rest = facet.get("prefixItems", ()), facet.get("items", True)
            if isinstance(rest, list):
                prefix, rest = rest, facet.get("additionalItems", True)
            speaking.append(prefix[index] if index < len(prefix) else rest)
        return self.terms.sequence(speaking)


def _distinct(facets: list[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    return tuple({id(facet): facet for facet in facets}.values())
