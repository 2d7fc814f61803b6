"""Do awkward walks within budgets reach an end? ``python -m benchmarks.budget_walks --help``.

Random walks that prefer awkward tokens (``awkward_walks``) write documents of real schemas, of schemas made to be hard
and texts of random grammars, within budgets of 3 to 300 tokens and without one. No mask may be empty, no allowed token
refused, no text invalid; completions must complete. Walks depend only on the seed and the language. A language that
exceeds its time is given up, and its process is killed.

A text that belongs to the language when it is read byte by byte, but that ``jsonschema`` calls invalid or cannot judge,
is counted separately, because ``jsonschema`` uses the patterns of Python. The shortest failure of each kind and
language is shown; ``--only`` with the language repeats its walks. The exit status is 1 if anything failed.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import constrain as cn
from benchmarks.awkward_walks import Failed, TokenClasses, Walk, draw_budget, walk
from benchmarks.data import read_records
from benchmarks.hard_cases import SCHEMAS
from benchmarks.killable import Announce, Handle, Lost, run_jobs
from benchmarks.timing import table
from benchmarks.validity import verdict
from tests.budget_cases import KINDS, Recipe, draw_recipe

__all__ = ["main"]

FAILURES = ("empty masks", "refusals", "completions", "not of the language", "exceptions", "time-outs")
SHOWN = 30  # failures printed, the shortest walks first
CHECKING = "checking"  # what a walker is doing while jsonschema is


@dataclass(frozen=True)
class Language:
    """One language to walk in: a schema or a recipe, and how often."""

    id: str
    schema: Any
    recipe: Recipe | None
    walks: int


@dataclass
class Walked:
    """What came of a language: counts by the columns of the report, and what failed."""

    counts: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[int, str, str]] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    def fail(self, kind: str, message: str, tokens: int = 0) -> None:
        """Note a failure after so many tokens."""
        self.counts[kind] += 1
        self.failures.append((tokens, kind, message))


class Walker:
    """Walks in one process, with one vocabulary."""

    def __init__(self, folder: Path, remotes: dict[str, Any], seed: int) -> None:
        self.vocabulary = cn.Vocabulary.from_tokenizer_json(folder)
        self.classes = TokenClasses(self.vocabulary)
        self.remotes, self.seed = remotes, seed

    def __call__(self, language: Language, announce: Announce) -> Walked:
        """All walks of a language."""
        chooser, walked = Random(f"{self.seed} {language.id}"), Walked()
        order = chooser.choice(["schema", "any"])
        announce(f"compiling, order {order}")
        try:
            constraint = cn.compile(self._grammar(language, order), self.vocabulary)
        except cn.ConstrainError as error:
            walked.counts["not compiled"] += 1
            walked.doubts.append(f"{language.id}: {type(error).__name__}: {error}")
            return walked
        for number in range(language.walks):
            chooser = Random(f"{self.seed} {language.id} {number}")
            budget = draw_budget(chooser)
            announce(f"walking, walk {number}, budget {budget}")
            try:
                done = walk(constraint, budget, self.classes, chooser)
                announce(f"{CHECKING}, walk {number}, budget {budget}")
                self._check(language, constraint, done, walked)
            except Failed as problem:
                walked.fail(problem.kind, f"walk {number}: {problem.message}", problem.tokens)
            except Exception as problem:  # noqa: BLE001  a failure of what is checked, and reported as one
                walked.fail(
                    "exceptions", f"walk {number}: {type(problem).__name__}: {problem}; budget {budget}"
                )
        return walked

    def _grammar(self, language: Language, order: str) -> cn.Grammar:
        if language.recipe is not None:
            return language.recipe.grammar()
        return cn.json_schema(language.schema, property_order=order, registry=self.remotes, unknown="ignore")

    def _check(
        self, language: Language, constraint: cn.Constraint, done: Walk | None, walked: Walked
    ) -> None:
        """Count a walk, and see whether its text is one."""
        if done is None:
            walked.counts["needs more"] += 1
            return
        walked.counts["walks"] += 1
        walked.counts["tokens"] += done.tokens
        walked.counts["budgets refused"] += done.refused
        walked.counts["used up"] += done.tokens == done.budget
        text = done.text
        if self.vocabulary.leading_space and text.startswith(b" "):
            text = text[1:]  # as decoding drops it
        if not constraint.grammar.matches(text):
            walked.fail("not of the language", f"budget {done.budget}: {text!r}", done.tokens)
        elif language.recipe is None:
            problem = self._opinion(language.schema, text.decode())
            walked.counts["jsonschema disagrees"] += bool(problem)
            walked.doubts += [f"{language.id}: {problem}"] if problem else []

    def _opinion(self, schema: Any, text: str) -> str:
        try:
            return verdict(schema, text, self.remotes)
        except Exception as problem:  # noqa: BLE001  jsonschema cannot read a pattern, or finds no document
            return f"no verdict, {type(problem).__name__}: {problem}"


def start(folder: Path, remotes: dict[str, Any], seed: int) -> Handle:
    """What a process does with its languages."""
    return Walker(folder, remotes, seed)


# -- languages ----------------------------------------------------------------------------------


def languages_of(options: argparse.Namespace) -> list[Language]:
    """All languages, or as many as there are walks, with the walks shared out among them."""
    schemas = [(record["id"], record["schema"]) for path in options.data for record in read_records(path)]
    if options.schemas is not None:
        schemas = Random(options.seed).sample(schemas, min(options.schemas, len(schemas)))
    schemas += list(SCHEMAS.items())
    found: list[tuple[str, Any, Recipe | None]] = [(name, schema, None) for name, schema in schemas]
    kinds = [kind for kind in KINDS if kind in ("patterns", "lark", "gbnf", "grammars of grammars")]
    for number in range(options.grammars):
        kind = kinds[number % len(kinds)]
        found.append((f"{kind} {number}", None, draw_recipe(kind, Random(f"{options.seed} {number}"))))
    if options.only:
        found = [one for one in found if one[0] == options.only]
    each = max(1, options.walks // (len(found) * len(options.tokenizer)))
    most = max(1, options.walks // (each * len(options.tokenizer)))
    if most < len(found):
        found = Random(options.seed).sample(found, most)
    return [Language(*one, each) for one in found]


def read_remotes(paths: Sequence[Path]) -> dict[str, Any]:
    """The documents that schemas refer to, by URI: lines ``{"uri", "schema"}``."""
    return {record["uri"]: record["schema"] for path in paths for record in read_records(path)}


# -- report -------------------------------------------------------------------------------------


@dataclass
class Part:
    """What came of one vocabulary."""

    name: str
    counts: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[int, int, str]] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, language: Language, outcome: Any) -> None:
        """Count the result of a language: ``Walked`` or ``Lost``."""
        walked = outcome
        if isinstance(walked, Lost):
            walked = Walked()
            if outcome.doing.startswith(CHECKING):
                walked.counts["jsonschema disagrees"] += 1
                walked.doubts.append(f"{language.id}: {outcome.reason} {outcome.doing}")
            else:
                walked.fail("time-outs", f"{outcome.reason} {outcome.doing}")
        self.counts += walked.counts
        self.doubts += walked.doubts
        told: set[str] = set()
        for tokens, kind, message in sorted(walked.failures):
            if kind not in told:
                told.add(kind)
                line = f"{kind}: {self.name}, {language.id}: {message}{_source(language)}"
                self.failures.append((tokens, len(json.dumps(language.schema)), line))
                print(line[:300], file=sys.stderr, flush=True)


def _source(language: Language) -> str:
    source = repr(language.recipe or language.schema)
    return f"\n  {source}" if len(source) < 400 else ""


def report(parts: list[Part]) -> str:
    """A row for each vocabulary; what failed, the shortest first; what is in doubt."""
    columns = (
        "walks",
        "tokens",
        "budgets refused",
        "used up",
        "needs more",
        *FAILURES,
        "jsonschema disagrees",
        "not compiled",
    )
    rows = [
        [part.name, *(str(part.counts[column]) for column in columns), f"{part.seconds:.0f}"]
        for part in parts
    ]
    failures = [line for *_, line in sorted(failure for part in parts for failure in part.failures)]
    doubts = sorted({line for part in parts for line in part.doubts}, key=len)
    return "\n\n".join(
        [
            table(("", *columns, "seconds"), rows),
            *(f"- {line}" for line in failures[:SHOWN]),
            *(f"- in doubt: {line[:300]}" for line in doubts[:SHOWN]),
        ]
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.budget_walks", description=__doc__)
    add = parser.add_argument
    add(
        "--data",
        type=Path,
        action="append",
        default=[],
        help="schemas, as for benchmarks.maskbench; may be repeated",
    )
    add("--remotes", type=Path, action="append", default=[], help="schemas that these refer to: uri, schema")
    add("--tokenizer", type=Path, action="append", required=True, help="folder; may be repeated")
    add("--walks", type=int, default=10_000, help="of all vocabularies and languages together")
    add("--schemas", type=int, help="how many schemas to draw (default: all)")
    add("--grammars", type=int, default=200, help="random grammars besides the schemas")
    add("--only", help="the id of the one language to walk in")
    add("--limit-seconds", type=float, default=60.0, help="for all walks of a language")
    add("--gibibytes", type=float, default=6.0, help="address space of a process")
    add("--processes", type=int, default=2)
    add("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    remotes, languages, parts = read_remotes(options.remotes), languages_of(options), []
    for folder in options.tokenizer:
        part, began = Part(folder.name), time.monotonic()
        results = run_jobs(
            languages,
            partial(start, folder, remotes, options.seed),
            processes=options.processes,
            seconds=options.limit_seconds,
            gibibytes=options.gibibytes,
        )
        for done, (language, outcome) in enumerate(results, 1):
            part.add(language, outcome)
            if done % 200 == 0:
                print(f"{folder.name}: {done} of {len(languages)} languages", file=sys.stderr, flush=True)
        part.seconds = time.monotonic() - began
        parts.append(part)
    print(report(parts))
    sys.exit(any(part.counts[kind] for part in parts for kind in FAILURES))


if __name__ == "__main__":
    main()
