"""What do the most expensive masks cost? Schemas made to be hard: ``python -m benchmarks.hard_masks --help``.

Each case is a schema and a text of it, replayed from cold. The time is that of the processor, so that other work on the
machine does not show as a slow mask. ``first`` is the time from schema text to the first mask.
"""

from __future__ import annotations

import argparse
import gc
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

import constrain as cn
from benchmarks.data import load_tokenizer

__all__ = ["CASES", "main"]

WORDS = "the quick brown fox jumps over the lazy dog and runs on".split()


def _nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = {"next": value}
    return value


def _branches(count: int) -> dict[str, Any]:
    shared = {"common": {"type": "string"}, "size": {"type": "integer"}}
    return {
        "anyOf": [
            {
                "type": "object",
                "properties": {**shared, "kind": {"const": f"kind{i}"}, f"field{i}": {"type": "number"}},
                "required": ["common", "size", "kind", f"field{i}"],
                "additionalProperties": False,
            }
            for i in range(count)
        ]
    }


def _text(pattern: str, **bounds: int) -> dict[str, Any]:
    return {"type": "string", "pattern": pattern, **bounds}


TREE = {"type": "object", "properties": {"next": {"anyOf": [{"$ref": "#"}, {"type": "integer"}]}}}
PROPERTIES = {f"property_{i:03}": {"type": "integer"} for i in range(500)}

# name -> schema, value
CASES: dict[str, tuple[Any, Any]] = {
    "words, bounded": (_text(r"^(?:\S+\s+){0,49}\S+$", maxLength=300), " ".join(WORDS * 4)),
    "words, at least": (_text(r"^(?:\S+\s+){5,49}\S+$", minLength=20, maxLength=300), " ".join(WORDS)),
    "search": (_text(r"[0-9a-f]{8}-[0-9a-f]{4}"), "see 01234567-89ab for more"),
    "search, bounded": (_text(r"[A-Z]{3}", minLength=3, maxLength=40), "a text with ABC in it"),
    "search of 160": (_text(r"[-\w]{160}"), "abcdefghij-klmnopqrst" * 10),
    "one of many words": (_text("|".join(f"zone-{i}{c}" for i in range(60) for c in "abc")), "in zone-7b"),
    "letters": (_text(r"^\p{L}+( \p{L}+)*$"), "Grüße aus Köln und 東京"),
    "letters, bounded": (_text(r"^\p{L}+( \p{L}+)*$", maxLength=60), "Grüße aus Köln und 東京"),
    "lookahead": (_text(r"^(?=.*\d)(?=.*[a-z])(?=.*[A-Z]).{8,32}$"), "passWord1234"),
    "lookahead, negative": (_text(r"^(?!admin|root)\w+(?:[.-]\w+)*$"), "adam.smith-1"),
    "host name": (
        _text(r"^(https?://)?([\da-z.-]+)\.([a-z.]{2,6})([/\w .-]*)*/?$"),
        "https://www.example.com/a/b",
    ),
    "address": (_text(r"^[\w.+-]+@[\w-]+\.[\w.-]+$", maxLength=254), "some.name+tag@example.gov.uk"),
    "base64": (
        _text(r"^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"),
        "VGhlIHF1aWNrIGJyb3du",
    ),
    "long literal": ({"const": "lorem ipsum " * 400}, "lorem ipsum " * 400),
    "enum of 2000": ({"enum": [f"value number {i}" for i in range(2_000)]}, "value number 1234"),
    "500 properties": (
        {"type": "object", "properties": PROPERTIES},
        {f"property_{i:03}": i for i in range(0, 500, 7)},
    ),
    "60 branches": (_branches(60), {"common": "x", "size": 12, "kind": "kind37", "field37": 1.5}),
    "nested 200 deep": (TREE, _nested(200)),
    "free, nested 200 deep": (True, _nested(200)),
}


def replay(schema: Any, value: Any, vocabulary: cn.Vocabulary, tokenizer: Tokenizer) -> dict[str, float]:
    """Times in microseconds: of the first mask, the slowest and the mean mask, the slowest and the mean move."""
    tokens = tokenizer.encode(json.dumps(value, ensure_ascii=False), add_special_tokens=False).ids
    bitmask = cn.allocate_bitmask(1, vocabulary.size)
    now = time.thread_time_ns
    times = np.zeros((len(tokens), 2))
    gc.collect()
    gc.disable()
    start = now()
    matcher = cn.compile(cn.json_schema(json.dumps(schema)), vocabulary).matcher()
    matcher.fill_mask(bitmask, 0)
    first = now() - start
    for i, token in enumerate(tokens):
        start = now()
        matcher.fill_mask(bitmask, 0)
        filled = now()
        if not matcher.advance(token):
            raise ValueError(f"token {i} of {value!r} is refused")
        times[i] = filled - start, now() - filled
    gc.enable()
    if not matcher.can_stop:
        raise ValueError(f"{value!r} is not complete")
    (mask, move), (worst_mask, worst_move) = times.mean(axis=0), times.max(axis=0)
    figures = {
        "first": first,
        "max mask": worst_mask,
        "mean mask": mask,
        "max move": worst_move,
        "mean move": move,
    }
    return {name: figure / 1e3 for name, figure in figures.items()}


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hard_masks", description=__doc__)
    parser.add_argument("--tokenizer", type=Path, required=True, help="folder with tokenizer.json")
    parser.add_argument("--only", help="run the cases whose name holds this")
    options = parser.parse_args(arguments)
    vocabulary = cn.Vocabulary.from_tokenizer_json(options.tokenizer)
    tokenizer = load_tokenizer(options.tokenizer)
    replay({"type": "string"}, "warm", vocabulary, tokenizer)
    gc.freeze()
    print(
        "| us | first | max mask | mean mask | max move | mean move |\n| --- | ---: | ---: | ---: | ---: | ---: |"
    )
    for name, (schema, value) in CASES.items():
        if not options.only or options.only in name:
            try:
                figures = replay(schema, value, vocabulary, tokenizer)
            except (cn.ConstrainError, ValueError) as problem:
                print(f"| {name} | {problem} |")
                continue
            print(
                f"| {name} | " + " | ".join(f"{figure:.3g}" for figure in figures.values()) + " |", flush=True
            )


if __name__ == "__main__":
    main()
