"""Decoders of tokenizer.json, as data: which are read and to what bytes, which are refused and why."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constrain.errors import VocabularyError
from constrain.vocabulary.readers.byte_level import BYTE_OF_CHARACTER, byte_level_bytes
from constrain.vocabulary.readers.decoder import Decoder
from constrain.vocabulary.readers.tokenizer_json import load_document

BYTE_LEVEL = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}
REPLACE = {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}
FALLBACK = {"type": "ByteFallback"}
FUSE = {"type": "Fuse"}
STRIP = {"type": "Strip", "content": " ", "start": 1, "stop": 0}
METASPACE = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}


def sequence(*steps: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Sequence", "decoders": list(steps)}


LLAMA = sequence(REPLACE, FALLBACK, FUSE, STRIP)
GEMMA = sequence(REPLACE, FALLBACK, FUSE)

READ = [
    (BYTE_LEVEL, "Ġhello", b" hello"),
    (BYTE_LEVEL, "Ċĉ", b"\n\t"),
    (BYTE_LEVEL, "Ã", b"\xc3"),
    (BYTE_LEVEL, "<tool call>", b"<tool call>"),  # a space is outside the alphabet: printed as it is
    (BYTE_LEVEL, "日Ġ", "日Ġ".encode()),
    (sequence(BYTE_LEVEL), "Ġa", b" a"),
    (sequence(sequence(BYTE_LEVEL), FUSE), "Ġa", b" a"),
    (LLAMA, "▁a▁b", b" a b"),
    (LLAMA, "<0x0A>", b"\n"),
    (LLAMA, "<0xe2>", b"\xe2"),
    (LLAMA, "<0x0G>", b"<0x0G>"),
    (LLAMA, "<0x0A>\n", b"<0x0A>\n"),
    (LLAMA, "é", "é".encode()),
    (GEMMA, "▁▁▁", b"   "),
    (sequence(REPLACE, FUSE), "<0x0A>", b"<0x0A>"),
    (METASPACE, "▁the", b" the"),
    (METASPACE, "▁▁▁", b"   "),
    (METASPACE, "▁a▁b", None),  # at the start of a sequence both marks vanish
    ({**METASPACE, "prepend_scheme": "never"}, "▁a▁b", b" a b"),
]


@pytest.mark.parametrize(("decoder", "piece", "data"), READ)
def test_pieces(decoder: dict[str, Any], piece: str, data: bytes | None) -> None:
    assert Decoder(decoder).to_bytes(piece) == data
    assert Decoder(decoder).reader(piece) == data


LEADING_SPACE = [
    (BYTE_LEVEL, False),
    (LLAMA, True),
    (GEMMA, False),
    (sequence(REPLACE, FUSE, {**STRIP, "start": 0}), False),
    (METASPACE, True),
    ({**METASPACE, "prepend_scheme": "first"}, True),
    ({**METASPACE, "prepend_scheme": "never"}, False),
    ({"type": "Metaspace", "replacement": "▁", "add_prefix_space": True}, True),
    ({"type": "Metaspace", "replacement": "▁", "add_prefix_space": False}, False),
]


@pytest.mark.parametrize(("decoder", "expected"), LEADING_SPACE)
def test_leading_space(decoder: dict[str, Any], expected: bool) -> None:
    assert Decoder(decoder).leading_space is expected


REFUSED = [
    (None, "joined with spaces"),
    ({"type": "WordPiece", "prefix": "##", "cleanup": True}, "decoder WordPiece .* punctuation"),
    ({"type": "BPEDecoder", "suffix": "</w>"}, "suffix"),
    ({"type": "CTC"}, "repeated"),
    ({"type": "Novelty"}, "Novelty .* not known"),
    (sequence(REPLACE, STRIP), "Strip .* every piece"),
    (sequence(REPLACE, FUSE, {**STRIP, "start": 2}), "drops 2 x ' '"),
    (sequence(REPLACE, FUSE, {**STRIP, "stop": 1}), "1 x at the end"),
    (sequence(REPLACE, FUSE, {**STRIP, "content": "x"}), "'x'"),
    (sequence(FUSE, REPLACE), "joined text"),
    (sequence(BYTE_LEVEL, REPLACE), "joined text"),
    (sequence(FALLBACK, REPLACE, FUSE), "several tokens"),
    (sequence(FALLBACK, BYTE_LEVEL), "twice"),
    ({"type": "Replace", "pattern": {"Regex": "▁+"}, "content": " "}, "only strings"),
]


@pytest.mark.parametrize(("decoder", "message"), REFUSED)
def test_refused(decoder: dict[str, Any] | None, message: str) -> None:
    with pytest.raises(VocabularyError, match=message):
        Decoder(decoder)


def test_the_byte_alphabet() -> None:
    assert sorted(BYTE_OF_CHARACTER.values()) == list(range(256))
    assert BYTE_OF_CHARACTER["Ġ"] == 0x20
    assert BYTE_OF_CHARACTER["~"] == 0x7E
    assert BYTE_OF_CHARACTER["Ń"] == 0xAD  # the last one: a soft hyphen prints as nothing


@given(st.binary())
def test_byte_level_is_one_to_one(data: bytes) -> None:
    character_of = {byte: character for character, byte in BYTE_OF_CHARACTER.items()}
    assert byte_level_bytes("".join(character_of[byte] for byte in data)) == data


@given(st.text())
def test_outside_the_byte_alphabet(text: str) -> None:
    inside = all(character in BYTE_OF_CHARACTER for character in text)
    expected = bytes(BYTE_OF_CHARACTER[character] for character in text) if inside else text.encode()
    assert byte_level_bytes(text) == expected


TRICKY = st.sampled_from(['],"x":', '"merges":[', ',"merges":[', "\\", '"', "]}}", "},", "a"])
PIECES = st.lists(st.one_of(TRICKY, st.text(max_size=3)).filter(bool), unique=True, max_size=8)


@given(
    PIECES, st.sampled_from([None, (",", ":"), (", ", " : ")]), st.sampled_from(["last", "first", "model"])
)
def test_merges_are_left_out_and_nothing_else(
    pieces: list[str], separators: tuple[str, str] | None, place: str
) -> None:
    vocab = {piece: token_id for token_id, piece in enumerate(pieces)}
    merges = [list(pair) for pair in pairwise(pieces)]
    model: dict[str, Any] = {"type": "BPE", "vocab": vocab, "merges": merges}
    if place == "first":
        model["later"] = {"key": [1]}
    document: dict[str, Any] = {"version": "1.0", "decoder": BYTE_LEVEL, "model": model}
    if place == "model":
        document["padding"] = None
    indent = None if separators else 2
    parsed = load_document(json.dumps(document, separators=separators, indent=indent, ensure_ascii=False))
    parsed["model"].pop("merges", None)
    model.pop("merges")
    assert parsed == document


@pytest.mark.parametrize("text", ["{", "[]", "{}x", '{"a": 1,}'])
def test_no_document(text: str) -> None:
    with pytest.raises(VocabularyError, match=r"this is no tokenizer\.json"):
        load_document(text)
