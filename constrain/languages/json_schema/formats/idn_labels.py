"""Labels of internationalized host names: RFC 5891, section 4.2, and RFC 5892.

Each kind of label is a small automaton: what may follow depends on the context, which the last character
decides. Where the RFCs ask for more than that, the rules here are narrower, never wider:

* Length. Punycode may take 63 octets, which no automaton can compute from the characters. Here characters
  have weights, and a label weighs at most 51. Then its Punycode has at most 62 octets: a test shows it.
* Normal form C. Marks of Latin, Greek and Cyrillic that compose with letters are left out, as those languages
  compose them. Other characters that compose with the one before stand after characters that
  compose with nothing. Of two marks in a row, one has combining class 0.
* Contextual rules. A middle dot stands between two l, U+30FB before a kana or Han character, U+200C and
  U+200D after a virama and before a letter, U+200C also between Arabic letters that join. Greek KERAIA and
  Hebrew GERESH and GERSHAYIM as in the RFC.
* Two hyphens do not stand together.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import constrain.languages.json_schema.formats.idna_tables as known
from constrain.languages.json_schema.formats.notation import ALPHANUMERIC, DIGIT, Notation, members
from constrain.languages.regex.unicode import ranges as sets
from constrain.languages.regex.unicode.ranges import Ranges

HEAVIEST = 51
LONGEST_ASCII = 62
# Characters of one, two and three octets in UTF-8, with their weights.
WEIGHTS: tuple[tuple[Ranges, int], ...] = (
    (((0, 0x7F),), 1),
    (((0x80, 0x7FF),), 4),
    (((0x800, 0xD7FF), (0xE000, 0xFFFF)), 5),
)
_LOWER = sets.union([DIGIT, ((0x61, 0x7A),)])
_HYPHEN = members("-")
_COMPOSED_MARKS: Ranges = ((0x300, 0x345),)

# From each context: the characters that may follow, and the context they lead to.
Arrows = dict[str, list[tuple[Ranges, str]]]


def automaton(n: Notation, arrows: Arrows, accepting: Iterable[str], heaviest: int) -> Any:
    """Texts that lead from the context "start" to an accepting one and weigh at most ``heaviest``.

    From one context, the sets of characters are disjoint.
    """
    steps = {
        context: [
            (n.one_of(part), weight, following)
            for characters, following in ways
            for some, weight in WEIGHTS
            if (part := sets.intersection(characters, some))
        ]
        for context, ways in arrows.items()
    }
    rests: list[dict[str, Any]] = []
    for budget in range(heaviest + 1):
        rests.append(
            {
                context: n.either(
                    *([""] if context in accepting else []),
                    *[
                        n.sequence(part, rests[budget - weight][following])
                        for part, weight, following in ways
                        if weight <= budget
                    ],
                )
                for context, ways in steps.items()
            }
        )
    return rests[heaviest]["start"]


def ascii_label(n: Notation, first: Ranges) -> Any:
    """Letters, digits and single hyphens between them, in either case; ``first``: how it may begin."""
    arrows: Arrows = {
        "start": [(first, "letter")],
        "letter": [(ALPHANUMERIC, "letter"), (_HYPHEN, "hyphen")],
        "hyphen": [(ALPHANUMERIC, "letter")],
    }
    return automaton(n, arrows, ["letter"], LONGEST_ASCII)


class _Classes(NamedTuple):
    """Left-to-right characters, by what may stand beside them; all but ``l``, which has arrows of its own."""

    letters: Ranges  # may begin a label
    starters: Ranges  # these, and marks of combining class 0
    firsts: Ranges  # what some mark composes with
    seconds: Ranges  # those marks
    viramas: Ranges
    marks: Ranges  # other marks of combining classes above 0


def _classes() -> _Classes:
    tables = known.tables()
    right_to_left = sets.union([tables.bidi[name] for name in ("R", "AL", "AN")])
    excluded = sets.union([right_to_left, known.DEPENDENT, _HYPHEN, _COMPOSED_MARKS, members("l")])
    allowed = sets.difference(tables.allowed, excluded)
    firsts, seconds = (sets.intersection(allowed, some) for some in tables.composing)
    plain = sets.difference(allowed, seconds)
    starters = sets.difference(plain, tables.combining)
    combining = sets.intersection(plain, tables.combining)
    return _Classes(
        sets.difference(starters, tables.marks),
        starters,
        firsts,
        seconds,
        sets.intersection(combining, tables.viramas),
        sets.difference(combining, tables.viramas),
    )


def left_to_right(n: Notation) -> Any:
    """Labels without right-to-left characters."""
    letters, starters, firsts, seconds, viramas, marks = _classes()
    beginnings = [
        (members("l"), "l"),
        (members(known.KERAIA), "keraia"),
        (members(known.KATAKANA_MIDDLE_DOT), "dot"),
    ]
    inside = [*beginnings, *_by_composition(starters, firsts), (_HYPHEN, "hyphen")]
    marked = [*inside, (viramas, "virama"), (marks, "mark")]
    joiners = members(known.ZERO_WIDTH_JOINER + known.ZERO_WIDTH_NON_JOINER)
    arrows: Arrows = {
        "start": [*beginnings, *_by_composition(letters, firsts)],
        "letter": [*marked, (seconds, "mark")],
        "first": marked,
        "l": [*marked, (members(known.MIDDLE_DOT), "middle dot")],
        "virama": [*inside, (joiners, "hyphen")],
        "mark": inside,
        "hyphen": [*beginnings, *_by_composition(letters, firsts)],
        "middle dot": [(members("l"), "l")],
        "keraia": [(sets.intersection(letters, known.GREEK), "first")],
        "dot": [(sets.intersection(letters, known.HIRAGANA_KATAKANA_HAN), "first")],
    }
    return automaton(n, arrows, ["letter", "first", "l", "virama", "mark"], HEAVIEST)


def _by_composition(characters: Ranges, firsts: Ranges) -> list[tuple[Ranges, str]]:
    return [
        (sets.intersection(characters, firsts), "first"),
        (sets.difference(characters, firsts), "letter"),
    ]


def right_to_left(n: Notation) -> Any:
    """Labels of right-to-left letters: the Bidi rule, and rules for digits (RFC 5892, appendix A.8 and A.9).

    A context begins with the digits that were read: none, European (class EN) or Arabic (AN).
    """
    tables = known.tables()
    seconds = tables.composing[1]
    letters = sets.difference(
        sets.union([tables.bidi["R"], tables.bidi["AL"]]),
        sets.union([tables.marks, known.DEPENDENT, seconds]),
    )
    marks = sets.difference(sets.intersection(tables.bidi["NSM"], tables.marks), seconds)
    digits = {"EN": sets.intersection(tables.bidi["EN"], tables.allowed), "AN": tables.bidi["AN"]}
    hebrew = sets.intersection(letters, known.HEBREW)
    dual, right = known.DUAL_JOINING, known.RIGHT_JOINING
    arrows: Arrows = {"start": _letters(letters, hebrew, "")}
    for seen in ("", "EN", "AN"):
        following = [
            *_letters(letters, hebrew, seen),
            *[(some, name + "digit") for name, some in digits.items() if seen in ("", name)],
            (_HYPHEN, seen + "hyphen"),
        ]
        marked = [*following, (marks, seen + "mark")]
        arrows[seen + "letter"] = arrows[seen + "digit"] = marked
        arrows[seen + "hebrew"] = [*marked, (members(known.GERESH_GERSHAYIM), seen + "letter")]
        arrows[seen + "dual"] = [*marked, (members(known.ZERO_WIDTH_NON_JOINER), seen + "joiner")]
        arrows[seen + "mark"] = arrows[seen + "hyphen"] = following
        arrows[seen + "joiner"] = [(dual, seen + "dual"), (right, seen + "letter")]
    accepting = [
        seen + kind for seen in ("", "EN", "AN") for kind in ("letter", "digit", "hebrew", "dual", "mark")
    ]
    return automaton(n, arrows, accepting, HEAVIEST)


def _letters(letters: Ranges, hebrew: Ranges, seen: str) -> list[tuple[Ranges, str]]:
    """Arrows for right-to-left letters, by what may follow them."""
    others = sets.difference(letters, sets.union([hebrew, known.DUAL_JOINING]))
    return [(hebrew, seen + "hebrew"), (known.DUAL_JOINING, seen + "dual"), (others, seen + "letter")]
