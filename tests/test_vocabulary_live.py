"""Tokenizers of every family, made here with the packages that people use, read and checked while alive."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constrain.errors import VocabularyError
from constrain.vocabulary import Vocabulary

tokenizers = pytest.importorskip("tokenizers")
transformers = pytest.importorskip("transformers")
from tokenizers import decoders, models, normalizers, pre_tokenizers, trainers  # noqa: E402

CORPUS = [
    'the quick brown fox jumps over the lazy dog {"name": "value", "list": [1, 2, 3]}\n' * 4,
    "  indented\n\ttext, été, naïve, 日本語, 中文, 😀 emoji\n" * 4,
]


def wrap(tokenizer: Any, **special: Any) -> Any:
    names = {"bos_token": "<s>", "eos_token": "</s>", **special}
    return transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names)


@cache
def byte_level(normalizer: Any = None) -> Any:
    tokenizer = tokenizers.Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    if normalizer:
        tokenizer.normalizer = normalizer
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=350, initial_alphabet=alphabet, special_tokens=["<s>", "</s>"], show_progress=False
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    return tokenizer


@cache
def byte_fallback(strip: bool = True) -> Any:
    """SentencePiece-style BPE, as Llama 2 and Mistral (stripping) and Gemma (not) have it."""
    letters = [*"abcdefghijklmnopqrstuvwxyz", "▁", '"', "{", "}", "é", "▁t", "▁th", "▁the", "▁▁"]
    pieces = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), *letters]
    vocab = {piece: token_id for token_id, piece in enumerate(pieces)}
    merges = [("▁", "t"), ("▁t", "h"), ("▁th", "e"), ("▁", "▁")]
    model = models.BPE(vocab=vocab, merges=merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True)
    tokenizer = tokenizers.Tokenizer(model)
    marks = [normalizers.Prepend("▁")] if strip else []
    tokenizer.normalizer = normalizers.Sequence([*marks, normalizers.Replace(" ", "▁")])
    steps = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    tokenizer.decoder = decoders.Sequence([*steps, *([decoders.Strip(" ", 1, 0)] if strip else [])])
    return tokenizer


@cache
def unigram() -> Any:
    pieces = ["<unk>", "<s>", "</s>", "▁", "▁the", "▁a", "the", *"abcdefghijklmnopqrstuvwxyz.,"]
    tokenizer = tokenizers.Tokenizer(models.Unigram([(piece, -1.0) for piece in pieces], unk_id=0))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    return tokenizer


def word_piece() -> Any:
    tokenizer = tokenizers.Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1, "##b": 2}, unk_token="[UNK]"))
    tokenizer.decoder = decoders.WordPiece()
    return tokenizer


def test_byte_level() -> None:
    tokenizer = wrap(byte_level())
    vocabulary = Vocabulary.from_transformers(tokenizer)
    assert vocabulary.size == len(tokenizer) == 350
    assert vocabulary.tokens[:2] == (None, None)
    assert vocabulary.eos_token_ids == (1,)
    assert not vocabulary.leading_space
    assert {data for data in vocabulary.tokens if data and len(data) == 1} == {bytes([b]) for b in range(256)}
    assert vocabulary == Vocabulary.from_tokenizer_json(byte_level().to_str(), eos_tokens="</s>")


def test_byte_fallback() -> None:
    vocabulary = Vocabulary.from_transformers(wrap(byte_fallback(), unk_token="<unk>"))
    assert vocabulary.tokens[:3] == (None, None, None)
    assert vocabulary.tokens[3:259] == tuple(bytes([byte]) for byte in range(256))
    assert vocabulary.tokens.count(b"{") == 2  # as a byte and as a piece
    assert vocabulary.tokens[-2:] == (b" the", b"  ")
    assert vocabulary.leading_space
    assert not Vocabulary.from_transformers(wrap(byte_fallback(strip=False))).leading_space


def test_unigram_with_metaspace() -> None:
    vocabulary = Vocabulary.from_transformers(wrap(unigram(), unk_token="<unk>"))
    assert vocabulary.tokens[:7] == (None, None, None, b" ", b" the", b" a", b"the")
    assert vocabulary.leading_space


def test_word_piece_is_refused() -> None:
    with pytest.raises(VocabularyError, match="decoder WordPiece cannot be read"):
        Vocabulary.from_transformers(wrap(word_piece(), eos_token="[UNK]"))


@given(st.text(max_size=40))
def test_byte_level_spells_every_text(text: str) -> None:
    tokenizer = byte_level()
    vocabulary = Vocabulary.from_tokenizer_json(tokenizer.to_str(), eos_tokens="</s>")
    ids = tokenizer.encode(text, add_special_tokens=False).ids
    if not {0, 1} & set(ids):
        assert vocabulary.decode(ids) == text.encode()


@given(
    st.text(
        alphabet=st.characters(exclude_characters="▁", exclude_categories=["Cs"]), min_size=1, max_size=40
    )
)
def test_byte_fallback_spells_every_text(text: str) -> None:
    tokenizer = byte_fallback()
    vocabulary = Vocabulary.from_tokenizer_json(tokenizer.to_str(), eos_tokens="</s>")
    assert vocabulary.decode(tokenizer.encode(text, add_special_tokens=False).ids) == b" " + text.encode()


def test_tokens_added_after_loading() -> None:
    tokenizer = wrap(tokenizers.Tokenizer.from_str(byte_level().to_str()))
    tokenizer.add_tokens(["<tool call>", "日本 語", "õõ"])
    tokenizer.add_special_tokens({"pad_token": "<pad>", "additional_special_tokens": ["<|user|>"]})
    vocabulary = Vocabulary.from_transformers(tokenizer)
    added = tokenizer.convert_tokens_to_ids(["<tool call>", "日本 語", "õõ", "<pad>", "<|user|>"])
    assert [vocabulary.tokens[i] for i in added[:2]] == [b"<tool call>", "日本 語".encode()]
    # 'õõ' is read as twice U+00F5 and decoded as the bytes F5 F5.
    assert [vocabulary.tokens[i] for i in added[2:]] == [None, None, None]
    assert vocabulary.size == len(tokenizer)


def test_an_ordinary_token_made_special() -> None:
    tokenizer = wrap(tokenizers.Tokenizer.from_str(byte_level().to_str()), pad_token="!")
    assert Vocabulary.from_transformers(tokenizer).tokens[tokenizer.pad_token_id] is None


def test_several_ends() -> None:
    tokenizer = wrap(byte_level())
    assert Vocabulary.from_transformers(tokenizer, 0).eos_token_ids == (0, 1)
    assert Vocabulary.from_transformers(tokenizer, [0, 1, 7]).eos_token_ids == (0, 1, 7)
    without = transformers.PreTrainedTokenizerFast(tokenizer_object=byte_level())
    assert Vocabulary.from_transformers(without, eos_token_ids=[1]).eos_token_ids == (1,)
    with pytest.raises(VocabularyError, match="pass eos_token_ids"):
        Vocabulary.from_transformers(without)


def test_a_normaliser_that_changes_text() -> None:
    folding = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    vocabulary = Vocabulary.from_transformers(wrap(byte_level(folding)))
    assert vocabulary.size == 350


def test_a_processor_holding_a_tokenizer() -> None:
    class Processor:
        tokenizer = wrap(byte_level())

    assert Vocabulary.from_transformers(Processor()) == Vocabulary.from_transformers(Processor.tokenizer)


def test_an_unknown_slow_tokenizer_is_refused() -> None:
    class CharacterTokenizer:
        all_special_ids = ()
        eos_token_id = 0

    with pytest.raises(VocabularyError, match="CharacterTokenizer is not a fast tokenizer"):
        Vocabulary.from_transformers(CharacterTokenizer())


@cache
def sentence_piece_model(**options: Any) -> bytes:
    spm = pytest.importorskip("sentencepiece")
    model = io.BytesIO()
    settings = {"model_type": "bpe", "byte_fallback": True, "vocab_size": 330, "character_coverage": 1.0}
    spm.SentencePieceTrainer.train(
        sentence_iterator=iter(CORPUS * 4), model_writer=model, minloglevel=2, hard_vocab_limit=False,
        **{**settings, **options},
    )  # fmt: skip
    return model.getvalue()


def sentence_piece(**options: Any) -> Any:
    spm = pytest.importorskip("sentencepiece")
    return spm.SentencePieceProcessor(model_proto=sentence_piece_model(**options))


def test_sentencepiece(tmp_path: Any) -> None:
    processor = sentence_piece()
    vocabulary = Vocabulary.from_sentencepiece(processor)
    assert vocabulary.size == processor.get_piece_size()
    assert vocabulary.tokens[:3] == (None, None, None)
    assert vocabulary.tokens[processor.piece_to_id("<0x0A>")] == b"\n"
    assert vocabulary.tokens[processor.piece_to_id("▁")] == b" "
    assert vocabulary.eos_token_ids == (processor.eos_id(),)
    assert vocabulary.leading_space
    path = tmp_path / "tokenizer.model"
    path.write_bytes(sentence_piece_model())
    assert Vocabulary.from_sentencepiece(path) == Vocabulary.from_sentencepiece(str(path)) == vocabulary


def test_sentencepiece_without_leading_space() -> None:
    processor = sentence_piece(add_dummy_prefix=False, remove_extra_whitespaces=False)
    assert not Vocabulary.from_sentencepiece(processor).leading_space


def test_sentencepiece_unigram_with_symbols() -> None:
    options = {"model_type": "unigram", "byte_fallback": False, "vocab_size": 60}
    processor = sentence_piece(**options, user_defined_symbols="<tool>", control_symbols="<ctl>", eos_id=-1)
    vocabulary = Vocabulary.from_sentencepiece(processor, eos_token_ids=[processor.bos_id()])
    assert vocabulary.tokens[processor.piece_to_id("<tool>")] == b"<tool>"
    assert vocabulary.tokens[processor.piece_to_id("<ctl>")] is None
    assert vocabulary.eos_token_ids == (processor.bos_id(),)
    with pytest.raises(VocabularyError, match="pass eos_token_ids"):
        Vocabulary.from_sentencepiece(processor)


def test_slow_sentencepiece_tokenizer(tmp_path: Any) -> None:
    """A class that leaves byte pieces to SentencePiece is read, one that prints ``<0x0A>``, in transformers 5, not."""
    pytest.importorskip("sentencepiece")
    path = tmp_path / "spiece.model"
    path.write_bytes(sentence_piece_model())
    from transformers.models.gpt_sw3.tokenization_gpt_sw3 import GPTSw3Tokenizer
    from transformers.models.speecht5.tokenization_speecht5 import SpeechT5Tokenizer

    tokenizer = GPTSw3Tokenizer(vocab_file=str(path), eos_token="</s>", unk_token="<unk>", pad_token="<pad>")
    vocabulary = Vocabulary.from_transformers(tokenizer)
    assert vocabulary.size == len(tokenizer)
    line_break = tokenizer.convert_tokens_to_ids("<0x0A>")
    assert isinstance(line_break, int) and vocabulary.tokens[line_break] == b"\n"
    assert vocabulary.tokens[tokenizer.pad_token_id] is None
    other = SpeechT5Tokenizer(vocab_file=str(path))
    if "<0x0A>" in other.decode([line_break]):
        with pytest.raises(VocabularyError, match=r"the tokenizer decodes '.*<0x00>"):
            Vocabulary.from_transformers(other)
    else:
        assert Vocabulary.from_transformers(other).tokens[line_break] == b"\n"
