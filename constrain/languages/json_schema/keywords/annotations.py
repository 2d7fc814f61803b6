"""Parts of a schema that do not constrain documents: unknown keywords, and what ``$ref`` or ``type`` hides."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from constrain.languages.json_schema.document.document import Document
from constrain.languages.json_schema.formats import FORMATS
from constrain.languages.json_schema.keywords.groups import SILENT, SPEAKS_OF
from constrain.languages.json_schema.keywords.other_dialects import KEYWORDS
from constrain.languages.json_schema.keywords.rules import RULES
from constrain.languages.json_schema.keywords.schema_check import Check
from constrain.languages.json_schema.text.pointers import escape

# Keywords that say nothing without another one.
NEEDS: dict[str, str] = {
    "then": "if", "else": "if", "minContains": "contains", "maxContains": "contains", "additionalItems": "items",
}  # fmt: skip


def places(document: Document, check: Check) -> Iterator[tuple[str, Any]]:
    """(JSON pointer, schema) of each schema of the document that can be reached, except booleans."""
    pending: list[tuple[str, Any]] = [("", document.root)]
    while pending:
        pointer, value = pending.pop()
        if isinstance(value, dict):
            if id(value) in check.seen:
                yield pointer, value
            children = [(f"{pointer}/{escape(str(key))}", item) for key, item in value.items()]
        elif isinstance(value, list):
            children = [(f"{pointer}/{index}", item) for index, item in enumerate(value)]
        else:
            continue
        pending.extend(reversed(children))


def silent_keywords(pointer: str, schema: dict[str, Any], check: Check) -> Iterator[tuple[str, str]]:
    """(JSON pointer, reason) of each keyword of one schema that has no effect though it looks as if it had."""
    dialect = check.document.dialect_of(schema)
    hidden = dialect.draft <= 7 and "$ref" in schema
    for keyword in filter(lambda key: isinstance(key, str), schema):
        reason = _reason(keyword, schema, check)
        if hidden and keyword in RULES and keyword not in ("$ref", dialect.id_keyword):
            reason = f"a $ref hides the keywords beside it in draft {dialect.draft}"
        elif keyword in dialect.disabled:
            reason = "the meta-schema does not list its vocabulary"
        if reason:
            yield f"{pointer}/{escape(keyword)}", reason


def _reason(keyword: str, schema: dict[str, Any], check: Check) -> str:
    if keyword not in RULES:
        return "" if keyword in SILENT else _unknown(keyword)
    if keyword == "format":
        name = schema[keyword]
        if name not in FORMATS:
            return f"unknown format {name!r}"
        return "" if check.options.formats else "formats are not enforced"
    needed = NEEDS.get(keyword)
    if needed and needed not in schema:
        return f"says nothing without {needed}"
    if keyword == "additionalItems" and not isinstance(schema["items"], list):
        return "says nothing unless items is a list"
    return of_other_type(keyword, schema)


def of_other_type(keyword: str, schema: dict[str, Any]) -> str:
    """Why ``keyword`` says nothing beside ``type``, or ""."""
    kind = schema.get("type")
    if not isinstance(kind, (str, list)):
        return ""
    given = {kind} if isinstance(kind, str) else {name for name in kind if isinstance(name, str)}
    for keywords, names in SPEAKS_OF.items():
        if keyword in keywords and given.isdisjoint(names):
            return f"says nothing about values of type {' or '.join(sorted(given))}"
    return ""


def _unknown(keyword: str) -> str:
    from difflib import get_close_matches

    if keyword in KEYWORDS:
        return KEYWORDS[keyword]
    similar = get_close_matches(keyword, RULES, 1, 0.8)
    return f"unknown keyword; is {similar[0]} meant?" if similar else "unknown keyword"
