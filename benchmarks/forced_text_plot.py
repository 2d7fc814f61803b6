"""How much of real documents is forced? ``python -m benchmarks.forced_text_plot counts.json picture.svg``

Draws what ``python -m benchmarks.forced_text --out counts.json`` has written: for each kind of whitespace, which
share of the documents has at least a given share of forced tokens.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

__all__ = ["draw", "main"]


def draw(counts: Mapping[str, Sequence[tuple[int, int]]], image: Path) -> None:
    """Write the picture; its kind follows from the name (``.png``, ``.svg``, ``.pdf``).

    Args:
        counts: by whitespace, the number of tokens and of forced tokens of each document.
        image: where to write it.
    """
    figure = Figure(figsize=(6, 3.6), layout="tight")
    axis = figure.subplots()
    for whitespace, documents in counts.items():
        tokens, forced = np.array(documents).T
        shares = np.sort(forced / tokens)
        label = f"{whitespace} whitespace: {forced.sum() / tokens.sum():.0%} of all tokens"
        axis.step(100 * shares, 100 * (1 - np.arange(shares.size) / shares.size), where="pre", label=label)
    axis.set(xlabel="forced tokens of a document, %", ylabel="documents with at least so many, %")
    axis.set(xlim=(0, 100), ylim=(0, 100))
    axis.grid(visible=True, alpha=0.3)
    axis.legend()
    figure.savefig(image)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.forced_text_plot", description=__doc__)
    parser.add_argument("counts", type=Path)
    parser.add_argument("image", type=Path)
    options = parser.parse_args(arguments)
    draw(json.loads(options.counts.read_text(encoding="utf-8")), options.image)


if __name__ == "__main__":
    main()
