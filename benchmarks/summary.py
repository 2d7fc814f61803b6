"""Results reduced to figures: counts per engine, distributions, and the pairing of two engines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.results import COMPILE_ERROR, PASSED, WRONG, EngineRun, SchemaResult

__all__ = [
    "METRICS",
    "STATISTICS",
    "Metric",
    "WrongInstance",
    "counts",
    "describe",
    "paired",
    "samples",
    "wrong_instances",
]

Samples = NDArray[np.float64]


@dataclass(frozen=True)
class Metric:
    """A kind of sample: its title, and how to read it from a result, in nanoseconds."""

    title: str
    read: Callable[[SchemaResult], list[int]]


def _schema_to_first_mask(result: SchemaResult) -> list[int]:
    if result.compile_ns is None or result.first_mask_ns is None:
        return []
    return [result.compile_ns + result.first_mask_ns]


METRICS = (
    Metric("mask + commit, first visit", lambda result: result.first),
    Metric("mask + commit, visited before", lambda result: result.second),
    Metric("schema to first mask", _schema_to_first_mask),
)

STATISTICS: dict[str, Callable[[Samples], float]] = {
    "mean": lambda values: float(values.mean()),
    "p50": lambda values: float(np.percentile(values, 50)),
    "p90": lambda values: float(np.percentile(values, 90)),
    "p99": lambda values: float(np.percentile(values, 99)),
    "p99.9": lambda values: float(np.percentile(values, 99.9)),
    "max": lambda values: float(values.max()),
}


def samples(results: Iterable[SchemaResult], metric: Metric) -> Samples:
    """All samples of a metric, in microseconds, without repeated schemas and replays that did not end."""
    kept = (result for result in results if not result.repeat_of and result.status in (PASSED, WRONG))
    return np.array([ns for result in kept for ns in metric.read(result)], np.float64) / 1e3


def describe(values: Samples) -> dict[str, float]:
    """Every statistic of ``values``; NaN where there are none."""
    return {name: read(values) if values.size else float("nan") for name, read in STATISTICS.items()}


def paired(one: EngineRun, other: EngineRun) -> tuple[list[SchemaResult], list[SchemaResult]]:
    """The results of the schemas that both engines passed, in the same order."""
    passed = {result.id: result for result in other.results if result.status == PASSED}
    ours = [result for result in one.results if result.status == PASSED and result.id in passed]
    return ours, [passed[result.id] for result in ours]


@dataclass(frozen=True)
class WrongInstance:
    """A verdict that differs from the data set's."""

    id: str
    index: int
    rejected_at: int | None

    def __str__(self) -> str:
        place = "" if self.rejected_at is None else f" at token {self.rejected_at}"
        return f"{self.id} #{self.index}{place}"


def wrong_instances(run: EngineRun, *, valid: bool) -> list[WrongInstance]:
    """False rejects (``valid=True``) or false accepts (``valid=False``)."""
    return [
        WrongInstance(result.id, index, instance.rejected_at)
        for result in run.results
        for index, instance in enumerate(result.instances)
        if instance.valid == valid and not instance.right
    ]


def counts(run: EngineRun) -> Counter[str]:
    """How many schemas ended in each status, and ``"compiled"``: how many came as far as a first mask."""
    tally = Counter(result.status for result in run.results)
    tally["compiled"] = sum(
        result.compile_ns is not None and result.status != COMPILE_ERROR for result in run.results
    )
    return tally
