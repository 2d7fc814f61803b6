r"""The character sets that regular expressions name: ``\d \w \s`` and line ends.

ECMA-262 fixes its sets in the specification. Python's follow the Unicode version of the running
interpreter, so they are found with the ``re`` module itself: one search over all characters takes some milliseconds
once per process, while testing them one by one would take a quarter of a second.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from constrain.languages.regex.unicode import ranges as sets
from constrain.languages.regex.unicode.ranges import Ranges

DIGIT: Ranges = ((0x30, 0x39),)
WORD: Ranges = ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))
PYTHON_ASCII_SPACE: Ranges = ((0x09, 0x0D), (0x20, 0x20))
PYTHON_LINE_END: Ranges = ((0x0A, 0x0A),)
# ECMA-262, 'White Space' and 'Line Terminators'.
ECMA_SPACE: Ranges = (
    (0x09, 0x0D),
    (0x20, 0x20),
    (0xA0, 0xA0),
    (0x1680, 0x1680),
    (0x2000, 0x200A),
    (0x2028, 0x2029),
    (0x202F, 0x202F),
    (0x205F, 0x205F),
    (0x3000, 0x3000),
    (0xFEFF, 0xFEFF),
)
ECMA_LINE_END: Ranges = ((0x0A, 0x0A), (0x0D, 0x0D), (0x2028, 0x2029))

# ECMA-262, 'RegExpIdentifierStart' and 'RegExpIdentifierPart': a property, and characters besides.
ECMA_NAME_START = ("ID_Start", "$_")
ECMA_NAME_REST = ("ID_Continue", "$_\u200c\u200d")

ECMA_CLASSES = {"d": DIGIT, "w": WORD, "s": ECMA_SPACE}
PYTHON_ASCII_CLASSES = {"d": DIGIT, "w": WORD, "s": PYTHON_ASCII_SPACE}

# Planes 4 to 13 hold nothing in any version of Unicode, plane 14 only what lies in its first 4096
# code points, planes 15 and 16 are private. A test compares with all code points.
_PLANES_0_TO_3 = 0x40000
_PLANE_14 = (0xE0000, 0xE1000)


@lru_cache(maxsize=1)
def _assignable() -> tuple[tuple[int, str], ...]:
    """(first code point, text) of the stretches of code points that may be assigned."""
    stretches = [(0, _PLANES_0_TO_3), _PLANE_14]
    return tuple((first, "".join(map(chr, range(first, end)))) for first, end in stretches)


@cache
def python_class(letter: str) -> Ranges:
    r"""Members of Python's ``\d``, ``\w`` or ``\s`` (by its letter) in a str pattern."""
    search = re.compile(rf"\{letter}+").finditer
    return sets.normalise(
        (first + match.start(), first + match.end() - 1)
        for first, text in _assignable()
        for match in search(text)
    )
