"""What a caller may choose about the texts that are generated."""

from __future__ import annotations

from dataclasses import dataclass

WHITESPACE = ("flexible", "compact")
MAX_DIGITS = 400


@dataclass(frozen=True)
class Options:
    """Choices within JSON that no schema speaks of.

    Attributes:
        whitespace: ``"flexible"`` allows, wherever JSON does before and inside the document, one
            space, then a line break and at most 64 spaces or tabs of indentation, each optional;
            ``"compact"`` allows none.
        max_digits: longest run of digits before and after the decimal point (1 to 400).
    """

    whitespace: str = "flexible"
    max_digits: int = 32

    def __post_init__(self) -> None:
        if self.whitespace not in WHITESPACE:
            raise ValueError(f"whitespace must be one of {', '.join(WHITESPACE)}, not {self.whitespace!r}")
        if not 1 <= self.max_digits <= MAX_DIGITS:
            raise ValueError(f"max_digits must lie between 1 and {MAX_DIGITS}, not {self.max_digits}")
