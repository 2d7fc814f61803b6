"""JSON pointers (RFC 6901): to follow one, and to find the one that leads to a place."""

from __future__ import annotations

from typing import Any


def escape(token: str) -> str:
    """A token as it is written in a JSON pointer (RFC 6901, section 3)."""
    return token.replace("~", "~0").replace("/", "~1")


def tokens(pointer: str) -> list[str]:
    """The tokens of a JSON pointer."""
    parts = pointer.split("/")[1:]
    if "~" not in pointer:
        return parts
    return [part.replace("~1", "/").replace("~0", "~") for part in parts]


def child(place: Any, token: str) -> Any:
    """The value that one token leads to.

    Raises:
        LookupError: there is none.
    """
    if isinstance(place, dict) and token in place:
        return place[token]
    if isinstance(place, list) and token.isascii() and token.isdigit():
        index = int(token)
        if index < len(place) and str(index) == token:
            return place[index]
    raise LookupError(f"there is no {token!r} on the way")


def search(root: Any, wanted: Any) -> str | None:
    """The JSON pointer from ``root`` to the very object ``wanted``, or None."""
    pending: list[tuple[Any, str]] = [(root, "")]
    while pending:
        place, pointer = pending.pop()
        if place is wanted:
            return pointer
        if isinstance(place, dict):
            items = [(value, f"{pointer}/{escape(str(key))}") for key, value in place.items()]
        elif isinstance(place, list):
            items = [(value, f"{pointer}/{index}") for index, value in enumerate(place)]
        else:
            continue
        pending.extend(reversed(items))
    return None
