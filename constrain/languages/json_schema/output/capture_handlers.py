"""What the engine asks of handlers of captured and recorded texts (``Arena.capture``, ``Arena.record``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

# What a vocabulary can spell of an expression, as one.
Spelt = Callable[[Any], Any]


class CaptureHandler(Protocol):
    """Answers to captured texts. Refused texts lead nowhere; every other text is followed by ``common``.

    Equal handlers give one node.

    Attributes:
        begins: the bytes that an answer may begin with, as bits; 0 if ``common`` tells.
        remembers: False if something follows every text or none, whatever is taken out of the answers: then it does
            not matter later which text it was.
    """

    begins: int
    remembers: bool

    @property
    def common(self) -> Any:
        """The expression that every answer begins with, to a text that is not refused."""

    @property
    def extends(self) -> bool:
        """Whether a later capture may begin as this one did: its texts are never used up."""

    @property
    def alike(self) -> bool:
        """Whether answers differ in what is refused later only; if not, the handler is a ``KindsHandler``."""

    @property
    def outlook(self) -> Any:
        """Handlers with equal ones give answers that differ in what is refused later only."""

    def refused(self, arena: Any) -> Any:
        """The texts that are refused, as a text set."""

    def ending(self, arena: Any) -> Any:
        """Texts that may follow any text that is not refused; EMPTY if none are known."""

    def complete(self, arena: Any, text: bytes) -> Any:
        """What follows ``text``; EMPTY if it is refused."""


class KindsHandler(CaptureHandler, Protocol):
    """A handler that may give texts of different kinds different answers."""

    def kinds(self, begun: bytes, ends: list[bytes]) -> list[int]:
        """The kinds of the texts that ``begun`` and one of ``ends`` are."""

    def apart(self, arena: Any) -> list[Any]:
        """Captures of one kind each that together are this one."""


class RecordHandler(CaptureHandler, Protocol):
    """A handler of records, whose texts may be any values: what follows depends on the value."""

    def without(self, arena: Any, texts: list[bytes]) -> Any:
        """The body of a record without the values spelled ``texts``."""

    def answer_to_any(self, arena: Any) -> Any:
        """All that may follow some value, and maybe more; EMPTY if that cannot be said."""

    def is_common(self, arena: Any, text: bytes, spelt: Spelt | None = None) -> bool:
        """Whether ``text``, a beginning of ``answer_to_any``, may follow any value, whichever it is."""

    def spare(self, arena: Any, text: bytes, spelt: Spelt | None = None) -> int:
        """How many bytes more than ``answer_to_any`` tells complete the text after ``text``, a beginning of it."""

    def string_at_end(self, text: bytes) -> bytes | None:
        """The value at the end of ``text`` if it is a string, else None."""
