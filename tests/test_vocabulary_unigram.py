"""Unigram models without byte pieces, like those of T5: one is trained here, and read from each kind of file."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import constrain as cn
from tests.gguf_files import CONTROL, NORMAL, UNKNOWN, write

spm = pytest.importorskip("sentencepiece")

CORPUS = [
    '{"name": "value", "list": [1, 2, 3], "empty": {}, "tall": true, "none": null}',
    "the quick brown fox jumps over the lazy dog, again and again: 4567890.",
    "naïve été, Straße",
]
PAD, END, UNKNOWN_ID = range(3)
RECORD = '{"name": "fox", "list": [12, 3]}'


@cache
def model() -> bytes:
    """Special ids as T5 has them; no line feed, no other script, no byte."""
    written = io.BytesIO()
    spm.SentencePieceTrainer.train(
        sentence_iterator=iter(CORPUS * 4), model_writer=written, model_type="unigram", byte_fallback=False,
        vocab_size=100, hard_vocab_limit=False, character_coverage=1.0, minloglevel=2,
        pad_id=PAD, eos_id=END, unk_id=UNKNOWN_ID, bos_id=-1,
    )  # fmt: skip
    return written.getvalue()


@cache
def processor() -> Any:
    return spm.SentencePieceProcessor(model_proto=model())


@cache
def pieces() -> list[str]:
    return [processor().id_to_piece(i) for i in range(processor().get_piece_size())]


@cache
def vocabulary() -> cn.Vocabulary:
    return cn.Vocabulary.from_sentencepiece(processor())


def t5_tokenizer() -> Any:
    transformers = pytest.importorskip("transformers")
    if transformers.__version__.startswith("4."):
        pytest.skip("transformers 4 makes this tokenizer of files only")
    scores = [(piece, processor().get_score(i)) for i, piece in enumerate(pieces())]
    return transformers.T5Tokenizer(vocab=scores, extra_ids=5)


def test_the_table() -> None:
    assert vocabulary().tokens[:3] == (None, None, None)
    assert vocabulary().eos_token_ids == (END,)
    assert vocabulary().leading_space
    expected = tuple(piece.replace("▁", " ").encode() for piece in pieces()[3:])
    assert vocabulary().tokens[3:] == expected
    texts = set(vocabulary().tokens)
    assert {character.encode() for character in ' {}[]":,ïß'} <= texts
    assert not {b"\n", b"\t", b"\\", b"\xc3"} & texts


@pytest.mark.parametrize("text", [RECORD, *CORPUS, "été", "[]", "a a a"])
def test_texts_are_spelled(text: str) -> None:
    ids = processor().encode(text)
    assert vocabulary().decode(ids) == b" " + text.encode()
    assert processor().decode(ids) == text


@pytest.mark.parametrize("text", ["日本", "a\\b", "€"])
def test_what_has_no_piece_is_unknown_and_no_text(text: str) -> None:
    ids = processor().encode(text)
    assert UNKNOWN_ID in ids
    assert text.encode() not in vocabulary().decode(ids)


def test_the_tokenizer_of_transformers(tmp_path: Path) -> None:
    tokenizer = t5_tokenizer()
    live = cn.Vocabulary.from_transformers(tokenizer)
    assert live.tokens == (*vocabulary().tokens, *[None] * 5)  # sentinels
    assert (live.eos_token_ids, live.leading_space) == ((END,), True)
    tokenizer.save_pretrained(tmp_path)
    assert cn.Vocabulary.from_tokenizer_json(tmp_path) == live


def test_the_gguf_file(tmp_path: Path) -> None:
    pytest.importorskip("gguf")
    types = [CONTROL, CONTROL, UNKNOWN, *[NORMAL] * (len(pieces()) - 3)]
    path = write(tmp_path / "m.gguf", "t5", pieces(), types, add_space_prefix=True)
    found = cn.Vocabulary.from_gguf(path)
    assert (found.tokens, found.eos_token_ids) == (vocabulary().tokens, (END,))


@pytest.mark.parametrize("text", [RECORD, "[]", "again."])
def test_a_text_of_its_characters_is_enforced(text: str) -> None:
    matcher = cn.compile(cn.choice([text]), vocabulary()).matcher()
    ids = processor().encode(text)
    for token_id in ids:  # the space that encoding puts before a text is dropped by decoding
        assert token_id in matcher.allowed_tokens()
        assert matcher.advance(token_id)
    assert matcher.allowed_tokens() == [END]


def test_a_character_without_a_piece_cannot_be_asked_for() -> None:
    with pytest.raises(cn.UnspellableError):
        cn.compile(cn.choice(["a\\b"]), vocabulary())
