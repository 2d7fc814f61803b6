"""``whitespace="spaced"``: the texts that ``json.dumps`` writes with its default separators, and no others."""

from __future__ import annotations

import json
import random
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import constrain as cn
from constrain.engine import Engine
from constrain.languages.json_schema import Options, build, build_shared
from constrain.masks.bitmask import to_bool
from tests.json_schema_strategies import mutated, schemas
from tests.test_json_schema_conformance import text as dumped
from tests.test_masks import JSON_TOKENS, vocabulary_of
from tests.test_walks import SCHEMAS, assert_valid, random_document

ORDERS = ("schema", "any")
SLOW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])

# Tokens that lie across what stands between values, right and wrong ones.
TOKENS = [
    b'", "',
    b'": "',
    b'": ',
    b'":',
    b', "',
    b'"}, {"',
    b"], [",
    b"},",
    b" {",
    b"1, ",
    b": [",
    b"[]",
    b"{}, ",
]
VOCABULARY = vocabulary_of([*TOKENS, *JSON_TOKENS])

# Objects and arrays that are written by each of the modules: listed and other names, names by pattern, rivals, items
# by position, items that must differ, any value at all.
STRUCTURES: list[Any] = [
    *SCHEMAS,
    {"type": "array", "uniqueItems": True, "maxItems": 4},
    {"type": "array", "uniqueItems": True, "items": {"enum": ["a", "b", 1, [], {}, [1, 2]]}},
    {"type": "array", "contains": {"type": "object", "minProperties": 2}, "maxItems": 3},
    {"type": "array", "prefixItems": [{"type": "array"}, {"type": "object"}], "minItems": 2},
    {"type": "object", "minProperties": 2, "maxProperties": 3},
    {"type": "object", "propertyNames": {"pattern": "^[a-c]+$"}, "additionalProperties": {"type": "array"}},
    {"type": "object", "properties": {"a": True, "b": True}, "dependentRequired": {"a": ["b"]}},
    {"enum": [{"a": [], "b": {}}, [1, [2, {"c": "d, e: f"}]], "x,y:z", None]},
]


def plain(text: str) -> str:
    """``text`` with each number outside a string replaced by 0: numbers have several spellings, strings one."""
    return re.sub(r'("(?:[^"\\]|\\.)*")|-?[0-9][-+0-9.eE]*', lambda match: match[1] or "0", text)


def assert_as_dumped(text: bytes, **options: Any) -> None:
    spelled = plain(text.decode())
    assert json.dumps(json.loads(spelled), **options) == spelled


@pytest.mark.parametrize("schema", STRUCTURES, ids=str)
@pytest.mark.parametrize("order", ORDERS)
def test_walks_are_as_dumped(schema: Any, order: str) -> None:
    for seed in range(15):
        ascii = bool(seed % 3 == 0)
        grammar = cn.json_schema(schema, whitespace="spaced", property_order=order, ascii=ascii)
        text = random_document(cn.compile(grammar, VOCABULARY), seed, 40)
        assert_as_dumped(text, ensure_ascii=ascii)
        assert_valid(text, schema)


@given(schemas(), st.sampled_from(ORDERS), st.integers(0, 1000))
@settings(SLOW, max_examples=100)
def test_walks_of_random_schemas_are_as_dumped(schema: dict[str, Any], order: str, seed: int) -> None:
    try:
        grammar = cn.json_schema(schema, whitespace="spaced", property_order=order, formats=False)
    except cn.SchemaError:
        assume(False)
    text = random_document(cn.compile(grammar, VOCABULARY), seed, 30)
    assert_as_dumped(text, ensure_ascii=False)
    if "inf" not in repr(json.loads(text)):  # jsonschema reads 1e999 as infinity
        assert_valid(text, schema)


