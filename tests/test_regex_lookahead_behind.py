"""Lookaheads within lookbehinds, against ``re``."""

from __future__ import annotations

import re
from itertools import product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import constrain as cn
from constrain.engine import Engine
from constrain.errors import RegexError
from tests.regex_support import Pattern

TEXTS = ["".join(text) for size in range(6) for text in product("abc", repeat=size)]


def differences(source: str) -> list[str]:
    """Texts that ``re`` and this library disagree about."""
    expected = re.compile(source).fullmatch
    pattern = Pattern(Engine, source, "python", "fullmatch")
    return [text for text in TEXTS if pattern.matches(text) != bool(expected(text))]


@pytest.mark.parametrize(
    "source",
    [
        ".*(?<=a(?=bc)).*", ".*(?<!a(?=bc))c", ".*(?<=(?=ab|c)[abc])b", ".*(?<=(?=abc)a)..", ".*(?<=(?!abc)a)..",
        ".*(?<=(?=abc)(?!abcc)a)..a?c?", ".*(?<!(?!ab)..)c", ".*(?<=a(?<=a(?=bc))).*", ".*(?<=a(?<!a(?=bc))).*",
        ".*(?<=(?=[ab]{3}c)[ab]{2}).*", r".*(?<=a(?=b\Z)).*", ".*(?<=(?=(?:ab)*c)[abc]).*", ".*(?<=^(?=a*c)a).*",
        "(?:(?<=(?=ab)a)b|a)*", r".*(?<=(?=ac\Z)a).*", "(?=(?<=c(?=ab))a)?.*", ".*(?<=a(?:(?=bc)|(?!ba))).*",
        ".*(?<=(?=a|bc)b).*", ".*(?<!(?=a)(?!ab)a).*", ".*(?<=(?=bc)a).*", ".*(?<!(?=bc)a).*", ".*(?<=(?=)a(?!bc)).*",
    ],
)  # fmt: skip
def test_as_in_re(source: str) -> None:
    assert differences(source) == []


LETTERS = st.sampled_from(["a", "b", "c", "[ab]", "[^a]", "."])
AHEAD = st.builds(
    "(?{}{})".format,
    st.sampled_from("=!"),
    st.sampled_from(
        ["ab", "bc", "ab|c", "[ab]{2}", "a*b", "(?:ab)*c", "a?b?c", "abc|b", r"b\Z", r"ab\Z", "..."]
    ),
)
BEHIND = st.builds(
    "(?<{}{})".format,
    st.sampled_from("=!"),
    st.lists(
        LETTERS | AHEAD | st.builds("(?:{0}|{1}{0})".format, LETTERS, AHEAD), min_size=1, max_size=4
    ).map("".join),
)


@given(
    st.lists(BEHIND | st.sampled_from(["a", "b*", ".", "[bc]?", ".*"]), min_size=1, max_size=4).map("".join)
)
@settings(max_examples=200, deadline=None)
def test_any_as_in_re(source: str) -> None:
    try:
        found = differences(source)
    except RegexError as problem:
        assume("no text matches" not in problem.reason)
        found = [] if "before an assertion in it" in problem.reason else [problem.reason]
    assert found == []


def test_a_schema_may_have_one() -> None:
    grammar = cn.json_schema({"type": "string", "pattern": "^[a-z]+(?<=a(?=[0-9]{2}))[0-9]+$"})
    assert grammar.matches('"ba12"') and not grammar.matches('"ba1"') and not grammar.matches('"bc12"')


def test_ways_are_bounded() -> None:
    many = "|".join(f"{n:09b}".replace("0", "a").replace("1", "b") + f"c{{{n}}}" for n in range(1, 300))
    with pytest.raises(RegexError, match="too many ways"):
        cn.regex(f".*(?<=(?={many})[ab]{{9}}).*")
