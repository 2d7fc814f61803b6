"""Hypothesis strategies: schemas over all keywords, and values that have a chance to validate.

Names, strings and numbers come from small pools, so that the parts of a schema mention the same things and instances
are valid often enough.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

NAMES = ["a", "b", "c", "ab", 'q"', "é/~"]
STRINGS = ["", "a", "b", "ab", "ba", "aab", 'q"\\\n', "é", "\U0001f600", "2020-01-01", "::1"]
NUMBERS = [-3, -1, 0, 1, 2, 3, 10, 12, 0.5, 1.0, 1.5, -0.25, 2.75, 100]
PATTERNS = ["^a", "b$", "^[ab]*$", "^a{1,2}$", "a|é", "^(ab|ba)+$", '"', "^(a|b|c)$"]
TYPES = ["null", "boolean", "string", "number", "integer", "array", "object"]
FORMATS = ["date", "ipv6", "uuid", "ipv4"]  # those that jsonschema checks by itself

Schemas = st.SearchStrategy[Any]

names = st.sampled_from(NAMES)
some_names = st.lists(names, min_size=1, max_size=2, unique=True)
patterns = st.sampled_from(PATTERNS)
scalars = st.one_of(
    st.none(), st.booleans(), st.sampled_from(STRINGS), st.sampled_from(NUMBERS), st.sampled_from(NUMBERS)
)


def _grow(values: Schemas) -> Schemas:
    return st.one_of(st.lists(values, max_size=4), st.dictionaries(names, values, max_size=4))


values = st.recursive(scalars, _grow, max_leaves=8)
constants = st.recursive(scalars, _grow, max_leaves=4)

counts = st.integers(0, 3)
bounds = st.sampled_from(NUMBERS)

# Keywords without subschemas; "min" and "max" of one thing are drawn apart, so that both occur together too.
SCALAR: dict[str, Schemas] = {
    "type": st.one_of(
        st.sampled_from(TYPES), st.lists(st.sampled_from(TYPES), min_size=1, max_size=3, unique=True)
    ),
    "minLength": counts,
    "maxLength": counts,
    "pattern": patterns,
    "format": st.sampled_from(FORMATS),
    "minimum": bounds,
    "maximum": bounds,
    "exclusiveMinimum": bounds,
    "exclusiveMaximum": bounds,
    "multipleOf": st.sampled_from([1, 2, 3, 5, 0.5, 1.5, 0.25]),
    "minItems": counts,
    "maxItems": counts,
    "uniqueItems": st.booleans(),
    "required": some_names,
    "minProperties": counts,
    "maxProperties": counts,
    "dependentRequired": st.dictionaries(names, some_names, max_size=2),
    "enum": st.lists(constants, min_size=1, max_size=4),
    "const": constants,
    "$ref": st.sampled_from(["#/$defs/x", "#/$defs/y", "#"]),
    "$dynamicRef": st.sampled_from(["#here", "#/$defs/x"]),
}

Applied = Callable[[Schemas], Schemas]


def _arms(schemas: Schemas) -> Schemas:
    return st.lists(schemas, min_size=1, max_size=3)


def _by_name(schemas: Schemas) -> Schemas:
    return st.dictionaries(names, schemas, max_size=3)


def _one(schemas: Schemas) -> Schemas:
    return schemas


# Keywords with subschemas. "contains" and "if" bring others with them.
APPLYING: dict[str, Applied] = {
    "properties": _by_name,
    "patternProperties": lambda schemas: st.dictionaries(patterns, schemas, min_size=1, max_size=2),
    "additionalProperties": _one,
    "propertyNames": lambda schemas: st.one_of(
        schemas, st.fixed_dictionaries({"pattern": patterns}), st.just({"maxLength": 1})
    ),
    "dependentSchemas": _by_name,
    "unevaluatedProperties": _one,
    "items": _one,
    "prefixItems": lambda schemas: st.lists(schemas, min_size=1, max_size=2),
    "contains": _one,
    "unevaluatedItems": _one,
    "anyOf": _arms,
    "allOf": _arms,
    "oneOf": _arms,
    "not": _one,
    "if": _one,
}
BROUGHT: dict[str, dict[str, Applied]] = {
    "contains": {"minContains": lambda _: st.integers(0, 2), "maxContains": lambda _: st.integers(0, 2)},
    "if": {"then": _one, "else": _one},
}


@st.composite
def _some_keywords(draw: st.DrawFn, schemas: Schemas | None) -> dict[str, Any]:
    """A schema of few keywords, one of them with subschemas if there are ``schemas`` for it."""
    names = draw(st.lists(st.sampled_from(sorted(SCALAR)), max_size=2, unique=True))
    result = {name: draw(SCALAR[name]) for name in names}
    if schemas is not None:
        applying = draw(st.lists(st.sampled_from(sorted(APPLYING)), min_size=1, max_size=2, unique=True))
        for name in applying:
            result[name] = draw(APPLYING[name](schemas))
            for other, strategy in BROUGHT.get(name, {}).items():
                if draw(st.booleans()):
                    result[other] = draw(strategy(schemas))
    return result


leaves = st.one_of(st.booleans(), _some_keywords(None), _some_keywords(None))
subschemas = st.recursive(leaves, _some_keywords, max_leaves=6)


@st.composite
def schemas(draw: st.DrawFn) -> dict[str, Any]:
    """A schema (2020-12) with two definitions that it, and they themselves, may refer to."""
    root = draw(_some_keywords(subschemas))
    y = draw(_some_keywords(None))
    root["$defs"] = {"x": draw(subschemas), "y": {"$dynamicAnchor": "here", **y}}
    return root


@st.composite
def mutated(draw: st.DrawFn, value: Any) -> Any:
    """``value`` with one part of it changed, left out, doubled or added."""
    if isinstance(value, list) and value and draw(st.booleans()):
        index = draw(st.integers(0, len(value) - 1))
        inner = draw(
            st.sampled_from([[], [draw(scalars)], [value[index]] * 2, [draw(mutated(value[index]))]])
        )
        return value[:index] + inner + value[index + 1 :]
    if isinstance(value, dict) and value and draw(st.booleans()):
        name = draw(st.sampled_from(sorted(value)))
        rest = {other: item for other, item in value.items() if other != name}
        return draw(
            st.sampled_from(
                [rest, {**rest, draw(names): value[name]}, {**value, name: draw(mutated(value[name]))}]
            )
        )
    if isinstance(value, list):
        return [*value, draw(scalars)]
    if isinstance(value, dict):
        return {**value, draw(names): draw(scalars)}
    return draw(scalars)
