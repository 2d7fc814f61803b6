"""The undeclared keys of an object, where the same may follow each of them."""

from __future__ import annotations

from typing import Any

from constrain.languages.json_schema.output.json_base import Shared


class OtherKeys:
    """Handler of captured keys. Declared and used keys are refused; every other key begins a member.

    Handlers with the same declared and used keys and the same continuation are equal.
    """

    begins = 0  # what follows is told by ``common``
    extends = alike = True
    remembers = False
    __slots__ = ("_refused", "common", "declared", "shared", "used")

    def __init__(self, declared: frozenset[bytes], used: Any, common: Any, shared: Shared) -> None:
        """``used`` is None, or ``declared`` and the keys used before, as a text set."""
        self.declared = declared
        self.used = used
        self.common = common
        self.shared = shared
        self._refused = used

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, OtherKeys)
            and self.common == other.common
            and self.used == other.used
            and self.declared == other.declared
        )

    def __hash__(self) -> int:
        return hash((self.common, self.used, self.declared))

    @property
    def outlook(self) -> Any:
        return self.common

    def refused(self, arena: Any) -> Any:
        """The declared and used keys, collected when a mask or an undeclared key first needs them."""
        if self._refused is None:
            self._refused = arena.text_set(self.declared)
        return self._refused

    def ending(self, arena: Any) -> Any:
        """The value, and the end of the object."""
        return arena.concat(self.common, self.shared.space, self.shared.close_object)

    def complete(self, arena: Any, text: bytes) -> Any:
        """What follows the key ``text`` (with its quotes): ``common``, then more members or the end."""
        if text in self.declared:
            return arena.EMPTY
        used = arena.with_text(self.refused(arena), text)
        if used == self.refused(arena):
            return arena.EMPTY
        keys = OtherKeys(self.declared, used, self.common, self.shared)
        more = arena.concat(self.shared.comma, arena.capture(self.shared.string, keys))
        return arena.concat(self.common, self.shared.space, arena.union([more, self.shared.close_object]))
