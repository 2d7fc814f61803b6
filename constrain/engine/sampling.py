"""Random texts of an expression, for people to look at.

A walk over the structure of the expression: some part of a union, some key of a choice, some more turns of a repetition
than it needs. Regular expressions are walked byte by byte, with words where every letter is allowed. Once the text is
long enough, a shortest text completes the rest.
"""

from __future__ import annotations

from random import Random
from typing import Any

from constrain.engine.completion import shortest_text
from constrain.engine.derivative import Engine
from constrain.engine.described import Described

__all__ = ["random_text"]

WORDS = (
    b"amber apple autumn basil birch blue book bridge cedar cloud coral dawn delta ember fern field garden green "
    b"harbor hazel hill iris island ivory jade june lake lemon light linden maple meadow mint moon north olive "
    b"orchid paper pearl pine plum quartz rain red river rose sage sand silver sky snow south star stone summer "
    b"sun tea tide tulip valley violet wave west willow wind winter wren"
).split()


def _bytes(members: bytes) -> int:
    return sum(1 << byte for byte in members)


LOWER = _bytes(b"abcdefghijklmnopqrstuvwxyz")
UPPER = _bytes(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ")
DIGITS = _bytes(b"0123456789")
SPACE, BLANK, QUOTE, BACKSLASH = _bytes(b" "), _bytes(b" \t\r\n"), _bytes(b'"'), _bytes(b"\\")
VISIBLE = _bytes(bytes(range(0x21, 0x7F))) & ~(LOWER | UPPER | DIGITS | QUOTE | BACKSLASH)
OTHER = (1 << 256) - 1 & ~(LOWER | UPPER | DIGITS | SPACE | QUOTE | BACKSLASH | VISIBLE)

# The weight of the bytes of a class if all of them may come: at the start of a word, and after a letter.
WANTED: tuple[tuple[int, float, float], ...] = (
    (LOWER, 6, 0.5),
    (UPPER, 3, 0.1),
    (DIGITS, 6, 0.5),
    (QUOTE, 1, 30),
    (SPACE, 0.02, 6),
    (VISIBLE, 3, 1),
    (BACKSLASH, 0.01, 0.01),
    (OTHER, 0.05, 0.05),
)
WORD = 0.9  # how often a word is tried where every letter may come
STOP = 0.6  # how often a text ends where it may
MORE = 0.5  # how often a repetition goes on
# The weight of some parts of a union: unlisted keys beside listed ones, and an immediate end beside more text.
PARTS = {"capture": 0.05, "literal": 0.4}
TRIES = 50


def random_text(engine: Engine, node: int, random: Random, length: int = 200) -> bytes:
    """A random text of ``node``; after ``length`` bytes it is brought to an end.

    Raises:
        ValueError: ``node`` is empty.
        WorkLimitExceeded: as ``shortest_text``.
    """
    if engine.is_empty(node):
        raise ValueError("an empty language has no texts")
    text = bytearray()
    pending = [node]
    while pending:
        node = pending.pop()
        if len(text) > length:
            text += shortest_text(engine, node)
        else:
            written, following = _step(engine, node, random, bytes(text[-1:]), length - len(text))
            text += written
            pending.extend(reversed(following))
    return bytes(text)


def _step(engine: Engine, node: int, random: Random, last: bytes, length: int) -> tuple[bytes, list[int]]:
    """The beginning of a text of ``node``, and the nodes whose texts follow it. ``last`` is the byte before it."""
    kind, *fields = engine.inspect(node)
    if kind == "literal":
        return fields[0], []
    if kind == "epsilon":
        return b"", []
    if kind == "concat":
        return b"", fields
    if kind == "union":
        return b"", [_part(engine, [part for part in fields[0] if not engine.is_empty(part)], random)]
    if kind == "repeat":
        return b"", _rounds(engine, *fields, random=random, length=length)
    if kind == "choice":
        return _key(engine, node, random)
    if kind == "capture":
        return _captured(engine, node, fields, random, last, length)
    if kind == "record":
        return _recorded(engine, node, fields, random, length)
    if kind == "reference" and not isinstance(fields[1], Described):
        return b"", [fields[0]]
    return _walk(engine, node, random, last, length), []


def _part(engine: Engine, parts: list[int], random: Random) -> int:
    return random.choices(parts, [PARTS.get(_head(engine, part), 1) for part in parts])[0]


def _head(engine: Engine, node: int) -> str:
    """The kind of node that the texts of ``node`` start in."""
    kind, *fields = engine.inspect(node)
    while kind == "concat":
        kind, *fields = engine.inspect(fields[0])
    return str(kind)


def _rounds(
    engine: Engine, body: int, least: int, most: int | None, *, random: Random, length: int
) -> list[int]:
    """Some turns of a repetition. Those that begin after ``length`` bytes are one node, however many they are."""
    count = least
    while (most is None or count < most) and random.random() < MORE:
        count += 1
    few = min(count, max(length, 0) + 1)
    return [body] * few + ([engine.repeat(body, count - few, count - few)] if count > few else [])


def _key(engine: Engine, node: int, random: Random) -> tuple[bytes, list[int]]:
    options = engine.choices(node)
    random.shuffle(options)
    for key, follow in options:
        following = follow()
        if not engine.is_empty(following):
            return key, [following]
    raise ValueError("a choice without options has no text")


def _captured(
    engine: Engine, node: int, fields: list[Any], random: Random, last: bytes, length: int
) -> tuple[bytes, list[int]]:
    body, before, handler = fields
    for _ in range(TRIES):
        text = _walk(engine, body, random, last, length)
        following = handler.complete(engine, before + text)
        if not engine.is_empty(following):
            return text, [following]
    return shortest_text(engine, node), []


def _recorded(
    engine: Engine, node: int, fields: list[Any], random: Random, length: int
) -> tuple[bytes, list[int]]:
    body, before, handler = fields
    for _ in range(TRIES):
        text = random_text(engine, body, random, length)
        following = handler.complete(engine, before + text)
        if not engine.is_empty(following):
            return text, [following]
    return shortest_text(engine, node), []


def _walk(engine: Engine, node: int, random: Random, last: bytes, length: int) -> bytes:
    """A text of a regular expression, byte by byte."""
    text = bytearray()
    while True:
        moves = engine.transitions(node)
        live = 0
        for members, _ in moves:
            live |= members
        if engine.nullable(node) and _may_stop(live, text or last, random):
            return bytes(text)
        if len(text) > length:
            return bytes(text) + shortest_text(engine, node)
        word = _word(engine, node, live, text or last, random)
        if word:
            node = engine.advance(node, word)
            text += word
        else:
            byte = _byte(live, bytes(text[-1:]) or last, random)
            node = next(target for members, target in moves if members >> byte & 1)
            text.append(byte)


def _may_stop(live: int, text: bytes | bytearray, random: Random) -> bool:
    """Whether to end a text here. Optional whitespace becomes one space after a comma or a colon, else nothing."""
    if live and not live & ~BLANK:
        return not (live & SPACE and text[-1:] in (b",", b":"))
    return not live or random.random() < STOP


def _word(engine: Engine, node: int, live: int, text: bytes | bytearray, random: Random) -> bytes:
    """A word, if one may start here and can be read to its end; else nothing."""
    if live & LOWER != LOWER or bytes(text[-1:]).isalnum() or random.random() > WORD:
        return b""
    for word in random.sample(WORDS, 5):
        if not engine.is_empty(engine.advance(node, word)):
            return word
    return b""


def _byte(live: int, last: bytes, random: Random) -> int:
    """A byte of a set, preferably one that is pleasant to read."""
    if not live & ~BLANK:
        return 0x20 if live & SPACE else (live & -live).bit_length() - 1
    behind = 2 if last.isalnum() else 1
    classes = [wanted[0] & live for wanted in WANTED]
    weights = [
        wanted[behind] * members.bit_count() / wanted[0].bit_count()
        for members, wanted in zip(classes, WANTED, strict=True)
    ]
    members = random.choices(classes, weights)[0]
    return random.choice([byte for byte in range(256) if members >> byte & 1])