@given(schemas(), st.data())
@settings(SLOW, max_examples=100)
def test_what_is_dumped_is_accepted_if_valid(schema: dict[str, Any], data: st.DataObject) -> None:
    """In any order exactly then; in the order of the schema exactly if the compact text is."""
    try:
        languages = {
            (space, order): cn.json_schema(
                schema, whitespace=space, property_order=order, max_digits=8, formats=False
            )
            for space in ("spaced", "compact")
            for order in ORDERS
        }
    except cn.SchemaError:
        assume(False)
    value = data.draw(
        mutated(data.draw(mutated(data.draw(st.sampled_from([{}, [], {"a": []}, [1, {"b": 2}]])))))
    )
    text, compact = dumped(value), json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    assume(text == json.dumps(value, ensure_ascii=False))  # no number that is spelled with an exponent
    valid = Draft202012Validator(schema).is_valid(value)
    assert languages["spaced", "any"].matches(text) == valid
    assert languages["spaced", "schema"].matches(text) == languages["compact", "schema"].matches(compact)
    if compact != text:
        assert not languages["spaced", "any"].matches(compact)


def other_spellings(text: str) -> list[str]:
    """``text``, a document with no comma, colon, bracket or blank in a string, with a blank more or less."""
    longer = [text[:at] + blank + text[at:] for at in range(len(text) + 1) for blank in " \n\t"]
    shorter = [text[: blank.start()] + text[blank.end() :] for blank in re.finditer(" ", text)]
    return longer + shorter


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    "schema",
    [
        True,
        {"required": ["a", "b"], "properties": {"a": {"items": {"type": ["integer", "object"]}}}},
        {"properties": {"a": {"uniqueItems": True}, "b": {"maxProperties": 1}}},
        {"patternProperties": {"^[ab]$": {"type": ["array", "object"]}}, "minProperties": 2},
    ],
)
def test_any_other_blank_is_refused(schema: Any, order: str) -> None:
    engine = Engine()
    root = build(engine, schema, Options(whitespace="spaced", property_order=order))
    text = '{"a": [1, {}, {"c": 2}], "b": {"d": []}}'
    assert engine.matches(root, text.encode())
    inside = [again for again in other_spellings(text) if json.loads(again, strict=False) == json.loads(text)]
    assert len(inside) > 80
    assert not [again for again in inside if engine.matches(root, again.encode())]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("schema", STRUCTURES, ids=str)
def test_masks_are_those_of_derivatives(schema: Any, order: str) -> None:
    grammar = cn.json_schema(schema, whitespace="spaced", property_order=order, max_digits=4)
    constraint = cn.compile(grammar, VOCABULARY)
    bitmask = cn.allocate_bitmask(1, VOCABULARY.size)
    for seed in range(3):
        text, matcher = random_document(constraint, seed, 25), constraint.matcher()
        for byte in text[:60]:
            matcher.fill_mask(bitmask, 0)
            expected = to_bool(matcher.mask_by_derivatives(), VOCABULARY.size)
            assert (to_bool(bitmask[0], VOCABULARY.size) == expected).all(), text
            assert matcher.advance(len(VOCABULARY.tokens) - 257 + byte)


def test_a_whole_document_is_written_as_the_tokenizer_would() -> None:
    """Whatever is fixed is one text, so that all of it can be forced."""
    grammar = cn.json_schema({"const": {"a": ["x", {"b": "c"}], "d": []}}, whitespace="spaced")
    matcher = cn.compile(grammar, VOCABULARY).matcher()
    assert matcher.forced_bytes() == b'{"a": ["x", {"b": "c"}], "d": []}'


def test_shared_expressions_are_those_of_the_option() -> None:
    engine = Engine()
    shared = build_shared(engine, Options(whitespace="spaced"))
    assert shared.space == engine.EPSILON and shared.colon == engine.literal(b": ")
    with pytest.raises(ValueError, match="other spellings"):
        build(engine, True, Options(whitespace="compact"), shared)


def test_random_values_are_told_from_other_layouts() -> None:
    chooser = random.Random(3)
    grammar = cn.json_schema(True, whitespace="spaced")

    def value(depth: int) -> Any:
        kind = chooser.randrange(5 if depth else 3)
        if kind == 3:
            return [value(depth - 1) for _ in range(chooser.randrange(4))]
        if kind == 4:
            return {
                chooser.choice("abcdef") * 2 + str(i): value(depth - 1) for i in range(chooser.randrange(4))
            }
        return (chooser.randrange(1000), "a, b: [c]", None)[kind]

    for _ in range(100):
        document = value(4)
        text, indented = json.dumps(document), json.dumps(document, indent=2)
        assert grammar.matches(text)
        assert grammar.matches(indented) == (indented == text)
