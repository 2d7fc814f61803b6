"""tokenizer.json documents written by hand: ids, added tokens, end-of-sequence tokens, folders."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from constrain.errors import VocabularyError
from constrain.vocabulary import Vocabulary

BYTE_LEVEL = {"type": "ByteLevel"}
LLAMA = {
    "type": "Sequence",
    "decoders": [
        {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
        {"type": "ByteFallback"},
        {"type": "Fuse"},
        {"type": "Strip", "content": " ", "start": 1, "stop": 0},
    ],
}


def added(token_id: int, content: str, special: bool = False) -> dict[str, Any]:
    return {"id": token_id, "content": content, "special": special, "normalized": False}


def document(
    vocab: dict[str, int], *entries: dict[str, Any], decoder: Any = BYTE_LEVEL, **model: Any
) -> dict[str, Any]:
    return {
        "added_tokens": list(entries),
        "decoder": decoder,
        "model": {"type": "BPE", "vocab": vocab, **model},
    }


END = added(9, "</s>", special=True)


def test_holes_and_added_tokens() -> None:
    source = document({"a": 0, "Ġb": 3}, added(5, "<tool>"), added(6, "line one\n"), END)
    vocabulary = Vocabulary.from_tokenizer_json(source, eos_tokens="</s>")
    assert vocabulary.tokens == (b"a", None, None, b" b", None, b"<tool>", b"line one\n", None, None, None)
    assert vocabulary.eos_token_ids == (9,)


def test_special_tokens_inside_the_vocabulary_are_no_text() -> None:
    source = document(
        {"<s>": 0, "</s>": 1, "<": 2}, added(0, "<s>", special=True), added(1, "</s>", special=True)
    )
    assert Vocabulary.from_tokenizer_json(source, 1).tokens == (None, None, b"<")


def test_an_added_token_that_decodes_to_other_bytes_is_no_text() -> None:
    source = document({"a": 0}, added(1, "õ"), added(2, "日本"), END)
    assert Vocabulary.from_tokenizer_json(source, 9).tokens[1:3] == (None, "日本".encode())


def test_a_piece_listed_as_added_stays_a_piece() -> None:
    source = document({"▁▁": 0, "a": 1}, added(0, "▁▁"), added(2, "▁x"), END, decoder=LLAMA)
    vocabulary = Vocabulary.from_tokenizer_json(source, 9)
    assert vocabulary.tokens[:3] == (b"  ", b"a", None)
    assert vocabulary.leading_space


def test_duplicate_bytes_are_kept() -> None:
    source = document({"<0x01>": 0, "\x01": 1, "</s>": 2}, decoder=LLAMA)
    assert Vocabulary.from_tokenizer_json(source, 2).tokens == (b"\x01", b"\x01", None)


def test_the_unknown_token_is_no_text() -> None:
    source = document({"<unk>": 0, "a": 1, "</s>": 2}, unk_token="<unk>")
    assert Vocabulary.from_tokenizer_json(source, 2).tokens == (None, b"a", None)
    unigram = {
        "type": "Unigram",
        "vocab": [["</s>", 0.0], ["<unk>", 0.0], ["▁a", -1.0], ["▁a", -2.0]],
        "unk_id": 1,
    }
    source = {"decoder": {"type": "Metaspace", "replacement": "▁"}, "model": unigram}
    vocabulary = Vocabulary.from_tokenizer_json(source, eos_tokens=["</s>"])
    assert vocabulary.tokens == (None, None, b" a", b" a")
    assert vocabulary.leading_space


def test_added_pieces_of_a_unigram_model() -> None:
    model = {"type": "Unigram", "vocab": [["▁▁", 0.0]], "unk_id": None}
    source = {"decoder": LLAMA, "model": model, "added_tokens": [added(0, "▁▁"), added(1, "▁▁▁"), END]}
    assert Vocabulary.from_tokenizer_json(source, 9).tokens[:2] == (b"  ", None)


def test_ends_by_id_and_by_name_are_united() -> None:
    source = document({"a": 0, "b": 1}, added(5, "<|eot|>", special=True), END)
    vocabulary = Vocabulary.from_tokenizer_json(source, [1], eos_tokens=["<|eot|>", "</s>"])
    assert vocabulary.eos_token_ids == (1, 5, 9)
    assert vocabulary.tokens[1] is None


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        (document({"a": 0}), {}, "pass eos_token_ids"),
        (document({"a": 0}), {"eos_tokens": "</s>"}, "'</s>' is not in the vocabulary"),
        (document({"a": 0}), {"eos_token_ids": 4}, "id 4 is not in this vocabulary of 1 ids"),
        ({"model": {}}, {"eos_token_ids": 0}, "no model with a vocabulary"),
        ({}, {"eos_token_ids": 0}, "no model with a vocabulary"),
        ('{"model": ', {"eos_token_ids": 0}, r"this is no tokenizer\.json"),
        (document({"a</w>": 0}, end_of_word_suffix="</w>"), {"eos_token_ids": 0}, "ends words with '</w>'"),
        (document({"a": 0}, decoder=None), {"eos_token_ids": 0}, "without a decoder"),
        (document({"a": 0}, decoder={"type": "WordPiece"}), {"eos_token_ids": 0}, "WordPiece"),
    ],
)
def test_refused(source: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(VocabularyError, match=message):
        Vocabulary.from_tokenizer_json(source, **options)


def test_text_path_and_folder_agree(tmp_path: Path) -> None:
    source = document({"a": 0, "Ġb": 1}, END)
    expected = Vocabulary.from_tokenizer_json(source, 9)
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps(source, indent=2), encoding="utf-8")
    assert Vocabulary.from_tokenizer_json(json.dumps(source), 9) == expected
    assert Vocabulary.from_tokenizer_json(path, 9) == expected
    assert Vocabulary.from_tokenizer_json(str(path), 9) == expected
    assert Vocabulary.from_tokenizer_json(tmp_path, 9) == expected


def test_folder_with_configuration(tmp_path: Path) -> None:
    config = {
        "eos_token": {"content": "</s>", "special": True},
        "bos_token": "<s>",
        "pad_token": "<unseen>",
        "add_bos_token": True,
        "extra_special_tokens": {"image_token": "<image>"},
        "additional_special_tokens": ["<|user|>"],
        "added_tokens_decoder": {"4": {"content": "<extra>", "special": True}, "5": {"content": "<text>"}},
    }
    vocab = {"a": 0, "<s>": 1, "<image>": 2, "<|user|>": 3, "</s>": 6, "<|eot|>": 7}
    (tmp_path / "tokenizer.json").write_text(json.dumps(document(vocab)), encoding="utf-8")
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")
    (tmp_path / "generation_config.json").write_text('{"eos_token_id": [6, 7]}', encoding="utf-8")
    vocabulary = Vocabulary.from_tokenizer_json(tmp_path)
    assert vocabulary.tokens == (b"a", None, None, None, None, b"<text>", None, None)
    assert vocabulary.eos_token_ids == (6, 7)
    assert Vocabulary.from_tokenizer_json(tmp_path / "tokenizer.json") == vocabulary
    alone = (tmp_path / "tokenizer.json").rename(tmp_path / "other.json")
    assert Vocabulary.from_tokenizer_json(alone, 6).tokens[1:5] == (b"<s>", b"<image>", b"<|user|>", None)


def test_folder_without_tokenizer(tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match=r"no tokenizer\.json in .*use from_transformers"):
        Vocabulary.from_tokenizer_json(tmp_path)


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nothing is downloaded"):
        Vocabulary.from_tokenizer_json("somebody/some-model")
    with pytest.raises(FileNotFoundError, match=re.escape(str(tmp_path / "none.json"))):
        Vocabulary.from_tokenizer_json(tmp_path / "none.json")


def test_what_is_no_tokenizer() -> None:
    with pytest.raises(TypeError, match=r"a tokenizer is needed, not 'gpt2': AutoTokenizer\.from_pretrained"):
        Vocabulary.from_transformers("gpt2")
    with pytest.raises(TypeError, match=r"not 'cl100k_base': tiktoken\.get_encoding"):
        Vocabulary.from_tiktoken("cl100k_base")
    with pytest.raises(TypeError, match="ids are numbers, not '</s>'"):
        Vocabulary([b"a"], "</s>", size=2)  # type: ignore[arg-type]
