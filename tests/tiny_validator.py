"""A validator that fits on a page, which uses the answers of a ``Document`` on the official suite.

Only what the suite's files about references need: ``minContains`` and ``maxContains`` raise, ``format`` is ignored.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from constrain.languages.json_schema.document.document import Document

TYPES = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "integer": lambda value: (
        isinstance(value, (int, float)) and not isinstance(value, bool) and value % 1 == 0
    ),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}

SINCE = {
    "prefixItems": 2020,
    "dependentRequired": 2019,
    "dependentSchemas": 2019,
    "if": 7,
    "const": 6,
    "contains": 6,
}


@dataclass
class Result:
    """Whether a value is valid, and the keys and indexes that subschemas have looked at."""

    valid: bool = True
    keys: set[Any] = field(default_factory=set)

    def meet(self, other: Result) -> None:
        self.valid = self.valid and other.valid
        self.keys |= other.keys


def is_valid(document: Document, value: Any) -> bool:
    return evaluate(document, document.root, value, document.enter((), document.root)).valid


def evaluate(document: Document, schema: Any, value: Any, scope: Any) -> Result:
    if isinstance(schema, bool):
        return Result(schema)
    document.identify(schema)
    dialect = document.dialect_of(schema)
    scope = document.enter(scope, schema)

    def at(below: Any, part: Any) -> Result:
        return evaluate(document, below, part, scope)

    names = [name for name in schema if name not in dialect.disabled and SINCE.get(name, 0) <= dialect.draft]
    if "$ref" in schema and dialect.draft <= 7:
        names = ["$ref"]
    result = Result()
    for name in names:
        argument = schema[name]
        if name == "$ref":
            result.meet(at(document.resolve(schema, argument), value))
        elif name in ("$dynamicRef", "$recursiveRef"):
            target = document.resolve_dynamic(schema, name, argument, scope)
            possible = document.dynamic_targets(schema, name, argument)
            assert any(target is place for place in possible)
            assert len(possible) == 1 or document.dynamic
            result.meet(at(target, value))
        elif name in IN_PLACE:
            IN_PLACE[name](result, argument, value, at, schema)
        elif name in INSIDE:
            INSIDE[name](result, argument, value, at, schema)
        elif name in ASSERTIONS:
            result.valid = result.valid and ASSERTIONS[name](argument, value)
        elif name in ("minContains", "maxContains"):
            raise NotImplementedError(name)
    _rest(result, schema, names, value, at)
    if not result.valid:
        result.keys = set()
    return result


def _all_of(result: Result, arms: Any, value: Any, at: Any, schema: Any) -> None:
    for arm in arms:
        result.meet(at(arm, value))


def _any_of(result: Result, arms: Any, value: Any, at: Any, schema: Any) -> None:
    found = [at(arm, value) for arm in arms]
    result.valid = result.valid and any(arm.valid for arm in found)
    result.keys |= {key for arm in found if arm.valid for key in arm.keys}


def _one_of(result: Result, arms: Any, value: Any, at: Any, schema: Any) -> None:
    _any_of(result, arms, value, at, schema)
    result.valid = result.valid and [at(arm, value).valid for arm in arms].count(True) == 1


def _not(result: Result, arm: Any, value: Any, at: Any, schema: Any) -> None:
    result.valid = result.valid and not at(arm, value).valid


def _if(result: Result, condition: Any, value: Any, at: Any, schema: Any) -> None:
    found = at(condition, value)
    result.keys |= found.keys
    result.meet(at(schema.get("then" if found.valid else "else", True), value))


def _dependent(result: Result, schemas: Any, value: Any, at: Any, schema: Any) -> None:
    for name, below in schemas.items():
        if isinstance(value, dict) and name in value:
            if isinstance(below, list):
                result.valid = result.valid and set(below) <= set(value)
            else:
                result.meet(at(below, value))


def _look(result: Result, key: Any, below: Any, part: Any, at: Any) -> None:
    result.valid = at(below, part).valid and result.valid
    result.keys.add(key)


def _properties(result: Result, schemas: Any, value: Any, at: Any, schema: Any) -> None:
    for name, below in schemas.items():
        if isinstance(value, dict) and name in value:
            _look(result, name, below, value[name], at)


def _patterns(result: Result, schemas: Any, value: Any, at: Any, schema: Any) -> None:
    for pattern, below in schemas.items():
        for name in value if isinstance(value, dict) else ():
            if re.search(pattern, name):
                _look(result, name, below, value[name], at)


def _names(result: Result, below: Any, value: Any, at: Any, schema: Any) -> None:
    for name in value if isinstance(value, dict) else ():
        result.valid = result.valid and at(below, name).valid


def _items(result: Result, below: Any, value: Any, at: Any, schema: Any) -> None:
    if isinstance(value, list):
        first = len(schema.get("prefixItems", ()))
        schemas = below if isinstance(below, list) else [below] * len(value[first:])
        for index, (item, part) in enumerate(zip(schemas, value[first:], strict=False), first):
            _look(result, index, item, part, at)


def _prefix(result: Result, schemas: Any, value: Any, at: Any, schema: Any) -> None:
    if isinstance(value, list):
        for index, (below, part) in enumerate(zip(schemas, value, strict=False)):
            _look(result, index, below, part, at)


def _contains(result: Result, below: Any, value: Any, at: Any, schema: Any) -> None:
    if isinstance(value, list):
        hits = {index for index, part in enumerate(value) if at(below, part).valid}
        result.valid = result.valid and bool(hits)
        result.keys |= hits


def _rest(result: Result, schema: Any, names: list[str], value: Any, at: Any) -> None:
    """The keywords that speak about what others have not looked at; ``additionalItems`` is not among them."""
    own = Result()
    for name in ("properties", "patternProperties"):
        if name in names:
            INSIDE[name](own, schema[name], value, lambda below, part: Result(), schema)
    for name, looked in (
        ("additionalProperties", own.keys),
        ("unevaluatedProperties", result.keys),
        ("unevaluatedItems", result.keys),
    ):
        kind = list if name.endswith("Items") else dict
        if name in names and isinstance(value, kind):
            parts = dict(enumerate(value)) if isinstance(value, list) else value
            for key in parts.keys() - set(looked):
                _look(result, key, schema[name], parts[key], at)


IN_PLACE = {
    "allOf": _all_of,
    "anyOf": _any_of,
    "oneOf": _one_of,
    "not": _not,
    "if": _if,
    "dependentSchemas": _dependent,
    "dependencies": _dependent,
    "dependentRequired": _dependent,
}
INSIDE = {
    "properties": _properties,
    "patternProperties": _patterns,
    "propertyNames": _names,
    "items": _items,
    "prefixItems": _prefix,
    "contains": _contains,
}
ASSERTIONS: dict[str, Any] = {
    "type": lambda names, value: any(
        TYPES[name](value) for name in ([names] if isinstance(names, str) else names)
    ),
    "enum": lambda values, value: any(_same(known, value) for known in values),
    "const": lambda known, value: _same(known, value),
    "required": lambda names, value: not isinstance(value, dict) or set(names) <= set(value),
    "minLength": lambda least, value: not isinstance(value, str) or len(value) >= least,
    "maxLength": lambda most, value: not isinstance(value, str) or len(value) <= most,
    "pattern": lambda pattern, value: not isinstance(value, str) or re.search(pattern, value) is not None,
    "minimum": lambda least, value: not TYPES["number"](value) or value >= least,
    "maximum": lambda most, value: not TYPES["number"](value) or value <= most,
    "multipleOf": lambda step, value: not TYPES["number"](value) or value % step == 0,
    "minItems": lambda least, value: not isinstance(value, list) or len(value) >= least,
    "maxItems": lambda most, value: not isinstance(value, list) or len(value) <= most,
    "minProperties": lambda least, value: not isinstance(value, dict) or len(value) >= least,
    "maxProperties": lambda most, value: not isinstance(value, dict) or len(value) <= most,
    "uniqueItems": lambda wanted, value: (
        not wanted
        or not isinstance(value, list)
        or not any(_same(one, other) for i, one in enumerate(value) for other in value[:i])
    ),
}


def _same(one: Any, other: Any) -> bool:
    return isinstance(one, bool) == isinstance(other, bool) and one == other
