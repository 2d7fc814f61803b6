"""Special tokens of a GGUF vocabulary: those for which llama.cpp prints nothing, and those at which it stops.

When should I use this? Never directly: ``gguf.py`` uses it. A file names one end-of-sequence token, while models have
several, so llama.cpp looks for tokens by their text, too. These are the rules of ``llama_vocab::impl::load`` in its
``llama-vocab.cpp``, in its order, and its lists of names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from constrain.errors import VocabularyError

__all__ = ["CONTROL", "END_NAMES", "INFILL", "NORMAL", "SHOWN", "USER_DEFINED", "special_tokens"]

# ``llama_token_type``
NORMAL, CONTROL, USER_DEFINED = 1, 3, 4

END_NAMES = frozenset(
    "<|eot_id|> <|im_end|> <|end|> <|return|> <|call|> <|flush|> <|calls|> <end_of_turn> <|endoftext|> </s> <|eom_id|> "
    "<EOT> _<EOT> [EOT] [EOS] <|end_of_text|> <end_of_utterance> <eos> <turn|> <|tool_response> "
    "<｜end▁of▁sentence｜> [e~[".split()
)
"""Tokens that end a generation by their text, whatever their type."""

INFILL: Mapping[str, tuple[Sequence[str], str]] = {
    "pre": (
        ("fim_pre", "prefix"),
        "<|fim_prefix|> <fim-prefix> <fim_prefix> <｜fim▁begin｜> <PRE> ▁<PRE> <|code_prefix|> <|prefix|>",
    ),
    "suf": (
        ("fim_suf", "suffix"),
        "<|fim_suffix|> <fim-suffix> <fim_suffix> <｜fim▁hole｜> <SUF> ▁<SUF> <|code_suffix|> <|suffix|>",
    ),
    "mid": (
        ("fim_mid", "middle"),
        "<|fim_middle|> <fim-middle> <fim_middle> <｜fim▁end｜> <MID> ▁<MID> <|code_middle|> <|middle|>",
    ),
    "pad": (("fim_pad",), "<|fim_pad|> <fim-pad> <fim_pad> <PAD> [PAD]"),
    "rep": (("fim_rep",), "<|fim_repo|> <|repo_name|> <fim-repo> <REPO> <reponame>"),
    "sep": (("fim_sep",), "<|file_sep|>"),
}
"""Tokens around a gap to be filled: keys that name one, and its texts, which are looked for where no key does."""

INFILL_ENDS = frozenset(("pad", "rep", "sep"))
"""Those of them that end a generation."""

SHOWN = ("<|channel|>", "<|message|>", "<|start|>", "<|constrain|>")
"""Tokens of the harmony format that are printed."""

BETWEEN, CALLS, TURNS = "<|end|>", {"<|call|>", "<|calls|>"}, {"<|return|>", "<|flush|>"}
"""A token that stands between messages of one turn where one of each set is there, too (harmony, Solar)."""

STRUCK_OUT, STRIKERS = "</s>", {"<|tool_response>", "<|plamo:eos|>"}
"""A token that is the end of struck-out text in HTML where one of the set is there, too (Gemma 4, PLaMo)."""


def special_tokens(
    metadata: Mapping[str, Any], pieces: Sequence[str], kinds: Iterable[int], default_end: int | None
) -> tuple[list[int], list[int]]:
    """The types of all tokens as llama.cpp corrects them, and the ids that end a generation, ascending.

    Args:
        metadata: the metadata of the file.
        pieces: the text of each token, no two equal.
        kinds: the type of each token in the file.
        default_end: the end-of-sequence id where the file names none that is in the vocabulary.

    Raises:
        VocabularyError: the id of a token is not a number.
    """
    id_of = {piece: token_id for token_id, piece in enumerate(pieces)}
    corrected = list(kinds)
    ends = _infill(metadata, id_of, corrected)
    for token_id in _found(id_of, END_NAMES):
        corrected[token_id] = CONTROL
        ends.add(token_id)
    for token_id in _found(id_of, SHOWN):
        corrected[token_id] = USER_DEFINED
    named = [_named(metadata, key, id_of) for key in ("eos", "eot", "eom")]
    if named[0] is None and default_end is not None and default_end < len(pieces):
        named[0] = default_end
    ends.update(token_id for token_id in named if token_id is not None)
    _remove_text(ends, id_of, corrected)
    return corrected, sorted(ends)


def _infill(metadata: Mapping[str, Any], id_of: Mapping[str, int], kinds: list[int]) -> set[int]:
    """Mark the tokens around gaps as having no text; return which of them end a generation.

    Where a vocabulary has several of the possible texts of one such token, llama.cpp takes the one that its hash table
    has first. Nobody can rely on that, so then none has text and none is an end: no mask allows them.
    """
    ends = set()
    for role, (keys, names) in INFILL.items():
        named = [found for key in keys if (found := _named(metadata, key, id_of)) is not None]
        by_text = [] if named else _found(id_of, names.split())
        for token_id in by_text:
            kinds[token_id] = CONTROL
        if role in INFILL_ENDS and len(found_ids := named[-1:] or by_text) == 1:
            ends.update(found_ids)
    return ends


def _remove_text(ends: set[int], id_of: Mapping[str, int], kinds: list[int]) -> None:
    """Remove from ``ends`` what ends a generation in other vocabularies but is text in this one."""
    there = {name for name in (BETWEEN, STRUCK_OUT, *CALLS, *TURNS, *STRIKERS) if id_of.get(name) in ends}
    if BETWEEN in there and there & CALLS and there & TURNS:
        ends.remove(id_of[BETWEEN])
        kinds[id_of[BETWEEN]] = USER_DEFINED
    if STRUCK_OUT in there and there & STRIKERS:
        ends.remove(id_of[STRUCK_OUT])
        kinds[id_of[STRUCK_OUT]] = NORMAL


def _found(id_of: Mapping[str, int], names: Iterable[str]) -> list[int]:
    return [id_of[name] for name in names if name in id_of]


def _named(metadata: Mapping[str, Any], key: str, id_of: Mapping[str, int]) -> int | None:
    """The id under ``key``; None if there is none, or if it is outside a vocabulary of this size."""
    full_key = f"tokenizer.ggml.{key}_token_id"
    token_id = metadata.get(full_key)
    if token_id is not None and type(token_id) is not int:
        raise VocabularyError(f"this GGUF file has {full_key} {token_id!r}, which is not the id of a token")
    return token_id if token_id is not None and 0 <= token_id < len(id_of) else None
