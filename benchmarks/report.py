"""Tables from result files: ``python -m benchmarks.report FILE...``, in Markdown on standard output."""

from __future__ import annotations

import argparse
import math
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from benchmarks.results import (
    COMPILE_ERROR,
    CRASHED,
    PASSED,
    TIMED_OUT,
    WRONG,
    EngineRun,
    Run,
    SchemaResult,
    read_run,
)
from benchmarks.summary import (
    METRICS,
    STATISTICS,
    counts,
    describe,
    paired,
    samples,
    wrong_instances,
)

__all__ = ["main", "render"]

SHOWN = 5  # how many ids and messages of a kind are printed; the result file holds all
MESSAGE_WIDTH = 110
BASELINE = "constrain"


def render(run: Run) -> str:
    """The whole report of one run."""
    baseline = _baseline(run)
    parts = [_conditions(run), _overview(run, baseline), _correctness(run), _own_timings(run)]
    parts += [_pair(baseline, engine) for engine in run.engines if engine is not baseline]
    parts += [_findings(engine) for engine in run.engines]
    return "\n\n".join(parts) + "\n"


def _baseline(run: Run) -> EngineRun:
    return next((engine for engine in run.engines if engine.name == BASELINE), run.engines[0])


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _figure(value: float) -> str:
    """Three significant digits, and all digits before the point."""
    if math.isnan(value):
        return "-"
    if value == 0 or abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.{2 - math.floor(math.log10(abs(value)))}f}"


def _seconds(nanoseconds: int) -> str:
    return _figure(nanoseconds / 1e9)


def _conditions(run: Run) -> str:
    lines = [f"- {name}: {value}" for name, value in run.conditions.items()]
    return "\n".join(["## Run", "", *lines])


def _overview(run: Run, baseline: EngineRun) -> str:
    """A row for each engine: how its schemas ended, and ratios to the baseline on those that both passed."""
    statuses = {
        "passed": PASSED,
        "refused": COMPILE_ERROR,
        "timed out": TIMED_OUT,
        "crashed": CRASHED,
        "wrong": WRONG,
    }
    shown = [
        (METRICS[0], "mean"),
        (METRICS[0], "p50"),
        (METRICS[0], "p99"),
        (METRICS[2], "mean"),
        (METRICS[2], "p50"),
    ]
    rows = []
    for engine in run.engines:
        ours, theirs = paired(baseline, engine)
        ratios = [
            _ratio(describe(samples(theirs, metric))[name], describe(samples(ours, metric))[name])
            for metric, name in shown
        ]
        ended = [str(counts(engine)[status]) for status in statuses.values()]
        rows.append([f"{engine.name} {engine.version}", *ended, *(f"{_figure(ratio)} x" for ratio in ratios)])
    titles = [f"{metric.title}, {name}" for metric, name in shown]
    note = f"Times are ratios to {baseline.name} on the schemas that both passed."
    return f"## Overview\n\n{note}\n\n" + _table(["", *statuses, *titles], rows)


def _correctness(run: Run) -> str:
    rows = {
        "version": [engine.version for engine in run.engines],
        "schemas": [str(len(engine.results)) for engine in run.engines],
        "compiled": [str(counts(engine)["compiled"]) for engine in run.engines],
        "**passed** (all instances right)": [str(counts(engine)[PASSED]) for engine in run.engines],
        "compile errors": [str(counts(engine)[COMPILE_ERROR]) for engine in run.engines],
        "crashes": [str(counts(engine)[CRASHED]) for engine in run.engines],
        "time-outs": [str(counts(engine)[TIMED_OUT]) for engine in run.engines],
        "schemas with a wrong verdict": [str(counts(engine)["wrong"]) for engine in run.engines],
        "instances replayed": [
            str(sum(len(result.instances) for result in engine.results)) for engine in run.engines
        ],
        "valid instances rejected": [str(len(wrong_instances(engine, valid=True))) for engine in run.engines],
        "invalid instances accepted": [
            str(len(wrong_instances(engine, valid=False))) for engine in run.engines
        ],
        "import, s": [_seconds(engine.import_ns) for engine in run.engines],
        "vocabulary build, s": [_seconds(engine.vocabulary_ns) for engine in run.engines],
        "warm-up schema, s": [_seconds(engine.warm_up_ns) for engine in run.engines],
        "floor of a sample, us": [_figure(engine.floor_ns / 1e3) for engine in run.engines],
    }
    header = ["", *(engine.name for engine in run.engines)]
    return "## Correctness and set-up\n\n" + _table(header, [[name, *cells] for name, cells in rows.items()])


