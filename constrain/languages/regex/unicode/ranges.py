"""Sets of characters as sorted, disjoint, inclusive ranges of code points.

A set has exactly one spelling: ranges in order, neighbours merged, surrogates (U+D800..U+DFFF) cut
out, so that two sets are equal when their tuples are. Surrogates are not characters: no UTF-8 text and no JSON string
of this library contains one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

Ranges = tuple[tuple[int, int], ...]

LOW_END = 0xD7FF
HIGH_START = 0xE000
LAST = 0x10FFFF
ALL: Ranges = ((0, LOW_END), (HIGH_START, LAST))
NONE: Ranges = ()


def normalise(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """The set of every code point of ``ranges`` (any order, may overlap) except surrogates."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if merged and first <= merged[-1][1] + 1:
            if last > merged[-1][1]:
                merged[-1] = (merged[-1][0], last)
        else:
            merged.append((first, last))
    result: list[tuple[int, int]] = []
    for first, last in merged:
        if last <= LOW_END or first >= HIGH_START:
            result.append((first, last))
            continue
        if first <= LOW_END:
            result.append((first, LOW_END))
        if last >= HIGH_START:
            result.append((HIGH_START, last))
    return tuple(result)


def single(code_point: int) -> Ranges:
    """The set of one character; empty for a surrogate."""
    if LOW_END < code_point < HIGH_START:
        return NONE
    return ((code_point, code_point),)


def complement(ranges: Ranges) -> Ranges:
    """Every character that is not in ``ranges``."""
    gaps: list[tuple[int, int]] = []
    start = 0
    for first, last in ranges:
        if first > start:
            gaps.append((start, first - 1))
        start = last + 1
    if start <= LAST:
        gaps.append((start, LAST))
    return normalise(gaps)


def union(sets: Iterable[Ranges]) -> Ranges:
    """Characters that are in any of ``sets``."""
    return normalise(pair for ranges in sets for pair in ranges)


def intersection(one: Ranges, other: Ranges) -> Ranges:
    """Characters that are in both sets."""
    result: list[tuple[int, int]] = []
    i = j = 0
    while i < len(one) and j < len(other):
        first = max(one[i][0], other[j][0])
        last = min(one[i][1], other[j][1])
        if first <= last:
            result.append((first, last))
        if one[i][1] < other[j][1]:
            i += 1
        else:
            j += 1
    return tuple(result)


def difference(one: Ranges, other: Ranges) -> Ranges:
    """Characters of ``one`` that are not in ``other``."""
    return intersection(one, complement(other))


def contains(ranges: Ranges, code_point: int) -> bool:
    """Whether the character is in the set."""
    place = bisect_right(ranges, (code_point, LAST))
    return place > 0 and ranges[place - 1][1] >= code_point
