"""GGUF files -> token table: the vocabulary inside a model file of llama.cpp.

When should I use this? When the model is a ``.gguf``: its tokenizer is in the metadata at its beginning, and no
other file of the model is needed. The tensors behind are never touched.

What a token prints is what ``llama_token_to_piece`` of llama.cpp prints without special tokens. The layout of
the file is that of the GGUF specification (``docs/gguf.md`` of ggml), versions 2 and 3. It is read here and not by
the ``gguf`` package, because that wraps each of its strings in arrays: 7.7 s for 128k tokens and their merges; this
takes 0.16.
"""

from __future__ import annotations

import mmap
import os
import struct
from collections.abc import Callable, Mapping
from typing import Any

from constrain.errors import VocabularyError
from constrain.vocabulary.byte_level import BYTE_OF_CHARACTER
from constrain.vocabulary.sentencepiece_model import MARK
from constrain.vocabulary.table import TokenTable

__all__ = ["END_NAMES", "MODELS", "REFUSED", "read_gguf", "read_metadata"]

VERSIONS = (2, 3)
SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
"""``struct`` codes of ``gguf_metadata_value_type``."""
STRING, ARRAY = 8, 9
_LENGTH = struct.Struct("<Q")

# ``llama_token_type``: unknown, control, unused and undefined tokens are no text.
NORMAL, USER_DEFINED, BYTE = 1, 4, 6

END_KEYS = ("eos_token_id", "eot_token_id", "eom_token_id")
END_NAMES = frozenset(
    "<|eot_id|> <|im_end|> <|end|> <|return|> <|call|> <end_of_turn> <|endoftext|> <|eom_id|> <EOT> _<EOT> [EOT] [EOS] "
    "<|end_of_text|> <end_of_utterance>".split()
)
"""Tokens that end a turn by their name, as llama.cpp has them: files tell one id where a model has several."""


class _Cursor:
    """A place in a GGUF file."""

    def __init__(self, data: mmap.mmap) -> None:
        self.data = data
        self.at = 0

    def scalar(self, code: str) -> Any:
        size = struct.calcsize("<" + code)
        self.at += size
        return struct.unpack_from("<" + code, self.data, self.at - size)[0]

    def string(self) -> bytes:
        length = self.scalar("Q")
        self.at += length
        if self.at > len(self.data):
            raise VocabularyError("this GGUF file is cut short")
        return self.data[self.at - length : self.at]

    def strings(self, count: int) -> list[bytes]:
        """``count`` times ``string``, in a third of the time."""
        data, at, found = self.data, self.at, []
        for _ in range(count):
            [length] = _LENGTH.unpack_from(data, at)
            found.append(data[at + 8 : at + 8 + length])
            at += 8 + length
        if at > len(data):
            raise VocabularyError("this GGUF file is cut short")
        self.at = at
        return found

    def value(self, kind: int) -> Any:
        if kind == STRING:
            return self.string()
        if kind != ARRAY:
            return self.scalar(_code(kind))
        inner, count = self.scalar("I"), self.scalar("Q")
        if inner == STRING:
            return self.strings(count)
        if inner == ARRAY:
            return [self.value(inner) for _ in range(count)]
        layout = f"<{count}{_code(inner)}"
        self.at += struct.calcsize(layout)
        return struct.unpack_from(layout, self.data, self.at - struct.calcsize(layout))


def _code(kind: int) -> str:
    if kind not in SCALARS:
        raise VocabularyError(f"this GGUF file holds a value of the unknown type {kind}")
    return SCALARS[kind]


def read_metadata(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The metadata of a GGUF file: numbers, bytes and sequences of them by key.

    Raises:
        VocabularyError: it is no GGUF file, of an unknown version, or cut short.
    """
    with open(path, "rb") as file:
        if file.read(4) != b"GGUF":
            raise VocabularyError(f"{os.fspath(path)} is no GGUF file")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            try:
                return _read(_Cursor(data))
            except struct.error as problem:
                raise VocabularyError("this GGUF file is cut short") from problem


def _read(cursor: _Cursor) -> dict[str, Any]:
    cursor.at = 4
    version = cursor.scalar("I")
    if version not in VERSIONS:
        raise VocabularyError(
            f"GGUF version {version} is not read here, but {VERSIONS}, with little-endian numbers"
        )
    cursor.scalar("Q")  # the number of tensors
    return {cursor.string().decode(): cursor.value(cursor.scalar("I")) for _ in range(cursor.scalar("Q"))}


def read_gguf(path: str | os.PathLike[str]) -> tuple[TokenTable, list[int]]:
    """The token table of a GGUF file and its end-of-sequence ids.

    Raises:
        VocabularyError: it is no GGUF file or has no vocabulary, or that is of a kind that masks cannot use.
    """
    metadata = read_metadata(path)
    model = metadata.get("tokenizer.ggml.model", b"none").decode()
    if model not in MODELS:
        raise VocabularyError(
            f"the GGUF tokenizer {model!r} cannot be read: {REFUSED.get(model, 'this kind is not known')}"
        )
    to_bytes, marked = MODELS[model]
    pieces = [piece.decode(errors="surrogateescape") for piece in metadata["tokenizer.ggml.tokens"]]
    types = metadata.get("tokenizer.ggml.token_type") or [NORMAL] * len(pieces)
    tokens = [_token(piece, kind, to_bytes) for piece, kind in zip(pieces, types, strict=True)]
    leading_space = bool(metadata.get("tokenizer.ggml.add_space_prefix", marked)) and marked
    return TokenTable(tokens, leading_space), _ends(metadata, pieces)


def _token(piece: str, kind: int, to_bytes: Callable[[str], bytes | None]) -> bytes | None:
    if kind == NORMAL:
        return to_bytes(piece)
    if kind == BYTE:
        return bytes.fromhex(piece[3:5])
    return _raw(piece) if kind == USER_DEFINED else None


def _ends(metadata: Mapping[str, Any], pieces: list[str]) -> list[int]:
    named = [metadata.get(f"tokenizer.ggml.{key}") for key in END_KEYS]
    # In the harmony format <|end|> is between messages of one turn, which <|return|> ends.
    names = END_NAMES - {"<|end|>"} if "<|return|>" in pieces else END_NAMES
    known = [token_id for token_id, piece in enumerate(pieces) if piece in names]
    return [*(token_id for token_id in named if token_id is not None), *known]


def _raw(piece: str) -> bytes:
    return piece.encode(errors="surrogateescape")


def _marked(piece: str) -> bytes:
    return _raw(piece.replace(MARK, " "))


def _byte_level(piece: str) -> bytes | None:
    """None where llama.cpp prints a note that the piece is not in the byte alphabet."""
    try:
        return bytes([BYTE_OF_CHARACTER[character] for character in piece])
    except KeyError:
        return None


MODELS: dict[str, tuple[Callable[[str], bytes | None], bool]] = {
    "llama": (_marked, True),  # SentencePiece with byte fallback
    "t5": (_marked, True),  # SentencePiece Unigram
    "gpt2": (_byte_level, False),  # byte-level BPE
}
"""``tokenizer.ggml.model``: what a piece prints, and whether a space is put before a text, and dropped again."""

REFUSED = {
    "bert": "WordPiece sets spaces between words, which are in none of its tokens",
    "rwkv": "its pieces are escaped in a way of their own",
    "none": "the file has no tokenizer",
    "no_vocab": "the file has no tokenizer",
}
"""Kinds under which a text is not the concatenation of its pieces, or that are not read, with the reason."""
