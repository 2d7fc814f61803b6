"""Schemas that lead back to themselves through a negation.

``{"not": {"$ref": "#"}}`` is valid exactly if it is not, so it has no meaning. Its author should be told that before
the first token, not when a text first gets there. Whether such a circle has a meaning is for the solver to say; this
finds those that it must be asked about. JSON Schema 2020-12, core, section 9.4.1, forbids all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from constrain.languages.json_schema.document.document import Document
from constrain.languages.json_schema.keywords.schema_check import Check

__all__ = ["circles"]

LISTS = ("allOf", "anyOf", "oneOf")
SINGLE = ("not", "if", "then", "else")
NAMED = ("dependentSchemas", "dependencies")


def circles(check: Check) -> Iterator[dict[str, Any]]:
    """The schemas with a negation that lead back to themselves by reference without reading anything in between."""
    if check.refers:
        for schema in check.negating:
            if _leads_back(schema, check.document):
                yield schema


def _leads_back(schema: dict[str, Any], document: Document) -> bool:
    seen: set[int] = set()
    pending = [schema]
    while pending:
        for child in _in_place(pending.pop(), document):
            if child is schema:
                return True
            if isinstance(child, dict) and id(child) not in seen:
                seen.add(id(child))
                pending.append(child)
    return False


def _in_place(schema: dict[str, Any], document: Document) -> Iterator[Any]:
    """The schemas that apply to the same value as this one."""
    if "$ref" in schema:
        yield document.resolve(schema, schema["$ref"])
    for keyword in LISTS:
        yield from schema.get(keyword, ())
    for keyword in SINGLE:
        yield schema.get(keyword)
    for keyword in NAMED:
        yield from schema.get(keyword, {}).values()
