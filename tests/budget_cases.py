"""Random grammars with few texts, and random vocabularies for them, drawn from a ``random.Random``.

The languages are small enough that all places in them can be visited, and full of text that is awkward to cut into
tokens: characters of several bytes, quotes in keys, texts that are prefixes of others. A ``Recipe`` can be read by
people, and built again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import constrain as cn

__all__ = ["KINDS", "Recipe", "draw_recipe"]

LETTERS = "abé日-"
WORDS = ["", "a", "b", "ab", "ba", "aab", "é", "aé", "è", "日", "本日", "😀a", 'q"', "\\", "a\nb"]
NAMES = ["a", "b", "ab", "é", "è", "日", 'q"']
TRIES = 50  # drawings until one is a language


@dataclass(frozen=True)
class Recipe:
    """How a grammar is made: a factory of the package, with its arguments. ``repr`` is Python source."""

    name: str
    arguments: tuple[Any, ...]
    options: dict[str, Any] = field(default_factory=dict)

    def grammar(self) -> cn.Grammar:
        """A new grammar."""
        made = [part.grammar() if isinstance(part, Recipe) else part for part in self.arguments]
        grammar: cn.Grammar = getattr(cn, self.name)(*made, **self.options)
        return grammar

    def __repr__(self) -> str:
        written = [*map(repr, self.arguments), *(f"{name}={value!r}" for name, value in self.options.items())]
        return f"cn.{self.name}({', '.join(written)})"


def draw_recipe(kind: str, chooser: Random) -> Recipe:
    """A recipe of a language that is not empty.

    Raises:
        RuntimeError: none came in many drawings.
    """
    for _ in range(TRIES):
        recipe = KINDS[kind](chooser)
        try:
            recipe.grammar()
        except (cn.SchemaError, cn.SyntaxProblem, cn.WorkLimitExceeded):
            continue
        return recipe
    raise RuntimeError(f"{TRIES} drawings of {kind!r} are no language")


def _sometimes(chooser: Random, share: float = 0.5) -> bool:
    return chooser.random() < share


def _some(chooser: Random, pool: list[Any], least: int, most: int) -> list[Any]:
    """A few different ones."""
    return chooser.sample(pool, chooser.randint(least, min(most, len(pool))))


def _bounds(chooser: Random, least: str, most: str, top: int) -> dict[str, int]:
    low = chooser.randint(0, top)
    both = {least: low, most: chooser.randint(low, top)}
    return {name: bound for name, bound in both.items() if bound or name == most}


# -- regular expressions ------------------------------------------------------------------------


def pattern(chooser: Random, depth: int = 2) -> str:
    """A pattern that means the same in Python and in JavaScript."""
    if depth == 0 or _sometimes(chooser, 0.2):
        return chooser.choice(
            [
                chooser.choice(LETTERS),
                "".join(chooser.choices(LETTERS, k=2)),
                "[a-c]",
                "[éb]",
                "[^a]",
                "[à-ÿ]",
            ]
        )
    part = pattern(chooser, depth - 1)
    form = chooser.choice(["concat", "concat", "either", "repeat", "look"])
    if form == "concat":
        return part + pattern(chooser, depth - 1)
    if form == "either":
        return f"(?:{part}|{pattern(chooser, depth - 1)})"
    if form == "repeat":
        return f"(?:{part}){chooser.choice(['?', '*', '+', '{2}', '{0,2}', '{1,3}'])}"
    return f"(?{chooser.choice('=!')}{part}){pattern(chooser, depth - 1)}"


def _pattern_recipe(chooser: Random) -> Recipe:
    return Recipe("regex", (pattern(chooser, 3),))


# -- schemas ------------------------------------------------------------------------------------


def string_schema(chooser: Random) -> dict[str, Any]:
    """Strings: of a few, of a pattern, of a length, any."""
    form = chooser.choice(["enum", "pattern", "length", "not", "any"])
    if form == "enum":
        return {"enum": _some(chooser, WORDS, 1, 4)}
    if form == "pattern":
        written = f"^{pattern(chooser)}$" if _sometimes(chooser, 0.8) else chooser.choice(LETTERS)
        return {"type": "string", "pattern": written, "maxLength": chooser.randint(1, 4)}
    if form == "length":
        return {"type": "string", **_bounds(chooser, "minLength", "maxLength", 3)}
    if form == "any":
        return {"type": "string", "minLength": chooser.choice([0, 0, 1, 2])}
    return {"type": "string", "maxLength": 2, "not": {"enum": _some(chooser, WORDS, 1, 3)}}


def number_schema(chooser: Random) -> dict[str, Any]:
    """Integers and numbers within bounds."""
    low = chooser.choice([-120, -9, -1, 0, 1, 7, 98])
    schema: dict[str, Any] = {
        "type": chooser.choice(["integer", "integer", "number"]),
        "minimum": low,
        "maximum": low + chooser.choice([0, 1, 5, 30, 1_000]),
    }
    if _sometimes(chooser, 0.3):
        schema["multipleOf"] = chooser.choice([2, 3, 7, 0.5])
    return (
        schema if _sometimes(chooser, 0.8) else {"enum": _some(chooser, [0, 1, 10, 12, 1.5, -3, 100], 1, 4)}
    )


def scalar_schema(chooser: Random) -> dict[str, Any]:
    """Strings, numbers and constants."""
    constants = [None, True, False, "a", "é", 12, [], {}, ["a", 1], {"b": "日"}]
    form = chooser.choice(["string", "string", "number", "boolean", "enum"])
    if form == "boolean":
        return {"type": chooser.choice(["boolean", "null", ["null", "boolean"]])}
    if form == "enum":
        return {"enum": _some(chooser, constants, 1, 3)}
    return string_schema(chooser) if form == "string" else number_schema(chooser)


def value_schema(chooser: Random, depth: int = 1) -> dict[str, Any]:
    """Any of these, or an array or object of them."""
    if depth == 0 or _sometimes(chooser, 0.6):
        return scalar_schema(chooser)
    return chooser.choice([array_schema, object_schema, alternatives])(chooser, depth - 1)


def array_schema(chooser: Random, depth: int = 1) -> dict[str, Any]:
    """Arrays of a few items."""
    schema: dict[str, Any] = {"type": "array", "items": value_schema(chooser, depth)}
    schema |= _bounds(chooser, "minItems", "maxItems", 3)
    if _sometimes(chooser, 0.3):
        schema["prefixItems"] = [value_schema(chooser, depth) for _ in range(chooser.randint(1, 2))]
    if _sometimes(chooser, 0.2):
        schema["contains"] = scalar_schema(chooser)
    return schema


def unique_items(chooser: Random, depth: int = 1) -> dict[str, Any]:
    """Arrays whose items differ, most of which have few values to choose from."""
    items = [
        {"enum": _some(chooser, WORDS, 2, 4)},
        {"enum": _some(chooser, [0, 1, 1.5, 10, 100, None, "a", [], ["a"], {"a": 1}], 2, 4)},
        {"type": "integer", "minimum": 0, "maximum": chooser.choice([2, 12])},
        {"type": "boolean"},
        {"type": "string", "pattern": f"^{pattern(chooser)}$", "maxLength": 3},
        {"type": "array", "items": {"type": "boolean"}, "maxItems": 2},
        {"type": "object", "properties": {"a": {"enum": [0, 1]}}, "additionalProperties": False},
    ]
    schema = {"type": "array", "uniqueItems": True, "items": chooser.choice(items)}
    return schema | _bounds(chooser, "minItems", "maxItems", 3)


def object_schema(chooser: Random, depth: int = 1) -> dict[str, Any]:
    """Objects with given properties, and sometimes others."""
    names = _some(chooser, NAMES, 0, 3)
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {name: value_schema(chooser, depth) for name in names},
        "required": [name for name in names if _sometimes(chooser)],
        "additionalProperties": False,
    }
    if _sometimes(chooser, 0.3):
        schema["additionalProperties"] = {"enum": [0, True]}
        schema["propertyNames"] = {"pattern": f"^({'|'.join(names)}|{pattern(chooser)})$".replace('"', ".")}
        schema["maxProperties"] = 3
    if _sometimes(chooser, 0.2):
        schema["minProperties"] = chooser.randint(0, 2)
    if _sometimes(chooser, 0.2) and len(names) > 1:
        schema["dependentRequired"] = {names[0]: [names[1]]}
    return schema


def open_objects(chooser: Random, depth: int = 1) -> dict[str, Any]:
    """Objects with properties of any names: each name is a place of its own, so only short ones are looked at."""
    names = _some(chooser, NAMES, 0, 2)
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {name: {"enum": [0]} for name in names},
        "required": [name for name in names if _sometimes(chooser)],
        "additionalProperties": chooser.choice([{"enum": [0]}, {"type": "string"}, True]),
    }
    if _sometimes(chooser, 0.3):
        schema["patternProperties"] = {pattern(chooser, 1): {"const": True}}
    return schema | _bounds(chooser, "minProperties", "maxProperties", 2) if _sometimes(chooser) else schema


def objects_named_by_patterns(chooser: Random, depth: int = 1) -> dict[str, Any]:
    """Objects whose names patterns tell apart, some of which are listed as well, and must come or must not."""
    names = _some(chooser, NAMES, 0, 2)
    values: list[Any] = [{"enum": [0]}, {"type": "null"}, {"type": "string", "maxLength": 1}, True]
    patterns = [f"^({pattern(chooser)})$" if _sometimes(chooser, 0.8) else pattern(chooser, 1) for _ in "ab"]
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {name: chooser.choice([*values, False]) for name in names},
        "required": [name for name in names if _sometimes(chooser, 0.3)],
        "patternProperties": {name: chooser.choice(values) for name in patterns[: chooser.randint(1, 2)]},
        "additionalProperties": chooser.choice([False, False, {"enum": [0]}]),
    }
    if _sometimes(chooser, 0.4):
        schema |= _bounds(chooser, "minProperties", "maxProperties", 3)
    return schema if _sometimes(chooser, 0.7) else {"type": "object", "properties": {"a": schema}}


def many_alternatives(chooser: Random, depth: int = 1) -> dict[str, Any]:
    """So many schemas at once, most of which begin alike, that what completes them is asked of a few only."""
    beginnings = ["a", "ab", "é", "日"]
    values = [scalar_schema(chooser) for _ in range(3)]
    arms: list[dict[str, Any]] = []
    for number in range(chooser.randint(9, 14)):
        name = f"{chooser.choice(beginnings)}{number % 5}"
        value = chooser.choice(values)
        if _sometimes(chooser, 0.3):
            arms.append({"const": [name, number]})
            continue
        inner = {
            "type": "object",
            "properties": {name: value},
            "required": [name],
            "additionalProperties": False,
        }
        tagged = {"k": {"const": name}, "v": value}
        outer = {
            "type": "object",
            "properties": tagged,
            "required": ["k", "v"],
            "additionalProperties": False,
        }
        arms.append(chooser.choice([inner, outer]))
    return {"anyOf": arms}


def alternatives(chooser: Random, depth: int = 1) -> dict[str, Any]:
    """Several schemas at once, and ones that refer to themselves."""
    arms = [value_schema(chooser, depth) for _ in range(chooser.randint(1, 3))]
    if _sometimes(chooser, 0.2):
        inner = {"anyOf": [{"$ref": "#/$defs/x"}, *arms]}
        nested = {"type": "array", "items": inner, "maxItems": 2}
        return {"$ref": "#/$defs/x", "$defs": {"x": nested}}
    return {chooser.choice(["anyOf", "anyOf", "oneOf", "allOf"]): arms}


def _schema_recipe(
    draw: Callable[[Random], dict[str, Any]], order: str = "schema"
) -> Callable[[Random], Recipe]:
    def recipe(chooser: Random) -> Recipe:
        options: dict[str, Any] = {"max_digits": 3}
        if _sometimes(chooser, 0.8):
            options["whitespace"] = "compact"
        if order == "any":
            options["property_order"] = order
        if _sometimes(chooser, 0.1):
            options["ascii"] = True
        if _sometimes(chooser, 0.2):
            options["integers"] = "digits"
        return Recipe("json_schema", (draw(chooser),), options)

    return recipe


# -- grammars -----------------------------------------------------------------------------------


def _rules(chooser: Random, start: str, terminals: list[str], define: str) -> str:
    """The text of a grammar of three rules, each of which refers to those after it; the first to itself as well.

    It does so after a terminal and only once: ambiguity that doubles with every turn is another question.
    """

    def parts(names: list[str]) -> list[str]:
        chosen = chooser.choices([*terminals, *names], k=chooser.randint(1, 3))
        return [
            part + chooser.choice(["", "", "", "?", "*"] if part in terminals else [""]) for part in chosen
        ]

    lines = []
    for rule, others in ((start, ["one", "two"]), ("one", ["two"]), ("two", [])):
        arms = [[chooser.choice(terminals)], *(parts(others) for _ in range(chooser.randint(0, 2)))]
        if rule == start and _sometimes(chooser):
            arms.append([chooser.choice(terminals), start, *parts(others)])
        lines.append(f"{rule} {define} {' | '.join(' '.join(arm) for arm in arms)}")
    return "\n".join(lines) + "\n"


def _lark_recipe(chooser: Random) -> Recipe:
    terminals = ['"a"', '"bé"', '"日"', "/[ab]/", "/é+-/"]
    return Recipe("lark", (_rules(chooser, "start", terminals, ":").replace(" :", ":"),))


def _gbnf_recipe(chooser: Random) -> Recipe:
    return Recipe("gbnf", (_rules(chooser, "root", ['"a"', '"bé"', '"日"', "[ab]", "[é-ê]"], "::="),))


def _combined(chooser: Random, depth: int = 2) -> Recipe:
    """Grammars of grammars."""
    form = chooser.choice(
        ["sequence", "either", "repeat"] if depth else ["choice", "regex", "schema", "until"]
    )
    if form == "choice":
        return Recipe("choice", (_some(chooser, WORDS[1:], 1, 4),))
    if form == "regex":
        return Recipe("regex", (pattern(chooser, 2),))
    if form == "schema":
        return Recipe("json_schema", (scalar_schema(chooser),), {"whitespace": "compact", "max_digits": 3})
    if form == "until":
        options = {} if _sometimes(chooser) else {"within": "[abé]*"}
        return Recipe("until", (_some(chooser, ["b", "ab", "é", "日é"], 1, 2),), options)
    if form == "repeat":
        least = chooser.randint(0, 2)
        most = chooser.choice([None, max(least, 1), least + 2])
        return Recipe(
            "repeat", (_combined(chooser, depth - 1), least, most), {"separator": chooser.choice(["", "-"])}
        )
    parts = [_combined(chooser, depth - 1) for _ in range(chooser.randint(1, 2))]
    return Recipe(form, (*parts, *(["<é>"] if _sometimes(chooser, 0.3) else [])))


KINDS: dict[str, Callable[[Random], Recipe]] = {
    "strings": _schema_recipe(string_schema),
    "numbers": _schema_recipe(number_schema),
    "arrays": _schema_recipe(array_schema),
    "unique items": _schema_recipe(unique_items),
    "objects": _schema_recipe(object_schema),
    "objects in any order": _schema_recipe(object_schema, "any"),
    "open objects": _schema_recipe(open_objects, "any"),
    "objects named by patterns": _schema_recipe(objects_named_by_patterns),
    "objects named by patterns, in any order": _schema_recipe(objects_named_by_patterns, "any"),
    "many alternatives": _schema_recipe(many_alternatives),
    "many alternatives in any order": _schema_recipe(many_alternatives, "any"),
    "alternatives": _schema_recipe(alternatives, "any"),
    "patterns": _pattern_recipe,
    "lark": _lark_recipe,
    "gbnf": _gbnf_recipe,
    "grammars of grammars": _combined,
}
