"""``until``, ``sequence``, ``either`` and ``repeat``: their texts, by definitions that look at every cut."""

from __future__ import annotations

import json
import pickle
import random
import re
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import constrain as cn
from tests.test_masks import JSON_TOKENS, vocabulary_of

VOCABULARY = vocabulary_of(JSON_TOKENS)
STOPS = [["b"], ["ab"], ["aa"], ["aba"], ["ab", "b"], ["a", "bb"], ["abab", "bb"], ["é", "aé"]]


def stops_at_its_end(text: str, stops: list[str], within: str | None) -> bool:
    """The definition: a stop string ends here, none ends before, and what is before it is of ``within``."""
    if any(stop in text[:-1] for stop in stops):
        return False
    before = [text.removesuffix(stop) for stop in stops if text.endswith(stop)]
    return any(within is None or re.fullmatch(within, part) for part in before)


@pytest.mark.parametrize("within", [None, "[ab]*", "a{0,2}", "(ab)*|c", ".b?"])
@pytest.mark.parametrize("stops", STOPS, ids="-".join)
def test_until_by_definition(stops: list[str], within: str | None) -> None:
    texts = ["".join(letters) for n in range(6) for letters in product("abé", repeat=n)]
    expected = {text for text in texts if stops_at_its_end(text, stops, within)}
    grammar = cn.until(stops, within=within)
    assert {text for text in texts if grammar.matches(text)} == expected


@given(st.text(max_size=12), st.lists(st.text(min_size=1, max_size=3), min_size=1, max_size=3), st.booleans())
def test_until_of_any_text(text: str, stops: list[str], ended: bool) -> None:
    text += stops[0] if ended else ""
    assert cn.until(stops).matches(text) == stops_at_its_end(text, stops, None)


def test_until_is_of_whole_characters() -> None:
    assert not cn.until("b").matches(b"\xc3b")
    assert cn.until("\n").matches("日本\n")


@pytest.mark.parametrize("stop", [[], "", ["a", ""]])
def test_until_nothing(stop: str | list[str]) -> None:
    with pytest.raises(ValueError, match="at least one stop string"):
        cn.until(stop)


def test_no_text_is_left_before_the_stop() -> None:
    with pytest.raises(cn.RegexError, match="cut before its end"):
        cn.until("b", within="a*b")
    with pytest.raises(cn.RegexError):
        cn.until("b", within="(")


PERSON = {
    "type": "object",
    "properties": {"a": {"type": "integer", "maximum": 99, "minimum": 0}},
    "required": ["a"],
    "additionalProperties": False,
}


def tagged() -> cn.Grammar:
    schema = cn.json_schema(PERSON, whitespace="compact")
    return cn.sequence(cn.until(["<a>", ":"]), schema, "\n", cn.choice(["yes", "no"]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('<a>{"a":1}\nyes', True),
        ('thinks { "a":{"a":10}\nno', True),  # the first colon ends them
        ('thinks { "a": {"a":10}\nno', False),
        ('thinks { :{"a":10}\nno', True),
        ('<a>{"a":1}\n', False),
        ('<a>{"a":100}\nno', False),
        ('<a>:{"a":1}\nyes', False),
        ('{"a":1}\nyes', False),
    ],
)
def test_sequence(text: str, expected: bool) -> None:
    assert tagged().matches(text) == expected


@given(st.text("ab", max_size=8))
def test_every_cut_of_a_sequence_counts(text: str) -> None:
    grammar = cn.sequence(cn.regex("a*"), cn.regex("(ab|a)*"), cn.lark('start: "b" start "a" | "b"'), "a")
    assert grammar.matches(text) == bool(re.fullmatch("a*(ab|a)*(b|bba|bbbaa)a", text))


@pytest.mark.parametrize("separator", ["", ",", "a"])
@pytest.mark.parametrize("most", [None, 1, 3])
@pytest.mark.parametrize("least", [0, 1, 3])
@pytest.mark.parametrize("part", ["a", "a|bb", "a*b?", "(ab)*"])
def test_repeat_by_definition(part: str, least: int, most: int | None, separator: str) -> None:
    if most is not None and most < least:
        pytest.skip("no such number")
    bounds = f"{{{max(least - 1, 0)},{'' if most is None else most - 1}}}"
    expected = f"(?:{part})(?:{separator}(?:{part})){bounds}" + ("" if least else "|")
    grammar = cn.repeat(cn.regex(part), least, most, separator=separator)
    for text in ("".join(letters) for n in range(6) for letters in product("ab,", repeat=n)):
        assert grammar.matches(text) == bool(re.fullmatch(expected, text)), text


