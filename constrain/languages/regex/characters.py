r"""The character sets that regular expressions name: ``\d \w \s``, line ends, Unicode properties.

ECMA-262 fixes its sets in the specification. Python's follow the Unicode version of the running
interpreter, so they are read off it, by the ``re`` module itself: one search over all characters
takes some milliseconds once per process, asking them one by one would take a quarter of a second.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache, lru_cache

from constrain.languages.regex import ranges as sets
from constrain.languages.regex.ranges import Ranges

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

ECMA_CLASSES = {"d": DIGIT, "w": WORD, "s": ECMA_SPACE}
PYTHON_ASCII_CLASSES = {"d": DIGIT, "w": WORD, "s": PYTHON_ASCII_SPACE}

# Planes 4 to 13 hold nothing in any version of Unicode, plane 14 only what lies in its first 4096
# code points, planes 15 and 16 are private. A test compares with all code points.
_PLANES_0_TO_3 = 0x40000
_PLANE_14 = (0xE0000, 0xE1000)
_PRIVATE: Ranges = ((0xF0000, 0xFFFFD), (0x100000, 0x10FFFD))


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


# -- Unicode properties ---------------------------------------------------------------------------

# PropertyValueAliases.txt, General_Category: long name -> two-letter values it stands for.
_CATEGORIES = {
    "Letter": "Lu Ll Lt Lm Lo",
    "Cased_Letter": "Lu Ll Lt",
    "Uppercase_Letter": "Lu",
    "Lowercase_Letter": "Ll",
    "Titlecase_Letter": "Lt",
    "Modifier_Letter": "Lm",
    "Other_Letter": "Lo",
    "Mark": "Mn Mc Me",
    "Combining_Mark": "Mn Mc Me",
    "Nonspacing_Mark": "Mn",
    "Spacing_Mark": "Mc",
    "Enclosing_Mark": "Me",
    "Number": "Nd Nl No",
    "Decimal_Number": "Nd",
    "digit": "Nd",
    "Letter_Number": "Nl",
    "Other_Number": "No",
    "Punctuation": "Pc Pd Ps Pe Pi Pf Po",
    "punct": "Pc Pd Ps Pe Pi Pf Po",
    "Connector_Punctuation": "Pc",
    "Dash_Punctuation": "Pd",
    "Open_Punctuation": "Ps",
    "Close_Punctuation": "Pe",
    "Initial_Punctuation": "Pi",
    "Final_Punctuation": "Pf",
    "Other_Punctuation": "Po",
    "Symbol": "Sm Sc Sk So",
    "Math_Symbol": "Sm",
    "Currency_Symbol": "Sc",
    "Modifier_Symbol": "Sk",
    "Other_Symbol": "So",
    "Separator": "Zs Zl Zp",
    "Space_Separator": "Zs",
    "Line_Separator": "Zl",
    "Paragraph_Separator": "Zp",
    "Other": "Cc Cf Cs Co Cn",
    "Control": "Cc",
    "cntrl": "Cc",
    "Format": "Cf",
    "Surrogate": "Cs",
    "Private_Use": "Co",
    "Unassigned": "Cn",
    "L": "Lu Ll Lt Lm Lo",
    "LC": "Lu Ll Lt",
    "M": "Mn Mc Me",
    "N": "Nd Nl No",
    "P": "Pc Pd Ps Pe Pi Pf Po",
    "S": "Sm Sc Sk So",
    "Z": "Zs Zl Zp",
    "C": "Cc Cf Cs Co Cn",
}
_SAME = re.compile(r"(.)\1*")
_CODES = frozenset(code for codes in _CATEGORIES.values() for code in codes.split())


def _category(name: str) -> Ranges | None:
    """Characters of a General_Category value, by short or long name."""
    if name not in _CATEGORIES and name not in _CODES:
        return None
    codes = _CATEGORIES.get(name, name).split()
    return sets.union(_by_category().get(code, sets.NONE) for code in codes)


@lru_cache(maxsize=1)
def _by_category() -> dict[str, Ranges]:
    """General_Category code -> its characters, in the Unicode version of the interpreter."""
    found: dict[str, list[tuple[int, int]]] = {"Co": list(_PRIVATE)}
    letter = {code: chr(0x100 + i) for i, code in enumerate(sorted(_CODES))}
    codes = {mark: code for code, mark in letter.items()}
    for first, text in _assignable():
        marks = "".join(map(letter.__getitem__, map(unicodedata.category, text)))
        for run in _SAME.finditer(marks):  # a third of the time that itertools.groupby takes
            found.setdefault(codes[run[1]], []).append((first + run.start(), first + run.end() - 1))
    known = sets.union(sets.normalise(pairs) for pairs in found.values())
    found.setdefault("Cn", []).extend(sets.complement(known))
    return {code: sets.normalise(pairs) for code, pairs in found.items()}


def _where(holds: Callable[[str], bool]) -> Ranges:
    """Assignable characters of which a str method holds."""

    def members() -> Iterator[tuple[int, int]]:
        for first, text in _assignable():
            for place, character in enumerate(text, first):
                if holds(character):
                    yield place, place

    return sets.normalise(members())


def _assigned() -> Ranges:
    return sets.complement(_by_category()["Cn"])


# Binary properties that the standard library knows exactly: CPython's isupper and islower read the
# derived properties Uppercase and Lowercase. (isalpha is not Alphabetic: it lacks Nl and marks.)
_BINARY: dict[str, Callable[[], Ranges]] = {
    "Any": lambda: sets.ALL,
    "ASCII": lambda: ((0, 0x7F),),
    "ASCII_Hex_Digit": lambda: ((0x30, 0x39), (0x41, 0x46), (0x61, 0x66)),
    "AHex": lambda: ((0x30, 0x39), (0x41, 0x46), (0x61, 0x66)),
    "Assigned": _assigned,
    "Lowercase": lambda: _where(str.islower),
    "Lower": lambda: _where(str.islower),
    "Uppercase": lambda: _where(str.isupper),
    "Upper": lambda: _where(str.isupper),
}

# Other names that ECMA-262 knows: valid patterns, but no data for them without a dependency.
_NAME = re.compile(r"[A-Za-z_]+(=[A-Za-z0-9_]+)?\Z")


@lru_cache(maxsize=256)
def property_set(name: str) -> Ranges | None:
    r"""Members of ``\p{name}``, or None where the standard library has no exact data."""
    key, equals, value = name.partition("=")
    if equals:
        return _category(value) if key in ("General_Category", "gc") else None
    found = _category(name)
    if found is None and name in _BINARY:
        found = _BINARY[name]()
    return found


def is_property_name(name: str) -> bool:
    r"""Whether ``\p{name}`` is well formed, whatever the name means."""
    return _NAME.match(name) is not None
