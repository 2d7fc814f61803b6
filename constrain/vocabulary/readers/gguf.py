"""From GGUF files to a token table: the vocabulary inside a model file of llama.cpp.

When should I use this? When the model is a ``.gguf``: its tokenizer is in the metadata at its beginning, and no
other file of the model is needed.

A token prints what ``llama_token_to_piece`` of llama.cpp prints without special tokens; ``llama_vocab_is_eog`` tells
what ends a generation (``gguf_special.py``). Where llama.cpp prints something that is not meant as text (a note that a
piece is not in the byte alphabet, the name of padding), the token has no text and is thus never allowed.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from constrain.errors import VocabularyError
from constrain.vocabulary.readers.byte_level import BYTE_OF_CHARACTER, strict_bytes
from constrain.vocabulary.readers.gguf_file import read_metadata
from constrain.vocabulary.readers.gguf_special import NORMAL, USER_DEFINED, special_tokens
from constrain.vocabulary.readers.sentencepiece_model import MARK
from constrain.vocabulary.table import TokenTable

__all__ = ["MARKED_PRETOKENIZERS", "MODELS", "REFUSED", "read_gguf"]

PREFIX = "tokenizer.ggml."

# ``llama_token_type``: of the others, unknown, control, unused and undefined tokens have no text.
BYTE = 6

_BYTE_PIECE = re.compile("<0x([0-9A-Fa-f]{2})>")
_ESCAPED = re.compile(rb"\\(x[0-9a-f]{2}|[^x]|)", re.DOTALL)
_ESCAPES = {b"t": b"\t", b"n": b"\n", b"r": b"\r"}

Print = Callable[[str], "bytes | None"]


def read_gguf(path: str | os.PathLike[str]) -> tuple[TokenTable, list[int]]:
    """The token table of a GGUF file and the ids that end a generation.

    Raises:
        VocabularyError: it is not a GGUF file or has no vocabulary, or the vocabulary is of a kind that masks cannot
            use, or contradicts itself.
    """
    metadata = read_metadata(path)
    name = _text(metadata, "model", "none")
    if name not in MODELS:
        raise VocabularyError(
            f"the GGUF tokenizer {name!r} cannot be read: {REFUSED.get(name, 'this kind is not known')}"
        )
    model = MODELS[name]
    pieces = _pieces(metadata)
    kinds, ends = special_tokens(metadata, pieces, _kinds(metadata, len(pieces)), model.default_end)
    normal = model.normal or _normal(_text(metadata, "pre", "default"), pieces)
    if name == "hybriddna":
        pieces = _without_markers(pieces)
    printers = {NORMAL: normal, USER_DEFINED: model.added, BYTE: model.byte}
    tokens = [
        printers[kind](piece) if kind in printers else None for piece, kind in zip(pieces, kinds, strict=True)
    ]
    return TokenTable(tokens, leading_space=False), ends


def _text(metadata: Mapping[str, Any], key: str, default: str) -> str:
    value = metadata.get(PREFIX + key, default.encode())
    if not isinstance(value, bytes):
        raise VocabularyError(f"this GGUF file has {PREFIX}{key} {value!r}, which is not a string")
    return value.decode(errors="replace")


def _pieces(metadata: Mapping[str, Any]) -> list[str]:
    """The text of each token; raises VocabularyError where two are equal, which llama.cpp does not load either."""
    found = metadata.get(PREFIX + "tokens")
    if not isinstance(found, list) or not found:
        raise VocabularyError(f"this GGUF file has no list of strings {PREFIX}tokens")
    pieces = [piece.decode(errors="surrogateescape") for piece in found]
    if len(set(pieces)) < len(pieces):  # quicker than counting, where all is well
        piece, count = Counter(filter(None, pieces)).most_common(1)[0]
        if count > 1:  # several tokens may be without a text
            raise VocabularyError(f"this GGUF file has {count} tokens {piece!r}")
    return pieces


def _kinds(metadata: Mapping[str, Any], size: int) -> Sequence[int]:
    """The type of each token; there may be more types, and scores, than tokens, but no fewer."""
    for key in ("scores", "token_type"):
        given = metadata.get(PREFIX + key)
        if given is not None and (not isinstance(given, tuple) or len(given) < size):
            count = len(given) if isinstance(given, tuple) else "no"
            raise VocabularyError(f"this GGUF file has {size} tokens, but {count} numbers in {PREFIX}{key}")
    kinds: Sequence[int] = metadata.get(PREFIX + "token_type") or [NORMAL] * size
    return kinds[:size]


def _normal(pretokenizer: str, pieces: Sequence[str]) -> Print:
    """How a BPE model prints: in byte-level characters, except for some pre-tokenizers.

    Raises:
        VocabularyError: the pre-tokenizer is not one of these, but the pieces have marks for spaces as theirs have.
    """
    if pretokenizer in MARKED_PRETOKENIZERS:
        return _marked
    if MARK in pieces and _BYTE_SPACE not in pieces:
        raise VocabularyError(
            f"the GGUF pre-tokenizer {pretokenizer!r} cannot be read: its pieces are not byte-level, and it is "
            f"none of those known to mark spaces with {MARK!r} ({', '.join(sorted(MARKED_PRETOKENIZERS))})"
        )
    return strict_bytes


def _without_markers(pieces: list[str]) -> list[str]:
    """The bytes of a piece. Pieces of the DNA part have a mark where they are equal to others, which follows ``<oov>``
    only."""
    first = pieces.index("<oov>") + 1 if "<oov>" in pieces else len(pieces)
    behind = [piece.removesuffix(DNA_MARK) or piece for piece in pieces[first:]]
    return pieces[:first] + behind


def _raw(piece: str) -> bytes:
    return piece.encode(errors="surrogateescape")


def _marked(piece: str) -> bytes:
    return _raw(piece.replace(MARK, " "))


def _byte(piece: str) -> bytes:
    byte = _BYTE_PIECE.fullmatch(piece)
    if byte is None:
        raise VocabularyError(f"this GGUF file says that the token {piece!r} is a byte, but not which")
    return bytes.fromhex(byte[1])


def _unescaped(piece: str) -> bytes:
    """A piece of RWKV: bytes as Python writes them (``llama_unescape_rwkv_token``)."""

    def replacement(match: re.Match[bytes]) -> bytes:
        code = match[1]
        if not code:
            raise VocabularyError(f"this GGUF file has the token {piece!r}, whose escapes are not complete")
        return bytes.fromhex(code[1:].decode()) if len(code) == 3 else _ESCAPES.get(code, code)

    return _ESCAPED.sub(replacement, _raw(piece))


class _Model(NamedTuple):
    """A kind of tokenizer.

    Attributes:
        normal: how a normal token prints; None if the pre-tokenizer decides.
        default_end: the end-of-sequence id of llama.cpp if the file has none.
        added: how a token that a user has added prints.
        byte: how a byte token prints.
    """

    normal: Print | None
    default_end: int | None
    added: Print = _raw
    byte: Print = _byte


_BYTE_SPACE = next(character for character, byte in BYTE_OF_CHARACTER.items() if byte == ord(" "))

DNA_MARK = "\ue000"

MODELS: Mapping[str, _Model] = {
    "llama": _Model(_marked, 2),  # SentencePiece with byte fallback
    "t5": _Model(_marked, 1),  # SentencePiece Unigram
    "gpt2": _Model(None, 11),  # byte-level BPE
    "hybriddna": _Model(None, 11),  # byte-level BPE, with runs of six nucleotides
    "whitespace": _Model(None, 11),  # byte-level BPE, for texts without spaces
    "gemma4": _Model(_marked, None),  # BPE with byte fallback
    "plamo2": _Model(_raw, 2),  # Unigram with byte fallback, spaces unchanged
    "rwkv": _Model(_unescaped, None, _unescaped, _unescaped),  # the longest token that fits
}
"""``tokenizer.ggml.model``, as ``llama_vocab::impl::load`` and ``token_to_piece`` have it."""

MARKED_PRETOKENIZERS = frozenset(("gemma4", "granite-embed-multi-311m", "sarvam-moe"))
"""``tokenizer.ggml.pre`` of BPE models whose pieces mark spaces (``escape_whitespaces``); all others are byte-level."""

NONE = "the file has no tokenizer (of a model in several files, the first one has it)"

REFUSED: Mapping[str, str] = {
    "bert": "WordPiece sets spaces between words, which are in none of its tokens",
    "test": "its tokens print as their numbers, for tests of llama.cpp",
    "none": NONE,
    "no_vocab": NONE,
}
"""Kinds under which a text is not the concatenation of its pieces, or that are not read, with the reason."""
