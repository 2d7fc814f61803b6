"""The official JSON Schema Test Suite and the MaskBench schemas, as far as their keywords are enforced.

Both lie under the folder that ``CONSTRAIN_DATA`` names. A schema either raises a ``SchemaError`` or
every verdict on its documents is right.
"""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

from constrain.engine import Engine
from constrain.errors import SchemaError, UnsatisfiableSchema
from constrain.languages.json_schema import Options, build, build_shared
from tests.schema_order import in_schema_order

DATA = Path(os.environ.get("CONSTRAIN_DATA", "/nonexistent"))
SUITE = DATA / "json-schema-test-suite" / "tests"
MASKBENCH = DATA / "maskbench" / "dev.jsonl.gz"
SAMPLE = 150

DRAFTS = {
    "draft4": "http://json-schema.org/draft-04/schema#",
    "draft7": "http://json-schema.org/draft-07/schema#",
    "draft2020-12": "https://json-schema.org/draft/2020-12/schema",
}

# Schemas that must compile, per draft: fewer would mean that something has been lost.
COMPILED = {"draft4": 125, "draft7": 160, "draft2020-12": 165}

# Valid documents that are not texts of the subset of JSON, and optional behaviour that is an annotation here.
OUTSIDE = {
    ("const.json", "same object with different property order is valid"): "objects of a const keep its order",
    ("bignum.json", "a bignum is an integer"): "more digits than max_digits",
    ("bignum.json", "a negative bignum is an integer"): "more digits than max_digits",
    ("bignum.json", "a bignum is a number"): "more digits than max_digits",
    ("bignum.json", "a negative bignum is a number"): "more digits than max_digits",
    ("content.json", "an invalid JSON document"): "contentMediaType is an annotation",
    (
        "content.json",
        "an invalid base64 string (% is not a valid character)",
    ): "contentEncoding is an annotation",
    ("content.json", "a validly-encoded invalid JSON document"): "contentMediaType is an annotation",
    ("content.json", "an invalid base64 string that is valid JSON"): "contentEncoding is an annotation",
}

needs_suite = pytest.mark.skipif(not SUITE.is_dir(), reason="CONSTRAIN_DATA has no json-schema-test-suite")
needs_maskbench = pytest.mark.skipif(
    not MASKBENCH.is_file(), reason="CONSTRAIN_DATA has no maskbench/dev.jsonl.gz"
)

OPTIONS = Options()
BASE = Engine()
SHARED = build_shared(BASE, OPTIONS)


def ignores_siblings(schema: Any) -> bool:
    dialect = schema.get("$schema", "") if isinstance(schema, dict) else ""
    return any(draft in dialect for draft in ("draft-04", "draft-06", "draft-07"))


def texts(schema: Any, document: Any) -> list[bytes]:
    """J-texts of a document: with spaces, and over several lines."""
    ordered = in_schema_order(schema, document, ignores_siblings(schema))
    return [json.dumps(ordered, ensure_ascii=False, indent=indent).encode() for indent in (None, 2)]


@needs_suite
@pytest.mark.parametrize("draft", DRAFTS)
def test_official_suite(draft: str) -> None:
    wrong, compiled = [], 0
    for path in sorted([*(SUITE / draft).glob("*.json"), *(SUITE / draft / "optional").glob("*.json")]):
        for group in json.loads(path.read_text()):
            schema = group["schema"]
            if isinstance(schema, dict):
                schema = {"$schema": DRAFTS[draft], **schema}
            engine = Engine(BASE)
            try:
                root = build(engine, schema, OPTIONS, SHARED)
            except UnsatisfiableSchema:
                root = engine.EMPTY
            except SchemaError:
                continue
            compiled += 1
            for case in group["tests"]:
                if (path.name, case["description"]) not in OUTSIDE:
                    verdicts = {engine.matches(root, text) for text in texts(schema, case["data"])}
                    if verdicts != {case["valid"]}:
                        wrong.append((path.name, group["description"], case["description"]))
    assert not wrong
    assert compiled >= COMPILED[draft]


@needs_maskbench
def test_maskbench_sample() -> None:
    wrong, compiled = [], 0
    with gzip.open(MASKBENCH, "rt") as lines:
        rows = [json.loads(line) for line in lines]
    for row in rows[:: len(rows) // SAMPLE]:
        engine = Engine(BASE)
        try:
            root = build(engine, row["schema"], OPTIONS, SHARED)
        except SchemaError:
            continue
        compiled += 1
        for case in row["tests"]:
            for text in texts(row["schema"], case["data"]):
                if engine.matches(root, text) != case["valid"]:
                    wrong.append((row["id"], case["valid"], text[:200]))
    assert not wrong
    assert compiled > SAMPLE // 2
