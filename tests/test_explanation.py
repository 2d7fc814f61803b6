"""Explanations: what they say is true, and readable."""

from __future__ import annotations

import random

import pytest

import constrain as cn
from constrain.decoding.explanation import byte_class
from constrain.engine import Engine
from tests.json_like import JsonLike
from tests.test_masks import JSON_TOKENS, vocabulary_of
from tests.test_walks import SCHEMAS

VOCABULARY = vocabulary_of(JSON_TOKENS)
PERSON = {
    "type": "object",
    "properties": {"name": {"enum": ["Ada", "Bob"]}, "age": {"type": "integer"}},
    "required": ["name"],
    "additionalProperties": False,
}


def matcher_after(grammar: cn.Grammar, *tokens: bytes, max_tokens: int | None = None) -> cn.Matcher:
    matcher = cn.compile(grammar, VOCABULARY).matcher(max_tokens)
    for token in tokens:
        assert matcher.advance(JSON_TOKENS.index(token))
    return matcher


@pytest.mark.parametrize(
    ("tokens", "what", "expected"),
    [
        ((), "[", ["'['", "at the start of the text", "begins with '['", "'{'"]),
        ((b"{", b'"name"'), ': "Ax', ["': \"A' fits, but then comes 'x'", "after '{\"name\"'", "'da\"'"]),
        ((b"{",), '"nope', ["'\"n' fits", "expected there: 'ame\"'"]),
        ((b"{", b'"name"'), VOCABULARY.eos_token_ids[0], ["token 331", "the text is not complete"]),
        ((b"{",), 5000, ["token 5000 is not allowed", "it is no text"]),
        ((b"{", b'"name"'), ":", ["':' is allowed"]),
    ],
)
def test_reads_well(tokens: tuple[bytes, ...], what: int | str, expected: list[str]) -> None:
    shown = str(matcher_after(cn.json_schema(PERSON), *tokens).explain(what))
    for part in expected:
        assert part in shown, shown


def test_a_token_beyond_the_budget() -> None:
    """Said with how many tokens would be left, and how many would be needed."""
    grammar = cn.json_schema({"type": "array", "items": {"enum": ["quick brown"]}}, whitespace="compact")
    matcher = matcher_after(grammar, b"[", max_tokens=4)
    explanation = matcher.explain(JSON_TOKENS.index(b'"'))
    assert not explanation.allowed and (explanation.left, explanation.needed) == (2, 9)
    said = "is not allowed after '[': the shortest text known takes 9 more tokens, and 2 would be left"
    assert said in str(explanation)
    assert matcher.explain(JSON_TOKENS.index(b"]")).left is None
    assert matcher.explain(JSON_TOKENS.index(b"{")).left is None
    full = matcher_after(cn.regex("(true)+"), b"true", max_tokens=1).explain(JSON_TOKENS.index(b"true"))
    assert full.left == -1 and "all tokens that may be written have been" in str(full)


def test_budgets_forbid_what_takes_too_much() -> None:
    for schema in SCHEMAS:
        constraint = cn.compile(cn.json_schema(schema), VOCABULARY)
        for more in (0, 2, 6):
            matcher = constraint.matcher(len(constraint.matcher().completion()) + more)
            free = constraint.matcher()
            while not matcher.stopped:
                allowed = matcher.allowed_tokens()
                for token in sorted(set(free.allowed_tokens()) - set(allowed))[:5]:
                    explanation = matcher.explain(token)
                    assert matcher.remaining is not None and explanation.needed is not None
                    assert explanation.left == matcher.remaining - 1
                    assert ("not all ways" in explanation.reason) == (explanation.needed <= explanation.left)
                assert free.advance(allowed[-1]) and matcher.advance(allowed[-1])


def test_agrees_with_the_matcher() -> None:
    chooser = random.Random(1)
    for schema in SCHEMAS:
        matcher = cn.compile(cn.json_schema(schema), VOCABULARY).matcher(60)
        while not matcher.stopped:
            allowed = set(matcher.allowed_tokens())
            for token in chooser.sample(range(VOCABULARY.size), 20):
                explanation = matcher.explain(token)
                assert explanation.allowed == (token in allowed)
                assert str(explanation)
                assert explanation.given is None or explanation.given.startswith(explanation.accepted)
            assert explanation.before == matcher.text
            matcher.advance(chooser.choice(sorted(allowed)))
    assert matcher.explain(VOCABULARY.eos_token_ids[0]).allowed
    assert "ended" in str(matcher.explain(JSON_TOKENS.index(b"a")))


def test_a_token_that_the_budget_forbids() -> None:
    schema = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
    grammar = cn.json_schema(schema)
    matcher = matcher_after(grammar, b"{", b'"name"', b":", b'"', max_tokens=5)
    explanation = matcher.explain(JSON_TOKENS.index(b"quick"))
    assert (
        not explanation.allowed
        and explanation.reason == "the shortest text known takes 1 more tokens, and 0 would be left"
    )
    assert matcher.explain(b"quick").allowed


def test_a_space_that_decoding_drops_is_in_no_place() -> None:
    vocabulary = cn.Vocabulary([bytes([i]) for i in range(256)] + [None, b" ab"], 256, leading_space=True)
    for grammar in (cn.regex("ab+c"), cn.lark('start: "a" "b"+ "c"')):
        matcher = cn.compile(grammar, vocabulary).matcher()
        assert matcher.advance(257)
        first, second = matcher.explain("x").places
        assert "b" in first and "c" in second


def test_names_and_places_come_from_the_front_end() -> None:
    base = Engine()
    like = JsonLike(base)
    grammar = cn.Grammar(
        "test",
        lambda engine: like.value,
        base=base,
        names={like.value: "a value"},
        locate=lambda text: ("/properties/a", "") if not text else (),
    )
    shown = str(cn.compile(grammar, VOCABULARY).matcher().explain("?"))
    assert (
        "expected here: a value" in shown
        and "in force: /properties/a\n            the root of the schema" in shown
    )


@pytest.mark.parametrize(
    ("members", "words"),
    [
        (0x3FF << 48, "'0' to '9'"),
        (1 << 32, "a space"),
        (1 << 0x0A | 1 << 0x61, "one of a line feed, 'a'"),
        (sum(1 << byte for byte in range(0x20, 256)) & ~(1 << 34), "any character but '\"'"),
        (1 << 0x61 | 1 << 0xC3, "one of 'a', a non-ASCII character"),
        (0xFF << 0x80, "the rest of a non-ASCII character"),
    ],
)
def test_byte_classes(members: int, words: str) -> None:
    assert byte_class(members) == words


def test_half_a_surrogate_pair_is_explained_as_no_text() -> None:
    explanation = matcher_after(cn.json_schema({"type": "string"}), b'"').explain("a\ud800")
    assert not explanation.allowed and explanation.accepted.startswith(b"a")
    assert "is not allowed" in str(explanation)
