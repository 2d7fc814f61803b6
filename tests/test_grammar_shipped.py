"""The grammars in ``grammars/`` against Lark, and JSON against ``json.loads``."""

from __future__ import annotations

import json
import random
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constrain.engine import Engine
from constrain.languages import grammar

pytest.importorskip("lark")
import lark


class Accepts:
    """A grammar as a predicate on texts."""

    def __init__(self, text: str) -> None:
        self.arena = Engine()
        self.node = grammar.build(self.arena, text)

    def __call__(self, text: str) -> bool:
        return bool(self.arena.matches(self.node, text.encode()))


@cache
def ours(name: str) -> Accepts:
    return Accepts(grammar.load(name))


@cache
def larks(text: str) -> lark.Lark:
    return lark.Lark(text, parser="earley", lexer="dynamic_complete")


def lark_accepts(parser: lark.Lark, text: str) -> bool:
    try:
        parser.parse(text)
    except lark.exceptions.UnexpectedInput:
        return False
    return True


def mutations(text: str, alphabet: str, random_source: random.Random, count: int) -> list[str]:
    """``text`` with a character deleted, doubled, inserted or replaced."""
    found = [text]
    for _ in range(count):
        i = random_source.randrange(len(text) + 1)
        letter = random_source.choice(alphabet)
        found.append(
            random_source.choice(
                [
                    text[:i] + text[i + 1 :],
                    text[:i] + letter + text[i:],
                    text[:i] + letter + text[i + 1 :],
                    text[: i + 1] + text[i:],
                ]
            )
        )
    return found


# -- JSON -----------------------------------------------------------------------------------------

VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-999, 10**25),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=5),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)
JSON_ALPHABET = '{}[],:"\\ \t\n\r01239.-+eEtrufalsn/b\x00\x1f\x7f\x0b\u00a0é😀'


def is_json(text: str) -> bool:
    """``json.loads`` without its liberties: NaN and Infinity are refused."""

    def refuse(name: str) -> Any:
        raise ValueError(name)

    try:
        json.loads(text, parse_constant=refuse)
    except ValueError:
        return False
    return True


@given(VALUES, st.booleans(), st.sampled_from([None, 1, "\t"]), st.randoms(use_true_random=False))
@settings(max_examples=300, deadline=None)
def test_json_agrees_with_the_standard_library(
    value: Any, ascii_only: bool, indent: int | str | None, random_source: random.Random
) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    for each in mutations(text, JSON_ALPHABET, random_source, 12):
        assert ours("json")(each) == is_json(each), each


@pytest.mark.parametrize(
    "text",
    [
        "NaN",
        "-Infinity",
        "[NaN]",
        "01",
        "-",
        "+1",
        "1.",
        ".5",
        "1e",
        "0x1",
        "'a'",
        '"\t"',
        '"\\x41"',
        '"\\u12g4"',
        "[1,]",
        '{"a":1,}',
        "{a:1}",
        "",
        " ",
        "nul",
        "\ufeff1",
        "\u00a01",
        "1 2",
        "//",
        '"a',
        "[",
        "1\x00",
        "\u0661",
    ],
)
def test_no_json(text: str) -> None:
    assert not ours("json")(text)


def test_json_strings_are_valid_utf8() -> None:
    accepts = ours("json")
    assert accepts('"\u0080\uffff\U0010ffff\x7f"')
    for body in (b"\x80", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc3"):
        assert not accepts.arena.matches(accepts.node, b'"' + body + b'"')


@given(
    st.recursive(
        st.sampled_from(["1", '"a"', "null", "-0.5e+1"]),
        lambda inner: st.builds("[{},{}]".format, inner, inner) | st.builds('{{"k": {} }}'.format, inner),
        max_leaves=3,
    ),
    st.randoms(use_true_random=False),
)
@settings(max_examples=40, deadline=None)
def test_json_agrees_with_lark(text: str, random_source: random.Random) -> None:
    parser = larks(grammar.load("json"))
    for each in mutations(text, '{}[],:"\\ 01.-+e', random_source, 3):
        assert ours("json")(each) == lark_accepts(parser, each), each


# -- arithmetic -----------------------------------------------------------------------------------

EXPRESSIONS = st.recursive(
    st.sampled_from(["1", "x", "3.14", "f()", "_a1"]),
    lambda inner: st.one_of(
        st.builds("{} {} {}".format, inner, st.sampled_from("+-*/^"), inner),
        st.builds("-{}".format, inner),
        st.builds("({})".format, inner),
        st.builds("f({}, {})".format, inner, inner),
    ),
    max_leaves=5,
)


@given(EXPRESSIONS, st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_arithmetic_agrees_with_lark(text: str, random_source: random.Random) -> None:
    parser = larks(grammar.load("arithmetic"))
    assert ours("arithmetic")(text)
    for each in mutations(text, "()+-*/^ ,.1x_\n", random_source, 4):
        assert ours("arithmetic")(each) == lark_accepts(parser, each), each


def test_arithmetic_accepts_what_python_accepts() -> None:
    accepts = ours("arithmetic")
    assert accepts("-2 * (x + 1)^2 / max(a, 3.5)") and accepts("2^-1^x") and accepts("--1")
    assert not any(map(accepts, ["", "1 +", "()", "2 2", "f(,)", "x(1", "1.", "2 ^", "+1"]))


# -- common terminals -----------------------------------------------------------------------------

COMMON = """
    CNAME CPP_COMMENT CR C_COMMENT DECIMAL DIGIT ESCAPED_STRING FLOAT HEXDIGIT INT LCASE_LETTER LETTER LF
    NEWLINE NUMBER SH_COMMENT SIGNED_FLOAT SIGNED_INT SIGNED_NUMBER SQL_COMMENT UCASE_LETTER WORD WS WS_INLINE
""".split()
EXAMPLES = {
    "CPP_COMMENT": "// a*/",
    "C_COMMENT": "/* a\n**/",
    "ESCAPED_STRING": '"a\\"\\\\"',
    "FLOAT": "1.5e-3",
    "NEWLINE": "\r\n\n",
    "SH_COMMENT": "# a",
    "SIGNED_FLOAT": "-.5E+1",
    "SQL_COMMENT": "-- a",
    "CNAME": "_aZ0",
    "SIGNED_NUMBER": "+1.",
    "WS": " \t\f\r\n",
}


@cache
def importing(name: str) -> tuple[Accepts, lark.Lark]:
    text = f"start: {name}\n%import common.{name}\n"
    return Accepts(text), larks(text)


@pytest.mark.parametrize("name", COMMON)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_common_terminals_are_those_of_lark(name: str, data: st.DataObject) -> None:
    accepts, parser = importing(name)
    alphabet = 'aFzA09.+-eE"\\ \t\r\n\f/*#_é'
    text = data.draw(st.one_of(st.text(alphabet=alphabet, max_size=5), st.just(EXAMPLES.get(name, "1"))))
    source = data.draw(st.randoms(use_true_random=False))
    for each in mutations(text, alphabet, source, 3):
        assert accepts(each) == lark_accepts(parser, each), each


@pytest.mark.parametrize("name", grammar.names())
def test_shipped_grammars_have_a_reading_in_lark(name: str) -> None:
    lark.Lark(grammar.load(name) + ("\nstart: WS\n" if name == "common" else ""), parser="earley")
