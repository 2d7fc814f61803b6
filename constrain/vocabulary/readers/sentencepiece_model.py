"""From SentencePiece models to a token table."""

from __future__ import annotations

import os
from typing import Any

from constrain.vocabulary.table import TokenTable, strips_leading_space

__all__ = ["MARK", "load_processor", "piece_bytes", "read_processor"]

MARK = "\u2581"
"""The character that stands for a space in a piece (``kSpaceSymbol`` in SentencePiece)."""


def load_processor(source: Any) -> Any:
    """A ``SentencePieceProcessor``: the given one, or the model at a path."""
    if not isinstance(source, (str, os.PathLike)):
        return source
    from sentencepiece import SentencePieceProcessor

    return SentencePieceProcessor(model_file=os.fspath(source))


def read_processor(processor: Any) -> TokenTable:
    """The token table of a ``SentencePieceProcessor``: control, unknown and unused pieces have no text."""
    tokens = [piece_bytes(processor, token_id) for token_id in range(processor.get_piece_size())]
    return TokenTable(tokens, strips_leading_space(tokens, processor.decode))


def piece_bytes(processor: Any, token_id: int) -> bytes | None:
    """Bytes of one piece: ``<0xNN>`` is a byte where the model says so, the mark is a space."""
    if processor.is_control(token_id) or processor.is_unknown(token_id) or processor.is_unused(token_id):
        return None
    piece: str = processor.id_to_piece(token_id)
    if processor.is_byte(token_id):
        return bytes.fromhex(piece[3:5])
    return piece.replace(MARK, " ").encode()
