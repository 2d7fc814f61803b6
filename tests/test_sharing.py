"""Grammars and constraints are shared: between calls, threads and processes."""

from __future__ import annotations

import copy
import gc
import pickle
import threading
import weakref

import pytest

import constrain as cn
from constrain.engine import Engine
from tests.test_masks import JSON_TOKENS, allowed, vocabulary_of

VOCABULARY = vocabulary_of(JSON_TOKENS)
SCHEMA = {"type": "object", "properties": {"name": {"type": "string", "maxLength": 4}}}


@pytest.mark.parametrize(
    "grammar",
    [
        cn.json_schema(SCHEMA, whitespace="compact"),
        cn.regex(r"[a-c]{2,4}"),
        cn.lark('start: "a" start | "b"'),
        cn.grammar("json"),
        cn.choice(["yes", "no"]),
    ],
    ids=lambda grammar: grammar.kind,
)
def test_a_constraint_is_pickled_as_its_source(grammar: cn.Grammar) -> None:
    constraint = cn.compile(grammar, VOCABULARY)
    arrived = pickle.loads(pickle.dumps(constraint))
    assert arrived is not constraint
    assert allowed(arrived.matcher()) == allowed(constraint.matcher())


def test_what_lives_in_one_process_is_not_pickled() -> None:
    grammar = cn.regex("a")
    for thing in (grammar.engine, cn.compile(grammar, VOCABULARY).matcher()):
        with pytest.raises(TypeError):
            pickle.dumps(thing)
    with pytest.raises(TypeError, match="front end"):
        pickle.dumps(cn.Grammar("test", lambda engine: engine.literal(b"a")))


def test_copies_share() -> None:
    constraint = cn.compile(cn.regex("a"), VOCABULARY)
    assert copy.deepcopy({"c": constraint})["c"] is constraint
    assert cn.compile(constraint.grammar, VOCABULARY) is constraint


def test_memory_is_released_with_the_constraint() -> None:
    """Without the garbage collector: nothing that a grammar builds refers back to its engine."""
    gc.disable()
    try:
        constraint = cn.compile(cn.json_schema(SCHEMA), VOCABULARY)
        masks_along(constraint, b'{"name": "ab", "x": [1, {"y": null}]}')
        engine = weakref.ref(constraint.engine)
        del constraint
        assert engine() is None
    finally:
        gc.enable()


def test_a_schema_may_be_changed_after_it_was_compiled() -> None:
    schema = {"type": "object", "properties": {"a": {"const": "x"}}, "required": ["a"]}
    grammar = cn.json_schema(schema)
    schema["properties"]["a"]["const"] = "y"  # type: ignore[index]
    assert grammar.matches('{"a": "x"}') and not grammar.matches('{"a": "y"}')


def test_one_constraint_in_many_threads() -> None:
    """Threads grow one engine at once, for two vocabularies, and come to the same masks as one alone."""
    other = cn.Vocabulary([*JSON_TOKENS[::-1], None], [len(JSON_TOKENS)])
    text = b'{"name": "ab", "x": [1, {"y": "\xc3\xa9"}], "z": "qq"}'
    alone = [masks_along(cn.compile(cn.json_schema(SCHEMA), v), text) for v in (VOCABULARY, other)]
    grammar = cn.json_schema(SCHEMA)
    results: list[tuple[int, list[list[bool]]]] = []

    def work(which: int) -> None:
        results.append((which, masks_along(cn.compile(grammar, (VOCABULARY, other)[which]), text)))

    threads = [threading.Thread(target=work, args=(i % 2,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 8
    assert all(masks == alone[which] for which, masks in results)


def masks_along(constraint: cn.Constraint, text: bytes) -> list[list[bool]]:
    matcher, masks = constraint.matcher(), []
    for byte in text:
        masks.append(allowed(matcher))
        assert matcher.advance(constraint.vocabulary.tokens.index(bytes([byte])))
    return masks


def test_rollback_fork_and_validate() -> None:
    matcher = cn.compile(cn.regex("a*b"), VOCABULARY).matcher()
    a, b = JSON_TOKENS.index(b"a"), JSON_TOKENS.index(b"b")
    assert matcher.validate([a, a, b, a]) == 3
    assert matcher.advance(a) and matcher.advance(a)
    fork = matcher.fork()
    assert fork.advance(b) and fork.can_stop and not matcher.can_stop
    matcher.rollback(2)
    assert matcher.state == cn.compile(matcher.constraint.grammar, VOCABULARY).matcher().state
    with pytest.raises(ValueError, match="cannot unread"):
        matcher.rollback(1)
    eos = VOCABULARY.eos_token_ids[0]
    assert fork.advance(eos) and fork.stopped and not fork.advance(a)
    assert [i for i, bit in enumerate(allowed(fork)) if bit] == [eos]
    assert isinstance(matcher.constraint.engine, Engine)
