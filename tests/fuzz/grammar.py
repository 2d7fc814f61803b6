"""Grammars of Lark and of GBNF: against the definition of derivation, and against lark's Earley parser.

An input is choices of a small grammar, full of recursion, which is written in both syntaxes; or the text of one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import lark
from lark.exceptions import LarkError

import constrain as cn
from constrain.engine import random_text
from tests.fuzz.chooser import LIMITS, Chooser, chooser_of, text_of
from tests.fuzz.command import main
from tests.test_grammar_cases import sections
from tests.test_grammar_recursion import WORDS, Item, Rules, accepted_by, derives, to_text

DICTIONARY = """start: root ::= ( ) | * + ? ~ ~1..2 {2} {0,2} "a" "b" "a"i /a/ /[ab]/ [ab] [^a] . -> ! _ \\\\n
%ignore %import common. %declare %override %extend .1""".split()
SHORT = WORDS[:15]  # words of up to three letters, of which lark is asked: its time grows fast with ambiguity
NAMES = ["start", "x", "y"]
OPERATORS = ["", "", "", "", "", "?", "*", "+", "~2", "~0..2"]
TEXTS, LONGEST = 10, 4
MOST_RULES = 400  # characters of a grammar that lark is given
# A grammar in Lark's syntax without directives, patterns and templates, which lark and this package read alike.
SAME_SYNTAX = re.compile(r'[a-zA-Z_:|()*+?"~0-9.\n ]*')

GBNF_CASES = [
    'root ::= "(" root ")" | "a"',
    'root ::= root "b" | "a" | root root "-"',
    'root ::= x root | ""\nx ::= "a" | x "b" | ',
    'root ::= A*\nA ::= "a" root "b" | [(-)]+',
    'root ::= (root "a" | "b"){2,3} # twice',
    'root ::= [^"\\\\\\x7F\\x00-\\x1F] | "\\\\" (["\\\\bfnrt] | "u" [0-9a-fA-F]{4})',
    'root ::= ([1-9] [0-9]? ". " move " " move "\\n")+\nmove ::= . [+#]?\n',
]


def check(data: bytes) -> None:
    """Try one input."""
    text = text_of(data)
    chooser = chooser_of(data)
    if text is None:
        _check_rules({name: _alternatives(chooser) for name in NAMES}, chooser)
    else:
        _check_text(text, chooser)


# -- by choices -----------------------------------------------------------------------------------


def _alternatives(chooser: Random) -> list[list[Item]]:
    return [[_item(chooser) for _ in range(chooser.randint(0, 3))] for _ in range(chooser.randint(1, 3))]


def _item(chooser: Random) -> Item:
    if chooser.random() < 0.25:
        group = [
            [(_symbol(chooser), "") for _ in range(chooser.randint(0, 2))]
            for _ in range(chooser.randint(1, 2))
        ]
        return group, chooser.choice(OPERATORS)
    return _symbol(chooser), chooser.choice(OPERATORS)


def _symbol(chooser: Random) -> str:
    return chooser.choice([*NAMES, *NAMES, '"a"', '"b"'])


def _check_rules(rules: Rules, chooser: Chooser) -> None:
    text = to_text(rules)
    words = list(dict.fromkeys([*SHORT, *(chooser.text("ab", 5) for _ in range(TEXTS))]))
    expected = [word for word in words if derives(rules, word)]
    for make, source in ((cn.lark, text), (cn.gbnf, _as_gbnf(text))):
        try:
            found = _language(make, source, words, chooser)
        except cn.WorkLimitExceeded:
            continue
        assert found == expected, f"{make.__name__}: {found}, not {expected}: {source}"
    if chooser.random() < 0.1:
        _compare_with_lark(text, SHORT, [word for word in expected if word in SHORT])


def _as_gbnf(text: str) -> str:
    for one, other in (("start", "root"), ("~0..2", "{0,2}"), ("~2", "{2}"), (": ", " ::= ")):
        text = text.replace(one, other)
    return re.sub(
        r"(?<=[|(=]) +(?=[|)\n])", ' "" ', text
    )  # after a bar, an alternative goes on in the next line


def _language(make: Callable[..., cn.Grammar], source: str, words: list[str], chooser: Chooser) -> list[str]:
    """The words that a grammar derives."""
    try:
        grammar = make(source, limits=LIMITS)
    except cn.GrammarError as error:
        if "derives no text" not in error.reason:
            raise
        return []
    written = random_text(grammar.engine, grammar.root, chooser, LONGEST)
    assert grammar.matches(written), f"{written!r} was walked to and is refused: {source}"
    return [word for word in words if grammar.matches(word)]


# -- by text --------------------------------------------------------------------------------------


def _check_text(text: str, chooser: Chooser) -> None:
    is_gbnf = "::=" in text
    words = ["", *(chooser.text("".join(sorted({*text, "a"})), LONGEST) for _ in range(TEXTS))]
    try:
        grammar = (cn.gbnf if is_gbnf else cn.lark)(text, limits=LIMITS)
        for _ in range(3):
            written = random_text(grammar.engine, grammar.root, chooser, LONGEST)
            assert grammar.matches(written), f"{written!r} was walked to and is refused: {text}"
            if len(written) <= LONGEST:
                words.append(written.decode())
        found = [word for word in words if grammar.matches(word)]
    except cn.ConstrainError as error:
        assert str(error)
        return
    if not is_gbnf and len(text) < MOST_RULES and SAME_SYNTAX.fullmatch(text):
        _compare_with_lark(text, words, found)


def _compare_with_lark(text: str, words: list[str], found: list[str]) -> None:
    """``found`` are the ``words`` that this package accepts."""
    try:
        parser: Any = lark.Lark(text, parser="earley", lexer="dynamic_complete")
    except (LarkError, AssertionError, RecursionError):  # it takes fewer grammars
        return
    by_lark = [word for word in words if accepted_by(parser, word)]
    assert found == by_lark, f"{found}, lark has {by_lark}: {text}"


def seeds() -> Iterator[bytes]:
    """The grammars of the tests."""
    for name in ("cases.txt", "errors.txt"):
        for case in sections(name):
            yield case.values[0].strip().encode()
    for text in GBNF_CASES:
        yield text.encode()


if __name__ == "__main__":
    main(check)
