"""Budgets: whatever is chosen, the text is complete and valid when the tokens run out."""

from __future__ import annotations

import itertools
import json
import random
import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import constrain as cn
from tests.data_folder import compiled_schemas, real_vocabulary
from tests.json_schema_strategies import schemas
from tests.test_masks import JSON_TOKENS, vocabulary_of
from tests.test_walks import SCHEMAS, assert_valid

VOCABULARY = vocabulary_of(JSON_TOKENS)
CJSON = cn.grammar("json")


def choices_of(matcher: cn.Matcher, bitmask: np.ndarray) -> np.ndarray:
    matcher.fill_mask(bitmask, 0)
    return np.flatnonzero(np.unpackbits(bitmask[0].view(np.uint8), bitorder="little"))


def walk(matcher: cn.Matcher, seed: int) -> bytes:
    """A text by uniformly random tokens, never ending it before it must be ended."""
    chooser = random.Random(seed)
    vocabulary = matcher.constraint.vocabulary
    bitmask = cn.allocate_bitmask(1, vocabulary.size)
    ends = set(vocabulary.eos_token_ids)
    while True:
        allowed = choices_of(matcher, bitmask)
        assert len(allowed), f"a dead end after {vocabulary.decode(matcher.tokens)!r}"
        token = int(allowed[chooser.randrange(len(allowed))])
        if token in ends and len(allowed) > len(ends):
            continue
        assert matcher.advance(token), f"{token} was in the mask after {vocabulary.decode(matcher.tokens)!r}"
        if matcher.stopped:
            return vocabulary.decode(matcher.tokens)
        assert matcher.remaining is not None and matcher.remaining >= 0


def walks(constraint: cn.Constraint, seed: int) -> list[bytes]:
    """Texts within budgets from the least that is enough."""
    needed = len(constraint.matcher().completion())
    if needed:
        with pytest.raises(cn.BudgetError) as caught:
            constraint.matcher(needed - 1)
        assert caught.value.needed == needed
    return [walk(constraint.matcher(needed + more), seed) for more in (0, 1, 3, 10)]


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
@pytest.mark.parametrize("whitespace", ["flexible", "compact", "spaced", "indented"])
def test_schemas(schema: Any, whitespace: str) -> None:
    constraint = cn.compile(cn.json_schema(schema, whitespace=whitespace), VOCABULARY)
    for seed in range(5):
        for text in walks(constraint, seed):
            assert_valid(text, schema)


def test_items_that_differ_and_can_be_no_strings() -> None:
    items = {"type": ["null", "object", "string"], "pattern": "^a", "maxLength": 0}
    schema = {"type": "array", "minItems": 2, "uniqueItems": True, "items": items}
    for text in walks(cn.compile(cn.json_schema(schema), VOCABULARY), 0):
        assert_valid(text, schema)


@given(schemas(), st.integers(0, 1000))
@settings(max_examples=150, deadline=None)
def test_random_schemas(schema: dict[str, Any], seed: int) -> None:
    try:
        grammar = cn.json_schema(schema)
    except cn.SchemaError:
        return
    for text in walks(cn.compile(grammar, VOCABULARY), seed):
        if "inf" not in repr(json.loads(text)):  # jsonschema reads 1e999 as infinity
            assert_valid(text, schema)


@pytest.mark.parametrize(
    "pattern",
    [
        "a*b",
        "[0-9a-f]{8}-[0-9a-f]{4}",
        "(?=.*1)(?=.*x)[a-z0-9]{4,}",
        "(quick|brown|true){3,}",
        "(a{10}|b){5}",
    ],
)
def test_regular_expressions(pattern: str) -> None:
    grammar = cn.regex(pattern)
    for seed in range(8):
        for text in walks(cn.compile(grammar, VOCABULARY), seed):
            assert grammar.matches(text)


@pytest.mark.parametrize(
    "grammar", [CJSON, cn.lark('start: "a" start "b" | start start | "ab"')], ids=["json", "ambiguous"]
)
def test_grammars(grammar: cn.Grammar) -> None:
    for seed in range(15):
        for text in walks(cn.compile(grammar, VOCABULARY), seed):
            assert grammar.matches(text)


def test_masks_are_left_alone_while_there_is_room() -> None:
    constraint = cn.compile(cn.json_schema(SCHEMAS[6]), VOCABULARY)
    free, bound = constraint.matcher(), constraint.matcher(200)
    bitmask, other = cn.allocate_bitmask(1, VOCABULARY.size), cn.allocate_bitmask(1, VOCABULARY.size)
    chooser = random.Random(3)
    for _ in range(120):
        allowed = choices_of(free, bitmask)
        assert (choices_of(bound, other) == allowed).all()
        token = int(allowed[chooser.randrange(len(allowed))])
        assert free.advance(token) and bound.advance(token)
        if free.stopped:
            break


def test_what_the_mask_forbids_is_not_read() -> None:
    constraint = cn.compile(cn.json_schema({"type": "array", "items": {"type": "string"}}), VOCABULARY)
    matcher = constraint.matcher(6)
    chooser = random.Random(1)
    bitmask = cn.allocate_bitmask(1, VOCABULARY.size)
    while not matcher.stopped:
        allowed = choices_of(matcher, bitmask)
        for token in chooser.sample(range(VOCABULARY.size), 60):
            assert matcher.validate([token]) == (token in allowed)
        assert matcher.advance(int(chooser.choice(allowed)))


def test_budgets_move_back_and_fork() -> None:
    constraint = cn.compile(cn.json_schema({"type": "array", "items": {"type": "integer"}}), VOCABULARY)
    matcher = constraint.matcher(8)
    bitmask = cn.allocate_bitmask(1, VOCABULARY.size)
    masks = []
    for token in (b"[", b"1", b",", b"0", b",", b"12"):
        masks.append(choices_of(matcher, bitmask).tolist())
        assert matcher.advance(JSON_TOKENS.index(token))
    fork = matcher.fork()
    assert fork.remaining == matcher.remaining == 2
    for mask in reversed(masks):
        matcher.rollback(1)
        assert choices_of(matcher, bitmask).tolist() == mask
    assert json.loads(walk(fork, 2)) and constraint.matcher().remaining is None


def test_budgets_in_many_threads() -> None:
    """Threads grow what is known of completions at once, and all of them end in time."""
    constraint = cn.compile(cn.json_schema(SCHEMAS[6]), VOCABULARY)
    texts: list[bytes] = []

    def work(number: int) -> None:
        texts.extend(walk(constraint.matcher(8 + seed), 100 * number + seed) for seed in range(20))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(texts) == 80
    for text in texts:
        assert_valid(text, SCHEMAS[6])


def test_completion_completes() -> None:
    constraint = cn.compile(cn.json_schema(SCHEMAS[6]), VOCABULARY)
    matcher = constraint.matcher()
    for token in matcher.completion():
        assert matcher.advance(token)
    assert matcher.can_stop and matcher.completion() == []
    with pytest.raises(ValueError, match="at least 0"):
        constraint.matcher(-1)


@pytest.mark.parametrize("name", ["llama3", "mistral"])
def test_real_schemas_and_vocabularies(name: str) -> None:
    vocabulary = real_vocabulary(name)
    for seed, (record, grammar) in enumerate(itertools.islice(compiled_schemas(seed=21), 60)):
        constraint = cn.compile(grammar, vocabulary)
        needed = len(constraint.matcher().completion())
        text = walk(constraint.matcher(needed + seed % 40), seed)
        assert_valid(text, record["schema"])
