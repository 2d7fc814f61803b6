"""How much memory does a constraint take? ``python -m benchmarks.memory --help``.

A constraint is walked a million random steps in a process of its own, with the memory it has by default and with
little; then it is dropped. Another process compiles one schema after the other, each with names of its own, and drops
it, as a server does. Memory is that of the whole process, above what it had with the vocabulary alone; *footprint* is
what the constraint reports. ``benchmarks.plot`` draws the result file.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import json
import multiprocessing
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import constrain as cn
from benchmarks.timing import table

__all__ = ["main", "report"]

MIB = 1 << 20
SAMPLES = 20
LONGEST = 400  # tokens after which a random text is given up
LITTLE = 8 * MIB

SCHEMA = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "minLength": 2, "maxLength": 200},
        "code": {"type": "string", "pattern": "^[A-Z]{2,4}-[0-9]+( [a-z]+)*$"},
        "size": {"type": "number", "minimum": -7, "exclusiveMaximum": 1000},
        "mode": {"enum": ["read", "write", "the quick brown fox", None, 17]},
        "parts": {"type": "array", "items": {"$ref": "#"}},
    },
    "additionalProperties": {"type": "array", "items": {"type": ["integer", "string"]}},
}


def resident() -> int:
    """Bytes of this process in main memory, without what the allocator has been given back (Linux)."""
    ctypes.CDLL(None).malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


class Walker:
    """Random steps: any of the allowed tokens, or one of a single byte, without which strings would hardly end."""

    def __init__(self, vocabulary: cn.Vocabulary, seed: int) -> None:
        self.chooser = random.Random(seed)
        self.size = vocabulary.size
        self.bitmask = cn.allocate_bitmask(1, vocabulary.size)
        self.bytes = np.array([i for i, text in enumerate(vocabulary.tokens) if text and len(text) == 1])

    def step(self, matcher: cn.Matcher) -> None:
        matcher.fill_mask(self.bitmask, 0)
        matcher.advance(self.choose())
        if matcher.stopped or matcher.count > LONGEST:
            matcher.reset()

    def choose(self) -> int:
        row = self.bitmask[0]
        if self.chooser.random() < 0.5:
            allowed = self.bytes[row[self.bytes >> 5] >> (self.bytes & 31) & 1 == 1]
            if allowed.size:
                return int(allowed[self.chooser.randrange(allowed.size)])
        for _ in range(8):
            token = self.chooser.randrange(self.size)
            if int(row[token >> 5]) >> (token & 31) & 1:
                return token
        ids = np.flatnonzero(np.unpackbits(row.view(np.uint8), bitorder="little"))
        return int(ids[self.chooser.randrange(ids.size)])


def walk(folder: Path, memory: int | None, steps: int) -> dict[str, Any]:
    """Memory while one constraint is walked, and when it has been dropped."""
    vocabulary = _warm(folder)
    walker = Walker(vocabulary, 0)
    gc.collect()
    before = resident()
    start = time.process_time()
    constraint = cn.compile(cn.json_schema(SCHEMA), vocabulary, memory=memory)
    limit = constraint.memory
    matcher = constraint.matcher()
    points = []
    for done in range(0, steps, steps // SAMPLES):
        for _ in range(steps // SAMPLES):
            walker.step(matcher)
        footprint = sum(constraint.footprint().values())
        points.append((done + steps // SAMPLES, resident() - before, footprint))
    seconds = time.process_time() - start
    del matcher, constraint
    unreclaimed = resident() - before  # by counting references alone
    gc.collect()
    return {
        "memory": limit,
        "points": points,
        "dropped": unreclaimed,
        "collected": resident() - before,
        "seconds": seconds,
    }


def serve(folder: Path, count: int) -> dict[str, Any]:
    """Memory while constraints are compiled, used and dropped, one after the other."""
    vocabulary = _warm(folder)
    walker = Walker(vocabulary, 0)
    before = resident()
    start = time.process_time()
    points = []
    for number in range(count):
        schema = json.loads(json.dumps(SCHEMA).replace('"code"', f'"code{number}"'))
        matcher = cn.compile(cn.json_schema(schema), vocabulary).matcher()
        for _ in range(100):
            walker.step(matcher)
        if (number + 1) % (count // SAMPLES) == 0:
            points.append((number + 1, resident() - before))
    return {"points": points, "seconds": time.process_time() - start}


def _warm(folder: Path) -> cn.Vocabulary:
    """The vocabulary, and what all schemas share of it."""
    vocabulary = cn.Vocabulary.from_tokenizer_json(folder)
    walker = Walker(vocabulary, 1)
    matcher = cn.compile(cn.json_schema(True), vocabulary).matcher()
    for _ in range(1_000):
        walker.step(matcher)
    return vocabulary


def _alone(function: Any, *arguments: Any) -> Any:
    """What ``function`` returns in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(function, arguments)


def report(result: dict[str, Any]) -> str:
    """Tables of a result file."""
    rows = []
    for run in result["walks"]:
        at = {done: (grown, footprint) for done, grown, footprint in run["points"]}
        total = max(at)
        shown = [at[total // 10], at[total // 2], at[total]]
        rows.append(
            [f"{run['memory'] / MIB:.0f} MiB"]
            + [f"{grown / MIB:.0f} ({footprint / MIB:.0f})" for grown, footprint in shown]
            + [f"{max(grown for grown, _ in at.values()) / MIB:.0f}"]
            + [f"{run['dropped'] / MIB:.0f}", f"{run['collected'] / MIB:.0f}", f"{run['seconds']:.0f}"]
        )
    header = [
        "MiB above the vocabulary's, and footprint",
        f"after {total // 10:,} steps",
        f"{total // 2:,}",
        f"{total:,}",
        "most",
        "dropped",
        "garbage collected",
        "seconds of the processor",
    ]
    served = result["served"]["points"]
    shown = [served[len(served) * part // 4 - 1] for part in (1, 2, 3, 4)]
    counts = [f"after {count:,} schemas" for count, _ in shown]
    second = table(
        ["", *counts], [["MiB above the vocabulary's", *(f"{grown / MIB:.1f}" for _, grown in shown)]]
    )
    return f"## One constraint\n\n{table(header, rows)}\n\n## One constraint after the other\n\n{second}"


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__)
    parser.add_argument("--tokenizer", type=Path, required=True, help="folder with tokenizer.json")
    parser.add_argument("--steps", type=int, default=1_000_000)
    parser.add_argument("--schemas", type=int, default=2_000)
    parser.add_argument("--out", type=Path, help="write the figures as JSON")
    options = parser.parse_args(arguments)
    result = {
        "tokenizer": options.tokenizer.name,
        "walks": [_alone(walk, options.tokenizer, memory, options.steps) for memory in (None, LITTLE)],
        "served": _alone(serve, options.tokenizer, options.schemas),
    }
    if options.out:
        options.out.write_text(json.dumps(result) + "\n")
    print(report(result))


if __name__ == "__main__":
    main()
