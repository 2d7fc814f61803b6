"""Host names of ASCII letters, digits and hyphens."""

from __future__ import annotations

from typing import Any

from constrain.languages.json_schema.formats.a_labels import a_label
from constrain.languages.json_schema.formats.notation import ALPHANUMERIC, Notation, members
from constrain.languages.regex.unicode import ranges as sets

# RFC 1035, section 2.3.4: octets of a label; of a name without the root, written with dots.
LABEL = 63
NAME = 253

_LDH = sets.union([ALPHANUMERIC, members("-")])


def hostname(n: Notation) -> Any:
    """A host name of RFC 1123, section 2.1: labels of 63 characters, 253 in all, no final dot.

    Labels that begin with ``xn--`` are valid if they are the Punycode of a valid internationalized label
    (RFC 5891, section 4.4). Deciding that takes more memory than an automaton of reasonable size has, so only
    those with a single letter beyond ASCII are allowed (``a_labels``).
    """
    return limited(n, n.separated(n.either(ldh_label(n), a_label(n)), "."))


def limited(n: Notation, name: Any) -> Any:
    """The name, if it has at most 253 characters."""
    return n.arena.intersection([name, n.repeat(n.one_of(sets.union([_LDH, members(".")])), 0, NAME)])


def ldh_label(n: Notation) -> Any:
    """A label that does not begin with ``xn--``, in either case."""

    def after_hyphen(most: int) -> Any:
        """At most so many further characters, a letter or digit at the end."""
        return n.sequence(n.repeat(n.one_of(_LDH), 0, most - 1), n.one_of(ALPHANUMERIC))

    def after_letter(most: int) -> Any:
        return n.optional(after_hyphen(most))

    letter = n.one_of(ALPHANUMERIC)
    x, not_x = _split(n, "xX")
    second, not_second = _split(n, "nN")
    left = LABEL - 4
    after_xn = n.optional(
        n.either(n.sequence(letter, after_letter(left + 1)), n.sequence("-", letter, after_letter(left)))
    )
    after_x = n.optional(
        n.either(
            n.sequence(not_second, after_letter(left + 2)),
            n.sequence("-", after_hyphen(left + 2)),
            n.sequence(second, after_xn),
        )
    )
    return n.either(n.sequence(not_x, after_letter(left + 3)), n.sequence(x, after_x))


def _split(n: Notation, characters: str) -> tuple[Any, Any]:
    """One of the characters; a letter or digit that is none of them."""
    chosen = members(characters)
    return n.one_of(chosen), n.one_of(sets.difference(ALPHANUMERIC, chosen))
