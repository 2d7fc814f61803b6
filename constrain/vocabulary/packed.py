"""Packs a vocabulary into bytes, the content of the cache, and unpacks it.

All numbers are little-endian and four bytes long: the counts of ``COUNTS``, the end-of-sequence ids, and of the text
tokens, in the order of their bytes, the ids and the lengths. Their bytes follow in the same order, so that building the
trie, which visits the tokens in that order, reads memory from one end to the other.
"""

from __future__ import annotations

from typing import NamedTuple

import cython
import numpy as np
from cython.cimports.libc.string import memcmp

from constrain.errors import VocabularyError
from constrain.vocabulary.table import MOST_IDS

# Ids, end-of-sequence ids, text tokens, bytes of the tokens, leading space.
COUNTS = 5
NUMBER = np.dtype("<i4")


class Content(NamedTuple):
    """The content of a vocabulary.

    Attributes:
        tokens: bytes of each token, None where an id has no text.
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
    """The content that ``pack`` made ``data`` of. No number in it is trusted, because anyone who can write to the
    folder of the cache can write any number.

    Raises:
        VocabularyError: ``pack`` cannot have made ``data``.
    """
    if len(data) < COUNTS * NUMBER.itemsize:
        raise VocabularyError("a packed vocabulary is cut short")
    size, ends, texts, length, leading_space = _numbers(data, 0, COUNTS).tolist()
    start = NUMBER.itemsize * (COUNTS + ends + 2 * texts)
    if not (0 < ends <= size <= MOST_IDS and 0 <= texts <= size and 0 <= length == len(data) - start):
        raise VocabularyError("a packed vocabulary has other counts than parts")
    eos_token_ids = _numbers(data, COUNTS, ends)
    order = _numbers(data, COUNTS + ends, texts)
    lengths = _numbers(data, COUNTS + ends + texts, texts)
    _check_ids(eos_token_ids, order, size)
    if leading_space not in (0, 1) or np.any(lengths < 1) or lengths.sum(dtype=np.int64) != length:
        raise VocabularyError("a packed vocabulary has tokens of other lengths than their bytes")
    tokens: list = [None] * size
    if not place(tokens, data[start:], order, lengths):
        raise VocabularyError("the tokens of a packed vocabulary are not in the order of their bytes")
    return Content(tuple(tokens), tuple(eos_token_ids.tolist()), bool(leading_space), order)


def _check_ids(ends: np.ndarray, order: np.ndarray, size: int) -> None:
    """Check that end-of-sequence ids are ascending, and that each id occurs once, either among them or among the text
    tokens."""
    seen = np.zeros(size, np.bool_)
    for ids in (ends, order):
        if np.any((ids < 0) | (ids >= size)) or np.any(seen[ids]):
            raise VocabularyError("a packed vocabulary has an id twice, or beyond its size")
        seen[ids] = True
    if np.any(np.diff(ends) <= 0) or np.count_nonzero(seen) != len(ends) + len(order):
        raise VocabularyError("a packed vocabulary has an id twice")


def _numbers(data: bytes, start: int, count: int) -> np.ndarray:
    return np.frombuffer(data, NUMBER, count, NUMBER.itemsize * start).astype(np.intc)


def place(tokens: list, text: bytes, ids: cython.int[::1], lengths: cython.int[::1]) -> cython.bint:
    """Cut ``text`` into pieces of ``lengths``, which are positive and add up to its length, and put each at the place
    in ``tokens`` that ``ids`` names; return False if the pieces are not ascending, with equal ones by their id."""
    start: cython.p_char = text
    at: cython.Py_ssize_t = 0
    before: cython.Py_ssize_t = 0
    order: cython.int
    i: cython.int
    for i in range(ids.shape[0]):
        if i:
            order = memcmp(start + before, start + at, min(lengths[i - 1], lengths[i]))
            if order == 0:
                order = lengths[i - 1] - lengths[i]
            if order > 0 or (order == 0 and ids[i - 1] > ids[i]):
                return False
        tokens[ids[i]] = start[at : at + lengths[i]]
        before = at
        at += lengths[i]
    return True
