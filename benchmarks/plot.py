"""Pictures of result files: ``python -m benchmarks.plot RESULT IMAGE``.

RESULT is what ``--out`` of ``benchmarks.maskbench``, ``growth``, ``memory`` or ``forced_text`` wrote; the kind of
picture follows from the name of IMAGE (``.png``, ``.svg``, ``.pdf``).
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from benchmarks.results import PASSED, EngineRun, Run, read_run
from benchmarks.summary import METRICS, counts, samples

__all__ = ["draw_forced", "draw_growth", "draw_memory", "draw_run", "main"]

MIB = 1 << 20

# One colour for an engine in all pictures (Okabe and Ito, told apart by the colour-blind), and lines for its variants.
COLOURS = {
    "constrain": "#0072B2",
    "llguidance": "#E69F00",
    "xgrammar": "#009E73",
    "outlines-core": "#CC79A7",
    "lm-format-enforcer": "#7A5C3E",
}
OTHER_COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]
SHARES = [0.5, 0.9, 0.99, 0.999, 0.9999]


def _style(name: str) -> dict[str, Any]:
    engine = next((known for known in COLOURS if name == known or name.startswith(known + "-")), None)
    return {
        "color": COLOURS.get(engine or "", "#555555"),
        "linestyle": "-" if name == engine else (0, (5, 1.5)),
        "linewidth": 2.4 if engine == "constrain" else 1.6,
    }


def _plain(axis: Axes, title: str, **labels: str) -> None:
    axis.set_title(title, loc="left", fontsize=10.5, fontweight="bold")
    axis.set(**labels)
    axis.grid(visible=True, which="major", color="#DDDDDD", linewidth=0.7)
    axis.set_axisbelow(True)
    axis.spines[["top", "right"]].set_visible(False)


def _time(microseconds: float, _: object = None) -> str:
    for unit, name in ((1e6, "s"), (1e3, "ms"), (1.0, "µs")):
        if microseconds >= unit:
            return f"{microseconds / unit:g} {name}"
    return f"{1e3 * microseconds:g} ns"


def _size(count: float, _: object = None) -> str:
    return f"{count / MIB:g} MiB" if count >= MIB else f"{count / 1024:g} KiB"


def _nines(share: Any) -> Any:
    """How many nines: 0.9 is at 1, 0.99 at 2."""
    return -np.log10(1 - np.asarray(share))


def _described(engine: EngineRun) -> str:
    tally = counts(engine)
    failed = {kind: tally[kind] for kind in ("compile error", "wrong", "crashed", "timed out") if tally[kind]}
    passed = f"{engine.name} {engine.version}: {tally[PASSED]} of {len(engine.results)} passed"
    return "; ".join([passed, *(f"{count} {kind}" for kind, count in failed.items())])


def draw_run(run: Run, image: Path) -> None:
    """Percentiles of each kind of sample, for each engine on the schemas that it replayed to the end."""
    figure = Figure(figsize=(4.6 * len(METRICS), 5.0 + 0.16 * len(run.engines)), layout="constrained")
    axes = figure.subplots(1, len(METRICS))
    for axis, metric in zip(axes, METRICS, strict=True):
        largest = 2
        for engine in run.engines:
            values = np.sort(samples(engine.results, metric))
            if not values.size:
                continue
            largest = max(largest, values.size)
            nines = np.linspace(0, _nines(1 - 1 / values.size), 400)
            heights = np.quantile(values, 1 - 10**-nines, method="inverted_cdf")
            axis.plot(nines, heights, label=_described(engine), **_style(engine.name))
        shown = [share for share in SHARES if _nines(share) <= _nines(1 - 1 / largest)]
        axis.set_xticks(_nines(shown), [f"{100 * share:g} %" for share in shown])
        axis.set_yscale("log")
        axis.yaxis.set_major_formatter(FuncFormatter(_time))
        unit = "schemas" if metric is METRICS[-1] else "tokens"
        _plain(axis, metric.title, xlabel=f"this share of {unit} takes at most ...", ylabel="... this time")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False, fontsize=9)
    where = ", ".join(str(run.conditions[name]) for name in ("data", "tokenizer") if name in run.conditions)
    figure.suptitle(f"{where} vocabulary, one thread", fontsize=10, x=0.01, ha="left", color="#555555")
    _save(figure, image)


def _curves(axis: Axes, curves: dict[str, tuple[Any, Any]], marker: str) -> None:
    """Lines on a logarithmic height, each named at its right end; names that would overlap are moved apart."""
    axis.set_yscale("log")
    axis.yaxis.set_major_formatter(FuncFormatter(_time))
    for (_, (x, y)), colour in zip(curves.items(), OTHER_COLOURS, strict=False):
        axis.plot(x, y, color=colour, linewidth=1.8, marker=marker, markersize=3.5)
    bottom, top = np.log10(axis.get_ylim())
    last = bottom
    ends = [(float(np.log10(y[-1])), name, x[-1]) for name, (x, y) in curves.items()]
    for (height, name, x), colour in sorted(zip(ends, OTHER_COLOURS, strict=False)):
        last = max(height, last + 0.045 * (top - bottom))
        axis.annotate(
            name,
            (x, 10**last),
            (7, 0),
            textcoords="offset points",
            annotation_clip=False,
            color=colour,
            fontsize=9,
            va="center",
        )


def draw_growth(result: dict[str, Any], image: Path) -> None:
    """Time of a token along long texts, and time to the first mask against the size of schemas."""
    figure = Figure(figsize=(12, 4.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    texts = {name: (np.arange(1, len(means) + 1), means) for name, means in result["texts"].items()}
    _curves(left, texts, "")
    left.set(xlim=(0, None))
    left.xaxis.set_major_locator(MaxNLocator(integer=True))
    _plain(
        left,
        "mask + commit along one text",
        xlabel="thousands of tokens read",
        ylabel="mean of a thousand tokens",
    )
    schemas = {}
    for name, points in result["schemas"].items():
        sizes, times = np.array(points).T
        schemas[name] = (sizes, 1e3 * times)
    _curves(right, schemas, "o")
    right.plot(sizes, sizes / 20, color="#999999", linestyle=":", label="proportional to size")
    right.set_xscale("log", base=2)
    right.set_xticks(2.0 ** np.round(np.log2(sizes)))
    right.xaxis.set_major_formatter(FuncFormatter(_size))
    right.minorticks_off()
    _plain(right, "schema text to first mask", xlabel="size of the schema's text", ylabel="time")
    right.legend(frameon=False, fontsize=9)
    _save(figure, image)


def draw_memory(result: dict[str, Any], image: Path) -> None:
    """Memory of one constraint along random steps, and of constraints that are dropped one after the other."""
    figure = Figure(figsize=(11, 4.0), layout="constrained")
    left, right = figure.subplots(1, 2)
    for run, colour in zip(result["walks"], OTHER_COLOURS, strict=False):
        steps, resident, footprint = np.array(run["points"]).T
        name = f"memory = {run['memory'] // MIB} MiB"
        left.plot(steps / 1e6, resident / MIB, color=colour, label=f"{name}: process", linewidth=1.8)
        left.plot(steps / 1e6, footprint / MIB, color=colour, linestyle=":", label=f"{name}: footprint()")
        left.plot(
            steps[-1:] / 1e6,
            [run["dropped"] / MIB],
            color=colour,
            marker="o",
            label=f"{name}: when dropped",
            linestyle="",
            clip_on=False,
        )
    _plain(
        left, "one constraint, random texts", xlabel="millions of steps", ylabel="MiB above the vocabulary's"
    )
    left.set(xlim=(0, None), ylim=(0, 1.45 * left.get_ylim()[1]))  # room for the legend
    left.legend(frameon=False, fontsize=8.5)
    counts_, resident = np.array(result["served"]["points"]).T
    right.plot(counts_, resident / MIB, color=OTHER_COLOURS[0], linewidth=1.8)
    _plain(
        right,
        "schemas compiled, used and dropped",
        xlabel="schemas so far",
        ylabel="MiB above the vocabulary's",
    )
    right.set(xlim=(0, None), ylim=(min(-2, 1.2 * resident.min() / MIB), max(5, 1.2 * resident.max() / MIB)))
    _save(figure, image)


def draw_forced(result: dict[str, Any], image: Path) -> None:
    """Which share of documents has at least a given share of forced tokens, for each kind of whitespace."""
    figure = Figure(figsize=(7, 4.2), layout="constrained")
    axis = figure.subplots()
    for (whitespace, documents), colour in zip(result["forced"].items(), OTHER_COLOURS, strict=False):
        tokens, forced = np.array(documents).T
        shares = np.sort(forced / tokens)
        rest = 1 - np.arange(shares.size) / shares.size
        label = f"{whitespace} whitespace: {forced.sum() / tokens.sum():.0%} of all tokens"
        axis.step(shares, rest, where="pre", label=label, color=colour, linewidth=1.8)
    axis.xaxis.set_major_formatter(PercentFormatter(1))
    axis.yaxis.set_major_formatter(PercentFormatter(1))
    axis.set(xlim=(0, 1), ylim=(0, 1))
    _plain(
        axis,
        "forced tokens of a document",
        xlabel="at least this share of a document's tokens is forced ...",
        ylabel="... in this share of documents",
    )
    axis.legend(frameon=False, fontsize=9)
    _save(figure, image)


# By what only results of that kind have.
DRAWN: dict[str, Callable[[dict[str, Any], Path], None]] = {
    "texts": draw_growth,
    "walks": draw_memory,
    "forced": draw_forced,
}


def _save(figure: Figure, image: Path) -> None:
    figure.savefig(image, dpi=90, pil_kwargs={"optimize": True} if image.suffix == ".png" else None)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.plot", description=__doc__)
    parser.add_argument("result", type=Path, help="written by --out")
    parser.add_argument("image", type=Path)
    options = parser.parse_args(arguments)
    data = options.result.read_bytes()
    raw = json.loads(gzip.decompress(data) if options.result.suffix == ".gz" else data)
    if "engines" in raw:
        draw_run(read_run(options.result), options.image)
        return
    draw = next((draw for name, draw in DRAWN.items() if name in raw), None)
    if draw is None:
        parser.error(f"{options.result} is no result of a benchmark with pictures")
    draw(raw, options.image)


if __name__ == "__main__":
    main()
