"""Atomic groups, possessive quantifiers and conditionals of Python's ``re``, against ``re`` itself."""

from __future__ import annotations

import re
import sys
from itertools import product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import constrain as cn
from constrain.engine import Engine
from constrain.errors import RegexError, WorkLimitExceeded
from tests.regex_support import Pattern

TEXTS = ["".join(text) for size in range(6) for text in product("abc", repeat=size)]
ITEMS = ["a", "b", "[ab]", "(?:ab)", "(?:a|ab)", "(?:ab|a)", "(?:b|[ab]c)", "(?=a)", "(?!b)"]
COUNTS = ["", "", "*", "+", "?", "{2}", "{1,2}", "{0,2}", "*?", "??", "+?"]

needs_atomic_groups = pytest.mark.skipif(sys.version_info < (3, 11), reason="re has them as of Python 3.11")


def differences(source: str) -> list[str]:
    """Texts that ``re`` and this library disagree about."""
    expected = re.compile(source).fullmatch
    pattern = Pattern(Engine, source, "python", "fullmatch")
    return [text for text in TEXTS if pattern.matches(text) != bool(expected(text))]


def sequences(inner: st.SearchStrategy[str], counts: list[str]) -> st.SearchStrategy[str]:
    """One to three items with quantifiers; none after an assertion."""
    item = st.tuples(inner, st.sampled_from(counts)).map(
        lambda pair: pair[0] if pair[0].startswith(("(?=", "(?!")) else "".join(pair)
    )
    return st.lists(item, min_size=1, max_size=3).map("".join)


def branches(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(inner, min_size=1, max_size=2).map("|".join)


ATOMIC = branches(
    sequences(
        st.sampled_from(ITEMS)
        | branches(sequences(st.sampled_from(ITEMS), [*COUNTS, "*+", "?+"])).map(
            lambda inner: f"(?>{inner})"
        ),
        [*COUNTS, "*+", "++", "?+", "{1,2}+", "{2}+"],
    )
)
CONDITIONAL = branches(
    sequences(
        st.sampled_from(["a", "b", "c", "(a)", "(b|ab)", "(?:(a)|b)", "(?(1)b|c)", "(?(1)a)", "(?(2)c|b)"]),
        COUNTS,
    )
)


@needs_atomic_groups
@given(ATOMIC)
@settings(max_examples=150, deadline=None)
def test_atomic_groups_match_as_in_re(source: str) -> None:
    try:
        found = differences(source)
    except WorkLimitExceeded:
        return
    except RegexError as problem:
        found = [] if "may be empty" in problem.reason else [problem.reason]
    assert found == []


@given(CONDITIONAL)
@settings(max_examples=150, deadline=None)
def test_conditionals_match_as_in_re(source: str) -> None:
    try:
        re.compile(source)
    except re.error:
        assume(False)
    assert differences(source) == []


@needs_atomic_groups
@pytest.mark.parametrize(
    "source",
    [
        "(?>a|ab)c", "(?>ab|a)b", "(?>a*)a", "(?>a*?)b", "(?>(?:a|ab)(?:c|bc))b?", "(?>a{1,3})a", "a{1,2}+a",
        "(?:ab|a){2,3}+b", "(?>(?>a|ab)c|abc)", "(?:(?>a+)b)*+", "(?!(?>a|ab)c)[abc]+", "(?>(|a)*)b?", "(?:a?)*+b",
        "(?:a|ab){2}+", "(?>[ab]{0,3}b)b?", "(?>(?:a|ab)*?b)c", "[ab]*+c|a++b", "(?>(?=ab)a|b)*c?",
    ],
)  # fmt: skip
def test_first_matches_as_in_re(source: str) -> None:
    assert differences(source) == []


@pytest.mark.parametrize(
    "source",
    [
        "(a)?b(?(1)c)", "(a)?(b)?(?(1)c|a)(?(2)c|b)", "(?:(a)|b)+(?(1)c|b)", "(?:(a)?b(?(1)c|a))*",
        "(?P<x>a)?(?(x)b|c)", "(?(1)a|b)(c)?", "(?:(?(1)a|b)(c)?){1,3}", "(a)*(?(1)b|c)", "((a)|b)(?(2)c|a)",
        "(a)?(?=(?(1)b|c)).", "(?:(a)|b|c){2,3}(?(1)a)", "(a)?(?(1)(b)?|c)(?(2)c|a)",
    ],
)  # fmt: skip
def test_conditions_as_in_re(source: str) -> None:
    assert differences(source) == []


@needs_atomic_groups
def test_atomic_groups_in_a_conditional() -> None:
    assert differences("(a)?(?(1)(?>b|bc)|c*+)b?") == []


def test_a_quoted_string_with_possessive_quantifiers_is_a_grammar() -> None:
    grammar = cn.regex(r'"(?:[^"\\]++|\\.)*+"')
    assert grammar.matches(r'"a\"b"') and not grammar.matches(r'"a\"')


def test_half_a_surrogate_pair_is_in_no_text() -> None:
    assert not cn.regex("a").matches("\ud800")
    assert not cn.regex("(?s:.*)").matches("a\udfff")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("(?:(?:(?:(a)?(?(1)b|c)){1,50}d){1,50}e){1,50}", "conditionals would need"),
        ("".join(f"(a{n})?" for n in range(30)) + "".join(f"(?({n + 1})b|c)" for n in range(30)), "conditionals"),
        ("(?>" + "(?:a|ab)" * 300 + ")", "an atomic group would need"),
        ("(?>" * 50 + "a|ab" + "|c)" * 50, "an atomic group would need"),
    ],
    ids=["repeated", "many", "long", "nested"],
)  # fmt: skip
def test_what_would_grow_too_large_is_refused_at_once(source: str, reason: str) -> None:
    with pytest.raises(RegexError, match=reason):
        cn.regex(source)


def test_nested_atomic_groups_are_written_once() -> None:
    grammar = cn.regex("(?>" * 50 + "a|ab" + ")" * 50 + "c")
    assert grammar.matches("ac") and not grammar.matches("abc")


def test_a_long_pattern_beside_a_conditional_is_read_in_linear_time() -> None:
    grammar = cn.regex("(a)?" + "bc" * 20_000 + "(?(1)d)")
    assert grammar.matches("a" + "bc" * 20_000 + "d") and not grammar.matches("bc" * 20_000 + "d")
