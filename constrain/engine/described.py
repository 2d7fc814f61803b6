"""References that can describe their language."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

__all__ = ["Deferred", "Described", "Represented"]


class Deferred:
    """A body of ``Arena.reference`` that tells, before it is built, how far any prefix of its texts is from an end.

    Attributes:
        residual: at most this many bytes complete any prefix.
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
    """A body of ``Arena.reference`` that answers questions about its language, so that it is not searched.

    An automaton that is defined by arithmetic may have millions of states, which can well be walked along a text but
    are too many to be searched.

    Attributes:
        used: the bytes that its texts are made of, or more, as a 256-bit integer.
        residual: at most this many bytes complete any prefix of a text.
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
        """The first bytes that decide which texts are prefixes of its texts, as a 256-bit integer: a text of the bytes
        ``used`` that is no longer than ``length`` is such a prefix exactly if its first byte is in this set. ``None``
        if there is no such set or it is not known."""
        return None


class Represented(ABC):
    """A body of ``Arena.reference`` that another expression can represent.

    The properties of an object that come in any order have as many states as they have subsets. Their texts in a single
    order tell just as well what a shortest text is, and which bytes are used.
    """

    __slots__ = ()

    @abstractmethod
    def __call__(self, arena: Any) -> Any:
        """The body, written into ``arena``."""

    @abstractmethod
    def representative(self, arena: Any) -> int:
        """An expression of some of the texts: a shortest text is among them, and all bytes that are used occur in
        them."""

    def ending(self, arena: Any) -> int:
        """An expression of some of the texts, of which a shortest one is quickly found."""
        return self.representative(arena)
