"""How few tokens spell a text, and which.

The fewest tokens that spell a text are found from its end to its beginning: from each place on, one token
leads to a later place from which the fewest are known already.
"""

from __future__ import annotations

import cython
import numpy as np

if cython.compiled:
    from cython.cimports.constrain.vocabulary.layout import FIRST_CHILD, FIRST_TOKEN
    from cython.cimports.constrain.vocabulary.trie import Trie

# How few tokens spell what none do.
UNSPELLABLE = 1 << 24

# Bytes of what follows that a token may reach into from the text before it; longer tokens are not looked for there.
LOOK_AHEAD = 128


def fewest_tokens(trie: Trie, data: bytes) -> int:
    """How many tokens at least spell ``data``; ``UNSPELLABLE`` if none do."""
    return int(token_counts(trie, data)[0])


def token_counts(
    trie: Trie, head: bytes, tail: bytes = b"", tail_counts: np.ndarray | None = None
) -> np.ndarray:
    """For each place in ``head tail``, how many tokens at least spell what is behind it: int32 ``[size + 1]``.

    ``tail_counts`` are those of ``tail``, if they are known: then only ``head`` is looked at.
    """
    data = head + tail
    size: cython.int = len(data)
    known: cython.int = len(head) if tail_counts is not None else size
    counts = np.zeros(size + 1, np.intc)
    if tail_counts is not None:
        counts[known:] = tail_counts
    count: cython.int[::1] = counts
    at: cython.int
    end: cython.int
    node: cython.int
    best: cython.int
    for at in range(known - 1, -1, -1):
        best = UNSPELLABLE
        node = 0
        for end in range(at, size):
            node = trie.child(node, cython.cast(cython.uchar, data[end]))
            if node < 0:
                break
            if (
                trie.nodes[node, FIRST_TOKEN] < trie.nodes[node + 1, FIRST_TOKEN]
                and count[end + 1] + 1 < best
            ):
                best = count[end + 1] + 1
        count[at] = best
    return counts


def fewest_before(trie: Trie, head: bytes, tail: bytes, tail_counts: np.ndarray) -> int:
    """``fewest_tokens`` of ``head tail``, given the counts of ``tail``."""
    if not head:
        return int(tail_counts[0])
    return int(token_counts(trie, head, tail[:LOOK_AHEAD], tail_counts[: len(tail[:LOOK_AHEAD]) + 1])[0])


def spell(trie: Trie, data: bytes, most: int | None = None) -> list[int]:
    """The ids of as few tokens as spell ``data``, the longest first among equally good ones; the first ``most``.

    Raises:
        ValueError: none do.
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
    """Whether a token could lie across ``place`` in ``data``, a byte of ``follows``, a 256-bit set, coming next."""
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
