"""How long do other threads wait while one thread does hard work? ``python -m benchmarks.threads --help``.

One thread compiles a schema that is made to be hard, fills the masks along a short text of it, or replays a text whose
masks are expensive, for a few seconds at most. Another thread wants a mask of another grammar every millisecond: the
figure is how much later it gets the mask than if it were alone on the machine, so it counts waiting for the
interpreter's lock, for a core, and collections of garbage, of which the longest is shown apart. The first rows are for
comparison: nothing else is done, and a loop in plain Python, which gives the interpreter's lock away once a switch
interval.
"""

from __future__ import annotations

import argparse
import gc
import sys
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import constrain as cn
from benchmarks.data import load_tokenizer
from benchmarks.hard_cases import SCHEMAS
from benchmarks.hard_masks import CASES, replay
from benchmarks.timing import table

__all__ = ["main", "waits_beside"]

EVERY = 0.001  # seconds between two masks that are wanted
ALLOWED = 0.005  # waits above are counted
SHOWN = 0.1  # cases that take less have no row of their own, and are in the last one


class Collections:
    """The longest collection of garbage while it is entered."""

    def __enter__(self) -> Collections:
        self.longest = self._start = 0.0
        gc.callbacks.append(self._note)
        return self

    def __exit__(self, *problem: object) -> None:
        gc.callbacks.remove(self._note)

    def _note(self, phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            self._start = time.perf_counter()
        else:
            self.longest = max(self.longest, time.perf_counter() - self._start)


def waits_beside(
    work: Callable[[], object], matcher: cn.Matcher, seconds: float
) -> tuple[float, list[float], float]:
    """Seconds that ``work`` took, was it to end after ``seconds``; those that each mask came late; those of the longest
    collection of garbage."""
    stop = cn.Cancellation()
    bitmask = cn.allocate_bitmask(1, matcher.constraint.vocabulary.size)
    waits: list[float] = []

    def run() -> None:
        try:
            with stop:
                work()
        except cn.ConstrainError:
            pass  # stopped, or more than the limits allow

    thread = threading.Thread(target=run)
    with Collections() as collections:
        begin = time.perf_counter()
        thread.start()
        while thread.is_alive():
            due = time.perf_counter() + EVERY
            time.sleep(EVERY)
            matcher.fill_mask(bitmask, 0)
            now = time.perf_counter()
            waits.append(now - due)
            if now - begin > seconds:
                stop.cancel()
        thread.join()
        return time.perf_counter() - begin, sorted(waits), collections.longest


def plain(stop_after: float) -> None:
    """A loop in plain Python."""
    end = time.perf_counter() + stop_after
    while time.perf_counter() < end:
        pass


def hard(schema: Any, vocabulary: cn.Vocabulary) -> None:
    """Compile a schema; fill the masks along a short text of it."""
    bitmask = cn.allocate_bitmask(1, vocabulary.size)
    matcher = cn.compile(cn.json_schema(schema), vocabulary).matcher()
    matcher.fill_mask(bitmask, 0)
    for token in matcher.completion():
        matcher.advance(token)
        matcher.fill_mask(bitmask, 0)


def row(name: str, seconds: float, waits: Sequence[float], longest: float) -> list[str]:
    """A row of the report."""
    places = [waits[int(part * (len(waits) - 1))] for part in (0.5, 0.99, 1)]
    late = sum(wait > ALLOWED for wait in waits)
    figures = [f"{1e3 * figure:.2f}" for figure in (*places, longest)]
    return [name, f"{seconds:.1f}", f"{len(waits):,}", *figures[:3], f"{late:,}", figures[3]]


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.threads", description=__doc__)
    parser.add_argument("--tokenizer", type=Path, required=True, help="folder with tokenizer.json")
    parser.add_argument("--seconds", type=float, default=3, help="at which a case is stopped")
    parser.add_argument("--only", help="the cases whose name holds this")
    options = parser.parse_args(arguments)
    vocabulary = cn.Vocabulary.from_tokenizer_json(options.tokenizer)
    tokenizer = load_tokenizer(options.tokenizer)
    other = cn.compile(cn.json_schema({"type": "integer"}), vocabulary).matcher()
    hard(True, vocabulary)  # what all schemas share
    gc.collect()
    gc.freeze()
    cases: dict[str, Callable[[], object]] = {
        f"compile {name}": partial(hard, schema, vocabulary) for name, schema in SCHEMAS.items()
    } | {
        f"masks {name}": partial(replay, schema, value, vocabulary, tokenizer)
        for name, (schema, value) in CASES.items()
    }
    rows = [
        row("(nothing)", *waits_beside(partial(time.sleep, options.seconds), other, 60)),
        row("(a loop in Python)", *waits_beside(partial(plain, options.seconds), other, 60)),
    ]
    everything: list[float] = []
    total = longest = 0.0
    for name, work in cases.items():
        if options.only and options.only not in name:
            continue
        seconds, waits, collection = waits_beside(work, other, options.seconds)
        everything += waits
        total, longest = total + seconds, max(longest, collection)
        if seconds > SHOWN:
            rows.append(row(name, seconds, waits, collection))
    rows.append(row("all cases", total, sorted(everything), longest))
    header = ["ms", "seconds", "masks", "p50", "p99", "max", f"above {1e3 * ALLOWED:g}", "longest collection"]
    print(f"switch interval: {1e3 * sys.getswitchinterval():g} ms\n\n{table(header, rows)}")


if __name__ == "__main__":
    main()
