"""Internationalized host names: RFC 5890 to 5893.

A label is what RFC 5891, section 4.2, lets one register: characters of RFC 5892 with its contextual
rules, in normal form C, and in names with right-to-left letters the Bidi rule of RFC 5893. Each rule is
an expression of its own, most of them of what is *not* allowed; a label satisfies all of them.

Three of the rules are narrower here than in the RFCs, so that an automaton of reasonable size decides them:

* Lengths. Punycode may take 63 octets, which no automaton can compute from the characters. Here an ASCII
  character weighs 1, other characters 4 or 5, and a label at most 51. Then its Punycode has at most 62
  octets (a test shows it), and a name of four labels at most 251 of the 253 that are allowed.
* Normal form. A character that composes with the one before it is only allowed behind characters that
  compose with nothing. Names in normal form that this excludes hold marks that have no composed letter.
* Joiners. U+200C between letters that join (RFC 5892, appendix A.1) is only allowed in Arabic.
"""

from __future__ import annotations

from typing import Any

from constrain.languages.json_schema.formats import idna_tables as known
from constrain.languages.json_schema.formats.hosts import domain, hostname
from constrain.languages.json_schema.formats.mail import address_literal, local_part
from constrain.languages.json_schema.formats.notation import ALPHANUMERIC, NOT_ASCII, Notation, members
from constrain.languages.regex import ranges as sets
from constrain.languages.regex.ranges import Ranges

SEPARATORS = ".\u3002\uff0e\uff61"  # RFC 3490, section 3.1
MOST_LABELS = 4
WEIGHTS = (1, 4, 5)  # of characters of one, two and three octets in UTF-8
HEAVIEST_LABEL = 51

_CHARACTERS = (sets.union([ALPHANUMERIC, members("-")]), ((0x80, 0x7FF),), ((0x800, 0xD7FF), (0xE000, 0xFFFF)))


def idn_hostname(n: Notation) -> Any:
    """A host name, or an internationalized one of up to four labels."""
    return n.either(hostname(n), international(n, SEPARATORS))


def idn_email(n: Notation) -> Any:
    """``Mailbox`` of RFC 6531, section 3.3; its domain is a host name as above, with full stops only."""
    host = n.either(domain(n), international(n, "."), address_literal(n))
    return n.sequence(local_part(n, NOT_ASCII), "@", host)


def international(n: Notation, separators: str) -> Any:
    """Up to four labels; if any has right-to-left characters, all satisfy the Bidi rule."""
    rules = Rules(n)
    separator = n.one_of(separators)
    return n.either(
        *[
            n.separated(n.arena.intersection([rules.label(), rule]), separator, 1, MOST_LABELS)
            for rule in (rules.no_right_to_left(), rules.bidi())
        ]
    )


