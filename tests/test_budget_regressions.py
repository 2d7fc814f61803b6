"""Budgets that once ended in a dead end, in an error, or took seconds per mask."""

from __future__ import annotations

import datetime
import json
from random import Random
from typing import Any

import numpy as np
import pytest
from jsonschema import validate

import constrain as cn
from constrain.engine.completion import shortest_text
from constrain.masks.budgets.byte_costs import ByteCosts
from constrain.masks.leaves.leaf_classes import LeafClasses
from tests.test_masks import JSON_TOKENS, vocabulary_of

# Besides what JSON is made of: tokens that end or begin within a character, of two to four bytes.
PARTS = [
    b"i\xe1\xbb",
    b"\xbb\x87t",
    b"\xc3",
    b"a\xf0\x9f",
    b"\x98\x80",
    b"\xe6\x97\xa5",
    b"\xa5x",
    b'\xa9"',
    b'"\xc3',
]
TOKENS = [*JSON_TOKENS, *PARTS]
VOCABULARY = vocabulary_of(TOKENS)


def allowed_after(schema: Any, budget: int, *tokens: bytes, **options: Any) -> set[bytes | None]:
    matcher = cn.compile(cn.json_schema(schema, **options), VOCABULARY).matcher(budget)
    for token in tokens:
        assert matcher.advance(TOKENS.index(token))
    return {VOCABULARY.tokens[token] for token in matcher.allowed_tokens()}


def test_a_token_that_ends_within_a_character_owes_the_rest_of_it() -> None:
    """Of three tokens, two are left after the quote: one byte of the character and the other quote are two."""
    schema = {"type": "string"}
    assert b"i\xe1\xbb" not in allowed_after(schema, 3, b'"')
    assert b"i\xe1\xbb" in allowed_after(schema, 4, b'"')
    assert b'"' not in allowed_after(schema, 4, b'"', b"i\xe1\xbb")


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string"},
        {"type": "object", "additionalProperties": {"type": "string"}},
        {"type": "string", "pattern": "^[à-ÿa]*日?$"},
        {"enum": ["日本", "é", "aé日", "😀😀"]},
        {"type": "array", "items": {"type": "string"}, "minItems": 2},
        {"type": "array", "items": {"type": "string"}, "uniqueItems": True, "minItems": 2},
    ],
    ids=str,
)
@pytest.mark.parametrize("order", ["schema", "any"])
def test_walks_along_unfinished_characters_end_in_time(schema: Any, order: str) -> None:
    constraint = cn.compile(cn.json_schema(schema, property_order=order), VOCABULARY)
    needed = len(constraint.matcher().completion())
    chooser = np.random.default_rng(0)
    for budget in range(needed, needed + 20):
        matcher = constraint.matcher(budget)
        while not matcher.stopped:
            allowed = matcher.allowed_tokens()
            parts = [token for token in allowed if VOCABULARY.tokens[token] in PARTS]
            text = [token for token in allowed if VOCABULARY.tokens[token] is not None]
            assert matcher.advance(int(chooser.choice(parts or text or allowed)))
        json.loads(matcher.text.decode())


@pytest.mark.parametrize("name", ["regex", "date-time", "idn-hostname", "uri", "email", "duration"])
def test_formats_within_a_budget(name: str) -> None:
    constraint = cn.compile(cn.json_schema({"type": "string", "format": name}), VOCABULARY)
    for budget in (60, 100):
        matcher = constraint.matcher(budget)
        while not matcher.stopped:
            assert matcher.advance(matcher.allowed_tokens()[-1])
        assert json.loads(matcher.text) or name == "regex"


def test_a_completion_is_read_by_common_parsers() -> None:
    def completed(name: str) -> str:
        matcher = cn.compile(cn.json_schema({"type": "string", "format": name}), VOCABULARY).matcher()
        text: str = json.loads(VOCABULARY.decode(matcher.completion()))
        return text

    datetime.date.fromisoformat(completed("date"))
    datetime.datetime.strptime(completed("date-time"), "%Y-%m-%dT%H:%M:%SZ")
    assert completed("email").islower() and completed("uri").islower()


def test_unique_strings_are_counted_once_for_all() -> None:
    """What follows a string is not looked at again for each of its beginnings: memory grows by the text alone."""
    items = {"type": "string", "maxLength": 20}
    grammar = cn.json_schema({"type": "array", "items": items, "uniqueItems": True}, whitespace="compact")
    constraint = cn.compile(grammar, VOCABULARY)
    matcher = constraint.matcher(400)
    assert matcher.advance(TOKENS.index(b"["))
    sizes = []
    for i in range(30):
        for byte in f'"{i:04}",'.encode():
            matcher.allowed_tokens()
            assert matcher.advance(TOKENS.index(bytes([byte])))
        sizes.append(sum(constraint.footprint().values()))
    assert sizes[29] - sizes[19] < 2 * (sizes[19] - sizes[9])
    assert sizes[29] < 8 << 20


NEVER = {"not": {"patternProperties": {"a": {"not": {"type": "string", "pattern": "A"}}}}}
OTHER = {"not": {"patternProperties": {"b": {"not": {"type": "string", "pattern": "B"}}}}}
CLOSED = [{"patternProperties": {name: False}, "additionalProperties": False} for name in ("ab", "cd")]


