"""Mail addresses."""

from __future__ import annotations

from typing import Any

from constrain.languages.json_schema.formats.addresses import ipv4, ipv6
from constrain.languages.json_schema.formats.notation import ALPHANUMERIC, Notation, members
from constrain.languages.regex.unicode import ranges as sets
from constrain.languages.regex.unicode.ranges import Ranges

_ATEXT = sets.union([ALPHANUMERIC, members("!#$%&'*+-/=?^_`{|}~")])
_QTEXT = sets.difference(((0x20, 0x7E),), members('"\\'))


def email(n: Notation) -> Any:
    """``Mailbox`` of RFC 5321, section 4.1.2. The sizes of section 4.5.3.1 are no part of its grammar.

    Of address literals, those whose tag is registered: IPv4 without a tag, and IPv6.
    """
    return n.sequence(local_part(n, sets.NONE), "@", n.either(domain(n), address_literal(n)))


def local_part(n: Notation, letters: Ranges) -> Any:
    """``Local-part`` of RFC 5321, section 4.1.2; ``letters``: characters beyond ASCII that may occur."""
    atom = n.repeat(n.one_of(sets.union([_ATEXT, letters])), 1)
    quoted_pair = n.sequence("\\", n.one_of(((0x20, 0x7E),)))
    quoted_text = n.either(n.one_of(sets.union([_QTEXT, letters])), quoted_pair)
    return n.either(n.separated(atom, "."), n.sequence('"', n.repeat(quoted_text), '"'))


def domain(n: Notation) -> Any:
    """``Domain`` of RFC 5321, section 4.1.2: letters and digits, with hyphens between them."""
    letters = n.repeat(n.one_of(ALPHANUMERIC), 1)
    return n.separated(n.separated(letters, n.repeat("-", 1)), ".")


def address_literal(n: Notation) -> Any:
    """``address-literal`` of RFC 5321, section 4.1.3."""
    return n.sequence("[", n.either(ipv4(n), n.sequence(n.any_case("IPv6:"), ipv6(n, least_gap=2))), "]")
