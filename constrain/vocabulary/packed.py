"""A vocabulary as one piece of bytes, and back: what lies in the cache.

All numbers are little-endian and four bytes long: the counts of ``COUNTS``, the end-of-sequence ids, and of the text
tokens, in the order of their bytes, the ids and the lengths. Their bytes follow in the same order, so that whoever goes
through the tokens in it, to build the trie, goes through memory from one end to the other.
"""

from __future__ import annotations

from typing import NamedTuple

import cython
import numpy as np

# Ids, end-of-sequence ids, text tokens, bytes of the tokens, leading space.
COUNTS = 5
NUMBER = np.dtype("<i4")


class Content(NamedTuple):
    """What a vocabulary is made of.

    Attributes:
        tokens: bytes of each token, None where an id is no text.
        eos_token_ids: the ids that end a sequence.
        leading_space: whether decoding drops one space at the start of a sequence.
        order: ids of the text tokens in the order of their bytes, equal ones by their id; intc.
    """

    tokens: tuple[bytes | None, ...]
    eos_token_ids: tuple[int, ...]
    leading_space: bool
    order: np.ndarray


def pack(content: Content) -> bytes:
    """``content`` as bytes, the same on every machine."""
    texts = [content.tokens[token_id] or b"" for token_id in content.order]
    ends = content.eos_token_ids
    counts = (len(content.tokens), len(ends), len(texts), sum(map(len, texts)), content.leading_space)
    numbers = (counts, ends, content.order, [len(text) for text in texts])
    return b"".join([*(np.asarray(part, NUMBER).tobytes() for part in numbers), *texts])


def unpack(data: bytes) -> Content:
    """The content that ``pack`` made ``data`` of; only ever given what ``cache.load`` has found to be whole."""
    size, ends, texts, length, leading_space = _numbers(data, 0, COUNTS).tolist()
    eos_token_ids = _numbers(data, COUNTS, ends)
    order = _numbers(data, COUNTS + ends, texts)
    lengths = _numbers(data, COUNTS + ends + texts, texts)
    tokens: list = [None] * size
    place(tokens, data[len(data) - length :], order, lengths)
    return Content(tuple(tokens), tuple(eos_token_ids.tolist()), bool(leading_space), order)


def _numbers(data: bytes, start: int, count: int) -> np.ndarray:
    return np.frombuffer(data, NUMBER, count, 4 * start).astype(np.intc)


def place(tokens: list, text: bytes, ids: cython.int[::1], lengths: cython.int[::1]) -> cython.int:
    """Cut ``text`` into pieces of ``lengths``, and put each at the place in ``tokens`` that ``ids`` names."""
    start: cython.p_char = text
    at: cython.int = 0
    i: cython.int
    for i in range(ids.shape[0]):
        tokens[ids[i]] = start[at : at + lengths[i]]
        at += lengths[i]
    return 0
