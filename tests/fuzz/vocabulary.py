"""Masks over random vocabularies.

An input is choices of a language and of the tokens of a vocabulary. Languages of every operator over two letters are
judged by the slow twin of the engine; those of few texts by all sequences of tokens; those without end by completions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from random import Random
from typing import Any

import constrain as cn
from tests import spelling_cases, spelling_open_cases
from tests.fuzz.chooser import LIMITS, Chooser
from tests.fuzz.command import main
from tests.oracle import Oracle
from tests.strategies import A_OR_B, Plan, build
from tests.test_masks import grammar_of, vocabulary_of, walk_and_compare

STEPS = 4
MOST_TEXTS = 150
LITERALS = [b"a", b"b", b"ab", b"ba", b"aa"]
BOUNDS = [(0, None), (1, None), (2, None), (0, 2), (1, 3), (2, 4)]
BYTES = [bytes([byte]) for byte in range(256)]


def check(data: bytes) -> None:
    """Try one input."""
    chooser = Chooser(data)
    ways: list[Callable[[Random], object]] = [
        _check_by_twin,
        _check_by_twin,
        lambda random: spelling_cases.check_case(random, most=MOST_TEXTS, limits=LIMITS),
        lambda random: spelling_open_cases.check_case(random, steps=STEPS, limits=LIMITS),
    ]
    with suppress(cn.WorkLimitExceeded):
        chooser.choice(ways)(chooser)


def draw_plan(chooser: Random, depth: int = 3) -> Plan:
    """A regular expression over two letters, with every operator."""
    form = (
        chooser.choice(["leaf", "concat", "union", "intersection", "complement", "repeat"])
        if depth
        else "leaf"
    )
    if form == "leaf":
        literal = ("literal", chooser.choice(LITERALS))
        table = ("table", (b"a", b"ab", b"ba"))
        return chooser.choice([literal, literal, ("epsilon",), ("empty",), ("byte_set", A_OR_B), table])
    part = draw_plan(chooser, depth - 1)
    if form == "complement":
        return form, part
    if form == "repeat":
        return form, part, chooser.choice(BOUNDS)
    return form, part, draw_plan(chooser, depth - 1)


def _check_by_twin(chooser: Random) -> None:
    head, tail = draw_plan(chooser), draw_plan(chooser, 2)
    marked = chooser.random() < 0.5

    def root(arena: Any) -> Any:
        first = build(arena, head)
        return arena.concat(arena.leaf(first) if marked else first, build(arena, tail))

    words = [
        bytes(chooser.choice(b"ab") for _ in range(chooser.randint(1, 4)))
        for _ in range(chooser.randint(0, 12))
    ]
    oracle = Oracle()
    node = root(oracle)
    if not oracle.is_empty(node):
        walk_and_compare(
            grammar_of(root), oracle, node, vocabulary_of([b"a", b"b", *words, *BYTES]), chooser, STEPS
        )


def seeds() -> Iterator[bytes]:
    """Choices of each way."""
    for seed in range(40):
        yield bytes([seed % 4]) + Random(seed).randbytes(60)


if __name__ == "__main__":
    main(check)
