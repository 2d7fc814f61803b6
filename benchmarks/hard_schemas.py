"""Do hostile and hard schemas stay fast?  ``python -m benchmarks.hard_schemas --tokenizer llama3/``

Each schema below is small to write down and hard for some way of compiling it: products of
alternatives, subsets of keys, long intervals, deep nesting. For each, and for both orders of keys:
the time from schema text to the first mask, and the slowest of the masks along random walks.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import time
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import constrain as cn

ORDERS = ("schema", "any")
FIRST_MASK_MS, MASK_MS = 50.0, 5.0  # what the table marks as too slow


def _arm(number: int, *required: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"kind": {"const": f"k{number}"}, f"v{number}": {"type": "integer"}},
        "required": ["kind", *required],
        **more,
    }


def _tower(height: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string", "minLength": 1}
    for _ in range(height):
        schema = {"not": {"properties": {"a": schema}, "required": ["a"]}}
    return schema


def _nested(depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "integer"}
    for _ in range(depth):
        schema = {
            "type": "object",
            "properties": {"a": schema},
            "required": ["a"],
            "additionalProperties": False,
        }
    return schema


def _integers(count: int, prefix: str = "p") -> dict[str, Any]:
    return {f"{prefix}{i}": {"type": "integer"} for i in range(count)}


SCHEMAS: dict[str, Any] = {
    "oneOf of 200 closed objects by constant": {
        "oneOf": [_arm(i, f"v{i}", additionalProperties=False) for i in range(200)]
    },
    "oneOf of 200 open objects by constant": {"oneOf": [_arm(i) for i in range(200)]},
    "oneOf of 50 overlapping arms": {
        "oneOf": [
            {"type": "object", "properties": {f"v{i}": {"type": "integer"}}, "required": [f"v{i}"]}
            for i in range(50)
        ]
    },
    "anyOf of 50 overlapping arms": {
        "anyOf": [
            {"type": "object", "properties": {f"v{i}": {"type": "integer"}}, "required": [f"v{i}"]}
            for i in range(50)
        ]
    },
    "anyOf of 60 with a shared prefix": {
        "type": "object",
        "anyOf": [
            {
                "properties": {"a": {}, "b": {}, "c": {}, f"v{i}": {"const": i}},
                "required": ["a", "b", "c", f"v{i}"],
            }
            for i in range(60)
        ],
    },
    "30 if/then by constant": {
        "type": "object",
        "properties": {"kind": {"type": "string"}},
        "required": ["kind"],
        "allOf": [
            {
                "if": {"properties": {"kind": {"const": f"k{i}"}}, "required": ["kind"]},
                "then": {"properties": {f"v{i}": {"type": "integer"}}, "required": [f"v{i}"]},
            }
            for i in range(30)
        ],
    },
    "16 anyOf pairs under allOf": {
        "type": "object",
        "allOf": [{"anyOf": [{"required": [f"a{i}"]}, {"required": [f"b{i}"]}]} for i in range(16)],
    },
    "8 anyOf pairs of patterns": {
        "type": "string",
        "allOf": [{"anyOf": [{"pattern": f"a{i}"}, {"pattern": f"b{i}"}]} for i in range(8)],
    },
    "20 nots in each other": _tower(20),
    "unevaluatedProperties over 14 arms": {
        "type": "object",
        "anyOf": [{"properties": _integers(1, f"p{i}_"), "required": [f"p{i}_0"]} for i in range(14)],
        "unevaluatedProperties": False,
    },
    "multipleOf in a wide interval": {
        "type": "integer",
        "multipleOf": 97,
        "minimum": -(10**12),
        "maximum": 10**15 + 7,
    },
    "multipleOf of a fraction": {
        "type": "number",
        "multipleOf": 0.07,
        "exclusiveMinimum": 0,
        "maximum": 10**9,
    },
    "40 required properties": {
        "type": "object",
        "properties": _integers(40),
        "required": [f"p{i}" for i in range(40)],
        "additionalProperties": False,
    },
    "500 properties": {"type": "object", "properties": _integers(500), "additionalProperties": False},
    "enum of 2,000 strings": {"enum": [f"value {i * 7919 % 100003} of {i}" for i in range(2000)]},
    "10 patternProperties": {
        "type": "object",
        "patternProperties": {f"^x{i}_": {"type": "integer"} for i in range(10)},
        "additionalProperties": False,
    },
    "6 overlapping patternProperties": {
        "type": "object",
        "patternProperties": {letter: {"minimum": i} for i, letter in enumerate("abcdef")},
    },
    "uniqueItems of objects": {
        "type": "array",
        "uniqueItems": True,
        "items": {"type": "object", "properties": _integers(3), "required": ["p0"]},
    },
    "uniqueItems of an enum": {
        "type": "array",
        "uniqueItems": True,
        "items": {"enum": list(range(100))},
        "minItems": 50,
    },
    "contains 5 of each of 3": {
        "type": "array",
        "allOf": [{"contains": {"type": kind}, "minContains": 5} for kind in ("string", "integer", "null")],
    },
    "20 to 25 properties": {"type": "object", "minProperties": 20, "maxProperties": 25},
    "a recursive tree": {
        "$ref": "#/$defs/node",
        "$defs": {
            "node": {
                "type": "object",
                "properties": {
                    "left": {"$ref": "#/$defs/node"},
                    "right": {"$ref": "#/$defs/node"},
                    "value": {},
                },
                "required": ["value"],
                "unevaluatedProperties": False,
            }
        },
    },
    "60 objects in each other": _nested(60),
}


class Timing(NamedTuple):
    """Milliseconds; ``masks`` of all masks of all walks."""

    first: float
    masks: list[float]


def measure(schema: Any, order: str, vocabulary: cn.Vocabulary, walks: int, tokens: int, seed: int) -> Timing:
    """From schema text to the first mask, and each mask along ``walks`` random walks of ``tokens`` tokens."""
    text = json.dumps(schema)
    started = time.perf_counter()
    constraint = cn.compile(cn.json_schema(text, property_order=order), vocabulary)
    row = cn.allocate_bitmask(1, vocabulary.size)
    constraint.matcher().fill_mask(row, 0)
    first = time.perf_counter() - started
    masks: list[float] = []
    for walk in range(walks):
        masks.extend(_walk(constraint, row, tokens, random.Random(seed + walk)))
    return Timing(first * 1e3, masks)


def _walk(constraint: cn.Constraint, row: Any, tokens: int, chooser: random.Random) -> Iterator[float]:
    matcher = constraint.matcher()
    for _ in range(tokens):
        started = time.perf_counter()
        matcher.fill_mask(row, 0)
        yield (time.perf_counter() - started) * 1e3
        token = _some_token(row[0], constraint.vocabulary.size, chooser)
        if token in constraint.vocabulary.eos_token_ids:
            return
        matcher.advance(token)


def _some_token(words: Any, size: int, chooser: random.Random) -> int:
    """One of the allowed tokens."""
    start = chooser.randrange(size)
    for token in itertools.chain(range(start, size), range(start)):
        if int(words[token // 32]) >> (token % 32) & 1:
            return token
    raise AssertionError("no token is allowed")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tokenizer", required=True, help="a folder with tokenizer.json")
    parser.add_argument("--only", default="", help="schemas whose name holds this")
    parser.add_argument("--walks", type=int, default=3)
    parser.add_argument("--tokens", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    vocabulary = cn.Vocabulary.from_tokenizer_json(options.tokenizer)
    measure({}, "schema", vocabulary, 1, 20, 0)  # what all schemas share is built once
    print("| schema | order | first mask, ms | slowest mask, ms | mean mask, ms | masks |")
    print("|---|---|---:|---:|---:|---:|")
    for name, schema in SCHEMAS.items():
        if options.only not in name:
            continue
        for order in ORDERS:
            try:
                timing = measure(schema, order, vocabulary, options.walks, options.tokens, options.seed)
            except cn.ConstrainError as problem:
                print(f"| {name} | {order} | {type(problem).__name__}: {problem} | | | |", flush=True)
                continue
            marks = " *" * (timing.first > FIRST_MASK_MS), " *" * (max(timing.masks) > MASK_MS)
            mean = sum(timing.masks) / len(timing.masks)
            print(
                f"| {name} | {order} | {timing.first:.1f}{marks[0]} | {max(timing.masks):.2f}{marks[1]} "
                f"| {mean:.3f} | {len(timing.masks)} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
