"""The examples of ``docs/transformers.md``, run one after the other."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

jsonschema = pytest.importorskip("jsonschema")
torch = pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("transformers.generation.continuous_batching.cb_logits_processors")

PAGE = Path(__file__).parents[1] / "docs" / "transformers.md"


def test_the_examples() -> None:
    examples = re.findall(r"^(```+)python\n(.*?)^\1$", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    assert len(examples) == 14
    names: dict[str, Any] = {}
    for _, example in examples:
        exec(compile(example, str(PAGE), "exec"), names)
    valid = jsonschema.Draft202012Validator(names["schema"]).validate
    for text in (names["record"], names["records"][0], names["answer"]):
        valid(json.loads(text))
    assert set(names["verdicts"][:3]) <= {"yes", "no"}
    for text in names["verdicts"][3:]:
        valid(json.loads(text))
    assert isinstance(json.loads(names["short"]), list)
    valid(
        json.loads(names["tokenizer"].decode(names["outputs"][0].generated_tokens, skip_special_tokens=True))
    )
    assert re.fullmatch(r"20[0-9]{2}-[01][0-9]", names["date"])
    valid(json.loads(names["skipped"][0]))
    assert {names["skipped"][2], names["records"][2], names["judged"], names["said"]} <= {"yes", "no"}
    _, marker, fenced = names["fenced"].partition("</think>\n```json\n")
    assert marker
    valid(json.loads(fenced))