def test_repetitions_of_repetitions() -> None:
    grammar: cn.Grammar | str = "b"
    for _ in range(25):
        grammar = cn.repeat(grammar, 0, 2)
    assert isinstance(grammar, cn.Grammar)
    assert grammar.matches("b" * 1000) and not grammar.matches("ba")


def test_either() -> None:
    grammar = cn.either(cn.regex("a*"), cn.sequence("a", cn.json_schema(PERSON)), "ab", cn.choice(["c"]))
    right = ["", "aaa", 'a{"a": 4}', "ab", "c"]
    assert all(grammar.matches(text) for text in right)
    assert not any(grammar.matches(text) for text in ['{"a": 4}', 'aa{"a": 4}', "abc", "b"])


def test_repeat_how_often() -> None:
    for least, most in [(-1, None), (0, 0), (3, 2), (0, 2**31), (2**40, None)]:
        with pytest.raises(ValueError, match=f"at least {least} and at most {most} times"):
            cn.repeat("a", least, most)


def test_schemas_of_a_sequence_share_what_they_are_made_of() -> None:
    twice = cn.sequence(cn.json_schema(PERSON), " and ", cn.json_schema({"type": "string"}))
    assert twice.matches('{"a": 3} and "x"')
    with pytest.raises(ValueError, match="agree in whitespace"):
        cn.sequence(cn.json_schema(True), cn.json_schema(True, whitespace="compact"))


def test_a_sequence_of_what() -> None:
    with pytest.raises(TypeError, match="not 3"):
        cn.sequence(cn.regex("a"), 3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="not None"):
        cn.repeat("a", separator=None)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="float"):
        cn.repeat("a", 0, 2.0)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="nothing"):
        cn.sequence()


def test_texts_that_cannot_be_written() -> None:
    makers: list[Any] = [cn.sequence, cn.either, cn.repeat, cn.until, lambda text: cn.choice([text])]
    for make in makers:
        with pytest.raises(ValueError, match="half a surrogate pair at 1"):
            make("a\ud800")
    with pytest.raises(cn.GrammarError, match="half a surrogate pair"):
        cn.lark('start: "a\ud800"')
    for wrong in ([3], b"ab"):
        with pytest.raises(TypeError, match="takes texts"):
            cn.until(wrong)  # type: ignore[arg-type]


def test_they_travel_and_begin_anew() -> None:
    grammar = tagged()
    again = pickle.loads(pickle.dumps(grammar))
    assert again.matches('x:{"a":1}\nno') and not again.matches("x:")
    assert grammar.renew() and grammar.matches('x:{"a":1}\nno')


def turn() -> cn.Grammar:
    call = cn.sequence("<a>", cn.json_schema(PERSON))
    return cn.either(cn.regex("(?s)(?!.*<a>).+"), cn.repeat(call, 1, 3, separator=cn.choice([",", "\n"])))


@pytest.mark.parametrize(
    "grammar",
    [tagged(), cn.until(["<a>", "ab", '"'], within="[^x]*"), turn()],
    ids=["sequence", "until", "either"],
)
def test_masks_and_budgets(grammar: cn.Grammar) -> None:
    chooser = random.Random(0)
    constraint = cn.compile(grammar, VOCABULARY)
    for most in (None, 8, 14, 30):
        matcher = constraint.matcher(max_tokens=most and max(most, len(constraint.matcher().completion())))
        while not matcher.stopped and matcher.count < 40:
            row = cn.allocate_bitmask(1, VOCABULARY.size)
            matcher.fill_mask(row)
            if most is None:
                assert np.array_equal(row[0], matcher.mask_by_derivatives())
            matcher.advance(chooser.choice(matcher.allowed_tokens()))
        assert matcher.stopped or most is None
        assert grammar.matches(matcher.text) or most is None


def test_explanations_know_the_names() -> None:
    matcher = cn.compile(tagged(), VOCABULARY).matcher()
    assert matcher.advance(JSON_TOKENS.index(b":"))
    assert json.loads(matcher.explain('{"a":5}\nyes').accepted.decode().partition("\n")[0]) == {"a": 5}
