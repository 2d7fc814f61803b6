"""From Hugging Face ``transformers`` tokenizers to a token table. Nothing of ``transformers`` is imported.

A fast tokenizer is read from ``backend_tokenizer.to_str()``: its current form, with every token added since it was
loaded. Slow tokenizers are known by the model they carry (``SLOW``); any other is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from constrain.errors import VocabularyError
from constrain.vocabulary.readers.byte_level import BYTE_OF_CHARACTER
from constrain.vocabulary.readers.sentencepiece_model import load_processor, piece_bytes, read_processor
from constrain.vocabulary.readers.tiktoken_encoding import read_encoding
from constrain.vocabulary.readers.tokenizer_json import load_document, read_tokenizer
from constrain.vocabulary.table import Decode, TokenTable, strips_leading_space

__all__ = ["SLOW", "check_tokenizer", "decode_with", "encode_with", "read_fast", "read_slow", "text_of"]


def check_tokenizer(tokenizer: Any) -> None:
    """Refuse what is not a tokenizer, such as the name of a model or the model itself.

    Raises:
        TypeError: it is not.
    """
    if not hasattr(tokenizer, "eos_token_id"):
        shown = repr(tokenizer) if isinstance(tokenizer, str) else f"a {type(tokenizer).__name__}"
        raise TypeError(
            f"a tokenizer is needed, not {shown}: AutoTokenizer.from_pretrained(...) loads one; "
            "Vocabulary.from_tokenizer_json() reads a model folder without transformers"
        )


def text_of(tokenizer: Any) -> str | None:
    """A fast tokenizer as a tokenizer.json (60 ms for 128k tokens); None for a slow one."""
    to_text: Callable[[], str] | None = getattr(getattr(tokenizer, "backend_tokenizer", None), "to_str", None)
    return None if to_text is None else to_text()


def read_fast(tokenizer: Any, text: str) -> TokenTable:
    """The token table of a fast tokenizer, whose tokenizer.json is ``text``."""
    return read_tokenizer(load_document(text), tokenizer.all_special_ids)


def read_slow(tokenizer: Any) -> TokenTable:
    """The token table of a slow tokenizer."""
    for carries, read in SLOW:
        if carries(tokenizer):
            return read(tokenizer)
    raise VocabularyError(
        f"a {type(tokenizer).__name__} is not a fast tokenizer and carries no model that can be read "
        "(SentencePiece, byte-level BPE, tiktoken); load the fast one, or pass token bytes to Vocabulary(...)"
    )


def encode_with(tokenizer: Any) -> Callable[[str], list[int]]:
    """Text to ids, without special tokens."""

    def encode(text: str) -> list[int]:
        ids: list[int] = tokenizer.encode(text, add_special_tokens=False)
        return ids

    return encode


def decode_with(tokenizer: Any) -> Decode:
    """Ids to text as generated text is read, without ``clean_up_tokenization_spaces``: it rewrites spaces."""

    def decode(ids: list[int]) -> str:
        text: str = tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return text

    return decode


def _with_added_tokens(tokenizer: Any, tokens: list[bytes | None]) -> list[bytes | None]:
    """Special ids have no text; the text of other added tokens is their content."""
    added = tokenizer.added_tokens_decoder
    size = max(len(tokenizer), len(tokens), 1 + max(added, default=-1))
    tokens = tokens + [None] * (size - len(tokens))
    for token_id, entry in added.items():
        tokens[token_id] = None if entry.special else entry.content.encode()
    for token_id in tokenizer.all_special_ids:
        tokens[token_id] = None
    return tokens


def _read_sentencepiece(tokenizer: Any) -> TokenTable:
    """Pieces are numbered by the tokenizer's ids, which may be shifted against those of its model (fairseq)."""
    model = tokenizer.sp_model
    tokens: list[bytes | None] = []
    for piece in tokenizer.convert_ids_to_tokens(list(range(tokenizer.vocab_size))):
        model_id = model.piece_to_id(piece)
        tokens.append(piece_bytes(model, model_id) if model.id_to_piece(model_id) == piece else None)
    leading_space = strips_leading_space(tokens, decode_with(tokenizer))  # its class decides, not its model
    return TokenTable(_with_added_tokens(tokenizer, tokens), leading_space)


def _read_byte_level(tokenizer: Any) -> TokenTable:
    byte_of = {**BYTE_OF_CHARACTER, **tokenizer.byte_decoder}
    tokens: list[bytes | None] = []
    for piece in tokenizer.convert_ids_to_tokens(list(range(tokenizer.vocab_size))):
        known = piece is not None and byte_of.keys() >= set(piece)
        tokens.append(bytes(byte_of[character] for character in piece) if known else None)
    return TokenTable(_with_added_tokens(tokenizer, tokens), leading_space=False)


def _mistral_model(tokenizer: Any) -> Any:
    """The tokenizer of the ``mistral-common`` package inside ``MistralCommonBackend``, or None."""
    outer = getattr(tokenizer, "tokenizer", None)
    return getattr(getattr(outer, "instruct_tokenizer", None), "tokenizer", None)


def _read_mistral(tokenizer: Any) -> TokenTable:
    model = _mistral_model(tokenizer)
    if not hasattr(model, "id_to_byte_piece"):  # SentencePiece; Tekken has it
        return read_processor(load_processor(model.file_path))
    tokens = [None if model.is_special(i) else model.id_to_byte_piece(i) for i in range(model.n_words)]
    return TokenTable(tokens, leading_space=False)


def _read_tiktoken(name: str) -> Callable[[Any], TokenTable]:
    def read(tokenizer: Any) -> TokenTable:
        table = read_encoding(getattr(tokenizer, name))
        return TokenTable(_with_added_tokens(tokenizer, table.tokens), leading_space=False)

    return read


def _holds_tiktoken(name: str) -> Callable[[Any], bool]:
    return lambda tokenizer: hasattr(getattr(tokenizer, name, None), "decode_single_token_bytes")


SLOW: tuple[tuple[Callable[[Any], bool], Callable[[Any], TokenTable]], ...] = (
    (lambda tokenizer: hasattr(tokenizer, "sp_model"), _read_sentencepiece),
    (lambda tokenizer: hasattr(tokenizer, "byte_decoder"), _read_byte_level),
    (lambda tokenizer: _mistral_model(tokenizer) is not None, _read_mistral),
    (_holds_tiktoken("model"), _read_tiktoken("model")),
    (_holds_tiktoken("tokenizer"), _read_tiktoken("tokenizer")),
)
"""Slow tokenizers: how to know one, how to read it."""
