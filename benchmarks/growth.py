"""What grows with the length of a text, or the size of a schema? ``python -m benchmarks.growth --help``.

Texts: each schema is compiled and a long text of it replayed, mask and commit, from cold; the mean of each thousand
tokens shows whether a token costs more the more has been written. Schemas: generated ones of four kinds and growing
size, from text to first mask; the slope on a logarithmic scale is 1 where time is proportional to size. Times are
those of the processor, the least of some repetitions. ``benchmarks.plot`` draws the result file.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

import constrain as cn
from benchmarks.data import load_tokenizer
from benchmarks.timing import table

__all__ = ["SCHEMAS", "TEXTS", "main", "report"]

BLOCK = 1_000
WORDS = "the quick brown fox jumps over a lazy dog while seven wizards watch from some far away hill".split()
SIZES = [1 << shift for shift in range(12, 23, 2)]  # bytes: 4 KiB to 4 MiB


def _records(chooser: random.Random) -> Any:
    return [
        {
            "id": number,
            "name": " ".join(chooser.choices(WORDS, k=3)),
            "price": chooser.randrange(10**6) / 100,
            "tags": chooser.sample(WORDS, 2),
            "sold": chooser.random() < 0.5,
        }
        for number in range(2_000)
    ]


def _nested(depth: int) -> str:
    return '{"next": ' * depth


RECORD = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string"},
        "price": {"type": "number"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "sold": {"type": "boolean"},
    },
    "required": ["id", "name"],
}

# name -> schema, and from a chooser a text of it, long enough to be cut
TEXTS: dict[str, tuple[Any, Callable[[random.Random], str]]] = {
    "records": ({"type": "array", "items": RECORD}, lambda chooser: json.dumps(_records(chooser))),
    "one string": (
        {"type": "string"},
        lambda chooser: json.dumps(" ".join(chooser.choices(WORDS, k=40_000))),
    ),
    "bounded string": (
        {"type": "string", "maxLength": 1_000_000},
        lambda chooser: json.dumps(" ".join(chooser.choices(WORDS, k=40_000))),
    ),
    "undeclared keys": (
        {"type": "object", "additionalProperties": {"type": "integer"}},
        lambda chooser: json.dumps({f"{chooser.choice(WORDS)}-{i}": i for i in range(8_000)}),
    ),
    "unique strings": (
        {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
        lambda chooser: json.dumps([f"{chooser.choice(WORDS)}-{i}" for i in range(8_000)]),
    ),
    "unique numbers": (
        {"type": "array", "items": {"type": "integer"}, "uniqueItems": True},
        lambda chooser: json.dumps(chooser.sample(range(10**6), 8_000)),
    ),
    "nested objects": ({"type": "object", "properties": {"next": {"$ref": "#"}}}, lambda _: _nested(20_000)),
}


def _object(number: int) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "name": {"type": "string", "maxLength": 40},
            "size": {"type": "number", "minimum": 0},
            "kind": {"enum": [f"kind-{number}", "other"]},
        },
        "required": ["name"],
        "additionalProperties": False,
    }


def _definitions(count: int) -> Any:
    """Objects that are reached by reference, each from a property of the root."""
    return {
        "type": "object",
        "properties": {f"part{i}": {"$ref": f"#/$defs/Part{i}"} for i in range(count)},
        "$defs": {f"Part{i}": _object(i) for i in range(count)},
    }


def _chain(count: int) -> Any:
    """Definitions of which each refers to the next."""
    parts = {f"Part{i}": _object(i) for i in range(count)}
    for i in range(count - 1):
        parts[f"Part{i}"]["properties"]["next"] = {"$ref": f"#/$defs/Part{i + 1}"}
    return {"$ref": "#/$defs/Part0", "$defs": parts}


def _properties(count: int) -> Any:
    return {
        "type": "object",
        "properties": {f"property_{i:06}": {"type": "integer", "minimum": 0} for i in range(count)},
    }


def _enum(count: int) -> Any:
    return {"enum": [f"value number {i} of {count}" for i in range(count)]}


def _alternatives(count: int) -> Any:
    """Objects told apart by a constant."""
    return {
        "oneOf": [
            {**_object(i), "properties": {"kind": {"const": f"kind-{i}"}}, "required": ["kind"]}
            for i in range(count)
        ]
    }


# name -> number of parts to schema
SCHEMAS: dict[str, Callable[[int], Any]] = {
    "definitions": _definitions,
    "chained definitions": _chain,
    "properties": _properties,
    "enum": _enum,
    "oneOf": _alternatives,
}


def schema_of_size(make: Callable[[int], Any], size: int) -> str:
    """The text of a schema with as many parts as ``size`` bytes take."""
    each = (len(json.dumps(make(1_100))) - len(json.dumps(make(100)))) / 1_000
    return json.dumps(make(max(1, round(size / each))))


def replay(schema: str, tokens: Sequence[int], vocabulary: cn.Vocabulary) -> list[float]:
    """Mean microseconds of a mask and a commit, for each thousand tokens, from cold.

    Raises:
        ValueError: a token is refused.
    """
    matcher = cn.compile(cn.json_schema(schema), vocabulary).matcher()
    bitmask = cn.allocate_bitmask(1, vocabulary.size)
    means = []
    for first in range(0, len(tokens), BLOCK):
        block = tokens[first : first + BLOCK]
        start = time.thread_time_ns()
        for token in block:
            matcher.fill_mask(bitmask, 0)
            if not matcher.advance(token):
                raise ValueError(f"token {matcher.count} is refused")
        means.append((time.thread_time_ns() - start) / 1e3 / len(block))
    return means


def first_mask(schema: str, vocabulary: cn.Vocabulary) -> float:
    """Milliseconds from schema text to the first mask."""
    bitmask = cn.allocate_bitmask(1, vocabulary.size)
    start = time.thread_time_ns()
    cn.compile(cn.json_schema(schema), vocabulary).matcher().fill_mask(bitmask, 0)
    return (time.thread_time_ns() - start) / 1e6


def _least(measure: Callable[[], Any], repeats: int) -> Any:
    """The least of each figure; garbage is collected between the repetitions, not within them."""
    figures = []
    for _ in range(repeats):
        gc.collect()
        gc.disable()
        figures.append(measure())
        gc.enable()
    return np.min(figures, axis=0).tolist()


def measure_texts(
    vocabulary: cn.Vocabulary, tokenizer: Tokenizer, length: int, repeats: int
) -> Iterator[tuple[str, list[float]]]:
    """For each text, the means of each thousand tokens."""
    for name, (schema, write) in TEXTS.items():
        tokens = tokenizer.encode(write(random.Random(0)), add_special_tokens=False).ids[:length]
        if len(tokens) < length:
            raise ValueError(f"the text {name!r} has {len(tokens)} tokens only")
        yield name, _least(partial(replay, json.dumps(schema), tokens, vocabulary), repeats)


def measure_schemas(
    vocabulary: cn.Vocabulary, sizes: Sequence[int], repeats: int
) -> Iterator[tuple[str, list[tuple[int, float]]]]:
    """For each kind of schema, sizes in bytes and milliseconds to the first mask."""
    for name, make in SCHEMAS.items():
        points = []
        for size in sizes:
            schema = schema_of_size(make, size)
            points.append((len(schema), _least(partial(first_mask, schema, vocabulary), repeats)))
        yield name, points


def slope(points: Sequence[tuple[int, float]]) -> float:
    """Of the line through the points on logarithmic axes, from 64 KiB on, where fixed costs no longer show."""
    sizes, times = np.log([point for point in points if point[0] > 60_000]).T
    return float(np.polyfit(sizes, times, 1)[0])


def report(result: dict[str, Any]) -> str:
    """Tables of a result file."""
    parts = []
    if texts := result["texts"]:
        shown = [1, 2, 5, 10, 15, 20]
        header = ["us a token", *(f"{count},000th" for count in shown), "second half / first half"]
        rows = []
        for name, means in texts.items():
            half = len(means) // 2
            cells = [f"{means[count - 1]:.2f}" if count <= len(means) else "-" for count in shown]
            rows.append([name, *cells, f"{np.mean(means[half:]) / np.mean(means[1:half]):.2f} x"])
        note = (
            "Mean of the thousand tokens that end there. The first thousand, which pays for what is new, "
            "is left out of the halves."
        )
        parts.append(f"## Long texts\n\n{note}\n\n{table(header, rows)}")
    if schemas := result["schemas"]:
        sizes = [f"{size / 1024:,.0f} KiB" for size, _ in next(iter(schemas.values()))]
        rows = [
            [name, *(f"{ms:.0f}" if ms >= 100 else f"{ms:.3g}" for _, ms in points), f"{slope(points):.2f}"]
            for name, points in schemas.items()
        ]
        parts.append(f"## Large schemas\n\n{table(['ms to first mask', *sizes, 'slope'], rows)}")
    return "\n\n".join(parts)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("--tokenizer", type=Path, required=True, help="folder with tokenizer.json")
    parser.add_argument("--tokens", type=int, default=20_000, help="length of the texts")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", choices=("texts", "schemas"))
    parser.add_argument("--out", type=Path, help="write the figures as JSON")
    options = parser.parse_args(arguments)
    vocabulary = cn.Vocabulary.from_tokenizer_json(options.tokenizer)
    tokenizer = load_tokenizer(options.tokenizer)
    first_mask('{"type": "object"}', vocabulary)
    result: dict[str, Any] = {"tokenizer": options.tokenizer.name, "texts": {}, "schemas": {}}
    if options.only != "schemas":
        result["texts"] = dict(measure_texts(vocabulary, tokenizer, options.tokens, options.repeats))
    if options.only != "texts":
        result["schemas"] = dict(measure_schemas(vocabulary, SIZES, options.repeats))
    if options.out:
        options.out.write_text(json.dumps(result) + "\n")
    print(report(result))


if __name__ == "__main__":
    main()
