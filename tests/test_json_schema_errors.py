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
from constrain.languages.json_schema import build, check
from constrain.languages.json_schema.keywords import UNSUPPORTED

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
    ({"additionalProperties": "no"}, "/additionalProperties"),
    ({"$schema": 4}, "/$schema"),
    ('{"type": "string", "type": "null"}', ""),
    ('{"minimum": NaN}', ""),
    ("{", ""),
    ("[" * 100_000, ""),
]

NOT_ENFORCED = [
    ({"properties": {"a": {"oneOf": [{}]}}}, "/properties/a/oneOf"),
    ({"items": {"format": "date-time"}}, "/items/format"),
    ({"$ref": "other.json"}, "/$ref"),
    ({"$ref": "#anchor"}, "/$ref"),
    ({"pattern": r"(a)\1"}, "/pattern"),
    ({"$schema": "http://json-schema.org/draft-03/schema#"}, "/$schema"),
    ({"$schema": "http://json-schema.org/draft-04/schema#", "const": 1}, "/const"),
    ({"$schema": "http://json-schema.org/draft-07/schema#", "prefixItems": [{}]}, "/prefixItems"),
    ({"properties": {"a/b": {"$ref": "#/$defs/x"}}, "$defs": {"x": {"a": 1, "not": {}}}}, "/$defs/x/not"),
    (
        {"properties": {"a": {"$id": "http://x/y", "items": {"$ref": "#/z"}, "z": {}}}, "z": {}},
        "/properties/a/items/$ref",
    ),
    ({"$ref": "#/$defs/a/$defs/b", "$defs": {"a": {"$id": "http://x/y", "$defs": {"b": {}}}}}, "/$ref"),
    ({"maximum": Decimal("1e5000")}, "/maximum"),
    ({"enum": [10**5000]}, "/enum"),
    ({"minItems": Decimal("1e30")}, "/minItems"),
    (
        {"properties": {"a": {"$id": "http://x/y", "$schema": "http://json-schema.org/draft-04/schema#"}}},
        "/properties/a/$schema",
    ),
    ({"minLength": 10**12}, "/minLength"),
]

UNSATISFIABLE = [
    (False, "", "false"),
    ({"type": "string", "minLength": 3, "maxLength": 2}, "", "keywords"),
    ({"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, "", "keywords"),
    ({"enum": []}, "", "keywords"),
    ({"enum": ["a"], "type": "number"}, "", "keywords"),
    ({"type": "string", "allOf": [{"pattern": "^a"}, {"pattern": "^b"}]}, "", "keywords"),
    ({"type": "string", "pattern": "^aaa", "maxLength": 2}, "", "keywords"),
    ({"type": "string", "pattern": "[]"}, "", "keywords"),
    ({"type": "object", "required": ["a"], "properties": {"a": {"enum": []}}}, "/properties/a", "/a"),
    ({"type": "object", "required": ["a"], "properties": {"a": False}}, "", "/a"),
    ({"type": "object", "required": ["a"], "additionalProperties": False}, "", "/a"),
    (
        {"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#"}}},
        "/properties/a",
        "without end",
    ),
    ({"type": "array", "minItems": 1, "items": False}, "", "keywords"),
    ({"type": "array", "minItems": 3, "prefixItems": [True, False]}, "", "keywords"),
    ({"$ref": "#"}, "", "keywords"),
    ({"type": "object", "required": ["\ud800"]}, "", "keywords"),
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


@pytest.mark.parametrize("keyword", UNSUPPORTED)
def test_every_unsupported_keyword_raises_wherever_it_can_be_reached(keyword: str) -> None:
    for schema in ({keyword: [1]}, {"anyOf": [True, {"items": {keyword: [1]}}]}):
        with pytest.raises(UnsupportedKeyword) as caught:
            check(schema)
        assert caught.value.pointer.endswith(f"/{keyword}")


@pytest.mark.parametrize(("schema", "pointer", "words"), UNSATISFIABLE)
def test_unsatisfiable(schema: Any, pointer: str, words: str) -> None:
    with pytest.raises(UnsatisfiableSchema) as caught:
        build(Engine(), schema)
    assert caught.value.pointer == pointer
    assert words in str(caught.value)


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


def test_alternatives_are_bounded() -> None:
    arm = {"anyOf": [{"properties": {f"k{i}": {"const": i}}} for i in range(20)]}
    with pytest.raises(WorkLimitExceeded):
        build(Engine(), {"type": "object", "allOf": [arm, arm, arm, arm]} | {"anyOf": arm["anyOf"]})


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


def test_depth_is_bounded() -> None:
    chain: dict[str, Any] = {f"d{i}": {"$ref": f"#/$defs/d{i + 1}"} for i in range(1000)}
    with pytest.raises(WorkLimitExceeded):
        build(Engine(), {"$ref": "#/$defs/d0", "$defs": {**chain, "d1000": {}}})


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