def _own_timings(run: Run) -> str:
    rows = []
    for metric in METRICS:
        for engine in run.engines:
            values = samples(engine.results, metric)
            cells = [_figure(value) for value in describe(values).values()]
            rows.append([metric.title, engine.name, str(values.size), *cells])
    header = ["us", "engine", "samples", *STATISTICS]
    note = "Each engine on its own set of schemas: the columns of two engines do not compare."
    return f"## All schemas that an engine compiled and replayed to the end\n\n{note}\n\n" + _table(
        header, rows
    )


def _pair(baseline: EngineRun, other: EngineRun) -> str:
    ours, theirs = paired(baseline, other)
    rows = []
    for metric in METRICS:
        measured = describe(samples(theirs, metric))
        base = describe(samples(ours, metric))
        rows.append([metric.title, other.name, *(_figure(value) for value in measured.values())])
        rows.append(["", baseline.name, *(_figure(value) for value in base.values())])
        ratios = (_ratio(measured[name], base[name]) for name in STATISTICS)
        rows.append(
            ["", f"**{other.name} / {baseline.name}**", *(f"**{_figure(ratio)}**" for ratio in ratios)]
        )
    title = f"## {other.name} and {baseline.name} on the {len(ours)} schemas that both passed"
    return f"{title}\n\n" + _table(["us", "engine", *STATISTICS], rows)


def _ratio(value: float, base: float) -> float:
    return value / base if base else float("nan")


def _findings(engine: EngineRun) -> str:
    lines = [f"## Findings: {engine.name}", ""]
    for title, valid in (("valid instances rejected", True), ("invalid instances accepted", False)):
        wrong = wrong_instances(engine, valid=valid)
        lines.append(f"- {len(wrong)} {title}{_listed([str(instance) for instance in wrong])}")
    for status in (COMPILE_ERROR, CRASHED, TIMED_OUT):
        ended = [result for result in engine.results if result.status == status]
        lines.append(f"- {len(ended)} schemas ended as '{status}'{_listed([result.id for result in ended])}")
        lines += _messages(ended)
    return "\n".join(lines)


def _listed(items: list[str]) -> str:
    if not items:
        return ""
    return ": " + ", ".join(items[:SHOWN]) + (", ..." if len(items) > SHOWN else "")


def _messages(results: list[SchemaResult]) -> list[str]:
    tally = Counter(" ".join(result.message.split())[:MESSAGE_WIDTH] for result in results)
    return [f"  - {count} x `{message}`" for message, count in islice(tally.most_common(), SHOWN)]


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report", description=__doc__)
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="written by benchmarks.maskbench --out"
    )
    parser.add_argument(
        "--plot", type=Path, metavar="IMAGE", help="also draw the distributions (needs matplotlib)"
    )
    options = parser.parse_args(arguments)
    for file in options.files:
        run = read_run(file)
        print(f"# {file.name}\n\n{render(run)}")
        if options.plot:
            from benchmarks.plot import draw_run  # matplotlib is needed for this alone

            alone = len(options.files) == 1
            draw_run(
                run, options.plot if alone else options.plot.with_stem(f"{options.plot.stem}-{file.stem}")
            )


if __name__ == "__main__":
    main()
