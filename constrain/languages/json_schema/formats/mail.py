"""Mail addresses."""

from __future__ import annotations

from typing import Any

from constrain.languages.json_schema.formats.addresses import ipv4, ipv6
from constrain.languages.json_schema.formats.hosts import domain
from constrain.languages.json_schema.formats.notation import ALPHANUMERIC, Notation, members
from constrain.languages.regex import ranges as sets
from constrain.languages.regex.ranges import Ranges

# RFC 5321, section 4.5.3.1.1: octets of a local part.
LOCAL_PART = 64

_ATEXT = sets.union([ALPHANUMERIC, members("!#$%&'*+-/=?^_`{|}~")])
_QTEXT = sets.difference(((0x20, 0x7E),), members('"\\'))

# Characters beyond ASCII by the octets they take in UTF-8.
_OCTETS = ((((0x80, 0x7FF),), 2), (((0x800, 0xD7FF), (0xE000, 0xFFFF)), 3), (((0x10000, 0x10FFFF),), 4))


def email(n: Notation) -> Any:
    """``Mailbox`` of RFC 5321, section 4.1.2, with the size limits of section 4.5.3.1.

    Of address literals, those whose tag is registered: IPv4 without a tag, and IPv6.
    """
    local = local_part(n, sets.NONE)
    return n.sequence(local, "@", n.either(domain(n), address_literal(n)))


def local_part(n: Notation, letters: Ranges) -> Any:
    """``Local-part`` of RFC 5321, section 4.1.2; ``letters``: characters beyond ASCII that may occur."""
    atom = n.repeat(n.one_of(sets.union([_ATEXT, letters])), 1)
    quoted_pair = n.sequence("\\", n.one_of(((0x20, 0x7E),)))
    quoted_text = n.either(n.one_of(sets.union([_QTEXT, letters])), quoted_pair)
    local = n.either(n.separated(atom, "."), n.sequence('"', n.repeat(quoted_text), '"'))
    sizes = [(n.one_of(((0x20, 0x7E),)), 1)]
    sizes += [(n.one_of(some), octets) for some, octets in _OCTETS if sets.intersection(some, letters)]
    return n.arena.intersection([local, n.weighing(LOCAL_PART, sizes)])


def address_literal(n: Notation) -> Any:
    """``address-literal`` of RFC 5321, section 4.1.3."""
    return n.sequence("[", n.either(ipv4(n), n.sequence(n.any_case("IPv6:"), ipv6(n, least_gap=2))), "]")
