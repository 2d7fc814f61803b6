"""Which characters internationalized host names may hold: RFC 5892, derived from ``unicodedata``.

Derived when a format first needs them, which takes about a tenth of a second: the tables follow the Unicode
version of the interpreter, and no dependency is needed. Characters beyond the Basic Multilingual Plane are left
out: they are rare in names, and their Punycode is long (see ``idn_labels``).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple, TypeVar

from constrain.languages.json_schema.formats.notation import members
from constrain.languages.regex.unicode import ranges as sets
from constrain.languages.regex.unicode.ranges import Ranges

Value = TypeVar("Value", int, str)

# RFC 5892, section 2.6, Exceptions, and what section 3 makes of them.
_EXCEPTIONS_VALID = members("\u00df\u03c2\u06fd\u06fe\u0f0b\u3007")
_EXCEPTIONS_DISALLOWED = members("\u0640\u07fa\u302e\u302f\u3031\u3032\u3033\u3034\u3035\u303b")
ARABIC_INDIC_DIGITS: Ranges = ((0x660, 0x669),)
EXTENDED_ARABIC_INDIC_DIGITS: Ranges = ((0x6F0, 0x6F9),)
ZERO_WIDTH_NON_JOINER = "\u200c"
ZERO_WIDTH_JOINER = "\u200d"
MIDDLE_DOT = "\u00b7"
KERAIA = "\u0375"
GERESH_GERSHAYIM = "\u05f3\u05f4"
KATAKANA_MIDDLE_DOT = "\u30fb"
# Contextual characters that are not allowed alone.
DEPENDENT = members(
    ZERO_WIDTH_NON_JOINER + ZERO_WIDTH_JOINER + MIDDLE_DOT + KERAIA + GERESH_GERSHAYIM + KATAKANA_MIDDLE_DOT
)
_CONTEXTUAL = sets.union([DEPENDENT, ARABIC_INDIC_DIGITS, EXTENDED_ARABIC_INDIC_DIGITS])
# Section 2.1, LetterDigits.
_LETTER_DIGITS = frozenset({"Ll", "Lu", "Lo", "Nd", "Lm", "Mn", "Mc"})
# Sections 2.3, 2.4 and 2.9: of those, Default_Ignorable_Code_Point; ignorable blocks; Hangul jamo.
_IGNORABLE: Ranges = (
    (0x34F, 0x34F),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x20D0, 0x20FF),
    (0xFE00, 0xFE0F),
)
_JAMO: Ranges = ((0x1100, 0x11FF), (0xA960, 0xA97C), (0xD7B0, 0xD7FB))

# Scripts of the contextual rules, RFC 5892, appendices A.4 to A.7: the blocks where their letters are.
GREEK: Ranges = ((0x370, 0x373), (0x376, 0x377), (0x37B, 0x37D), (0x386, 0x3E1), (0x1F00, 0x1FFE))
HEBREW: Ranges = ((0x591, 0x5F4),)
HIRAGANA_KATAKANA_HAN: Ranges = (
    (0x3005, 0x3005),
    (0x3007, 0x3007),
    (0x3041, 0x3096),
    (0x309D, 0x309E),
    (0x30A1, 0x30FA),
    (0x30FD, 0x30FE),
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
)

# Joining_Type of the Unicode Character Database, Arabic block: letters that join on both sides, and to the
# letter before only (Unicode 6.0, when they had all been assigned). No letter of that block has type L.
DUAL_JOINING = members(
    "\u0620\u0626\u0628\u062a\u062b\u062c\u062d\u062e\u0633\u0634\u0635\u0636\u0637\u0638\u0639\u063a"
    "\u063b\u063c\u063d\u063e\u063f\u0641\u0642\u0643\u0644\u0645\u0646\u0647\u0649\u064a\u066e\u066f"
)
RIGHT_JOINING = members("\u0622\u0623\u0624\u0625\u0627\u0629\u062f\u0630\u0631\u0632\u0648")


class Tables(NamedTuple):
    """Sets of characters of labels, all within ``allowed`` but ``marks`` and ``composing``."""

    allowed: Ranges  # PVALID, CONTEXTJ or CONTEXTO
    marks: Ranges  # General_Category M
    viramas: Ranges  # Canonical_Combining_Class 9
    combining: Ranges  # Canonical_Combining_Class above 0
    bidi: dict[str, Ranges]  # by Bidi_Class
    composing: tuple[Ranges, Ranges]  # first and second characters of canonical compositions


@lru_cache(maxsize=1)
def tables() -> Tables:
    allowed = sets.difference(
        sets.union([_where(_is_letter_digit), _EXCEPTIONS_VALID, _CONTEXTUAL, members("-")]),
        sets.union([_EXCEPTIONS_DISALLOWED, _IGNORABLE, _JAMO]),
    )
    classes = _by(unicodedata.combining, allowed)
    return Tables(
        allowed,
        _where(lambda character: unicodedata.category(character).startswith("M")),
        classes.get(9, sets.NONE),
        sets.union([some for number, some in classes.items() if number]),
        _by(unicodedata.bidirectional, allowed),
        _compositions(),
    )


def _is_letter_digit(character: str) -> bool:
    """RFC 5892, sections 2.1 and 2.2: LetterDigits that are not Unstable."""
    return unicodedata.category(character) in _LETTER_DIGITS and _is_stable(character)


def _is_stable(character: str) -> bool:
    folded = unicodedata.normalize("NFKC", character).casefold()
    return unicodedata.normalize("NFKC", folded) == character


def _where(holds: Callable[[str], bool]) -> Ranges:
    codes = [code for code in range(0x10000) if not 0xD800 <= code <= 0xDFFF and holds(chr(code))]
    return sets.normalise((code, code) for code in codes)


def _by(key: Callable[[str], Value], ranges: Ranges) -> dict[Value, Ranges]:
    """The members of a set by a property."""
    found: dict[Value, list[tuple[int, int]]] = {}
    for first, last in ranges:
        for code in range(first, last + 1):
            found.setdefault(key(chr(code)), []).append((code, code))
    return {value: sets.normalise(pairs) for value, pairs in found.items()}


def _compositions() -> tuple[Ranges, Ranges]:
    """First and second characters of the pairs that NFC composes, Hangul jamo apart."""
    firsts, seconds = [], []
    for code in range(0x10000):
        pair = unicodedata.decomposition(chr(code)).split()  # "<tag> codes" if it is no canonical one
        if len(pair) == 2 and pair[0][0] != "<" and unicodedata.is_normalized("NFC", chr(code)):
            first, second = (int(part, 16) for part in pair)
            firsts.append((first, first))
            seconds.append((second, second))
    return sets.normalise(firsts), sets.normalise(seconds)
