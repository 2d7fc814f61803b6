"""Random schemas and documents of few names, strings and numbers; and what ``jsonschema`` says of them.

The pools are those of ``tests.json_schema_strategies``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, _WrappedReferencingError
from jsonschema.validators import extend
from jsonschema_specifications import REGISTRY

from tests.json_schema_strategies import FORMATS, NAMES, NUMBERS, PATTERNS, STRINGS, TYPES
from tests.test_json_schema_properties import can_be_compared

__all__ = ["Judge", "changed", "draw_schema", "draw_value"]

Draw = Callable[[Random], Any]
DrawWith = Callable[[Random, int], Any]


# -- values ---------------------------------------------------------------------------------------


def draw_scalar(chooser: Random) -> Any:
    """Mostly strings and numbers."""
    pools: list[list[Any]] = [[None], [False, True], [*STRINGS], [*NUMBERS], [*NUMBERS]]
    return chooser.choice(chooser.choice(pools))


def draw_value(chooser: Random, depth: int = 2) -> Any:
    """A JSON value."""
    form = chooser.choice(["scalar", "list", "dict"]) if depth else "scalar"
    if form == "scalar":
        return draw_scalar(chooser)
    parts = [draw_value(chooser, depth - 1) for _ in range(chooser.randint(0, 4))]
    return parts if form == "list" else {chooser.choice(NAMES): part for part in parts}


def changed(chooser: Random, value: Any) -> Any:
    """``value`` with one part of it changed, left out, doubled or added."""
    if isinstance(value, list) and value and chooser.random() < 0.7:
        at = chooser.randrange(len(value))
        parts: list[Any] = [[], [draw_scalar(chooser)], [value[at]] * 2, [changed(chooser, value[at])]]
        return [*value[:at], *chooser.choice(parts), *value[at + 1 :]]
    if isinstance(value, dict) and value and chooser.random() < 0.7:
        name = chooser.choice(sorted(value))
        rest = {other: item for other, item in value.items() if other != name}
        other = chooser.choice(NAMES)
        return chooser.choice(
            [rest, {**rest, other: value[name]}, {**value, name: changed(chooser, value[name])}]
        )
    if isinstance(value, list):
        return [*value, draw_scalar(chooser)]
    if isinstance(value, dict):
        return {**value, chooser.choice(NAMES): draw_scalar(chooser)}
    return draw_scalar(chooser)


# -- schemas --------------------------------------------------------------------------------------


def _one_of(pool: list[Any]) -> Draw:
    return lambda chooser: chooser.choice(pool)


def _names(chooser: Random) -> list[str]:
    return chooser.sample(NAMES, chooser.randint(1, 2))


_count = _one_of([0, 1, 2, 3])
_bound = _one_of(NUMBERS)

SCALAR: dict[str, Draw] = {
    "type": lambda chooser: chooser.choice(
        [chooser.choice(TYPES), chooser.sample(TYPES, chooser.randint(1, 3))]
    ),
    "minLength": _count,
    "maxLength": _count,
    "pattern": _one_of(PATTERNS),
    "format": _one_of(FORMATS),
    "minimum": _bound,
    "maximum": _bound,
    "exclusiveMinimum": _bound,
    "exclusiveMaximum": _bound,
    "multipleOf": _one_of([1, 2, 3, 5, 0.5, 1.5, 0.25]),
    "minItems": _count,
    "maxItems": _count,
    "uniqueItems": _one_of([True, True, False]),
    "required": _names,
    "minProperties": _count,
    "maxProperties": _count,
    "dependentRequired": lambda chooser: {
        chooser.choice(NAMES): _names(chooser) for _ in range(chooser.randint(0, 2))
    },
    "enum": lambda chooser: [draw_value(chooser, 1) for _ in range(chooser.randint(1, 4))],
    "const": lambda chooser: draw_value(chooser, 1),
    "$ref": _one_of(["#/$defs/x", "#/$defs/y", "#"]),
    "$dynamicRef": _one_of(["#here", "#/$defs/x"]),
}


def _arms(chooser: Random, depth: int) -> list[Any]:
    return [_subschema(chooser, depth) for _ in range(chooser.randint(1, 3))]


def _by(pool: list[str]) -> DrawWith:
    return lambda chooser, depth: {
        chooser.choice(pool): _subschema(chooser, depth) for _ in range(chooser.randint(1, 3))
    }


def _subschema(chooser: Random, depth: int) -> Any:
    return chooser.choice([True, False]) if chooser.random() < 0.15 else _keywords(chooser, depth)


APPLYING: dict[str, DrawWith] = {
    **dict.fromkeys(["allOf", "anyOf", "oneOf", "prefixItems"], _arms),
    **dict.fromkeys(["properties", "dependentSchemas"], _by(NAMES)),
    "patternProperties": _by(PATTERNS),
    **dict.fromkeys(
        "additionalProperties propertyNames unevaluatedProperties items contains unevaluatedItems not if".split(),
        _subschema,
    ),
}
# Keywords that say something beside another only.
BROUGHT: dict[str, dict[str, DrawWith]] = {
    "contains": {name: lambda chooser, _: chooser.randint(0, 2) for name in ("minContains", "maxContains")},
    "if": {"then": _subschema, "else": _subschema},
}


def _keywords(chooser: Random, depth: int) -> dict[str, Any]:
    schema = {name: SCALAR[name](chooser) for name in chooser.sample(list(SCALAR), chooser.randint(0, 2))}
    applying = chooser.sample(list(APPLYING), chooser.randint(0, 2)) if depth else []
    for name in applying:
        schema[name] = APPLYING[name](chooser, depth - 1)
        for other, draw in BROUGHT.get(name, {}).items():
            if chooser.random() < 0.5:
                schema[other] = draw(chooser, depth - 1)
    return schema


def draw_schema(chooser: Random) -> dict[str, Any]:
    """A schema (2020-12) with two definitions that it, and they themselves, may refer to."""
    root = _keywords(chooser, 2)
    root["$defs"] = {"x": _subschema(chooser, 1), "y": {**_keywords(chooser, 0), "$dynamicAnchor": "here"}}
    return root


# -- what jsonschema says -------------------------------------------------------------------------

# Keywords that this package enforces in every draft, or that choose another one.
OF_OTHER_DRAFTS = frozenset(
    "$schema $id id $anchor $vocabulary $recursiveRef $recursiveAnchor dependencies additionalItems divisibleBy".split()
)
# Where Python's regular expressions and those of ECMAScript are surely one.
SAME_PATTERN = re.compile(r'(?!.*(\(\?|[*+?][*+?]))[a-z0-9 é"^$|()*+?]*')


MOST_REFERENCES = (
    200  # that are followed for one verdict: where two lead back to each other, they would be 2**1000
)


class _TooManyReferences(Exception):
    pass


class _Counted:
    """A keyword that refers to another schema, as often as that is allowed."""

    spent = 0

    def __init__(self, name: str) -> None:
        self.follow = Draft202012Validator.VALIDATORS[name]

    def __call__(self, *arguments: Any) -> Any:
        _Counted.spent += 1
        if _Counted.spent > MOST_REFERENCES:
            raise _TooManyReferences
        return self.follow(*arguments)


Validator = extend(Draft202012Validator, {name: _Counted(name) for name in ("$ref", "$dynamicRef")})


class Judge:
    """The verdicts of ``jsonschema`` on documents, where it decides the same question."""

    def __init__(self, schema: Any, draft: int = 2020) -> None:
        self.schema = schema
        self.validator = None
        if draft == 2020 and _is_same_question(schema):
            checker = Draft202012Validator.FORMAT_CHECKER
            self.validator = Validator(schema, format_checker=checker, registry=REGISTRY)

    def verdict(self, document: Any) -> bool | None:
        """Whether a document validates; None if that cannot be told."""
        if self.validator is None or not can_be_compared(document) or _has_year_0(document):
            return None
        _Counted.spent = 0
        try:
            return bool(self.validator.is_valid(document))
        except (RecursionError, re.error, _TooManyReferences, _WrappedReferencingError):
            return None  # it refers to itself without reading anything, or to nowhere
        except BaseException as problem:  # so it fails when it recurses within compiled code
            if type(problem).__name__ != "PanicException":
                raise
            return None


def _has_year_0(document: Any) -> bool:
    """Whether there may be a date of a year that RFC 3339 has and Python has not."""
    return '"0000-' in json.dumps(document)


def _is_same_question(schema: Any) -> bool:
    try:
        Draft202012Validator.check_schema(schema)
        written = json.dumps(schema)
    except (SchemaError, RecursionError, ValueError, TypeError):
        return False
    if len(written) > 5_000:
        return False
    return all(_is_same_keyword(name, value) for name, value in _parts(schema)) and _has_plain_numbers(schema)


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    """Every member of every object, keyword or not."""
    if isinstance(value, dict):
        yield from value.items()
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _parts(part)


def _is_same_keyword(name: str, value: Any) -> bool:
    if name in OF_OTHER_DRAFTS or (name == "items" and isinstance(value, list)):
        return False
    if name == "pattern":
        return isinstance(value, str) and _is_same_pattern(value)
    if name == "patternProperties":
        return isinstance(value, dict) and all(map(_is_same_pattern, value))
    return name != "format" or value in FORMATS


def _is_same_pattern(pattern: str) -> bool:
    return pattern in PATTERNS or SAME_PATTERN.fullmatch(pattern) is not None


def _has_plain_numbers(schema: Any) -> bool:
    """Whether its numbers are such that floats are exact enough."""
    if isinstance(schema, (dict, list)):
        return all(map(_has_plain_numbers, schema.values() if isinstance(schema, dict) else schema))
    return isinstance(schema, str) or can_be_compared(schema)
