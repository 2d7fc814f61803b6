"""Drafts, trees of drafts, forks and rollbacks within a budget: masks are those of reading token by token."""

from __future__ import annotations

import random
from functools import cache
from typing import Any

import numpy as np
import pytest

import constrain as cn
from tests.test_masks import JSON_TOKENS, vocabulary_of

VOCABULARY = vocabulary_of(JSON_TOKENS)
GRAMMARS: dict[str, cn.Grammar] = {
    "array": cn.json_schema({"type": "array", "items": {"type": ["string", "boolean", "array"]}}),
    "object": cn.json_schema(
        {
            "type": "object",
            "required": ["name"],
            "properties": {"name": {"type": "string"}, "n": {"type": "integer"}},
        },
        whitespace="compact",
    ),
    "pattern": cn.regex("(quick|brown|true)+-[0-9]{2,}"),
    "until": cn.until("true", within="[a-z ]*"),
}
EXTRA = [0, 1, 2, 5, 12]


@cache
def constraint(name: str) -> cn.Constraint:
    return cn.compile(GRAMMARS[name], VOCABULARY)


def matcher_of(name: str, extra: int) -> cn.Matcher:
    return constraint(name).matcher(len(constraint(name).matcher().completion()) + extra)


def mask_of(matcher: cn.Matcher) -> np.ndarray:
    bitmask = cn.allocate_bitmask(1, VOCABULARY.size)
    matcher.fill_mask(bitmask)
    return bitmask[0]


def read(name: str, extra: int, tokens: list[int]) -> cn.Matcher | None:
    """A new matcher after ``tokens``; None if they cannot be read."""
    matcher = matcher_of(name, extra)
    return matcher if all(matcher.advance(token) for token in tokens) else None


def draft(matcher: cn.Matcher, rng: random.Random, length: int) -> list[int]:
    """Tokens that mostly can be read, whatever is read already."""
    tokens: list[int] = []
    copy = matcher.fork()
    for _ in range(length):
        allowed = copy.allowed_tokens()
        token = rng.choice(allowed) if rng.random() < 0.9 else rng.randrange(VOCABULARY.size)
        tokens.append(token)
        copy.advance(token)
    return tokens


@pytest.mark.parametrize("extra", EXTRA)
@pytest.mark.parametrize("name", GRAMMARS)
def test_along_a_draft(name: str, extra: int) -> None:
    rng = random.Random(extra)
    for _ in range(10):
        matcher = matcher_of(name, extra)
        while not matcher.stopped:
            tokens = draft(matcher, rng, 6)
            masks = cn.allocate_bitmask(len(tokens) + 1, VOCABULARY.size)
            count = matcher.fill_masks_along(tokens, masks)
            assert count == matcher.validate(tokens)
            for place in range(count + 1):
                behind = read(name, extra, [*matcher.tokens, *tokens[:place]])
                assert behind is not None and (masks[place] == mask_of(behind)).all()
            if count < len(tokens):
                assert read(name, extra, [*matcher.tokens, *tokens[: count + 1]]) is None
            keep = max(1, rng.randrange(count + 1))
            for token in tokens[:keep] if count else [rng.choice(matcher.allowed_tokens())]:
                assert matcher.advance(token)
        assert GRAMMARS[name].matches(matcher.text) and matcher.remaining is not None


@pytest.mark.parametrize("extra", EXTRA)
@pytest.mark.parametrize("name", GRAMMARS)
def test_along_a_tree(name: str, extra: int) -> None:
    rng = random.Random(extra)
    for start in range(0, 6, 2):
        matcher = matcher_of(name, extra)
        for token in draft(matcher, rng, start):
            matcher.advance(token)
        tokens: list[int] = []
        parents: list[int] = []
        for node in range(12):
            parents.append(rng.randrange(-1, node))
            above = path(tokens, parents, parents[-1])
            there = read(name, extra, [*matcher.tokens, *above])
            tokens.append(rng.choice(there.allowed_tokens()) if there else rng.randrange(VOCABULARY.size))
        masks = cn.allocate_bitmask(13, VOCABULARY.size)
        possible = matcher.fill_masks_tree(tokens, parents, masks)
        assert (masks[0] == mask_of(matcher)).all()
        for node in range(12):
            there = read(name, extra, [*matcher.tokens, *path(tokens, parents, node)])
            assert possible[node] == (there is not None)
            assert (masks[node + 1] == (0 if there is None else mask_of(there))).all()


def path(tokens: list[int], parents: list[int], node: int) -> list[int]:
    found: list[int] = []
    while node >= 0:
        found.append(tokens[node])
        node = parents[node]
    return found[::-1]


@pytest.mark.parametrize("extra", EXTRA)
@pytest.mark.parametrize("name", GRAMMARS)
def test_forks_and_ways_back(name: str, extra: int) -> None:
    """A matcher that has been anywhere and come back allows what a new one does, and its forks do."""
    rng = random.Random(extra)
    for _ in range(5):
        matcher = matcher_of(name, extra)
        for _ in range(30):
            move: Any = rng.random()
            if move < 0.3 and matcher.tokens:
                matcher.rollback(rng.randrange(1, len(matcher.tokens) + 1))
            elif move < 0.5:
                other = matcher.fork()
                for token in draft(other, rng, 3):
                    other.advance(token)
                assert matcher.tokens == other.tokens[: len(matcher.tokens)]
                matcher = other if move < 0.4 else matcher
            elif not matcher.stopped:
                assert matcher.advance(rng.choice(matcher.allowed_tokens()))
            fresh = read(name, extra, matcher.tokens)
            assert fresh is not None and fresh.remaining == matcher.remaining
            assert (mask_of(matcher) == mask_of(fresh)).all()
            if not matcher.stopped:
                end = matcher.completion()
                assert len(end) <= (matcher.remaining or 0) and matcher.validate(end) == len(end)


@pytest.mark.parametrize("extra", EXTRA)
@pytest.mark.parametrize("name", GRAMMARS)
def test_forced_text(name: str, extra: int) -> None:
    """Forced tokens stay within the budget, and are those of the encoder as far as they do."""

    def encode(text: str) -> list[int]:
        return [VOCABULARY.tokens.index(bytes([byte])) for byte in text.encode()]

    rng = random.Random(extra)
    matcher = matcher_of(name, extra)
    while not matcher.stopped:
        tokens = matcher.forced_tokens(encode)
        assert matcher.validate(tokens) == len(tokens)
        for token in tokens or [rng.choice(matcher.allowed_tokens())]:
            assert matcher.advance(token)
    assert GRAMMARS[name].matches(matcher.text)


def test_batches_of_unlike_budgets() -> None:
    matchers = [matcher_of(name, extra) for name in GRAMMARS for extra in EXTRA]
    rng = random.Random(0)
    bitmask = cn.allocate_bitmask(len(matchers), VOCABULARY.size)
    while not all(matcher.stopped for matcher in matchers):
        cn.fill_masks(matchers, bitmask)
        for row, matcher in enumerate(matchers):
            assert (bitmask[row] == mask_of(matcher)).all()
            if not matcher.stopped:
                assert matcher.advance(rng.choice(matcher.allowed_tokens()))
    for matcher in matchers:
        assert matcher.constraint.grammar.matches(matcher.text)
