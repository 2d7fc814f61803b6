"""The ecma flavour against node's RegExp.

The reference is the pattern with the ``u`` flag and, where that is a syntax error, without it: then
node counts UTF-16 code units, so that such patterns are compared on texts of the basic plane only.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constrain.engine import Engine
from constrain.languages.regex.unicode import casing
from constrain.languages.regex.unicode import ranges as sets
from tests.data_folder import maskbench
from tests.oracle import Oracle
from tests.regex_support import ARENAS, Node, Pattern, patterns, refusal, texts

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="needs node")

JUNK = [
    *"ab\\-[]{}()^$.*+?|0129,:=!<>/@_cuxkdwBs ",
    "(?",
    "(?<n>",
    "\\k<n>",
    "\\x6",
    "\\u0061",
    "\\1",
    "[\\w-a]",
]
EDITS = 'aZ0-_./: \n\té$"\\\u2028😀'

# All texts of up to three letters are compared.
LETTERS = "aB1_- \né\u2028😀"
HAND_MADE = [
    *["", "a", "^", "$", "^$", "a|", "()", "[]", "[^]", "^[^]$", ".", "^.$", "^..$", "^.+$", "$^", "(?:)*"],
    *["(?<=a(?=-1))", "(?<!a(?=-1))-", "(?<=(?=a-|1)[a1]{1,2})-", "(?<=^a*(?=-a))-", "(?<!(?!a1)[^-]{2,3})1"],
    *["^a", "a$", "^a$|1", "^a|1$", "(^a|B)1", "a(1|$)", "(^|-)a(-|$)", "^^a$$", "a^", "$a"],
    *[
        "^\\d",
        "\\D$",
        "\\w\\W",
        "^\\s",
        "\\S\\S",
        "[\\w-]$",
        "^[^\\s-]+$",
        "[\\d-a]",
        "[a-\\d]",
        "[\\s\\S]{2}",
    ],
    *[
        "\\ba",
        "a\\b",
        "\\Ba",
        "a\\B",
        "^\\B",
        "\\b-",
        "\\b\\b",
        "(\\b.)+$",
        "^(\\B.)*$",
        "^(?:\\b|a)1",
        "\\b|\\B",
    ],
    *[
        "^a{2}",
        "^a{1,2}$",
        "^a{2,}?",
        "^(?:a|B){2}$",
        "^a{0}$",
        "^(a?){2,3}$",
        "a{,2}",
        "a{",
        "{",
        "}",
        "]",
        "^a{1",
    ],
    *[
        "^(?=a)",
        "(?=a)1",
        "^(?!a)",
        "^(?!a|1)..",
        "^(?=.*1)(?=.*a)",
        "^(?:(?!aB).)*$",
        "(?=a)*1",
        "(?!)",
        "a(?!1)",
    ],
    *[
        "^(?=.{2}$)[a1]+",
        "(?!^)a",
        "(?=$)",
        "^(?:a(?=1)|1(?!1))+$",
        "^(?!.*--)(?!-).+(?<!-)$",
        "(?=(?!a).)1?$",
    ],
    *["(?<=a)1", "(?<!a)1", "(?<=^a)", "(?<=a.)-", "(?<!\\b)a", "(?<=[^]{2})", "(?<=(?<!a)1)", "^.*(?<!a+)$"],
    *[
        "\\u0061",
        "\\u{61}",
        "\\x61",
        "\\ud83d\\ude00",
        "\\u{1f600}",
        "[\\u{1f600}-\\u{1f601}]",
        "[😀]",
        "^😀+$",
    ],
    *[
        "[^😀]",
        "\\cJ",
        "[\\cJ]",
        "\\0",
        "\\n",
        "[\\b]",
        "\\-",
        "\\_",
        "[\\_-]",
        "\\a",
        "\\8",
        "\\61",
        "[\\61]",
        "\\c",
        "\\c1",
    ],
    *[
        "(?<n>a)1",
        "(?<n>a",
        "\\k",
        "\\p",
        "\\u",
        "\\u{",
        "\\x",
        "\\x6",
        "[a-]",
        "[-a]",
        "[a--]",
        "[--a]",
        "a**",
        "(?",
        "(?a)",
    ],
    *[
        "\\/",
        "\\h",
        "\\A",
        "\\Z",
        "[[:alpha:]]",
        "a++",
        "(?>a)",
        "(?P<n>a)",
        "(?#c)",
        "\\Q",
        "[b-a]",
        ")",
        "(",
        "*",
        "^*",
    ],
    *[
        "\\p{L}",
        "^\\P{L}+$",
        "\\p{Lu}",
        "[\\p{L}\\d]{2}",
        "[^\\p{L}]",
        "\\p{gc=Nd}",
        "\\p{Emoji}",
        "\\p{No_such}",
        "\\p{}",
    ],
    *[
        "\\p{Script=Latin}",
        "\\p{sc=Grek}",
        "[^\\p{scx=Latn}]",
        "\\p{Alphabetic}",
        "\\p{White_Space}",
        "\\p{Script=X}",
    ],
]


PROPERTIES = [
    *[
        "L",
        "Lu",
        "Cased_Letter",
        "Nd",
        "P",
        "punct",
        "Sc",
        "Zs",
        "Cc",
        "gc=Cf",
        "General_Category=Other_Letter",
    ],
    *["Script=Latin", "sc=Grek", "scx=Cyrl", "Script_Extensions=Han", "sc=Hira", "sc=Common", "sc=Zinh"],
    *[
        "Any",
        "ASCII",
        "Assigned",
        "Alphabetic",
        "Uppercase",
        "Lower",
        "White_Space",
        "Emoji",
        "ID_Start",
        "XIDC",
    ],
    *[
        "Hex",
        "Dash",
        "Math",
        "Ideographic",
        "Case_Ignorable",
        "Extended_Pictographic",
        "CWU",
        "Pattern_Syntax",
    ],
]


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    process = Node()
    yield process
    process.close()


@pytest.mark.parametrize("kind", ARENAS)
@given(
    source=patterns("ecma"),
    samples=texts("ab-\né_ 1Kkſ\u2028\ufeff"),
    flag=st.sampled_from(["", "i", "m", "s"]),
)
@settings(max_examples=150, deadline=None)
def test_same_texts_as_node(kind: Any, node: Node, source: str, samples: list[str], flag: str) -> None:
    answer = node.search(source, samples, flag)
    assert answer is not None
    pattern = Pattern(kind, f"(?{flag}:{source})" if flag else source, "ecma", "search")
    assert [pattern.matches(text) for text in samples] == answer["matches"]


def _is_told(reason: str | None) -> bool:
    """What node takes and this library refuses: what is not regular, and what Annex B would silently
    read as plain letters."""
    return reason is None or any(
        part in reason for part in ("regular", "needs a pattern", "no Unicode property")
    )


def test_hand_made_patterns_on_all_short_texts(node: Node) -> None:
    samples = ["".join(text) for size in range(4) for text in product(LETTERS, repeat=size)]
    basic = [text for text in samples if max(text, default="") < "\U00010000"]
    for source in HAND_MADE:
        answer = node.search(source, samples)
        reason = refusal(source, "ecma")
        assert reason if answer is None else _is_told(reason), source
        if answer is not None and reason is None:
            few = samples if answer["unicode"] else basic
            expected = dict(zip(samples, answer["matches"], strict=True))
            pattern = Pattern(Engine, source, "ecma", "search")
            assert [text for text in few if pattern.matches(text) != expected[text]] == [], source


@given(source=st.lists(st.sampled_from(JUNK), max_size=8).map("".join), samples=texts("ab-\\x6\x01\x1f{]"))
@settings(max_examples=1500, deadline=None)
def test_syntax_of_both_modes(node: Node, source: str, samples: list[str]) -> None:
    answer = node.search(source, samples)
    if (reason := refusal(source, "ecma")) is not None:
        assert answer is None or _is_told(reason)
        return
    assert answer is not None
    pattern = Pattern(Engine, source, "ecma", "search")
    assert [pattern.matches(text) for text in samples] == answer["matches"]


def test_properties_agree_with_node(node: Node) -> None:
    # On characters that this Python knows, so that the newest ones, which node may lack, are left out.
    samples = [chr(c) for c in range(0x3000) if chr(c).isprintable() and not 0xD800 <= c < 0xE000]
    for name in PROPERTIES:
        pattern = Pattern(Engine, rf"^\p{{{name}}}$", "ecma", "search")
        answer = node.search(rf"^\p{{{name}}}$", samples)
        assert answer is not None and answer["unicode"], name
        found = zip(samples, answer["matches"], strict=True)
        assert [text for text, expected in found if pattern.matches(text) != expected] == [], name


@pytest.mark.parametrize("flag", ["", "u"])
def test_case_is_ignored_as_node_does(node: Node, flag: str) -> None:
    if node.version != "17.0":
        pytest.skip(f"node has Unicode {node.version}, not 17.0")
    rule = "ecma-unicode" if flag else "ecma"
    letters = [c for c in range(0x20000 if flag else 0x10000) if not 0xD800 <= c < 0xE000]
    for other in {0x4B, 0x53, 0x390, 0x3B0, 0xFB05, 0x19B, 0xDF, 0x3C9, 0x1C89, 0x10400 if flag else 0x3B9}:
        answer = node.search(
            f"^{chr(other)}$" if flag else f"^(?:{chr(other)}|\\-)$", list(map(chr, letters)), "i"
        )
        assert answer is not None and answer["unicode"] == bool(flag)
        same = casing.close(sets.single(other), rule)
        assert [c for c, found in zip(letters, answer["matches"], strict=True) if found and c != 0x2D] == [
            c for first, last in same for c in range(first, last + 1)
        ]


@pytest.mark.parametrize(
    "name",
    [r"\u0061b", r"\u{61}", r"\ud835\udc00", "a\u200d", "a\u200c", "𝐀", "$_", "_1", "é", "ℼ", "℘", "゛"],
)
def test_names_of_groups_as_in_node(node: Node, name: str) -> None:
    assert node.search(f"(?<{name}>a)", ["a"]) is not None
    assert refusal(f"(?<{name}>a)", "ecma") is None


@pytest.mark.parametrize(
    "name", ["", "1", "a-b", r"\u0031", r"a\u002d", r"\u{110000}", r"\ud835", "\u200d", "a b"]
)
def test_no_names_of_groups_as_in_node(node: Node, name: str) -> None:
    assert node.search(f"(?<{name}>a)", ["a"]) is None
    assert "bad character in group name" in (refusal(f"(?<{name}>a)", "ecma") or "")


# -- the patterns of real schemas -----------------------------------------------------------------


def _patterns(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            yield schema["pattern"]
        if isinstance(schema.get("patternProperties"), dict):
            yield from schema["patternProperties"]
    for inner in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from _patterns(inner)


def _strings(instance: Any) -> Iterator[str]:
    if isinstance(instance, str):
        yield instance
    elif isinstance(instance, dict):
        yield from instance
        yield from _strings(list(instance.values()))
    elif isinstance(instance, list):
        for inner in instance:
            yield from _strings(inner)


def _edited(text: str, chance: random.Random) -> str:
    """The text with one character inserted, removed or replaced."""
    place, letter = chance.randrange(len(text) + 1), chance.choice(EDITS)
    return chance.choice([text[:place] + letter, text[:place]]) + text[place + chance.randrange(2) :]


def _real_patterns() -> dict[str, set[str]]:
    """Pattern -> strings of the instances beside it."""
    found: dict[str, set[str]] = {}
    for record in maskbench():
        sources = set(_patterns(record["schema"]))
        if sources:
            strings = set(_strings([test["data"] for test in record["tests"]]))
            for source in sources:
                found.setdefault(source, set()).update(strings)
    return found


def _samples(source: str, strings: set[str], node: Node, chance: random.Random) -> list[str]:
    """Strings of the instances, those that match first, and single-character edits of them."""
    beside = sorted((text for text in strings if text.isprintable()), key=lambda text: (len(text), text))
    answer = node.search(source, beside)
    assert answer is not None, source
    matching = [text for text, found in zip(beside, answer["matches"], strict=True) if found]
    some = [*matching[:10], *beside[:20]]
    return [*some, *(_edited(text, chance) for text in some for _ in range(6)), "", "a"]


def test_patterns_of_real_schemas(node: Node) -> None:
    chance = random.Random(1)
    compared = untold = 0
    for number, (source, strings) in enumerate(sorted(_real_patterns().items())):
        samples = _samples(source, strings, node, chance)
        answer = node.search(source, samples)
        assert answer is not None, source
        expected = {
            text: found
            for text, found in zip(samples, answer["matches"], strict=True)
            if found is not None and (answer["unicode"] or max(text, default="") < "\U00010000")
        }
        compared += len(expected)
        untold += answer["matches"].count(None)
        for kind in [Engine, Oracle] if number % 20 == 0 else [Engine]:
            pattern = Pattern(kind, source, "ecma", "search")
            few = [text for text in expected if kind is Engine or len(text) < 12][
                0 if kind is Engine else -12 :
            ]
            assert [text for text in few if pattern.matches(text) != expected[text]] == [], source
    assert untold < compared / 100
