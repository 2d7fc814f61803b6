"""Arrays with conditions on several items, against ``jsonschema``: counts, uniqueness, and what joins them."""

from __future__ import annotations

import json
from random import Random
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
from tests.test_masks import JSON_TOKENS, vocabulary_of

SLOW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])

ITEMS = [
    "a",
    "b",
    None,
    True,
    [],
    ["a"],
    {},
    {"a": "a"},
    {"b": "a", "a": "b"},
    {"a": "b", "b": "a"},
    1,
    2,
    1.5,
]
TERMS: list[Any] = [
    True,
    {"type": "string"},
    {"enum": ["a", "b"]},
    {"const": "a"},
    {"enum": ["a", None, True, ["a"], {"a": "a"}]},
    {"type": "boolean"},
    {"type": "object", "properties": {"a": {"enum": ["a", "b"]}}, "additionalProperties": False},
    {"type": "array", "items": {"const": "a"}, "maxItems": 2},
    {"type": "object", "required": ["a"]},
    {"type": ["string", "null"], "maxLength": 1},
    {"enum": [1, 2, 1.5]},
]

terms = st.sampled_from(TERMS)
counts = st.integers(0, 3)
plain = st.fixed_dictionaries(
    {},
    optional={
        "items": terms,
        "prefixItems": st.lists(terms, min_size=1, max_size=2),
        "minItems": counts,
        "maxItems": counts,
        "uniqueItems": st.just(True),
    },
)
counting = st.fixed_dictionaries(
    {"contains": terms}, optional={"minContains": counts, "maxContains": counts, "uniqueItems": st.just(True)}
)
arms = st.one_of(plain, counting)
schemas = st.builds(
    lambda *parts: {"type": "array", **{key: value for part in parts for key, value in part.items()}},
    arms,
    arms,
    st.fixed_dictionaries(
        {},
        optional={
            "not": arms,
            "oneOf": st.lists(arms, min_size=2, max_size=3),
            "anyOf": st.lists(arms, min_size=2, max_size=2),
        },
    ),
)
documents = st.lists(st.sampled_from(ITEMS), max_size=5)


def built(engine: Engine, schema: Any, **options: Any) -> int:
    try:
        node: int = build(engine, schema, Options(max_digits=2, whitespace="compact", **options))
        return node
    except UnsatisfiableSchema:
        return engine.EMPTY


