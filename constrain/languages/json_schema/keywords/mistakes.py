"""Parts of a schema that look like mistakes: they have no effect, and their author most likely thought that they had.

A third of all real schemas carry keywords that mean nothing to JSON Schema (those of editors, generators and other
validators), and these are no mistakes. What is reported here is rare: misspelt keywords whose values have the form of
the intended keyword, a schema wrapped in something else, keywords made void by a type or a reference beside them, and
escapes of other dialects in patterns. ``annotations`` lists everything without effect.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Any
from warnings import warn

from constrain.errors import InvalidSchema, SchemaWarning
from constrain.languages.json_schema.formats import FORMATS
from constrain.languages.json_schema.keywords.annotations import NEEDS, of_other_type
from constrain.languages.json_schema.keywords.groups import TYPE_NAMES
from constrain.languages.json_schema.keywords.rules import RULES
from constrain.languages.json_schema.keywords.schema_check import Check
from constrain.languages.json_schema.text.json_text import is_number
from constrain.languages.json_schema.text.pointers import escape
from constrain.languages.regex.parsing.foreign import foreign

PACKAGE = __name__.partition(".")[0]

# -- forms ------------------------------------------------------------------------------------


def _is_schema(value: Any) -> bool:
    return isinstance(value, (dict, bool))


def _are_schemas(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_schema, value))


def _are_named(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_schema, value.values()))


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(name, str) for name in value)


def _is_type(value: Any) -> bool:
    names = value if isinstance(value, list) else [value]
    return bool(names) and all(isinstance(name, str) and name in TYPE_NAMES for name in names)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _is_reference(value: Any) -> bool:
    return isinstance(value, str) and ("#" in value or "/" in value)


def _is_bound(value: Any) -> bool:
    return isinstance(value, bool) or is_number(value)


# The form of each keyword that may have been intended. ``const`` may be anything, so only its name tells it.
FORMS: dict[str, Callable[[Any], bool]] = {
    "type": _is_type, "enum": _is_list, "const": lambda value: True, "required": _are_names,
    **dict.fromkeys(("properties", "patternProperties", "dependentSchemas", "dependencies"), _are_named),
    **dict.fromkeys(
        ("additionalProperties", "propertyNames", "unevaluatedProperties", "items", "additionalItems", "contains",
         "unevaluatedItems", "not", "if", "then", "else"), _is_schema,
    ),
    **dict.fromkeys(("prefixItems", "anyOf", "allOf", "oneOf"), _are_schemas),
    "dependentRequired": lambda value: isinstance(value, dict) and all(map(_are_names, value.values())),
    **dict.fromkeys(
        ("minProperties", "maxProperties", "minItems", "maxItems", "minContains", "maxContains", "minLength",
         "maxLength", "minimum", "maximum", "multipleOf"), is_number,
    ),
    **dict.fromkeys(("exclusiveMinimum", "exclusiveMaximum"), _is_bound),
    "uniqueItems": _is_flag, "pattern": _is_text, "format": _is_text,
    **dict.fromkeys(("$ref", "$dynamicRef", "$recursiveRef"), _is_reference),
}  # fmt: skip

# Keywords of draft 3 that no later draft has, and what they are written as now.
DRAFT_3 = {"divisibleBy": "multipleOf", "disallow": "not", "extends": "allOf"}

_HIDDEN = "a $ref hides the keywords beside it up to draft 7"

# -- near misses ------------------------------------------------------------------------------

# Shorter names have too many neighbours that are words: in these, two letters may be swapped, and no more.
SHORT = 4
# Where a name has this many letters, two may be missing or wrong.
LONG = 9
# No misspelling of a keyword is longer.
LONGEST = 32


@lru_cache(maxsize=4096)
def near_miss(keyword: str) -> str:
    """The keyword that an unknown one seems to be a misspelling of, by its name alone; "" if none.

    Names that begin with ``x-``, ``_``, ``#`` or ``//`` are extensions or commented out, on purpose.
    """
    if keyword.lower().startswith("x-") or not (keyword[:1].isalpha() or keyword.startswith("$")):
        return ""
    folded = _folded(keyword)
    names, shortened = _names()
    if folded in names or len(folded) > LONGEST:
        return names.get(folded, "")
    for variant in _without_one(folded):
        name = shortened.get(variant)
        if name is not None and (len(name) >= LONG or _differ_by_one(folded, _folded(name))):
            return (
                name if min(len(folded), len(name)) > SHORT or sorted(folded) == sorted(_folded(name)) else ""
            )
    return ""


@lru_cache(maxsize=1)
def _names() -> tuple[dict[str, str], dict[str, str]]:
    """The keywords by their folded names, and by these with one letter missing, or two if they are long."""
    names = {_folded(name): name for name in FORMS}
    shortened: dict[str, str] = {}
    for folded, name in names.items():
        for once in _without_one(folded):
            for variant in _without_one(once) if len(folded) >= LONG else [once]:
                shortened.setdefault(variant, name)
    return names, shortened


def _without_one(name: str) -> list[str]:
    """The name, and the name without each one of its letters."""
    return [name, *[name[:index] + name[index + 1 :] for index in range(len(name))]]


def _folded(name: str) -> str:
    return "".join(letter for letter in name[: 2 * LONGEST].lower() if letter.isalnum())


def _differ_by_one(one: str, other: str) -> bool:
    """Whether one letter is wrong, missing, too many or swapped with the next."""
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    a, b = one[start:], other[start:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[1::-1] == b[:2] and a[2:] == b[2:])


FORMAT_NAMES = {_folded(name): name for name in FORMATS}

# -- wrappers ---------------------------------------------------------------------------------

# The keys under which the interfaces of model servers, OpenAPI and tools put a schema.
WRAPPERS = (
    "schema", "json_schema", "jsonSchema", "parameters", "input_schema", "inputSchema", "output_schema", "outputSchema",
    "response_format", "responseFormat", "response_schema", "responseSchema", "function",
)  # fmt: skip


def wrapped(schema: dict[str, Any]) -> str:
    """The key that seems to hold the intended schema; "" if there is none."""
    first, inner = "", schema
    while FORMS.keys().isdisjoint(inner):
        key = next((key for key in WRAPPERS if isinstance(inner.get(key), dict)), "")
        if not key:
            return ""
        first, inner = first or key, inner[key]
    return first


# -- all together -----------------------------------------------------------------------------


def mistakes(check: Check) -> Iterator[tuple[dict[str, Any], str, str]]:
    """(schema, pointer from there, reason) of each place that looks like a mistake; ``check`` has run."""
    for schema, keyword in check.suspects:
        for place, reason in _of(schema, keyword, check):
            yield schema, place, reason


def _of(schema: dict[str, Any], keyword: str, check: Check) -> Iterator[tuple[str, str]]:
    value = schema[keyword]
    if keyword == "$ref":
        yield from [(escape(other), _HIDDEN) for other in _hidden(schema, check)]
    elif keyword == "type":
        yield from [
            (other, reason)
            for other in schema
            if (reason := of_other_type(other, schema)) and (other != "format" or schema[other] in FORMATS)
        ]
    elif keyword == "properties":
        yield from [
            (
                f"{keyword}/{name}",
                f"as the name of a property; is the keyword {name} meant, beside properties?",
            )
            for name in value
            if value[name] is False and name in RULES
        ]
    elif keyword in ("pattern", "patternProperties"):
        yield from [
            (keyword, foreign(pattern))
            for pattern in ([value] if keyword == "pattern" else value)
            if foreign(pattern)
        ]
    elif keyword == "format":
        meant = FORMAT_NAMES.get(_folded(value))
        if meant and check.options.formats:
            yield keyword, f"unknown format {value!r}; is {meant} meant?"
    elif keyword in NEEDS:
        yield keyword, f"says nothing without {NEEDS[keyword]}"
    else:
        yield from _of_unknown(schema, keyword, value)


def _hidden(schema: dict[str, Any], check: Check) -> list[str]:
    """The keywords that a ``$ref`` hides, except those that just repeat what it leads to, as a type nearly always
    does."""
    target = check.document.resolve(schema, schema["$ref"])
    said = target if isinstance(target, dict) else {}
    return [
        keyword
        for keyword, value in schema.items()
        if keyword in FORMS
        and keyword not in ("$ref", "type")
        and not (keyword in said and _is_same(said[keyword], value))
    ]


def _is_same(one: Any, other: Any) -> bool:
    """Whether two values are equal; nested values are not compared."""
    nested = isinstance(other, dict) or (
        isinstance(other, list) and any(isinstance(item, (dict, list)) for item in other)
    )
    return not nested and bool(one == other)


def _of_unknown(schema: dict[str, Any], keyword: str, value: Any) -> Iterator[tuple[str, str]]:
    meant = near_miss(keyword)
    if meant and meant not in schema and FORMS[meant](value):
        yield escape(keyword), f"unknown keyword; is {meant} meant?"
    elif keyword in DRAFT_3:
        yield keyword, f"a keyword of draft 3, which no later one has; write {DRAFT_3[keyword]}"
    elif keyword == wrapped(schema):
        yield keyword, "the schema seems to be what stands here; what is around it says nothing"


# -- telling ----------------------------------------------------------------------------------

# Places that a warning names.
SHOWN = 3


def tell(check: Check, unknown: str) -> None:
    """Warn of mistakes, once for the whole schema (``unknown="warn"``), or raise the first (``"raise"``).

    Raises:
        InvalidSchema: something looks like a mistake, and ``unknown`` is ``"raise"``.
    """
    found = list(islice(mistakes(check), SHOWN + 1))
    if not found:
        return
    told = [(f"{check.document.pointer(schema)}/{place}", reason) for schema, place, reason in found[:SHOWN]]
    if unknown == "raise":
        raise InvalidSchema(*told[0], 'json_schema(..., unknown="ignore") takes it as it is')
    places = "".join(f"\n  {pointer}: {reason}" for pointer, reason in told)
    more = "\n  and more" if len(found) > SHOWN else ""
    warn(
        f"parts of the schema say nothing, and look as if they were meant to:{places}{more}\n"
        '(constrain check lists all that say nothing; unknown="ignore" silences this, "raise" makes it an error)',
        SchemaWarning,
        stacklevel=_outside(),
    )


def _outside() -> int:
    """How far up the stack the caller of this package is, as ``warn`` counts from ``tell``."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == PACKAGE:
        level, frame = level + 1, frame.f_back
    return level