@pytest.mark.parametrize(
    "schema",
    [
        {
            "type": "object",
            "allOf": [NEVER, OTHER, {"propertyNames": {"pattern": "^....$"}}],
            "maxProperties": 100,
        },
        {"type": "array", "allOf": [{"not": {"items": items}} for items in CLOSED], "maxItems": 2},
        {"type": "object", "oneOf": [{"patternProperties": {name: {"maximum": 5}}} for name in ("a|b", "a")]},
        {
            "type": "object",
            "minProperties": 6,
            "maxProperties": 7,
            "patternProperties": {"^[ab]": {"type": "null"}},
        },
    ],
    ids=["two names", "one item of two", "one pattern of two", "six names"],
)
@pytest.mark.parametrize("order", ["schema", "any"])
def test_objects_with_conditions_on_names_that_are_not_listed(schema: Any, order: str) -> None:
    """Their rest is told from what is still to be satisfied; each name in turn would be one of several, and so on."""
    constraint = cn.compile(cn.json_schema(schema, property_order=order), VOCABULARY)
    needed = len(constraint.matcher().completion())
    chooser = np.random.default_rng(0)
    for budget in (needed, needed + 9, needed + 40):
        matcher = constraint.matcher(budget)
        while not matcher.stopped:
            assert matcher.advance(int(chooser.choice(matcher.allowed_tokens())))
        validate(json.loads(matcher.text.decode()), schema)


def test_costs_are_those_of_some_text() -> None:
    """No bound is below the shortest text, and no residual farther from its end than it says."""
    grammar = cn.regex("(?:ab|[c-e]{2,4}日)*x{3}|(?=.*1)[a-z0-9]{2,5}")
    engine, root = grammar.engine, grammar.root
    costs = ByteCosts(engine, LeafClasses(engine))
    body = engine.inspect(root)[1] if engine.inspect(root)[0] == "leaf" else root
    farthest, seen, todo = costs.residual_of(body), {body}, [body]
    while todo:
        state = todo.pop()
        shortest = len(shortest_text(engine, state))
        assert costs.bound_of(state) >= shortest
        assert state == body or shortest <= farthest
        for _, target in engine.transitions(state):
            if target not in seen:
                seen.add(target)
                todo.append(target)


# A language tag after a name, as the Open Contracting Data Standard has it.
TAG = (
    "(((([A-Za-z]{2,3}(-([A-Za-z]{3}(-[A-Za-z]{3}){0,2}))?)|[A-Za-z]{4}|[A-Za-z]{5,8})(-([A-Za-z]{4}))?"
    "(-([A-Za-z]{2}|[0-9]{3}))?(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*(-([0-9A-WY-Za-wy-z](-[A-Za-z0-9]{2,8})+))*"
    "(-(x(-[A-Za-z0-9]{1,8})+))?)|(x(-[A-Za-z0-9]{1,8})+))"
)


@pytest.mark.parametrize("order", ["schema", "any"])
def test_names_of_a_pattern_near_the_end(order: str) -> None:
    """What was left of a name was taken for shorter than it is where a pattern tells names apart, one of which has been
    used: the next mask was empty."""
    inner = {"patternProperties": {f"^(title_{TAG})$": {"type": ["null"]}}}
    grammar = cn.json_schema({"properties": {"tender": inner}}, property_order=order)
    pieces = [
        b'{"',
        b"tender",
        b'":{"',
        b"id",
        b'":"',
        b"x",
        b'","',
        b"title",
        b"_T",
        b"IM",
        b"_id",
        b"}}",
        b'":',
    ]
    tokens = [*(bytes([byte]) for byte in range(256)), *pieces, b"null", b'"}}']
    constraint = cn.compile(grammar, cn.Vocabulary([*tokens, None], [len(tokens)]))
    for budget in range(7, 20):
        for seed in range(10):
            matcher, chooser = constraint.matcher(budget), Random(seed)
            for piece in pieces[:8]:
                if not matcher.advance(tokens.index(piece, 256)):
                    break
            while not matcher.stopped:
                allowed = matcher.allowed_tokens()
                assert allowed, (budget, matcher.text)
                assert matcher.advance(chooser.choice(allowed))


TOOLS = [
    {
        "name": f"service{number % 4}.tool_{number}",
        "parameters": {
            "type": "object",
            "properties": {"query": {"type": "string"}, "mode": {"enum": ["fast", f"mode {number}"]}},
            "required": ["query", "mode"],
            "additionalProperties": False,
        },
    }
    for number in range(60)
]


def test_a_name_of_many_does_not_write_what_follows_the_others() -> None:
    """A thousand tools took 0.4 seconds for one mask, since each of them was asked what completes it."""
    grammar = cn.tool_call(TOOLS)
    matcher = cn.compile(grammar, VOCABULARY).matcher(60)
    before = grammar.engine.size
    for piece in (b"{", b'"', b"n", b"a", b"m", b"e", b'"', b":", b'"', b"s"):
        matcher.allowed_tokens()
        assert matcher.advance(TOKENS.index(piece)), matcher.text
    assert grammar.engine.size - before < 1_000


def test_what_a_mask_within_a_budget_allowed_may_be_written_when_it_has_been_dropped() -> None:
    grammar = cn.tool_call(TOOLS, property_order="any")
    constraint = cn.compile(grammar, VOCABULARY, limits=cn.Limits(memory=1))
    chooser = Random(1)
    matchers = [constraint.matcher(chooser.randint(45, 60)) for _ in range(6)]
    while matchers:
        allowed = [matcher.allowed_tokens() for matcher in matchers]
        for matcher, tokens in zip(matchers, allowed, strict=True):
            assert all(matcher.fork().advance(token) for token in tokens), matcher.text
            assert matcher.advance(chooser.choice(tokens))
        matchers = [matcher for matcher in matchers if not matcher.stopped]
