"""The language of a schema against ``jsonschema``, on random schemas.

Sound: every text that is accepted parses, holds no key twice and validates. Complete: every valid
document, written in schema order, is accepted. No dead ends: whatever bytes are chosen among the
live ones, a text can be finished.
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
from constrain.errors import UnsatisfiableSchema, WorkLimitExceeded
from constrain.languages.json_schema import Options, build
from tests.json_schema_strategies import schemas, values
from tests.oracle import Oracle
from tests.schema_order import in_schema_order

# Few digits, so that the floats of json.loads are exact enough to be compared.
OPTIONS = Options(max_digits=4)
SLOW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
LAYOUTS = ({}, {"indent": 2}, {"separators": (",", ":")}, {"indent": "\t", "separators": (" ,", " : ")})


def valid(schema: Any, document: Any) -> bool:
    """The verdict of the oracle; schemas that refer to themselves without reading anything have none."""
    try:
        return bool(Draft202012Validator(schema).is_valid(document))
    except RecursionError:
        assume(False)
        raise


def built(arena: Any, schema: Any) -> Any:
    try:
        return build(arena, schema, OPTIONS)
    except UnsatisfiableSchema:
        return arena.EMPTY
    except WorkLimitExceeded:
        assume(False)


def without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len({key for key, _ in pairs}) == len(pairs), "a key twice"
    return dict(pairs)


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


def has_short_numbers(value: Any) -> bool:
    """Whether json.dumps spells all numbers without exponent and within the limit on digits."""
    if isinstance(value, (list, dict)):
        return all(map(has_short_numbers, value.values() if isinstance(value, dict) else value))
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return True
    return re.fullmatch(r"-?[0-9]{1,4}(\.[0-9]{1,4})?", json.dumps(value)) is not None


@given(schemas(), st.data())
@settings(SLOW, max_examples=150)
def test_every_walk_ends_in_a_valid_document(schema: Any, data: st.DataObject) -> None:
    engine = Engine()
    root = built(engine, schema)
    assume(root != engine.EMPTY)
    for _ in range(3):
        text = walk(engine, root, data, data.draw(st.integers(0, 40)))
        assert engine.matches(root, text)
        document = json.loads(text.decode(), object_pairs_hook=without_duplicates)
        assert valid(schema, document), text


@given(schemas(), st.lists(values, min_size=1, max_size=12), st.data())
@settings(SLOW, max_examples=400)
def test_verdicts_agree(schema: Any, documents: list[Any], data: st.DataObject) -> None:
    engine = Engine()
    root = built(engine, schema)
    if root != engine.EMPTY:
        documents = [*documents, json.loads(walk(engine, root, data, 25))]
    for document in documents:
        if not has_short_numbers(document):
            continue
        expected = valid(schema, document)
        ordered = in_schema_order(schema, document)
        text = json.dumps(ordered, ensure_ascii=False, **data.draw(st.sampled_from(LAYOUTS))).encode()
        assert engine.matches(root, text) == expected, text


@given(schemas(), st.lists(values, min_size=1, max_size=4))
@settings(SLOW, max_examples=60)
def test_the_slow_twin_agrees(schema: Any, documents: list[Any]) -> None:
    engine, oracle = Engine(), Oracle()
    fast, slow = built(engine, schema), built(oracle, schema)
    assert (fast == engine.EMPTY) == (slow == oracle.EMPTY)
    for document in documents:
        text = json.dumps(document, ensure_ascii=False).encode()
        assert engine.matches(fast, text) == oracle.matches(slow, text)


@pytest.mark.parametrize("kind", ["string", "integer", "object", "array"])
def test_walks_are_bounded_by_shortest_completions(kind: str) -> None:
    engine = Engine()
    root = build(engine, {"type": kind})
    assert shortest_text(engine, root) in (b'""', b"0", b"{}", b"[]")
