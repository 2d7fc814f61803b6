"""Items that are objects and must differ, against ``jsonschema`` and against masks by derivatives."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import constrain as cn
from constrain.engine import Engine, shortest_text
from constrain.errors import UnsatisfiableSchema
from constrain.languages.json_schema import Options, build
from constrain.masks.bits.bitmask import to_bool

SLOW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])

VALUES: list[Any] = [True, False, 0, 1, "x", "", None, {}, {"a": True}, {"b": 1}, [], [1]]
TERMS: list[Any] = [
    True,
    {"type": "boolean"},
    {"enum": [0, 1, "x"]},
    {"type": "integer", "minimum": 0, "maximum": 2},
    {"type": "string", "maxLength": 1},
    {"type": "object", "properties": {"a": {"type": "boolean"}}, "additionalProperties": False},
    {"not": {"const": {"a": True}}},
    {"type": ["array", "null"], "maxItems": 1},
]
names = st.sampled_from("abc")
terms = st.sampled_from(TERMS)
parts = st.fixed_dictionaries(
    {"type": st.just("object")},
    optional={
        "properties": st.dictionaries(names, terms, max_size=3),
        "required": st.lists(names, max_size=2, unique=True),
        "additionalProperties": st.sampled_from([False, {"type": "boolean"}]),
        "minProperties": st.integers(0, 2),
        "maxProperties": st.integers(0, 2),
        "dependentRequired": st.dictionaries(names, st.lists(names, max_size=1), max_size=1),
        "patternProperties": st.just({"^[ab]$": {"type": ["boolean", "integer"]}}),
    },
)
items = st.one_of(
    parts,
    st.builds(lambda *arms: {"anyOf": list(arms)}, parts, parts),
    st.builds(lambda part, other: {**part, "not": other}, parts, parts),
    st.builds(lambda part: {"anyOf": [part, {"enum": [0, "x", None]}]}, parts),
)
arrays = st.builds(
    lambda item, least: {"type": "array", "items": item, "uniqueItems": True, "minItems": least},
    items,
    st.integers(0, 3),
)
schemas = st.one_of(
    arrays, st.builds(lambda array: {"type": "array", "items": array, "uniqueItems": True}, arrays)
)
objects = st.dictionaries(st.sampled_from("abcd"), st.sampled_from(VALUES), max_size=3)
documents = st.lists(objects, max_size=5)


def built(engine: Engine, schema: Any, order: str) -> int:
    try:
        options = Options(max_digits=2, whitespace="compact", property_order=order)
        node: int = build(engine, schema, options)
        return node
    except UnsatisfiableSchema:
        return engine.EMPTY


def text_of(document: Any) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


@given(schemas, st.lists(documents, min_size=4, max_size=12))
@settings(SLOW, max_examples=100)
def test_verdicts_agree(schema: Any, values: list[Any]) -> None:
    engine = Engine()
    root, ordered = built(engine, schema, "any"), built(engine, schema, "schema")
    again = [[*value, *value[:1]] for value in values]
    for document in [*values, *again, *[[value, value[:2]] for value in again]]:
        valid = Draft202012Validator(schema).is_valid(document)
        assert engine.matches(root, text_of(document)) == valid, document
        assert valid or not engine.matches(ordered, text_of(document)), document


@given(schemas, st.sampled_from(["any", "schema"]), st.data())
@settings(SLOW, max_examples=80)
def test_every_walk_ends_in_a_valid_document(schema: Any, order: str, data: st.DataObject) -> None:
    engine = Engine()
    root = built(engine, schema, order)
    assume(root != engine.EMPTY)
    node, text = root, b""
    for _ in range(data.draw(st.integers(0, 60))):
        live = [byte for byte in b'[]{}",:abcxntrfue01' if engine.derivative(node, byte) != engine.EMPTY]
        if not live:
            break
        text += bytes([data.draw(st.sampled_from(live))])
        node = engine.derivative(node, text[len(text) - 1])
    text += shortest_text(engine, node)
    assert engine.matches(root, text)
    assert Draft202012Validator(schema).is_valid(json.loads(text)), text


TOKENS = [
    b'{"',
    b'"}',
    b'},{"',
    b'"a":',
    b'a":tr',
    b'{"a"',
    b'"b":1',
    b",",
    b"},",
    b"true},{",
    b"}]",
    b'":"x"},{"',
]
VOCABULARY = cn.Vocabulary([*TOKENS, *[bytes([byte]) for byte in range(256)], None], [len(TOKENS) + 256])


@given(arrays, documents, st.sampled_from(["any", "schema"]))
@settings(SLOW, max_examples=60)
def test_masks_are_those_of_derivatives(schema: Any, document: Any, order: str) -> None:
    try:
        grammar = cn.json_schema(schema, whitespace="compact", max_digits=6, property_order=order)
        matcher = cn.compile(grammar, VOCABULARY).matcher()
    except UnsatisfiableSchema:
        assume(False)
    bitmask = cn.allocate_bitmask(1, VOCABULARY.size)
    for byte in text_of(document):
        matcher.fill_mask(bitmask, 0)
        expected = to_bool(matcher.mask_by_derivatives(), VOCABULARY.size)
        assert to_bool(bitmask[0], VOCABULARY.size).tolist() == expected.tolist()
        if not matcher.advance(len(TOKENS) + byte):
            break


@pytest.mark.parametrize("order", ["any", "schema"])
def test_all_values_of_an_item_can_be_used_up(order: str) -> None:
    """Two booleans make nine objects: so many items, and no more."""
    properties = {"a": {"type": "boolean"}, "b": {"type": "boolean"}}
    item = {"type": "object", "properties": properties, "additionalProperties": False}
    every = [
        {name: value for name, value in zip("ab", pair, strict=True) if value is not None}
        for pair in itertools.product([None, True, False], repeat=2)
    ]
    engine = Engine()
    root = built(engine, {"type": "array", "items": item, "uniqueItems": True, "minItems": 9}, order)
    assert engine.matches(root, text_of(every))
    assert not engine.matches(root, text_of(every[1:]))
    node = engine.advance(root, text_of(every)[:-1])
    assert engine.derivative(node, ord(",")) == engine.EMPTY
    assert (
        built(Engine(), {"type": "array", "items": item, "uniqueItems": True, "minItems": 10}, order)
        == Engine.EMPTY
    )


@pytest.mark.parametrize("order", ["any", "schema"])
@pytest.mark.parametrize("names", ["^[abc]$", "^[ab]{1,2}$"])
def test_items_with_names_by_pattern_can_be_used_up(order: str, names: str) -> None:
    """Objects with all names that a pattern holds are equal, in whatever order these come: so there is one item."""
    every = [name for name in ("a", "b", "c", "aa", "ab", "ba", "bb") if re.search(names, name)]
    item = {
        "type": "object",
        "patternProperties": {names: {"type": "null"}},
        "additionalProperties": False,
        "minProperties": len(every),
    }
    schema = {"type": "array", "items": item, "uniqueItems": True}
    engine = Engine()
    root = built(engine, schema, order)
    for keys in itertools.islice(itertools.permutations(every), 10):
        node = engine.advance(root, text_of([dict.fromkeys(keys)])[:-1])
        assert node != engine.EMPTY
        assert engine.derivative(node, ord(",")) == engine.EMPTY
    assert built(Engine(), schema | {"minItems": 2}, order) == Engine.EMPTY


def test_a_question_that_leads_back_is_not_circular() -> None:
    """Whether the arms exclude each other is asked while the root is being worked out; it says nothing about it."""
    root = {"$ref": "#"}
    schema = {
        "allOf": [
            {"not": {"properties": {"a": {"type": "null"}, "b": root}, "required": ["a"]}},
            {"anyOf": [{"properties": {"b": root}, "required": ["b"]}, {"not": {"properties": {"a": root}}}]},
        ]
    }
    grammar = cn.json_schema(schema, property_order="any")
    validator = Draft202012Validator(schema)
    for document in (
        {"b": {"b": {}}},
        {"a": None},
        {"a": 1, "b": {"a": {"a": 2}}},
        {"b": {"a": None}},
        {"a": {}},
    ):
        assert grammar.matches(json.dumps(document)) == validator.is_valid(document), document
