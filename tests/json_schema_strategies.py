"""Hypothesis strategies: schemas over the enforced keywords, and values that have a chance to validate.

Names, strings and numbers come from small pools, so that the parts of a schema speak of the same
things and instances are valid often enough.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

NAMES = ["a", "b", "c", 'q"', "é/~"]
STRINGS = ["", "a", "b", "ab", "ba", "aab", 'q"\\\n', "é", "\U0001f600"]
NUMBERS = [-3, -1, 0, 1, 2, 3, 10, 12, 0.5, 1.0, 1.5, -0.25, 2.75, 100]
PATTERNS = ["^a", "b$", "^[ab]*$", "^a{1,2}$", "a|é", "^(ab|ba)+$", '"']
TYPES = ["null", "boolean", "string", "number", "integer", "array", "object"]

names = st.sampled_from(NAMES)
scalars = st.one_of(
    st.none(), st.booleans(), st.sampled_from(STRINGS), st.sampled_from(NUMBERS), st.sampled_from(NUMBERS)
)


def _grow(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.lists(values, max_size=4), st.dictionaries(names, values, max_size=4))


def _grow_narrow(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Objects of one key have one order: the order of an ``enum`` is another than that of a schema."""
    return st.one_of(st.lists(values, max_size=2), st.dictionaries(names, values, max_size=1))


values = st.recursive(scalars, _grow, max_leaves=8)
constants = st.recursive(scalars, _grow_narrow, max_leaves=4)

counts = st.integers(0, 3)
bounds = st.sampled_from(NUMBERS)
scalar_keywords: dict[str, st.SearchStrategy[Any]] = {
    "type": st.one_of(
        st.sampled_from(TYPES), st.lists(st.sampled_from(TYPES), min_size=1, max_size=3, unique=True)
    ),
    "minLength": counts,
    "maxLength": counts,
    "pattern": st.sampled_from(PATTERNS),
    "minimum": bounds,
    "maximum": bounds,
    "exclusiveMinimum": bounds,
    "exclusiveMaximum": bounds,
    "minItems": counts,
    "maxItems": counts,
    "required": st.lists(names, max_size=2, unique=True),
    "enum": st.lists(constants, min_size=1, max_size=4),
    "const": constants,
    "$ref": st.sampled_from(["#/$defs/x", "#/$defs/y", "#"]),
}


def _applicators(schemas: st.SearchStrategy[Any]) -> dict[str, st.SearchStrategy[Any]]:
    arms = st.lists(schemas, min_size=1, max_size=3)
    return {
        "properties": st.dictionaries(names, schemas, max_size=3),
        "additionalProperties": schemas,
        "items": schemas,
        "prefixItems": st.lists(schemas, min_size=1, max_size=2),
        "anyOf": arms,
        "allOf": arms,
    }


@st.composite
def _some_keywords(draw: st.DrawFn, schemas: st.SearchStrategy[Any] | None) -> dict[str, Any]:
    keywords = scalar_keywords if schemas is None else {**scalar_keywords, **_applicators(schemas)}
    chosen = draw(st.lists(st.sampled_from(sorted(keywords)), max_size=3, unique=True))
    if schemas is not None:
        chosen = list(dict.fromkeys([draw(st.sampled_from(sorted(_applicators(schemas)))), *chosen]))
    return {keyword: draw(keywords[keyword]) for keyword in chosen}


leaves = st.one_of(st.booleans(), _some_keywords(None), _some_keywords(None))
subschemas = st.recursive(leaves, _some_keywords, max_leaves=5)


@st.composite
def schemas(draw: st.DrawFn) -> dict[str, Any]:
    """A schema (2020-12) with two definitions that it, and they themselves, may refer to."""
    root = draw(_some_keywords(subschemas))
    root["$defs"] = {"x": draw(subschemas), "y": draw(subschemas)}
    return root
