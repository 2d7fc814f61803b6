"""Budgets against brute force, in small vocabularies with every kind of token and languages with few texts."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import constrain as cn
from tests.awkward_vocabularies import complete_vocabulary, some_texts
from tests.budget_cases import KINDS, draw_recipe
from tests.budget_oracle import NEVER, TokenGraph, check_budgets, check_spelling
from tests.oracle import Oracle

SEEDS = st.integers(0, 2**32)
DRAWN = (Phase.explicit, Phase.reuse, Phase.generate)  # a smaller seed is no smaller case


@pytest.mark.parametrize("kind", KINDS)
@given(SEEDS)
@settings(max_examples=20, phases=DRAWN)
def test_what_is_allowed_can_be_completed(kind: str, seed: int) -> None:
    chooser = Random(seed)
    recipe = draw_recipe(kind, chooser)
    apart = recipe.grammar()  # read byte by byte only
    vocabulary = complete_vocabulary(some_texts(apart, chooser), chooser)
    graph = TokenGraph(apart.engine, apart.root, vocabulary)
    if graph.cost[graph.root] != NEVER:
        check_budgets(graph, cn.compile(recipe.grammar(), vocabulary), chooser)


@pytest.mark.parametrize("kind", KINDS)
@given(SEEDS)
@settings(max_examples=20, phases=DRAWN)
def test_without_a_budget_what_can_be_completed_is_allowed(kind: str, seed: int) -> None:
    chooser = Random(seed)
    recipe = draw_recipe(kind, chooser)
    apart = recipe.grammar()
    vocabulary = complete_vocabulary(some_texts(apart, chooser), chooser)
    graph = TokenGraph(apart.engine, apart.root, vocabulary)
    if graph.horizon is None:
        check_spelling(graph, cn.compile(recipe.grammar(), vocabulary), chooser)


@pytest.mark.parametrize("kind", ["patterns", "lark", "gbnf"])
@given(SEEDS)
@settings(max_examples=20, phases=DRAWN)
def test_the_slow_twin_says_the_same(kind: str, seed: int) -> None:
    """The places of the twin are others, and more; what can be completed is the same."""
    chooser = Random(seed)
    twin: Any = Oracle()
    recipe = draw_recipe(kind, chooser)
    grammar = recipe.grammar()
    vocabulary = complete_vocabulary(some_texts(grammar, chooser), chooser)
    graph = TokenGraph(twin, grammar.build(twin), vocabulary, most=40)
    if graph.cost[graph.root] != NEVER:
        check_budgets(graph, cn.compile(grammar, vocabulary), chooser)
