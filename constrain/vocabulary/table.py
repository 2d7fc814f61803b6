"""The result of every reader of a tokenizer: the token table, and how to read the start of a text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import index
from typing import Any, NamedTuple, Protocol

from constrain.errors import VocabularyError

__all__ = [
    "Decode",
    "Ids",
    "TokenTable",
    "Tokens",
    "as_ids",
    "no_tokens",
    "start_of_sequence",
    "strips_leading_space",
]

Tokens = Sequence["bytes | None"]
Decode = Callable[[list[int]], str]


class TokenTable(NamedTuple):
    """Token bytes by id, as a reader found them.

    Attributes:
        tokens: bytes of token ``i``, or None where the id has no text (special, unknown, unused, a hole).
        leading_space: whether decoding drops one space at the very start of a sequence.
    """

    tokens: list[bytes | None]
    leading_space: bool


MOST_IDS = 1 << 24
"""More ids than any vocabulary has (the largest have 260,000): a file that speaks of more is damaged or made up."""


def no_tokens(size: int) -> list[bytes | None]:
    """A table of ``size`` ids that have no text.

    Raises:
        VocabularyError: there would be more than ``MOST_IDS``, which would take memory and serve no purpose.
    """
    if size > MOST_IDS:
        raise VocabularyError(f"this vocabulary has ids up to {size - 1}; more than {MOST_IDS} are not read")
    return [None] * size


class HasEnds(Protocol):
    """A configuration of a model, such as ``model.generation_config``."""

    eos_token_id: Any


Ids = int | Iterable[int] | HasEnds
"""One id, several, or the configuration that holds them."""


def as_ids(ids: Ids | None) -> list[int]:
    """The ids as a list: configurations write one, several or none."""
    listed: Any = getattr(ids, "eos_token_id", ids)
    if listed is None:
        return []
    if isinstance(listed, str):
        raise TypeError(f"ids are numbers, not {listed!r}: ask the tokenizer for the id of a token")
    return [index(token_id) for token_id in listed] if isinstance(listed, Iterable) else [index(listed)]


def start_of_sequence(tokens: Tokens) -> list[int]:
    """Ids whose text is a space and then letters: one token if possible, else two, else none."""
    letters = None
    space = None
    for token_id, data in enumerate(tokens):
        if data and data[:1] == b" " and data[1:].isalpha():
            return [token_id]
        if data == b" ":
            space = token_id
        elif data and data.isalpha():
            letters = token_id
    return [] if space is None or letters is None else [space, letters]


def strips_leading_space(tokens: Tokens, decode: Decode) -> bool:
    """Whether ``decode`` drops a space at the start of a sequence, found by a trial where it is not recorded."""
    ids = start_of_sequence(tokens)
    return bool(ids) and not decode(ids).startswith(" ")
