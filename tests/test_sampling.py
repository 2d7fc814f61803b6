"""Random texts are in the language, end, and are readable where they can be."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import constrain as cn
from constrain.engine import Engine, random_text
from tests.strategies import Plan, build, plans

LENGTH = 120

SCHEMAS: list[Any] = [
    True,
    {"$ref": "#/$defs/tree", "$defs": {"tree": {"type": "array", "items": {"$ref": "#/$defs/tree"}}}},
    {"type": "object", "properties": {"a": {"type": "integer", "multipleOf": 7}, "b": {"format": "email"}}},
    {"type": "object", "required": ["x"], "maxProperties": 2, "additionalProperties": {"type": "null"}},
    {"type": "string", "pattern": "^[a-z]{3,9}-[0-9]{2}$"},
    {"type": "string", "minLength": 70, "maxLength": 75},
    {"enum": ["a", 1, None, {"k": [2]}]},
    {"type": "array", "items": {"type": ["number", "array"]}, "uniqueItems": True, "minItems": 3},
]


@pytest.mark.parametrize("schema", SCHEMAS)
def test_documents_are_in_the_language(schema: Any) -> None:
    grammar = cn.json_schema(schema)
    random = Random(1)
    for _ in range(50):
        text = random_text(grammar.engine, grammar.root, random, LENGTH)
        assert grammar.matches(text)
        json.loads(text)
        assert len(text) < 10 * LENGTH


def test_grammars_and_recursion_end() -> None:
    grammar = cn.grammar("arithmetic")
    random = Random(2)
    texts = {random_text(grammar.engine, grammar.root, random, LENGTH) for _ in range(50)}
    assert len(texts) > 10 and all(grammar.matches(text) for text in texts)


def test_the_same_seed_gives_the_same_text() -> None:
    first, second = (cn.json_schema({"type": "object"}) for _ in range(2))
    assert random_text(first.engine, first.root, Random(3)) == random_text(
        second.engine, second.root, Random(3)
    )


def test_a_free_text_is_made_of_words() -> None:
    grammar = cn.json_schema({"type": "array", "items": {"type": "string"}, "minItems": 300, "maxItems": 300})
    items = json.loads(random_text(grammar.engine, grammar.root, Random(4), 10_000))
    assert sum(item.replace(" ", "").isalpha() for item in items) > 200


def test_a_key_that_is_used_up_is_not_taken() -> None:
    keys = {"type": "object", "propertyNames": {"enum": ["a", "b"]}, "minProperties": 2}
    grammar = cn.json_schema(keys | {"additionalProperties": {"const": 0}})
    for seed in range(20):
        assert json.loads(random_text(grammar.engine, grammar.root, Random(seed))) == {"a": 0, "b": 0}


def test_an_empty_language_has_no_texts() -> None:
    engine = Engine()
    with pytest.raises(ValueError, match="empty"):
        random_text(engine, engine.EMPTY, Random(0))


@settings(max_examples=200, deadline=None)
@given(plans(), st.integers(0, 3))
def test_any_expression(plan: Plan, seed: int) -> None:
    engine = Engine()
    node = build(engine, plan)
    if not engine.is_empty(node):
        assert engine.matches(node, random_text(engine, node, Random(seed), 20))
