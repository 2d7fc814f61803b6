"""Files of tokenizers: read, or refused as a ``VocabularyError``.

An input is one byte that says which kind of file follows, and then an unchanged file: GGUF, tokenizer.json or
tekken.json.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import constrain as cn
from constrain.vocabulary.packed import Content, pack, unpack
from tests.fuzz.command import main
from tests.gguf_files import raw, text
from tests.test_vocabulary_gguf_hostile import entries
from tests.test_vocabulary_malformed import added, document, replace

NAMES = """type model vocab decoder decoders added_tokens id content special pattern String BPE Unigram WordPiece
ByteLevel ByteFallback Metaspace Replace Strip Fuse Sequence prepend_scheme replacement unk_id byte_fallback rank
token_bytes token_str""".split()
GGUF_NAMES = (
    "llama gpt2 rwkv t5 bert tokenizer.ggml. tokens scores token_type eos_token_id pre <0x0A> ▁ Ġ".split()
)
DICTIONARY = [*map(json.dumps, NAMES), *GGUF_NAMES]
END = 2
TEKKEN = {
    "config": {"default_num_special_tokens": 3, "default_vocab_size": 6},
    "vocab": [{"rank": 0, "token_bytes": "YQ=="}, {"rank": 1, "token_bytes": "YWI="}],
    "special_tokens": [{"rank": 2, "token_str": "</s>"}],
}


def check(data: bytes) -> None:
    """Try one input."""
    read = READERS[data[0] % len(READERS)] if data else _gguf
    try:
        vocabulary = read(data[1:])
    except cn.VocabularyError as error:
        assert str(error)
        return
    content = Content(vocabulary.tokens, vocabulary.eos_token_ids, vocabulary.leading_space, vocabulary.order)
    assert unpack(pack(content)).tokens == vocabulary.tokens
    assert all(vocabulary.tokens[end] is None for end in vocabulary.eos_token_ids)


def _gguf(data: bytes) -> cn.Vocabulary:
    with TemporaryDirectory() as folder:
        path = Path(folder, "model.gguf")
        path.write_bytes(data)
        return cn.Vocabulary.from_gguf(path)


def _tokenizer_json(data: bytes) -> cn.Vocabulary:
    return cn.Vocabulary.from_tokenizer_json("{" + data.decode("utf-8", "replace"), END)


def _tekken(data: bytes) -> cn.Vocabulary:
    return cn.Vocabulary.from_tekken("{" + data.decode("utf-8", "replace"))


READERS: list[Callable[[bytes], cn.Vocabulary]] = [_gguf, _tokenizer_json, _tekken]


def _written(kind: int, source: Any) -> bytes:
    """JSON without its first brace, which makes a text of it rather than a path."""
    return bytes([kind]) + json.dumps(source).encode()[1:]


def seeds() -> Iterator[bytes]:
    """Small tokenizers of each kind."""
    rwkv = {"model": text(b"rwkv"), "eos_token_id": struct.pack("<II", 4, 0)}
    with TemporaryDirectory() as folder:
        for changes in ({}, {"model": text(b"gpt2")}, rwkv, {"scores": None}, {"token_type": None}):
            yield b"\0" + raw(Path(folder, "model.gguf"), entries(**changes)).read_bytes()
    fallback = {"type": "Sequence", "decoders": [{"type": "ByteFallback"}, {"type": "Fuse"}]}
    for source in (document(), added(), replace(), document(decoder=fallback), document(decoder=None)):
        yield _written(1, source)
    yield _written(2, TEKKEN)
    yield _written(2, {**TEKKEN, "special_tokens": None})


if __name__ == "__main__":
    main(check)
