"""Vocabularies in GGUF files, written here by the ``gguf`` package as llama.cpp's converters write them."""

from __future__ import annotations

import json
import re
import struct
from pathlib import Path
from typing import Any

import pytest

import constrain as cn
from constrain.demo import model_directory
from constrain.vocabulary.gguf import read_metadata
from tests.data_folder import data_path

gguf = pytest.importorskip("gguf")
Type = gguf.TokenType


def write(path: Path, model: str, pieces: list[str], types: list[int], **more: int | bool) -> Path:
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_tokenizer_model(model)
    writer.add_token_list(pieces)
    writer.add_token_types(types)
    writer.add_token_scores([0.0] * len(pieces))
    writer.add_token_merges(["a b", "c d"])
    writer.add_array("some.floats", [0.5, 1.5])
    for key, value in more.items():
        add = writer.add_bool if isinstance(value, bool) else writer.add_uint32
        add(f"tokenizer.ggml.{key}", value)
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
    pieces, types = [f"[PAD{i}]" for i in range(size)], [int(Type.UNUSED)] * size
    for piece, token_id in vocab.items():
        is_byte = byte_fallback and re.fullmatch("<0x[0-9A-F]{2}>", piece)
        pieces[token_id], types[token_id] = piece, int(Type.BYTE if is_byte else Type.NORMAL)
    for token_id, entry in added.items():
        pieces[token_id] = entry["content"]
        types[token_id] = int(Type.CONTROL if entry["special"] else Type.USER_DEFINED)
    end = cn.Vocabulary.from_tokenizer_json(folder).eos_token_ids[0]
    return write(path, "llama" if byte_fallback else "gpt2", pieces, types, eos_token_id=end)


@pytest.mark.parametrize("name", ["demo", "llama3", "llama4", "mistral"])
def test_the_same_as_the_tokenizer_json(name: str, tmp_path: Path) -> None:
    folder = Path(model_directory()) if name == "demo" else data_path("tokenizers", name)
    expected = cn.Vocabulary.from_tokenizer_json(folder)
    found = cn.Vocabulary.from_gguf(converted(folder, tmp_path / "model.gguf"))
    assert found.size == expected.size
    assert found.leading_space == expected.leading_space
    assert set(expected.eos_token_ids) <= set(found.eos_token_ids)
    ends = set(found.eos_token_ids)
    assert all(
        a == b for i, (a, b) in enumerate(zip(found.tokens, expected.tokens, strict=True)) if i not in ends
    )


PIECES = ["<unk>", "<s>", "</s>", "<0x0A>", "▁a▁b", "é", "▁▁", "<|im_end|>", "[PAD8]", "<0x41>"]
TYPES = [Type.UNKNOWN, Type.CONTROL, Type.CONTROL, Type.BYTE, *[Type.NORMAL] * 2]
TYPES += [Type.USER_DEFINED, Type.CONTROL, Type.UNUSED, Type.NORMAL]


def test_sentencepiece(tmp_path: Path) -> None:
    path = write(tmp_path / "m.gguf", "llama", PIECES, TYPES, eos_token_id=2, eot_token_id=1)
    vocabulary = cn.Vocabulary.from_gguf(path)
    texts = (None, None, None, b"\n", b" a b", "é".encode(), "▁▁".encode(), None, None, b"<0x41>")
    assert vocabulary.tokens == texts
    assert vocabulary.eos_token_ids == (1, 2, 7)
    assert vocabulary.leading_space
    assert vocabulary.encode is None


def test_options(tmp_path: Path) -> None:
    path = write(tmp_path / "m.gguf", "t5", PIECES, TYPES, eos_token_id=2, add_space_prefix=False)
    vocabulary = cn.Vocabulary.from_gguf(path, [0], encode=lambda text: [5])
    assert not vocabulary.leading_space
    assert vocabulary.eos_token_ids == (0, 2, 7)
    assert vocabulary.encode is not None and vocabulary.encode("é") == [5]


def test_byte_level(tmp_path: Path) -> None:
    pieces = ["Ġa", "Ã", "日", "<tool call>", "<|end|>", "<|return|>"]
    types = [Type.NORMAL] * 3 + [Type.USER_DEFINED] + [Type.CONTROL] * 2
    vocabulary = cn.Vocabulary.from_gguf(write(tmp_path / "m.gguf", "gpt2", pieces, types))
    assert vocabulary.tokens == (b" a", b"\xc3", None, b"<tool call>", None, None)
    assert vocabulary.eos_token_ids == (5,)
    assert not vocabulary.leading_space


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        ("bert", "WordPiece sets spaces"),
        ("rwkv", "escaped"),
        ("no_vocab", "no tokenizer"),
        ("new", "not known"),
    ],
)
def test_refused(model: str, reason: str, tmp_path: Path) -> None:
    path = write(tmp_path / "m.gguf", model, PIECES, TYPES, eos_token_id=2)
    with pytest.raises(cn.VocabularyError, match=f"'{model}' cannot be read: .*{reason}"):
        cn.Vocabulary.from_gguf(path)


def test_without_a_tokenizer(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, 0))
    with pytest.raises(cn.VocabularyError, match="the file has no tokenizer"):
        cn.Vocabulary.from_gguf(path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"PK\x03\x04", "is no GGUF file"),
        (b"GGUF" + struct.pack("<I", 1), "version 1 is not read"),
        (b"GGUF" + struct.pack(">I", 3), "little-endian"),
        (b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 99), "cut short"),
        (b"GGUF" + struct.pack("<IQQQ1sI", 3, 0, 1, 1, b"k", 77), "unknown type 77"),
    ],
)
def test_no_such_file(content: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(content)
    with pytest.raises(cn.VocabularyError, match=reason):
        cn.Vocabulary.from_gguf(path)


def test_every_beginning_of_a_file_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "m.gguf", "llama", PIECES, TYPES, eos_token_id=2)
    content = path.read_bytes()
    metadata: dict[str, Any] = read_metadata(path)
    assert metadata["tokenizer.ggml.tokens"] == [piece.encode() for piece in PIECES]
    assert list(metadata["some.floats"]) == [0.5, 1.5]
    for length in range(4, len(content.rstrip(b"\0")) - 4, 7):
        path.write_bytes(content[:length])
        with pytest.raises(cn.VocabularyError):
            read_metadata(path)
