"""Schemas and instances from a data file, as jobs: schema text and token ids, the same for every engine."""

from __future__ import annotations

import gzip
import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from benchmarks.engines.base import TokenizerFolder

__all__ = [
    "WARM_UP",
    "Job",
    "Text",
    "load_tokenizer",
    "make_jobs",
    "open_folder",
    "read_records",
    "sample_records",
]

Record = dict[str, Any]


@dataclass(frozen=True)
class Text:
    """An instance as tokens, and whether it validates."""

    valid: bool
    tokens: tuple[int, ...]


@dataclass(frozen=True)
class Job:
    """One schema to measure. ``repeat_of`` names an earlier job with the same schema text, or is ``""``."""

    id: str
    schema: str
    texts: tuple[Text, ...]
    repeat_of: str = ""


# What every engine compiles and replays before the first measured schema.
WARM_UP: Record = {
    "id": "warm-up",
    "schema": {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "size": {"type": "number"},
            "tags": {"type": "array", "items": {"type": "boolean"}},
        },
        "required": ["name"],
    },
    "tests": [{"valid": True, "data": {"name": "a word", "size": -1.5, "tags": [True, False]}}],
}


def read_records(path: Path) -> list[Record]:
    """Records ``{"id", "schema", "tests": [{"valid", "data"}]}``, one JSON text per line, gzip or plain."""
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
    return [json.loads(line) for line in text.split("\n") if line.strip()]


def sample_records(records: list[Record], count: int | None, seed: int) -> list[Record]:
    """``count`` records drawn without repetition, in file order; all of them if ``count`` is None."""
    if count is None or count >= len(records):
        return records
    chosen = sorted(random.Random(seed).sample(range(len(records)), count))
    return [records[index] for index in chosen]


def open_folder(path: Path) -> TokenizerFolder:
    """The tokenizer folder, with the end-of-text token that its ``tokenizer_config.json`` names.

    Raises:
        ValueError: the folder names no end-of-text token, or one that its vocabulary lacks.
    """
    name = json.loads((path / "tokenizer_config.json").read_text(encoding="utf-8")).get("eos_token")
    if isinstance(name, dict):
        name = name["content"]
    token = Tokenizer.from_file(str(path / "tokenizer.json")).token_to_id(name) if name else None
    if token is None:
        raise ValueError(
            f"{path / 'tokenizer_config.json'}: eos_token is {name!r}, not a token of tokenizer.json"
        )
    return TokenizerFolder(path, (token,))


def load_tokenizer(path: Path) -> Tokenizer:
    """The tokenizer as it continues a text: no space put before it, special tokens read as plain text."""
    raw = json.loads((path / "tokenizer.json").read_text(encoding="utf-8"))
    for step in _steps(raw["pre_tokenizer"], "pretokenizers") + _steps(raw["normalizer"], "normalizers"):
        if step["type"] == "Metaspace":
            step["prepend_scheme"] = "never"
        elif step["type"] == "Prepend":
            step["prepend"] = ""
        elif "add_prefix_space" in step:
            step["add_prefix_space"] = False
    tokenizer = Tokenizer.from_str(json.dumps(raw))
    tokenizer.encode_special_tokens = True
    return tokenizer


def _steps(step: Record | None, children: str) -> list[Record]:
    if step is None:
        return []
    if step["type"] == "Sequence":
        return [leaf for child in step[children] for leaf in _steps(child, children)]
    return [step]


def make_jobs(records: list[Record], tokenizer: Tokenizer) -> list[Job]:
    """Jobs in the order of ``records``; instances rendered by ``json.dumps(data, ensure_ascii=False)``."""
    first_with: dict[str, str] = {}
    jobs = []
    for record in records:
        schema = json.dumps(record["schema"])
        texts = tuple(_text(test, tokenizer) for test in record["tests"])
        original = first_with.setdefault(schema, record["id"])
        jobs.append(Job(record["id"], schema, texts, "" if original == record["id"] else original))
    return jobs


def _text(test: Record, tokenizer: Tokenizer) -> Text:
    rendered = json.dumps(test["data"], ensure_ascii=False)
    return Text(test["valid"], tuple(tokenizer.encode(rendered, add_special_tokens=False).ids))
