"""A packed vocabulary that may come from elsewhere: every number in it is checked."""

from __future__ import annotations

from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constrain import Vocabulary, VocabularyError
from constrain.vocabulary import cache
from constrain.vocabulary.packed import COUNTS, Content, pack, unpack


def content_of(tokens: list[bytes | None], ends: list[int]) -> Content:
    vocabulary = Vocabulary(tokens, ends)
    return Content(vocabulary.tokens, vocabulary.eos_token_ids, vocabulary.leading_space, vocabulary.order)


WHOLE = pack(content_of([b"a", b"ab", None, b"b", b"ab", "é".encode(), None, b"\0"], [2, 6]))


def test_there_and_back() -> None:
    found = unpack(WHOLE)
    assert found.tokens == (b"a", b"ab", None, b"b", b"ab", "é".encode(), None, b"\0")
    assert found.eos_token_ids == (2, 6)
    assert pack(found) == WHOLE


def numbers(*changes: tuple[int, int]) -> bytes:
    """``WHOLE`` with other numbers at some places."""
    table = np.frombuffer(WHOLE, "<i4", COUNTS + 2 + 2 * 6).copy()
    for place, number in changes:
        table[place] = number
    return table.tobytes() + WHOLE[4 * len(table) :]


IDS = COUNTS + 2
LENGTHS = IDS + 6


@pytest.mark.parametrize(
    "data",
    [
        b"",
        WHOLE[:19],
        WHOLE[:-1],
        WHOLE + b"x",
        numbers((0, -1)),
        numbers((0, 2**31 - 1)),
        numbers((0, 4)),
        numbers((1, 0)),
        numbers((1, -3)),
        numbers((1, 2**31 - 1)),
        numbers((2, -1)),
        numbers((2, 2**31 - 1)),
        numbers((3, 2**31 - 1)),
        numbers((3, -1)),
        numbers((4, 2)),
        numbers((COUNTS, 8)),
        numbers((COUNTS, -1)),
        numbers((COUNTS, 6)),
        numbers((COUNTS, 0)),
        numbers((IDS, 2**31 - 1)),
        numbers((IDS, -(2**31))),
        numbers((IDS, 0)),
        numbers((LENGTHS, 0)),
        numbers((LENGTHS, -1), (LENGTHS + 1, 3)),
        numbers((LENGTHS, 2**31 - 1), (LENGTHS + 1, 2**31 - 1)),
        numbers((LENGTHS, 2), (LENGTHS + 1, 1), (LENGTHS + 2, 1)),
    ],
)
def test_what_nobody_packed_is_refused(data: bytes) -> None:
    with pytest.raises(VocabularyError):
        unpack(data)


def test_tokens_in_another_order_are_refused() -> None:
    assert WHOLE.endswith("\0aababbé".encode())
    with pytest.raises(VocabularyError, match="order"):
        unpack(WHOLE.replace("\0aababbé".encode(), "\0baabbé".encode() + b"a"))


@st.composite
def mutations(draw: st.DrawFn) -> bytes:
    """``WHOLE`` with some bytes changed, left out, put in or repeated."""
    data = bytearray(WHOLE)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        kind = draw(st.sampled_from(["change", "number", "cut", "insert", "copy"]))
        if kind == "change" and at < len(data):
            data[at] = draw(st.integers(0, 255))
        elif kind == "number":
            place = at // 4 * 4
            number = draw(st.sampled_from([0, 1, 2, 5, 7, 8, 255, 2**24, 2**31 - 1, -1, -(2**31)]))
            data[place : place + 4] = number.to_bytes(4, "little", signed=True)
        elif kind == "cut":
            del data[at : at + draw(st.integers(1, 8))]
        elif kind == "insert":
            data[at:at] = draw(st.binary(max_size=8))
        else:
            data[at:at] = data[at : at + draw(st.integers(1, 16))]
    return bytes(data)


@given(mutations())
@settings(max_examples=500, deadline=None)
def test_mutations_are_refused_or_are_what_something_is_packed_as(data: bytes) -> None:
    """Whatever is accepted is a vocabulary that is packed as just these bytes."""
    try:
        found = unpack(data)
    except VocabularyError:
        return
    assert pack(found) == data
    again = content_of(list(found.tokens), list(found.eos_token_ids))
    assert again.tokens == found.tokens
    assert again.order.tolist() == found.order.tolist()


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_or_packed(data: bytes) -> None:
    try:
        found = unpack(data)
    except VocabularyError:
        return
    assert pack(found) == data


def test_a_crafted_file_in_the_cache_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its checksum is right: whoever can write the file can compute it."""
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path))
    whole = Vocabulary([b"a", b"b", None], 2)
    parts = [b"source"]
    random = Random(0)
    for _ in range(50):
        data = bytearray(pack(Content(whole.tokens, whole.eos_token_ids, False, whole.order)))
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)
        cache.store(cache.key_of(*parts), bytes(data))
        found = Vocabulary._kept(parts, lambda: whole)
        assert unpack(cache.load(cache.key_of(*parts)) or b"").tokens == found.tokens
