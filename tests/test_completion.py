"""Shortest completions are texts of the language, and no text is shorter."""

from __future__ import annotations

import json

from hypothesis import given, settings

import constrain as cn
from constrain.engine import Engine, shortest_text
from constrain.engine.completion import Completions
from tests.json_like import JsonLike
from tests.strategies import A_OR_B, Plan, build, plans
from tests.test_engine import WORDS


@given(plans())
@settings(max_examples=300, deadline=None)
def test_no_text_is_shorter(plan: Plan) -> None:
    engine = Engine()
    node = engine.intersection([build(engine, plan), engine.repeat(engine.byte_set(A_OR_B))])
    accepted = [word for word in WORDS if engine.matches(node, word)]
    if engine.is_empty(node):
        assert not accepted
        return
    text = shortest_text(engine, node)
    assert engine.matches(node, text)
    assert not accepted or len(text) == len(accepted[0])


def test_completes_a_document_from_any_prefix() -> None:
    engine = Engine()
    root = JsonLike(engine).record
    document = b'{"name": "abc", "age": 3, "x": [1, {"y": null}], "z": "' + "é".encode() + b'"}'
    for cut in range(len(document) + 1):
        rest = shortest_text(engine, engine.advance(root, document[:cut]))
        assert engine.matches(root, document[:cut] + rest)
        json.loads(document[:cut] + rest)


def test_does_not_repeat_a_used_key() -> None:
    engine = Engine()
    root = JsonLike(engine).record
    before = b'{"age": 3, "": 1, "0": 1, "note": 1,'
    assert engine.advance(root, b'{"age": 3, "name"') == engine.EMPTY
    before = before.replace(b', "note": 1', b"")
    rest = shortest_text(engine, engine.advance(root, before))
    assert rest not in (b'"":0}', b'"0":0}') and engine.matches(root, before + rest)


def test_the_texts_of_known_completions_are_counted() -> None:
    """Each part of a long object has one, with all that follows: two hundred properties have megabytes of them."""
    names = [f"property {number}" for number in range(200)]
    grammar = cn.json_schema({"type": "object", "required": names}, property_order="any")
    search = Completions(grammar.engine)
    _, text = search.cheapest(grammar.root)
    held = sum(len(text) for _, text in search.known.values())
    assert held > 20 * len(text)
    assert search.footprint() > held
    search.forget()
    assert search.footprint() == 0
