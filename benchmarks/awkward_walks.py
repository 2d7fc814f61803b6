"""Random walks that prefer awkward tokens, within a budget or without one.

Awkward tokens are those that end or start within a character, long and rare ones, and those in which a quote or a
bracket is next to something else. Each walk prefers one of these kinds, and takes other tokens now and then.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

import constrain as cn

__all__ = ["Failed", "TokenClasses", "Walk", "draw_budget", "walk"]

SHORTEST, LONGEST = 3, 300  # budgets, and lengths of walks without one
MOST_NEEDED = 1_000  # budgets above are not walked when a smaller one is refused
LIKED = 0.6  # how often a walk takes a token of the class that it likes
STOP = 0.1  # how often a text ends where it may
LONG, RARE = 500, 2_000  # how many tokens are called so
STRUCTURE = b'"{}[],:'

Words = NDArray[np.uint32]


class Failed(Exception):
    """A walk that went wrong.

    Attributes:
        kind: a column of the report.
        message: what went wrong, and where.
        tokens: how many had been read.
    """

    def __init__(self, kind: str, message: str, tokens: int = 0) -> None:
        super().__init__(kind, message, tokens)
        self.kind = kind
        self.message = message
        self.tokens = tokens


class Walk(NamedTuple):
    """A walk that came to its end.

    Attributes:
        text: what was written.
        tokens: how many, an end-of-sequence token not counted.
        budget: the one it had, None without.
        refused: whether a smaller one was refused.
    """

    text: bytes
    tokens: int
    budget: int | None
    refused: bool


class TokenClasses:
    """The tokens of a vocabulary by what is awkward about them, as rows of bits."""

    def __init__(self, vocabulary: cn.Vocabulary) -> None:
        texts = [data or b"" for data in vocabulary.tokens]
        long = set(sorted(range(len(texts)), key=lambda token: -len(texts[token]))[:LONG])
        tests: list[Callable[[int, bytes], bool]] = [
            lambda token, data: _ends_within(data),
            lambda token, data: 0x80 <= data[0] < 0xC0,
            lambda token, data: token in long,
            lambda token, data: token >= len(texts) - RARE,
            lambda token, data: len(data) > 1 and any(byte in STRUCTURE for byte in data),
            lambda token, data: data[0] in STRUCTURE,
            lambda token, data: True,
        ]
        words = cn.allocate_bitmask(1, vocabulary.size).shape[1]
        self.rows = np.zeros((len(tests), words), np.uint32)
        for row, test in zip(self.rows, tests, strict=True):
            for token, data in enumerate(texts):
                if data and test(token, data):
                    row[token >> 5] |= np.uint32(1 << (token & 31))
        self.ends = min(vocabulary.eos_token_ids)

    def choose(self, mask: Words, liked: int, chooser: Random) -> int:
        """An allowed token, most often of the class that is liked; -1 if the text has to end."""
        wanted = liked if chooser.random() < LIKED else chooser.randrange(len(self.rows))
        for row in (self.rows[wanted], self.rows[-1]):
            both = mask & row
            places = np.flatnonzero(both)
            if len(places):
                place = int(places[chooser.randrange(len(places))])
                word = int(both[place])
                return 32 * place + chooser.choice([bit for bit in range(32) if word >> bit & 1])
        return -1


def _ends_within(data: bytes) -> bool:
    """Whether the last character is not complete."""
    for back, byte in enumerate(reversed(data[-4:])):
        if byte >= 0xC0:
            return back + 1 < (4 if byte >= 0xF0 else 3 if byte >= 0xE0 else 2)
        if byte < 0x80:
            return False
    return False


def draw_budget(chooser: Random) -> int | None:
    """Small ones are as frequent as ten times larger ones; none in every fifth drawing."""
    drawn = int(math.exp(chooser.uniform(math.log(SHORTEST), math.log(LONGEST + 1))))
    return None if chooser.random() < 0.2 else drawn


def walk(
    constraint: cn.Constraint, budget: int | None, classes: TokenClasses, chooser: Random
) -> Walk | None:
    """A walk from the start to the end of a text; None where the budget is refused and the next is a long one.

    Raises:
        Failed: a mask was empty, an allowed token was refused, or a completion did not complete the text.
    """
    matcher, refused = _start(constraint, budget)
    if matcher is None:
        return None
    most = chooser.randint(SHORTEST, LONGEST) if budget is None else LONGEST + MOST_NEEDED
    liked = chooser.randrange(len(classes.rows))
    looked_at = chooser.randrange(20)  # the place where a completion is tried
    bitmask = cn.allocate_bitmask(1, constraint.vocabulary.size)
    mask = bitmask[0].view(np.uint32)
    while not matcher.stopped:
        if matcher.count == looked_at:
            _complete(matcher.fork())
        if matcher.count >= most:
            _complete(matcher)
            break
        matcher.fill_mask(bitmask, 0)
        may_end = bool(mask[classes.ends >> 5] >> np.uint32(classes.ends & 31) & 1)
        token = -1 if may_end and chooser.random() < STOP else classes.choose(mask, liked, chooser)
        if token < 0 and not may_end:
            raise _failed(matcher, "empty masks", "nothing is allowed")
        token = classes.ends if token < 0 else token
        if not matcher.advance(token):
            raise _failed(matcher, "refusals", f"token {token} is allowed and refused")
    return Walk(matcher.text, matcher.count, matcher.max_tokens, refused)


def _start(constraint: cn.Constraint, budget: int | None) -> tuple[cn.Matcher | None, bool]:
    """A matcher with that budget, or with the one that is said to be needed, and whether that is so."""
    try:
        return constraint.matcher(budget), False
    except cn.BudgetError as error:
        if error.needed > MOST_NEEDED:
            return None, True
        try:
            return constraint.matcher(error.needed), True
        except cn.BudgetError as again:
            message = f"with {budget} tokens {error.needed} are said to be enough, then {again.needed}"
            raise Failed("refusals", message) from again


def _complete(matcher: cn.Matcher) -> None:
    """Read the completion, and the end."""
    tokens, left = matcher.completion(), matcher.remaining
    if left is not None and len(tokens) > left:
        raise _failed(matcher, "completions", f"{len(tokens)} tokens complete the text, {left} are left")
    for token in [*tokens, min(matcher.constraint.vocabulary.eos_token_ids)]:
        if not matcher.advance(token):
            raise _failed(matcher, "completions", f"token {token} of the completion {tokens} is refused")


def _failed(matcher: cn.Matcher, kind: str, message: str) -> Failed:
    last = f"the last of them {matcher.tokens[-8:]}, after {matcher.text[-80:]!r}"
    return Failed(
        kind, f"{message}; {matcher.remaining} of {matcher.max_tokens} tokens are left, {last}", matcher.count
    )
