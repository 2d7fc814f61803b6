"""GGUF files for tests: as the converters of llama.cpp write them, or byte by byte, with any error."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import constrain as cn

UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE, NORMAL = 2, 3, 4, 5, 6, 1
INT32, FLOAT32, STRING, ARRAY, UINT32, BOOL = 5, 6, 8, 9, 4, 7


def write(path: Path, model: str, pieces: Sequence[str | bytes], types: Sequence[int], **more: Any) -> Path:
    """A file that the ``gguf`` package writes; ``more`` are further keys below ``tokenizer.ggml``."""
    import gguf

    writer = gguf.GGUFWriter(path, "llama")
    writer.add_tokenizer_model(model)
    writer.add_token_list([piece if isinstance(piece, bytes) else piece.encode() for piece in pieces])
    writer.add_token_types(list(types))
    writer.add_token_scores([0.0] * len(pieces))
    writer.add_token_merges(["a b", "c d"])
    writer.add_array("some.floats", [0.5, 1.5])
    adders: dict[type, Any] = {bool: writer.add_bool, int: writer.add_uint32, str: writer.add_string}
    for key, value in more.items():
        adders[type(value)](f"tokenizer.ggml.{key}", value)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def converted(folder: Path, path: Path) -> Path:
    """The file that the converter of llama.cpp makes of a tokenizer.json."""
    document = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    vocab, added = document["model"]["vocab"], {entry["id"]: entry for entry in document["added_tokens"]}
    byte_fallback = document["model"].get("byte_fallback")
    size = 1 + max([*vocab.values(), *added])
    pieces, types = [f"[PAD{i}]" for i in range(size)], [UNUSED] * size
    for piece, token_id in vocab.items():
        is_byte = byte_fallback and re.fullmatch("<0x[0-9A-F]{2}>", piece)
        pieces[token_id], types[token_id] = piece, BYTE if is_byte else NORMAL
    for token_id, entry in added.items():
        pieces[token_id] = entry["content"]
        types[token_id] = CONTROL if entry["special"] else USER_DEFINED
    end = cn.Vocabulary.from_tokenizer_json(folder).eos_token_ids[0]
    return write(path, "llama" if byte_fallback else "gpt2", pieces, types, eos_token_id=end)


def string(content: bytes) -> bytes:
    return struct.pack("<Q", len(content)) + content


def strings(*contents: bytes, count: int | None = None) -> bytes:
    """A list of strings, which says that it has ``count``."""
    count = len(contents) if count is None else count
    return struct.pack("<IIQ", ARRAY, STRING, count) + b"".join(map(string, contents))


def numbers(kind: int, *values: float, count: int | None = None) -> bytes:
    code = "f" if kind == FLOAT32 else "i"
    count = len(values) if count is None else count
    return struct.pack(f"<IIQ{len(values)}{code}", ARRAY, kind, count, *values)


def text(content: bytes) -> bytes:
    return struct.pack("<I", STRING) + string(content)


def raw(path: Path, entries: Sequence[tuple[bytes, bytes]], count: int | None = None) -> Path:
    """A file of keys and values, which says that it has ``count``."""
    count = len(entries) if count is None else count
    head = b"GGUF" + struct.pack("<IQQ", 3, 0, count)
    path.write_bytes(head + b"".join(string(key) + value for key, value in entries))
    return path
