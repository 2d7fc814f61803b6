"""Timing of short calls side by side, so that drifts of a shared machine's speed meet all of them alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

__all__ = ["fastest", "table"]


def fastest(calls: Mapping[str, Callable[[], object]], seconds: float = 1.0) -> dict[str, float]:
    """Seconds that each call takes when nothing disturbs it: the least of some hundred samples, taken in turns.

    A sample is the mean of as many calls as fill a millisecond; what a call returns is freed within it.
    """
    repeats = {name: 1 + int(1e-3 / max(_seconds(call, 1), 1e-7)) for name, call in calls.items()}
    least = dict.fromkeys(calls, float("inf"))
    end = time.perf_counter() + seconds * len(calls)
    while time.perf_counter() < end:
        for name, call in calls.items():
            least[name] = min(least[name], _seconds(call, repeats[name]))
    return least


def _seconds(call: Callable[[], object], repeats: int) -> float:
    start = time.perf_counter()
    for _ in range(repeats):
        call()
    return (time.perf_counter() - start) / repeats


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table whose first column is text and whose others are figures."""
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
