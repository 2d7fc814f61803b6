"""URIs and IRIs: RFC 3986, appendix A, and RFC 3987, section 2.2.

The two grammars differ only in which characters may stand unencoded, so they are one here, with those
sets as a parameter. A host in brackets has no zone (RFC 6874 was withdrawn by RFC 9844).
"""

from __future__ import annotations

from typing import Any, NamedTuple

from constrain.languages.json_schema.formats.addresses import ipv6
from constrain.languages.json_schema.formats.notation import (
    ALPHA,
    ALPHANUMERIC,
    DIGIT,
    HEXDIG,
    Notation,
    members,
)
from constrain.languages.regex.unicode import ranges as sets
from constrain.languages.regex.unicode.ranges import Ranges

# RFC 3986, section 2.
_UNRESERVED = sets.union([ALPHANUMERIC, members("-._~")])
_SUB_DELIMITERS = members("!$&'()*+,;=")

# RFC 3987, section 2.2.
UCSCHAR: Ranges = (
    (0xA0, 0xD7FF),
    (0xF900, 0xFDCF),
    (0xFDF0, 0xFFEF),
    *[(plane << 16, (plane << 16) + 0xFFFD) for plane in range(1, 14)],
    (0xE1000, 0xEFFFD),
)
IPRIVATE: Ranges = ((0xE000, 0xF8FF), (0xF0000, 0xFFFFD), (0x100000, 0x10FFFD))


class Letters(NamedTuple):
    """Characters beyond ASCII that may stand unencoded: anywhere; in a query only."""

    anywhere: Ranges
    query: Ranges


URI = Letters(sets.NONE, sets.NONE)
IRI = Letters(UCSCHAR, IPRIVATE)


def percent_encoded(n: Notation) -> Any:
    digit = n.one_of(HEXDIG)
    return n.sequence("%", digit, digit)


class _Rules:
    """The rules of the grammar under the names of RFC 3986."""

    def __init__(self, n: Notation, letters: Letters) -> None:
        self.n = n
        self.letters = letters

    def text(self, others: str, more: Ranges = sets.NONE) -> Any:
        """A character of a component: unreserved, sub-delimiter, one of ``others``, or percent-encoded."""
        allowed = sets.union([_UNRESERVED, _SUB_DELIMITERS, members(others), self.letters.anywhere, more])
        return self.n.either(self.n.one_of(allowed), percent_encoded(self.n))

    def reference(self) -> Any:
        return self.n.either(self.uri(), self.relative())

    def uri(self) -> Any:
        n = self.n
        scheme = n.sequence(n.one_of(ALPHA), n.repeat(n.one_of(sets.union([ALPHANUMERIC, members("+-.")]))))
        rootless = n.sequence(n.repeat(self.text(":@"), 1), self.segments())
        return n.sequence(scheme, ":", self.hierarchy(rootless), self.query_and_fragment())

    def relative(self) -> Any:
        n = self.n
        no_scheme = n.sequence(n.repeat(self.text("@"), 1), self.segments())
        return n.sequence(self.hierarchy(no_scheme), self.query_and_fragment())

    def hierarchy(self, first: Any) -> Any:
        """``hier-part`` and ``relative-part``; ``first``: paths that do not begin with a slash."""
        n = self.n
        absolute = n.sequence("/", n.optional(n.repeat(self.text(":@"), 1), self.segments()))
        return n.either(n.sequence("//", self.authority(), self.segments()), absolute, first, "")

    def segments(self) -> Any:
        return self.n.repeat(self.n.sequence("/", self.n.repeat(self.text(":@"))))

    def query_and_fragment(self) -> Any:
        n = self.n
        query = n.optional("?", n.repeat(self.text(":@/?", self.letters.query)))
        return n.sequence(query, n.optional("#", n.repeat(self.text(":@/?"))))

    def authority(self) -> Any:
        n = self.n
        user = n.optional(n.repeat(self.text(":")), "@")
        name = n.repeat(self.text(""))  # an IPv4 address is one of these
        return n.sequence(user, n.either(name, self.literal()), n.optional(":", n.repeat(n.one_of(DIGIT))))

    def literal(self) -> Any:
        n = self.n
        future = n.sequence(
            n.any_case("v"),
            n.repeat(n.one_of(HEXDIG), 1),
            ".",
            n.repeat(n.one_of(sets.union([_UNRESERVED, _SUB_DELIMITERS, members(":")])), 1),
        )
        return n.sequence("[", n.either(ipv6(n), future), "]")


def uri(n: Notation) -> Any:
    """``URI`` of RFC 3986, section 3."""
    return _Rules(n, URI).uri()


def uri_reference(n: Notation) -> Any:
    """``URI-reference`` of RFC 3986, section 4.1."""
    return _Rules(n, URI).reference()


def iri(n: Notation) -> Any:
    """``IRI`` of RFC 3987, section 2.2."""
    return _Rules(n, IRI).uri()


def iri_reference(n: Notation) -> Any:
    """``IRI-reference`` of RFC 3987, section 2.2."""
    return _Rules(n, IRI).reference()
