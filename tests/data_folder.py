"""Test data that is not part of the project: a folder that the environment variable CONSTRAIN_DATA names.

maskbench/dev.jsonl.gz             real schemas with valid and invalid instances
json-schema-test-suite/            the official test suite: tests/ and remotes/; or CONSTRAIN_SUITE names its
                                   folder, which .ci/json_schema_suite.py fills
tokenizers/llama3, llama4, mistral tokenizer.json folders
gguf/                              GGUF vocabularies; or CONSTRAIN_GGUF names their folder,
                                   which .ci/llama_vocabularies.py fills
"""

from __future__ import annotations

import gzip
import json
import os
import random
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import constrain as cn


def data_path(*parts: str) -> Path:
    """A path in the data folder; skips the test, saying why, where it is not there."""
    folder = os.environ.get("CONSTRAIN_DATA")
    if not folder:
        pytest.skip("the environment variable CONSTRAIN_DATA names no data folder")
    path = Path(folder).joinpath(*parts)
    if not path.exists():
        pytest.skip(f"CONSTRAIN_DATA has no {'/'.join(parts)}")
    return path


def suite_path(*parts: str) -> Path:
    """A path in the official JSON Schema Test Suite; skips the test, saying why, where no folder is named.

    Whoever names the suite wants it run: what is missing in ``CONSTRAIN_SUITE`` is an error.
    """
    named = os.environ.get("CONSTRAIN_SUITE")
    if named:
        path = Path(named).joinpath(*parts)
        assert path.exists(), f"CONSTRAIN_SUITE has no {'/'.join(parts)}"
        return path
    if not os.environ.get("CONSTRAIN_DATA"):
        pytest.skip("CONSTRAIN_SUITE can name a folder that `python .ci/json_schema_suite.py FOLDER` fills")
    return data_path("json-schema-test-suite", *parts)


def gguf_path(name: str) -> Path:
    """A file of the folder of GGUF vocabularies; skips the test, saying why, where it is not there."""
    folder = Path(os.environ.get("CONSTRAIN_GGUF") or Path(os.environ.get("CONSTRAIN_DATA", ""), "gguf"))
    if not (folder / name).exists():
        hint = (
            "CONSTRAIN_GGUF can name a folder that `python .ci/llama_vocabularies.py FOLDER --pieces` fills"
        )
        pytest.skip(f"no {name} is at hand: {hint}")
    return folder / name


@cache
def maskbench() -> list[dict[str, Any]]:
    """The records of MaskBench: ``id``, ``schema``, ``tests`` (``valid``, ``data``)."""
    with gzip.open(data_path("maskbench", "dev.jsonl.gz"), "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def compiled_schemas(seed: int) -> Any:
    """(record, grammar) for the MaskBench schemas that compile, in random order."""
    records = list(maskbench())
    random.Random(seed).shuffle(records)
    for record in records:
        try:
            yield record, cn.json_schema(record["schema"])
        except cn.SchemaError:
            continue


@cache
def real_vocabulary(name: str) -> cn.Vocabulary:
    return cn.Vocabulary.from_tokenizer_json(data_path("tokenizers", name))
