"""Patterns of JSON Schema in other dialects than ECMA-262: they are read as their authors mean them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import constrain as cn
from constrain.engine import Engine
from constrain.errors import RegexError
from constrain.languages.json_schema.report import report
from constrain.languages.regex import liberties, parse
from tests.regex_support import Pattern, patterns, refusal

READ = [
    (r"(?i)^[1-9][0-9]*(GiB|G)?$", ["1gib", "2", "12G"], ["0", "1k"]),
    (r"^[\p{L} \'\-]+$", ["O'Hara-Süß"], ["a1", ""]),
    (r"^\p{L}\-\_\ \#\@$", ["é-_ #@"], ["é-_ #"]),
    (r"^(?i:a)(?i)b|c$", ["Ab", "ABx", "xC"], ["x"]),
    (r"^a(?i)b(?-i)c$", ["aBc"], ["aBC"]),
    (r"^(?:(?i)a|b)c$", ["Ac", "Bc"], ["aC"]),
    (r"(?s)^.$", ["\n"], [""]),
    (r"(?m)^a$", ["b\na"], ["ba"]),
    (r"(?is-m:a)", ["A"], ["b"]),
    (r"(?ui)^é$", ["É"], ["e"]),
    (r"^(?P<year>[0-9]{4})$", ["2024"], ["24"]),
    (r"(?i)\Aab\z", ["aB"], ["abc"]),
    (r"\A\p{L}\Z", ["é"], ["éa"]),
    (r"^[\p{L}-_]$", ["-", "_", "é"], ["1"]),
    (r"^[[:alpha:]\p{Nd}\'[:punct:]]+$", ["a1'."], [" "]),
    (r"^(?i)[[:^digit:]]$", ["a"], ["1"]),
    (r"^(?i)[[:^lower:]]$", ["1"], ["a", "A"]),
    (r"^[\p{Greek}]$", ["α"], ["a"]),
    (r"^\pL\PN\p{L}\-$", ["éaa-"], ["é1a-"]),
    (r"^\u{61}\-$", ["a-"], ["u-"]),
    (r"^\p{L}]}$", ["é]}"], ["é]"]),
]

REFUSED = [
    (r"(?i)[", "unterminated character set"),
    (r"(?x)a b", "unknown flag x"),
    (r"(?i)\hx", r"unknown escape \h"),
    (r"(?i)(a)\1", "backreferences"),
    (r"(?P<x>a)(?i)\1", "backreferences"),
    (r"\p{Foo}", "no Unicode property"),
    (r"\p{L}\-\p{Foo}", "no Unicode property"),
    (r"(?i)a{,3}", "write {0,n}"),
    (r"[[:foo:]]\p{L}\-", "unknown POSIX class"),
    ("*.md", "nothing to repeat"),
    (r"^(?i)*a", "nothing to repeat"),
    (r"(?i)[z-a]", "bad character range"),
    (r"(?i", "invalid group"),
]


@pytest.mark.parametrize(("source", "accepted", "rejected"), READ)
def test_pattern_of_another_dialect(source: str, accepted: list[str], rejected: list[str]) -> None:
    pattern = Pattern(Engine, source, "schema", "search")  # type: ignore[arg-type]
    assert [text for text in accepted if not pattern.matches(text)] == []
    assert [text for text in rejected if pattern.matches(text)] == []
    assert liberties(source) or refusal(source, "ecma") is None


@pytest.mark.parametrize(("source", "reason"), REFUSED)
def test_pattern_that_no_dialect_explains(source: str, reason: str) -> None:
    with pytest.raises(RegexError) as caught:
        parse(source, "schema")
    assert reason in caught.value.reason
    with pytest.raises(cn.UnsupportedKeyword) as refused:
        cn.json_schema({"properties": {"a": {"pattern": source}}})
    assert refused.value.pointer == "/properties/a/pattern"


JUNK = [
    *"ab\\-[]{}()^$.*+?|01,:=!<>_Pi",
    "(?i)",
    "(?P<n>",
    "\\p{L}",
    "\\u{61}",
    "[:alpha:]",
    "\\A",
    "\\'",
    "{,2}",
]


@given(patterns("ecma") | st.lists(st.sampled_from(JUNK), max_size=8).map("".join))
@settings(max_examples=1000, deadline=None)
def test_what_ecma_reads_is_read_alike(source: str) -> None:
    reason = refusal(source, "ecma")
    if reason is None:
        assert parse(source, "schema") == parse(source, "ecma")
        assert liberties(source) == ()
    elif refusal(source, "schema") is None:  # type: ignore[arg-type]
        assert liberties(source) != ()


SIZE: dict[str, Any] = {"type": "string", "pattern": "(?i)^[1-9][0-9]*(GiB|G)?$"}


def test_check_says_how_a_pattern_is_read() -> None:
    schema = {"properties": {"a": SIZE}, "patternProperties": {r"^[\p{L}\']$": True, "^b": True}}
    found = report(schema).readings
    reasons = {note.pointer: note.reason for note in found}
    assert reasons.keys() == {"/properties/a/pattern", r"/patternProperties/^[\p{L}\']$"}
    assert "(?i)" in reasons["/properties/a/pattern"]


def test_flags_at_the_start_hold_in_a_document() -> None:
    grammar = cn.json_schema(SIZE)
    assert grammar.matches('"12gIb"') and not grammar.matches('"12kib"')


def test_an_escape_that_u_forbids_beside_a_class_that_needs_it() -> None:
    grammar = cn.json_schema({"type": "string", "pattern": r"^[\p{L} \'\-]+$"})
    assert grammar.matches(json.dumps("O'Ω-", ensure_ascii=False)) and not grammar.matches('"a1"')


def test_javascript_is_not_read_more_broadly() -> None:
    with pytest.raises(RegexError, match="invalid group"):
        cn.regex("(?i)a", flavour="ecma")


@pytest.mark.parametrize(
    ("schema", "draft"),
    [
        ({"$schema": "https://example.org/dialect", "const": 1}, 4),
        ({"$schema": "https://example.org/dialect", "const": 1}, 2020),
        ({"$defs": {"a": {"$id": "urn:a", "$schema": "urn:own", "const": 1}}, "$ref": "urn:a"}, 2019),
    ],
)
def test_unknown_dialect_with_a_draft_given(schema: Any, draft: int) -> None:
    grammar = cn.json_schema(schema, draft=draft)
    assert grammar.matches("1") and not grammar.matches("2")
    assert report(schema).problems and cn.json_schema(schema, draft=draft).matches("1")


def test_unknown_dialect_with_a_draft_that_tells() -> None:
    schema = {"$schema": "urn:own", "minimum": 1, "exclusiveMinimum": True}
    assert not cn.json_schema(schema, draft=4).matches("1")


def test_unknown_dialect_without_a_draft_is_refused() -> None:
    with pytest.raises(cn.UnsupportedKeyword, match="a draft that is given"):
        cn.json_schema({"$schema": "https://example.org/dialect"})


@pytest.mark.parametrize(
    ("name", "whose", "written"),
    [("STRING", "Gemini", "string"), ("dict", "Python", "object"), ("Object", "JavaScript", "object"),
     ("any", "draft 3", "leave out"), ("file", "Swagger", "string"), ("objectId", "MongoDB", "string")],
)  # fmt: skip
@pytest.mark.parametrize("several", [False, True])
def test_type_of_another_dialect(name: str, whose: str, written: str, several: bool) -> None:
    with pytest.raises(cn.InvalidSchema) as caught:
        cn.json_schema({"type": ["null", name] if several else name})
    assert whose in caught.value.hint and written in caught.value.hint


@pytest.mark.parametrize(
    ("keyword", "whose"), [("nullable", "OpenAPI"), ("discriminator", "OpenAPI"), ("bsonType", "MongoDB")]
)
def test_keyword_of_another_dialect(keyword: str, whose: str) -> None:
    (note,) = report({"type": "object", keyword: {}}).annotations
    assert whose in note.reason


def test_what_is_read_as_meant_is_not_warned_of() -> None:
    cn.json_schema({"pattern": r"(?i)\Aab\z"}, unknown="raise")
    with pytest.raises(cn.InvalidSchema, match="letter A to ECMA"):
        cn.json_schema({"pattern": r"\Aab\z"}, unknown="raise")
