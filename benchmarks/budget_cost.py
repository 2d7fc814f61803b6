"""What does a budget cost? ``python -m benchmarks.budget_cost --help``.

Two processes take turns. The first writes random texts of a schema within a budget; the second, in which nothing ever
has a budget, replays the same tokens. So both meet the same text in the same order, each with its own caches, and
differ only in the budget. Every language begins with a fresh constraint. Texts are read twice; a *first visit* is a
token of the first reading. A budget that is too small for the shortest text is replaced by the smallest one that
suffices.

A cell is ``within the budget / without (ratio)``.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from benchmarks.budget_hard_cases import SCHEMAS, TOOLS
from benchmarks.budget_meter import Measured, Task, measure_floor, start
from benchmarks.data import read_records
from benchmarks.killable import Lost, Process
from benchmarks.timing import table
from tests.budget_cases import Recipe

__all__ = ["main", "report"]

ORDERS = ("schema", "any")
STATISTICS: dict[str, Callable[[Any], float]] = {
    "mean": np.mean,
    "p50": partial(np.percentile, q=50),
    "p99": partial(np.percentile, q=99),
    "p99.9": partial(np.percentile, q=99.9),
    "max": np.max,
}
HARD = "hard"
SHOWN = 12  # of the most expensive tokens


@dataclass(frozen=True)
class Case:
    """One language with one budget."""

    corpus: str
    id: str
    order: str
    recipe: Recipe
    budget: int


@dataclass
class Pair:
    """What was measured of a case, within its budget and without."""

    case: Case
    within: Measured
    free: Measured


# -- measuring ----------------------------------------------------------------------------------


def cases_of(options: argparse.Namespace) -> Iterator[Case]:
    """All cases, the hard ones first."""
    for corpus, name, order, recipe in [*_hard_languages(), *_real_languages(options)]:
        for budget in options.budgets:
            if not options.only or options.only in name:
                yield Case(corpus, name, order, recipe, budget)


def _hard_languages() -> Iterator[tuple[str, str, str, Recipe]]:
    for order in ORDERS:
        for name, schema in SCHEMAS.items():
            yield HARD, name, order, Recipe("json_schema", (schema,), {"property_order": order})
        yield HARD, "1,000 tools", order, Recipe("tool_call", (TOOLS,), {"property_order": order})


def _real_languages(options: argparse.Namespace) -> Iterator[tuple[str, str, str, Recipe]]:
    remotes = {one["uri"]: one["schema"] for path in options.remotes for one in read_records(path)}
    for path in options.data:
        records = read_records(path)
        if options.sample is not None:
            records = Random(options.seed).sample(records, min(options.sample, len(records)))
        for order in ORDERS:
            for record in records:
                given = {"property_order": order, "registry": remotes}
                yield path.parent.name, record["id"], order, Recipe("json_schema", (record["schema"],), given)


def measure(
    cases: Sequence[Case], options: argparse.Namespace
) -> tuple[list[Pair], list[str], tuple[int, int]]:
    """Pairs, what became of the cases of which there is none, and the memory of both processes at the end."""
    make = partial(start, options.tokenizer)
    pairs: list[Pair] = []
    lost: list[str] = []
    processes = [Process(make, options.limit_seconds, options.gibibytes) for _ in range(2)]
    try:
        for done, case in enumerate(cases, 1):
            made = _pair(case, options.walks, *processes)
            if isinstance(made, Pair):
                pairs.append(made)
            else:
                lost.append(f"{case.corpus}, {case.id}, order {case.order}, budget {case.budget}: {made}")
                print(lost[-1][:200], file=sys.stderr, flush=True)
            if done % 100 == 0:
                print(f"{done} of {len(cases)} cases, {len(lost)} lost", file=sys.stderr, flush=True)
    finally:
        for process in processes:
            process.close()
    memory = (pairs[-1].within.resident, pairs[-1].free.resident) if pairs else (0, 0)
    return pairs, lost, memory


def _pair(case: Case, walks: int, bounded: Process, free: Process) -> Pair | str:
    """Written within the budget by one process, replayed by the other; or why not."""
    within = bounded.run(Task(case.recipe, case.budget, walks))
    problem = _problem(within)
    if problem:
        return problem
    without = free.run(Task(case.recipe, None, walks, within.texts, within.read_again))
    problem = _problem(without)
    return f"without a budget: {problem}" if problem else Pair(case, within, without)


def _problem(result: Measured | Lost) -> str:
    return f"{result.reason} ({result.doing})" if isinstance(result, Lost) else result.problem


# -- report -------------------------------------------------------------------------------------


def report(pairs: list[Pair], lost: list[str], memory: tuple[int, int]) -> str:
    """Tables of all, and those whom it costs most."""
    groups: dict[tuple[str, str, int], list[Pair]] = defaultdict(list)
    for pair in pairs:
        groups[pair.case.corpus, pair.case.order, pair.case.budget].append(pair)
    parts = [f"A sample is {measure_floor()} ns too long: that is what reading the clock takes."]
    for title, unit, read in (
        ("Mask and commit, first visit, us", 1e3, lambda it: it.first),
        ("Mask and commit, again, us", 1e3, lambda it: it.again),
        ("Source to first mask, ms", 1e6, lambda it: [it.first_mask]),
        ("Footprint of the constraint, KiB", 1024, lambda it: [it.footprint]),
    ):
        parts += [f"### {title}", _group_table(groups, unit, read)]
    parts += ["### Hard cases", _hard_table([pair for pair in pairs if pair.case.corpus == HARD])]
    parts += ["### The dearest tokens, first visit, us", _dearest(pairs)]
    parts.append(_not_read_again(pairs))
    parts.append("Memory of the processes at the end, MiB: " + _cell(*memory, 1 << 20))
    parts += [f"Not measured: {len(lost)}.", "\n".join(f"- {line[:300]}" for line in lost)]
    return "\n\n".join(parts)


Read = Callable[[Measured], list[int]]


def _group_table(groups: dict[tuple[str, str, int], list[Pair]], unit: float, read: Read) -> str:
    rows = []
    for (corpus, order, budget), pairs in groups.items():
        within = [sample for pair in pairs for sample in read(pair.within)]
        free = [sample for pair in pairs for sample in read(pair.free)]
        cells = [_cell(reduce(within), reduce(free), unit) for reduce in STATISTICS.values()]
        rows.append([f"{corpus}, order {order}, {budget}", str(len(pairs)), str(len(within)), *cells])
    return table(("corpus, order, budget", "languages", "samples", *STATISTICS), rows)


def _hard_table(pairs: list[Pair]) -> str:
    rows = []
    for pair in pairs:
        case, within, free = pair.case, pair.within, pair.free
        steps = [_cell(reduce(within.first), reduce(free.first), 1e3) for reduce in STATISTICS.values()]
        budget = f"{within.needed} (needed)" if within.needed else str(case.budget)
        rows.append(
            [
                *(f"{case.id}, order {case.order}, {budget}", str(len(within.first)), *steps),
                _cell(within.first_mask, free.first_mask, 1e6),
                _cell(within.footprint, free.footprint, 1024),
            ]
        )
    titles = (f"first visit, us: {name}" for name in STATISTICS)
    return table(("case, order, budget", "tokens", *titles, "first mask, ms", "footprint, KiB"), rows)


def _not_read_again(pairs: list[Pair]) -> str:
    texts = [
        len(text) > read
        for pair in pairs
        for text, read in zip(pair.within.texts, pair.within.read_again, strict=True)
    ]
    return (
        f"Texts that were not read to their ends again: {sum(texts)} of {len(texts)}. What a mask near the end of a "
        "budget leaves out depends on what had been found out when it was made; such a text ends there both times."
    )


def _dearest(pairs: list[Pair]) -> str:
    """The cases whose most expensive token has the highest cost beyond that of the same token without a budget."""
    rows = []
    for pair in pairs:
        more = np.array(pair.within.first) - np.array(pair.free.first)
        at = int(np.argmax(more))
        rows.append((more[at], pair, at))
    rows.sort(key=lambda row: -row[0])
    return table(
        ("case", "token", "of", "within / without"),
        [
            [
                f"{pair.case.corpus}, {pair.case.id}, order {pair.case.order}, {pair.case.budget}",
                str(at),
                str(len(pair.within.first)),
                _cell(pair.within.first[at], pair.free.first[at], 1e3),
            ]
            for _, pair, at in rows[:SHOWN]
        ],
    )


def _cell(within: float, free: float, unit: float) -> str:
    return f"{_figure(within / unit)} / {_figure(free / unit)} ({_figure(within / max(free, 1e-9))})"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.budget_cost", description=__doc__)
    add = parser.add_argument
    add(
        "--data",
        type=Path,
        action="append",
        default=[],
        help="schemas, as for benchmarks.maskbench; may be repeated",
    )
    add("--remotes", type=Path, action="append", default=[], help="schemas that these refer to: uri, schema")
    add("--tokenizer", type=Path, required=True, help="folder with tokenizer.json")
    add("--sample", type=int, help="how many schemas of each file to draw (default: all)")
    add("--budgets", type=int, nargs="+", default=[30, 200, 2_000])
    add("--walks", type=int, default=20, help="texts of each language and budget")
    add("--only", help="languages whose name holds this")
    add("--limit-seconds", type=float, default=60.0, help="for all texts of a language and budget")
    add("--gibibytes", type=float, default=8.0, help="address space of a process")
    add("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    began = time.monotonic()
    cases = list(cases_of(options))
    print(report(*measure(cases, options)))
    print(f"{len(cases)} cases in {time.monotonic() - began:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