def text_of(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


@given(schemas, st.lists(documents, min_size=4, max_size=12))
@settings(SLOW, max_examples=150)
def test_verdicts_agree(schema: Any, values: list[Any]) -> None:
    engine = Engine()
    root = built(engine, schema, property_order="any")
    ordered = built(engine, schema)
    for document in [*values, *[[*value, *value[:1]] for value in values]]:
        valid = Draft202012Validator(schema).is_valid(document)
        assert engine.matches(root, text_of(document)) == valid, document
        assert valid or not engine.matches(ordered, text_of(document)), document


@given(schemas, st.data())
@settings(SLOW, max_examples=100)
def test_every_walk_ends_in_a_valid_document(schema: Any, data: st.DataObject) -> None:
    engine = Engine()
    root = built(engine, schema)
    assume(root != engine.EMPTY)
    for _ in range(3):
        node, text = root, b""
        for _ in range(data.draw(st.integers(0, 30))):
            live = [byte for byte in b'[]{}",:abntrue1.5' if engine.derivative(node, byte) != engine.EMPTY]
            if not live:
                break
            text += bytes([data.draw(st.sampled_from(live))])
            node = engine.derivative(node, text[len(text) - 1])
        text += shortest_text(engine, node)
        assert engine.matches(root, text)
        assert Draft202012Validator(schema).is_valid(json.loads(text)), text


TOKENS = [
    *[
        b'"',
        b'",',
        b'","',
        b'","a","',
        b'"],',
        b'{"',
        b'"}',
        b'"},{"',
        b'"},{"a":"',
        b"true,",
        b"e,null",
        b"1,2",
    ]
]
VOCABULARY = cn.Vocabulary(
    [*TOKENS, b'a","b"]', b'["a","', b'{"a":"a"},', b'"a":"', *[bytes([byte]) for byte in range(256)], None],
    [272],
)


@given(schemas, documents)
@settings(SLOW, max_examples=60)
def test_masks_are_those_of_derivatives(schema: Any, document: Any) -> None:
    try:
        grammar = cn.json_schema(schema, whitespace="compact", max_digits=2)
        matcher = cn.compile(grammar, VOCABULARY).matcher()
    except UnsatisfiableSchema:
        assume(False)
    bitmask = cn.allocate_bitmask(1, VOCABULARY.size)
    for byte in text_of(document):
        matcher.fill_mask(bitmask, 0)
        expected = to_bool(matcher.mask_by_derivatives(), VOCABULARY.size)
        assert to_bool(bitmask[0], VOCABULARY.size).tolist() == expected.tolist()
        if not matcher.advance(len(VOCABULARY.tokens) - 257 + byte):
            break


def object_with(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "additionalProperties": False}


@pytest.mark.parametrize(
    ("schema", "satisfiable"),
    [
        ({"items": {"enum": ["a", "b"]}, "minItems": 3}, False),
        ({"items": {"enum": ["a", "b", 1]}, "minItems": 3}, True),
        ({"items": {"type": "boolean"}, "minItems": 3}, False),
        ({"items": {"type": "integer", "minimum": 1, "maximum": 5}, "minItems": 6}, False),
        ({"items": {"type": "string", "pattern": "^[ab]?$"}, "minItems": 4}, False),
        ({"prefixItems": [{"enum": [1, 2]}, {"const": 1}, {"const": 2}], "minItems": 3}, False),
        ({"prefixItems": [{"enum": [1, 2]}, {"const": 1}], "minItems": 2}, True),
        ({"items": {"items": {"type": "boolean"}, "maxItems": 1}, "minItems": 4, "type": "array"}, True),
        ({"items": {"type": "array", "items": {"type": "boolean"}, "maxItems": 1}, "minItems": 4}, False),
        ({"items": {"enum": ["a", "b", 1]}, "contains": {"type": "string"}, "minContains": 3}, False),
        # Objects that hold an array of this kind: is there one, there are any number of them.
        ({"minItems": 2, "items": object_with({"a": {"$ref": "#"}})}, False),
        ({"minItems": 2, "items": object_with({"a": {"$dynamicRef": "#"}})}, False),
        ({"minItems": 2, "items": {"type": "array", "maxItems": 1, "items": {"$ref": "#"}}}, False),
        ({"minItems": 2, "items": {"anyOf": [{"const": ""}, {"$ref": "#"}]}}, False),
        ({"minItems": 9, "items": object_with({"a": {"$ref": "#"}, "b": {"const": 1}})}, False),
        ({"minItems": 4, "items": object_with({"a": {"$ref": "#"}, "b": {"enum": [1, 2, 3]}})}, True),
    ],
)
def test_whether_enough_values_differ(schema: Any, satisfiable: bool) -> None:
    engine = Engine()
    assert (built(engine, {"type": "array", "uniqueItems": True, **schema}) != engine.EMPTY) == satisfiable


SPELLED = [
    "0",
    "-0",
    "0.0",
    "1",
    "1.0",
    "1.00",
    "-1",
    "10",
    "10.5",
    "10.50",
    "11",
    "12",
    "1.5",
    '"1"',
    "true",
    "null",
]
NUMBERS: list[Any] = [
    {"type": "integer"},
    {"type": "number"},
    {"type": ["number", "string"]},
    True,
    {"type": "integer", "minimum": 0, "maximum": 10},
    {"anyOf": [{"type": "integer", "maximum": 1}, {"type": "number", "minimum": 10}, {"enum": [1.5, True]}]},
    {"type": "number", "not": {"multipleOf": 5}},
    {"multipleOf": 0.5},
]


@given(st.sampled_from(NUMBERS), st.lists(st.sampled_from(SPELLED), max_size=6), st.booleans())
@SLOW
def test_numbers_differ_by_value(items: Any, spelled: list[str], counted: bool) -> None:
    schema = {"type": "array", "items": items, "uniqueItems": True}
    if counted:
        schema |= {"contains": {"const": 1}, "maxContains": 5}  # so it is remembered for another reason, too
    text = f"[{','.join(spelled)}]"
    engine = Engine()
    root = built(engine, schema)
    assert engine.matches(root, text.encode()) == Draft202012Validator(schema).is_valid(json.loads(text))
    for end in range(len(text)):  # what cannot be completed has been refused before
        state = engine.advance(root, text[:end].encode())
        if state == engine.EMPTY:
            break
        assert engine.matches(state, shortest_text(engine, state))


def test_the_last_numbers_that_are_left() -> None:
    engine = Engine()
    items = {"type": "integer", "minimum": 8, "maximum": 11}
    root = built(engine, {"type": "array", "items": items, "uniqueItems": True})
    state = engine.advance(root, b"[10,8,11.0,")
    assert state != engine.EMPTY and engine.first(state) == 1 << ord("9")
    assert engine.advance(state, b"9,") == engine.EMPTY and engine.matches(state, b"9.0]")


def test_keys_of_earlier_items_have_no_place_in_the_order() -> None:
    engine = Engine()
    root = built(engine, {"type": "array", "uniqueItems": True})
    assert engine.matches(root, b'[{"x":1,"y":2},{"y":1,"x":2}]')
    assert not engine.matches(root, b'[{"x":1,"y":2},{"y":2,"x":1}]')
    assert not engine.matches(root, b'[[{"x":1,"y":2}],[{"y":2.0,"x":1}]]')


CROSSING = [
    b'","',
    b'",',
    b"1,",
    b",1",
    b", 1",
    b"1,2",
    b"1,2]",
    b".0",
    b".0,",
    b"0]",
    b",-",
    b"00",
    b'a","',
    b'a"]',
    b'\\"',
]
WALKED = vocabulary_of(list(dict.fromkeys([*JSON_TOKENS, *CROSSING])))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "items",
    [*NUMBERS, {"enum": [1, 2, 3, "a"]}, {"enum": ["a", "b", 'a"b']}, {"items": {"enum": [1, "a"]}}],
    ids=json.dumps,
)
def test_masks_where_tokens_reach_into_the_next_item(items: Any, seed: int) -> None:
    chooser = Random(seed)
    grammar = cn.json_schema(
        {"type": "array", "items": items, "uniqueItems": True}, whitespace="compact", max_digits=3
    )
    matcher = cn.compile(grammar, WALKED).matcher()
    bitmask = cn.allocate_bitmask(1, WALKED.size)
    while not matcher.stopped and matcher.count < 40:
        matcher.fill_mask(bitmask)
        expected = to_bool(matcher.mask_by_derivatives(), WALKED.size)
        assert to_bool(bitmask[0], WALKED.size).tolist() == expected.tolist(), matcher.text
        matcher.advance(chooser.choice(matcher.allowed_tokens()))
