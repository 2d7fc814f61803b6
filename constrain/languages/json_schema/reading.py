"""From the keywords of one schema to the values they admit.

Keywords that speak about one JSON type become a part of that type; applicators (``$ref``,
``anyOf``, ``allOf``) become terms, to be combined by ``Terms``. The schema has passed the check.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constrain.languages.json_schema.arrays import Arrays
from constrain.languages.json_schema.finite import Finite
from constrain.languages.json_schema.keywords import MAX_COUNT
from constrain.languages.json_schema.normal import ANYTHING, TYPES, Normal, constant_bit, join, meet
from constrain.languages.json_schema.numbers import LEXICAL, Numbers
from constrain.languages.json_schema.objects import Objects
from constrain.languages.json_schema.spelling import Number, exact
from constrain.languages.json_schema.strings import Strings

if TYPE_CHECKING:
    from constrain.languages.json_schema.term import Term
    from constrain.languages.json_schema.terms import Terms

STRING_KEYWORDS = frozenset(["minLength", "maxLength", "pattern"])
NUMBER_KEYWORDS = frozenset(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"])
ARRAY_KEYWORDS = frozenset(["items", "prefixItems", "minItems", "maxItems"])
OBJECT_KEYWORDS = frozenset(["properties", "required", "additionalProperties"])
VALUE_KEYWORDS = frozenset(["enum", "const"])
NARROWING = STRING_KEYWORDS | NUMBER_KEYWORDS | ARRAY_KEYWORDS | OBJECT_KEYWORDS | VALUE_KEYWORDS
APPLICATORS = frozenset(["$ref", "anyOf", "allOf"])
STRUCTURE = ("properties", "additionalProperties", "prefixItems", "items", "required")


def is_plain(schema: dict[str, Any]) -> bool:
    """Whether the schema has no applicator, so that only its own keywords speak."""
    return APPLICATORS.isdisjoint(schema)


def steps(schema: dict[str, Any], terms: Terms) -> list[list[Term] | None]:
    """What the schema demands, all of it, in reading order: any of some terms, or (None) its own keywords."""
    if "$ref" in schema and terms.document.draft <= 7:  # it hides the keywords beside it
        return [[terms.at(terms.document.resolve(schema["$ref"]))]]
    result: list[list[Term] | None] = []
    own = False
    for keyword, value in schema.items():
        if keyword == "anyOf":
            result.append([terms.at(arm) for arm in value])
        elif keyword == "allOf":
            result.extend([[terms.at(arm)] for arm in value])
        elif keyword == "$ref":
            result.append([terms.at(terms.document.resolve(value))])
        elif keyword in STRUCTURE and not own:
            result.append(None)
            own = True
    if not own:
        result.append(None)
    return result


def own_values(schema: dict[str, Any], terms: Terms) -> Normal:
    """The values that the schema's keywords other than applicators admit."""
    kind = schema.get("type")
    if kind is None:
        base = ANYTHING
    elif isinstance(kind, str):
        base = TYPES[kind]
    else:
        base = join([TYPES[name] for name in kind])
    if terms.document.draft == 4 and base.numbers and base.numbers[0].integer:
        base = Normal(base.constants, base.strings, (Numbers(integer=LEXICAL),), base.arrays, base.objects)
    if NARROWING.isdisjoint(schema):
        return base
    result = Normal(
        base.constants,
        base.strings if STRING_KEYWORDS.isdisjoint(schema) else base.strings and (_strings(schema),),
        base.numbers
        if NUMBER_KEYWORDS.isdisjoint(schema)
        else base.numbers and (_numbers(schema, base.numbers[0]),),
        base.arrays if ARRAY_KEYWORDS.isdisjoint(schema) else base.arrays and (_arrays(schema, terms),),
        base.objects if OBJECT_KEYWORDS.isdisjoint(schema) else base.objects and (_objects(schema, terms),),
    )
    if "enum" in schema:
        result = meet(finite(schema["enum"]), result, terms)
    if "const" in schema:
        result = meet(finite([schema["const"]]), result, terms)
    return result


def finite(values: list[Any]) -> Normal:
    """Exactly the given values."""
    constants = 0
    kinds: dict[type, list[Any]] = {str: [], int: [], list: [], dict: []}
    for value in values:
        if value is None or isinstance(value, bool):
            constants |= constant_bit(value)
        else:
            kinds.get(type(value), kinds[int]).append(value)
    parts = [(Finite(members),) if members else () for members in kinds.values()]
    return Normal(constants, *parts)


def _strings(schema: dict[str, Any]) -> Strings:
    patterns = (schema["pattern"],) if "pattern" in schema else ()
    return Strings(int(schema.get("minLength", 0)), _most(schema, "maxLength"), patterns)


def _numbers(schema: dict[str, Any], base: Numbers) -> Numbers:
    low, low_open = _bound(schema, "minimum", "exclusiveMinimum", max)
    high, high_open = _bound(schema, "maximum", "exclusiveMaximum", min)
    return Numbers(low, low_open, high, high_open, base.integer)


def _bound(schema: dict[str, Any], keyword: str, exclusive: str, tighter: Any) -> tuple[Number | None, bool]:
    """The tighter of an inclusive and an exclusive bound, and whether it is exclusive."""
    closed = exact(schema[keyword]) if keyword in schema else None
    opened = schema.get(exclusive, False)
    if isinstance(opened, bool):  # draft 4: it says how to read the other keyword
        return closed, opened
    limit = exact(opened)
    if closed is None or tighter(closed, limit) == limit:
        return limit, True
    return closed, False


def _most(schema: dict[str, Any], keyword: str) -> int | None:
    """An upper bound on a length; one that no text could exceed is none."""
    most = schema.get(keyword)
    return None if most is None or most > MAX_COUNT else int(most)


def _arrays(schema: dict[str, Any], terms: Terms) -> Arrays:
    prefix, rest = schema.get("prefixItems", ()), schema.get("items", True)
    if isinstance(rest, list):  # before 2020-12
        prefix, rest = rest, schema.get("additionalItems", True)
    least, most = int(schema.get("minItems", 0)), _most(schema, "maxItems")
    return Arrays(tuple([terms.at(item) for item in prefix]), terms.at(rest), least, most)


def _objects(schema: dict[str, Any], terms: Terms) -> Objects:
    properties = {name: terms.at(value) for name, value in schema.get("properties", {}).items()}
    return Objects(
        properties, terms.at(schema.get("additionalProperties", True)), frozenset(schema.get("required", ()))
    )
