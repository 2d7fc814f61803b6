"""What cannot be enforced raises before any text is generated, and says where."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from constrain.engine import Engine
from constrain.errors import (
    InvalidSchema,
    SchemaError,
    UnsatisfiableSchema,
    UnsupportedKeyword,
    WorkLimitExceeded,
)
from constrain.languages.factories import json_schema
from constrain.languages.json_schema import Options, build, check
from constrain.languages.json_schema.report import report

INVALID = [
    (5, ""),
    (None, ""),
    ({"type": "text"}, "/type"),
    ({"type": []}, "/type"),
    ({"type": ["string", {}]}, "/type"),
    ({"properties": []}, "/properties"),
    ({"properties": {"a": {"properties": {"b": "x"}}}}, "/properties/a/properties"),
    ({"properties": {1: {}}}, "/properties"),
    ({"required": True}, "/required"),
    ({"required": [1]}, "/required"),
    ({"items": 3}, "/items"),
    ({"prefixItems": []}, "/prefixItems"),
    ({"anyOf": []}, "/anyOf"),
    ({"anyOf": [{}, {"minLength": -1}]}, "/anyOf/1/minLength"),
    ({"allOf": {"a": 1}}, "/allOf"),
    ({"maxLength": 1.5}, "/maxLength"),
    ({"maxLength": True}, "/maxLength"),
    ({"minItems": "1"}, "/minItems"),
    ({"minimum": "1"}, "/minimum"),
    ({"maximum": float("nan")}, "/maximum"),
    ({"maxItems": float("inf")}, "/maxItems"),
    ({"enum": "abc"}, "/enum"),
    ({"enum": [object()]}, "/enum"),
    ({"const": {1: 2}}, "/const"),
    ({"pattern": 1}, "/pattern"),
    ({"$ref": 1}, "/$ref"),
    ({"$ref": "#/$defs/none"}, "/$ref"),
    ({"items": {"$ref": "#/title"}, "title": "x"}, "/items/$ref"),
    ({"$ref": "#anchor"}, "/$ref"),
    ({"$id": "http://x/y", "$ref": "y#/a"}, "/$ref"),
    (
        {"properties": {"a": {"$id": "http://x/y", "items": {"$ref": "#/z"}}}, "z": {}},
        "/properties/a/items/$ref",
    ),
    ({"$dynamicRef": {}}, "/$dynamicRef"),
    ({"$dynamicRef": "#nowhere"}, "/$dynamicRef"),
    ({"additionalProperties": "no"}, "/additionalProperties"),
    ({"additionalItems": 5, "items": [{}]}, "/additionalItems"),
    ({"items": [{}, 3], "additionalItems": False}, "/items"),
    ({"items": [{}], "prefixItems": [{}]}, "/items"),
    ({"patternProperties": {"a": 1}}, "/patternProperties"),
    ({"propertyNames": 1}, "/propertyNames"),
    ({"minProperties": -1}, "/minProperties"),
    ({"maxProperties": 0.5}, "/maxProperties"),
    ({"dependentRequired": {"a": "b"}}, "/dependentRequired"),
    ({"dependentRequired": ["a"]}, "/dependentRequired"),
    ({"dependentSchemas": {"a": ["b"]}}, "/dependentSchemas"),
    ({"dependencies": {"a": "b"}}, "/dependencies"),
    ({"dependencies": []}, "/dependencies"),
    ({"unevaluatedProperties": 0}, "/unevaluatedProperties"),
    ({"unevaluatedItems": "no"}, "/unevaluatedItems"),
    ({"contains": [1]}, "/contains"),
    ({"contains": {}, "minContains": -1}, "/minContains"),
    ({"contains": {}, "maxContains": "1"}, "/maxContains"),
    ({"uniqueItems": 1}, "/uniqueItems"),
    ({"multipleOf": 0}, "/multipleOf"),
    ({"multipleOf": -2}, "/multipleOf"),
    ({"multipleOf": "2"}, "/multipleOf"),
    ({"oneOf": []}, "/oneOf"),
    ({"properties": {"a": {"oneOf": 1}}}, "/properties/a/oneOf"),
    ({"not": [{}]}, "/not"),
    ({"if": 1}, "/if"),
    ({"if": {}, "then": 1}, "/then"),
    ({"if": {}, "else": None}, "/else"),
    ({"format": 1}, "/format"),
    ({"$schema": 4}, "/$schema"),
    ('{"type": "string", "type": "null"}', ""),
    ('{"minimum": NaN}', ""),
    ("{", ""),
    ("[" * 100_000, ""),
]

NOT_ENFORCED = [
    ({"$ref": "other.json"}, "/$ref"),
    ({"$ref": "http://localhost/other.json#/$defs/a"}, "/$ref"),
    ({"pattern": r"(a)\1"}, "/pattern"),
    ({"patternProperties": {r"^(a)\1$": {}}}, "/patternProperties"),
    ({"$schema": "http://json-schema.org/draft-03/schema#"}, "/$schema"),
    (
        {
            "properties": {"a/b": {"$ref": "#/$defs/x"}},
            "$defs": {"x": {"a": 1, "not": {"pattern": r"(b)\1"}}},
        },
        "/$defs/x/not/pattern",
    ),
    ({"properties": {"a": {"$id": "http://x/y", "items": {"$ref": "z"}}}}, "/properties/a/items/$ref"),
    ({"maximum": Decimal("1e5000")}, "/maximum"),
    ({"multipleOf": Decimal("1e-5000")}, "/multipleOf"),
    ({"enum": [10**5000]}, "/enum"),
    ({"minItems": Decimal("1e30")}, "/minItems"),
    (
        {"properties": {"a": {"$id": "http://x/y", "$schema": "http://example.com/mine"}}},
        "/properties/a/$schema",
    ),
    ({"minLength": 10**12}, "/minLength"),
    # A later draft's keyword narrows; this one would widen what contains says in draft 7.
    (
        {"$schema": "http://json-schema.org/draft-07/schema#", "contains": {}, "minContains": 0},
        "/minContains",
    ),
]

# (a schema of the draft that does not have the keyword, a value that it admits without it but not with it)
LATER_KEYWORDS = [
    (4, {"const": 1}, b"2"),
    (4, {"contains": {"type": "null"}}, b"[1]"),
    (4, {"propertyNames": {"maxLength": 1}}, b'{"ab": 1}'),
    (4, {"exclusiveMinimum": 1}, b"1"),
    (4, {"if": {"type": "string"}, "then": {"maxLength": 1}}, b'"ab"'),
    (6, {"if": {"type": "string"}, "then": {"maxLength": 1}}, b'"ab"'),
    (7, {"prefixItems": [{"type": "string"}]}, b"[1]"),
    (7, {"dependentRequired": {"a": ["b"]}}, b'{"a": 1}'),
    (7, {"dependentSchemas": {"a": {"maxProperties": 1}}}, b'{"a": 1, "b": 1}'),
    (7, {"contains": {}, "maxContains": 1}, b"[1, 2]"),
    (7, {"properties": {"a": {}}, "unevaluatedProperties": False}, b'{"b": 1}'),
    (7, {"items": [{}], "unevaluatedItems": False}, b"[1, 2]"),
    (2019, {"prefixItems": [{"type": "string"}]}, b"[1]"),
]


@pytest.mark.parametrize(("schema", "pointer"), INVALID)
def test_invalid(schema: Any, pointer: str) -> None:
    with pytest.raises(InvalidSchema) as caught:
        check(schema)
    assert caught.value.pointer == pointer


@pytest.mark.parametrize(("schema", "pointer"), NOT_ENFORCED)
def test_not_enforced(schema: Any, pointer: str) -> None:
    with pytest.raises(UnsupportedKeyword) as caught:
        build(Engine(), schema)
    assert caught.value.pointer == pointer


@pytest.mark.parametrize(("draft", "schema", "text"), LATER_KEYWORDS)
def test_keywords_of_later_drafts_are_enforced(draft: int, schema: Any, text: bytes) -> None:
    """Whoever writes them means them, and what validates with them validates without."""
    engine = Engine()
    assert not engine.matches(build(engine, schema, Options(draft=draft)), text)


@pytest.mark.parametrize(
    "schema",
    [
        {"$defs": {"unused": {"not": {}}}},
        {
            "title": 1,
            "description": "d",
            "default": {"not": 1},
            "examples": [1],
            "$comment": "c",
            "deprecated": True,
        },
        {"format": "none-that-a-standard-knows", "x-vendor": {"oneOf": 1}, "contentEncoding": "base64"},
        {"uniqueItems": False, "minProperties": 0, "patternProperties": {}, "dependencies": {}},
        {"properties": {"$ref": {"type": "string"}, "oneOf": {"type": "string"}}},
        {"enum": [{"not": 1}], "additionalItems": 5},
        {"then": 1, "else": 1},
        {
            "$schema": "http://json-schema.org/draft-07/schema#",
            "$ref": "#/definitions/a",
            "oneOf": 1,
            "definitions": {"a": True},
        },
    ],
)
def test_annotations_are_not_checked(schema: Any) -> None:
    check(schema)


def test_patterns_that_ask_the_same_of_values_are_one_class() -> None:
    patterns = {letter: {"enum": [1, 2]} for letter in "abcdefghijklmnop"}
    engine = Engine()
    root = build(engine, {"type": "object", "patternProperties": patterns, "additionalProperties": False})
    assert engine.matches(root, b'{"abc": 1, "p": 2}')
    assert not engine.matches(root, b'{"abc": 3}') and not engine.matches(root, b'{"x": 1}')


def test_classes_of_names_are_bounded() -> None:
    """Every set of these patterns has names that match just it."""
    patterns = {letter: {"enum": [letter]} for letter in "abcdefghijklmnop"}
    with pytest.raises(WorkLimitExceeded, match="patternProperties"):
        build(Engine(), {"type": "object", "patternProperties": patterns})


def test_dense_circles_are_bounded() -> None:
    """Every definition may be any other one: only the first one that is asked for can be remembered."""
    names = [f"d{i}" for i in range(12)]
    arms = {
        name: [{"required": ["k"], "properties": {"k": {"$ref": f"#/$defs/{other}"}}} for other in names]
        for name in names
    }
    definitions = {name: {"type": "object", "anyOf": arms[name]} for name in names}
    with pytest.raises((WorkLimitExceeded, UnsatisfiableSchema)):
        build(Engine(), {"$ref": "#/$defs/d0", "$defs": definitions})


def test_depth_is_bounded_where_schemas_depend_on_each_other() -> None:
    chain: dict[str, Any] = {f"d{i}": {"$ref": f"#/$defs/d{i + 1}"} for i in range(1000)}
    circle = {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/d0"}]}
    with pytest.raises(WorkLimitExceeded) as caught:
        build(Engine(), {"$ref": "#/$defs/d0", "$defs": {**chain, "d1000": circle}})
    assert caught.value.limit == "MAX_DEPTH" and caught.value.value == 120


def test_a_long_chain_of_references_is_followed() -> None:
    chain: dict[str, Any] = {f"d{i}": {"$ref": f"#/$defs/d{i + 1}"} for i in range(1000)}
    engine = Engine()
    root = build(engine, {"$ref": "#/$defs/d0", "$defs": {**chain, "d1000": {"const": 3}}})
    assert engine.matches(root, b"3") and not engine.matches(root, b"4")


def test_questions_inside_each_other_are_bounded() -> None:
    """Whether the condition holds depends on items two levels down, and so on without end."""
    schema = {
        "if": {"items": {"items": {"$ref": "#"}}},
        "then": {"items": {"$ref": "#"}},
        "else": {"items": {"items": {"minProperties": 3}}},
    }
    with pytest.raises(WorkLimitExceeded, match="nested"):
        build(Engine(), schema)


def test_deep_nesting_is_no_problem_where_nothing_is_required() -> None:
    schema: dict[str, Any] = {"type": "integer"}
    for _ in range(900):
        schema = {"items": schema, "type": "array"}
    engine = Engine()
    root = build(engine, schema)
    assert engine.matches(root, b"[" * 900 + b"1" + b"]" * 900)


def test_errors_are_value_errors_with_pointer_and_hint() -> None:
    with pytest.raises(SchemaError, match=r"at /\$schema: .* is not a known dialect \(known are") as caught:
        check({"$schema": "http://example.com/mine"})
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("schema", "hint"), [("person.json", "read_text"), (Options, "JSON text"), ("{", "")]
)
def test_what_is_no_schema_at_all(schema: Any, hint: str) -> None:
    with pytest.raises(InvalidSchema) as caught:
        check(schema)
    assert hint in caught.value.hint and bool(hint) == bool(caught.value.hint)


IS_NOT_ITSELF = [
    {"not": {"$ref": "#/$defs/n"}},
    {"if": {"$ref": "#/$defs/n"}, "then": {"type": "string"}},
    {"anyOf": [{"type": "string"}, {"not": {"allOf": [{"$ref": "#/$defs/n"}, {}]}}]},
]


@pytest.mark.parametrize("circle", IS_NOT_ITSELF)
def test_what_is_valid_if_it_is_not_is_refused_wherever_it_stands(circle: Any) -> None:
    """Also where no text has come yet: values are written when they are reached."""
    schema = {"properties": {"a": {"properties": {"b": {"$ref": "#/$defs/n"}}}}, "$defs": {"n": circle}}
    with pytest.raises(InvalidSchema, match="valid exactly if it is not valid"):
        build(Engine(), schema)


def test_circles_that_mean_something() -> None:
    least = {"oneOf": [{"type": "string"}, {"$ref": "#/$defs/n"}]}
    engine = Engine()
    root = build(engine, {"items": {"$ref": "#/$defs/n"}, "$defs": {"n": least}})
    assert engine.matches(root, b'["a"]') and not engine.matches(root, b"[1]")


@pytest.mark.parametrize(
    ("registry", "message"),
    [
        ([("http://x/y", {})], "a mapping of URIs"),
        ({3: {}}, "3 is no URI"),
        ({"http://x/y": "{}"}, "'http://x/y' of the registry is no schema"),
        ({"http://x/y": [{}]}, "'http://x/y' of the registry is no schema"),
    ],
)
def test_what_is_no_registry(registry: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        check({"$ref": "http://x/y"}, registry=registry)


def nested(depth: int) -> Any:
    schema: Any = {"type": "null"}
    for _ in range(depth):
        schema = {"properties": {"a": schema}}
    return schema


def holding_itself() -> Any:
    schema: dict[str, Any] = {}
    schema["items"] = schema
    return schema


def test_python_objects_without_end() -> None:
    with pytest.raises(InvalidSchema, match="nested too deeply"):
        json_schema(holding_itself())


def test_python_objects_beyond_the_limit_of_depth() -> None:
    with pytest.raises(WorkLimitExceeded, match="nested too deeply") as caught:
        json_schema(nested(100_000))
    assert caught.value.limit == "schema_depth"


@pytest.mark.parametrize("keyword", ["properties", "dependentRequired", "dependencies"])
def test_names_that_are_no_strings(keyword: str) -> None:
    with pytest.raises(InvalidSchema, match="the key 1 is not a string"):
        json_schema({keyword: {1: ["a"]}})


@pytest.mark.parametrize("schema", [{1: 2}, {"default": {1: 2}}, {"$defs": {1: {}}}])
def test_keys_that_are_no_keywords(schema: Any) -> None:
    """What is not JSON and says nothing is no matter, neither to a grammar nor to a report."""
    assert json_schema(schema | {"type": "null"}, unknown="raise").matches("null")
    assert report(schema).usable
