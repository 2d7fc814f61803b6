"""The seam between the benchmark and an engine: ``Engine`` -> ``Compiled`` -> ``Session``.

When should I use this? When adding an engine: subclass ``Engine`` and ``Compiled``, and hand out ``Session``
objects.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["CompileError", "Compiled", "Engine", "Session", "TokenizerFolder", "bitmask_words"]


class CompileError(Exception):
    """Raised by an adapter whose engine reports a refused schema by other means than an exception."""


@dataclass(frozen=True)
class TokenizerFolder:
    """A folder with ``tokenizer.json`` and ``tokenizer_config.json``.

    Attributes:
        path: the folder.
        stop_tokens: ids of the tokens that end a text.
    """

    path: Path
    stop_tokens: tuple[int, ...]


def bitmask_words(vocabulary_size: int) -> int:
    """Length of one int32 mask row: one bit per token."""
    return (vocabulary_size + 31) // 32


def _no_failure() -> str:
    return ""


@dataclass
class Session:
    """A cursor over one text.

    ``fill`` and ``commit`` are what is timed. They are plain callables, so that an adapter can hand over the
    bound C function (``functools.partial`` supplies fixed arguments) and pay for no Python frame of its own.

    Attributes:
        fill: writes the mask of the next token to ``row``.
        commit: reads one token; False if the engine refuses it.
        row: int32 ``[bitmask_words(vocabulary size)]``; bit ``t & 31`` of word ``t >> 5`` is set if token
            ``t`` may come.
        failure: what went wrong inside the engine so far, or ``""`` (for engines that do not raise).
    """

    fill: Callable[[], object]
    commit: Callable[[int], bool]
    row: NDArray[np.int32]
    failure: Callable[[], str] = _no_failure

    def allowed(self, token: int) -> bool:
        """Whether the last mask allows ``token``."""
        return bool(int(self.row[token >> 5]) >> (token & 31) & 1)

    def can_stop(self, stop_tokens: Sequence[int]) -> bool:
        """Whether the last mask allows the text to end here."""
        return any(self.allowed(token) for token in stop_tokens)


class Compiled(ABC):
    """A compiled schema, with whatever caches the engine keeps for it."""

    @abstractmethod
    def session(self) -> Session:
        """A cursor at the start of a new text. It may end the life of the session given out before."""


class Engine(ABC):
    """An engine under test. ``distribution`` names the installed package, for its version."""

    distribution: str

    @property
    def version(self) -> str:
        return metadata.version(self.distribution)

    @abstractmethod
    def build(self, tokenizer: TokenizerFolder) -> None:
        """Prepare the vocabulary, once per process."""

    @abstractmethod
    def compile(self, schema: str) -> Compiled:
        """Compile JSON Schema text from cold. Any exception counts as a compile error."""
