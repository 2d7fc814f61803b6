"""From GGUF files to metadata: the keys and values at the beginning of a model file of llama.cpp.

When should I use this? To read what a GGUF file says about its model; ``gguf.py`` makes a vocabulary of it. The tensors
after the metadata are never touched.

The layout is that of the GGUF specification (``docs/gguf.md`` of ggml), versions 2 and 3. It is read here and not by
the ``gguf`` package, because that wraps each of its strings in arrays: 7.7 s for 128k tokens and their merges; this
takes 0.16. Every length is compared with the rest of the file before anything is read or allocated, so a truncated or
forged file costs no more than its size.
"""

from __future__ import annotations

import mmap
import os
import struct
from typing import Any

from constrain.errors import VocabularyError

__all__ = ["read_metadata"]

MAGIC = b"GGUF"
VERSIONS = (2, 3)
SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
"""``struct`` codes of ``gguf_metadata_value_type``."""
STRING, ARRAY = 8, 9
_LENGTH = struct.Struct("<Q")


class _Cursor:
    """A place in a GGUF file."""

    def __init__(self, data: mmap.mmap) -> None:
        self.data = data
        self.at = len(MAGIC)

    def take(self, count: int, size: int = 1) -> int:
        """The place where ``count`` items of at least ``size`` bytes begin, after a check that the file has room for
        them."""
        if count > (len(self.data) - self.at) // size:
            raise VocabularyError("this GGUF file is cut short: it announces more than it holds")
        return self.at

    def scalars(self, code: str, count: int) -> tuple[Any, ...]:
        size = struct.calcsize("<" + code)
        start = self.take(count, size)
        self.at += count * size
        return struct.unpack_from(f"<{count}{code}", self.data, start)

    def scalar(self, code: str) -> Any:
        return self.scalars(code, 1)[0]

    def string(self) -> bytes:
        length = self.scalar("Q")
        start = self.take(length)
        self.at += length
        return self.data[start : self.at]

    def strings(self, count: int) -> list[bytes]:
        """``count`` strings, in a third of the time of as many calls of ``string``."""
        at, data, found = self.take(count, _LENGTH.size), self.data, []
        last = len(data) - _LENGTH.size
        for _ in range(count):
            if at > last:
                break
            [length] = _LENGTH.unpack_from(data, at)
            found.append(data[at + 8 : at + 8 + length])
            at += 8 + length
        self.at = min(at, len(data) + 1)
        if len(found) < count or self.at > len(data):
            raise VocabularyError("this GGUF file is cut short: it ends within a list of strings")
        return found

    def value(self) -> Any:
        kind = self.scalar("I")
        if kind == STRING:
            return self.string()
        if kind != ARRAY:
            return self.scalar(_code(kind))
        inner, count = self.scalar("I"), self.scalar("Q")
        return self.strings(count) if inner == STRING else self.scalars(_code(inner), count)

    def key(self) -> str:
        name = self.string()
        try:
            return name.decode()
        except UnicodeDecodeError as problem:
            raise VocabularyError(f"this GGUF file has the key {name!r}, which is not UTF-8") from problem


def _code(kind: int) -> str:
    if kind == ARRAY:
        raise VocabularyError("this GGUF file holds an array of arrays, which llama.cpp does not read either")
    if kind not in SCALARS:
        raise VocabularyError(f"this GGUF file holds a value of the unknown type {kind}")
    return SCALARS[kind]


def read_metadata(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The metadata of a GGUF file: numbers, bytes (strings), and sequences of either by key.

    Raises:
        VocabularyError: it is not a GGUF file, has an unknown version, is cut short, or has a key twice.
    """
    with open(path, "rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise VocabularyError(f"{os.fspath(path)} is no GGUF file")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return _read(_Cursor(data))


def _read(cursor: _Cursor) -> dict[str, Any]:
    version = cursor.scalar("I")
    if version not in VERSIONS:
        raise VocabularyError(
            f"GGUF version {version} is not read here, but {VERSIONS}, with little-endian numbers"
        )
    cursor.scalar("Q")  # the number of tensors
    metadata: dict[str, Any] = {}
    for _ in range(cursor.scalar("Q")):
        key = cursor.key()
        if key in metadata:
            raise VocabularyError(f"this GGUF file has the key {key!r} twice")
        metadata[key] = cursor.value()
    return metadata
