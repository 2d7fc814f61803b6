"""The interpretation of a text, and how much of it is right. Texts are read generously, whichever way they were
written.

Code fences and prose around the JSON are skipped, quotes may be single ones, an object may be wrapped in a list or
in another object of one key; letters are compared without case, and a number may be spelled as a string.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator

from benchmarks.quality.task import Task

__all__ = ["NOTHING", "Score", "is_answered", "is_valid", "read", "score"]

NOTHING = object()  # what a text says that cannot be read
_DECODER = json.JSONDecoder(strict=False)

Score = tuple[int, int]  # right fields, and of how many


def read(text: str, task: Task) -> Any:
    """The answer in ``text``, or ``NOTHING``."""
    if task.kind == "choice":
        found = [
            (match.start(), name) for name in task.form if (match := re.search(rf"\b{name}\b", text, re.I))
        ]
        return min(found)[1] if found else NOTHING
    if task.kind == "regex":
        match = re.search(task.form, text)
        return match[0] if match else NOTHING
    objects = list(_objects(text))
    wanted = [value for value in objects if any(key in value for key in task.answer)]
    return next(iter(wanted or objects), NOTHING)


def is_answered(text: str, task: Task) -> bool:
    """Whether more text would not change what ``read`` finds."""
    if task.kind == "schema":
        value = read(text, task) if text.rstrip().endswith("}") else NOTHING
        return isinstance(value, dict) and any(key in value for key in task.answer)
    return read(text + ".", task) is not NOTHING


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """The JSON objects in ``text``, each followed by those within it."""
    for brace in re.finditer(r"\{", text):
        value = _value_at(text, brace.start())
        if isinstance(value, dict):
            yield value


def _value_at(text: str, start: int) -> Any:
    try:
        return _DECODER.raw_decode(text, start)[0]
    except json.JSONDecodeError:
        pass
    for end in re.finditer(r"\}", text[start:]):  # as Python or JavaScript would spell it
        try:
            return ast.literal_eval(text[start : start + end.end()])
        except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
            continue
    return NOTHING


def is_valid(text: str, task: Task) -> bool:
    """Whether the text ends with an answer of the form asked for; for JSON, from the first brace to the last."""
    if task.kind == "choice":
        return any(re.search(rf"\b{name}\.?\s*\Z", text) for name in task.form)
    if task.kind == "regex":
        return re.search(rf"({task.form})\.?\s*\Z", text) is not None
    text = text[text.find("{") : text.rfind("}") + 1]
    try:
        return bool(Draft202012Validator(task.form, format_checker=FORMATS).is_valid(json.loads(text)))
    except json.JSONDecodeError:
        return False


FORMATS = Draft202012Validator.FORMAT_CHECKER


def score(value: Any, expected: Any) -> Score:
    """Right fields of ``value``, and of how many. A list is a field for its length beside those of its items."""
    if isinstance(expected, dict):
        parts = [score(_member(value, key), item) for key, item in expected.items()]
        return sum(right for right, _ in parts), sum(count for _, count in parts)
    if isinstance(expected, list):
        items = value if isinstance(value, list) else []
        parts = [
            score(items[index] if index < len(items) else NOTHING, item)
            for index, item in enumerate(expected)
        ]
        same = len(items) == len(expected)
        return same + sum(right for right, _ in parts), 1 + sum(count for _, count in parts)
    return int(_is_same(value, expected)), 1


def _member(value: Any, key: str) -> Any:
    return value.get(key, NOTHING) if isinstance(value, dict) else NOTHING


def _is_same(value: Any, expected: Any) -> bool:
    if isinstance(expected, bool) or isinstance(value, bool):
        return str(value).lower() == str(expected).lower()
    if isinstance(expected, str):
        return isinstance(value, str) and value.strip().lower() == expected.lower()
    try:
        return bool(float(value) == expected)
    except (TypeError, ValueError):
        return False
