"""``ascii=True``: strings are spelled as ``json.dumps`` spells them, in values, keys, patterns and formats."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import constrain as cn
from constrain.engine import Engine
from constrain.languages.json_schema.text.json_text import ASCII

TEXTS = ["", "a", 'é"\\', "\x7f", "\x00\b\x1f", "日本", "\uffff", "\U00010000", "😀x", "\U0010ffff"]

ranges = st.tuples(st.integers(0, 0x10FFFF), st.integers(0, 0x10FFFF)).map(sorted)


def spelled(text: str) -> bytes:
    return json.dumps(text)[1:-1].encode()


@example([0xFFFF, 0x10000], 0x10000)
@example([0x10001, 0x103FF], 0x10400)
@example([0x103FF, 0x10C00], 0x107FF)
@given(ranges, st.integers(0, 0x10FFFF))
def test_characters(bounds: list[int], code: int) -> None:
    pieces = [(max(bounds[0], low), min(bounds[1], high)) for low, high in ((0, 0xD7FF), (0xE000, 0x10FFFF))]
    pieces = [piece for piece in pieces if piece[0] <= piece[1]]
    if not pieces:
        return
    engine = Engine()
    node = ASCII.characters(engine, tuple(pieces))
    for probe in {code, bounds[0] - 1, bounds[0], bounds[1], bounds[1] + 1}:
        if 0 <= probe <= 0x10FFFF and not 0xD800 <= probe <= 0xDFFF:
            assert engine.matches(node, spelled(chr(probe))) == (bounds[0] <= probe <= bounds[1]), hex(probe)


SCHEMAS: list[Any] = [
    {"type": "string"},
    {"enum": TEXTS},
    {"type": "string", "pattern": r"^[^q]*$"},
    {"type": "string", "maxLength": 3},
    {"type": "string", "not": {"const": "q"}},
]


@pytest.mark.parametrize("schema", SCHEMAS)
@pytest.mark.parametrize("text", TEXTS)
def test_values(schema: Any, text: str) -> None:
    grammar = cn.json_schema(schema, ascii=True)
    assert grammar.matches(json.dumps(text))
    if not (text.isascii() and text.isprintable()):
        raw = json.dumps(text, ensure_ascii=False)
        assert grammar.matches(raw) == (raw == json.dumps(text))
    assert not grammar.matches('"\\ud800"') and not grammar.matches('"\\u00E9"')


@pytest.mark.parametrize("order", ["schema", "any"])
def test_keys(order: str) -> None:
    schema = {
        "properties": {"é": {"const": 1}},
        "patternProperties": {"^日": {"const": 2}},
        "additionalProperties": {"const": 3},
        "maxProperties": 3,
        "type": "object",
    }
    grammar = cn.json_schema(schema, ascii=True, property_order=order)
    assert grammar.matches(json.dumps({"é": 1, "日本": 2, "😀": 3}))
    assert not grammar.matches(json.dumps({"é": 3}))
    assert not grammar.matches(json.dumps({"日": 3}))
    assert not grammar.matches('{"\\u65e5": 2, "\\u65e5": 2}')
    assert not grammar.matches('{"日": 2}')


def test_formats() -> None:
    grammar = cn.json_schema({"type": "string", "format": "idn-email"}, ascii=True)
    assert grammar.matches(json.dumps("münchen@bücher.de")) and not grammar.matches('"münchen@bücher.de"')
    pattern = cn.json_schema({"type": "string", "format": "regex"}, ascii=True)
    assert pattern.matches(json.dumps("[а-яé]😀")) and not pattern.matches('"é"')


def test_lengths_count_characters() -> None:
    grammar = cn.json_schema({"type": "string", "minLength": 2, "maxLength": 2}, ascii=True)
    assert grammar.matches(json.dumps("😀é")) and not grammar.matches(json.dumps("😀"))
