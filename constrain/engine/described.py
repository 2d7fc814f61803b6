"""References that can describe their language."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

__all__ = ["Deferred", "Described", "Represented"]


class Deferred:
    """A body of ``Arena.reference`` that says, before it is written, how far any beginning of its texts is from an end.

    Attributes:
        residual: so many bytes at most complete whatever has been begun.
        least: no text is shorter.
    """

    __slots__ = ("_write", "least", "residual")

    def __init__(self, write: Callable[[Any], Any], residual: int, least: int = 1) -> None:
        self._write = write
        self.residual = residual
        self.least = least

    def __call__(self, arena: Any) -> Any:
        return self._write(arena)


class Described(ABC):
    """A body of ``Arena.reference`` that is asked, rather than searched, for what it is known to hold.

    An automaton that is decided by arithmetic may have millions of states, which are fine to walk
    through but too many to look through.

    Attributes:
        used: the bytes that its texts are made of, or more, as a 256-bit integer.
        residual: so many bytes at most complete whatever has been begun of a text.
    """

    __slots__ = ()

    used: int

    @property
    @abstractmethod
    def residual(self) -> int: ...

    @abstractmethod
    def __call__(self, arena: Any) -> Any:
        """The body, written into ``arena``."""

    @abstractmethod
    def shortest(self) -> bytes:
        """A shortest text."""

    def begins(self, used: int, length: int) -> int | None:
        """Which texts of the bytes ``used``, no longer than ``length``, are beginnings of its texts: exactly those
        whose first byte is in the set that is returned, a 256-bit integer. ``None`` if that is not known."""
        return None


class Represented(ABC):
    """A body of ``Arena.reference`` for which another expression can stand in.

    The properties of an object that come in any order have as many states as they have subsets. Their
    texts in one order tell as much of what a shortest one is, and of the bytes used.
    """

    __slots__ = ()

    @abstractmethod
    def __call__(self, arena: Any) -> Any:
        """The body, written into ``arena``."""

    @abstractmethod
    def representative(self, arena: Any) -> int:
        """An expression of some of the texts: one of the shortest among them, all bytes occur in them."""

    def ending(self, arena: Any) -> int:
        """An expression of some of the texts, of which a shortest one is soon found."""
        return self.representative(arena)
