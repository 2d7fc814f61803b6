"""What do untrusted inputs cost, and does any of them do harm? ``python -m benchmarks.hostile --help``.

The inputs of ``tests/hostile_cases.py``, or with ``--data`` the schemas of files, each with both orders of keys, with
and without a budget, in a process that may be killed: the time until the first mask, the time of the most expensive
later mask, the time until a text is complete, the growth of the process, and the outcome. Times are the processor's.
The exit status is 1 if a process died or had to be killed, or an exception was raised that is not a ``ConstrainError``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import constrain as cn
from benchmarks.budget_walks import read_remotes
from benchmarks.data import read_records
from benchmarks.killable import Lost, run_jobs
from benchmarks.timing import table
from tests.hostile import Attempt, byte_vocabulary, trying
from tests.hostile_cases import CASES

__all__ = ["main"]

DEAR = {
    "first": 10_000.0,
    "mask": 50.0,
    "memory": 1024.0,
}  # milliseconds and mebibytes from which a row is shown
QUANTILES = (50, 99, 99.9, 100)


def _vocabulary(tokenizer: str | None) -> cn.Vocabulary:
    return byte_vocabulary() if tokenizer is None else cn.Vocabulary.from_tokenizer_json(tokenizer)


def _jobs(data: Sequence[Path], only: str) -> Iterator[Any]:
    if not data:
        yield from [name for name in CASES if only in name]
    for path in data:
        for record in read_records(path):
            if only in record["id"]:
                yield record["id"], record["schema"]


def rows_of(name: str, attempts: list[Attempt]) -> list[list[str]]:
    """A row for each attempt."""
    return [
        [
            name, one.order or "-", "-" if one.budget is None else str(one.budget), f"{one.first:.1f}",
            f"{one.mask:.1f}", f"{one.completion:.1f}", f"{max(one.memory, 0):.0f}", one.outcome,
        ]
        for one in attempts
    ]  # fmt: skip


def is_dear(attempt: Attempt) -> bool:
    """Whether one of its figures is beyond what is asked for."""
    return any(getattr(attempt, name) > most for name, most in DEAR.items())


def report(found: dict[str, list[Attempt]], lost: dict[str, Lost], whole: bool) -> str:
    """The table of all attempts, or of the expensive and refused ones, and the distribution of all."""
    header = (
        "input",
        "order",
        "budget",
        "first mask, ms",
        "dearest mask, ms",
        "completion, ms",
        "MiB",
        "outcome",
    )
    rows = [
        row
        for name, attempts in found.items()
        for attempt, row in zip(attempts, rows_of(name, attempts), strict=True)
        if whole or is_dear(attempt) or attempt.outcome == "WorkLimitExceeded"
    ]
    every = [attempt for attempts in found.values() for attempt in attempts]
    texts = [attempt for attempt in every if attempt.outcome == "text"]
    figures = [
        [
            title,
            *[f"{value:.1f}" for value in np.percentile([getattr(one, name) for one in texts], QUANTILES)],
        ]
        for name, title in (("first", "first mask, ms"), ("mask", "dearest mask, ms"), ("memory", "MiB"))
        if texts
    ]
    outcomes: dict[str, int] = {}
    for attempt in every:
        outcomes[attempt.outcome] = outcomes.get(attempt.outcome, 0) + 1
    lines = [
        table(header, rows),
        "",
        table(("of attempts that came to a text", "p50", "p99", "p99.9", "max"), figures),
        "",
        table(("outcome", "attempts"), [[name, str(count)] for name, count in sorted(outcomes.items())]),
        "",
        *[f"**{name}**: {one.reason} ({one.doing})" for name, one in lost.items()],
        f"{len(found) + len(lost)} inputs, {len(lost)} of which ended their process",
    ]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, action="append", default=[], help="JSON lines with id and schema"
    )
    parser.add_argument(
        "--remotes", type=Path, action="append", default=[], help="schemas that these refer to: uri, schema"
    )
    parser.add_argument("--tokenizer", help="folder with a tokenizer.json; else bytes and some pairs")
    parser.add_argument("--only", default="", help="inputs with this in their name")
    parser.add_argument("--whole", action="store_true", help="show all rows, not the dear ones alone")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--limit-seconds", type=float, default=300.0, help="that an input may take in all")
    parser.add_argument(
        "--work-seconds", type=float, default=10.0, help="that compiling, and a mask, may take (cn.Limits)"
    )
    parser.add_argument("--gibibytes", type=float, default=4.0, help="address space of a process")
    options = parser.parse_args(arguments)
    remotes = read_remotes(options.remotes)
    limits = cn.Limits(compile_seconds=options.work_seconds, mask_seconds=options.work_seconds)
    start = partial(trying, partial(_vocabulary, options.tokenizer), limits, remotes)
    found: dict[str, list[Attempt]] = {}
    lost: dict[str, Lost] = {}
    for job, result in run_jobs(
        _jobs(options.data, options.only), start,
        processes=options.processes, seconds=options.limit_seconds, gibibytes=options.gibibytes,
    ):  # fmt: skip
        name = job if isinstance(job, str) else job[0]
        (lost if isinstance(result, Lost) else found)[name] = result
        print(f"{len(found) + len(lost)}: {name}", file=sys.stderr)
    print(report(found, lost, options.whole or not options.data))
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
