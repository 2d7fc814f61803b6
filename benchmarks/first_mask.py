"""Where does the time from schema to first mask go? ``python -m benchmarks.first_mask --help``.

Every schema is compiled once *cold*, after the instances of the one before it have been replayed, as in
``maskbench``; then several times in a row, and the least time of each stage counts as *hot*. Both do the same work, and
nothing is kept from one compilation to the next: the difference between them is the processor's caches.
"""

from __future__ import annotations

import argparse
import gc
import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from time import perf_counter_ns

import numpy as np

import constrain as cn
from benchmarks.data import WARM_UP, Job, load_tokenizer, make_jobs, read_records, sample_records
from benchmarks.timing import table

__all__ = ["STAGES", "main", "stages"]

STAGES = {
    "json.loads": "the text as JSON (a part of json_schema, measured by itself)",
    "json_schema": "JSON, the check, satisfiability, the root's expression",
    "compile": "the constraint over the vocabulary",
    "first mask": "a matcher, and its mask",
}
REPEATS = 5


def stages(schema: str, vocabulary: cn.Vocabulary, bitmask: np.ndarray) -> list[float]:
    """Microseconds of each of ``STAGES``.

    Raises:
        ConstrainError: the schema is not supported.
    """
    marks = [perf_counter_ns()]
    json.loads(schema)
    marks.append(perf_counter_ns())
    grammar = cn.json_schema(schema, unknown="ignore")
    marks.append(perf_counter_ns())
    constraint = cn.compile(grammar, vocabulary)
    marks.append(perf_counter_ns())
    constraint.matcher().fill_mask(bitmask, 0)
    marks.append(perf_counter_ns())
    return [(after - before) / 1e3 for before, after in pairwise(marks)]


def measure(jobs: list[Job], vocabulary: cn.Vocabulary) -> tuple[np.ndarray, np.ndarray]:
    """Cold and hot microseconds, ``[schemas, stages]`` each, of the schemas that are supported."""
    bitmask = cn.allocate_bitmask(1, vocabulary.size)
    cold, hot = [], []
    for job in jobs:
        gc.collect()
        gc.disable()
        try:
            first = stages(job.schema, vocabulary, bitmask)
            again = [stages(job.schema, vocabulary, bitmask) for _ in range(REPEATS)]
            _replay(job, vocabulary, bitmask)
        except cn.ConstrainError:
            continue
        finally:
            gc.enable()
        cold.append(first)
        hot.append(np.min(again, axis=0))
    return np.array(cold), np.array(hot)


def _replay(job: Job, vocabulary: cn.Vocabulary, bitmask: np.ndarray) -> None:
    constraint = cn.compile(cn.json_schema(job.schema, unknown="ignore"), vocabulary)
    for text in job.texts:
        matcher = constraint.matcher()
        for token in text.tokens:
            matcher.fill_mask(bitmask, 0)
            if not matcher.advance(token):
                break


def report(cold: np.ndarray, hot: np.ndarray) -> str:
    """A table of microseconds: a row for each stage and one for the whole, but for what is measured twice."""
    whole = [times[:, 1:].sum(axis=1, keepdims=True) for times in (cold, hot)]
    columns = [np.hstack([times, total]) for times, total in zip((cold, hot), whole, strict=True)]
    rows = []
    for index, name in enumerate([*STAGES, "**schema to first mask**"]):
        figures = [_figures(times[:, index]) for times in columns]
        rows.append([name, *[f"{value:,.0f}" for pair in zip(*figures, strict=True) for value in pair]])
    header = ["us"] + [f"{which}, {kind}" for which in ("mean", "p50", "p99") for kind in ("cold", "hot")]
    return table(header, rows)


def _figures(times: np.ndarray) -> list[float]:
    return [float(times.mean()), *[float(value) for value in np.percentile(times, [50, 99])]]


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.first_mask", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="schemas with instances")
    parser.add_argument("--tokenizer", type=Path, required=True, help="folder with tokenizer.json")
    parser.add_argument("--sample", type=int, help="how many schemas to draw (default: all)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    vocabulary = cn.Vocabulary.from_tokenizer_json(options.tokenizer)
    tokenizer = load_tokenizer(options.tokenizer)
    records = sample_records(read_records(options.data), options.sample, options.seed)
    measure(make_jobs([WARM_UP], tokenizer), vocabulary)
    gc.collect()
    gc.freeze()
    cold, hot = measure(make_jobs(records, tokenizer), vocabulary)
    print(f"{len(cold)} of {len(records)} schemas\n\n{report(cold, hot)}\n")
    print("\n".join(f"- {name}: {meaning}" for name, meaning in STAGES.items()))


if __name__ == "__main__":
    main()
