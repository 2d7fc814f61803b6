"""Memory: bounded however many texts are written, with the same masks as without a bound."""

from __future__ import annotations

import gc
import random
import weakref

import pytest

import constrain as cn
from tests.test_masks import JSON_TOKENS, allowed, vocabulary_of

VOCABULARY = vocabulary_of(JSON_TOKENS)
SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string", "maxLength": 12}, "next": {"$ref": "#"}},
    "additionalProperties": {"type": "array", "items": {"type": ["integer", "string"]}},
}
SHAPES = {
    "type": "object",
    "properties": {
        "bounded": {"type": "string", "pattern": "^[a-f][a-z ]*", "minLength": 3, "maxLength": 30},
        "counted": {"type": "string", "minLength": 2, "maxLength": 300},
        "number": {"type": "number", "minimum": -7, "exclusiveMaximum": 1000},
        "list": {"type": "array", "items": {"enum": ["a", "the quick", None]}},
    },
}
LITTLE = 300_000


def walk(matcher: cn.Matcher, chooser: random.Random, steps: int, max_count: int = 40) -> None:
    for _ in range(steps):
        token = chooser.choice(matcher.allowed_tokens())
        assert matcher.advance(token)
        if matcher.stopped or matcher.count > max_count:
            matcher.reset()


def test_memory_is_bounded() -> None:
    constraint = cn.compile(cn.json_schema(SCHEMA), VOCABULARY, memory=LITTLE)
    free = cn.compile(cn.json_schema(SCHEMA), VOCABULARY)
    engines = set()
    matcher, other = constraint.matcher(), free.matcher()
    chooser = random.Random(1)
    for _ in range(300):
        for _ in range(40):
            bits = allowed(matcher)
            assert bits == allowed(other)
            token = chooser.choice([i for i, bit in enumerate(bits) if bit])
            assert matcher.advance(token) and other.advance(token)
            if matcher.stopped:
                break
        matcher.reset()
        other.reset()
        engines.add(weakref.ref(constraint.engine))
    used, unbounded = constraint.footprint(), free.footprint()
    assert used["masks"] + used["moves"] < LITTLE < unbounded["masks"] + unbounded["moves"]
    assert len(engines) > 2 and sum(engine() is not None for engine in engines) <= 2


def test_every_kind_of_table_is_counted() -> None:
    vocabulary = vocabulary_of([*JSON_TOKENS, *(b"a%dz" % i for i in range(3_000))])
    constraint = cn.compile(cn.json_schema(SHAPES), vocabulary)
    before = constraint.footprint()
    walk(constraint.matcher(), random.Random(6), 2_500, 80)
    walk(constraint.matcher(90), random.Random(7), 300, 80)
    after = constraint.footprint()
    assert all(after[kind] > before[kind] for kind in after), (before, after)


def test_a_matcher_keeps_what_it_is_in() -> None:
    """While others make the constraint start afresh, a matcher can go on, go back and be copied."""
    constraint = cn.compile(cn.json_schema(SCHEMA), VOCABULARY, memory=LITTLE)
    engine = weakref.ref(constraint.engine)
    matcher = constraint.matcher()
    tokens = [JSON_TOKENS.index(token) for token in (b"{", b'"a', b'":', b"[", b"12")]
    masks = []
    for token in tokens:
        masks.append(allowed(matcher))
        assert matcher.advance(token)
    walk(constraint.matcher(), random.Random(2), 8_000)
    assert constraint.engine is not engine()
    fork = matcher.fork()
    for mask in reversed(masks):
        matcher.rollback(1)
        assert allowed(matcher) == mask
    assert fork.validate([JSON_TOKENS.index(b"]"), JSON_TOKENS.index(b"}")]) == 2
    assert engine() is not None
    del fork
    matcher.reset()
    assert engine() is None and allowed(matcher) == masks[0]


def test_memory_is_released_with_budgets_and_plans() -> None:
    gc.disable()
    try:
        constraint = cn.compile(cn.json_schema(SCHEMA), VOCABULARY)
        walk(constraint.matcher(30), random.Random(3), 100)
        engine = weakref.ref(constraint.engine)
        del constraint
        assert engine() is None
    finally:
        gc.enable()


def test_budgets_with_little_memory() -> None:
    constraint = cn.compile(cn.json_schema(SCHEMA), VOCABULARY, memory=LITTLE // 4)
    chooser = random.Random(4)
    for _ in range(60):
        matcher = constraint.matcher(15)
        while not matcher.stopped:
            matcher.advance(chooser.choice(matcher.allowed_tokens()))
        assert constraint.grammar.matches(VOCABULARY.decode(matcher.tokens))


def test_a_grammar_without_a_source_does_not_start_afresh() -> None:
    grammar = cn.Grammar("test", lambda engine: engine.repeat(engine.byte_set(0xFFFF << 64)))
    constraint = cn.compile(grammar, VOCABULARY, memory=10)
    walk(constraint.matcher(), random.Random(5), 300)
    assert constraint.engine is grammar.engine and not grammar.renew()


def test_memory_of_a_constraint_that_exists() -> None:
    grammar = cn.regex("a*")
    constraint = cn.compile(grammar, VOCABULARY, memory=LITTLE)
    assert cn.compile(grammar, VOCABULARY) is constraint
    assert cn.compile(grammar, VOCABULARY, memory=2 * LITTLE) is not constraint
    with pytest.raises(AttributeError):
        constraint.memory = 1
