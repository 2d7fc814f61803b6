"""IP addresses."""

from __future__ import annotations

from typing import Any

from constrain.languages.json_schema.formats.notation import DIGIT, HEXDIG, Notation

GROUPS = 8


def ipv4(n: Notation) -> Any:
    """``dotted-quad`` of RFC 2673, section 3.2, without leading zeros (``IPv4address`` of RFC 3986)."""
    digit = n.one_of(DIGIT)
    octet = n.either(
        digit,
        n.sequence(n.one_of("123456789"), digit),
        n.sequence("1", digit, digit),
        n.sequence("2", n.one_of("01234"), digit),
        n.sequence("25", n.one_of("012345")),
    )
    return n.separated(octet, ".", 4, 4)


def ipv6(n: Notation, least_gap: int = 1) -> Any:
    """The three forms of RFC 4291, section 2.2; no zone, no prefix length.

    ``least_gap``: how many groups ``::`` stands for at the least; RFC 5321 wants two.
    """
    group = n.repeat(n.one_of(HEXDIG), 1, 4)
    tails = _tails(n, group)
    rests = [n.part("")]  # [k]: what follows a group where exactly k groups are left and no ``::`` was read
    for left in range(1, GROUPS):
        ways = [n.sequence(":", group, rests[left - 1])]
        if left == 2:
            ways.append(n.sequence(":", ipv4(n)))
        if left >= least_gap:
            ways.append(n.sequence("::", tails[left - least_gap]))
        rests.append(n.either(*ways))
    return n.either(n.sequence("::", tails[GROUPS - least_gap]), n.sequence(group, rests[GROUPS - 1]))


def _tails(n: Notation, group: Any) -> list[Any]:
    """[k]: at most k groups, which may follow ``::``; the last two perhaps as an IPv4 address."""
    tails = [n.part("")]
    some = n.arena.EMPTY
    for most in range(1, GROUPS):
        following = n.optional(":", some)
        some = n.either(n.sequence(group, following), *([ipv4(n)] if most >= 2 else []))
        tails.append(n.optional(some))
    return tails
