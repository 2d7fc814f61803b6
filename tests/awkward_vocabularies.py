"""Small random vocabularies of a language, with every kind of token that real ones have.

Tokens are cut from prefixes of texts at arbitrary places, so some end within a character and some start within one. Ids
without bytes, ids with the same bytes and several ids that end a sequence are mixed in anywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import constrain as cn

__all__ = ["INCOMPLETE", "complete_vocabulary", "incomplete_vocabulary", "some_texts"]

TEXTS = 12  # beginnings of texts that tokens are cut from
LONGEST_TEXT = 40
LONGEST_TOKEN = 9
BYTES = [bytes([byte]) for byte in range(256)]
PLAIN = frozenset(b'{}[]",:ab01-e\\')


def some_texts(grammar: cn.Grammar, chooser: Random) -> list[bytes]:
    """Beginnings of texts, byte by byte."""
    return [_some_text(grammar, chooser) for _ in range(TEXTS)]


def _some_text(grammar: cn.Grammar, chooser: Random) -> bytes:
    engine, state, text = grammar.engine, grammar.root, bytearray()
    while len(text) < LONGEST_TEXT and not (engine.nullable(state) and chooser.random() < 0.3):
        first = engine.first(state)
        following = [byte for byte in range(256) if first >> byte & 1]
        if not following:
            break
        plain = [byte for byte in following if byte in PLAIN]
        text.append(chooser.choice(plain if plain and chooser.random() < 0.6 else following))
        state = engine.derivative(state, text[-1])
    return bytes(text)


def _cut(texts: list[bytes], chooser: Random, least: int = 1) -> bytes:
    """A piece of one of the texts; none where that is too short."""
    text = chooser.choice(texts)
    if len(text) < least:
        return b""
    start = chooser.randint(0, len(text) - least)
    return text[start : start + chooser.randint(least, LONGEST_TOKEN)]


def complete_vocabulary(texts: list[bytes], chooser: Random) -> cn.Vocabulary:
    """A vocabulary with all single bytes, as with byte fallback, and some pieces of ``texts``."""
    pieces = [_cut(texts, chooser) for _ in range(chooser.randint(0, 25))]
    joined = [_cut(texts, chooser) + _cut(texts, chooser) for _ in range(chooser.randint(0, 5))]
    return _vocabulary([*BYTES, *pieces, *joined], chooser)


def _vocabulary(tokens: list[bytes], chooser: Random) -> cn.Vocabulary:
    """``tokens`` with some of them twice, holes, special tokens and ends, in any order or with the ends last."""
    again = chooser.sample(tokens, min(len(tokens), chooser.randint(0, 3)))
    table: list[bytes | None] = [*tokens, *again, *[None, b""][: chooser.randint(0, 2)]]
    if chooser.random() < 0.7:
        chooser.shuffle(table)
    ends = [len(table)]
    table.append(None)
    for _ in range(chooser.choice([0, 0, 1, 2])):
        at = chooser.randrange(len(table))
        if not table[at]:
            ends.append(at)  # a hole, or a special token, that ends a sequence too
        else:
            ends.append(len(table))
            table.append(None)
    size = len(table) + chooser.choice([0, 0, 40])
    return cn.Vocabulary(table, sorted(set(ends)), leading_space=chooser.random() < 0.15, size=size)


# -- vocabularies that lack something -----------------------------------------------------------


def _used_bytes(texts: list[bytes]) -> list[int]:
    return sorted({byte for text in texts for byte in text})


def _without_bytes(texts: list[bytes], chooser: Random) -> list[bytes]:
    """Single bytes but for some that texts have; pieces may have them."""
    used = _used_bytes(texts)
    missing = set(chooser.sample(used, min(len(used), chooser.randint(1, 4))))
    pieces = [_cut(texts, chooser) for _ in range(chooser.randint(0, 15))]
    return [*(data for data in BYTES if data[0] not in missing), *pieces]


def _without_characters(texts: list[bytes], chooser: Random) -> list[bytes]:
    """All of ASCII but for some, and the other characters whole, some of them missing."""
    letters = sorted({letter for text in texts for letter in text.decode(errors="ignore")})
    wide = [letter.encode() for letter in letters if not letter.isascii()]
    kept = chooser.sample(wide, chooser.randint(0, len(wide)))
    narrow = chooser.sample(BYTES[:128], 128 - chooser.randint(0, 2))
    return [*narrow, *kept, *(_whole(_cut(texts, chooser)) for _ in range(8))]


def _several_bytes(texts: list[bytes], chooser: Random) -> list[bytes]:
    """No single bytes at all, but for a few."""
    whole = [text for text in texts if chooser.random() < 0.3]
    pieces = [_cut(texts, chooser, 2) for _ in range(chooser.randint(5, 60))]
    used = _used_bytes(texts)
    few = [bytes([byte]) for byte in chooser.sample(used, min(len(used), chooser.choice([0, 0, 2])))]
    return [*whole, *pieces, *few]


def _whole_characters(texts: list[bytes], chooser: Random) -> list[bytes]:
    """Unigram: characters of the texts, and pieces of whole characters; sometimes a character is missing."""
    letters = sorted({letter for text in texts for letter in text.decode(errors="ignore")})
    kept = [letter.encode() for letter in letters if chooser.random() < 0.9]
    return [*kept, *(_whole(_cut(texts, chooser)) for _ in range(chooser.randint(0, 20)))]


def _within_characters(texts: list[bytes], chooser: Random) -> list[bytes]:
    """ASCII, and pieces that end or start within a character: few of the others begin where one ends."""
    pieces = [_cut(texts, chooser) for _ in range(30)]
    cut = [piece for piece in pieces if _whole(piece) != piece]
    return [*BYTES[:128], *cut]


def _whole(piece: bytes) -> bytes:
    return piece.decode(errors="ignore").encode()


INCOMPLETE: dict[str, Callable[[list[bytes], Random], list[bytes]]] = {
    "without some bytes": _without_bytes,
    "without some characters": _without_characters,
    "tokens of several bytes": _several_bytes,
    "whole characters": _whole_characters,
    "cuts within characters": _within_characters,
}


def incomplete_vocabulary(kind: str, texts: list[bytes], chooser: Random) -> cn.Vocabulary:
    """A vocabulary that may not spell all texts, or none."""
    return _vocabulary(INCOMPLETE[kind](texts, chooser), chooser)
