"""UUIDs, JSON pointers and URI templates."""

from __future__ import annotations

from typing import Any

from constrain.languages.json_schema.formats.notation import (
    ALPHANUMERIC,
    DIGIT,
    HEXDIG,
    Notation,
    members,
)
from constrain.languages.json_schema.formats.uris import IPRIVATE, UCSCHAR, percent_encoded
from constrain.languages.regex.unicode import ranges as sets


def uuid(n: Notation) -> Any:
    """``UUID`` of RFC 4122, section 3: any version and variant, hexadecimal digits in either case."""
    digit = n.one_of(HEXDIG)
    groups = [n.repeat(digit, count, count) for count in (8, 4, 4, 4, 12)]
    return n.sequence(groups[0], *[n.sequence("-", group) for group in groups[1:]])


def json_pointer(n: Notation) -> Any:
    """``json-pointer`` of RFC 6901, section 3."""
    unescaped = n.one_of(sets.complement(members("/~")))
    token = n.repeat(n.either(unescaped, "~0", "~1"))
    return n.repeat(n.sequence("/", token))


def relative_json_pointer(n: Notation) -> Any:
    """Relative JSON pointers as in draft-handrews-relative-json-pointer-01, section 3.

    The later draft-bhutton-relative-json-pointer-00 adds index manipulation, ``0-1/a``: left out, since
    drafts before 2020-12 and most validators refuse it.
    """
    number = n.either("0", n.sequence(n.one_of("123456789"), n.repeat(n.one_of(DIGIT))))
    return n.sequence(number, n.either("#", json_pointer(n)))


def uri_template(n: Notation) -> Any:
    """``URI-Template`` of RFC 6570, section 2, with erratum 6937 (an apostrophe is a literal).

    Not with the operators that section 2.2 reserves for extensions: no processor knows them yet.
    """
    ascii_literals = sets.difference(((0x21, 0x7E),), members('"%<>\\^`{|}'))
    literal = n.either(n.one_of(sets.union([ascii_literals, UCSCHAR, IPRIVATE])), percent_encoded(n))
    varchar = n.either(n.one_of(sets.union([ALPHANUMERIC, members("_")])), percent_encoded(n))
    name = n.separated(n.repeat(varchar, 1), ".")
    length = n.sequence(n.one_of("123456789"), n.repeat(n.one_of(DIGIT), 0, 3))
    variable = n.sequence(name, n.optional(n.either("*", n.sequence(":", length))))
    operator = n.optional(n.one_of("+#./;?&"))
    expression = n.sequence("{", operator, n.separated(variable, ","), "}")
    return n.repeat(n.either(literal, expression))
