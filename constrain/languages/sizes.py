"""Checks of the size of a source, before anything is made of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from constrain.errors import InvalidSchema, WorkLimitExceeded
from constrain.limits import Limits
from constrain.work import checkpoint

__all__ = ["check_pattern", "check_text", "snapshot"]


def check_pattern(pattern: str, limits: Limits) -> None:
    """Raise WorkLimitExceeded if a regular expression is too long."""
    if len(pattern) > limits.pattern_size:
        raise WorkLimitExceeded(
            f"the pattern has {len(pattern)} characters", limit="pattern_size", value=limits.pattern_size
        )


def check_text(text: str, limits: Limits) -> None:
    """Raise WorkLimitExceeded if the text of a grammar is too long."""
    if len(text) > limits.schema_bytes:
        raise WorkLimitExceeded(
            f"the grammar has {len(text)} characters", limit="schema_bytes", value=limits.schema_bytes
        )


def snapshot(value: Any, limits: Limits) -> Any:
    """A copy of a JSON value, so that lazily read parts do not change when the caller's value does.

    Raises:
        InvalidSchema: it contains itself.
        WorkLimitExceeded: it is larger, or nested more deeply, than ``limits`` allow.
    """
    if not isinstance(value, (dict, list)):
        if _length(value) > limits.schema_bytes:
            raise _too_large(limits)
        return value
    copy: list[Any] = [None]
    stack: list[tuple[Iterator[tuple[Any, Any]], Any, int]] = [(iter([(0, value)]), copy, 0)]
    inside: set[int] = set()  # containers around the current value
    left = limits.schema_bytes
    while stack:
        items, into, container = stack[-1]
        for key, item in items:
            left -= _length(key) + _length(item) + 1
            if left < 0:
                raise _too_large(limits)
            if not isinstance(item, (dict, list)):
                into[key] = item
                continue
            if id(item) in inside:
                raise InvalidSchema("", "the schema is nested too deeply, or holds itself")
            if len(stack) > limits.schema_depth:
                raise WorkLimitExceeded(
                    "the schema is nested too deeply", limit="schema_depth", value=limits.schema_depth
                )
            inside.add(id(item))
            if isinstance(item, dict):
                into[key] = {}
                stack.append((iter(item.items()), into[key], id(item)))
            else:
                into[key] = [None] * len(item)
                stack.append((iter(enumerate(item)), into[key], id(item)))
            checkpoint()
            break
        else:
            stack.pop()
            inside.discard(container)
    return copy[0]


def _too_large(limits: Limits) -> WorkLimitExceeded:
    return WorkLimitExceeded("the schema is too large", limit="schema_bytes", value=limits.schema_bytes)


def _length(value: Any) -> int:
    """Bytes of a value in JSON, without the contents of containers. The number is approximate for numbers and for
    characters other than ASCII."""
    return len(value) + 2 if isinstance(value, str) else 2
