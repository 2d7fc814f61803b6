"""The terminals of a grammar that are in force where a text breaks off."""

from __future__ import annotations

import json
import random
import re

import pytest

import constrain as cn
from constrain.engine import random_text
from constrain.errors import GrammarError
from constrain.languages.grammar import ActiveTerminals

SUM = 'start: sum\nsum: sum "+" NUMBER | NUMBER\nNUMBER: /[0-9]+/\n%ignore " "'
HIDDEN = 'start: a\na: b a "x" | "y"\nb: "z"?'
LIST = 'start: "[" _list{item} "]" _list{"!"}?\n_list{x}: x ("," x)*\nitem: "a".."c" | "on"i | /d+/x'
WORDS = "start: (" + " | ".join(f'"{c}{c}"' for c in "abcdefghij") + ' | "k")+'


@pytest.mark.parametrize(
    ("grammar", "text", "expected"),
    [
        (SUM, "", ["NUMBER in sum (line 2, column 6)", "NUMBER in sum (line 2, column 23)"][1:]),
        (SUM, " 1", ['"+" in sum (line 2, column 10)', "NUMBER in sum (line 2, column 23)"]),
        (SUM, "1 + 2 ", ['"+" in sum (line 2, column 10)']),
        (SUM, "1 + 2 +", ["NUMBER in sum (line 2, column 14)"]),
        (HIDDEN, "", ['"y" in a (line 2, column 14)', '"z" in b (line 3, column 4)']),
        (HIDDEN, "zy", ['"x" in a (line 2, column 8)']),
        (
            'start: "ab" | "ac" "d"',
            "a",
            ['"ab" in start (line 1, column 8)', '"ac" in start (line 1, column 15)'],
        ),
        ('start: "ab" | "ac" "d"', "ac", ['"d" in start (line 1, column 20)']),
        ('start: "a"~2..100000 "b"?', "a", ['"a" in start (line 1, column 8)']),
        ('start: "a"', "a", []),
        (WORDS, "", ['"aa" | "bb" | "cc" | ... in start (line 1, column 9)']),
        (
            LIST,
            "[",
            [
                '"a".."c" in item (line 3, column 7)',
                '"on"i in item (line 3, column 18)',
                "/d+/x in item (line 3, column 27)",
            ],
        ),
        (LIST, "[o", ['"on"i in item (line 3, column 18)']),
        (LIST, "[on]", ['"!" in _list (line 1, column 34)']),
        ("start: other\n%import json.value -> other", "[", None),
    ],
)
def test_where_a_text_breaks_off(grammar: str, text: str, expected: list[str] | None) -> None:
    if expected is None:
        found = ActiveTerminals(grammar, "start")(text.encode())
        assert '"]" in json.array (line 18, column 33 of json.lark)' in found
    else:
        assert ActiveTerminals(grammar, "start")(text.encode()) == tuple(expected)


def test_ambiguity_and_recursion_cost_little() -> None:
    ambiguous = ActiveTerminals('start: start start | start "b"? start | "a" | "b"', "start")
    assert len(ambiguous(b"ab" * 50)) == 3
    nested = ActiveTerminals('start: "(" start? ")" start?', "start")
    assert len(nested(b"(" * 2000 + b")" * 1000)) == 2


def test_explanations_say_it() -> None:
    vocabulary = cn.Vocabulary([bytes([i]) for i in range(256)] + [None], 256)
    matcher = cn.compile(cn.grammar("json"), vocabulary).matcher()
    for byte in b'{"a"':
        assert matcher.advance(byte)
    assert str(matcher.explain("1")).endswith('in force: ":" in member (line 17, column 16)')


# -- against the compiled grammar ---------------------------------------------------------------------------------


def body(chooser: random.Random, depth: int) -> str:
    """The right-hand side of a rule."""
    kind = chooser.randrange(5 if depth else 2)
    if kind == 0:
        return json.dumps("".join(chooser.choices("xy", k=chooser.choice([1, 1, 2]))))
    if kind == 1:
        return chooser.choice("abc")
    parts = [body(chooser, depth - 1) for _ in range(chooser.choice([2, 2, 3]))]
    if kind == 2:
        return "(" + " | ".join(parts) + ")"
    return " ".join(parts) if kind == 3 else f"({parts[0]}){chooser.choice(['?', '*', '+', '~2', '~0..2'])}"


MARK = "!"


def oracle(grammar: str, text: str) -> set[tuple[int, int]]:
    """Line and column of each literal in which, or before which, a mark may stand behind ``text``: the compiled
    grammar is asked, once for each place of each literal."""
    found = set()
    for literal in re.finditer('"[^"]*"', grammar):
        inside = literal[0].strip('"')
        line = grammar.count("\n", 0, literal.start()) + 1
        column = literal.start() - grammar.rfind("\n", 0, literal.start())
        for at in range(len(inside)):
            before = f'"{inside[:at]}" ' if at else ""
            marked = f'({before}"{MARK}"? "{inside[at:]}")'
            changed = cn.lark(grammar[: literal.start()] + marked + grammar[literal.end() :])
            if changed.engine.advance(changed.root, (text + MARK).encode()) != changed.engine.EMPTY:
                found.add((line, column))
    return found


def test_against_marks_in_the_compiled_grammar() -> None:
    chooser = random.Random(4)
    tried = 0
    while tried < 20:
        rules = [f"{name}: {body(chooser, 3)}" for name in ("start", "a", "b", "c")]
        grammar = "\n".join(rules)
        try:
            compiled = cn.lark(grammar)
        except GrammarError:  # it derives no text
            continue
        tried += 1
        locate = ActiveTerminals(grammar, "start")
        for _ in range(3):
            text = random_text(compiled.engine, compiled.root, chooser, 12).decode()
            text = text[: chooser.randrange(len(text) + 1)]
            places = (re.search(r"line (\d+), column (\d+)", place) for place in locate(text.encode()))
            found = {(int(place[1]), int(place[2])) for place in places if place is not None}
            assert found == oracle(grammar, text), (grammar, text)
