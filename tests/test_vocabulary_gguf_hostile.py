"""GGUF files that are broken or forged: each is refused with a reason, at no more cost than its size."""

from __future__ import annotations

import random
import struct
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

import constrain as cn
from constrain.vocabulary.readers.gguf_file import read_metadata
from tests.gguf_files import (
    ARRAY,
    BOOL,
    BYTE,
    CONTROL,
    FLOAT32,
    INT32,
    NORMAL,
    STRING,
    UINT32,
    numbers,
    raw,
    string,
    strings,
    text,
    write,
)

HUGE = 2**63 - 1
Entries = dict[str, bytes]


def entries(**changes: bytes | None) -> list[tuple[bytes, bytes]]:
    """A small vocabulary that can be read, but for ``changes``; None leaves a key out."""
    whole: dict[str, bytes | None] = {
        "model": text(b"llama"),
        "tokens": strings(b"<unk>", b"</s>", b"a", b"<0x0A>"),
        "scores": numbers(FLOAT32, 0, 0, 0, 0),
        "token_type": numbers(INT32, CONTROL, CONTROL, NORMAL, BYTE),
        "eos_token_id": struct.pack("<II", UINT32, 1),
        **changes,
    }
    return [(f"tokenizer.ggml.{key}".encode(), value) for key, value in whole.items() if value is not None]


def test_the_vocabulary_that_is_broken_below_can_be_read(tmp_path: Path) -> None:
    vocabulary = cn.Vocabulary.from_gguf(raw(tmp_path / "m.gguf", entries()))
    assert vocabulary.tokens == (None, None, b"a", b"\n") and vocabulary.eos_token_ids == (1,)
    without = entries(token_type=None, scores=None)
    assert cn.Vocabulary.from_gguf(raw(tmp_path / "m.gguf", without)).tokens[3] == b"<0x0A>"
    longer = entries(token_type=numbers(INT32, *[NORMAL] * 9), scores=numbers(FLOAT32, *[0.0] * 9))
    assert cn.Vocabulary.from_gguf(raw(tmp_path / "m.gguf", longer)).size == 4


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"model": None}, "the file has no tokenizer"),
        ({"model": struct.pack("<II", UINT32, 5)}, "ggml.model 5, which is not a string"),
        ({"tokens": None}, "no list of strings tokenizer.ggml.tokens"),
        ({"tokens": strings()}, "no list of strings"),
        ({"tokens": numbers(INT32, 1, 2)}, "no list of strings"),
        ({"tokens": strings(b"a", b"</s>", b"a", b"b")}, "2 tokens 'a'"),
        ({"tokens": strings(b"a", b"</s>", b"b", b"\xff", b"c")}, "5 tokens, but 4 numbers in .*scores"),
        ({"scores": numbers(FLOAT32, 0, 0)}, "4 tokens, but 2 numbers in tokenizer.ggml.scores"),
        ({"scores": strings(b"1")}, "but no numbers in tokenizer.ggml.scores"),
        ({"token_type": numbers(INT32, 1)}, "4 tokens, but 1 numbers in tokenizer.ggml.token_type"),
        ({"token_type": struct.pack("<II", UINT32, 1)}, "but no numbers in tokenizer.ggml.token_type"),
        ({"token_type": numbers(INT32, BYTE, NORMAL, NORMAL, NORMAL)}, "'<unk>' is a byte, but not which"),
        ({"eos_token_id": text(b"</s>")}, "eos_token_id b'</s>', which is not the id"),
        ({"eos_token_id": struct.pack("<IB", BOOL, 1)}, "eos_token_id True, which is not the id"),
        ({"tokens": strings(b"a", count=2**40)}, "announces more than it holds"),
        ({"tokens": strings(b"a", count=HUGE)}, "announces more than it holds"),
        ({"tokens": strings(b"a", b"b", count=6)}, "ggml|cut short|unknown type"),
        ({"token_type": numbers(INT32, 1, count=HUGE)}, "announces more than it holds"),
        ({"eos_token_id": struct.pack("<IQ", STRING, HUGE)}, "announces more than it holds"),
        ({"tokens": struct.pack("<IIQQ", ARRAY, STRING, 1, HUGE)}, "ends within a list of strings"),
        ({"x": struct.pack("<IIQIIQ", ARRAY, ARRAY, 1, ARRAY, ARRAY, 1)}, "an array of arrays"),
        ({"x": struct.pack("<IIQ", ARRAY, 77, 1)}, "unknown type 77"),
    ],
)
def test_contradictions(changes: dict[str, Any], reason: str, tmp_path: Path) -> None:
    path = raw(tmp_path / "m.gguf", entries(**changes))
    with pytest.raises(cn.VocabularyError, match=reason):
        cn.Vocabulary.from_gguf(path)


