"""The engine against its slow twin, and the laws that keep its state space small."""

from __future__ import annotations

import itertools

from hypothesis import given, settings

from constrain.engine import Engine
from tests.oracle import Oracle
from tests.strategies import ALPHABET, Plan, build, plans

WORDS = [bytes(word) for n in range(6) for word in itertools.product(ALPHABET, repeat=n)]


@given(plans())
@settings(max_examples=400, deadline=None)
def test_same_language_as_the_oracle(plan: Plan) -> None:
    fast, slow = Engine(), Oracle()
    node, twin = build(fast, plan), build(slow, plan)
    assert [w for w in WORDS if fast.matches(node, w)] == [w for w in WORDS if slow.matches(twin, w)]
    assert fast.is_empty(node) == slow.is_empty(twin)


@given(plans())
@settings(max_examples=200, deadline=None)
def test_edges_and_structural_derivatives_agree(plan: Plan) -> None:
    engine = Engine()
    node = build(engine, plan)
    leaf = engine.leaf(node)
    if engine.is_empty(node):
        return
    for word in WORDS[:31]:
        by_structure, by_edges = engine.advance(node, word), engine.advance(leaf, word)
        assert engine.nullable(by_structure) == engine.nullable(by_edges)
        assert engine.is_empty(by_structure) == (by_edges == engine.EMPTY)


@given(plans())
@settings(max_examples=200, deadline=None)
def test_derivatives_are_finitely_many(plan: Plan) -> None:
    engine = Engine()
    seen, todo = set(), [build(engine, plan)]
    while todo:
        node = todo.pop()
        if node not in seen:
            seen.add(node)
            todo += [engine.derivative(node, byte) for byte in ALPHABET]
    assert len(seen) < 2_000
