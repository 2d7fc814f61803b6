"""The language of a schema against ``jsonschema``, on random schemas over all keywords.

Sound: every text that is accepted parses, holds no key twice and validates. Complete: every valid
document is accepted, its keys in any order. No dead ends: whatever bytes are chosen among the live
ones, a text can be finished. And the laws that the keywords obey among themselves.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from constrain.engine import Engine, shortest_text
from constrain.errors import InvalidSchema, UnsatisfiableSchema, WorkLimitExceeded
from constrain.languages.json_schema import Options, build
from tests.json_schema_strategies import mutated, schemas, values
from tests.oracle import Oracle

# Few digits, so that the floats of json.loads are exact enough to be compared.
ANY_ORDER = Options(max_digits=4, property_order="any")
SCHEMA_ORDER = Options(max_digits=4)
SLOW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
LAYOUTS = ({}, {"indent": 2}, {"separators": (",", ":")}, {"indent": "\t", "separators": (" ,", " : ")})
documents = st.lists(values, min_size=1, max_size=12)


def valid(schema: Any, document: Any) -> bool:
    """The verdict of ``jsonschema``; schemas that refer to themselves without reading anything have none."""
    try:
        validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
        return bool(validator.is_valid(document))
    except RecursionError:
        assume(False)
        raise
    except BaseException as problem:  # so it fails when it recurses within compiled code
        if type(problem).__name__ != "PanicException":
            raise
        assume(False)
        raise


def built(arena: Any, schema: Any, options: Options = ANY_ORDER) -> Any:
    try:
        return build(arena, schema, options)
    except UnsatisfiableSchema:
        return arena.EMPTY
    except WorkLimitExceeded:
        assume(False)
    except InvalidSchema as problem:  # what is valid exactly if it is not has no meaning
        assume("exactly if" not in str(problem))
        raise


def without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len({key for key, _ in pairs}) == len(pairs), "a key twice"
    return dict(pairs)


def parse(text: bytes) -> Any:
    return json.loads(text.decode(), object_pairs_hook=without_duplicates)


def spelled(document: Any, **layout: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, **layout).encode()


def walk(engine: Engine, node: Any, data: st.DataObject, length: int) -> bytes:
    """Random live bytes, then the shortest way to an end."""
    text = b""
    for _ in range(length):
        live = [byte for byte in range(256) if engine.derivative(node, byte) != engine.EMPTY]
        if not live:
            break
        # Digits, letters and spaces would otherwise hide the few bytes that lead somewhere.
        telling = [byte for byte in live if chr(byte) in '{}[]":,ntf-0123.ab\\q'] or live
        byte = data.draw(st.sampled_from(telling if data.draw(st.integers(0, 9)) else live))
        text += bytes([byte])
        node = engine.derivative(node, byte)
    return text + shortest_text(engine, node)


def can_be_compared(value: Any) -> bool:
    """Whether json.dumps spells all numbers within the limit on digits, and Python's regular expressions
    agree with those of ECMAScript, which take no line break at the end for an end."""
    if isinstance(value, dict):
        return all(map(can_be_compared, [*value, *value.values()]))
    if isinstance(value, list):
        return all(map(can_be_compared, value))
    if isinstance(value, str):
        return not value.endswith("\n")
    if value is None or isinstance(value, bool):
        return True
    return re.fullmatch(r"-?[0-9]{1,4}(\.[0-9]{1,4})?", json.dumps(value)) is not None


@given(schemas(), st.sampled_from([ANY_ORDER, SCHEMA_ORDER]), st.data())
@settings(SLOW, max_examples=150)
def test_every_walk_ends_in_a_valid_document(schema: Any, options: Options, data: st.DataObject) -> None:
    engine = Engine()
    root = built(engine, schema, options)
    assume(root != engine.EMPTY)
    for _ in range(3):
        text = walk(engine, root, data, data.draw(st.integers(0, 40)))
        assert engine.matches(root, text)
        document = parse(text)
        if can_be_compared(document):
            assert valid(schema, document), text


@given(schemas(), documents, st.data())
@settings(SLOW, max_examples=400)
def test_verdicts_agree(schema: Any, documents: list[Any], data: st.DataObject) -> None:
    engine = Engine()
    root = built(engine, schema)
    if root != engine.EMPTY:
        document = parse(walk(engine, root, data, 25))
        documents = [*documents, document, *[data.draw(mutated(document)) for _ in range(3)]]
    for document in filter(can_be_compared, documents):
        text = spelled(document, **data.draw(st.sampled_from(LAYOUTS)))
        assert engine.matches(root, text) == valid(schema, document), text


@given(schemas(), st.data())
@settings(SLOW, max_examples=100)
def test_the_order_of_keys_decides_nothing_else(schema: Any, data: st.DataObject) -> None:
    engine = Engine()
    ordered, free = built(engine, schema, SCHEMA_ORDER), built(engine, schema)
    assert (ordered == engine.EMPTY) == (free == engine.EMPTY)
    if ordered != engine.EMPTY:
        text = walk(engine, ordered, data, 30)
        assert engine.matches(free, text), text


@given(schemas(), st.lists(values, min_size=1, max_size=4), st.sampled_from([ANY_ORDER, SCHEMA_ORDER]))
@settings(SLOW, max_examples=80)
def test_the_slow_twin_agrees(schema: Any, documents: list[Any], options: Options) -> None:
    engine, oracle = Engine(), Oracle()
    fast, slow = built(engine, schema, options), built(oracle, schema, options)
    assert (fast == engine.EMPTY) == (slow == oracle.EMPTY)
    for document in documents:
        text = spelled(document)
        assert engine.matches(fast, text) == oracle.matches(slow, text)


# -- laws -----------------------------------------------------------------------------------------


def about(schema: dict[str, Any], make: Any) -> dict[str, Any]:
    """What ``make`` makes of a schema, in the document of that schema: references lead where they did."""
    definitions = {**schema["$defs"], "s": {name: value for name, value in schema.items() if name != "$defs"}}
    return {**make({"$ref": "#/$defs/s"}), "$defs": definitions}


EQUIVALENT: dict[str, Any] = {
    "oneOf with one arm": lambda s: {"oneOf": [s]},
    "oneOf with an impossible arm": lambda s: {"oneOf": [False, s]},
    "not not": lambda s: {"not": {"not": s}},
    "if, itself": lambda s: {"if": s, "then": True, "else": False},
    "if by anyOf": lambda s: {"anyOf": [{"allOf": [s, s]}, {"allOf": [{"not": s}, False]}]},
    "De Morgan": lambda s: {"not": {"anyOf": [{"not": s}, {"not": {"allOf": [s, True]}}]}},
    "oneOf, excluded twice": lambda s: {"oneOf": [{}, {"not": s}]},
}


def refers_to_its_root(schema: Any) -> bool:
    return '"$ref": "#"' in json.dumps(schema) or "$dynamicRef" in json.dumps(schema)


@pytest.mark.parametrize("law", EQUIVALENT)
@given(schemas(), documents, st.data())
@settings(SLOW, max_examples=30)
def test_equivalent_schemas(law: str, schema: Any, documents: list[Any], data: st.DataObject) -> None:
    assume(not refers_to_its_root(schema))
    engine = Engine()
    one, other = built(engine, schema), built(engine, about(schema, EQUIVALENT[law]))
    assert (one == engine.EMPTY) == (other == engine.EMPTY)
    texts = [spelled(document) for document in documents]
    texts += [walk(engine, node, data, 20) for node in (one, other) if node != engine.EMPTY]
    for text in texts:
        assert engine.matches(one, text) == engine.matches(other, text), text


@given(schemas(), documents, st.data())
@settings(SLOW, max_examples=80)
def test_a_schema_and_its_negation_divide_all_documents(
    schema: Any, documents: list[Any], data: st.DataObject
) -> None:
    assume(not refers_to_its_root(schema))
    engine = Engine()
    inside, outside = built(engine, schema), built(engine, about(schema, lambda s: {"not": s}))
    texts = [spelled(document) for document in documents if can_be_compared(document)]
    for node in (inside, outside):
        if node != engine.EMPTY:
            texts += [text for text in [walk(engine, node, data, 20)] if can_be_compared(parse(text))]
    for text in texts:
        assert engine.matches(inside, text) != engine.matches(outside, text), text


@given(st.lists(schemas(), min_size=2, max_size=3), documents, st.data())
@settings(SLOW, max_examples=60)
def test_the_order_of_arms_is_free(arms: list[Any], documents: list[Any], data: st.DataObject) -> None:
    assume(not any(map(refers_to_its_root, arms)))
    keyword = data.draw(st.sampled_from(["allOf", "anyOf", "oneOf"]))
    definitions = arms[0]["$defs"]
    arms = [{name: value for name, value in arm.items() if name != "$defs"} for arm in arms]
    engine = Engine()
    one = built(engine, {keyword: arms, "$defs": definitions})
    other = built(engine, {keyword: arms[::-1], "$defs": definitions})
    assert (one == engine.EMPTY) == (other == engine.EMPTY)
    for document in documents:
        text = spelled(document)
        assert engine.matches(one, text) == engine.matches(other, text), text


@pytest.mark.parametrize("kind", ["string", "integer", "object", "array"])
def test_walks_are_bounded_by_shortest_completions(kind: str) -> None:
    engine = Engine()
    root = build(engine, {"type": kind})
    assert shortest_text(engine, root) in (b'""', b"0", b"{}", b"[]")
