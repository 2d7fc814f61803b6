"""Languages in which it is hard to tell the least number of tokens that complete a text."""

from __future__ import annotations

from typing import Any

__all__ = ["SCHEMAS", "TOOLS"]


def _unique(items: dict[str, Any], **bounds: int) -> dict[str, Any]:
    return {"type": "array", "uniqueItems": True, "items": items, "minItems": 4, **bounds}


_PAIR = {
    "type": "object",
    "properties": {"a": {"type": "integer"}, "b": {"type": "string"}},
    "required": ["a"],
}
_NAMES = [f"name{i}" for i in range(16)]

SCHEMAS: dict[str, Any] = {
    "unique strings": _unique({"type": "string"}),
    "unique strings of three letters": _unique({"type": "string", "pattern": "^[abc]{1,3}$"}),
    "unique numbers": _unique({"type": "number"}),
    "unique integers of two digits": _unique({"type": "integer", "minimum": 0, "maximum": 99}, minItems=20),
    "unique objects": _unique(_PAIR),
    "unique dates": _unique({"type": "string", "format": "date"}),
    "unique uuids": _unique({"type": "string", "format": "uuid"}),
    "unique arrays of unique arrays": _unique(_unique({"type": ["integer", "string", "null"]}, minItems=2)),
    "any unique items": {"type": "array", "uniqueItems": True},
    "enum of 90,000 values": {"enum": [f"value {i * 7919 % 1_000_003} of {i}" for i in range(90_000)]},
    "16 required strings beside others": {
        "type": "object",
        "properties": {name: {"type": "string"} for name in _NAMES},
        "required": _NAMES,
    },
    "a string": {"type": "string"},
    "strings": {"type": "array", "items": {"type": "string"}},
    "dates": {"type": "array", "items": {"type": "string", "format": "date-time"}},
    "integers": {"type": "array", "items": {"type": "integer"}},
    "anything": True,
}

TOOLS: list[dict[str, Any]] = [
    {
        "name": f"service{i % 40}.tool_{i}",
        "parameters": {
            "type": "object",
            "properties": {
                "query": {"type": "string"},
                f"option_{i % 7}": {"type": "integer", "minimum": 0},
                "mode": {"enum": ["fast", "exact", f"mode {i}"]},
            },
            "required": ["query", "mode"],
            "additionalProperties": False,
        },
    }
    for i in range(1_000)
]
