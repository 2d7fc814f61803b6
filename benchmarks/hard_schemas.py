"""Do hostile and hard schemas stay fast?  ``python -m benchmarks.hard_schemas --tokenizer llama3/``

Each schema below is small to write down and hard for some way of compiling it: products of
alternatives, subsets of keys, long intervals, deep nesting. For each, and for both orders of keys:
the time from schema text to the first mask, and the slowest of the masks and moves along random walks and - in
any order of keys - along a given value, where there is one. The time is that of the processor, so that other work on
the machine does not show as a slow mask.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import json
import random
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import constrain as cn
from benchmarks.hard_cases import SCHEMAS, VALUES

ORDERS = ("schema", "any")
FIRST_MASK_MS, MASK_MS = 50.0, 5.0  # what the table marks as too slow


class Timing(NamedTuple):
    """Milliseconds; ``masks`` and ``moves`` are those of all walks."""

    first: float
    masks: list[float]
    moves: list[float]


def measure(name: str, schema: Any, order: str, vocabulary: cn.Vocabulary, options: Any) -> Timing:
    """From schema text to the first mask, and each mask and move along random walks and the given value."""
    text = json.dumps(schema)
    gc.collect()
    started = time.thread_time()
    constraint = cn.compile(cn.json_schema(text, property_order=order), vocabulary)
    row = cn.allocate_bitmask(1, vocabulary.size)
    constraint.matcher().fill_mask(row, 0)
    timing = Timing((time.thread_time() - started) * 1e3, [], [])
    for walk in range(options.walks):
        chooser = random.Random(options.seed + walk)
        _replay(
            constraint,
            row,
            timing,
            lambda words, chooser=chooser: _some_token(words, vocabulary, chooser),
            options.tokens,
        )
    if name in VALUES and order == "any":
        ids = iter(_tokens(json.dumps(VALUES[name]), vocabulary))
        _replay(constraint, row, timing, lambda words: next(ids, None), None)
    return timing


def _replay(
    constraint: cn.Constraint, row: Any, timing: Timing, choose: Callable[[Any], int | None], most: int | None
) -> None:
    """At most ``most`` tokens, until ``choose`` has no more."""
    matcher = constraint.matcher()
    for _ in itertools.count() if most is None else range(most):
        started = time.thread_time()
        matcher.fill_mask(row, 0)
        timing.masks.append((time.thread_time() - started) * 1e3)
        token = choose(row[0])
        if token is None or token in constraint.vocabulary.eos_token_ids:
            return
        started = time.thread_time()
        if not matcher.advance(token):
            raise AssertionError(f"{constraint.vocabulary.tokens[token]!r} is refused")
        timing.moves.append((time.thread_time() - started) * 1e3)


def _tokens(text: str, vocabulary: cn.Vocabulary) -> list[int]:
    assert vocabulary.encode is not None
    return list(vocabulary.encode(text))


def _some_token(words: Any, vocabulary: cn.Vocabulary, chooser: random.Random) -> int:
    """One of the allowed tokens."""
    start = chooser.randrange(vocabulary.size)
    for token in itertools.chain(range(start, vocabulary.size), range(start)):
        if int(words[token // 32]) >> (token % 32) & 1:
            return token
    raise AssertionError("no token is allowed")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tokenizer", required=True, help="a folder with tokenizer.json")
    parser.add_argument("--only", default="", help="schemas whose name holds this")
    parser.add_argument("--walks", type=int, default=3)
    parser.add_argument("--tokens", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    vocabulary = cn.Vocabulary.from_tokenizer_json(options.tokenizer)
    measure("", {}, "schema", vocabulary, options)  # what all schemas share is built once
    gc.collect()
    gc.freeze()  # the vocabulary and all modules: no collection has to look at them again
    print("| schema | order | first mask, ms | slowest mask, ms | mean mask, ms | slowest move, ms | masks |")
    print("|---|---|---:|---:|---:|---:|---:|")
    for name, schema in SCHEMAS.items():
        if options.only not in name:
            continue
        for order in ORDERS:
            started = time.thread_time()
            try:
                timing = measure(name, schema, order, vocabulary, options)
            except cn.ConstrainError as problem:
                passed = (time.thread_time() - started) * 1e3
                print(f"| {name} | {order} | {passed:.1f} {type(problem).__name__} | | | | |", flush=True)
                continue
            print(f"| {name} | {order} | {_row(timing)} |", flush=True)


def _row(timing: Timing) -> str:
    slowest, mean = max(timing.masks), sum(timing.masks) / len(timing.masks)
    marks = (
        " *" * (timing.first > FIRST_MASK_MS),
        " *" * (slowest > MASK_MS),
        " *" * (max(timing.moves) > MASK_MS),
    )
    return (
        f"{timing.first:.1f}{marks[0]} | {slowest:.2f}{marks[1]} | {mean:.3f} | {max(timing.moves):.2f}{marks[2]} "
        f"| {len(timing.masks)}"
    )


if __name__ == "__main__":
    main()
