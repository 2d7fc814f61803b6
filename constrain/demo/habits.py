"""Careless ways of writing a record, as language models do without a constraint.

A share of the training records is written in one of these ways, so that the demonstration model has the
habits of larger models: a fence around the JSON, a sentence before it, Python's quotes, numbers in quotation
marks, keys nobody asked for. None of it validates against the record's schema, and most does not parse.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from typing import Any, Final

__all__ = ["HABITS", "careless"]

Record = Mapping[str, Any]


def careless(record: Record, kind: str, rng: random.Random) -> str:
    """Write a record in one of the careless ways, drawn with equal chance."""
    return rng.choice(HABITS)(record, kind)


def fenced(record: Record, kind: str) -> str:
    """Put the record into a Markdown code block."""
    return f"```json\n{_dump(record)}\n```"


def introduced(record: Record, kind: str) -> str:
    """Say a word before the record."""
    return f"Here is the {kind}: {_dump(record)}"


def explained(record: Record, kind: str) -> str:
    """Say a word after the record."""
    return f"{_dump(record)} This is the {kind} in the text."


def in_python(record: Record, kind: str) -> str:
    """Write a Python dictionary: single quotes, `True`, `None`."""
    return str(dict(record))


def trailing_comma(record: Record, kind: str) -> str:
    """Leave a comma after the last value."""
    return f"{_dump(record)[:-1]},}}"


def labelled(record: Record, kind: str) -> str:
    """Add a property that the schema does not have."""
    return _dump({**record, "type": kind})


def quoted_values(record: Record, kind: str) -> str:
    """Write every number and truth value as a string."""
    return _dump(_quote(record))


HABITS: Final[tuple[Callable[[Record, str], str], ...]] = (
    fenced,
    introduced,
    explained,
    in_python,
    trailing_comma,
    labelled,
    quoted_values,
)


def _dump(record: Any) -> str:
    return json.dumps(record, ensure_ascii=False)


def _quote(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _quote(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_quote(inner) for inner in value]
    return _dump(value) if isinstance(value, bool | int | float) else value
