"""What in a schema looks like a mistake: ``json_schema(..., unknown=...)``, ``constrain check --strict``."""

from __future__ import annotations

import json
import pickle
import warnings
from pathlib import Path
from typing import Any

import pytest

import constrain as cn
from constrain.cli import main
from constrain.cli.source import read_schema
from constrain.languages.json_schema.keywords.mistakes import near_miss
from constrain.languages.json_schema.report import report

DRAFT_7 = {"$schema": "http://json-schema.org/draft-07/schema#"}

MISTAKES: list[tuple[Any, str, str]] = [
    ({"type": "object", "requierd": ["a"]}, "/requierd", "is required meant"),
    ({"items": {"min_length": 3}}, "/items/min_length", "is minLength meant"),
    ({"additonalProperties": False}, "/additonalProperties", "is additionalProperties meant"),
    ({"AllOf": [{"type": "string"}]}, "/AllOf", "is allOf meant"),
    ({"tpye": "string"}, "/tpye", "is type meant"),
    ({"additionalPropertes/": False}, "/additionalPropertes~1", "is additionalProperties meant"),
    ({"divisibleBy": 3}, "/divisibleBy", "write multipleOf"),
    ({"name": "answer", "strict": True, "schema": {"type": "object"}}, "/schema", "what stands here"),
    ({"json_schema": {"name": "a", "schema": {"enum": [1]}}}, "/json_schema", "what stands here"),
    ({"name": "a", "parameters": {"type": "object"}}, "/parameters", "what stands here"),
    ({"type": "string", "minimum": 3}, "/minimum", "says nothing about values of type string"),
    ({"type": ["array", "null"], "properties": {}}, "/properties", "says nothing about values of type array or null"),
    ({"then": {"type": "string"}}, "/then", "without if"),
    ({"maxContains": 3}, "/maxContains", "without contains"),
    ({"properties": {"additionalProperties": False}}, "/properties/additionalProperties", "the name of a property"),
    (
        {**DRAFT_7, "properties": {"a": {"$ref": "#/definitions/b", "maxLength": 3}}, "definitions": {"b": {}}},
        "/properties/a/maxLength",
        r"a \$ref hides the keywords beside it",
    ),
    ({"format": "datetime"}, "/format", "is date-time meant"),
    ({"pattern": r"\Aab\z"}, "/pattern", r"\\A is the letter A to ECMA; write \^"),
    ({"pattern": r"^ab\z"}, "/pattern", r"\\z is the letter z to ECMA; write \$"),
    ({"pattern": "^[[:digit:]]+$"}, "/pattern", r"write 0-9"),
    ({"pattern": r"\Qa.b\E"}, "/pattern", "write a backslash before each"),
    ({"pattern": "^a{,3}$"}, "/pattern", r"write {0,3}"),
    ({"patternProperties": {"^a{,3}$": {}}}, "/patternProperties", r"write {0,3}"),
]  # fmt: skip

# What means nothing, and is none: names of others, annotations, patterns that say what they mean.
NONE: list[Any] = [
    {
        "x-required": ["a"],
        "_format": "date",
        "#items": {},
        "//type": "string",
        "example": 3,
        "nullable": True,
    },
    {
        "enumNames": ["A"],
        "markdownDescription": "a",
        "discriminator": {"propertyName": "a"},
        "titel": "a",
        "item": 3,
    },
    {
        "requires": "a word",
        "formats": 3,
        "types": ["cat"],
        "schemas": {"type": "object"},
        "version": 1,
        "note": "a",
    },
    {"definitions": {"a": {"typo": 1}}, "type": "string", "schema": {"type": "object"}},
    {"properties": {"required": True, "type": {"type": "string"}, "schema": {"type": "object"}}},
    {"type": ["integer", "string"], "minLength": 3, "minimum": 2, "format": "int64"},
    {"type": "array", "items": {"type": "string"}, "additionalItems": False},
    {
        **DRAFT_7,
        "$ref": "#/definitions/b",
        "type": "string",
        "definitions": {"b": {"type": "string"}},
        "title": "a",
    },
    {"pattern": r"^[:a]\d{3,}[\w.]\\A[^\[]\-$"},
    {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:a",
        "$comment": "c",
        "default": {"typ": 1},
    },
]


