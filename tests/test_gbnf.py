"""GBNF: rules without recursion against ``re``, recursive ones against the same grammar in Lark's syntax."""

from __future__ import annotations

import pickle
import random
import re
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import constrain as cn
from tests.test_masks import JSON_TOKENS, vocabulary_of

JSON = r"""
# The grammar that everybody begins with.
root   ::= object
value  ::= object | array | string | number | ("true" | "false" | "null") ws

object ::=
  "{" ws (
            string ":" ws value
    ("," ws string ":" ws value)*
  )? "}" ws

array  ::= "[" ws ( value ("," ws value)* )? "]" ws
string ::=
  "\"" (
    [^"\\\x7F\x00-\x1F] |
    "\\" (["\\bfnrt] | "u" [0-9a-fA-F]{4}) # escapes
  )* "\"" ws
number ::= ("-"? ([0-9] | [1-9] [0-9]{0,15})) ("." [0-9]+)? ([eE] [-+]? [0-9]{1,15})? ws
ws     ::= | " " | "\n" [ \t]{0,20}
"""

# Pairs of an expression in GBNF and the same as a regular expression, over few characters.
atoms_ = st.sampled_from(
    [
        ('"a"', "a"),
        ('"ab"', "(?:ab)"),
        ('""', "(?:)"),
        ("[ab]", "[ab]"),
        ("[^a]", "[^a]"),
        ("[a-b\\n]", "[a-b\\n]"),
        ("[-b]", "[-b]"),
        (".", "(?s:.)"),
        ('"\\u0061\\\\"', r"(?:a\\)"),
        ('"\\"b"', '(?:"b)'),
    ]
)
counts_ = st.sampled_from(["*", "+", "?", "{2}", "{1,}", "{0,2}", "{3,9}"])


def _repeated(pair: tuple[str, str], count: str) -> tuple[str, str]:
    return f"({pair[0]}){count}", f"(?:{pair[1]}){count}"


def _sequence(pairs: list[tuple[str, str]]) -> tuple[str, str]:
    return "(" + " ".join(one for one, _ in pairs) + ")", "(?:" + "".join(other for _, other in pairs) + ")"


def _choice(pairs: list[tuple[str, str]]) -> tuple[str, str]:
    return "(" + "\n | ".join(one for one, _ in pairs) + ")", "(?:" + "|".join(two for _, two in pairs) + ")"


pairs_ = st.recursive(
    atoms_,
    lambda inner: st.one_of(
        st.builds(_repeated, inner, counts_),
        st.lists(inner, min_size=1, max_size=3).map(_sequence),
        st.lists(inner, min_size=1, max_size=3).map(_choice),
    ),
    max_leaves=6,
)
texts_ = st.text('ab\\"\n-é', max_size=7)


@given(pairs_, pairs_, st.lists(texts_, min_size=1, max_size=20))
def test_rules_without_recursion(one: tuple[str, str], two: tuple[str, str], texts: list[str]) -> None:
    grammar = cn.gbnf(f"Part ::= {one[0]}\nroot ::= {two[0]} Part{{0,3}} # twice\n\n")
    pattern = re.compile(f"{two[1]}(?:{one[1]}){{0,3}}")
    for text in texts:
        assert grammar.matches(text) == bool(pattern.fullmatch(text)), text


@pytest.mark.parametrize(
    ("gbnf", "lark"),
    [
        ('root ::= "(" root ")" | "a"', 'start: "(" start ")" | "a"'),
        ('root ::= root "b" | "a" | root root "-"', 'start: start "b" | "a" | start start "-"'),
        ('root ::= x root | ""\nx ::= "a" | x "b" | ', 'start: x start |\nx: "a" | x "b" |'),
        ('root ::= A*\nA ::= "a" root "b" | [(-)]+', 'start: a*\na: "a" start "b" | /[(-)]+/'),
        ('root ::= (root "a" | "b"){2,3}', 'start: (start "a" | "b")~2..3'),
    ],
)
def test_recursion(gbnf: str, lark: str) -> None:
    one, other = cn.gbnf(gbnf), cn.lark(lark)
    found = 0
    for text in ("".join(letters) for n in range(7) for letters in product("ab()-"[:4], repeat=n)):
        assert one.matches(text) == other.matches(text), text
        found += one.matches(text)
    assert found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{}", True),
        ('{"a": [1, -2.5e3, "x\\n\\u00e9"], "é":{ "b": null}}\n\t', True),
        ("[1]", False),
        ('{"a": 01}', False),
        ('{"a": "\x01"}', False),
        ('{"a": "\\u12"}', False),
    ],
)
def test_json(text: str, expected: bool) -> None:
    assert cn.gbnf(JSON).matches(text) == expected


