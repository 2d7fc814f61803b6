"""Do constraints hold over vocabularies that cannot spell everything? ``python -m benchmarks.vocabularies --help``.

Real schemas are compiled for each vocabulary. Random walks go through the masks of each, to the end of the text or,
after some tokens, by a completion. Every text must be one of the grammar and every value valid by ``jsonschema``; a
state without a token would be a dead end. The time to the first mask is measured beside that over the same tokens and
all bytes.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import perf_counter_ns
from typing import Any

import numpy as np
from jsonschema.validators import validator_for

import constrain as cn
from benchmarks.data import read_records, sample_records
from benchmarks.timing import table
from constrain.spelling import alphabet_of

__all__ = ["main", "walk"]

WALK = 60  # random tokens of a walk
HEADS = [
    "vocabulary", "atoms", "compiled", "nothing spelt", "texts", "problems", "first mask us", "ratio p50", "mean",
    "max",
]  # fmt: skip


@dataclass
class Found:
    """What was found over one vocabulary.

    Attributes:
        compiled: schemas of which something can be spelled.
        unspellable: schemas of which nothing can be.
        texts: how many were written.
        problems: what went wrong.
        ratios: of the times to the first mask, over this vocabulary and over one with all bytes.
        times: microseconds from the schema to the first mask.
    """

    compiled: int = 0
    unspellable: int = 0
    texts: int = 0
    problems: list[str] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)
    times: list[float] = field(default_factory=list)


def open_vocabulary(path: Path) -> cn.Vocabulary:
    """A vocabulary by the kind of its file."""
    if path.suffix == ".gguf":
        return cn.Vocabulary.from_gguf(path)
    if path.suffix == ".model":
        return cn.Vocabulary.from_sentencepiece(path)
    return cn.Vocabulary.from_tokenizer_json(path)


def completed(vocabulary: cn.Vocabulary) -> cn.Vocabulary:
    """The same vocabulary and all bytes."""
    every = [bytes([byte]) for byte in range(256)]
    return cn.Vocabulary(
        [*vocabulary.tokens, *every], vocabulary.eos_token_ids, leading_space=vocabulary.leading_space
    )


def first_mask(schema: Any, vocabulary: cn.Vocabulary) -> float:
    """Microseconds from the schema to the first mask, the best of three."""
    bitmask = cn.allocate_bitmask(1, vocabulary.size)
    times = []
    for _ in range(3):
        started = perf_counter_ns()
        cn.compile(cn.json_schema(schema, unknown="ignore"), vocabulary).matcher().fill_mask(bitmask, 0)
        times.append((perf_counter_ns() - started) / 1e3)
    return min(times)


def walk(constraint: cn.Constraint, random: Random) -> bytes:
    """The text of a random walk.

    Raises:
        AssertionError: it came to a dead end, or a completion is not allowed.
    """
    matcher = constraint.matcher()
    bitmask = cn.allocate_bitmask(1, constraint.vocabulary.size)
    for _ in range(WALK):
        matcher.fill_mask(bitmask, 0)
        allowed = np.flatnonzero(np.unpackbits(bitmask.view(np.uint8), bitorder="little"))
        if not allowed.size:
            raise AssertionError(f"a dead end after {matcher.text!r}")
        if not matcher.advance(int(random.choice(allowed))):
            raise AssertionError(f"a token of the mask is refused after {matcher.text!r}")
        if matcher.stopped:
            return matcher.text
    for token in matcher.completion():
        if not matcher.advance(token):
            raise AssertionError(f"a token of a completion is refused after {matcher.text!r}")
    if not matcher.can_stop:
        raise AssertionError(f"a completion leaves the text open: {matcher.text!r}")
    return matcher.text


def look_at(record: Any, vocabulary: cn.Vocabulary, whole: cn.Vocabulary, walks: int, found: Found) -> None:
    """Compile one schema and walk."""
    schema = record["schema"]
    try:
        grammar = cn.json_schema(schema, unknown="ignore")
    except cn.ConstrainError:
        return
    try:
        constraint = cn.compile(grammar, vocabulary)
    except cn.UnspellableError:
        found.unspellable += 1
        return
    found.compiled += 1
    time = first_mask(schema, vocabulary)
    found.times.append(time)
    found.ratios.append(time / first_mask(schema, whole))
    validator = validator_for(schema)(schema)
    for seed in range(walks):
        try:
            text = walk(constraint, Random(seed))
        except (AssertionError, cn.ConstrainError) as error:
            found.problems.append(f"{record['id']}, walk {seed}: {type(error).__name__}: {error}")
            continue
        found.texts += 1
        if vocabulary.leading_space:
            text = text.removeprefix(b" ")  # as decoding does
        if not grammar.matches(text):
            found.problems.append(f"{record['id']}, walk {seed}: not of the grammar: {text!r}")
        elif not validator.is_valid(json.loads(text)):
            found.problems.append(f"{record['id']}, walk {seed}: not valid: {text!r}")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "vocabularies", nargs="+", type=Path, help="GGUF files, SentencePiece models, tokenizer.json"
    )
    parser.add_argument("--data", type=Path, required=True, help="records as for benchmarks.maskbench")
    parser.add_argument("--schemas", type=int, default=200)
    parser.add_argument("--walks", type=int, default=20)
    options = parser.parse_args(arguments)
    records = sample_records(read_records(options.data), options.schemas, seed=1)
    rows = []
    for path in options.vocabularies:
        vocabulary = open_vocabulary(path)
        whole, found = completed(vocabulary), Found()
        for one in (vocabulary, whole):
            first_mask({}, one)  # what is made once for a vocabulary
        for record in records:
            look_at(record, vocabulary, whole, options.walks, found)
        for problem in found.problems:
            print(f"{path.stem}: {problem}", flush=True)
        alphabet = alphabet_of(vocabulary.tokens)
        atoms = "256 bytes"
        if alphabet is not None:
            atoms = f"{alphabet.members.bit_count()} bytes, {len(alphabet.longer)} others"
        rows.append([
            path.stem, atoms, str(found.compiled), str(found.unspellable), str(found.texts), str(len(found.problems)),
            f"{statistics.median(found.times):.0f}", f"{statistics.median(found.ratios):.2f}",
            f"{statistics.mean(found.ratios):.2f}", f"{max(found.ratios):.1f}",
        ])  # fmt: skip
    print(table(HEADS, rows))


if __name__ == "__main__":
    main()
