"""tiktoken encodings and Mistral's Tekken files: ranks that are bytes already."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from constrain.errors import VocabularyError
from constrain.vocabulary.table import TokenTable

__all__ = ["END_NAMES", "end_ids", "open_tekken", "read_encoding", "read_tekken"]

END_NAMES = ("<|endoftext|>", "<|return|>", "<|call|>", "<|im_end|>")
"""Special tokens that end a sequence: of GPT-2 and its successors, the harmony format, the chat format."""

TEKKEN_END_NAME = "</s>"
TEKKEN_END_ID = 2  # in files that do not list their special tokens (``Tekkenizer`` in mistral-common)


def read_encoding(encoding: Any) -> TokenTable:
    """The token table of a ``tiktoken.Encoding``; special tokens and holes are no text."""
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
    """What is given as a parsed document, as JSON text or as a path."""
    if isinstance(source, Mapping):
        return source
    is_text = isinstance(source, str) and source.lstrip().startswith("{")
    return source.encode() if is_text else Path(source).read_bytes()


def read_tekken(source: bytes | Mapping[str, Any]) -> tuple[TokenTable, list[int]]:
    """The token table of a tekken.json (its text, or parsed) and its end-of-sequence ids.

    The id of a token is its rank plus the number of special tokens, which come first.
    """
    document = source if isinstance(source, Mapping) else json.loads(source)
    if "default_num_special_tokens" not in document.get("config", {}):
        raise VocabularyError("this is no tekken.json: it has no config with default_num_special_tokens")
    first = document["config"]["default_num_special_tokens"]
    tokens: list[bytes | None] = [None] * document["config"]["default_vocab_size"]
    for entry in document["vocab"]:
        if first + entry["rank"] < len(tokens):  # the file holds more ranks than the model uses
            tokens[first + entry["rank"]] = base64.b64decode(entry["token_bytes"])
    special = document.get("special_tokens") or [{"rank": TEKKEN_END_ID, "token_str": TEKKEN_END_NAME}]
    ends = [entry["rank"] for entry in special if entry["token_str"] == TEKKEN_END_NAME]
    return TokenTable(tokens, leading_space=False), ends
