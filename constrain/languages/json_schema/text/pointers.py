"""JSON pointers (RFC 6901): to follow one, and to find the one that leads to a place."""

from __future__ import annotations

from collections.abc import Iterable
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


class Places:
    """Where the objects and lists of a document stand. One pass over it goes only as far as needed."""

    __slots__ = ("_above", "_pending", "_root")

    def __init__(self, root: Any) -> None:
        self._root = root
        self._pending: list[tuple[Any, int, str]] = [(root, 0, "")]
        self._above: dict[
            int, tuple[int, str]
        ] = {}  # by identity: that of what holds it, and the token there

    def pointer(self, wanted: Any) -> str | None:
        """The JSON pointer to the very object ``wanted``, to the first place in reading order; None if it has none."""
        if not isinstance(wanted, (dict, list)):
            return None
        if id(wanted) not in self._above:
            self._find(id(wanted))
        tokens: list[str] = []
        place = id(wanted)
        while place != id(self._root):
            above = self._above.get(place)
            if above is None:
                return None
            place, token = above
            tokens.append(escape(token))
        return "".join([f"/{token}" for token in reversed(tokens)])

    def _find(self, wanted: int) -> None:
        """In reading order, to the object with the identity ``wanted``, or to the end."""
        pending = self._pending
        while pending and wanted not in self._above:
            place, above, token = pending.pop()
            if id(place) in self._above:
                continue
            self._above[id(place)] = above, token
            items: Iterable[tuple[Any, Any]] = place.items() if isinstance(place, dict) else enumerate(place)
            held = [(value, id(place), str(key)) for key, value in items if isinstance(value, (dict, list))]
            pending.extend(reversed(held))
