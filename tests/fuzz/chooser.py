"""How bytes become inputs.

An input that begins with a control character spells choices (``Chooser``); any other is an unchanged text.
"""

from __future__ import annotations

from random import Random

import constrain as cn

__all__ = ["LIMITS", "Chooser", "chooser_of", "text_of"]

# What is given to each input: enough for what is small, and little enough to try many. What hits a limit is not judged.
LIMITS = cn.Limits(
    schema_bytes=20_000,
    schema_depth=60,
    pattern_size=300,
    nodes=1 << 18,
    steps=5_000,
    states=3_000,
    matcher_memory=64 << 20,
    compile_seconds=2,
    mask_seconds=0.5,
)


class Chooser(Random):
    """A ``random.Random`` whose choices bytes spell, most of them one byte each.

    Behind the last byte it goes on as a generator that they are the seed of, so that loops which wait for a choice end.
    """

    def __init__(self, data: bytes, seed: bytes | None = None) -> None:
        self._data = data
        self._at = 0
        super().__init__(data if seed is None else seed)

    @property
    def at_end(self) -> bool:
        """Whether all bytes are used up."""
        return self._at >= len(self._data)

    def _number(self, size: int) -> int | None:
        """The next ``size`` bytes, as far as there are any; None if there is none."""
        piece = self._data[self._at : self._at + size]
        self._at += size
        return int.from_bytes(piece, "little") if piece else None

    def random(self) -> float:
        number = self._number(1)
        return super().random() if number is None else number / 256

    def getrandbits(self, k: int, /) -> int:
        number = self._number((k + 7) // 8)
        return super().getrandbits(k) if number is None else number & ((1 << k) - 1)

    def _randbelow(self, n: int) -> int:
        """What ``choice``, ``randint`` and ``sample`` ask: without it they would draw until a number fits."""
        number = self._number(((n - 1).bit_length() + 7) // 8) if n > 1 else 0
        return int(super().random() * n) if number is None else number % n

    def text(self, alphabet: str, most: int) -> str:
        """A text of at most so many letters."""
        return "".join(self.choice(alphabet) for _ in range(self.randint(0, most)))


def chooser_of(data: bytes) -> Chooser:
    """The choices that an input spells, after its first byte; if it is a text, those of a generator that it seeds."""
    return Chooser(data[1:]) if text_of(data) is None else Chooser(b"", data)


def text_of(data: bytes) -> str | None:
    """The text that an input is, with half surrogate pairs for what is no UTF-8; None if it spells choices."""
    if not data or data[0] < 0x20:
        return None
    return data.decode("utf-8", "surrogateescape")
