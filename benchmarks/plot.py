"""One picture per run: for each kind of sample, the share of samples that took longer than a given time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from benchmarks.results import Run
from benchmarks.summary import METRICS, samples

__all__ = ["draw"]


def draw(run: Run, image: Path) -> None:
    """Write the picture; its kind follows from the name (``.png``, ``.svg``, ``.pdf``)."""
    figure = Figure(figsize=(5 * len(METRICS), 4), layout="tight")
    axes = figure.subplots(1, len(METRICS), sharey=True)
    for axis, metric in zip(axes, METRICS, strict=True):
        for engine in run.engines:
            values = np.sort(samples(engine.results, metric))
            if values.size:
                axis.step(values, 1 - np.arange(values.size) / values.size, where="pre", label=engine.name)
        axis.set(xscale="log", yscale="log", title=metric.title, xlabel="us")
        axis.grid(visible=True, alpha=0.3)
    axes[0].set_ylabel("share of samples at least as slow")
    axes[0].legend()
    figure.savefig(image)
