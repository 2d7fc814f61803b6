"""All questions of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from benchmarks.quality import answers, records
from benchmarks.quality.task import Task

__all__ = ["FAMILIES", "tasks"]

# How many questions of each kind a whole run asks.
FAMILIES: list[tuple[Callable[[Random, int], Iterator[Task]], int]] = [
    (records.flat, 48),
    (records.nested, 20),
    (records.lists, 16),
    (records.invoices, 20),
    (records.calls, 18),
    (answers.classes, 28),
    (answers.choices, 24),
    (answers.patterns, 24),
    (answers.sums, 24),
]


def tasks(seed: int, most: int | None = None) -> list[Task]:
    """The questions of ``seed``, at most ``most`` of each kind; fewer are the first of more."""
    result: list[Task] = []
    for number, (make, count) in enumerate(FAMILIES):
        chooser = Random(f"{seed} {number}")
        result += make(chooser, count if most is None else min(most, count))
    return result
