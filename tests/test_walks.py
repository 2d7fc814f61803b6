"""Random walks by mask: never a dead end, always a document, always valid."""

from __future__ import annotations

import itertools
import json
import random
import re
from typing import Any

import jsonschema
import pytest

import constrain as cn
from constrain.engine import shortest_text
from constrain.masks.bits.bitmask import to_bool
from tests.data_folder import compiled_schemas, real_vocabulary
from tests.test_masks import JSON_TOKENS, vocabulary_of

STRUCTURAL = {b'"', b"}", b"]", b",", b":", b'",', b"{", b"1", b"a"}

SCHEMAS: list[Any] = [
    True,
    {"type": "object"},
    {"type": ["string", "null", "integer"], "maxLength": 3},
    {
        "type": "object",
        "properties": {"a": {"type": "integer", "minimum": -3, "maximum": 120}},
        "required": ["a"],
    },
    {"type": "array", "items": {"type": "string", "pattern": "^[a-f]{2,5}$"}, "minItems": 1, "maxItems": 3},
    {
        "type": "array",
        "prefixItems": [{"const": 1}, {"type": "boolean"}],
        "items": {"enum": ["x", None, 2.5]},
    },
    {
        "type": "object",
        "properties": {"name": {"type": "string", "minLength": 2, "maxLength": 9}, "next": {"$ref": "#"}},
        "required": ["name"],
        "additionalProperties": False,
    },
    {
        "anyOf": [
            {"properties": {"kind": {"const": "circle"}, "r": {"type": "number", "exclusiveMinimum": 0}}},
            {"properties": {"kind": {"const": "box"}, "w": {"type": "integer"}}, "required": ["w"]},
        ],
        "type": "object",
        "required": ["kind"],
    },
    {
        "type": "object",
        "patternProperties": {
            "^[a-m]": {"type": "array", "minItems": 3, "items": {"const": "some text"}},
            "[tn]$": {"minItems": 6, "maxItems": 9},
            "^.{2,4}$": {"type": ["boolean", "array"]},
        },
        "propertyNames": {"maxLength": 6},
        "minProperties": 2,
    },
]


def random_document(constraint: cn.Constraint, seed: int, steps: int) -> bytes:
    """A text by random allowed tokens; after ``steps`` of them, by the shortest way to the end."""
    matcher, chooser, text = constraint.matcher(), random.Random(seed), b""
    vocabulary = constraint.vocabulary
    bitmask = cn.allocate_bitmask(1, vocabulary.size)
    structural = [i for i, data in enumerate(vocabulary.tokens) if data in STRUCTURAL]
    for _ in range(steps):
        matcher.fill_mask(bitmask, 0)
        bits = to_bool(bitmask[0], vocabulary.size)
        # Half of the time a structural token, or the walk would stay in its first string.
        short = [i for i in structural if bits[i]]
        allowed = short if short and chooser.random() < 0.5 else bits.nonzero()[0]
        assert len(allowed), f"a dead end after {text!r}"
        token_id = int(allowed[chooser.randrange(len(allowed))])
        assert matcher.advance(token_id)
        if matcher.stopped:
            return text
        text += vocabulary.tokens[token_id] or b""
    return text + shortest_text(constraint.engine, matcher.state)


def ecmascript(schema: Any) -> Any:
    """``schema`` with patterns that end as those of ECMA-262 do: Python's ``$`` matches before a last newline, too."""
    if isinstance(schema, list):
        return [ecmascript(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    result = {keyword: ecmascript(value) for keyword, value in schema.items()}
    if isinstance(result.get("pattern"), str):
        result["pattern"] = re.sub(r"\$$", r"\\Z", result["pattern"])
    if isinstance(result.get("patternProperties"), dict):
        members = result["patternProperties"].items()
        result["patternProperties"] = {re.sub(r"\$$", r"\\Z", key): value for key, value in members}
    return result


def assert_valid(text: bytes, schema: Any) -> None:
    schema, document = ecmascript(schema), json.loads(text.decode())
    validator = jsonschema.validators.validator_for(schema, jsonschema.Draft202012Validator)
    problem = jsonschema.exceptions.best_match(validator(schema).iter_errors(document))
    assert problem is None, f"{text!r}: {problem}"


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
@pytest.mark.parametrize("whitespace", ["flexible", "compact", "spaced", "indented"])
def test_walks_validate(schema: Any, whitespace: str) -> None:
    constraint = cn.compile(cn.json_schema(schema, whitespace=whitespace), vocabulary_of(JSON_TOKENS))
    for seed in range(25):
        assert_valid(random_document(constraint, seed, 40), schema)


@pytest.mark.parametrize("name", ["llama3", "mistral"])
def test_walks_over_real_schemas_and_vocabularies(name: str) -> None:
    vocabulary = real_vocabulary(name)
    for seed, (record, grammar) in enumerate(itertools.islice(compiled_schemas(seed=7), 60)):
        constraint = cn.compile(grammar, vocabulary)
        assert_valid(random_document(constraint, seed, 50), record["schema"])


def test_masks_of_real_schemas_equal_those_by_derivatives() -> None:
    vocabulary = real_vocabulary("mistral")
    chooser = random.Random(5)
    for record, grammar in itertools.islice(compiled_schemas(seed=11), 60):
        if not record["tests"]:
            continue
        matcher = cn.compile(grammar, vocabulary).matcher()
        text = json.dumps(record["tests"][0]["data"], ensure_ascii=False).encode()
        for cut in sorted(chooser.sample(range(len(text)), min(4, len(text)))):
            matcher.reset()
            for byte in text[:cut]:
                matcher.advance(vocabulary.tokens.index(bytes([byte])))
            row = cn.allocate_bitmask(1, vocabulary.size)
            matcher.fill_mask(row, 0)
            assert (row[0] == matcher.mask_by_derivatives()).all(), (record["id"], text[:cut])
