"""Vocabularies of real models, in the folder that the environment variable CONSTRAIN_DATA names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from constrain.errors import VocabularyError
from constrain.vocabulary import Vocabulary

DATA = os.environ.get("CONSTRAIN_DATA")
pytestmark = pytest.mark.skipif(DATA is None, reason="CONSTRAIN_DATA names no folder with tokenizers/")

# name: size, tokens that are text, EOS id, leading space, a few tokens
EXPECTED: dict[str, tuple[int, int, int, bool, dict[int, bytes | None]]] = {
    "llama3": (128_256, 128_000, 128_001, False, {0: b"!", 220: b" ", 128_000: None}),
    "llama4": (201_144, 200_000, 200_001, False, {200_000: None, 201_143: None}),
    "mistral": (32_768, 31_997, 2, True, {0: None, 3: None, 771: b"\x00", 781: b"\n"}),
}


def folder(name: str) -> Path:
    path = Path(DATA or "") / "tokenizers" / name
    if not path.is_dir():
        pytest.skip(f"CONSTRAIN_DATA has no tokenizers/{name}")
    return path


@pytest.mark.parametrize("name", EXPECTED)
def test_contents(name: str) -> None:
    size, text, end, leading_space, samples = EXPECTED[name]
    vocabulary = Vocabulary.from_tokenizer_json(folder(name))
    assert vocabulary.size == size
    assert sum(data is not None for data in vocabulary.tokens) == text
    assert vocabulary.eos_token_ids == (end,)
    assert vocabulary.leading_space is leading_space
    assert {token_id: vocabulary.tokens[token_id] for token_id in samples} == samples
    assert {bytes([byte]) for byte in range(256)} - {b"\xc0", b"\xc1"} - {
        bytes([byte]) for byte in range(0xF5, 0x100)
    } <= set(vocabulary.tokens)


def test_duplicates_of_mistral() -> None:
    tokens = [data for data in Vocabulary.from_tokenizer_json(folder("mistral")).tokens if data]
    assert len(tokens) - len(set(tokens)) == 125


def load(name: str) -> Any:
    transformers = pytest.importorskip("transformers")
    return transformers.AutoTokenizer.from_pretrained(folder(name))


@pytest.mark.parametrize("name", EXPECTED)
def test_live_tokenizer_and_file_agree(name: str) -> None:
    tokenizer = load(name)
    vocabulary = Vocabulary.from_transformers(tokenizer)
    assert vocabulary == Vocabulary.from_tokenizer_json(folder(name))
    text = '{\n  "größe": [1, 2.5e3], "emoji": "👩‍👧 \\u0041"}'
    spelled = vocabulary.decode(tokenizer.encode(text, add_special_tokens=False))
    assert spelled == b" " * vocabulary.leading_space + text.encode()


@pytest.mark.parametrize("token_id", [400, 70_000, 127_999])
def test_one_wrong_token_of_many_is_caught(token_id: int) -> None:
    tokenizer = load("llama3")
    vocabulary = Vocabulary.from_tokenizer_json(folder("llama3"))
    tokens = list(vocabulary.tokens)
    tokens[token_id] = b"wrong " + (tokens[token_id] or b"")
    with pytest.raises(VocabularyError, match=f"token {token_id} "):
        Vocabulary(tokens, vocabulary.eos_token_ids).check(
            lambda text: tokenizer.encode(text, add_special_tokens=False), tokenizer.decode
        )
