"""The python flavour against ``re`` itself, and against interegular."""

from __future__ import annotations

import random
import re
import warnings
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import constrain as cn
from tests.regex_support import ARENAS, Pattern, patterns, refusal, texts

pytest.importorskip("interegular")
import interegular
from interegular.patterns import InvalidSyntax, Unsupported

JUNK = [
    *"ab\\-[]{}()^$.*+?|0189,:=!<>#P iLmsuxAZdwBN\n",
    "(?",
    "(?P<n>",
    "(?i)",
    "(?:",
    "\\x41",
    "{2,1}",
    "{,2}",
]


@pytest.mark.parametrize("kind", ARENAS)
@pytest.mark.parametrize("mode", ["fullmatch", "search"])
@given(source=patterns("python"), samples=texts())
@settings(max_examples=150, deadline=None)
def test_same_texts_as_re(
    kind: Any, mode: Literal["fullmatch", "search"], source: str, samples: list[str]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = re.compile(source)
    pattern = Pattern(kind, source, "python", mode)
    for text in samples:
        assert pattern.matches(text) == bool(getattr(expected, mode)(text)), text


@given(st.lists(st.sampled_from(JUNK), max_size=7).map("".join))
@settings(max_examples=1500, deadline=None)
def test_malformed_where_re_says_so(source: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            re.compile(source)
            valid = True
        except re.error:
            valid = False
        except (Warning, ValueError, OverflowError):
            assume(False)
    reason = refusal(source, "python")
    if valid:
        assert reason is None or "regular" in reason or "order of matching" in reason
    else:
        assert reason is not None


@pytest.mark.parametrize("kind", ARENAS)
@given(source=patterns("python"), samples=texts("ab-\n1"))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
def test_same_texts_as_interegular(kind: Any, source: str, samples: list[str]) -> None:
    # interegular has no Unicode classes, and reads assertions at places in its own way.
    assume(not re.search(r"\\[wWsSdDbBAZ]|\(\?[a-z]|\(\?<|\(\?[=!]|[$^é]", source))
    try:
        expected = interegular.parse_pattern(source).to_fsm()
    except (InvalidSyntax, Unsupported):
        assume(False)
    pattern = Pattern(kind, source, "python", "fullmatch")
    for text in samples:
        assert pattern.matches(text) == expected.accepts(text), text


@pytest.mark.parametrize(
    "pattern",
    [
        "((.b|b(?=.+a))+a)+",
        *(f"(|{'[A-z]*' * repeats}(?<!num))+" for repeats in range(1, 7)),
        "(?:[ab]*[ab]{0,3}[ab]+(?<=ab))*",
        "(?:a*b?a*b?a*(?!b))+",
    ],
)
def test_repetitions_with_assertions_in_a_row(pattern: str) -> None:
    """What has as many readings as there are ways to share out the letters has one state for all of them."""
    grammar = cn.regex(pattern)
    chooser = random.Random(3)
    for _ in range(300):
        text = "".join(chooser.choice("abnum_") for _ in range(chooser.randint(0, 12)))
        assert grammar.matches(text) == bool(re.fullmatch(pattern, text)), text
