"""Choices between patterns, lengths and constants that stand side by side, against ``jsonschema``."""

from __future__ import annotations

import itertools
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from constrain.engine import Engine, shortest_text
from constrain.errors import UnsatisfiableSchema
from constrain.languages.json_schema import Options, build

TEXTS = ["".join(letters) for length in range(4) for letters in itertools.product("ab", repeat=length)]
PATTERNS = ["a", "b", "^a", "b$", "^[ab]*$", "^(ab|ba)+$", "aa", "bb", "^.$"]

simple = st.one_of(
    st.builds(lambda pattern: {"pattern": pattern}, st.sampled_from(PATTERNS)),
    st.builds(lambda value: {"const": value}, st.sampled_from(TEXTS)),
    st.builds(lambda least: {"minLength": least}, st.integers(0, 3)),
    st.builds(lambda most: {"maxLength": most}, st.integers(0, 3)),
)
negated = st.builds(lambda schema: {"not": schema}, simple)
arms = st.lists(simple | negated, min_size=2, max_size=4)
choices = st.builds(lambda keyword, each: {keyword: each}, st.sampled_from(["anyOf", "oneOf"]), arms)
conjunctions = st.builds(
    lambda each: {"type": "string", "allOf": each}, st.lists(choices, min_size=2, max_size=5)
)
schemas = conjunctions | st.builds(lambda schema: {"type": "string", "not": schema}, conjunctions)


def accepted(schema: Any) -> list[str]:
    engine = Engine()
    try:
        root = build(engine, schema)
    except UnsatisfiableSchema:
        return []
    assert engine.matches(root, shortest_text(engine, root))
    return [text for text in TEXTS if engine.matches(root, json.dumps(text).encode())]


@settings(deadline=None)
@given(schemas)
def test_choices_side_by_side(schema: dict[str, Any]) -> None:
    validator = Draft202012Validator(schema)
    assert accepted(schema) == [text for text in TEXTS if validator.is_valid(text)]


@settings(deadline=None)
@given(conjunctions)
def test_choices_of_names(schema: dict[str, Any]) -> None:
    validator = Draft202012Validator({"propertyNames": schema})
    engine = Engine()
    root = build(engine, {"type": "object", "propertyNames": schema})
    names = [name for name in TEXTS if engine.matches(root, json.dumps({name: 0}).encode())]
    assert names == [name for name in TEXTS if validator.is_valid({name: 0})]


KINDS = ["k", "l", "m"]
consequences = st.sampled_from([
    {"required": ["a"]},
    {"required": ["b"], "properties": {"b": {"type": "integer"}}},
    {"properties": {"a": {"type": "string"}, "b": {"type": "string"}}},
    {"properties": {"a": {"type": "integer"}}},
    {"additionalProperties": {"not": {"type": "integer"}}},
    {"patternProperties": {"^[ab]$": {"type": "integer"}}},
    {"properties": {"kind": {}}, "additionalProperties": False},
    {"maxProperties": 2},
    {"minProperties": 3},
    {"not": {"required": ["a"]}},
    {"anyOf": [{"required": ["c"]}, {"properties": {"a": {"type": "string"}}, "required": ["a"]}]},
])  # fmt: skip
conditions = st.builds(
    lambda kind, then: {"if": {"properties": {"kind": {"const": kind}}}, "then": then},
    st.sampled_from(KINDS),
    consequences,
)
MEMBERS = [
    {name: value for name, value in zip("abcd", values, strict=True) if value is not None}
    for values in itertools.product((None, 0, "x"), repeat=4)
]


@settings(deadline=None)
@given(st.lists(conditions, min_size=3, max_size=7), st.sampled_from(["any", "schema"]))
def test_conditions_by_constant(conditions: list[Any], order: Any) -> None:
    """A constant can be read exactly if an object goes on after it."""
    schema = {"properties": {"kind": {"enum": KINDS}}, "required": ["kind"], "type": "object"}
    schema = schema | {"allOf": conditions}
    validator = Draft202012Validator(schema)
    engine = Engine()
    valid = [item for kind in KINDS for item in ({"kind": kind, **more} for more in MEMBERS)]
    valid = list(filter(validator.is_valid, valid))
    try:
        root = build(engine, schema, Options(property_order=order))
    except UnsatisfiableSchema:
        root = engine.EMPTY
    for kind in KINDS:
        begun = engine.advance(root, b'{"kind": "%s"' % kind.encode())
        assert (begun != engine.EMPTY) == any(item["kind"] == kind for item in valid)
    if order == "any":
        assert all(engine.matches(root, json.dumps(item).encode()) for item in valid)


def test_many_choices_are_not_multiplied_out() -> None:
    pairs = [{"anyOf": [{"pattern": f"a{i}"}, {"pattern": f"b{i}"}]} for i in range(9)]
    engine = Engine()
    root = build(engine, {"type": "string", "allOf": pairs})
    assert engine.matches(root, b'"a0b1a2b3a4b5a6b7a8"')
    assert not engine.matches(root, b'"a0b1a2b3a4b5a6b7"')
    assert engine.size < 10_000
