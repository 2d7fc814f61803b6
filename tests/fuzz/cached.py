"""Packed vocabularies that may come from elsewhere: they are equal to what was packed, or refused.

An input is choices of changes to a packed vocabulary, or the packed bytes themselves.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import constrain as cn
from constrain.vocabulary import cache
from constrain.vocabulary.packed import Content, pack, unpack
from tests.fuzz.chooser import Chooser
from tests.fuzz.command import main
from tests.test_vocabulary_packed import WHOLE, content_of

NUMBERS = [0, 1, 2, 5, 7, 8, 255, 2**24, 2**31 - 1, -1, -(2**31)]
CHANGES = "byte number number cut insert copy".split()
# The first byte of an input: packed bytes follow, choices follow, or choices of changes to a file in the cache.
PACKED, CHOSEN = 0, 1


def check(data: bytes) -> None:
    """Try one input."""
    kind, rest = data[:1], data[1:]
    if kind == bytes([PACKED]):
        _check_packed(rest)
    elif kind == bytes([CHOSEN]):
        chooser = Chooser(rest)
        _check_packed(_changed(_whole(chooser), chooser))
    else:
        _check_file(Chooser(rest))


def _whole(chooser: Chooser) -> bytes:
    """A vocabulary, packed."""
    tokens: list[bytes | None] = [
        chooser.choice([None, bytes(chooser.choice(b"ab\xc3\x00") for _ in range(chooser.randint(1, 4)))])
        for _ in range(chooser.randint(1, 12))
    ]
    ends = chooser.sample(range(len(tokens)), chooser.randint(1, min(2, len(tokens))))
    return pack(content_of(tokens, ends))


def _changed(whole: bytes, chooser: Chooser) -> bytes:
    data = bytearray(whole)
    for _ in range(chooser.randint(0, 4)):
        at, change = chooser.randint(0, len(data)), chooser.choice(CHANGES)
        if change == "byte" and at < len(data):
            data[at] = chooser.randrange(256)
        elif change == "number":
            data[at // 4 * 4 : at // 4 * 4 + 4] = chooser.choice(NUMBERS).to_bytes(4, "little", signed=True)
        elif change == "cut":
            del data[at : at + chooser.randint(1, 8)]
        elif change == "insert":
            data[at:at] = bytes(chooser.randrange(256) for _ in range(chooser.randint(0, 8)))
        else:
            data[at:at] = data[at : at + chooser.randint(1, 16)]
    return bytes(data)


def _check_packed(data: bytes) -> None:
    try:
        found = unpack(data)
    except cn.VocabularyError:
        return
    assert pack(found) == data, "it is accepted, and packed as other bytes"
    again = content_of(list(found.tokens), list(found.eos_token_ids))
    assert again.tokens == found.tokens and again.order.tolist() == found.order.tolist()


def _check_file(chooser: Chooser) -> None:
    """A file in the cache is what was kept, or made anew."""
    whole = unpack(_whole(chooser))
    before = os.environ.get(cache.VARIABLE, "")
    with TemporaryDirectory() as folder:
        os.environ[cache.VARIABLE] = folder
        try:
            key = cache.key_of(b"source")
            cache.store(
                key, pack(Content(whole.tokens, whole.eos_token_ids, whole.leading_space, whole.order))
            )
            (path,) = Path(folder).iterdir()
            kept = path.read_bytes()
            path.write_bytes(_changed(kept, chooser))
            loaded = cache.load(key)
            assert loaded is None or path.read_bytes() == kept
            fresh = cn.Vocabulary(whole.tokens, whole.eos_token_ids)
            assert cn.Vocabulary._kept([b"source"], lambda: fresh) == fresh
        finally:
            os.environ[cache.VARIABLE] = before


def seeds() -> Iterator[bytes]:
    """Packed vocabularies, and changes to them."""
    yield bytes([PACKED]) + WHOLE
    vocabularies: list[list[bytes | None]] = [[b"a", None], [None], [b"b", b"a", b"a", None, b"ab"]]
    for tokens in vocabularies:
        yield bytes([PACKED]) + pack(content_of(tokens, [tokens.index(None)]))
    for seed in range(10):
        yield bytes([CHOSEN + seed % 2, *range(seed, seed + 40)])


if __name__ == "__main__":
    main(check)
