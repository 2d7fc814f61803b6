"""What does a larger vocabulary cost? ``python -m benchmarks.vocabulary_size --help``.

The same schemas and instances with several tokenizers, in turns of one schema each: mask and commit from cold, as in
``benchmarks.profile``, in time of the processor.
"""

from __future__ import annotations

import argparse
import gc
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import constrain as cn
from benchmarks.data import WARM_UP, Job, load_tokenizer, make_jobs, read_records, sample_records
from benchmarks.profile import Totals, replay
from benchmarks.timing import table

__all__ = ["main"]


class Candidate:
    """A tokenizer, the jobs in its tokens, and the times measured."""

    def __init__(self, folder: Path, records: list[dict[str, object]]) -> None:
        self.name = folder.name
        self.vocabulary = cn.Vocabulary.from_tokenizer_json(folder)
        tokenizer = load_tokenizer(folder)
        self.jobs = make_jobs(records, tokenizer)
        self.totals = Totals([], [], [])
        self.refused = 0
        replay(make_jobs([WARM_UP], tokenizer)[0], self.vocabulary, Totals([], [], []), time.thread_time_ns)

    def run(self, job: Job) -> None:
        try:
            replay(job, self.vocabulary, self.totals, time.thread_time_ns)
        except cn.ConstrainError:
            self.refused += 1

    def figures(self) -> list[float]:
        """Mean microseconds of a mask and a commit, and of their parts."""
        totals = self.totals
        kinds = [totals.masks, totals.moves, totals.known]
        return [2 * float(np.mean(np.concatenate(kinds))), *(float(np.mean(kind)) for kind in kinds)]


def report(candidates: Sequence[Candidate]) -> str:
    """A row for each tokenizer, and how many times the first's mean each takes."""
    header = [
        "us",
        "tokens",
        "schemas refused",
        "mask + commit",
        "of the first",
        "new mask",
        "new move",
        "known",
    ]
    base = candidates[0].figures()[0]
    rows = []
    for one in candidates:
        mean, *parts = one.figures()
        size = f"{one.vocabulary.size:,}"
        cells = [f"{mean:.2f}", f"{mean / base:.2f} x", *(f"{part:.2f}" for part in parts)]
        rows.append([one.name, size, str(one.refused), *cells])
    return table(header, rows)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.vocabulary_size", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="schemas with instances")
    parser.add_argument(
        "--tokenizers", type=Path, nargs="+", required=True, help="folders with tokenizer.json"
    )
    parser.add_argument("--sample", type=int, help="how many schemas to draw (default: all)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    records = sample_records(read_records(options.data), options.sample, options.seed)
    candidates = [Candidate(folder, records) for folder in options.tokenizers]
    gc.collect()
    gc.freeze()
    for number in range(len(records)):
        for one in candidates:
            gc.collect()
            gc.disable()
            one.run(one.jobs[number])
            gc.enable()
    print(report(candidates))


if __name__ == "__main__":
    main()