class Rules:
    """The rules for one label, as expressions of texts that may be anything else."""

    def __init__(self, n: Notation) -> None:
        self.n = n
        self.tables = known.tables()
        self.anything = n.arena.complement(n.arena.EMPTY)

    def label(self) -> Any:
        """Labels of ASCII or not, the Bidi rule apart."""
        n = self.n
        weights = [
            (n.one_of(sets.intersection(some, sets.union([self.tables.allowed, ALPHANUMERIC]))), weight)
            for some, weight in zip(_CHARACTERS, WEIGHTS, strict=True)
        ]
        upper_case = self.n.sequence(self.anything, n.one_of(((0x41, 0x5A),)), self.anything)
        not_ascii = n.sequence(self.anything, n.one_of(NOT_ASCII), self.anything)
        wrong = [n.arena.intersection([upper_case, not_ascii]), *self.hyphens(), *self.composed(), *self.contextual()]
        return n.arena.intersection(
            [n.weighing(HEAVIEST_LABEL, weights), *[n.arena.complement(some) for some in wrong]]
        )

    # -- what is wrong -------------------------------------------------------------------------

    def pair(self, first: Any, second: Any) -> Any:
        """Texts in which a character of one set is next to one of another."""
        return self.n.sequence(self.anything, first, second, self.anything)

    def hyphens(self) -> list[Any]:
        """RFC 5891, section 4.2.3.1 and 4.2.3.2: hyphens and marks in the wrong place; nothing at all."""
        n = self.n
        any_one = n.one_of(sets.ALL)
        first = n.one_of(sets.union([self.tables.marks, members("-")]))
        return [
            n.part(""),
            n.sequence(first, self.anything),
            n.sequence(self.anything, "-"),
            n.sequence(any_one, any_one, "--", self.anything),
        ]

    def composed(self) -> list[Any]:
        """Normal form C: combining classes in order, and nothing left to compose."""
        n = self.n
        firsts, seconds = self.tables.composing
        before = sets.union([firsts, *[some for _, some in self.tables.combining]])
        latin: Ranges = ((0x300, 0x345),)  # marks that compose with letters of ASCII, Greek and Cyrillic
        wrong = [
            self.pair(n.one_of(sets.union(higher)), n.one_of(some))
            for number, some in self.tables.combining
            if (higher := [others for other, others in self.tables.combining if other > number])
        ]
        others = sets.difference(seconds, latin)
        return [n.either(*wrong), self.pair(n.one_of(before), n.one_of(others)),
                n.sequence(self.anything, n.one_of(sets.intersection(seconds, latin)), self.anything)]

    def contextual(self) -> list[Any]:
        """RFC 5892, appendix A: characters that are allowed only beside certain others."""
        digits = [n.one_of(some) for n in [self.n] for some in (known.ARABIC_INDIC_DIGITS, known.EXTENDED_ARABIC_INDIC_DIGITS)]
        one, other = digits
        dot = self.n.one_of(known.KATAKANA_MIDDLE_DOT)
        neither = self.n.repeat(self.n.one_of(sets.complement(known.HIRAGANA_KATAKANA_HAN)))
        return [
            self.not_after(known.ZERO_WIDTH_JOINER, self.tables.viramas),
            *self.non_joiners(),
            self.not_after(known.MIDDLE_DOT, members("l")),
            self.not_before(known.MIDDLE_DOT, members("l")),
            self.not_before(known.KERAIA, known.GREEK),
            self.not_after(known.GERESH_GERSHAYIM, known.HEBREW),
            self.n.sequence(neither, dot, neither),
            self.n.sequence(self.anything, one, self.anything, other, self.anything),
            self.n.sequence(self.anything, other, self.anything, one, self.anything),
        ]

    def not_after(self, characters: str, wanted: Ranges) -> Any:
        n = self.n
        before = n.optional(self.anything, n.one_of(sets.complement(wanted)))
        return n.sequence(before, n.one_of(characters), self.anything)

    def not_before(self, characters: str, wanted: Ranges) -> Any:
        n = self.n
        after = n.optional(n.one_of(sets.complement(wanted)), self.anything)
        return n.sequence(self.anything, n.one_of(characters), after)

    def non_joiners(self) -> list[Any]:
        """Appendix A.1: behind a virama, or between letters that join, marks apart."""
        n = self.n
        transparent = sets.intersection(self.tables.bidi["NSM"], self.tables.marks)
        left, right = known.DUAL_JOINING, sets.union([known.DUAL_JOINING, known.RIGHT_JOINING])
        marks = n.repeat(n.one_of(transparent))
        last = n.optional(marks, n.one_of(sets.difference(transparent, self.tables.viramas)))
        stranger = n.one_of(sets.complement(sets.union([transparent, left, self.tables.viramas])))
        unjoined = n.sequence(n.optional(self.anything, stranger), last)
        no_virama = n.optional(self.anything, n.one_of(sets.complement(self.tables.viramas)))
        unfollowed = n.sequence(marks, n.optional(n.one_of(sets.complement(sets.union([transparent, right]))), self.anything))
        return [
            n.sequence(unjoined, known.ZERO_WIDTH_NON_JOINER, self.anything),
            n.sequence(no_virama, known.ZERO_WIDTH_NON_JOINER, unfollowed),
        ]

    # -- right to left -------------------------------------------------------------------------

    def classes(self, names: str) -> Ranges:
        """Characters of labels by their Bidi classes; those of ASCII in either case."""
        capitals: Ranges = ((0x41, 0x5A),)
        some = [self.tables.bidi.get(name, sets.NONE) for name in names.split()]
        return sets.union([*some, *([capitals] if "L" in names.split() else [])])

    def no_right_to_left(self) -> Any:
        """RFC 5893, section 1.4: no character that makes a name a Bidi domain name."""
        return self.n.repeat(self.n.one_of(sets.complement(self.classes("R AL AN"))))

    def bidi(self) -> Any:
        """RFC 5893, section 2."""
        neutral = "ES CS ET ON BN NSM"
        return self.n.either(
            self.direction("L", f"L EN {neutral}", "L EN"),
            self.direction("R AL", f"R AL EN {neutral}", "R AL EN"),
            self.direction("R AL", f"R AL AN {neutral}", "R AL AN"),
        )

    def direction(self, first: str, middle: str, last: str) -> Any:
        """Labels that begin with one of some classes and end with one of others and any marks."""
        n = self.n
        marks = n.repeat(n.one_of(self.classes("NSM")))
        more = n.sequence(n.repeat(n.one_of(self.classes(middle))), n.one_of(self.classes(last)), marks)
        one = n.one_of(self.classes(first))
        return n.either(n.sequence(one, marks), n.sequence(one, more))
