"""Every keyword that is enforced, with a rule that checks the form of its value and passes subschemas on.

Keywords of later drafts than the schema's own are enforced, too. Whoever writes ``const`` in draft 4 means it, and what
validates with the keyword also validates without it.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from constrain.errors import RegexError
from constrain.languages.json_schema.formats import FORMATS
from constrain.languages.json_schema.keywords.groups import OF_OTHERS, TYPE_NAMES
from constrain.languages.json_schema.keywords.other_dialects import type_hint
from constrain.languages.json_schema.keywords.schema_pass import Rule, SchemaPass, kind_of
from constrain.languages.json_schema.text.json_text import exact, is_number
from constrain.languages.json_schema.text.pattern_shape import is_plain
from constrain.languages.regex import parse
from constrain.languages.regex.parsing.foreign import foreign

# Numbers with larger exponents than this would need spellings of that length.
MAX_EXPONENT = 400
SMALL = 10**18
MAX_COUNT = 2**31 - 1
MAX_VALUE_DEPTH = 100


def unknown(check: SchemaPass, keyword: str, value: Any) -> None:
    """A keyword without a rule may be a misspelt one."""
    if isinstance(keyword, str):  # other keys are no JSON, and no keywords
        check.suspects.append((check.schema, keyword))


def _schema(check: SchemaPass, keyword: str, value: Any) -> None:
    check.push(keyword, value)


def _named_schemas(check: SchemaPass, keyword: str, value: Any) -> None:
    if not isinstance(value, dict):
        raise check.invalid(keyword, f"must be an object of schemas, not {kind_of(value)}")
    for name, schema in value.items():
        if not isinstance(name, str):
            raise check.invalid(keyword, f"the key {name!r} is not a string")
        if isinstance(schema, (dict, bool)):
            check.pending.append(schema)
            if schema is False and name in RULES:
                check.suspects.append((check.schema, keyword))
        else:
            raise check.invalid(keyword, f"{name!r} has no schema but {kind_of(schema)}")


def _name(check: SchemaPass, keyword: str, name: Any) -> None:
    if not isinstance(name, str):
        raise check.invalid(keyword, f"the key {name!r} is not a string")


def _schemas(check: SchemaPass, keyword: str, value: Any) -> None:
    if not isinstance(value, list) or not value:
        raise check.invalid(keyword, "must be a list of at least one schema")
    for schema in value:
        check.push(keyword, schema)


def _one_of(check: SchemaPass, keyword: str, value: Any) -> None:
    check.negating.append(check.schema)
    _schemas(check, keyword, value)


def _not(check: SchemaPass, keyword: str, value: Any) -> None:
    check.negating.append(check.schema)
    check.push(keyword, value)


def _items(check: SchemaPass, keyword: str, value: Any) -> None:
    if not isinstance(value, list):
        check.push(keyword, value)
        return
    if "prefixItems" in check.schema:
        raise check.invalid(keyword, "a list of schemas beside prefixItems")
    for schema in value:
        check.push(keyword, schema)


def _additional_items(check: SchemaPass, keyword: str, value: Any) -> None:
    if isinstance(
        check.schema.get("items"), list
    ):  # no draft gives it a meaning unless a list comes before it
        check.push(keyword, value)


def _reference(check: SchemaPass, keyword: str, value: Any) -> None:
    if not isinstance(value, str):
        raise check.invalid(keyword, "a reference is a string")
    check.refers = True
    try:
        check.pending.append(check.document.resolve(check.schema, value))
    except LookupError as problem:
        raise check.lost(keyword, value, problem) from None


def _dynamic_reference(check: SchemaPass, keyword: str, value: Any) -> None:
    if not isinstance(value, str):
        raise check.invalid(keyword, "a reference is a string")
    try:
        check.pending.extend(check.document.dynamic_targets(check.schema, keyword, value))
    except LookupError as problem:
        raise check.lost(keyword, value, problem) from None
    check.dynamic.append((check.schema, keyword))


def _identity(check: SchemaPass, keyword: str, value: Any) -> None:
    check.document.identify(check.schema)


def _type(check: SchemaPass, keyword: str, value: Any) -> None:
    if isinstance(value, str):
        others = OF_OTHERS.get(value)
        if others is None:
            raise check.invalid(keyword, f"{value!r} is not a type", type_hint(value))
        if not others.isdisjoint(check.schema):
            check.suspects.append((check.schema, keyword))
        return
    if not isinstance(value, list) or not value:
        raise check.invalid(keyword, "must be the name of a type or a list of at least one")
    for name in value:
        if not isinstance(name, str) or name not in TYPE_NAMES:
            hint = type_hint(name) if isinstance(name, str) else ""
            raise check.invalid(keyword, f"{name!r} is not a type", hint)
    if not any(OF_OTHERS[name].isdisjoint(check.schema) for name in value):
        check.suspects.append((check.schema, keyword))


def _names(check: SchemaPass, keyword: str, value: Any) -> None:
    if not isinstance(value, list):
        raise check.invalid(keyword, f"must be a list of strings, not {kind_of(value)}")
    for name in value:
        if not isinstance(name, str):
            raise check.invalid(keyword, f"must be a list of strings, and {name!r} is none")


def _enum(check: SchemaPass, keyword: str, value: Any) -> None:
    if not isinstance(value, list):
        raise check.invalid(keyword, f"must be a list of values, not {kind_of(value)}")
    for item in value:
        if not isinstance(item, str):
            _value(check, keyword, item)


def _value(check: SchemaPass, keyword: str, value: Any) -> None:
    """Any JSON value."""
    pending = [(value, 0)]
    while pending:
        item, depth = pending.pop()
        if item is None or isinstance(item, (str, bool)):
            continue
        if isinstance(item, (int, float, Decimal)):
            _number(check, keyword, item)
        elif depth == MAX_VALUE_DEPTH:
            raise check.unsupported(keyword, f"the value is nested more than {MAX_VALUE_DEPTH} deep")
        elif isinstance(item, list):
            pending.extend((child, depth + 1) for child in item)
        elif isinstance(item, dict) and all(isinstance(key, str) for key in item):
            pending.extend((child, depth + 1) for child in item.values())
        else:
            raise check.invalid(keyword, f"{item!r} is not a JSON value")


def _number(check: SchemaPass, keyword: str, value: Any) -> None:
    if not is_number(value):
        raise check.invalid(keyword, f"must be a number, not {kind_of(value)}")
    if isinstance(value, int) and -SMALL < value < SMALL:
        return
    number = Decimal(float.__repr__(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        raise check.invalid(keyword, f"{value!r} is not a JSON number")
    if (number and abs(number.adjusted()) > MAX_EXPONENT) or len(number.as_tuple().digits) > MAX_EXPONENT:
        raise check.unsupported(keyword, f"the number has more than {MAX_EXPONENT} digits when written out")


def _bound(check: SchemaPass, keyword: str, value: Any) -> None:
    """``exclusiveMinimum`` and ``exclusiveMaximum``: in draft 4 a boolean that qualifies minimum or maximum."""
    if not isinstance(value, bool):
        _number(check, keyword, value)


def _count(check: SchemaPass, keyword: str, value: Any) -> None:
    _number(check, keyword, value)
    number = exact(value)
    if number < 0 or not isinstance(number, int):
        raise check.invalid(keyword, f"must be a whole number from 0 on, not {kind_of(value)}")
    if number > MAX_COUNT and keyword.startswith("min"):
        raise check.unsupported(keyword, f"no text can be that long: {value}")


def _pattern(check: SchemaPass, keyword: str, value: Any) -> None:
    if not isinstance(value, str):
        raise check.invalid(keyword, f"a pattern is a string, not {kind_of(value)}")
    try:
        if not is_plain(parse(value, "schema")):
            check.difficult.append((check.schema, value))
        if foreign(value):
            check.suspects.append((check.schema, keyword))
    except RegexError as problem:
        raise check.unsupported(keyword, f"the pattern cannot be enforced: {problem}") from problem


def _pattern_properties(check: SchemaPass, keyword: str, value: Any) -> None:
    _named_schemas(check, keyword, value)
    for pattern in value:
        _pattern(check, keyword, pattern)


def _multiple(check: SchemaPass, keyword: str, value: Any) -> None:
    _number(check, keyword, value)
    if exact(value) <= 0:
        raise check.invalid(keyword, f"must be a number above 0, not {value!r}")


def _flag(check: SchemaPass, keyword: str, value: Any) -> None:
    if not isinstance(value, bool):
        raise check.invalid(keyword, f"must be true or false, not {kind_of(value)}")


def _count_contained(check: SchemaPass, keyword: str, value: Any) -> None:
    _count(check, keyword, value)
    if "contains" not in check.schema:
        check.suspects.append((check.schema, keyword))


def _least_contained(check: SchemaPass, keyword: str, value: Any) -> None:
    """Up to draft 7, ``contains`` wants at least one item whatever this says, and 0 would admit more than that."""
    _count_contained(check, keyword, value)
    draft = check.document.draft_of(check.schema)
    if draft <= 7 and "contains" in check.schema:
        hint = 'leave it out, or declare a later draft with "$schema"'
        raise check.unsupported(keyword, f"draft {draft} does not have this keyword", hint)


def _lists_of_names(check: SchemaPass, keyword: str, value: Any) -> None:
    if not isinstance(value, dict):
        raise check.invalid(keyword, f"must be an object of lists of strings, not {kind_of(value)}")
    for name, names in value.items():
        _name(check, keyword, name)
        _names(check, keyword, names)


def _dependencies(check: SchemaPass, keyword: str, value: Any) -> None:
    if not isinstance(value, dict):
        raise check.invalid(
            keyword, f"must be an object of schemas and lists of strings, not {kind_of(value)}"
        )
    for name, demand in value.items():
        if isinstance(demand, list):
            _name(check, keyword, name)
            _names(check, keyword, demand)
        else:
            _named_schemas(check, keyword, {name: demand})


def _condition(check: SchemaPass, keyword: str, value: Any) -> None:
    if keyword == "if":
        check.negating.append(check.schema)
    if "if" in check.schema:
        check.push(keyword, value)
    else:  # without if, then and else say nothing
        check.suspects.append((check.schema, keyword))


def _format(check: SchemaPass, keyword: str, value: Any) -> None:
    if not isinstance(value, str):
        raise check.invalid(keyword, f"a format is a string, not {kind_of(value)}")
    if value in FORMATS:
        return
    if check.options.formats and check.document.dialect_of(check.schema).asserts_format:
        raise check.unsupported(keyword, f"the meta-schema wants formats enforced, and {value!r} is unknown")
    check.unknown_formats[value] = None
    check.suspects.append((check.schema, keyword))


# -- the lists --------------------------------------------------------------------------------

RULES: dict[str, Rule] = {
    "type": _type,
    "enum": _enum,
    "const": _value,
    "properties": _named_schemas,
    "patternProperties": _pattern_properties,
    "additionalProperties": _schema,
    "propertyNames": _schema,
    "required": _names,
    "minProperties": _count,
    "maxProperties": _count,
    "dependentRequired": _lists_of_names,
    "dependentSchemas": _named_schemas,
    "dependencies": _dependencies,
    "unevaluatedProperties": _schema,
    "items": _items,
    "prefixItems": _schemas,
    "additionalItems": _additional_items,
    "minItems": _count,
    "maxItems": _count,
    "uniqueItems": _flag,
    "contains": _schema,
    "minContains": _least_contained,
    "maxContains": _count_contained,
    "unevaluatedItems": _schema,
    "minLength": _count,
    "maxLength": _count,
    "pattern": _pattern,
    "format": _format,
    "minimum": _number,
    "maximum": _number,
    "exclusiveMinimum": _bound,
    "exclusiveMaximum": _bound,
    "multipleOf": _multiple,
    "anyOf": _schemas,
    "allOf": _schemas,
    "oneOf": _one_of,
    "not": _not,
    "if": _condition,
    "then": _condition,
    "else": _condition,
    "$ref": _reference,
    "$dynamicRef": _dynamic_reference,
    "$recursiveRef": _dynamic_reference,
    "$id": _identity,
    "id": _identity,
}

# Without any of these a schema admits everything.
ASSERTING = frozenset(RULES) - {"$id", "id", "additionalItems", "then", "else", "minContains", "maxContains"}
