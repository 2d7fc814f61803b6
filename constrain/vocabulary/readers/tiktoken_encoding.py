"""Reads tiktoken encodings and Mistral's Tekken files, whose ranks are bytes already."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from constrain.errors import VocabularyError
from constrain.vocabulary.table import TokenTable, no_tokens

__all__ = ["END_NAMES", "end_ids", "open_tekken", "read_encoding", "read_tekken"]

END_NAMES = ("<|endoftext|>", "<|return|>", "<|call|>", "<|im_end|>")
"""Special tokens that end a sequence: of GPT-2 and its successors, the harmony format, the chat format."""

TEKKEN_END_NAME = "</s>"
TEKKEN_END_ID = 2  # in files that do not list their special tokens (``Tekkenizer`` in mistral-common)


def read_encoding(encoding: Any) -> TokenTable:
    """The token table of a ``tiktoken.Encoding``; special tokens and holes have no text."""
    special = {encoding.encode_single_token(name) for name in encoding.special_tokens_set}
    ids = range(encoding.n_vocab)
    tokens = [None if token_id in special else _bytes_or_hole(encoding, token_id) for token_id in ids]
    return TokenTable(tokens, leading_space=False)


def _bytes_or_hole(encoding: Any, token_id: int) -> bytes | None:
    try:
        data: bytes = encoding.decode_single_token_bytes(token_id)
    except KeyError:
        return None
    return data


def end_ids(encoding: Any) -> list[int]:
    """Ids of the special tokens of ``END_NAMES`` that the encoding has."""
    return [encoding.encode_single_token(name) for name in END_NAMES if name in encoding.special_tokens_set]


def open_tekken(source: Any) -> bytes | Mapping[str, Any]:
    """The document, which is given in parsed form, as JSON text or as a path."""
    if isinstance(source, Mapping):
        return source
    is_text = isinstance(source, str) and source.lstrip().startswith("{")
    return source.encode() if is_text else Path(source).read_bytes()


def read_tekken(source: bytes | Mapping[str, Any]) -> tuple[TokenTable, list[int]]:
    """The token table of a tekken.json (its text, or parsed) and its end-of-sequence ids.

    The id of a token is its rank plus the number of special tokens, which come first.
    """
    document = source if isinstance(source, Mapping) else _parsed(source)
    config, vocab = document.get("config"), document.get("vocab")
    if not isinstance(config, Mapping) or "default_num_special_tokens" not in config:
        raise VocabularyError("this is no tekken.json: it has no config with default_num_special_tokens")
    first, size = (_count(config, name) for name in ("default_num_special_tokens", "default_vocab_size"))
    tokens = no_tokens(size)
    for entry in vocab if isinstance(vocab, list) else [vocab]:
        rank = first + _count(entry, "rank")
        if rank < size:  # the file holds more ranks than the model uses
            tokens[rank] = _token_bytes(entry)
    special = document.get("special_tokens") or [{"rank": TEKKEN_END_ID, "token_str": TEKKEN_END_NAME}]
    ends = [_count(entry, "rank") for entry in special if entry.get("token_str") == TEKKEN_END_NAME]
    return TokenTable(tokens, leading_space=False), ends


def _parsed(text: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise VocabularyError(f"this is no tekken.json: {problem}") from problem
    if not isinstance(document, Mapping):
        raise VocabularyError("this is no tekken.json: it is not an object")
    return document


def _count(entry: Any, name: str) -> int:
    count = entry.get(name) if isinstance(entry, Mapping) else None
    if type(count) is not int or count < 0:
        raise VocabularyError(f"this is no tekken.json: {name} is {count!r}, not a number from 0 on")
    return count


def _token_bytes(entry: Any) -> bytes:
    try:
        return base64.b64decode(entry.get("token_bytes", ""), validate=True)
    except (TypeError, ValueError) as problem:
        raise VocabularyError(f"this is no tekken.json: token_bytes of {entry} are not base64") from problem
