"""Real vocabularies in the formats of other packages, against readers of other formats.

The files come with ``mistral-common`` (SentencePiece, Tekken); the encodings of tiktoken are made of ranks that are
at hand, because the package downloads its own. Tests are skipped where a package is not installed.
"""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from typing import Any

import pytest

import constrain as cn
from tests.data_folder import data_path, real_vocabulary

BYTES = {bytes([byte]) for byte in range(256)}


def mistral_file(name: str) -> Path:
    package = importlib.util.find_spec("mistral_common")
    if package is None or not package.submodule_search_locations:
        pytest.skip("mistral-common is not installed")
    path = Path(package.submodule_search_locations[0]) / "data" / name
    if not path.exists():
        pytest.skip(f"this release of mistral-common has no {name}")
    return path


def text_tokens(vocabulary: cn.Vocabulary) -> dict[int, bytes]:
    return {i: data for i, data in enumerate(vocabulary.tokens) if data is not None}


SENTENCEPIECE = {  # size of the vocabulary, tokens that are text
    "tokenizer.model.v1": (32_000, 31_997),
    "mistral_instruct_tokenizer_240216.model.v2": (32_768, 31_997),
    "mistral_instruct_tokenizer_240323.model.v3": (32_768, 32_017),
    "mistral_instruct_tokenizer_241114.model.v7": (32_768, 32_019),
}


@pytest.mark.parametrize("name", SENTENCEPIECE)
def test_sentencepiece(name: str) -> None:
    pytest.importorskip("sentencepiece")
    vocabulary = cn.Vocabulary.from_sentencepiece(mistral_file(name))
    assert (vocabulary.size, len(text_tokens(vocabulary))) == SENTENCEPIECE[name]
    assert vocabulary.eos_token_ids == (2,)
    assert vocabulary.leading_space
    assert set(vocabulary.tokens) >= BYTES
    assert vocabulary.encode is not None
    assert vocabulary.decode(vocabulary.encode('{"größe": "日本"}')) == ' {"größe": "日本"}'.encode()


def test_sentencepiece_and_tokenizer_json() -> None:
    pytest.importorskip("sentencepiece")
    found = cn.Vocabulary.from_sentencepiece(mistral_file("mistral_instruct_tokenizer_240323.model.v3"))
    known = real_vocabulary("mistral")
    differ = {i for i in range(known.size) if found.tokens[i] != known.tokens[i]}
    named = {i for i, data in text_tokens(found).items() if data.startswith(b"[REFERENCE_DOC_")}
    assert differ == named  # symbols of the user there, special tokens here
    assert found.leading_space == known.leading_space


@pytest.mark.parametrize("name", ["tekken_240718.json", "tekken_240911.json"])
def test_tekken(name: str) -> None:
    path = mistral_file(name)
    vocabulary = cn.Vocabulary.from_tekken(path)
    assert vocabulary.size == 131_072
    assert vocabulary.eos_token_ids == (2,)
    texts = text_tokens(vocabulary)
    assert len(texts) == 131_072 - 1000 and min(texts) == 1000
    assert [texts[1000 + byte] for byte in range(256)] == sorted(BYTES)
    assert len(set(texts.values())) == len(texts)


@pytest.mark.parametrize("name", ["tekken_240718.json"])
def test_tekken_as_a_tiktoken_encoding(name: str) -> None:
    """Its ranks make an encoding, with special tokens after the others instead of before."""
    tiktoken = pytest.importorskip("tiktoken")
    path = mistral_file(name)
    document = json.loads(path.read_text(encoding="utf-8"))
    tokens = cn.Vocabulary.from_tekken(path).tokens
    ranks = {data: i - 1000 for i, data in enumerate(tokens) if data is not None}
    special = {"<|endoftext|>": len(ranks), "<|other|>": len(ranks) + 5}
    encoding = tiktoken.Encoding(
        "t", pat_str=document["config"]["pattern"], mergeable_ranks=ranks, special_tokens=special
    )
    vocabulary = cn.Vocabulary.from_tiktoken(encoding)
    assert vocabulary.tokens == (*tokens[1000:], *[None] * 6)
    assert vocabulary.eos_token_ids == (len(ranks),)


def split_pattern(name: str) -> str:
    document = json.loads(data_path("tokenizers", name, "tokenizer.json").read_text(encoding="utf-8"))
    [pattern] = re.findall(r'"Regex": (".*?[^\\]")}', json.dumps(document["pre_tokenizer"]))
    return str(json.loads(pattern))


@pytest.mark.parametrize("name", ["llama3", "llama4"])
def test_tiktoken(name: str) -> None:
    tiktoken = pytest.importorskip("tiktoken")
    known = real_vocabulary(name)
    ranks = {data: i for i, data in enumerate(known.tokens) if data is not None}
    special = {"<|begin|>": len(ranks), "<|im_end|>": len(ranks) + 1}
    encoding: Any = tiktoken.Encoding(
        name, pat_str=split_pattern(name), mergeable_ranks=ranks, special_tokens=special
    )
    vocabulary = cn.Vocabulary.from_tiktoken(encoding)
    assert text_tokens(vocabulary) == text_tokens(known)
    assert vocabulary.eos_token_ids == (len(ranks) + 1,)
    text = '{\n  "größe": [1, 2.5e3], "emoji": "👩‍👧"}'
    assert vocabulary.encode is not None and known.encode is not None
    assert list(vocabulary.encode(text)) == list(known.encode(text))
