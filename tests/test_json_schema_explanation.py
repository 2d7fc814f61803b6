"""Errors for schemas against which no document validates: the place, and the keywords that exclude each other."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from constrain.engine import Engine
from constrain.errors import UnsatisfiableSchema
from constrain.languages.json_schema import Options, build, check
from constrain.languages.json_schema.diagnostics.conjuncts import conjuncts
from constrain.languages.json_schema.output.json_base_builder import build_shared
from constrain.languages.json_schema.solver import Solver
from constrain.languages.json_schema.values.string_languages import StringLanguages

DRAFT4 = "http://json-schema.org/draft-04/schema#"
TWO = {"allOf": [{"type": "string"}, {"type": "number"}]}
THING = {"type": "object", "required": ["a"]}

# (schema, pointer, reason)
CASES: list[tuple[Any, str, str]] = [
    (False, "", "the schema false admits no value"),
    ({"allOf": [True, False]}, "/allOf/1", "the schema false admits no value"),
    ({"$ref": "#"}, "", "the reference back to itself admits no value"),
    ({"not": {}}, "/not", "not {} admits no value"),
    ({"not": {"description": "x" * 50}}, "/not", "not ... admits no value"),
    (
        {"title": "x", "type": "string", "minLength": 3, "maxLength": 2, "pattern": "a"},
        "",
        'no value satisfies all of type "string", minLength 3 and maxLength 2',
    ),
    (
        {"type": "string", "allOf": [{"minLength": 3}, {"maxLength": 2}]},
        "",
        'no value satisfies all of type "string", minLength 3 at /allOf/0 and maxLength 2 at /allOf/1',
    ),
    (
        {"type": "string", "$ref": "#/$defs/a", "$defs": {"a": {"type": "integer"}}},
        "",
        'no value satisfies both type "string" and type "integer" at /$defs/a',
    ),
    (
        {"type": "integer", "minimum": 1, "maximum": 2, "multipleOf": 3},
        "",
        'no value satisfies all of type "integer", minimum 1, maximum 2 and multipleOf 3',
    ),
    (
        {"type": "number", "exclusiveMinimum": 1, "maximum": 1, "multipleOf": 3},
        "",
        'no value satisfies all of type "number", exclusiveMinimum 1 and maximum 1',
    ),
    (
        {"$schema": DRAFT4, "type": "number", "minimum": 3, "exclusiveMinimum": True, "maximum": 3},
        "",
        'no value satisfies all of type "number", minimum 3 with exclusiveMinimum true and maximum 3',
    ),
    ({"enum": []}, "/enum", "enum [] admits no value"),
    (
        {"enum": ["a", 3, None, [1], "b"], "type": "number", "maximum": 2},
        "",
        'no value of enum is admitted: "a" fails type "number", 3 fails maximum 2, null fails type "number", '
        "and 2 more fail",
    ),
    ({"const": 1, "enum": [2]}, "", "the value of const is not admitted: 1 fails enum [2]"),
    (
        {"enum": ["\ud800"]},
        "/enum",
        r'no value of enum is admitted: "\ud800" holds a lone surrogate, which no text can spell',
    ),
    (
        THING | {"properties": {"a": {"enum": []}}},
        "/properties/a/enum",
        "enum [] admits no value, for the required property at /a",
    ),
    (
        THING | {"properties": {"a": False}},
        "/properties/a",
        "the required property at /a is forbidden by the schema false",
    ),
    (
        {"allOf": [THING, {"additionalProperties": False}]},
        "/allOf/1/additionalProperties",
        "the required property at /a is forbidden by additionalProperties false "
        '(asked for by required "a" at /allOf/0)',
    ),
    (
        THING | {"propertyNames": {"minLength": 2}},
        "/propertyNames",
        'the required property at /a is forbidden by propertyNames {"minLength": 2}',
    ),
    (
        THING | {"patternProperties": {"^a": {"type": "string"}}, "properties": {"a": {"type": "number"}}},
        "",
        'no value satisfies both type "string" at /patternProperties/^a and type "number" at /properties/a, '
        "for the required property at /a",
    ),
    (
        THING | {"properties": {"a": {"$ref": "#"}}},
        "",
        "a value would have to contain a value of the same kind without end (the required property at /a/a)",
    ),
    (
        THING | {"properties": {"a": {"type": "array", "minItems": 2, "items": TWO}}},
        "/properties/a/items",
        'no value satisfies both type "string" at /properties/a/items/allOf/0 and '
        'type "number" at /properties/a/items/allOf/1, for the item at /a/0',
    ),
    (
        {"type": "array", "minItems": 3, "prefixItems": [True, False]},
        "/prefixItems/1",
        "the item at /1 is forbidden by the schema false",
    ),
    (
        {"type": "array", "minItems": 1, "items": False},
        "/items",
        "the item at /0 is forbidden by items false",
    ),
    (  # two types are left, each for a reason of its own
        {"type": ["string", "object"], "required": ["a"], "properties": {"a": False}, "pattern": "[]"},
        "",
        'no value satisfies all of type ["string", "object"], required "a", properties {"a": false} and pattern "[]"',
    ),
    (
        {"oneOf": [{"type": "string"}, {"type": "string"}]},
        "/oneOf",
        "every value that satisfies one alternative of oneOf satisfies another one, too",
    ),
    (
        {"anyOf": [{"type": "string"}, {"type": "null"}], "type": "number"},
        "/anyOf",
        'beside type "number", no alternative of anyOf has a value '
        '(0: no value satisfies both type "string" at /anyOf/0 and type "number"; '
        '1: no value satisfies both type "null" at /anyOf/1 and type "number")',
    ),
    (
        {"if": {"type": "string"}, "then": False, "else": False, "not": {"const": 1}},
        "",
        "no value satisfies both then false and else false",
    ),
    (
        THING | {"unevaluatedProperties": False, "properties": {"b": True}},
        "/unevaluatedProperties",
        "unevaluatedProperties false with the keywords beside it admits no value",
    ),
]


@pytest.mark.parametrize(("schema", "pointer", "reason"), CASES)
def test_explanations(schema: Any, pointer: str, reason: str) -> None:
    with pytest.raises(UnsatisfiableSchema) as caught:
        build(Engine(), schema)
    assert (caught.value.pointer, caught.value.reason) == (pointer, reason)


VALUES: list[Any] = [
    None,
    True,
    0,
    1,
    2,
    3,
    1.5,
    "",
    "a",
    "ab",
    "abcd",
    [],
    [1],
    ["a", 2],
    {},
    {"a": 1},
    {"b": "x"},
]

EQUIVALENT: list[Any] = [
    {"type": ["string", "integer"], "minLength": 1, "maxLength": 2, "minimum": 1, "maximum": 2},
    {"properties": {"a": {"type": "string"}}, "additionalProperties": False, "minProperties": 1},
    {"properties": {"a": True}, "patternProperties": {"^b": False}, "additionalProperties": {"type": "null"}},
    {"prefixItems": [{"type": "string"}], "items": False, "maxItems": 1},
    {"items": [{"type": "string"}], "additionalItems": False, "minItems": 1},
    {"if": {"type": "string"}, "then": {"minLength": 2}, "else": {"type": "integer"}},
    {"$schema": DRAFT4, "minimum": 1, "exclusiveMinimum": True, "maximum": 2, "exclusiveMaximum": False},
    {"$schema": DRAFT4, "$ref": "#/definitions/a", "minLength": 9, "definitions": {"a": {"type": "string"}}},
    {"$ref": "#/$defs/a", "minLength": 2, "$defs": {"a": {"allOf": [{"type": "string"}, {"maxLength": 3}]}}},
    {
        "properties": {"b": True},
        "unevaluatedProperties": False,
        "anyOf": [{"required": ["b"]}, {"maxProperties": 0}],
    },
    {"dependentRequired": {"a": ["b"]}, "not": {"type": "string"}, "required": ["a"]},
]


@pytest.mark.parametrize("schema", EQUIVALENT)
def test_conjuncts_mean_together_what_the_schema_means(schema: Any) -> None:
    options, engine = Options(), Engine()
    checked = check(copy.deepcopy(schema))
    terms = Solver(
        checked.document, options, StringLanguages(engine, build_shared(engine, options).character)
    )
    root = terms.at(checked.document.root)
    demands = conjuncts(root, terms)
    assert len(demands) > 1 or "$ref" in schema
    for value in VALUES:
        assert all(terms.accepts(demand.term, value) for demand in demands) == terms.accepts(root, value)
