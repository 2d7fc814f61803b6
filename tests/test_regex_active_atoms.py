"""The parts of a pattern that may match where a text breaks off."""

from __future__ import annotations

import random
import re

import pytest

import constrain as cn
from constrain.engine import random_text
from constrain.languages.regex import ActiveAtoms

DATE = "20[0-9]{2}-(0[1-9]|1[0-2])"


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        (DATE, "", ["2 (line 1, column 1)"]),
        (DATE, "20", ["[0-9] (line 1, column 3)"]),
        (DATE, "2012-", ["0 (line 1, column 13)", "1 (line 1, column 20)"]),
        (DATE, "2012-11", []),
        (
            "(?:a|b)*abb",
            "ab",
            [f"{c} (line 1, column {i})" for c, i in zip("abab", (4, 6, 9, 11), strict=True)],
        ),
        ("^x+$", "x", ["x (line 1, column 2)"]),
        ("(?i)éa|Éb", "É", ["a (line 1, column 6)", "b (line 1, column 9)"]),
        ("(?x) a # b\n  \\. [#] ", "a", ["\\. (line 2, column 3)"]),
        ("a{2,70000}b?", "aaa", ["a (line 1, column 1)", "b (line 1, column 11)"]),
        (r"\U0010f800|b", "", []),  # might be taken for a mark
        (r"\bfoo", "f", []),
        ("(?=a)[ab]", "", []),
        ("(a$)?b", "", []),
    ],
)
def test_where_a_text_breaks_off(pattern: str, text: str, expected: list[str]) -> None:
    assert ActiveAtoms(pattern, "python")(text.encode()) == tuple(expected)


def test_both_syntaxes_are_read() -> None:
    assert ActiveAtoms("[^]a]]", "python")(b"b") == ("] (line 1, column 6)",)
    assert ActiveAtoms("[^]]", "ecma")(b"b") == ("] (line 1, column 4)",)  # by the laxer rules
    assert ActiveAtoms(r"ab\d+\u{61}?", "ecma")(b"ab1") == (
        r"\d (line 1, column 3)",
        r"\u{61} (line 1, column 6)",
    )


def test_within_a_character() -> None:
    locate = ActiveAtoms("é|ê|€x", "python")
    assert locate("é".encode()[:1]) == ("é (line 1, column 1)", "ê (line 1, column 3)")
    assert locate("€".encode()[:2]) == ("€ (line 1, column 5)",)
    assert locate("€".encode()) == ("x (line 1, column 6)",)


def test_explanations_say_it() -> None:
    vocabulary = cn.Vocabulary([bytes([i]) for i in range(256)] + [None], 256)
    matcher = cn.compile(cn.regex(DATE), vocabulary).matcher()
    assert str(matcher.explain("1999")).endswith("in force: 2 (line 1, column 1)")


def pattern_of(chooser: random.Random, depth: int) -> str:
    kind = chooser.randrange(5 if depth else 1)
    if kind == 0:
        return chooser.choice(["a", "b", "c", "[ab]", "[a-c]", r"\w", "cab"])
    parts = [pattern_of(chooser, depth - 1) for _ in range(chooser.choice([2, 2, 3]))]
    if kind == 1:
        return "(?:" + "|".join(parts) + ")"
    return "".join(parts) if kind < 4 else f"({parts[0]}){chooser.choice(['?', '*', '+', '{2}', '{0,2}?'])}"


def oracle(pattern: str, text: str) -> set[int]:
    """Columns of the atoms that may match behind ``text``: each one alone may be ``~`` as well, and is asked for."""
    found = set()
    for atom in re.finditer(r"\(\?:|\{.*?\}|\[.*?\]|\\w|[abc]", pattern):
        if atom[0][0] not in "({":
            changed = cn.regex(f"{pattern[: atom.start()]}(?:{atom[0]}|~){pattern[atom.end() :]}")
            if changed.engine.advance(changed.root, f"{text}~".encode()) != changed.engine.EMPTY:
                found.add(atom.start() + 1)
    return found


def test_against_patterns_in_which_one_atom_has_another_character() -> None:
    chooser = random.Random(2)
    for _ in range(150):
        pattern = pattern_of(chooser, 3)
        grammar, locate = cn.regex(pattern), ActiveAtoms(pattern, "python")
        for _ in range(3):
            data = random_text(grammar.engine, grammar.root, chooser, 8)
            text = data[: chooser.randrange(len(data) + 1)].decode(errors="ignore")
            columns = {int(place.rpartition(" ")[2][:-1]) for place in locate(text.encode())}
            assert columns == oracle(pattern, text), (pattern, text)
