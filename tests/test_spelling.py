"""Languages without what the vocabulary cannot spell: examples of every kind of part, in every front end."""

from __future__ import annotations

import json
from typing import Any

import pytest

import constrain as cn
from constrain.masks.bitmask import to_bool

# A byte-level vocabulary that has never seen some lead bytes, nor a digit.
LACKING = b"\xf1\xf2\x047"


def byte_level(lacking: bytes = LACKING, more: tuple[bytes, ...] = ()) -> cn.Vocabulary:
    tokens = [bytes([byte]) for byte in range(256) if byte not in lacking]
    return cn.Vocabulary([*tokens, *more, None], [len(tokens) + len(more)])


def admits(constraint: cn.Constraint, text: str) -> bool:
    """Whether ``text`` is written by some tokens, one byte each."""
    matcher = constraint.matcher()
    tokens = constraint.vocabulary.tokens
    for byte in text.encode():
        if bytes([byte]) not in tokens or not matcher.advance(tokens.index(bytes([byte]))):
            return False
        if not matcher.allowed_tokens():
            raise AssertionError(f"a dead end in {text!r}")
        row = matcher.mask_by_derivatives()
        assert matcher.allowed_tokens() == to_bool(row, constraint.vocabulary.size).nonzero()[0].tolist()
    return matcher.can_stop


FAR = "\U00050000"  # F1 90 80 80


@pytest.mark.parametrize(
    ("schema", "within", "outside"),
    [
        ({"type": "string"}, ["", "é日😀"], [FAR, f"a{FAR}"]),
        ({"enum": ["a", FAR]}, ["a"], [FAR]),
        ({"type": "integer"}, [12], [7, 17]),
        ({"type": "number", "multipleOf": 7}, [14, 21], [7, 70]),
        ({"type": "number", "minimum": 70, "maximum": 80}, [80], [70, 75]),
        ({"properties": {"a": {"const": FAR}}}, [{}, {"b": 1}], [{"a": FAR}, {"a": "b"}]),
        ({"properties": {"a": True, FAR: True, "b": {"const": 7}}}, [{"a": 1, "c": 2}], [{FAR: 1}, {"b": 7}]),
        ({"additionalProperties": {"const": 7}}, [{}], [{"a": 7}]),
        ({"patternProperties": {"^x": {"const": 7}, "^y": {"const": 8}}, "additionalProperties": False},
         [{}, {"y": 8}], [{"x": 7}]),
        ({"propertyNames": {"pattern": "^[a7é]$"}, "minProperties": 2, "type": "object"},
         [{"a": 1, "é": 2}], [{"a": 1, "7": 1}]),
        ({"items": {"enum": [7, 1, "x"]}, "uniqueItems": True, "minItems": 2}, [[1, "x"], ["x", 1]], [[1, 7]]),
        ({"prefixItems": [{"const": 1}, {"const": FAR}]}, [[1], []], [[1, FAR]]),
        ({"contains": {"const": 7}}, None, None),
        ({"anyOf": [{"const": 7}, {"type": "null"}]}, [None], [7]),
        ({"type": "string", "pattern": "^[6-8]+$"}, ["68"], ["7", "67"]),
        ({"type": "string", "not": {"pattern": "^[^7]"}}, [""], ["7"]),
        ({"type": "string", "minLength": 2, "maxLength": 3}, ["66"], ["67"]),
        ({"type": "string", "format": "date"}, ["2024-02-29"], ["2024-02-27"]),
    ],
    ids=str,
)  # fmt: skip
def test_schemas(schema: Any, within: list[Any] | None, outside: list[Any]) -> None:
    schema = (
        {"type": "array", **schema}
        if "contains" in schema or "prefixItems" in schema or "items" in schema
        else schema
    )
    grammar = cn.json_schema(schema, whitespace="compact")
    if within is None:
        with pytest.raises(cn.UnspellableError):
            cn.compile(grammar, byte_level())
        return
    constraint = cn.compile(grammar, byte_level())
    for value in within:
        assert admits(constraint, json.dumps(value, ensure_ascii=False, separators=(",", ":"))), value
    for value in outside:
        assert not admits(constraint, json.dumps(value, ensure_ascii=False, separators=(",", ":"))), value
