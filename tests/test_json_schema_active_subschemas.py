"""Which subschemas are in force where a text breaks off; the visits of ``jsonschema`` are the oracle."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

import constrain as cn
from constrain.languages.json_schema.diagnostics.partial_json import read_partial_value
from tests.data_folder import maskbench
from tests.test_masks import JSON_TOKENS, vocabulary_of

VOCABULARY = vocabulary_of(JSON_TOKENS)
PERSON = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 9},
        "age": {"$ref": "#/$defs/age"},
        "tags": {"type": "array", "prefixItems": [{"const": "x"}], "items": {"type": "string"}},
        "home": {"$ref": "#/$defs/address"},
        "a/b~": {"type": "null"},
    },
    "patternProperties": {"^x-": {"type": "integer"}},
    "additionalProperties": {"type": "boolean"},
    "$defs": {
        "age": {"type": "integer", "minimum": 0},
        "address": {
            "type": "object",
            "properties": {"street": {"type": "string"}, "owner": {"$ref": "#"}},
            "propertyNames": {"maxLength": 6},
        },
    },
}
SHAPES = {
    "anyOf": [
        {
            "properties": {"kind": {"const": "circle"}, "size": {"type": "number"}},
            "required": ["kind", "size"],
        },
        {
            "properties": {"kind": {"const": "square"}, "size": {"type": "integer"}},
            "required": ["kind", "size"],
        },
        {"type": "array", "contains": {"type": "null"}},
    ]
}
EITHER = {"properties": {"x": {"oneOf": [{"type": "integer"}, {"type": "string", "maxLength": 3}]}}}
BRANCHES = {
    "properties": {"kind": {"enum": ["a", "b"]}},
    "if": {"properties": {"kind": {"const": "a"}}, "required": ["kind"]},
    "then": {"properties": {"v": {"type": "integer"}}},
    "else": {"properties": {"v": {"type": "string"}}},
    "dependentSchemas": {"w": {"properties": {"v": {"minimum": 3}}}},
}
ALL = {
    "allOf": [{"properties": {"a": {"type": "integer"}}}, {"properties": {"a": {"minimum": 3}, "b": True}}],
    "not": {"properties": {"a": {"const": 7}}, "required": ["a"]},
    "unevaluatedProperties": {"type": "string"},
}
LIST = {"type": "array", "items": [{"type": "null"}, {"$ref": "#"}], "additionalItems": {"type": "integer"}}
TREE = {"type": "object", "properties": {"left": {"$ref": "#"}, "value": {"type": "integer"}}}
DYNAMIC = {
    "$id": "https://example.org/strict",
    "$dynamicAnchor": "node",
    "$ref": "tree",
    "unevaluatedProperties": False,
    "$defs": {
        "tree": {
            "$id": "tree",
            "$dynamicAnchor": "node",
            "properties": {"data": {"type": "integer"}, "child": {"$dynamicRef": "#node"}},
        }
    },
}

CASES: list[tuple[Any, str, list[str]]] = [
    (PERSON, "", [""]),
    (PERSON, "{", [""]),
    (PERSON, '{"na', [""]),
    (PERSON, '{"name"', ["/properties/name"]),
    (PERSON, '{"name":"A', ["/properties/name"]),
    (PERSON, '{"name":"A"', [""]),
    (PERSON, '{"name":"A\\u00e', ["/properties/name"]),
    (PERSON, '{"name":"A",', [""]),
    (PERSON, '{"name":"A","age": ', ["/$defs/age"]),
    (PERSON, '{"name":"A","age": 1', ["/$defs/age"]),
    (PERSON, '{"tags":[', ["/properties/tags", "/properties/tags/prefixItems/0"]),
    (PERSON, '{"tags":["x', ["/properties/tags/prefixItems/0"]),
    (PERSON, '{"tags":["x"', ["/properties/tags"]),
    (PERSON, '{"tags":["x",', ["/properties/tags/items"]),
    (PERSON, '{"home":{"str', ["/$defs/address", "/$defs/address/propertyNames"]),
    (PERSON, '{"home":{"street":"', ["/$defs/address/properties/street"]),
    (PERSON, '{"home":{"owner":{"age":', ["/$defs/age"]),
    (PERSON, '{"a/b~":n', ["/properties/a~1b~0"]),
    (PERSON, '{"x-1":', ["/patternProperties/^x-"]),
    (PERSON, '{"z":', ["/additionalProperties"]),
    (SHAPES, '{"size":', ["/anyOf/0/properties/size", "/anyOf/1/properties/size"]),
    (SHAPES, '{"kind":"square","size":', ["/anyOf/1/properties/size"]),
    (SHAPES, '{"size":1.5,"kind":"', ["/anyOf/0/properties/kind"]),
    (SHAPES, "{", ["/anyOf/0", "/anyOf/1"]),
    (SHAPES, "[1,", ["/anyOf/2/contains"]),
    (EITHER, '{"x":', ["/properties/x/oneOf/0", "/properties/x/oneOf/1"]),
    (EITHER, '{"x":"a', ["/properties/x/oneOf/1"]),
    (EITHER, '{"x":1', ["/properties/x/oneOf/0"]),
    (BRANCHES, '{"v":', ["/then/properties/v", "/else/properties/v"]),
    (BRANCHES, '{"kind":"a","v":', ["/then/properties/v"]),
    (BRANCHES, '{"kind":"b","v":', ["/else/properties/v"]),
    (
        BRANCHES,
        '{"kind":"b","w":1,"v":',
        ["/else/properties/v", "/dependentSchemas/w/properties/v"],
    ),
    (ALL, '{"a":', ["/allOf/0/properties/a", "/allOf/1/properties/a", "/not/properties/a"]),
    (ALL, '{"b":', []),
    (ALL, '{"c":', ["/unevaluatedProperties"]),
    (TREE, '{"left":{"left":{"value":', ["/properties/value"]),
    (TREE, '{"left":{"left":{', [""]),
    (DYNAMIC, '{"child":{"data":', ["/$defs/tree/properties/data"]),
    (DYNAMIC, '{"child":{"more', ["", "/$defs/tree"]),
    ({"properties": {"a": False}}, '{"b":', []),
    ({"$ref": "#/$defs/n", "$defs": {"n": {"type": "number"}}}, "1", ["/$defs/n"]),
    (True, "[", []),
]


@pytest.mark.parametrize(("schema", "text", "expected"), CASES)
def test_places(schema: Any, text: str, expected: list[str]) -> None:
    assert list(cn.json_schema(schema).locate(text.encode())) == expected


def test_older_drafts() -> None:
    old = cn.json_schema(LIST, draft=7)
    assert old.locate(b"[n") == ("/items/0",)
    assert old.locate(b"[null,[null,[null,[],") == ("/additionalItems",)
    hiding = {"properties": {"a": {"$ref": "#/definitions/s", "type": "null"}}}
    hiding["definitions"] = {"s": {"type": "string"}}
    assert cn.json_schema(hiding, draft=7).locate(b'{"a":') == ("/definitions/s",)


def test_another_document() -> None:
    registry = {"https://example.org/name": {"type": "string"}}
    grammar = cn.json_schema({"properties": {"a": {"$ref": "https://example.org/name"}}}, registry=registry)
    assert grammar.locate(b'{"a":') == ("https://example.org/name#",)


def test_a_character_that_is_not_complete() -> None:
    assert cn.json_schema(PERSON).locate('{"name":"é'.encode()[:-1]) == ("/properties/name",)


@pytest.mark.parametrize("text", ["1 ", "{}", '"a"', "}", '{"a" 1', "nul!", "[1}"])
def test_nothing_is_open(text: str) -> None:
    assert read_partial_value(text) is None


def test_an_explanation_says_so() -> None:
    matcher = cn.compile(cn.json_schema(PERSON, whitespace="compact"), VOCABULARY).matcher()
    for byte in b'{"age":':
        assert matcher.advance(JSON_TOKENS.index(bytes([byte])))
    explanation = matcher.explain("-1")
    assert explanation.places == ("/$defs/age",) and not explanation.allowed
    assert str(explanation).endswith("\n  in force: /$defs/age")


def test_nothing_is_prepared() -> None:
    grammar = cn.json_schema(PERSON)
    cn.compile(grammar, VOCABULARY).matcher().allowed_tokens()
    assert grammar.locate._solver is None  # type: ignore[attr-defined]


# -- against jsonschema ---------------------------------------------------------------------------

CHOICES: tuple[str, ...] = (
    "anyOf", "oneOf", "not", "if", "dependentSchemas", "dependencies", "propertyNames", "contains",
)  # fmt: skip
CHOICES += ("unevaluatedProperties", "unevaluatedItems", "$dynamicRef", "$recursiveRef")
APPLYING = ("$ref", "allOf")


def visits(schema: Any, instance: Any) -> dict[int, set[int]]:
    """The ids of the schemas that ``jsonschema`` evaluates, by the id of the object or array."""
    jsonschema = pytest.importorskip("jsonschema")
    found: dict[int, set[int]] = {}

    def recording(function: Any, applies: bool) -> Any:
        def keyword(validator: Any, value: Any, instance: Any, schema: Any) -> Any:
            if not applies:
                found.setdefault(id(instance), set()).add(id(schema))
            return function(validator, value, instance, schema)

        return keyword

    kind = jsonschema.validators.validator_for(schema, jsonschema.Draft202012Validator)
    functions = {name: recording(f, name in APPLYING) for name, f in kind.VALIDATORS.items()}
    list(jsonschema.validators.extend(kind, functions)(schema).iter_errors(instance))
    return found


def containers(value: Any) -> Iterator[Any]:
    if isinstance(value, (dict, list)):
        yield value
        for item in value.values() if isinstance(value, dict) else value:
            yield from containers(item)


def opening(root: Any, wanted: Any) -> str | None:
    """The text of ``root`` up to the beginning of the very object ``wanted``."""
    if root is wanted:
        return "{" if isinstance(root, dict) else "["
    if isinstance(root, dict):
        before = "{"
        for key, value in root.items():
            inner = opening(value, wanted)
            if inner is not None:
                return f"{before}{json.dumps(key)}: {inner}"
            before += f"{json.dumps(key)}: {json.dumps(value)}, "
    elif isinstance(root, list):
        before = "["
        for value in root:
            inner = opening(value, wanted)
            if inner is not None:
                return before + inner
            before += json.dumps(value) + ", "
    return None


def pointed(schema: Any, pointer: str) -> Any:
    for token in pointer.split("/")[1:]:
        token = token.replace("~1", "/").replace("~0", "~")
        schema = schema[int(token)] if isinstance(schema, list) else schema[token]
    return schema


def test_schemas_without_choices_against_jsonschema() -> None:
    chooser = random.Random(5)
    records = [row for row in maskbench() if not any(f'"{word}"' in json.dumps(row) for word in CHOICES)]
    checked = 0
    for record in chooser.sample(records, 250):
        schema = record["schema"]
        if json.dumps(schema).count('"$schema"') > (
            "$schema" in schema
        ):  # jsonschema goes on with a class of its own there
            continue
        valid = [test["data"] for test in record["tests"] if test["valid"]]
        try:
            grammar = cn.json_schema(schema, property_order="any")
        except cn.SchemaError:
            continue
        for instance in valid[:2]:
            visited = visits(schema, instance)
            for container in list(containers(instance))[:12]:
                text = opening(instance, container)
                assert text is not None
                places = grammar.locate(text.encode())
                found = [pointed(schema, place) for place in places]
                known = visited.get(id(container), set())
                relevant = {id(one) for one in found if isinstance(one, dict)}
                if isinstance(container, dict):  # after "[", an item may come as well
                    assert relevant <= known, (record["id"], text)
                missing = known - relevant
                assert all(silent(schema, one) for one in missing), (record["id"], text, places)
                checked += 1
    assert checked > 500


def silent(root: Any, wanted: int) -> bool:
    """Whether the schema of that id asks nothing of an object or array by the keywords that are enforced."""
    from constrain.languages.json_schema.keywords.rules import ASSERTING

    pending = [root]
    while pending:
        place = pending.pop()
        if id(place) == wanted:
            return not set(place) & (ASSERTING - {"$ref", "allOf"}) or "$ref" in place
        pending += place.values() if isinstance(place, dict) else place if isinstance(place, list) else []
    return False
