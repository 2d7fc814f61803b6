"""A JSON document that has been read in part: what is complete, and what is open.

Use this to say something about a text that breaks off. The text is read anew each time, in one pass except for what
surrounds its end.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

__all__ = ["PartialValue", "read_partial_value"]

_DECODER = json.JSONDecoder(parse_float=Decimal)
_SPACE = re.compile(r"[ \t\r\n]*")
_WORD = re.compile(r"[-+.0-9A-Za-z]*\Z")


@dataclass
class PartialValue:
    """A value that has been read in part, or is still to come.

    Attributes:
        kind: ``"object"``, ``"array"``, ``"string"``, ``"number"``, the first letter of a literal; ``""`` before it.
        complete: of an object or array, the members that have been read, by name or position.
        key: name or position of the member that is open or comes next; None if that is not known.
        in_key: whether an object breaks off in a key, or where one may come.
        member: what there is of that member.
    """

    kind: str = ""
    complete: dict[str, Any] | dict[int, Any] = field(default_factory=dict)
    key: str | int | None = None
    in_key: bool = False
    member: PartialValue | None = None

    @property
    def may_end(self) -> bool:
        """Whether an array may end though a member comes next: it has none so far."""
        return self.kind == "array" and not self.complete and self.member == PartialValue()


def read_partial_value(text: str) -> PartialValue | None:
    """What there is in ``text``, the beginning of a JSON document; None if it is a whole one, or not JSON."""
    try:
        return _value(text, 0)[0]
    except json.JSONDecodeError:
        return None


def _value(text: str, at: int) -> tuple[PartialValue | None, Any, int]:
    """A value from ``at`` on: the part of it if it is open; or None, the value and where it ends."""
    at = _skip(text, at)
    if at == len(text):
        return PartialValue(), None, at
    if _WORD.match(text, at):  # a number may go on
        return PartialValue("number" if text[at] in "-0123456789" else text[at]), None, at
    try:
        return None, *_DECODER.raw_decode(text, at)
    except json.JSONDecodeError:
        if text[at] == '"':
            return PartialValue("string"), None, at
        if text[at] == "{":
            return _object(text, at + 1), None, at
        if text[at] == "[":
            return _array(text, at + 1), None, at
        raise


def _object(text: str, at: int) -> PartialValue:
    """An object that does not end."""
    found = PartialValue("object")
    members: dict[str, Any] = {}
    found.complete = members
    while True:
        at = _skip(text, at)
        try:
            key, at = _DECODER.raw_decode(text, at)
        except json.JSONDecodeError:
            found.in_key = True
            return found
        found.key = key
        at = _skip(text, at)
        if at == len(text):
            found.member = PartialValue()
            return found
        found.member, value, at = _value(text, _after(text, at, ":"))
        if found.member is not None:
            return found
        members[key], found.key = value, None
        at = _skip(text, at)
        if at == len(text):
            return found
        at = _after(text, at, ",")


def _array(text: str, at: int) -> PartialValue:
    """An array that does not end."""
    found = PartialValue("array")
    items: dict[int, Any] = {}
    found.complete = items
    while True:
        found.key = len(items)
        found.member, value, at = _value(text, at)
        if found.member is not None:
            return found
        items[len(items)], found.key = value, None
        at = _skip(text, at)
        if at == len(text):
            return found
        at = _after(text, at, ",")


def _skip(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return at if space is None else space.end()


def _after(text: str, at: int, mark: str) -> int:
    if text[at] != mark:
        raise json.JSONDecodeError(f"{mark!r} is missing", text, at)
    return at + 1
