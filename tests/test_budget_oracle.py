"""The brute force of budgets, judged itself: it accepts a correct matcher, and none with a single flaw."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

import constrain as cn
from tests.awkward_vocabularies import INCOMPLETE, complete_vocabulary, incomplete_vocabulary, some_texts
from tests.budget_cases import KINDS, draw_recipe
from tests.budget_oracle import NEVER, TokenGraph, Unsound, check_budgets, check_spelling


class Perfect:
    """A constraint and its matcher, made of a graph: exact, within budgets and without.

    ``flaw`` is what it does wrong.
    """

    def __init__(self, grammar: cn.Grammar, vocabulary: cn.Vocabulary, flaw: str = "") -> None:
        self.grammar, self.vocabulary, self.flaw = grammar, vocabulary, flaw
        self.graph = TokenGraph(grammar.engine, grammar.root, vocabulary)
        self.constraint = self
        self.max_tokens: int | None = None
        self.tokens: list[int] = []

    def matcher(self, max_tokens: int | None = None) -> Perfect:
        least = self.graph.cost[self.graph.root] + (self.flaw == "refuses the least budget")
        if max_tokens is not None and least > max_tokens and self.flaw != "accepts any budget":
            raise cn.BudgetError(least, max_tokens, self._shortest())
        copy = self.fork()
        copy.max_tokens, copy.tokens = max_tokens, []
        return copy

    def _shortest(self) -> bytes:
        return self.vocabulary.decode(self._way())

    def fork(self) -> Perfect:
        copy: Perfect = Perfect.__new__(Perfect)
        vars(copy).update(vars(self), tokens=[*self.tokens])
        copy.constraint = copy
        return copy

    @property
    def stopped(self) -> bool:
        return bool(self.tokens) and self.tokens[-1] in self.graph.ends

    @property
    def count(self) -> int:
        return len(self.tokens) - self.stopped

    @property
    def remaining(self) -> int | None:
        return None if self.max_tokens is None else self.max_tokens - self.count

    @property
    def text(self) -> bytes:
        return self.vocabulary.decode(self.tokens)

    @property
    def can_stop(self) -> bool:
        return self.stopped or self.graph.is_complete(self._place())

    def _place(self) -> Any:
        place = self.graph.root
        for token in self.tokens[: self.count]:
            place = self.graph.moves[place][token]
        return place

    def allowed(self) -> set[int]:
        if self.stopped:
            return set()
        left = NEVER if self.remaining is None else self.remaining
        found = self.graph.exact(self._place(), left)
        if self.flaw == "allows what is too long":
            return found | set(sorted(self.graph.exact(self._place(), left + 1) - found)[:1])
        if self.flaw == "allows what cannot be read":
            return found | {max(set(range(self.vocabulary.size)) - self.graph.ends - found)}
        if self.flaw == "loses a token" and len(found) > 1:
            return found - {min(found)}
        return set() if self.flaw == "allows nothing" else found

    def fill_mask(self, bitmask: Any, row: int) -> None:
        bitmask[row] = 0
        for token in self.allowed():
            bitmask[row].view("uint32")[token >> 5] |= 1 << (token & 31)

    def advance(self, token: int) -> bool:
        if token not in self.allowed() or (self.flaw == "refuses what is allowed" and token % 5 == 2):
            return False
        self.tokens.append(token)
        return True

    def rollback(self, count: int) -> None:
        if count and self.flaw == "goes back too far":
            count = min(count + 1, len(self.tokens))
        self.tokens = self.tokens[: len(self.tokens) - count]

    def completion(self) -> list[int]:
        return self._way()[: -1 if self.flaw == "does not complete" else None]

    def _way(self) -> list[int]:
        """The fewest tokens that complete the text."""
        place, found = self._place(), []
        while not self.graph.is_complete(place):
            moves = self.graph.moves[place]
            token = min(moves, key=lambda token: self.graph.cost[moves[token]])
            found.append(token)
            place = moves[token]
        return found


@pytest.mark.parametrize("kind", KINDS)
def test_a_perfect_matcher_passes(kind: str) -> None:
    for number in range(10):
        chooser = Random(f"{kind} {number}")
        grammar = draw_recipe(kind, chooser).grammar()
        vocabulary = complete_vocabulary(some_texts(grammar, chooser), chooser)
        perfect: Any = Perfect(grammar, vocabulary)
        if perfect.graph.cost[perfect.graph.root] != NEVER:
            tally = check_budgets(perfect.graph, perfect, chooser, exact=True)
            assert tally.masks and not tally.lost and not tally.longer and not tally.refused_in_vain


@pytest.mark.parametrize("kind", INCOMPLETE)
def test_a_perfect_matcher_passes_where_something_is_missing(kind: str) -> None:
    masks = 0
    for number in range(30):
        chooser = Random(f"{kind} {number}")
        grammar = draw_recipe(chooser.choice(list(KINDS)), chooser).grammar()
        vocabulary = incomplete_vocabulary(kind, some_texts(grammar, chooser), chooser)
        perfect: Any = Perfect(grammar, vocabulary)
        if perfect.graph.horizon is None and perfect.graph.cost[perfect.graph.root] != NEVER:
            masks += check_spelling(perfect.graph, perfect, chooser).masks
            masks += check_budgets(perfect.graph, perfect, chooser, exact=True).masks
    assert masks > 100


def check_often(flawed: Any) -> None:
    for seed in range(20):
        check_budgets(flawed.graph, flawed, Random(seed), exact=True)


@pytest.mark.parametrize(
    ("flaw", "found"),
    [
        ("allows what is too long", "nothing completes them"),
        ("allows what cannot be read", "nothing completes them"),
        ("allows nothing", "nothing is allowed"),
        ("refuses what is allowed", "advance has it the other way"),
        ("goes back too far", "another mask"),
        ("does not complete", "does not end the text"),
        ("accepts any budget", "is accepted"),
        ("loses a token", "not allowed"),
        ("refuses the least budget", "would do"),
    ],
)
def test_a_flaw_is_found(flaw: str, found: str) -> None:
    grammar = cn.choice(["ab", "abcd", "é"])
    tokens = [b"a", b"b", b"ab", b"c", b"d", b"bc", b"\xc3", b"\xa9", b"x", b"y"]
    flawed: Any = Perfect(grammar, cn.Vocabulary([*tokens, None], len(tokens)), flaw)
    with pytest.raises(Unsound, match=found):
        check_often(flawed)


def test_what_is_lost_is_counted() -> None:
    grammar = cn.choice(["ab", "abcd"])
    flawed: Any = Perfect(
        grammar, cn.Vocabulary([b"a", b"b", b"c", b"d", None], 4), "refuses the least budget"
    )
    tally = check_budgets(flawed.graph, flawed, Random(0))
    assert (tally.budgets, tally.refused, tally.refused_in_vain) == (8, 3, 1)