@pytest.mark.parametrize(("schema", "pointer", "words"), MISTAKES)
def test_mistakes_are_warned_of_and_can_be_errors(schema: Any, pointer: str, words: str) -> None:
    with pytest.warns(cn.SchemaWarning, match=words) as caught:
        grammar = cn.json_schema(schema)
    assert len(caught) == 1 and f"\n  {pointer}: " in str(caught[0].message)
    assert caught[0].filename == __file__
    with pytest.raises(cn.InvalidSchema, match=words) as raised:
        cn.json_schema(schema, unknown="raise")
    assert raised.value.pointer == pointer
    assert [note.pointer for note in report(schema).mistakes] == [pointer]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cn.json_schema(json.dumps(schema), unknown="ignore")
        pickle.loads(pickle.dumps(grammar))  # told once is enough
        assert grammar.renew()


@pytest.mark.parametrize("schema", NONE)
def test_what_is_no_mistake(schema: Any) -> None:
    cn.json_schema(schema, unknown="raise")
    assert report(schema).mistakes == []


def test_one_warning_names_a_few_places() -> None:
    schema = {"properties": {str(number): {"type": "string", "minimum": 1} for number in range(9)}}
    with pytest.warns(cn.SchemaWarning, match="and more") as caught:
        cn.json_schema(schema)
    assert len(caught) == 1 and str(caught[0].message).count("/minimum: ") == 3


def test_each_tool_is_told_of_once() -> None:
    tools = [{"name": name, "parameters": {"type": "object", "requierd": ["x"]}} for name in ("a", "b")]
    with pytest.warns(cn.SchemaWarning) as caught:
        cn.tool_call(tools)
    told = [str(warning.message) for warning in caught]
    assert len(told) == 2 and "tool:a#/requierd" in told[0] and "tool:b#/requierd" in told[1]
    with pytest.raises(cn.InvalidSchema, match="tool:a#/requierd"):
        cn.tool_call(tools, unknown="raise")


@pytest.mark.parametrize(
    ("keyword", "meant"),
    [
        ("minlength", "minLength"), ("one_of", "oneOf"), ("enmu", "enum"), ("$Ref", "$ref"),
        ("propertes", "properties"),
        ("additionalPropertes", "additionalProperties"), ("patern", "pattern"), ("uniqeItems", "uniqueItems"),
        ("enums", ""), ("note", ""), ("types", ""), ("", ""), ("a" * 10**6, ""), ("title", ""), ("readonly", ""),
    ],
)  # fmt: skip
def test_near_misses(keyword: str, meant: str) -> None:
    assert near_miss(keyword) == meant


def test_unknown_ways_to_treat_mistakes() -> None:
    with pytest.raises(ValueError, match="unknown must be one of"):
        cn.json_schema({}, unknown="error")


def test_check_lists_all_and_is_strict_when_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "schema.json"
    for schema, code in (({"type": "string"}, 0), ({"x-mine": 1}, 1), ({"pattern": r"\Aa"}, 1)):
        path.write_text(json.dumps(schema), encoding="utf-8")
        assert main(["check", str(path)]) == 0
        assert main(["check", str(path), "--strict"]) == code
    shown = capsys.readouterr().out
    assert "What looks like a mistake\n  /pattern\n    \\A is the letter A to ECMA; write ^" in shown


def test_the_command_line_prints_the_warning(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from argparse import Namespace

    path = tmp_path / "schema.json"
    path.write_text('{"requierd": ["a"]}', encoding="utf-8")
    read_schema(
        Namespace(
            schema=str(path), registry=[], order="schema", whitespace="flexible", no_formats=False, draft=None
        )
    )
    assert f"constrain: warning: {path}: parts of the schema say nothing" in capsys.readouterr().err
