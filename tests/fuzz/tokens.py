"""Streams of tokens, within budgets and without.

An input is choices of a language and a vocabulary. Languages with few texts are judged by all places that tokens lead
to; languages of arbitrary schemas are judged by what must hold for every stream: each allowed token is read, no other
is, a mask equals that of the derivatives of all tokens and is never empty, going back leads to the same mask, a
completion completes the text, and the text validates.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from random import Random

import numpy as np

import constrain as cn
from tests.awkward_vocabularies import INCOMPLETE, complete_vocabulary, incomplete_vocabulary, some_texts
from tests.budget_cases import KINDS, draw_recipe
from tests.budget_oracle import NEVER, TokenGraph, allowed_by_mask, check_budgets, check_spelling
from tests.fuzz.chooser import LIMITS, Chooser
from tests.fuzz.command import main
from tests.fuzz.schemas import Judge, draw_schema
from tests.test_json_schema_properties import parse

MOST_PLACES = 100
BUDGETS = 2
STEPS = 8
REFUSED = 10  # tokens that are not allowed, and tried at each step
BEYOND = 6  # tokens of a budget beyond those that the shortest text takes
LONGEST = 400  # tokens of a completion that is read


def check(data: bytes) -> None:
    """Try one input."""
    chooser = Chooser(data)
    with suppress(cn.WorkLimitExceeded):
        if chooser.random() < 0.5:
            _check_all_places(chooser)
        else:
            _check_stream(chooser)


def _check_all_places(chooser: Chooser) -> None:
    try:
        grammar = draw_recipe(chooser.choice(list(KINDS)), chooser).grammar()
    except RuntimeError:  # none of many drawings is a language
        return
    complete = chooser.random() < 0.5
    texts = some_texts(grammar, chooser)
    if complete:
        vocabulary = complete_vocabulary(texts, chooser)
    else:
        vocabulary = incomplete_vocabulary(chooser.choice(list(INCOMPLETE)), texts, chooser)
    graph = TokenGraph(grammar.engine, grammar.root, vocabulary, MOST_PLACES)
    if graph.horizon is not None and not complete:
        return  # what can be spelled is only known for all places
    try:
        constraint = cn.compile(grammar, vocabulary, limits=LIMITS)
    except cn.UnspellableError:
        assert graph.cost[graph.root] == NEVER, "refused for its spelling, and some tokens are a text"
        return
    assert graph.horizon is not None or graph.cost[graph.root] != NEVER, (
        "no tokens are a text, and it is not refused"
    )
    if graph.horizon is None:
        check_spelling(graph, constraint, chooser)
    if graph.cost[graph.root] < 30:
        check_budgets(graph, constraint, chooser, some=BUDGETS)


def _check_stream(chooser: Chooser) -> None:
    schema = draw_schema(chooser)
    order = chooser.choice(["schema", "any"])
    try:
        grammar = cn.json_schema(schema, property_order=order, max_digits=4, limits=LIMITS, unknown="ignore")
    except cn.ConstrainError:
        return
    vocabulary = complete_vocabulary(some_texts(grammar, chooser), chooser)
    matcher = _matcher(cn.compile(grammar, vocabulary), chooser)
    _walk(matcher, chooser)
    text = matcher.text
    if vocabulary.leading_space and text.startswith(b" "):
        text = text[1:]
    assert grammar.matches(text), f"{text!r} is no text: {schema}"
    assert Judge(schema).verdict(parse(text)) is not False, f"{text!r} does not validate: {schema}"


def _matcher(constraint: cn.Constraint, chooser: Chooser) -> cn.Matcher:
    """With a budget that is enough, or none."""
    if chooser.random() < 0.3:
        return constraint.matcher()
    budget = chooser.randint(0, 40)
    try:
        return constraint.matcher(budget)
    except cn.BudgetError as error:
        assert error.needed > budget
        return constraint.matcher(error.needed + chooser.randint(0, BEYOND))


def _walk(matcher: cn.Matcher, chooser: Chooser) -> None:
    masks: list[set[int]] = []
    size = matcher.constraint.vocabulary.size
    for _ in range(STEPS):
        mask = allowed_by_mask(matcher)
        masks.append(mask)
        assert mask, f"nothing is allowed behind {matcher.text!r}"
        slow = set(
            np.flatnonzero(np.unpackbits(matcher.mask_by_derivatives().view(np.uint8), bitorder="little"))
        )
        assert mask <= slow and (matcher.remaining is not None or mask == slow), (
            f"another mask behind {matcher.text!r}"
        )
        for token in chooser.sample(range(size), min(size, REFUSED)):
            assert token in mask or not matcher.advance(token), f"{token} is read behind {matcher.text!r}"
            assert matcher.validate([token]) == (token in mask), (
                f"{token} is validated behind {matcher.text!r}"
            )
        _check_what_is_said(matcher, mask, chooser)
        _check_back(matcher, masks, chooser)
        token = chooser.choice(sorted(mask))
        assert matcher.advance(token), f"{token} is allowed and not read behind {matcher.text!r}"
        if matcher.stopped:
            return
    completion = matcher.completion()
    assert matcher.remaining is None or len(completion) <= matcher.remaining
    if len(completion) > LONGEST:
        raise cn.WorkLimitExceeded("a long completion")
    for token in completion:
        assert matcher.advance(token), f"{token} of a completion is not read behind {matcher.text!r}"
    assert matcher.can_stop, f"a completion ends at {matcher.text!r}"


def _check_what_is_said(matcher: cn.Matcher, mask: set[int], chooser: Chooser) -> None:
    """Forced text begins every allowed token, or goes on after it; an explanation says what the mask does."""
    tokens, forced = matcher.constraint.vocabulary.tokens, matcher.forced_bytes()
    for token in mask:
        data = tokens[token] or b""
        assert data[: len(forced)] == forced[: len(data)] and (data or not forced), (
            f"{forced!r} is forced and {token} allowed behind {matcher.text!r}"
        )
    token = chooser.randrange(len(tokens))
    assert matcher.explain(token).allowed == (token in mask), f"{token} is explained behind {matcher.text!r}"


def _check_back(matcher: cn.Matcher, masks: list[set[int]], chooser: Chooser) -> None:
    count = chooser.randrange(len(masks))
    fork = matcher.fork()
    fork.rollback(count)
    assert allowed_by_mask(fork) == masks[-1 - count], f"another mask {count} tokens before {matcher.text!r}"


def seeds() -> Iterator[bytes]:
    """Choices of each way."""
    for seed in range(40):
        yield bytes([seed * 6]) + Random(seed).randbytes(120)


if __name__ == "__main__":
    main(check)
