"""Vocabularies that lack bytes or characters, against brute force.

The language then consists of the texts that some tokens spell: a token may come if further tokens complete the text,
and a grammar is refused if none of its texts is left.
"""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

import constrain as cn
from tests.awkward_vocabularies import INCOMPLETE, incomplete_vocabulary, some_texts
from tests.budget_cases import KINDS, draw_recipe
from tests.budget_oracle import NEVER, TokenGraph, allowed_by_mask, check_budgets, check_spelling

SEEDS = st.integers(0, 2**32)
DRAWN = (Phase.explicit, Phase.reuse, Phase.generate)  # a smaller seed is no smaller case
LANGUAGES = st.sampled_from(list(KINDS))

Drawn = tuple[TokenGraph, cn.Grammar, cn.Vocabulary, Random]


def drawn(kind: str, language: str, seed: int) -> Drawn:
    """A vocabulary of a kind, a grammar, and the places that the tokens lead to in its language."""
    chooser = Random(seed)
    recipe = draw_recipe(language, chooser)
    apart = recipe.grammar()  # read byte by byte only
    vocabulary = incomplete_vocabulary(kind, some_texts(apart, chooser), chooser)
    graph = TokenGraph(apart.engine, apart.root, vocabulary)
    return graph, recipe.grammar(), vocabulary, chooser


@pytest.mark.parametrize("kind", INCOMPLETE)
@given(LANGUAGES, SEEDS)
@settings(max_examples=40, phases=DRAWN)
def test_refused_if_no_text_is_left(kind: str, language: str, seed: int) -> None:
    graph, grammar, vocabulary, _ = drawn(kind, language, seed)
    assume(graph.horizon is None or graph.cost[graph.root] != NEVER)
    if graph.cost[graph.root] == NEVER:
        with pytest.raises(cn.UnspellableError):
            cn.compile(grammar, vocabulary)
    else:
        assert allowed_by_mask(cn.compile(grammar, vocabulary).matcher())


@pytest.mark.parametrize("kind", INCOMPLETE)
@given(LANGUAGES, SEEDS)
@settings(max_examples=40, phases=DRAWN)
def test_what_can_be_completed_is_allowed(kind: str, language: str, seed: int) -> None:
    graph, grammar, vocabulary, chooser = drawn(kind, language, seed)
    assume(graph.horizon is None)
    if graph.cost[graph.root] != NEVER:
        check_spelling(graph, cn.compile(grammar, vocabulary), chooser)


@pytest.mark.parametrize("kind", INCOMPLETE)
@given(LANGUAGES, SEEDS)
@settings(max_examples=40, phases=DRAWN)
def test_within_budgets_what_is_allowed_can_be_completed(kind: str, language: str, seed: int) -> None:
    graph, grammar, vocabulary, chooser = drawn(kind, language, seed)
    if graph.cost[graph.root] != NEVER:
        check_budgets(graph, cn.compile(grammar, vocabulary), chooser)


# -- by hand ------------------------------------------------------------------------------------


def mask_after(grammar: cn.Grammar, tokens: list[bytes], *read: bytes) -> set[bytes | None]:
    """What is allowed, after some tokens; None is the end."""
    vocabulary = cn.Vocabulary([*tokens, None], len(tokens))
    matcher = cn.compile(grammar, vocabulary).matcher()
    for data in read:
        assert matcher.advance(tokens.index(data))
    return {vocabulary.tokens[token] for token in allowed_by_mask(matcher)}


def test_a_text_of_which_a_byte_is_missing_is_left_out() -> None:
    assert mask_after(cn.choice(["ab", "ac"]), [b"a", b"b"], b"a") == {b"b"}
    assert mask_after(cn.choice(["ab", "c"]), [b"a", b"c"]) == {b"c"}
    with pytest.raises(cn.UnspellableError):
        cn.compile(cn.choice(["ab"]), cn.Vocabulary([b"a", None], 1))


def test_tokens_of_several_bytes_must_meet() -> None:
    tokens = [b"ab", b"abc", b"cd", b"d"]
    assert mask_after(cn.choice(["abcd"]), tokens) == {b"ab", b"abc"}
    assert mask_after(cn.choice(["abcd"]), tokens[:3]) == {b"ab"}
    assert mask_after(cn.regex("(?:ab)*abc"), [b"ab", b"abab", b"bc", b"a"]) == {b"ab", b"abab", b"a"}


def test_a_character_begun_can_be_ended() -> None:
    tokens = [b"a", b"\xc3", b"\xa9a", b"\xe6"]
    assert mask_after(cn.regex("[^b]*"), tokens) == {b"a", b"\xc3", None}
    assert mask_after(cn.regex("[^b]*"), tokens, b"\xc3") == {b"\xa9a"}


def test_strings_go_on_with_the_characters_there_are() -> None:
    tokens = [b'"', b"a", b"\xc3\xa9", b"\\", b"n"]
    string = cn.json_schema({"type": "string"}, whitespace="compact")
    assert mask_after(string, tokens, b'"') == {*tokens}
    assert mask_after(string, tokens, b'"', b"\\") == {b'"', b"\\", b"n"}
    assert mask_after(string, [*tokens[:3], b"\\"], b'"', b"\\") == {b'"', b"\\"}


def test_an_array_that_cannot_be_closed_is_not_opened() -> None:
    schema = cn.json_schema({"type": ["array", "integer"], "items": {"const": 1}}, whitespace="compact")
    assert None in mask_after(schema, [b"[", b"1", b","], b"1")
    assert mask_after(schema, [b"[", b"1", b",", b"-"]) == {b"1", b"-"}
    assert mask_after(schema, [b"[", b"1]"], b"[") == {b"1]"}
