"""Suppliers of the parts of a restricted expression, made from the suppliers of the original expression."""

from __future__ import annotations

from typing import Any

from constrain.engine.described import Represented
from constrain.spelling.tables import Restricting


class RestrictedBody:
    """The body of a reference: what can be spelled of the body of another reference."""

    __slots__ = ("node", "skeleton")

    def __init__(self, skeleton: Restricting, node: int, supplier: Any) -> None:
        self.skeleton = skeleton
        self.node = node

    def __call__(self, arena: Any) -> int:
        return self.skeleton.restricted(arena.inspect(self.node)[1])


class RestrictedRepresented(Represented):
    """A ``RestrictedBody`` that another expression represents: what can be spelled of that expression represents what
    can be spelled of the body, because the same parts in another order are spelled in the same way."""

    __slots__ = ("node", "skeleton", "supplier")

    def __init__(self, skeleton: Restricting, node: int, supplier: Represented) -> None:
        self.skeleton = skeleton
        self.node = node
        self.supplier = supplier

    def __call__(self, arena: Any) -> int:
        return self.skeleton.restricted(arena.inspect(self.node)[1])

    def representative(self, arena: Any) -> int:
        return self.skeleton.restricted(self.supplier.representative(arena))

    def ending(self, arena: Any) -> int:
        found = self.skeleton.restricted(self.supplier.ending(arena))
        return self.representative(arena) if found == arena.EMPTY else found


class RestrictedHandler:
    """A handler of captured or recorded texts that answers what can be spelled of the answers of another handler.

    Attributes are those of ``Arena.capture`` and ``Arena.record``.
    """

    __slots__ = ("_common", "_refused", "doubtful", "handler", "skeleton")

    def __init__(
        self, skeleton: Restricting, handler: Any, refused: int | None = None, doubtful: bool = False
    ) -> None:
        """``refused`` is the set of texts that nothing may follow; the set of ``handler`` if None. ``doubtful`` says
        that it depends on the captured text what may follow it."""
        self.skeleton = skeleton
        self.handler = handler
        self._refused = refused
        self.doubtful = doubtful
        self._common: int | None = None

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, RestrictedHandler)
            and self.skeleton is other.skeleton
            and self._refused == other._refused
            and self.doubtful == other.doubtful
            and bool(self.handler == other.handler)
        )

    def __hash__(self) -> int:
        return hash((id(self.skeleton), self._refused, self.handler))

    @property
    def alike(self) -> bool:
        return bool(self.handler.alike)

    @property
    def extends(self) -> bool:
        return self._refused is None and bool(self.handler.extends)

    @property
    def begins(self) -> int:
        return int(self.handler.begins)

    @property
    def common(self) -> int:
        if self._common is None:
            self._common = self.skeleton.restricted(self.handler.common)
        return self._common

    def refused(self, arena: Any) -> int:
        return int(self.handler.refused(arena)) if self._refused is None else self._refused

    def complete(self, arena: Any, text: bytes) -> int:
        if self._refused is not None and arena.holds(self._refused, text):
            return int(arena.EMPTY)
        return self.skeleton.restricted(self.answer(text))

    def answer(self, text: bytes) -> int:
        """The answer of the other handler."""
        return int(self.handler.complete(self.skeleton.engine, text))

    def kinds(self, begun: bytes, ends: list[bytes]) -> list[int]:
        return list(self.handler.kinds(begun, ends))

    def apart(self, arena: Any) -> list[int]:
        return [self.skeleton.restricted(part) for part in self.handler.apart(arena)]

    def answer_to_any(self, arena: Any) -> int:
        return self.skeleton.restricted(self.handler.answer_to_any(arena))

    def is_common(self, arena: Any, text: bytes) -> bool:
        return not self.doubtful and bool(self.handler.is_common(arena, text, self.skeleton.restricted))

    def ending(self, arena: Any) -> int:
        return self.skeleton.restricted(self.handler.ending(arena))

    def spare(self, arena: Any, text: bytes) -> int:
        return int(self.handler.spare(arena, text, self.skeleton.restricted))

    def string_at_end(self, text: bytes) -> bytes | None:
        found: bytes | None = self.handler.string_at_end(text)
        return found
