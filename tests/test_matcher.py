"""Batches, drafts and trees of drafts against one matcher that reads token by token."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import constrain as cn
from tests.test_masks import JSON_TOKENS, vocabulary_of
from tests.test_walks import SCHEMAS

VOCABULARY = vocabulary_of(JSON_TOKENS)
CONSTRAINTS = [cn.compile(cn.json_schema(schema), VOCABULARY) for schema in SCHEMAS]


def random_matcher(chooser: random.Random, max_tokens: int | None = None) -> cn.Matcher:
    """A matcher of some schema, somewhere in a text."""
    matcher = chooser.choice(CONSTRAINTS).matcher(max_tokens)
    for _ in range(chooser.randrange(10)):
        matcher.advance(chooser.choice(matcher.allowed_tokens()))
    return matcher


def row_of(matcher: cn.Matcher) -> np.ndarray:
    row = cn.allocate_bitmask(1, VOCABULARY.size)
    matcher.fill_mask(row, 0)
    return row[0]


@pytest.mark.parametrize("max_tokens", [None, 14])
def test_a_batch_is_its_rows(max_tokens: int | None) -> None:
    chooser = random.Random(1)
    for count in (0, 1, 7, 20):
        matchers = [
            None if chooser.random() < 0.2 else random_matcher(chooser, max_tokens) for _ in range(count)
        ]
        bitmask = np.full((count + 2, cn.allocate_bitmask(1, VOCABULARY.size).shape[1]), 5, np.int32)
        cn.fill_masks(matchers, bitmask)
        for matcher, row in zip(matchers, bitmask, strict=False):
            assert (row == (-1 if matcher is None else row_of(matcher))).all()
        assert (bitmask[count:] == 5).all()


def test_bitmasks_that_do_not_fit() -> None:
    matcher = CONSTRAINTS[0].matcher()
    with pytest.raises(IndexError):
        cn.fill_masks([matcher, matcher], cn.allocate_bitmask(1, VOCABULARY.size))
    with pytest.raises(ValueError, match="words"):
        cn.fill_masks([matcher], cn.allocate_bitmask(1, 5))
    with pytest.raises(IndexError):
        matcher.fill_masks_along([JSON_TOKENS.index(b"[")], cn.allocate_bitmask(2, VOCABULARY.size), 1)
    with pytest.raises(ValueError):
        cn.fill_masks([matcher], np.zeros((1, 11), np.int64))
    width = cn.allocate_bitmask(1, VOCABULARY.size).shape[1]
    odd = np.zeros(4 * width + 1, np.uint8)[1:].view(np.int32).reshape(1, width)
    with pytest.raises(ValueError, match="must be aligned"):
        matcher.fill_mask(odd)
    with pytest.raises(ValueError, match="must be aligned"):
        cn.fill_masks([matcher], odd)


def test_batches_of_tensors() -> None:
    torch = pytest.importorskip("torch")
    matchers = [constraint.matcher() for constraint in CONSTRAINTS]
    bitmask = torch.from_numpy(cn.allocate_bitmask(len(matchers), VOCABULARY.size))
    cn.fill_masks(matchers, bitmask)
    assert all((row == row_of(one)).all() for one, row in zip(matchers, bitmask.numpy(), strict=True))


@pytest.mark.parametrize("max_tokens", [None, 14])
def test_masks_along_a_draft(max_tokens: int | None) -> None:
    chooser = random.Random(2)
    for _ in range(40):
        matcher = random_matcher(chooser, max_tokens)
        ahead, draft = matcher.fork(), []
        for _ in range(chooser.randrange(6)):
            tokens = ahead.allowed_tokens() if chooser.random() < 0.9 else range(VOCABULARY.size)
            draft.append(chooser.choice(tokens))
            ahead.advance(draft[-1])
        bitmask = cn.allocate_bitmask(10, VOCABULARY.size)
        state = matcher.state
        count = matcher.fill_masks_along(draft, bitmask, 2)
        assert count == matcher.validate(draft) and matcher.state == state
        follower = matcher.fork()
        for i in range(count + 1):
            assert (bitmask[2 + i] == row_of(follower)).all()
            assert i == count or follower.advance(draft[i])
        assert count == len(draft) or not follower.advance(draft[count])
        assert not bitmask[3 + count :].any()


def test_masks_of_a_tree() -> None:
    chooser = random.Random(3)
    for _ in range(40):
        matcher = random_matcher(chooser)
        tokens, parents, paths = [], [], []
        for i in range(chooser.randrange(12)):
            parent = chooser.randrange(-1, i)
            path = paths[parent] if parent >= 0 else []
            at = matcher.fork()
            can = all(at.advance(token) for token in path)
            choices = at.allowed_tokens() if can and chooser.random() < 0.9 else range(VOCABULARY.size)
            tokens.append(chooser.choice(choices))
            parents.append(parent)
            paths.append([*path, tokens[-1]])
        bitmask = np.full((len(tokens) + 1, (VOCABULARY.size + 31) // 32), -1, np.int32)
        possible = matcher.fill_masks_tree(tokens, parents, bitmask)
        assert (bitmask[0] == row_of(matcher)).all()
        for i, path in enumerate(paths):
            at = matcher.fork()
            assert possible[i] == (matcher.validate(path) == len(path))
            expected = row_of(at) if all(at.advance(token) for token in path) else 0
            expected = row_of(at) if possible[i] else 0
            assert (bitmask[1 + i] == expected).all()
    with pytest.raises(ValueError, match="has the parent 1"):
        matcher.fill_masks_tree([1, 1], [-1, 1], bitmask)


def test_what_is_no_tree() -> None:
    matcher = cn.compile(cn.regex("a"), VOCABULARY).matcher()
    bitmask = cn.allocate_bitmask(4, VOCABULARY.size)
    with pytest.raises(ValueError, match="2 tokens and 1 parents make no tree"):
        matcher.fill_masks_tree([0, 1], [-1], bitmask)
    with pytest.raises(ValueError, match="node 0 of a tree has the parent 1, which does not come before it"):
        matcher.fill_masks_tree([0, 1], [1, -1], bitmask)


WRONG: list[tuple[Callable[[Any], object], str]] = [
    (lambda ab: cn.compile({"type": "string"}, VOCABULARY), "takes a Grammar, not dict: make one with json_schema"),  # type: ignore[arg-type]
    (lambda ab: cn.compile(ab, "gpt2"), "takes a Vocabulary, not a str: make one with Vocabulary.from"),  # type: ignore[arg-type]
    (lambda ab: cn.regex(b"a"), "a pattern is a str, not a bytes"),  # type: ignore[arg-type]
    (lambda ab: cn.lark(None), "the text of a grammar is a str"),  # type: ignore[arg-type]
    (lambda ab: cn.choice([1, 2]), "takes texts, not 1"),  # type: ignore[list-item]
    (lambda ab: cn.JsonStream(cn.compile(ab, VOCABULARY)), "with a matcher, not with a Constraint"),  # type: ignore[arg-type]
    (lambda ab: cn.compile(ab, VOCABULARY).matcher().explain(None), "NoneType"),  # type: ignore[arg-type]
]  # fmt: skip


@pytest.mark.parametrize(("call", "message"), WRONG)
def test_arguments_of_the_wrong_type(call: Callable[[Any], object], message: str) -> None:
    with pytest.raises(TypeError, match=re.escape(message)):
        call(cn.choice(["ab"]))


def test_names_that_are_not_known() -> None:
    with pytest.raises(ValueError, match="flavour must be one of python, ecma, not 'js'"):
        cn.regex("a", flavour="js")  # type: ignore[arg-type]
    with pytest.raises(cn.ConstrainError, match=r"lark\(\) takes the text of a grammar"):
        cn.grammar('start: "a"')


def test_history() -> None:
    matcher = CONSTRAINTS[1].matcher()
    tokens = [JSON_TOKENS.index(token) for token in (b"{", b'"a', b'":', b"12", b"}")]
    for token in tokens:
        assert matcher.advance(token)
    fork = matcher.fork()
    matcher.rollback(2)
    assert matcher.tokens == tokens[:3] and fork.tokens == tokens and matcher.count == 3
    matcher.reset()
    assert matcher.tokens == [] and fork.advance(VOCABULARY.eos_token_ids[0]) and fork.count == 5
    with pytest.raises(ValueError, match="unread"):
        fork.rollback(7)
    with pytest.raises(ValueError, match="unread"):
        fork.rollback(-1)


def test_a_long_history_is_released() -> None:
    matcher = cn.compile(cn.regex("a*"), VOCABULARY).matcher()
    for _ in range(200_000):
        matcher.advance(JSON_TOKENS.index(b"a"))
    fork = matcher.fork()
    fork.rollback(100_000)
    del matcher
    assert fork.count == 100_000


def test_batches_in_many_threads() -> None:
    chooser = random.Random(4)
    matchers = [random_matcher(chooser) for _ in range(24)]
    expected = np.stack([row_of(matcher) for matcher in matchers])
    results = []

    def work() -> None:
        bitmask = cn.allocate_bitmask(24, VOCABULARY.size)
        for _ in range(50):
            cn.fill_masks(matchers, bitmask)
        results.append((bitmask == expected).all())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 4
