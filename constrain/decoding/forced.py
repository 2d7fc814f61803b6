"""Forced text in the tokens that the tokenizer itself would choose.

A model has seen text as its tokenizer cuts it. Forced text that is cut differently, at a place where the tokenizer
would join it with what comes next, is unfamiliar to the model. So tokens are taken from the tokenizer's own encoding,
and only up to a boundary that no token of the vocabulary could lie across, whatever follows. At such a place, both
byte-pair merges and the best segmentation of a unigram model are independent on the two sides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from constrain.vocabulary.segmentation import crossed

if TYPE_CHECKING:
    from constrain.vocabulary import Vocabulary
    from constrain.vocabulary.selftest import Encode
    from constrain.vocabulary.trie import Trie

__all__ = ["canonical_tokens"]

# How many tokens before the forced text are given to the tokenizer along with it.
CONTEXT = 16


def canonical_tokens(
    vocabulary: Vocabulary, trie: Trie, encode: Encode, before: list[int], forced: bytes, behind: int
) -> list[int]:
    """The tokens of ``forced`` as ``encode`` gives them after the tokens ``before``, up to the last boundary that is
    safe when a byte of ``behind``, a 256-bit set, comes next.

    There are none where the tokenizer would not put a boundary at the start of the forced text.
    """
    context = _context(vocabulary, before)
    text = _whole_characters(context + forced)
    ids = list(encode(text.decode()))
    if any(not 0 <= token < vocabulary.size or vocabulary.tokens[token] is None for token in ids):
        return []
    pieces = [vocabulary.tokens[token] or b"" for token in ids]
    start = len(context)
    if b"".join(pieces) == b" " + text:  # SentencePiece puts a space before a text
        pieces[0] = pieces[0][1:]
    elif b"".join(pieces) != text:
        return []
    ends, end = [], 0
    for piece in pieces:
        end += len(piece)
        ends.append(end)
    first = 0 if start == 0 else ends.index(start) + 1 if start in ends else len(ids)
    following = context + forced
    last = len(ids)
    while last > first and crossed(trie, following, ends[last - 1], behind):
        last -= 1
    return ids[first:last]


def _context(vocabulary: Vocabulary, before: list[int]) -> bytes:
    """The text of the last tokens, from where a character begins."""
    context = vocabulary.decode(before[-CONTEXT:])
    while context and 0x80 <= context[0] < 0xC0:
        context = context[1:]
    return context


def _whole_characters(data: bytes) -> bytes:
    """``data`` without an incomplete character at its end."""
    return data.decode(errors="ignore").encode()
