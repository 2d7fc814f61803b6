"""From the keywords of one schema to the values they admit.

Keywords about one JSON type become a part of that type. Applicators (``$ref``, ``anyOf``, ``not`` ...) become terms,
which ``Solver`` combines. The schema has passed the check.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from constrain.languages.json_schema.keywords.groups import (
    ARRAY_KEYWORDS,
    NUMBER_KEYWORDS,
    OBJECT_KEYWORDS,
    STRING_KEYWORDS,
)
from constrain.languages.json_schema.keywords.rules import ASSERTING, MAX_COUNT
from constrain.languages.json_schema.reading.schema_terms import SchemaAlgebra
from constrain.languages.json_schema.reading.unevaluated import unevaluated_items, unevaluated_properties
from constrain.languages.json_schema.terms.clause import Clause, some
from constrain.languages.json_schema.terms.term import FALSE, TRUE, Term
from constrain.languages.json_schema.text.json_text import Number, exact
from constrain.languages.json_schema.values.arrays import Arrays, ItemCount
from constrain.languages.json_schema.values.finite_numbers import FiniteNumbers
from constrain.languages.json_schema.values.normal_algebra import exactly, join, meet
from constrain.languages.json_schema.values.normal_form import ANYTHING, TYPES, Normal
from constrain.languages.json_schema.values.numbers import ANY, LEXICAL, Numbers
from constrain.languages.json_schema.values.objects import Objects, Shape
from constrain.languages.json_schema.values.strings import Language, Strings

VALUE_KEYWORDS = frozenset(["enum", "const"])
NARROWING = STRING_KEYWORDS | NUMBER_KEYWORDS | ARRAY_KEYWORDS | OBJECT_KEYWORDS | VALUE_KEYWORDS

# Keywords that cannot rule out every value unless combined with others.
HARMLESS_ALONE = frozenset(["type", "minLength", "maxLength", "properties", "additionalProperties", "items"])

# A schema's own keywords are all read at the place of the first of these.
STRUCTURE = ("properties", "patternProperties", "additionalProperties", "required", "prefixItems", "items")


def has_no_applicator(schema: dict[str, Any]) -> bool:
    """Whether the schema has no applicator, so that its own keywords say everything."""
    return APPLICATORS.keys().isdisjoint(schema)


def is_obviously_inhabited(schema: Any) -> bool:
    """Whether one look at the keywords shows that there is a value, as it does for most schemas."""
    asserting = ASSERTING.intersection(schema)
    if asserting <= HARMLESS_ALONE:
        return not ("minLength" in asserting and "maxLength" in asserting)
    if asserting == {"type", "enum"} and schema["type"] == "string":
        values = schema["enum"]
        return bool(values) and isinstance(values[0], str) and values[0].isascii()
    return False


def demands(term: Term, algebra: SchemaAlgebra) -> list[Term | None]:
    """All that the schema of ``term`` demands, in reading order; None stands for its own keywords."""
    schema = term.schema
    if "$ref" in schema and algebra.draft(term) <= 7:  # it hides the keywords beside it
        return [algebra.target(term, "$ref")]
    own = next((keyword for keyword in STRUCTURE if keyword in schema), None)
    result: list[Term | None] = []
    for keyword in schema:
        if keyword == own:
            result.append(None)
        elif keyword in APPLICATORS:
            result.extend(APPLICATORS[keyword](term, keyword, algebra))
    if own is None:
        result.append(None)
    return result


# -- applicators ------------------------------------------------------------------------------


def _arms(term: Term, keyword: str, algebra: SchemaAlgebra) -> list[Term]:
    return [algebra.at(arm, term.scope) for arm in term.schema[keyword]]


def _any_of(term: Term, keyword: str, algebra: SchemaAlgebra) -> list[Term]:
    return [algebra.any_of(_arms(term, keyword, algebra))]


def _one_of(term: Term, keyword: str, algebra: SchemaAlgebra) -> list[Term]:
    return [algebra.one_of(_arms(term, keyword, algebra))]


def _not(term: Term, keyword: str, algebra: SchemaAlgebra) -> list[Term]:
    return [algebra.negation(algebra.at(term.schema[keyword], term.scope))]


def _if(term: Term, keyword: str, algebra: SchemaAlgebra) -> list[Term]:
    schema, scope = term.schema, term.scope
    condition = algebra.at(schema["if"], scope)
    result = []
    if "then" in schema:
        result.append(algebra.any_of([algebra.negation(condition), algebra.at(schema["then"], scope)]))
    if "else" in schema:
        result.append(algebra.any_of([condition, algebra.at(schema["else"], scope)]))
    return result


def _dependent_schemas(term: Term, keyword: str, algebra: SchemaAlgebra) -> list[Term]:
    return [
        algebra.any_of([algebra.lacking(name), algebra.at(schema, term.scope)])
        for name, schema in term.schema[keyword].items()
        if not isinstance(schema, list)
    ]


def _reference(term: Term, keyword: str, algebra: SchemaAlgebra) -> list[Term]:
    return [algebra.target(term, keyword)]


def _unevaluated_properties(term: Term, keyword: str, algebra: SchemaAlgebra) -> list[Term]:
    return unevaluated_properties(term, algebra)


def _unevaluated_items(term: Term, keyword: str, algebra: SchemaAlgebra) -> list[Term]:
    return unevaluated_items(term, algebra)


Applicator = Callable[[Term, str, SchemaAlgebra], list[Term]]

APPLICATORS: dict[str, Applicator] = {
    "$ref": _reference,
    "$dynamicRef": _reference,
    "$recursiveRef": _reference,
    "allOf": _arms,
    "anyOf": _any_of,
    "oneOf": _one_of,
    "not": _not,
    "if": _if,
    "dependentSchemas": _dependent_schemas,
    "dependencies": _dependent_schemas,
    "unevaluatedProperties": _unevaluated_properties,
    "unevaluatedItems": _unevaluated_items,
}


# -- the keywords of one type -----------------------------------------------------------------


def own_values(term: Term, algebra: SchemaAlgebra) -> Normal:
    """The values that the schema's own keywords admit, which are all but applicators."""
    schema = term.schema
    base = _types(term, algebra)
    if NARROWING.isdisjoint(schema):
        return base
    result = Normal(
        base.constants,
        base.strings if STRING_KEYWORDS.isdisjoint(schema) else base.strings and (_strings(schema, algebra),),
        base.numbers
        if NUMBER_KEYWORDS.isdisjoint(schema)
        else base.numbers and (_numbers(schema, _integer(base.numbers[0])),),
        base.arrays if ARRAY_KEYWORDS.isdisjoint(schema) else base.arrays and (_arrays(term, algebra),),
        base.objects if OBJECT_KEYWORDS.isdisjoint(schema) else base.objects and (_objects(term, algebra),),
    )
    if "enum" in schema:
        result = meet(exactly(schema["enum"], algebra), result, algebra)
    if "const" in schema:
        result = meet(exactly([schema["const"]], algebra), result, algebra)
    return result


