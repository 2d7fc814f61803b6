"""Slow ``transformers`` tokenizers by the model they carry; stand-ins with the attributes that are read."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from constrain.errors import VocabularyError
from constrain.vocabulary import Vocabulary
from constrain.vocabulary.readers.byte_level import BYTE_OF_CHARACTER

BYTES = [bytes([byte]) for byte in range(256)]
END, ADDED = 256, 257
CONTENT = {END: "</s>", ADDED: "<tool call>"}


class Slow:
    """256 bytes, an end-of-sequence token and an added one that is text."""

    vocab_size = 257
    eos_token_id = END
    all_special_ids = (END,)
    added_tokens_decoder = {  # noqa: RUF012
        END: SimpleNamespace(content=CONTENT[END], special=True),
        ADDED: SimpleNamespace(content=CONTENT[ADDED], special=False),
    }

    def __len__(self) -> int:
        return 258

    def encode(self, text: str, add_special_tokens: bool) -> list[int]:
        assert not add_special_tokens
        return list(text.encode())

    def decode(
        self, ids: Sequence[int], skip_special_tokens: bool, clean_up_tokenization_spaces: bool
    ) -> str:
        assert skip_special_tokens
        assert not clean_up_tokenization_spaces
        parts = [BYTES[i] if i < END else CONTENT[i].encode() for i in ids if i != END]
        return b"".join(parts).decode(errors="replace")


class ByteLevel(Slow):
    byte_decoder = BYTE_OF_CHARACTER

    def convert_ids_to_tokens(self, ids: Sequence[int]) -> list[str | None]:
        character_of = {byte: character for character, byte in BYTE_OF_CHARACTER.items()}
        return [character_of.get(token_id) for token_id in ids]


class Encoding:
    n_vocab = 256
    special_tokens_set: frozenset[str] = frozenset()

    def decode_single_token_bytes(self, token_id: int) -> bytes:
        return BYTES[token_id]


class TiktokenModel(Slow):
    model = Encoding()


class TiktokenTokenizer(Slow):
    tokenizer = Encoding()


class Wrong(ByteLevel):
    byte_decoder = {**BYTE_OF_CHARACTER, "a": 0x62}  # noqa: RUF012


@pytest.mark.parametrize("kind", [ByteLevel, TiktokenModel, TiktokenTokenizer])
def test_read(kind: type[Slow]) -> None:
    vocabulary = Vocabulary.from_transformers(kind())
    assert vocabulary.tokens == (*BYTES, None, b"<tool call>")
    assert vocabulary.eos_token_ids == (END,)
    assert not vocabulary.leading_space


def test_a_wrong_table_is_caught() -> None:
    with pytest.raises(VocabularyError, match="token 97 "):
        Vocabulary.from_transformers(Wrong())


class Tekken:
    n_words = 300

    def is_special(self, token_id: int) -> bool:
        return token_id < 44

    def id_to_byte_piece(self, token_id: int) -> bytes:
        return BYTES[token_id - 44]


class MistralCommon:
    """``added_tokens_decoder`` is a method there that raises, and special tokens come first."""

    all_special_ids = (0, 2)
    eos_token_id = 2
    tokenizer = SimpleNamespace(instruct_tokenizer=SimpleNamespace(tokenizer=Tekken()))

    def added_tokens_decoder(self) -> Any:
        raise NotImplementedError

    def encode(self, text: str, add_special_tokens: bool) -> list[int]:
        return [byte + 44 for byte in text.encode()]

    def decode(
        self, ids: Sequence[int], skip_special_tokens: bool, clean_up_tokenization_spaces: bool
    ) -> str:
        return b"".join(BYTES[i - 44] for i in ids if i >= 44).decode(errors="replace")


def test_mistral_common() -> None:
    vocabulary = Vocabulary.from_transformers(MistralCommon())
    assert vocabulary.tokens == (*[None] * 44, *BYTES)
    assert vocabulary.eos_token_ids == (2,)
