"""Does memory stay flat, and are masks right, after very many steps? ``python -m benchmarks.soak --help``.

Random steps that prefer awkward tokens (``awkward_walks``) are taken in constraints of many real schemas in turn, in
both orders of properties, within budgets and without, with so little memory that what they keep is dropped again and
again. A few constraints are held at a time; others are dropped, and made again when it is their turn. So everything
that lives as long as a vocabulary or the process shows in the memory of the process, which must be flat once all
schemas have had their turn.

At intervals the mask at hand is compared, bit by bit, with that of a constraint made from the schema for a vocabulary
that only such comparisons use, at the same tokens. The exit status is 1 if one differed, a mask was empty, or an
allowed token was refused. Walks depend on the seed alone.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import sys
import time
from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

import constrain as cn
from benchmarks.awkward_walks import TokenClasses, draw_budget
from benchmarks.budget_walks import read_remotes
from benchmarks.data import read_records, sample_records
from benchmarks.memory import MIB, resident
from benchmarks.timing import table

__all__ = ["Soak", "main"]

Row = NDArray[np.int32]

ORDERS = ("schema", "any")
LONGEST = 120  # tokens after which a text is given up
STOP = 0.1  # how often a text ends where it may
AGAIN = 0.7  # how often the next text is of one of the constraints that are held
SAMPLES = 200  # of memory
SHOWN = 10  # rows of the report
JUDGES = 50  # comparisons after which the vocabulary of the comparisons is read anew


@dataclass
class Soak:
    """The state of a run.

    Attributes:
        held: constraints by schema and order, the one used last at the end.
        counts: what has happened, by what it is.
        points: steps and bytes of the process.
        failures: what went wrong.
    """

    folder: Path
    records: list[Any]
    remotes: dict[str, Any]
    limits: cn.Limits
    most: int
    chooser: Random
    held: OrderedDict[tuple[int, str], cn.Constraint] = field(default_factory=OrderedDict)
    made: set[tuple[int, str]] = field(default_factory=set)
    refused: set[tuple[int, str]] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)
    points: list[tuple[int, int]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.vocabulary = cn.Vocabulary.from_tokenizer_json(self.folder)
        self.judge = cn.Vocabulary.from_tokenizer_json(self.folder)
        self.classes = TokenClasses(self.vocabulary)
        self.bitmask = cn.allocate_bitmask(1, self.vocabulary.size)

    def run(self, steps: int, check_every: int, seconds: float) -> None:
        """So many steps, or as many as that time has room for."""
        end, checked = time.monotonic() + seconds, 0
        sample_every = max(1, steps // SAMPLES)
        while self.counts["steps"] < steps and time.monotonic() < end:
            key, constraint = self._next()
            if constraint is None:
                continue
            due = checked + check_every <= self.counts["steps"]
            try:
                self._walk(key, constraint, due)
            except cn.WorkLimitExceeded:
                self.counts["texts given up at limits"] += 1
            checked = self.counts["steps"] if due else checked
            if self.counts["steps"] >= sample_every * len(self.points):
                self.points.append((self.counts["steps"], resident()))
        self.points.append((self.counts["steps"], resident()))

    def _next(self) -> tuple[tuple[int, str], cn.Constraint | None]:
        """A constraint that is held, or another one; None if its schema is refused."""
        if self.held and self.chooser.random() < AGAIN:
            key = self.chooser.choice(list(self.held))
        else:
            key = self.chooser.randrange(len(self.records)), self.chooser.choice(ORDERS)
        if key in self.refused:
            return key, None
        if key not in self.held:
            try:
                self.held[key] = self._compile(key, self.vocabulary)
            except cn.ConstrainError:
                self.refused.add(key)
                return key, None
            self.counts["constraints made again"] += key in self.made
            self.counts["constraints made"] += 1
            self.made.add(key)
        self.held.move_to_end(key)
        if len(self.held) > self.most:
            self.held.popitem(last=False)
            self.counts["constraints dropped"] += 1
        return key, self.held[key]

    def _compile(self, key: tuple[int, str], vocabulary: cn.Vocabulary) -> cn.Constraint:
        number, order = key
        grammar = cn.json_schema(
            self.records[number]["schema"],
            property_order=order,
            registry=self.remotes,
            unknown="ignore",
            limits=self.limits,
        )
        return cn.compile(grammar, vocabulary)

    def _walk(self, key: tuple[int, str], constraint: cn.Constraint, due: bool) -> None:
        """One text, or the beginning of one, and a comparison somewhere in it if that is due."""
        chooser, mask = self.chooser, self.bitmask[0].view(np.uint32)
        matcher = self._start(constraint)
        if matcher is None:
            return
        liked = chooser.randrange(len(self.classes.rows))
        compared_at = int(math.exp(chooser.uniform(0, math.log(LONGEST)))) - 1 if due else -1
        while not matcher.stopped and matcher.count < LONGEST:
            matcher.fill_mask(self.bitmask, 0)
            self.counts["steps"] += 1
            may_end = matcher.can_stop
            token = self.classes.ends if may_end and chooser.random() < STOP else -1
            if token < 0:
                token = self.classes.choose(mask, liked, chooser)
            ends = token < 0 or token in constraint.vocabulary.eos_token_ids
            if matcher.count == compared_at or (ends and 0 <= matcher.count < compared_at):
                self._compare(key, matcher)
                compared_at = -1
            if token < 0 and not may_end:
                self._fail(key, matcher, "nothing is allowed")
                return
            token = self.classes.ends if token < 0 else token
            if not matcher.advance(token):
                self._fail(key, matcher, f"token {token} is allowed and refused")
                return
        if matcher.count >= LONGEST and chooser.random() < 0.05:
            self.counts["tokens of completions"] += len(matcher.completion())

    def _start(self, constraint: cn.Constraint) -> cn.Matcher | None:
        budget = draw_budget(self.chooser)
        self.counts["texts" if budget is None else "texts within budgets"] += 1
        try:
            return constraint.matcher(budget)
        except cn.BudgetError as error:
            return constraint.matcher(error.needed) if error.needed <= LONGEST else None

    def _compare(self, key: tuple[int, str], matcher: cn.Matcher) -> None:
        """Compare the mask in ``bitmask`` with that of a constraint that nothing else has used.

        Within a budget, what is known of completions depends on what has been looked at, so there it may only have no
        token that the other has not without one; how often they differ within the same budget is counted.
        """
        self.counts["comparisons"] += 1
        if self.counts["comparisons"] % JUDGES == 0:
            self.judge = cn.Vocabulary.from_tokenizer_json(self.folder)
        constraint = self._compile(key, self.judge)
        free = self._mask(constraint, None, matcher)
        if free is None:
            self._fail(key, matcher, "another constraint refuses what has been read")
            return
        if matcher.max_tokens is not None:
            within = self._mask(constraint, matcher.max_tokens, matcher)
            known = within is not None and bool((within == self.bitmask).all())
            self.counts["comparisons within the same budget that differ"] += not known
            free &= self.bitmask
        different = int(np.unpackbits((free ^ self.bitmask).view(np.uint8)).sum())
        if different:
            self._fail(key, matcher, f"{different} bits differ from those of another constraint")

    def _mask(self, constraint: cn.Constraint, budget: int | None, beside: cn.Matcher) -> Row | None:
        """The mask of a constraint after the tokens of a matcher; None if it does not read them."""
        try:
            matcher = constraint.matcher(budget)
        except cn.BudgetError:
            return None
        row: Row = cn.allocate_bitmask(1, self.judge.size)
        if not all(matcher.advance(token) for token in beside.tokens):
            return None
        matcher.fill_mask(row, 0)
        return row

    def _fail(self, key: tuple[int, str], matcher: cn.Matcher, message: str) -> None:
        number, order = key
        place = f"{self.records[number]['id']}, order {order}, budget {matcher.max_tokens}"
        self.failures.append(f"{place}: {message}; behind {matcher.text[-80:]!r}, tokens {matcher.tokens}")


def slope(points: Sequence[tuple[int, int]]) -> float:
    """MiB per million steps, over the second half of the points."""
    late = np.array(points[len(points) // 2 :], float)
    return float(np.polyfit(late[:, 0] / 1e6, late[:, 1] / MIB, 1)[0]) if len(late) > 2 else float("nan")


def report(soak: Soak, seconds: float, before: int) -> str:
    """The tables."""
    counts, points = soak.counts, soak.points
    shown = [points[round(i * (len(points) - 1) / SHOWN)] for i in range(SHOWN + 1)]
    rows = [[f"{steps:,}", f"{(size - before) / MIB:.1f}"] for steps, size in shown]
    lines = [
        table(["steps", "MiB above the vocabulary's"], rows),
        "",
        f"Slope over the second half: {slope(points):+.2f} MiB per million steps; "
        f"{counts['steps'] / seconds:,.0f} steps per second.",
        "",
        *(f"- {name}: {count:,}" for name, count in sorted(counts.items())),
        f"- schemas and orders: {len(soak.made):,} made, {len(soak.refused):,} refused",
        f"- failures: {len(soak.failures):,}",
        *(f"  - {failure}" for failure in soak.failures[:SHOWN]),
    ]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--data", type=Path, action="append", required=True, help="schemas; may be repeated")
    parser.add_argument("--remotes", type=Path, help="schemas that they refer to")
    parser.add_argument("--tokenizer", type=Path, required=True, help="folder with tokenizer.json")
    parser.add_argument("--steps", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=math.inf, help="after which it ends in any case")
    parser.add_argument("--schemas", type=int, help="so many of each file; all if not given")
    parser.add_argument("--held", type=int, default=100, help="constraints that are held at a time")
    parser.add_argument("--memory", type=float, default=0.5, help="MiB that a constraint may keep")
    parser.add_argument("--check-every", type=int, default=2_000, help="steps between two comparisons")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="write steps and bytes as JSON")
    options = parser.parse_args(arguments)
    records = [
        record
        for path in options.data
        for record in sample_records(read_records(path), options.schemas, options.seed)
    ]
    for record in records:
        record.pop("tests", None)
    remotes = read_remotes([options.remotes] if options.remotes else [])
    limits = cn.Limits(memory=int(options.memory * MIB), compile_seconds=5, mask_seconds=5)
    soak = Soak(options.tokenizer, records, remotes, limits, options.held, Random(options.seed))
    gc.collect()
    before, start = resident(), time.monotonic()
    soak.run(options.steps, options.check_every, options.seconds)
    print(report(soak, time.monotonic() - start, before))
    if options.out:
        options.out.write_text(json.dumps({"points": soak.points, "counts": soak.counts}) + "\n")
    sys.exit(1 if soak.failures else 0)


if __name__ == "__main__":
    main()
