"""Sets of characters as UTF-8 byte expressions.

A set is cut by encoded length, then by lead byte; what may follow is a set of remainders of six bits
per byte, and lead bytes with the same remainders are taken together. So the expression is a deterministic, minimal
tree: common suffixes are one node, and all of Unicode has eight parts. Source: The Unicode Standard, table 3-7,
'Well-Formed UTF-8 Byte Sequences'.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from constrain.languages.regex.unicode import ranges as sets
from constrain.languages.regex.unicode.alphabet import Alphabet, Arena, Expression
from constrain.languages.regex.unicode.ranges import Ranges

# Per encoded length: first and last code point, the lead byte of remainder 0, continuation bytes.
_LENGTHS = ((0x80, 0x7FF, 0xC0, 1), (0x800, 0xFFFF, 0xE0, 2), (0x10000, 0x10FFFF, 0xF0, 3))
_CONTINUATION = 0x80

# A byte tree: (bit set of lead bytes, tree of what follows or None for nothing), ...
_Tree = tuple[tuple[int, Any], ...]


class Utf8(Alphabet):
    """Characters written in UTF-8."""

    def characters(self, arena: Arena, ranges: Ranges) -> Expression:
        return _build(arena, byte_tree(ranges), {})

    def any_text(self, arena: Arena) -> Expression:
        return arena.repeat(self.characters(arena, sets.ALL))

    def text(self, arena: Arena, text: str) -> Expression:
        return arena.literal(text.encode())


@lru_cache(maxsize=4096)
def byte_tree(ranges: Ranges) -> _Tree:
    """The UTF-8 encodings of a set, as a tree of bit sets of bytes."""
    ascii_bytes = 0
    for first, last in ranges:
        if first > 0x7F:
            break
        ascii_bytes |= (2 << min(last, 0x7F)) - (1 << first)
    tree = [(ascii_bytes, None)] if ascii_bytes else []
    for low, high, lead, count in _LENGTHS:
        part = sets.intersection(ranges, ((low, high),))
        if part:
            tree.extend(_by_lead(part, lead, count))
    return tuple(tree)


@lru_cache(maxsize=4096)
def _by_lead(ranges: tuple[tuple[int, int], ...], lead: int, count: int) -> _Tree:
    """Encodings with ``count`` more bytes: lead bytes grouped by what may follow them."""
    size = 64**count
    follow: dict[int, list[tuple[int, int]]] = {}
    for first, last in ranges:
        for digit in range(first // size, last // size + 1):
            low, high = max(first, digit * size), min(last, digit * size + size - 1)
            follow.setdefault(digit, []).append((low - digit * size, high - digit * size))
    groups: dict[tuple[tuple[int, int], ...], int] = {}
    for digit, remainders in follow.items():
        key = tuple(remainders)
        groups[key] = groups.get(key, 0) | 1 << (lead + digit)
    if count == 1:
        return tuple((leads, ((_last_bytes(key), None),)) for key, leads in groups.items())
    return tuple((leads, _by_lead(key, _CONTINUATION, count - 1)) for key, leads in groups.items())


def _last_bytes(remainders: tuple[tuple[int, int], ...]) -> int:
    """The bit set of final bytes."""
    members = 0
    for first, last in remainders:
        members |= (2 << last) - (1 << first)
    return members << _CONTINUATION


def _build(arena: Arena, tree: _Tree, built: dict[_Tree, Expression]) -> Expression:
    """The expression of a byte tree; equal subtrees are built once."""
    found = built.get(tree)
    if found is None:
        parts = []
        for leads, rest in tree:
            lead = arena.byte_set(leads)
            parts.append(lead if rest is None else arena.concat(lead, _build(arena, rest, built)))
        found = built[tree] = arena.union(parts)
    return found
