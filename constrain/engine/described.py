"""References that can describe their language."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any


class Described(ABC):
    """A body of ``Arena.reference`` that is asked, rather than searched, for what it is known to hold.

    An automaton that is decided by arithmetic may have millions of states, which are fine to walk
    through but too many to look through.

    Attributes:
        used: the bytes that its texts are made of, or more, as a 256-bit integer.
    """

    __slots__ = ()

    used: int

    @abstractmethod
    def __call__(self, arena: Any) -> Any:
        """The body, written into ``arena``."""

    @abstractmethod
    def shortest(self) -> bytes:
        """A shortest text."""
