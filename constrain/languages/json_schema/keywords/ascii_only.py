"""Schemas that can be satisfied in printable ASCII throughout, as far as that shows without looking for values.

Suppose that nothing in a schema tells characters beyond printable ASCII apart: its constants and names have none, its
formats are in ASCII, and if it has patterns, nothing is negated. Then a value that satisfies some part of it, with some
beginning, still does if each other string in it is replaced by one in ASCII:

* If patterns allow ASCII only: by one whose length is in the same range, different strings by different ones. Each
  range between two bounds on lengths must be wide enough for that.
* If they allow other characters because they allow any: by one with spaces for spaces and letters for all others.
  Different strings may then become equal, and names be lost, so nothing may ask for different items or for a number
  of properties.

A vocabulary with these characters spells something of every part of the language, so no part needs to be looked at.
"""

from __future__ import annotations

import re
from functools import partial
from itertools import pairwise
from typing import Any

from constrain.languages.json_schema.formats import FORMATS as ASSERTED
from constrain.languages.json_schema.keywords.rules import RULES
from constrain.languages.json_schema.keywords.schema_check import Check
from constrain.languages.json_schema.keywords.schema_pass import Rule, SchemaPass

__all__ = ["plain_bytes"]

ALL_BYTES = (1 << 256) - 1
PRINTABLE = (1 << 0x7F) - (1 << 0x20)

# Formats in ASCII that hold no text made of a circumflex, braces and angle brackets.
FORMATS = frozenset([
    "date-time", "date", "time", "duration", "email", "hostname", "ipv4", "ipv6", "uri", "uri-reference", "uuid",
])  # fmt: skip

# There are more texts of ``LENGTH`` of these characters than ``MOST`` constants and items.
LENGTH, MOST = 4, 1_000

# In patterns, what may stand for one character: a class or an escape that is not negated, and not a code or a property.
# If these or the dot allow characters beyond ASCII, they allow all of them, all spaces, or all but spaces.
CLASS = re.compile(r"\[(?!\^)(?:[^\]\\]|\\[^WDpPuxcbBk0-9])+\]")
ESCAPE = re.compile(r"\\[^WDpPuxcbBk0-9]")


def plain_bytes(checked: Check) -> int:
    """Bytes that suffice to write something of every part of the documents, as a 256-bit integer: those of printable
    ASCII, or all bytes if these are not seen to suffice."""
    look = Look()
    try:
        Check(checked.document, checked.options, look.rules(checked.options.formats)).run()
    except NotPlain:
        return ALL_BYTES
    return PRINTABLE if look.is_plain() else ALL_BYTES


class NotPlain(Exception):
    """Raised for something that cannot be written in ASCII."""


class Look:
    """What one look through the schemas finds."""

    def __init__(self) -> None:
        self._bounds = {0, 1}
        self._count = 0
        self._patterns = self._negations = self._loses = self._counts = False

    def is_plain(self) -> bool:
        """Whether what was found goes together."""
        wide = all(high == 1 or high > LENGTH for _, high in pairwise(sorted(self._bounds)))
        without = not (self._patterns or self._loses) or not self._negations
        return wide and self._count < MOST and without and not (self._loses and self._counts)

    def rules(self, formats: bool) -> dict[str, Rule]:
        """A rule for each keyword that matters, or that leads to other schemas."""
        rules = dict.fromkeys(["enum", "const"], self._constants)
        rules |= dict.fromkeys(["minItems", "minProperties", "minContains"], self._counted)
        rules |= {"uniqueItems": self._different, "patternProperties": self._names_by_patterns}
        rules |= dict.fromkeys(["minLength", "maxLength"], self._bounded)
        rules |= {"pattern": self._pattern}
        rules |= dict.fromkeys(["required", "dependentRequired"], self._names)
        rules |= {"format": self._format} if formats else {}
        for keyword in ("properties", "dependentSchemas", "dependencies"):
            rules[keyword] = partial(self._named, keyword in ("dependentSchemas", "dependencies"))
        for keyword in ("not", "oneOf", "if", "contains", "unevaluatedItems", "unevaluatedProperties"):
            rules[keyword] = self._negated
        followed = (
            "additionalProperties", "propertyNames", "items", "prefixItems", "additionalItems", "anyOf", "allOf",
            "then", "else", "$ref", "$dynamicRef", "$recursiveRef",
        )  # fmt: skip
        return rules | {keyword: RULES[keyword] for keyword in followed}

    def _names(self, check: SchemaPass, keyword: str, value: Any) -> None:
        _want_ascii(value)

    def _constants(self, check: SchemaPass, keyword: str, value: Any) -> None:
        _want_ascii(value)
        self._count += len(value) if keyword == "enum" else 1

    def _named(self, negates: bool, check: SchemaPass, keyword: str, value: Any) -> None:
        self._negations |= negates
        _want_ascii(list(value))
        self._count += len(value)
        RULES[keyword](check, keyword, value)

    def _counted(self, check: SchemaPass, keyword: str, value: Any) -> None:
        self._count += int(value)
        self._counts |= keyword == "minProperties" and value > 0

    def _different(self, check: SchemaPass, keyword: str, value: Any) -> None:
        self._counts |= value is True

    def _names_by_patterns(self, check: SchemaPass, keyword: str, value: Any) -> None:
        self._loses = True
        RULES[keyword](check, keyword, value)

    def _bounded(self, check: SchemaPass, keyword: str, value: Any) -> None:
        self._bounds.add(int(value) + (keyword == "maxLength"))

    def _pattern(self, check: SchemaPass, keyword: str, value: Any) -> None:
        structure = _structure(value)
        if structure is None:
            raise NotPlain
        self._patterns = True
        self._loses |= re.search(r"\\[sS]", value) is not None or not _is_bound(structure)

    def _format(self, check: SchemaPass, keyword: str, value: Any) -> None:
        if value in ASSERTED and value not in FORMATS:
            raise NotPlain

    def _negated(self, check: SchemaPass, keyword: str, value: Any) -> None:
        self._negations = True
        RULES[keyword](check, keyword, value)


def _want_ascii(value: Any) -> None:
    """Raise ``NotPlain`` if a string in a JSON value is not of ASCII."""
    todo = [value]
    while todo:
        one = todo.pop()
        if isinstance(one, str):
            if not one.isascii():
                raise NotPlain
        elif isinstance(one, dict):
            todo += [*one, *one.values()]
        elif isinstance(one, list):
            todo += one


def _structure(pattern: str) -> str | None:
    """A pattern with an ``x`` for each class and escape; None if some of them, or a group, is not looked into."""
    structure = ESCAPE.sub("x", CLASS.sub("x", pattern))
    looked_into = pattern.isascii() and not re.search(r"[\\\[\]]|\(\?(?!:)", structure)
    return structure if looked_into else None


def _is_bound(structure: str) -> bool:
    """Whether only the characters of a pattern are in its texts: it is anchored at both ends and has no dot."""
    inner, depth = structure[1:-1], 0
    if not structure.startswith("^") or not structure.endswith("$") or re.search(r"[.^$]", inner):
        return False
    for one in inner:
        depth += (one == "(") - (one == ")")
        if one == "|" and depth == 0:
            return False
    return True
