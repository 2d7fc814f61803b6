"""Numbers at the ends of what C can hold, wherever a caller may pass a number: an error of Python, or an answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import constrain as cn
from tests.test_masks import JSON_TOKENS, vocabulary_of

VOCABULARY = vocabulary_of(JSON_TOKENS)
CONSTRAINT = cn.compile(cn.json_schema({"type": "array", "items": {"type": "integer"}}), VOCABULARY)
OPEN = JSON_TOKENS.index(b"[")
CLOSE = JSON_TOKENS.index(b"]")
NUMBERS = sorted(
    sign * 2**bits + more for sign in (1, -1) for bits in (8, 31, 32, 63, 64) for more in (-1, 0, 1)
)
ROWS, GUARD = 4, 64  # rows of a bitmask, and of what lies around it


def guarded_bitmask() -> tuple[np.ndarray, np.ndarray]:
    """A bitmask, and the larger array of sevens that it lies in."""
    width = cn.allocate_bitmask(1, VOCABULARY.size).shape[1]
    around = np.full((ROWS + 2 * GUARD, width), 7, np.int32)
    return around[GUARD : GUARD + ROWS], around


def answer(ask: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return ask(*arguments)
    except (IndexError, ValueError, OverflowError) as error:
        return type(error)


WRITERS: list[Callable[[cn.Matcher, np.ndarray, int], Any]] = [
    lambda matcher, bitmask, row: matcher.fill_mask(bitmask, row),
    lambda matcher, bitmask, row: matcher.fill_masks_along([], bitmask, row),
    lambda matcher, bitmask, row: matcher.fill_masks_along([OPEN, CLOSE], bitmask, row),
    lambda matcher, bitmask, row: matcher.fill_masks_tree([OPEN, CLOSE], [-1, 0], bitmask, row),
]


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("known", [False, True], ids=["new", "known"])
def test_rows_that_a_bitmask_does_not_have(
    write: Callable[[cn.Matcher, np.ndarray, int], Any], known: bool
) -> None:
    """Whether the matcher has written to that bitmask before, of which it keeps a view, or not."""
    for row in [*NUMBERS, -1, ROWS]:
        bitmask, around = guarded_bitmask()
        matcher = CONSTRAINT.matcher()
        if known:
            matcher.fill_mask(bitmask, 0)
        before = around.copy()
        with pytest.raises((IndexError, OverflowError)):
            write(matcher, bitmask, row)
        assert (around == before).all(), row


@pytest.mark.parametrize("max_tokens", [None, 9, 2**31 - 1])
def test_tokens_that_a_vocabulary_does_not_have(max_tokens: int | None) -> None:
    matcher = CONSTRAINT.matcher(max_tokens)
    bitmask, _ = guarded_bitmask()
    for token in [*NUMBERS, -1, VOCABULARY.size]:
        assert answer(matcher.advance, token) in (False, OverflowError)
        assert answer(matcher.validate, [token]) in (0, OverflowError)
        assert answer(matcher.fill_masks_along, [token], bitmask) in (0, OverflowError)
        found = answer(matcher.explain, token)
        assert found is OverflowError or not found.allowed
    assert matcher.tokens == []


def test_more_tokens_than_have_been_read() -> None:
    matcher = CONSTRAINT.matcher()
    assert matcher.advance(OPEN)
    for count in [*NUMBERS, -1, 2]:
        with pytest.raises(ValueError, match="cannot unread"):
            matcher.rollback(count)
    assert matcher.tokens == [OPEN]


def test_budgets() -> None:
    for most in NUMBERS:
        if not 2 <= most < 2**31:
            with pytest.raises(ValueError):
                CONSTRAINT.matcher(most)
            continue
        matcher = CONSTRAINT.matcher(most)
        assert matcher.allowed_tokens() == CONSTRAINT.matcher().allowed_tokens()
        assert matcher.advance(OPEN)
        assert matcher.remaining == most - 1
        assert matcher.completion() == [CLOSE]
        assert matcher.allowed_tokens()
