"""Finds the fewest tokens that spell a text.

The fewest tokens that spell a text are found from its end to its beginning: from each place on, one token
leads to a later place from which the fewest are known already.
"""

from __future__ import annotations

import cython
import numpy as np

if cython.compiled:
    from cython.cimports.constrain.vocabulary.layout import FIRST_CHILD, FIRST_TOKEN
    from cython.cimports.constrain.vocabulary.trie import Trie

# The number for a text that no tokens spell.
UNSPELLABLE = 1 << 24

# How many bytes of the following text a token may reach into from the text before it; longer tokens are not tried
# there.
LOOK_AHEAD = 128


def fewest_tokens(trie: Trie, data: bytes) -> int:
    """The least number of tokens that spell ``data``; ``UNSPELLABLE`` if none do."""
    return int(token_counts(trie, data)[0])


def token_counts(trie: Trie, data: bytes) -> np.ndarray:
    """For each place in ``data``, the least number of tokens that spell what comes after it: int32 ``[size + 1]``."""
    counts = np.zeros(len(data) + 1, np.intc)
    count_before(trie, data, b"", counts[len(data) :], counts)
    return counts


def count_before(
    trie: Trie, head: bytes, tail: bytes, tail_counts: cython.int[::1], counts: cython.int[::1]
) -> cython.int:
    """Set ``counts``, for each place in ``head``, to the least number of tokens that spell the rest of ``head`` and
    what follows it; return the first of these numbers.

    What follows begins with ``tail``; ``tail_counts``, one more than its bytes, tell how many spell it from each place.
    """
    size: cython.int = len(head)
    more: cython.int = len(tail)
    first: cython.p_const_uchar = head
    second: cython.p_const_uchar = tail
    at: cython.int
    end: cython.int
    node: cython.int
    fewest: cython.int
    best: cython.int
    for at in range(size - 1, -1, -1):
        best = UNSPELLABLE
        node = 0
        for end in range(at, size + more):
            node = trie.child(node, first[end] if end < size else second[end - size])
            if node < 0:
                break
            if trie.nodes[node, FIRST_TOKEN] < trie.nodes[node + 1, FIRST_TOKEN]:
                fewest = counts[end + 1] if end + 1 < size else tail_counts[end + 1 - size]
                best = min(best, fewest + 1)
        counts[at] = best
    return counts[0] if size > 0 else tail_counts[0]


def spell(trie: Trie, data: bytes, most: int | None = None) -> list[int]:
    """The first ``most`` ids of the fewest tokens that spell ``data``; among equally good ones, those that begin with
    the longest.

    Raises:
        ValueError: no tokens spell it.
    """
    counts = token_counts(trie, data)
    if counts[0] >= UNSPELLABLE:
        raise ValueError(f"no tokens spell {data!r}")
    ids = []
    at = 0
    while at < len(data) and len(ids) != most:
        node = 0
        best = None
        for end in range(at, len(data)):
            node = trie.find(data[end : end + 1], node)
            if node < 0:
                break
            tokens = trie.tokens_at(node)
            if tokens and counts[end + 1] == counts[at] - 1:
                best = tokens[0], end + 1
        ids.append(best[0])
        at = best[1]
    return ids


def crossed(trie: Trie, data: bytes, place: int, follows: int) -> bool:
    """Whether a token could lie across ``place`` in ``data``, if a byte of ``follows``, a 256-bit set, comes next."""
    size: cython.int = len(data)
    start: cython.int
    at: cython.int
    node: cython.int
    k: cython.int
    for start in range(place):
        node = 0
        for at in range(start, size):
            node = trie.child(node, cython.cast(cython.uchar, data[at]))
            if node < 0:
                break
            if at >= place and trie.nodes[node, FIRST_TOKEN] < trie.nodes[node + 1, FIRST_TOKEN]:
                return True
        if node >= 0:
            for k in range(trie.nodes[node, FIRST_CHILD], trie.nodes[node + 1, FIRST_CHILD]):
                if follows >> (trie.children[k] & 255) & 1:
                    return True
    return False
