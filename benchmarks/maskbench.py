"""Replay MaskBench on several engines: ``python -m benchmarks.maskbench --help``.

The engines take turns of some schemas each, so that a change of the machine's speed during the run meets all
of them alike, and none runs with caches that another has just filled. Only one engine works at a time.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import engines
from benchmarks.data import (
    WARM_UP,
    Job,
    load_tokenizer,
    make_jobs,
    open_folder,
    read_records,
    sample_records,
)
from benchmarks.engines.base import TokenizerFolder
from benchmarks.report import render
from benchmarks.results import Run, write_run
from benchmarks.worker import EngineUnavailable, Limits, Worker

__all__ = ["main", "measure", "processor_name"]

PROGRESS_EVERY_SECONDS = 10.0

# Schemas in a turn: some seconds' work, short against the drifts of a shared machine. After every single
# schema, the other engine's work would have emptied the processor's caches; that is another question.
TURN = 25


def measure(
    names: Sequence[str], tokenizer: TokenizerFolder, jobs: Sequence[Job], warm_up: Job, limits: Limits
) -> Run:
    """Run all jobs on all engines. Ctrl-C ends the run early and keeps what is done.

    Raises:
        EngineUnavailable: an engine cannot start.
    """
    workers: list[Worker] = []
    try:
        for name in names:
            workers.append(Worker(name, tokenizer, warm_up, limits))
        done = _run_jobs(workers, jobs)
    finally:
        for worker in workers:
            worker.close()
    return Run({"schemas": f"{done} of {len(jobs)}"}, [worker.record for worker in workers])


def _run_jobs(workers: list[Worker], jobs: Sequence[Job]) -> int:
    """The number of jobs that every engine has done."""
    start = reported = time.monotonic()
    for done in range(0, len(jobs), TURN):
        try:
            for turn in range(len(workers)):
                # They take turns at being first, so that none always follows the same idle time or neighbour.
                worker = workers[(done // TURN + turn) % len(workers)]
                for job in jobs[done : done + TURN]:
                    worker.run(job)
        except KeyboardInterrupt:
            _drop_after(workers, done)
            print(f"interrupted after {done} of {len(jobs)} schemas", file=sys.stderr)
            return done
        if time.monotonic() - reported > PROGRESS_EVERY_SECONDS:
            reported = time.monotonic()
            print(f"{done + 1} of {len(jobs)} schemas, {reported - start:.0f} s", file=sys.stderr)
    return len(jobs)


def _drop_after(workers: list[Worker], done: int) -> None:
    for worker in workers:
        del worker.record.results[done:]


def processor_name() -> str:
    """What the processor is called, or the kind of machine where that is not known."""
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")),
        platform.machine(),
    )


def _conditions(options: argparse.Namespace, limits: Limits, jobs: Sequence[Job]) -> dict[str, Any]:
    drawn = "all schemas" if options.sample is None else f"sample of {options.sample}, seed {options.seed}"
    return {
        "data": f"{options.data.name}, {drawn}",
        "instances": sum(len(job.texts) for job in jobs),
        "schemas with a text seen before (not timed)": sum(bool(job.repeat_of) for job in jobs),
        "tokenizer": options.tokenizer.name,
        "limit per schema": f"{limits.seconds:g} s"
        + ("" if limits.gibibytes is None else f", {limits.gibibytes:g} GiB of address space"),
        "machine": f"{processor_name()}, {os.cpu_count()} cores, {platform.system()}",
        "Python": platform.python_version(),
        "date": time.strftime("%Y-%m-%d"),
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.maskbench", description=__doc__)
    parser.add_argument(
        "--data", type=Path, required=True, help="schemas with instances, .jsonl or .jsonl.gz"
    )
    parser.add_argument(
        "--tokenizer", type=Path, required=True, help="folder with tokenizer.json, tokenizer_config.json"
    )
    parser.add_argument("--engines", default="constrain,llguidance", help=f"of: {', '.join(engines.names())}")
    parser.add_argument("--sample", type=int, help="how many schemas to draw (default: all)")
    parser.add_argument("--seed", type=int, default=0, help="of the sample")
    parser.add_argument(
        "--limit-seconds", type=float, default=60.0, help="per schema, compiling and both replays"
    )
    parser.add_argument(
        "--limit-gib", type=float, help="address space of each engine's process (default: no limit)"
    )
    parser.add_argument(
        "--out", type=Path, help="write all results as JSON; compressed if the name ends in .gz"
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = _parser()
    options = parser.parse_args(arguments)
    names = options.engines.split(",")
    limits = Limits(options.limit_seconds, options.limit_gib)
    try:
        for name in names:
            engines.locate(name)
        records = sample_records(read_records(options.data), options.sample, options.seed)
        tokenizer = load_tokenizer(options.tokenizer)
        jobs = make_jobs(records, tokenizer)
        run = measure(names, open_folder(options.tokenizer), jobs, make_jobs([WARM_UP], tokenizer)[0], limits)
    except (EngineUnavailable, engines.UnknownEngine) as error:
        parser.exit(2, f"{parser.prog}: {error}\n")
    run.conditions = {**_conditions(options, limits, jobs), **run.conditions}
    if options.out:
        write_run(run, options.out)
    print(render(run))


if __name__ == "__main__":
    main()
