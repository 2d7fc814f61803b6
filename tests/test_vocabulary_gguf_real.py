"""Vocabularies of real models in GGUF files, against llama.cpp.

``.ci/llama_vocabularies.py`` puts them into a folder, which the environment variable CONSTRAIN_GGUF names to the tests.
The results of llama.cpp for them are in files beside them: texts (``.inp``), the ids that it encodes them to
(``.out``), and what its own code prints for each token (``.pieces``).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import constrain as cn
from constrain.vocabulary.readers.gguf_file import read_metadata
from tests.data_folder import gguf_path
from tests.gguf_files import BYTE, NORMAL

# name: how many tokens, at which of them llama.cpp stops
VOCABULARIES: dict[str, tuple[int, tuple[int, ...]]] = {
    "ggml-vocab-aquila": (100_008, (0, 100_007)),
    "ggml-vocab-baichuan": (64_000, (2,)),
    "ggml-vocab-command-r": (256_000, (0, 255_001)),
    "ggml-vocab-deepseek-coder": (32_256, (32_014,)),
    "ggml-vocab-deepseek-llm": (102_400, (100_001,)),
    "ggml-vocab-falcon": (65_024, (11,)),
    "ggml-vocab-gemma-4": (262_144, (1, 50, 106)),
    "ggml-vocab-gpt-2": (50_257, (50_256,)),
    "ggml-vocab-gpt-neox": (50_432, (0,)),
    "ggml-vocab-llama-bpe": (128_256, (128_001, 128_009)),
    "ggml-vocab-llama-spm": (32_000, (2,)),
    "ggml-vocab-mpt": (50_432, (0,)),
    "ggml-vocab-nomic-bert-moe": (250_048, (2,)),
    "ggml-vocab-phi-3": (32_064, (2, 32_000, 32_007)),
    "ggml-vocab-qwen2": (151_936, (128_247, 151_643, 151_645)),
    "ggml-vocab-qwen35": (151_936, (128_247, 151_643, 151_645)),
    "ggml-vocab-refact": (49_216, (0, 4, 18)),
    "ggml-vocab-starcoder": (49_152, (0, 4)),
    "SmolLM2-135M-Instruct.Q4_1": (49_152, (0, 2, 4)),
}

# Those with texts. Encoding puts a space before a text in two of them.
WITH_TEXTS = [
    *"command-r deepseek-coder deepseek-llm falcon gemma-4 gpt-2 llama-bpe llama-spm mpt phi-3 qwen2 qwen35".split(),
    *"refact starcoder".split(),
]
SPACE_BEFORE = {"llama-spm", "phi-3"}

# Those that transformers reads, too, but for five with more tokens, where that takes half a minute each.
OF_TRANSFORMERS = "deepseek-coder falcon gpt-2 llama-spm phi-3 starcoder SmolLM2-135M-Instruct.Q4_1".split()

# The one that cannot spell all characters; it is that of an encoder.
WITHOUT_BYTES = "ggml-vocab-nomic-bert-moe"
BERT = "ggml-vocab-bert-bge"


def path_of(name: str) -> Path:
    full = name if name in (*VOCABULARIES, BERT) else f"ggml-vocab-{name}"
    return gguf_path(f"{full}.gguf")


@pytest.mark.parametrize("name", VOCABULARIES)
def test_size_and_ends(name: str) -> None:
    vocabulary = cn.Vocabulary.from_gguf(path_of(name))
    assert (vocabulary.size, vocabulary.eos_token_ids) == VOCABULARIES[name]


@pytest.mark.parametrize("name", VOCABULARIES)
def test_every_token_is_what_llama_cpp_prints(name: str) -> None:
    path = path_of(name)
    lines = gguf_path(f"{path.name}.pieces").read_text().splitlines()
    vocabulary = cn.Vocabulary.from_gguf(path)
    assert len(lines) == vocabulary.size
    assert vocabulary.eos_token_ids == tuple(i for i, line in enumerate(lines) if line[0] == "1")
    for token_id, line in enumerate(lines):
        printed = bytes.fromhex(line[2:])
        # The end of a sequence is no text for us, nor is a note that a piece is not in the byte alphabet.
        no_text = line[0] == "1" or b"[UNK_BYTE_0x" in printed
        assert (vocabulary.tokens[token_id] or b"") == (b"" if no_text else printed), token_id


@pytest.mark.parametrize("name", WITH_TEXTS)
def test_ids_decode_to_their_texts(name: str) -> None:
    path = path_of(name)
    vocabulary = cn.Vocabulary.from_gguf(path)
    texts = gguf_path(f"{path.name}.inp").read_bytes().split(b"\n__ggml_vocab_test__\n")
    lines = gguf_path(f"{path.name}.out").read_text().split("\n")
    before = b" " if name in SPACE_BEFORE else b""
    assert len(texts) >= 46 and len(lines) in (len(texts), len(texts) + 1)
    for text, line in zip(texts, lines, strict=False):  # the last line may be followed by a line feed
        assert vocabulary.decode(map(int, line.split())) == (before if text else b"") + text


@pytest.mark.parametrize("name", OF_TRANSFORMERS)
def test_transformers_reads_the_same_pieces(name: str) -> None:
    """It knows no types of tokens, so that added and unknown ones may differ, and adds some tokens of its own."""
    transformers = pytest.importorskip("transformers")
    path = path_of(name)
    of_gguf = cn.Vocabulary.from_gguf(path)
    tokenizer = transformers.AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)
    found = cn.Vocabulary.from_transformers(tokenizer, of_gguf.eos_token_ids)
    types = read_metadata(path)["tokenizer.ggml.token_type"]
    different = {types[i] for i in range(of_gguf.size) if found.tokens[i] != of_gguf.tokens[i]}
    assert not different & {NORMAL, BYTE}


@pytest.mark.parametrize("name", sorted(VOCABULARIES.keys() - {WITHOUT_BYTES}))
def test_a_schema_is_enforced(name: str) -> None:
    vocabulary = cn.Vocabulary.from_gguf(path_of(name))
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {"größe": {"const": "a\tb 😀"}},
        "required": ["größe"],
    }
    schema["additionalProperties"] = False
    constraint = cn.compile(cn.json_schema(schema, whitespace="compact"), vocabulary)
    matcher = constraint.matcher()
    for token_id in matcher.completion():
        assert token_id in matcher.allowed_tokens()
        assert matcher.advance(token_id)
    assert set(matcher.allowed_tokens()) == set(vocabulary.eos_token_ids)
    assert json.loads(matcher.text) == {"größe": "a\tb 😀"}


def test_wordpiece_is_refused() -> None:
    with pytest.raises(cn.VocabularyError, match="'bert' cannot be read: WordPiece"):
        cn.Vocabulary.from_gguf(path_of(BERT))
