"""Are the masks right? ``python -m benchmarks.check_masks --help``.

Each mask is compared with the one that is made only from the derivative of every token. States are reached in two ways,
in turns: by some tokens of an instance and then up to 3 random ones, and by a random walk from the start. A walk
chooses among the first bytes of the allowed tokens, then among the tokens that begin with that byte: if it chose among
all tokens, it would hardly ever leave a string. The exit status is 1 if any masks differ.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import constrain as cn
from benchmarks.data import Job, load_tokenizer, make_jobs, read_records, sample_records
from benchmarks.timing import table

__all__ = ["main"]

DETOURS = 3  # at most that many random tokens after those of an instance
WALK = 60  # at most that many tokens of a random walk


@dataclass
class Checked:
    """What came of one schema: masks checked by how their states were reached, and what is wrong."""

    states: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    refused: str = ""


def ids_of(row: NDArray[np.int32]) -> NDArray[np.intp]:
    """The tokens whose bits are set, ascending."""
    return np.flatnonzero(np.unpackbits(row.view(np.uint8), bitorder="little"))


class Checker:
    """Checks schemas; one in each process.

    Args:
        folder: with ``tokenizer.json``.
        states: how many states of each schema.
        order: of the properties of objects, ``"schema"`` or ``"any"``.
        seed: of the choice of states, for each schema anew, so that it depends on no other.
    """

    def __init__(self, folder: Path, states: int, order: str, seed: int) -> None:
        self.vocabulary = cn.Vocabulary.from_tokenizer_json(folder)
        self.states, self.order, self.seed = states, order, seed
        self.bitmask = cn.allocate_bitmask(1, self.vocabulary.size)
        self.first_bytes = np.array([text[0] if text else -1 for text in self.vocabulary.tokens])

    def check(self, job: Job) -> Checked:
        """Compare the masks of some states of a schema."""
        chooser = random.Random(f"{self.seed} {job.id}")
        checked = Checked()
        try:
            grammar = cn.json_schema(job.schema, property_order=self.order, unknown="ignore")
            constraint = cn.compile(grammar, self.vocabulary)
            for way, matcher in self.reach(constraint, job, chooser):
                checked.states[way] += 1
                checked.wrong += [f"{job.id}: {line}" for line in self.differences(matcher)]
        except cn.ConstrainError as error:
            checked.refused = f"{type(error).__name__}: {error}"
        return checked

    def reach(
        self, constraint: cn.Constraint, job: Job, chooser: random.Random
    ) -> Iterator[tuple[str, cn.Matcher]]:
        """Matchers in states of a schema, and how they came there."""
        for number in range(self.states):
            matcher = constraint.matcher()
            if number % 2 == 0 and job.texts:
                tokens = chooser.choice(job.texts).tokens
                for token in tokens[: chooser.randint(0, len(tokens))]:
                    if not matcher.advance(token):
                        break
                self.stroll(matcher, chooser.randint(0, DETOURS), chooser)
                yield "instance", matcher
            else:
                self.stroll(matcher, chooser.randint(0, WALK), chooser)
                yield "walk", matcher

    def stroll(self, matcher: cn.Matcher, steps: int, chooser: random.Random) -> None:
        """Read random tokens; none that ends the text."""
        for _ in range(steps):
            matcher.fill_mask(self.bitmask, 0)
            tokens = ids_of(self.bitmask[0])
            first = self.first_bytes[tokens]
            beginnings = np.unique(first[first >= 0])
            if not beginnings.size:
                return
            matcher.advance(int(chooser.choice(tokens[first == chooser.choice(beginnings)])))

    def differences(self, matcher: cn.Matcher) -> list[str]:
        """The tokens that the mask wrongly allows or forbids, for people."""
        matcher.fill_mask(self.bitmask, 0)
        right = matcher.mask_by_derivatives()
        if (self.bitmask[0] == right).all():
            return []
        tokens = ids_of(self.bitmask[0] ^ right).tolist()
        shown = ", ".join(f"{token} {self.vocabulary.tokens[token]!r}" for token in tokens[:5])
        return [f"after {matcher.text!r} {len(tokens)} tokens differ: {shown}"]


def report(jobs: Sequence[Job], results: Sequence[Checked]) -> str:
    """A table of what was checked, and the wrong masks and refused schemas, if any."""
    states: Counter[str] = sum((result.states for result in results), Counter())
    wrong = [line for result in results for line in result.wrong]
    refused = [f"{job.id}: {it.refused}" for job, it in zip(jobs, results, strict=True) if it.refused]
    rows = [
        ["schemas", str(len(jobs))],
        ["schemas refused", str(len(refused))],
        ["masks on the way of an instance", str(states["instance"])],
        ["masks on random walks", str(states["walk"])],
        ["**wrong masks**", f"**{len(wrong)}**"],
    ]
    return "\n".join([table(["", "count"], rows), "", *(f"- {line}" for line in [*wrong, *refused])])


_checker: Checker


def _start(*arguments: object) -> None:
    global _checker
    _checker = Checker(*arguments)  # type: ignore[arg-type]


def _check(job: Job) -> Checked:
    return _checker.check(job)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.check_masks", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="schemas with instances")
    parser.add_argument("--tokenizer", type=Path, required=True, help="folder with tokenizer.json")
    parser.add_argument("--schemas", type=int, help="how many schemas to draw (default: all)")
    parser.add_argument("--states", type=int, default=6, help="how many states of each")
    parser.add_argument("--property-order", default="schema", choices=("schema", "any"))
    parser.add_argument("--only", help="the id of the one schema to check")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    records = [r for r in read_records(options.data) if options.only in (None, r["id"])]
    records = sample_records(records, options.schemas, options.seed)
    jobs = make_jobs(records, load_tokenizer(options.tokenizer))
    start = time.monotonic()
    context = multiprocessing.get_context("spawn")
    settings = (options.tokenizer, options.states, options.property_order, options.seed)
    with context.Pool(options.processes, _start, settings) as pool:
        results = []
        for result in pool.imap(_check, jobs, chunksize=8):
            results.append(result)
            for line in result.wrong:
                print(line, file=sys.stderr, flush=True)
            if len(results) % 500 == 0:
                print(f"{len(results)} of {len(jobs)} schemas", file=sys.stderr, flush=True)
    print(report(jobs, results))
    print(f"{time.monotonic() - start:.0f} s in {options.processes} processes", file=sys.stderr)
    sys.exit(1 if any(result.wrong for result in results) else 0)


if __name__ == "__main__":
    main()