def _types(term: Term, algebra: SchemaAlgebra) -> Normal:
    kind = term.schema.get("type")
    if kind is None:
        return ANYTHING
    base = TYPES[kind] if isinstance(kind, str) else join([TYPES[name] for name in kind])
    if base.numbers and _integer(base.numbers[0]) and algebra.draft(term) == 4:
        integers = (Numbers(integer=LEXICAL),)
        return Normal(base.constants, base.strings, integers, base.arrays, base.objects)
    return base


def _strings(schema: dict[str, Any], algebra: SchemaAlgebra) -> Strings:
    languages = []
    if "pattern" in schema:
        languages.append(Language("pattern", schema["pattern"]))
    if algebra.asserts_format(schema):
        languages.append(Language("format", schema["format"]))
    return Strings(int(schema.get("minLength", 0)), _most(schema, "maxLength"), tuple(languages))


def _integer(part: Numbers | FiniteNumbers) -> int:
    """What a part of ``TYPES`` says of being whole."""
    return part.integer if isinstance(part, Numbers) else ANY


def _numbers(schema: dict[str, Any], integer: int) -> Numbers:
    low, low_open = _bound(schema, "minimum", "exclusiveMinimum", max)
    high, high_open = _bound(schema, "maximum", "exclusiveMaximum", min)
    numbers = Numbers(low, low_open, high, high_open, integer)
    return numbers.divided_by(schema["multipleOf"]) if "multipleOf" in schema else numbers


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
    """An upper bound on a length; None if there is none, or none that a text could exceed."""
    most = schema.get(keyword)
    return None if most is None or most > MAX_COUNT else int(most)


def _arrays(term: Term, algebra: SchemaAlgebra) -> Arrays:
    schema, scope = term.schema, term.scope
    prefix, rest = schema.get("prefixItems", ()), schema.get("items", True)
    if isinstance(rest, list):  # before 2020-12
        prefix, rest = rest, schema.get("additionalItems", True)
    counts: tuple[ItemCount, ...] = ()
    if "contains" in schema:
        most = _most(schema, "maxContains")
        counts = (
            ItemCount(0, algebra.at(schema["contains"], scope), int(schema.get("minContains", 1)), most),
        )
    return Arrays(
        tuple([algebra.at(item, scope) for item in prefix]),
        algebra.at(rest, scope),
        int(schema.get("minItems", 0)),
        _most(schema, "maxItems"),
        counts if any(count.least or count.most is not None for count in counts) else (),
        True if schema.get("uniqueItems", False) else None,
    )


def _objects(term: Term, algebra: SchemaAlgebra) -> Objects:
    schema, scope = term.schema, term.scope
    properties = {name: algebra.at(value, scope) for name, value in schema.get("properties", {}).items()}
    additional = algebra.at(schema.get("additionalProperties", True), scope)
    shapes: list[Shape] = []
    if schema.get("patternProperties"):
        named = schema["patternProperties"].items()
        patterns = [(algebra.matching(pattern), algebra.at(value, scope)) for pattern, value in named]
        shapes.append(Shape(tuple(patterns), additional))
        for name, value in properties.items():
            found = [term for pattern, term in patterns if algebra.accepts(pattern, name)]
            properties[name] = algebra.all_of([value, *found])
        additional = TRUE
    if schema.get("propertyNames", True) is not True:
        refused = algebra.negation(algebra.at(schema["propertyNames"], scope))
        shapes.append(Shape(((refused, FALSE),), TRUE))
        properties = {
            name: FALSE if algebra.accepts(refused, name) else value for name, value in properties.items()
        }
    return Objects(
        properties,
        additional,
        schema.get("required", ()),
        shapes=tuple(shapes),
        least=int(schema.get("minProperties", 0)),
        most=_most(schema, "maxProperties"),
        clauses=tuple(_dependent_required(schema)),
    )


def _dependent_required(schema: dict[str, Any]) -> list[Clause]:
    """For each name that demands others: either it is absent or they are present."""
    demands = {**schema.get("dependentRequired", {}), **schema.get("dependencies", {})}
    return [
        some((Objects({name: FALSE}), Objects({}, TRUE, names)))
        for name, names in demands.items()
        if names and isinstance(names, list)
    ]