@pytest.mark.parametrize("piece", [rb"\x4", rb"\xZZ", rb"\xAB", b"a\\"])
def test_escapes_of_rwkv_that_are_none(piece: bytes, tmp_path: Path) -> None:
    changes = {"model": text(b"rwkv"), "tokens": strings(b"a", b"</s>", b"b", piece)}
    with pytest.raises(cn.VocabularyError, match="whose escapes are not complete"):
        cn.Vocabulary.from_gguf(raw(tmp_path / "m.gguf", entries(**changes)))


def test_tokens_that_are_no_text(tmp_path: Path) -> None:
    pieces = strings(b"", b"</s>", b"\xff\xe2", b"")
    changes = {"tokens": pieces, "token_type": numbers(INT32, NORMAL, CONTROL, NORMAL, 99)}
    vocabulary = cn.Vocabulary.from_gguf(raw(tmp_path / "m.gguf", entries(**changes)))
    assert vocabulary.tokens == (None, None, b"\xff\xe2", None)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is no GGUF file"),
        (b"PK\x03\x04", "is no GGUF file"),
        (b"GGUF", "announces more than it holds"),
        (b"GGUF" + struct.pack("<I", 1), "version 1 is not read"),
        (b"GGUF" + struct.pack(">I", 3), "little-endian"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 0), "the file has no tokenizer"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, HUGE), "announces more than it holds"),
        (b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 99), "announces more than it holds"),
        (b"GGUF" + struct.pack("<IQQQ1sI", 3, 0, 1, 1, b"k", 77), "unknown type 77"),
        (b"GGUF" + struct.pack("<IQQQ1sI", 3, 0, 1, 1, b"\xff", 7), r"key b'\\xff', which is not UTF-8"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 2) + 2 * (string(b"k") + text(b"")), "the key 'k' twice"),
    ],
)
def test_no_such_file(content: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(content)
    with pytest.raises(cn.VocabularyError, match=reason):
        cn.Vocabulary.from_gguf(path)


def test_every_beginning_of_a_file_is_refused(tmp_path: Path) -> None:
    path = raw(tmp_path / "m.gguf", entries())
    content = path.read_bytes()
    for length in range(len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(cn.VocabularyError):
            cn.Vocabulary.from_gguf(path)


def test_what_the_package_writes_is_read(tmp_path: Path) -> None:
    pytest.importorskip("gguf")
    metadata = read_metadata(write(tmp_path / "m.gguf", "llama", ["a", "é"], [NORMAL] * 2, eos_token_id=1))
    assert metadata["tokenizer.ggml.tokens"] == [b"a", "é".encode()]
    assert list(metadata["some.floats"]) == [0.5, 1.5]


def test_changed_bytes_raise_nothing_else(tmp_path: Path) -> None:
    path = raw(tmp_path / "m.gguf", entries())
    content, chance = path.read_bytes(), random.Random(5)
    refused = 0
    for _ in range(600):
        changed = bytearray(content)
        for _ in range(chance.randint(1, 4)):
            changed[chance.randrange(len(changed))] = chance.choice(
                (0, 1, 9, 0x7F, 0xFF, chance.randrange(256))
            )
        path.write_bytes(changed)
        try:
            cn.Vocabulary.from_gguf(path)
        except cn.VocabularyError:
            refused += 1
    assert 200 < refused < 600


@pytest.mark.parametrize("kind", [STRING, INT32, FLOAT32])
def test_an_announced_length_takes_no_memory(kind: int, tmp_path: Path) -> None:
    value = struct.pack("<IIQ", ARRAY, kind, 2**32) + bytes(10_000)
    path = raw(tmp_path / "m.gguf", [(b"tokenizer.ggml.tokens", value)])
    tracemalloc.start()
    try:
        with pytest.raises(cn.VocabularyError):
            read_metadata(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000
