"""Hand-written cases as data, error offsets, and the size of what ordinary patterns compile to."""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from constrain.engine import Engine
from constrain.errors import RegexError
from constrain.languages.regex import Flavour, Utf8, build, parse, regex_expression
from constrain.languages.regex.parsing.syntax import Chars
from constrain.languages.regex.unicode import casing, characters, properties
from constrain.languages.regex.unicode import ranges as sets
from constrain.languages.regex.unicode.ranges import Ranges
from constrain.languages.regex.unicode.utf8 import byte_tree
from tests.oracle import Oracle
from tests.regex_support import ARENAS, Pattern

DATA = Path(__file__).parent / "data" / "regex"
CASES = json.loads((DATA / "cases.json").read_text(encoding="utf-8"))
ERRORS = json.loads((DATA / "errors.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("kind", ARENAS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['flavour']}:{case['pattern']}")
def test_case(kind: Any, case: dict[str, Any]) -> None:
    pattern = Pattern(kind, case["pattern"], case["flavour"], case.get("mode", "fullmatch"))
    assert [text for text in case["accept"] if not pattern.matches(text)] == []
    assert [text for text in case["reject"] if pattern.matches(text)] == []


@pytest.mark.parametrize("case", ERRORS, ids=lambda case: f"{case['flavour']}:{case['pattern']}")
def test_error(case: dict[str, Any]) -> None:
    with pytest.raises(RegexError) as caught:
        Pattern(Engine, case["pattern"], case["flavour"], "search")
    assert case["reason"] in caught.value.reason
    assert (caught.value.offset, caught.value.source) == (case["offset"], case["pattern"])


@pytest.mark.parametrize("kind", ARENAS)
def test_anchored_class_is_one_plain_repetition(kind: Any) -> None:
    arena = kind()
    expression = regex_expression(arena, "^[a-z]{3,500}$", flavour="ecma", alphabet=Utf8(), mode="search")
    letters = arena.byte_set(sum(1 << c for c in range(97, 123)))
    assert expression == arena.repeat(letters, 3, 500)


@pytest.mark.parametrize(
    "source", ["^(?!-)[a-z-]{1,500}(?<!-)$", r"^\b[a-z]{3,500}\b$", "^.{3,500}(?<!foo)$"]
)
def test_counts_beside_assertions_are_not_unrolled(source: str) -> None:
    # The oracle's tuples show the whole structure: it must not grow with the count.
    def nodes(bound: str) -> int:
        expression = Pattern(Oracle, source.replace("500", bound), "ecma", "search").expression
        return str(expression).count("'repeat'")

    assert nodes("500") == nodes("5000") <= 20


@pytest.mark.parametrize("flavour", ["python", "ecma"])
@pytest.mark.parametrize("opening", ["(", "(a|b", "(?:b|\\bc", "(?=b|cd"])
def test_deep_nesting_is_read_or_refused(opening: str, flavour: Flavour) -> None:
    # The stack of Python is what compiling uses: it must last for all depths that are not refused.
    pattern = Pattern(Engine, opening * 60 + "x" + ")" * 60, flavour, "search")
    assert not pattern.matches("é")
    with pytest.raises(RegexError, match="nested more than 60"):
        Pattern(Engine, opening * 500 + "x" + ")" * 500, flavour, "search")


def test_copies_of_ambiguous_words_can_be_derived() -> None:
    # Each union of two copies once factored heads through all later copies, in 4^150 steps.
    pattern = Pattern(Engine, r"^(\b[\w'-]+\b[\s.]*){1,150}$", "ecma", "search")
    assert pattern.matches("it's a well-known word." * 10)
    assert not pattern.matches("it's a - word." + "a'" * 200)


def test_products_of_counts_beyond_32_bits_stay_nested() -> None:
    pattern = Pattern(Engine, "^(?:a{1,100000}){1,100000}$", "ecma", "search")
    assert pattern.matches("a" * 20) and not pattern.matches("a" * 20 + "b")


def test_the_front_door() -> None:
    arena = Engine()
    assert build(arena, "abc") == arena.literal(b"abc")
    assert arena.matches(build(arena, "a|é+"), "éé".encode())
    assert parse("a+", "python") is parse("a+", "python")


# -- sets of characters ---------------------------------------------------------------------------


def _members(ranges: Ranges) -> set[int]:
    return {c for first, last in ranges for c in range(first, last + 1)}


EVERY = [c for c in range(sys.maxunicode + 1) if not 0xD800 <= c < 0xE000]


@pytest.mark.parametrize("letter", "dws")
def test_python_classes_are_those_of_the_interpreter(letter: str) -> None:
    inside = re.compile(rf"\{letter}").fullmatch
    assert _members(characters.python_class(letter)) == {c for c in EVERY if inside(chr(c))}


@pytest.mark.parametrize("code", ["Lu", "Mn", "Nd", "Co", "Cn", "Cf", "So"])
def test_categories_are_those_of_the_interpreter(code: str) -> None:
    # Its Unicode version may be another one: new characters have come, a few have changed.
    found = properties.property_set(code)
    assert found is not None
    older = {c for c in EVERY if unicodedata.category(chr(c)) == code}
    assigned = {c for c in EVERY if unicodedata.category(chr(c)) != "Cn"}
    if code == "Cn":
        assert _members(found) < older or _members(found) == older
    else:
        assert len((_members(found) & assigned) ^ older) < 20


def test_general_categories_are_a_partition() -> None:
    codes = (
        "Cc Cf Cn Co Cs Ll Lm Lo Lt Lu Mc Me Mn Nd Nl No Pc Pd Pe Pf Pi Po Ps Sc Sk Sm So Zl Zp Zs".split()
    )
    found = [properties.property_set(code) for code in codes]
    assert sets.union(members for members in found if members) == sets.ALL
    assert sum(last - first + 1 for members in found for first, last in members or ()) == len(EVERY)


def test_no_cased_character_is_missed() -> None:
    for character in map(chr, range(0x20000, 0x110000)):
        assert character.lower() == character.upper() == character.casefold() == character


@pytest.mark.parametrize("letter", [*"kKsSiIµß", "ſ", "K", "İ", "ı", "ẞ", "ς", "ᾳ", "ﬅ", "Ω", "ᲀ"])
def test_case_is_ignored_as_re_does(letter: str) -> None:
    inside = re.compile(letter, re.IGNORECASE).fullmatch
    expected = {c for c in range(0x20000) if not 0xD800 <= c < 0xE000 and inside(chr(c))}
    assert _members(casing.close(sets.single(ord(letter)), "python")) == expected


@pytest.mark.parametrize(
    "ranges", [sets.ALL, ((0x7F, 0x80),), ((0x7FF, 0x800),), ((0xFFFF, 0x10000),), ((0x40, 0x1F600),)]
)
def test_utf8_holds_exactly_the_characters(ranges: Ranges) -> None:
    arena = Engine()
    expression = Utf8().characters(arena, sets.normalise(ranges))
    edges = {0, 0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF, 0x40, 0x1F600, 0x1F601}
    for code_point in sorted(edges):
        inside = sets.contains(sets.normalise(ranges), code_point)
        assert arena.matches(expression, chr(code_point).encode()) == inside
    for surrogate_or_overlong in (b"\xed\xa0\x80", b"\xc0\x80", b"\xe0\x80\x80", b"\xf4\x90\x80\x80"):
        assert not arena.matches(expression, surrogate_or_overlong)


def test_all_of_unicode_has_eight_parts() -> None:
    assert len(byte_tree(sets.ALL)) == 8


@pytest.mark.parametrize(
    "source", [r"[\w]", r"[\W]", r"[\d]", r"[^\w]", r"[ι\W]", r"[\wι]", r"[^a-z\D]", r"\w", r"[ſ\s]", "[Α-Ω]"]
)
@pytest.mark.parametrize("flags", ["i", "ai"])
def test_case_is_ignored_in_classes_as_re_does(source: str, flags: str) -> None:
    inside = re.compile(f"(?{flags}){source}").fullmatch
    found = parse(f"(?{flags}){source}", "python")
    assert isinstance(found, Chars)
    assert _members(found.ranges) == {c for c in EVERY if inside(chr(c))}


def test_scripts_are_a_partition() -> None:
    unknown = properties.property_set("Script=Unknown")
    assert unknown is not None and unknown == properties.property_set("scx=Zzzz")
    assert sets.intersection(unknown, properties.property_set("Script=Greek") or sets.NONE) == sets.NONE
    assert sets.contains(unknown, 0x378)


def test_case_and_properties_are_of_one_unicode_version() -> None:
    folder = Path(properties.__file__).parent
    versions = {
        (folder / name).read_text(encoding="utf-8").split(",")[0].split(".")[0]
        for name in ("properties.txt", "case.txt")
    }
    assert len(versions) == 1
