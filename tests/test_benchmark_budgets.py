"""The foundations of the benchmarks of budgets: processes that can be killed, classes of tokens, walks, pages."""

from __future__ import annotations

import os
from functools import partial
from random import Random
from typing import Any

import pytest

pytest.importorskip("tokenizers", reason="the benchmarks need the tokenizers package")
pytest.importorskip("jsonschema", reason="the benchmarks need the jsonschema package")

import constrain as cn
from benchmarks import budget_cost, budget_soundness, budget_walks
from benchmarks.awkward_walks import Failed, TokenClasses, draw_budget, walk
from benchmarks.budget_hard_cases import SCHEMAS, TOOLS
from benchmarks.budget_meter import Measured
from benchmarks.killable import Announce, Handle, Lost, run_jobs
from benchmarks.validity import verdict
from tests.budget_cases import Recipe
from tests.test_masks import JSON_TOKENS, vocabulary_of

VOCABULARY = vocabulary_of(JSON_TOKENS)


def handler() -> Handle:
    """Doubles numbers; words say what is to go wrong."""

    def handle(job: Any, announce: Announce) -> Any:
        announce(f"doing {job}")
        if job == "exit":
            os._exit(3)
        while job == "hang":
            pass
        return 2 * job

    return handle


def test_jobs_that_hang_or_end_their_process_are_lost_alone() -> None:
    jobs = [1, "exit", 2, "hang", 3]
    results = dict(run_jobs(jobs, handler, processes=1, seconds=1.0, gibibytes=64))
    assert results == {
        1: 2,
        2: 4,
        3: 6,
        "exit": Lost("its process ended with 3", "doing exit"),
        "hang": Lost("timed out", "doing hang"),
    }


def test_jobs_of_several_processes() -> None:
    assert dict(run_jobs(range(9), handler, processes=3, seconds=60.0, gibibytes=64)) == {
        i: 2 * i for i in range(9)
    }


def test_classes_of_tokens() -> None:
    tokens = [b"a", b"\xc3", b"a\xe6\x97", b"\xa9", b"\xc3\xa9", b'a"', b'"a', b"}", b"\xf0\x9f\x98\x80"]
    classes = TokenClasses(cn.Vocabulary([*tokens, None], len(tokens)))
    found = [[i for i in range(len(tokens)) if row[0] >> i & 1] for row in classes.rows]
    within, starting, _, _, quoted, structure, every = found
    assert (within, starting, quoted, structure) == ([1, 2], [3], [5, 6], [6, 7])
    assert every == [*range(len(tokens))]


@pytest.mark.parametrize("seed", range(20))
def test_walks_end_in_texts_of_the_language(seed: int) -> None:
    schema = {"type": "array", "items": {"type": ["string", "null"], "maxLength": 3}, "maxItems": 4}
    constraint = cn.compile(cn.json_schema(schema), VOCABULARY)
    chooser = Random(seed)
    done = walk(constraint, draw_budget(chooser), TokenClasses(VOCABULARY), chooser)
    assert done is not None and done.tokens <= (done.budget or done.tokens)
    assert verdict(schema, done.text.decode()) == ""
    assert verdict(schema, f"[{done.text.decode()}]") != ""


def test_a_walk_that_finds_nothing_allowed_says_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TokenClasses, "choose", lambda *_: -1)
    with pytest.raises(Failed, match="nothing is allowed") as caught:
        walk(cn.compile(cn.regex("ab"), VOCABULARY), 2, TokenClasses(VOCABULARY), Random(0))
    assert caught.value.kind == "empty masks"


def test_page_of_walks() -> None:
    part = budget_walks.Part("none")
    language = budget_walks.Language("a schema", {"type": "null"}, None, 3)
    walked = budget_walks.Walked()
    walked.counts["walks"] = 3
    for tokens in (9, 4):
        walked.fail("refusals", "token 7 is allowed and refused", tokens)
    part.add(language, walked)
    part.add(language, Lost("timed out", "walking"))
    page = budget_walks.report([part])
    assert "| none | 3 | 0 | 0 | 0 | 0 | 0 | 2 | 0 | 0 | 0 | 1 | 0 | 0 | 0 |" in page
    assert page.count("token 7 is allowed and refused") == 1  # one of a kind and language


def test_page_of_costs() -> None:
    pairs = [
        budget_cost.Pair(
            budget_cost.Case(corpus, "a", "any", Recipe("regex", ("a",)), 30),
            Measured(4_000_000, [3_000, 9_000], [2_000, 2_000], [1], 4_096, 1 << 20, texts=[[5, 6]]),
            Measured(2_000_000, [3_000, 3_000], [1_000, 1_000], [1], 2_048, 1 << 20),
        )
        for corpus in ("maskbench", "hard")
    ]
    page = budget_cost.report(pairs, ["b: timed out"], (1 << 20, 1 << 20))
    assert "| maskbench, order any, 30 | 1 | 2 | 6 / 3 (2) | 6 / 3 (2) |" in page
    assert "| hard, a, order any, 30 | 1 | 2 | 9 / 3 (3) |" in page
    assert "not read to their ends again: 2 of 2." in page
    assert "Not measured: 1." in page


def test_cases_of_the_same_number_are_the_same() -> None:
    check = partial(budget_soundness.check, 5, False)
    assert check(7) == check(7)
    assert budget_soundness.check(5, True, 7) == budget_soundness.check(5, True, 7)


@pytest.mark.parametrize("name", SCHEMAS)
def test_hard_cases_are_languages(name: str) -> None:
    assert cn.json_schema(SCHEMAS[name], property_order="any").root


def test_a_thousand_tools_are_a_language() -> None:
    assert len(TOOLS) == 1_000 and cn.tool_call(TOOLS).root
