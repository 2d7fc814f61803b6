"""The characters that a byte expression stands for, and the characters that an alphabet cannot spell."""

from __future__ import annotations

from typing import Any

from constrain.languages.regex.unicode import ranges as sets
from constrain.languages.regex.unicode.ranges import Ranges
from constrain.spelling.atoms import Alphabet, bytes_of

__all__ = ["characters_of", "unspelt_characters"]

# Per encoded length: the lead bytes, the bits of the code point in them, and the code points.
LENGTHS = (
    (0x00, 0x7F, 0x7F, (0, 0x7F)),
    (0xC2, 0xDF, 0x1F, (0x80, 0x7FF)),
    (0xE0, 0xEF, 0x0F, (0x800, 0xFFFF)),
    (0xF0, 0xF4, 0x07, (0x10000, 0x10FFFF)),
)
CONTINUATIONS = (1 << 0xC0) - (1 << 0x80)

# How many paths an expression may have to be recognised as a set of characters.
MOST_PATHS = 20_000

# One set of bytes for each byte of a character.
Path = tuple[int, ...]


def characters_of(engine: Any, node: int) -> Ranges | None:
    """The characters that are the texts of ``node``; None if it has other texts."""
    paths = _paths(engine, node)
    if paths is None or not paths:
        return None
    found = [_ranges(path) for path in paths]
    return None if any(one is None for one in found) else sets.union(one for one in found if one is not None)


def unspelt_characters(alphabet: Alphabet) -> Ranges:
    """The characters that are not sequences of atoms."""
    spelt: list[Ranges] = [sets.normalise((ord(atom.decode()),) * 2 for atom in alphabet.longer)]
    for count, (first, last, _, _) in enumerate(LENGTHS):
        leads = alphabet.members & ((2 << last) - (1 << first))
        path = (leads, *[alphabet.members & CONTINUATIONS] * count)
        if all(path):
            spelt.append(_ranges(path) or ())
    return sets.complement(sets.union(spelt))


def _paths(engine: Any, node: int) -> list[Path] | None:
    if engine.supplier(node) is not None:
        return None
    kind, *fields = engine.inspect(node)
    if kind == "byte_set":
        return [(fields[0],)]
    if kind == "literal":
        return [tuple(1 << byte for byte in fields[0])] if len(fields[0]) <= len(LENGTHS) else None
    if kind not in ("union", "concat"):
        return None
    parts = [_paths(engine, part) for part in (fields[0] if kind == "union" else fields)]
    found: list[Path] = [] if kind == "union" else [()]
    for part in parts:
        if part is None:
            return None
        found = [*found, *part] if kind == "union" else [(*head, *tail) for head in found for tail in part]
        if len(found) > MOST_PATHS:
            return None
    return found


def _ranges(path: Path) -> Ranges | None:
    """The characters of a path; None if its texts are not characters."""
    if len(path) > len(LENGTHS):
        return None
    first, last, beyond, limits = LENGTHS[len(path) - 1]
    if path[0] & ~((2 << last) - (1 << first)) or any(members & ~CONTINUATIONS for members in path[1:]):
        return None
    found: list[tuple[int, int]] = [(0, 0)]
    size = 1
    for place in reversed(range(len(path))):
        mask = 0x3F if place else beyond
        longer: list[tuple[int, int]] = []
        for digit in (byte & mask for byte in bytes_of(path[place])):
            for low, high in found:
                low, high = low + digit * size, high + digit * size
                if longer and longer[-1][1] + 1 == low:
                    low = longer.pop()[0]
                longer.append((low, high))
        found, size = longer, 64 * size
    return sets.intersection(sets.normalise(found), (limits,))
