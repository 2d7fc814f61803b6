"""The self-test: a table that differs from its tokenizer is caught, wherever it differs."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constrain.errors import VocabularyError
from constrain.vocabulary import Vocabulary

BYTES = [bytes([byte]) for byte in range(256)]
TABLE: list[bytes | None] = [*BYTES, b"ab", b" ab", b"\xf0\x9f", b"\xc3\xa9", b" {", None]
END = len(TABLE) - 1


class Plain:
    """A tokenizer of single bytes and a few words, with tiktoken's interface."""

    special_tokens_set = frozenset({"<|endoftext|>"})
    n_vocab = END + 1

    def __init__(self, strips: bool = False) -> None:
        self.strips = strips

    def encode_ordinary(self, text: str) -> list[int]:
        return list(text.encode())

    def encode_single_token(self, name: str) -> int:
        return {"<|endoftext|>": END}[name]

    def decode(self, ids: Sequence[int]) -> str:
        text = b"".join(TABLE[token_id] or b"" for token_id in ids).decode(errors="replace")
        return text[1:] if self.strips and text.startswith(" ") else text

    def decode_single_token_bytes(self, token_id: int) -> bytes:
        data = TABLE[token_id]
        if data is None:
            raise KeyError(token_id)
        return data


def check(table: list[bytes | None], leading_space: bool = False, strips: bool = False) -> None:
    tokenizer = Plain(strips)
    vocabulary = Vocabulary(table, [END], leading_space=leading_space)
    vocabulary.check(tokenizer.encode_ordinary, tokenizer.decode)


def test_right_tables_pass() -> None:
    check(TABLE)
    check(TABLE, leading_space=True, strips=True)


@given(st.integers(0, END - 1), st.binary(min_size=1, max_size=3))
def test_every_wrong_token_is_caught(token_id: int, data: bytes) -> None:
    wrong = list(TABLE)
    wrong[token_id] = data
    right = TABLE[token_id] or b""
    if data.decode(errors="replace") == right.decode(errors="replace"):
        return  # the same text to whoever reads it
    with pytest.raises(VocabularyError):
        check(wrong)


def test_the_error_names_token_and_texts() -> None:
    wrong = list(TABLE)
    wrong[257] = b" abc"
    with pytest.raises(VocabularyError, match=r"token 257 at the start .* reads ' abc', .* decodes ' ab'"):
        check(wrong)
    wrong = list(TABLE)
    wrong[260] = b"{"
    with pytest.raises(VocabularyError, match=r"token 260 between two 'ab': .* reads 'ab{ab', .* 'ab {ab'"):
        check(wrong)


def test_a_wrong_leading_space_is_caught() -> None:
    with pytest.raises(VocabularyError, match="token 257 at the start of a sequence: the table reads 'ab'"):
        check(TABLE, leading_space=True)
    with pytest.raises(VocabularyError, match="reads ' ab', but the tokenizer decodes 'ab'"):
        check(TABLE, strips=True)


def test_a_table_that_ends_too_early_is_caught() -> None:
    with pytest.raises(VocabularyError, match="gives token 217, but the token table has 200 ids"):
        Vocabulary(TABLE[:200], [0]).check(Plain().encode_ordinary, Plain().decode)


def test_a_decoder_that_looks_at_neighbours_is_caught() -> None:
    def clean(ids: Sequence[int]) -> str:
        return Plain().decode(ids).replace("~\x7f", "~")

    with pytest.raises(VocabularyError, match=r"decoding .* tokens at once gives another text"):
        Vocabulary(TABLE, [END]).check(Plain().encode_ordinary, clean)


def test_a_text_spelled_in_another_way_is_caught() -> None:
    with pytest.raises(VocabularyError, match=r"tokens \[.*\] of .* spell another text: expected 'The"):
        Vocabulary(TABLE, [END]).check(
            Plain().encode_ordinary, lambda ids: Plain().decode(ids).replace("The q", "the q")
        )


def test_a_vocabulary_without_text_is_caught() -> None:
    with pytest.raises(VocabularyError, match="no token of this tokenizer is text"):
        Vocabulary([None, b"\xff"], [0]).check(Plain().encode_ordinary, Plain().decode)


def test_checking_some_tokens_only() -> None:
    wrong = list(TABLE)
    wrong[3] = b"?"  # not among every second token
    vocabulary = Vocabulary(wrong, [END])
    vocabulary.check(lambda text: [], Plain().decode, most=200)
    with pytest.raises(VocabularyError, match="token 3 "):
        vocabulary.check(lambda text: [], Plain().decode)


def test_tiktoken() -> None:
    vocabulary = Vocabulary.from_tiktoken(Plain())
    assert vocabulary.tokens == tuple(TABLE)
    assert vocabulary.eos_token_ids == (END,)
    assert Vocabulary.from_tiktoken(Plain(), [3]).eos_token_ids == (3, END)


def tekken(**more: Any) -> dict[str, Any]:
    entries = [{"rank": i, "token_bytes": base64.b64encode(data).decode()} for i, data in enumerate(BYTES)]
    config = {"default_num_special_tokens": 4, "default_vocab_size": 256}
    return {"config": config, "vocab": entries, **more}


def test_tekken(tmp_path: Path) -> None:
    vocabulary = Vocabulary.from_tekken(tekken())
    assert vocabulary.tokens == (None, None, None, None, *BYTES[:252])
    assert vocabulary.eos_token_ids == (2,)
    path = tmp_path / "tekken.json"
    path.write_text(json.dumps(tekken()), encoding="utf-8")
    assert Vocabulary.from_tekken(path) == Vocabulary.from_tekken(json.dumps(tekken())) == vocabulary
    special = [{"rank": 3, "token_str": "</s>"}, {"rank": 1, "token_str": "<s>"}]
    assert Vocabulary.from_tekken(tekken(special_tokens=special), 0).eos_token_ids == (0, 3)
    with pytest.raises(VocabularyError, match=r"no tekken\.json"):
        Vocabulary.from_tekken({"vocab": []})