def test_masks_budgets_and_travel() -> None:
    chooser, vocabulary = random.Random(1), vocabulary_of(JSON_TOKENS)
    grammar = pickle.loads(pickle.dumps(cn.gbnf(JSON)))
    constraint = cn.compile(grammar, vocabulary)
    row = cn.allocate_bitmask(1, vocabulary.size)
    for most in (12, 40):
        matcher, free = constraint.matcher(max_tokens=most), constraint.matcher()
        while not matcher.stopped:
            free.fill_mask(row)
            assert np.array_equal(row[0], free.mask_by_derivatives())
            token = chooser.choice(matcher.allowed_tokens())
            assert matcher.advance(token) and free.advance(token)
        assert grammar.matches(matcher.text)


def test_rules_are_named_where_a_text_is_refused() -> None:
    grammar = cn.gbnf('root ::= Name "=" value\nName ::= [a-z]+\nvalue ::= [^;]{1,9} ";"\n')
    matcher = cn.compile(grammar, vocabulary_of([bytes([byte]) for byte in range(256)])).matcher()
    for byte in b"a":
        assert matcher.advance(byte)
    said = str(matcher.explain("1"))
    assert "[a-z]+ in Name (line 2, column 10)" in said and '"=" in root (line 1, column 15)' in said
    for byte in b"=x":
        assert matcher.advance(byte)
    assert matcher.advance(ord(";")) and matcher.can_stop
    assert cn.gbnf('A ::= "x"\nb ::= A', start="A").matches("x")


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "list.gbnf"
    path.write_text('root ::= ("- " [^\\n]+ "\\n")+\nitem ::= "x"\n', encoding="utf-8")
    assert cn.grammar(path).matches("- one\n- two\n")
    assert cn.grammar(str(path), start="item").matches("x")


@pytest.mark.parametrize(
    ("text", "message", "line", "column"),
    [
        ('root ::= "a', "this string is never closed", 1, 10),
        ("root ::= [a", "this class is never closed", 1, 10),
        ('root ::=\n  ("a" |', "this '(' is never closed", 2, 3),
        ("root ::= thng\nthing ::= [a]", "the rule 'thng' is not defined; did you mean 'thing'?", 1, 10),
        ('root ::= "a" )', "unexpected ')' in the definition of 'root'", 1, 14),
        ('root = "a"', "expected '::=' after 'root', found '='", 1, 6),
        ('"a"', "expected the name of a rule to define, found '\"'", 1, 1),
        ("root ::= *", "there is nothing before '*' to repeat", 1, 10),
        ('root ::= "a"{,3}', "a repetition is written {m}, {m,} or {m,n}", 1, 13),
        ('root ::= "a"{3,2}', "the repetition {3,2} has its bounds in the wrong order", 1, 13),
        ('root ::= "a"{9999999}', "a number of repetitions lies between 0 and 1000000", 1, 13),
        ("root ::= <think> [a]", "a token is no text", 1, 10),
        ("root ::= !<[3]>", "a token is no text", 1, 10),
        (r'root ::= "\q"', "unknown escape", 1, 11),
        (r'root ::= "\ud800"', "U+D800 is no Unicode character", 1, 11),
        ("root ::= [z-a]", "the range 'z' to 'a' has its ends in the wrong order", 1, 11),
        ("root ::= []", "the class [] has no characters", 1, 10),
        ('root ::= "a"\nroot ::= "b"', "'root' is defined twice", 2, 1),
        ('rot ::= "a"', "there is no rule 'root' to start with; did you mean 'rot'?", 1, 1),
        ('root ::= root "a"', "the rule 'root' derives no text", 1, 1),
        ("root ::= Thng\nThing ::= [a]", "the rule 'Thng' is not defined; did you mean 'Thing'?", 1, 10),
        ('Root ::= "a"\nRoot ::= "b"', "'Root' is defined twice", 2, 1),
        ("root ::= " + 200 * "(" + '"a"' + 200 * ")", "nested more than 100 deep", 1, 111),
    ],
)
def test_errors(text: str, message: str, line: int, column: int) -> None:
    with pytest.raises(cn.GrammarError) as caught:
        cn.gbnf(text)
    assert message in str(caught.value)
    assert (caught.value.line, caught.value.column) == (line, column)


def test_no_text() -> None:
    with pytest.raises(TypeError, match="the text of a grammar is a str"):
        cn.gbnf(b'root ::= "a"')  # type: ignore[arg-type]
