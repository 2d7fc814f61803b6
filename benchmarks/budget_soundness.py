"""Are masks within budgets sound, and how much do they lose? ``python -m benchmarks.budget_soundness --help``.

Random small languages and vocabularies, as in ``tests/test_budget_brute_force.py``: every place that tokens lead to is
visited, so the least number of further tokens that complete the text is known for every token. Nothing may be allowed
that cannot be completed in time, no mask may be empty, and completions must fit. Tokens that are forbidden although the
text could be completed are counted. Without a budget masks must be exact. With ``--spelling``, vocabularies lack bytes
or characters, as in ``tests/test_spelling_brute_force.py``.

Case *n* depends on the seed and *n* alone; ``--first n --cases 1`` runs it again. The exit status is 1 if any
failed.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from random import Random

import constrain as cn
from benchmarks.timing import table
from tests.awkward_vocabularies import INCOMPLETE, complete_vocabulary, incomplete_vocabulary, some_texts
from tests.budget_cases import KINDS, Recipe, draw_recipe
from tests.budget_oracle import NEVER, Tally, TokenGraph, Unsound, check_budgets, check_spelling

__all__ = ["main"]

MEMORY = (None, None, 1 << 16)  # of constraints; with little, what is known is dropped all the time
SHOWN = 6  # failures of a rule printed, the shortest first


@dataclass
class Checked:
    """What came of one case, or of several of a kind.

    Attributes:
        cases: how many.
        aside: those whose places are too many to say anything.
        unspellable: those that were refused, and rightly.
        tally: what was compared.
        failures: what failed: the rule that is broken, and all that it takes to try it again.
    """

    cases: int = 1
    aside: int = 0
    unspellable: int = 0
    tally: Tally = field(default_factory=Tally)
    failures: list[tuple[str, str]] = field(default_factory=list)

    def add(self, other: Checked) -> None:
        """Count what ``other`` has counted, too."""
        self.cases += other.cases
        self.aside += other.aside
        self.unspellable += other.unspellable
        self.tally.add(other.tally)
        self.failures += other.failures


def check(seed: int, spelling: bool, number: int) -> Checked:
    """Case ``number`` of ``seed``."""
    chooser, checked = Random(f"{seed} {number}"), Checked()
    recipe = draw_recipe(kind_of(number), chooser)
    apart = recipe.grammar()
    texts = some_texts(apart, chooser)
    if spelling:
        vocabulary = incomplete_vocabulary(chooser.choice(list(INCOMPLETE)), texts, chooser)
    else:
        vocabulary = complete_vocabulary(texts, chooser)
    graph = TokenGraph(apart.engine, apart.root, vocabulary)
    try:
        (_compare_spelling if spelling else _compare_budgets)(recipe, vocabulary, graph, chooser, checked)
    except Unsound as problem:
        checked.failures.append((problem.rule, _described(number, recipe, vocabulary, str(problem))))
    except Exception as problem:  # noqa: BLE001  a failure of what is checked, and reported as one
        message = f"{type(problem).__name__}: {problem}"
        checked.failures.append(("an exception", _described(number, recipe, vocabulary, message)))
    return checked


def kind_of(number: int) -> str:
    """Kinds take turns."""
    return list(KINDS)[number % len(KINDS)]


def _compare_budgets(
    recipe: Recipe, vocabulary: cn.Vocabulary, graph: TokenGraph, chooser: Random, checked: Checked
) -> None:
    if graph.cost[graph.root] == NEVER:
        checked.aside += 1
        return
    constraint = cn.compile(recipe.grammar(), vocabulary, memory=chooser.choice(MEMORY))
    if graph.horizon is None:
        checked.tally.add(check_spelling(graph, constraint, chooser))
    checked.tally.add(check_budgets(graph, constraint, chooser))


def _compare_spelling(
    recipe: Recipe, vocabulary: cn.Vocabulary, graph: TokenGraph, chooser: Random, checked: Checked
) -> None:
    least = graph.cost[graph.root]
    if graph.horizon is not None and least == NEVER:
        checked.aside += 1
        return
    try:
        constraint = cn.compile(recipe.grammar(), vocabulary, memory=chooser.choice(MEMORY))
    except cn.UnspellableError as problem:
        if least != NEVER:
            raise Unsound("spelling", f"refused, though {least} tokens spell a text: {problem}") from problem
        checked.unspellable += 1
        return
    if least == NEVER:
        raise Unsound("spelling", "compiled, though no tokens spell a text")
    if graph.horizon is None:
        checked.tally.add(check_spelling(graph, constraint, chooser))
    checked.tally.add(check_budgets(graph, constraint, chooser))


def _described(number: int, recipe: Recipe, vocabulary: cn.Vocabulary, problem: str) -> str:
    several = [(i, data) for i, data in enumerate(vocabulary.tokens) if data and len(data) > 1]
    return (
        f"case {number}: {problem}\n  {recipe!r}\n  tokens of several bytes: {several}\n"
        f"  leading space: {vocabulary.leading_space}, ends: {vocabulary.eos_token_ids}"
    )


def report(kinds: dict[str, Checked]) -> str:
    """A row for each kind of language, and what failed."""
    total = Checked(0)
    for checked in kinds.values():
        total.add(checked)
    header = (
        *("language", "cases", "set aside", "unspellable", "budgets", "refused in vain", "masks"),
        *("masks that lose tokens", "tokens lost, of 1,000", "completions that are longer", "**failures**"),
    )
    rows = [_row(name, checked) for name, checked in [*kinds.items(), ("all", total)]]
    return "\n\n".join([table(header, rows), *_failures(total.failures)])


def _failures(failures: list[tuple[str, str]]) -> list[str]:
    """The rules that are broken, how often, and the shortest cases of each."""
    by_rule: dict[str, list[str]] = defaultdict(list)
    for rule, described in sorted(failures, key=lambda failure: len(failure[1])):
        by_rule[rule].append(described)
    return [
        "\n\n".join([f"**{rule}**: {len(cases)} cases", *cases[:SHOWN]])
        for rule, cases in sorted(by_rule.items())
    ]


def _row(name: str, checked: Checked) -> list[str]:
    tally = checked.tally
    figures = (checked.cases, checked.aside, checked.unspellable, tally.budgets, tally.refused_in_vain)
    lost = f"{1_000 * tally.lost / max(tally.allowed, 1):.1f}"
    return [
        *(name, *map(str, figures), str(tally.masks), str(tally.masks - tally.exact), lost),
        *(str(tally.longer), f"**{len(checked.failures)}**"),
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.budget_soundness", description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000)
    parser.add_argument("--first", type=int, default=0, help="the number of the first case")
    parser.add_argument("--only", choices=KINDS, help="one kind of language")
    parser.add_argument("--spelling", action="store_true", help="vocabularies that lack bytes or characters")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=1)
    options = parser.parse_args(arguments)
    start = time.monotonic()
    numbers = range(options.first, options.first + options.cases)
    chosen = [number for number in numbers if options.only in (None, kind_of(number))]
    kinds = {kind: Checked(0) for kind in KINDS if options.only in (None, kind)}
    with multiprocessing.get_context("spawn").Pool(options.processes) as pool:
        results = pool.imap(partial(check, options.seed, options.spelling), chosen, chunksize=20)
        for done, (number, checked) in enumerate(zip(chosen, results, strict=True), 1):
            kinds[kind_of(number)].add(checked)
            if done % 1_000 == 0:
                failed = sum(len(each.failures) for each in kinds.values())
                print(f"{done} of {len(chosen)} cases, {failed} failures", file=sys.stderr, flush=True)
    print(report(kinds))
    print(f"{len(chosen)} cases in {time.monotonic() - start:.0f} s", file=sys.stderr)
    sys.exit(any(each.failures for each in kinds.values()))


if __name__ == "__main__":
    main()
