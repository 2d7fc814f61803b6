"""Texts of models that never want to stop are complete when ``max_new_tokens`` is reached."""

from __future__ import annotations

import json
from typing import Any

import pytest

jsonschema = pytest.importorskip("jsonschema")
torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

import constrain as cn  # noqa: E402 - after the skips
from constrain.integrations.transformers import ConstrainedLogitsProcessor  # noqa: E402
from tests.tiny_models import tiny_llama, tiny_tokenizer  # noqa: E402

SCHEMAS: list[Any] = [
    True,
    {"type": "array", "items": {"type": "string"}},
    {
        "type": "object",
        "required": ["name", "tags"],
        "properties": {"tags": {"type": "array", "minItems": 2}},
    },
    {"type": "string"},
]


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
@pytest.mark.parametrize("mode", [{"do_sample": True, "temperature": 3.0}, {"num_beams": 3}], ids=str)
def test_texts_are_complete(schema: Any, mode: dict[str, Any]) -> None:
    tokenizer, model = tiny_tokenizer(), tiny_llama(tiny_tokenizer())
    inputs = tokenizer(["{", "a longer prompt"], return_tensors="pt", padding=True)
    torch.manual_seed(1)
    for room in (30, 33, 61):
        processor = ConstrainedLogitsProcessor(tokenizer, schema=schema, max_new_tokens=room)
        output = model.generate(**inputs, logits_processor=[processor], max_new_tokens=room, **mode)
        written = output[:, inputs["input_ids"].shape[1] :]
        for text in tokenizer.batch_decode(written, skip_special_tokens=True):
            jsonschema.Draft202012Validator(schema).validate(json.loads(text))


def test_too_little_room() -> None:
    tokenizer, model = tiny_tokenizer(), tiny_llama(tiny_tokenizer())
    processor = ConstrainedLogitsProcessor(tokenizer, schema={"enum": ["a long text"]}, max_new_tokens=3)
    with pytest.raises(cn.BudgetError):
        model.generate(**tokenizer("x", return_tensors="pt"), logits_processor=[processor], max_new_tokens=3)


def test_it_does_not_go_with_leads() -> None:
    with pytest.raises(ValueError, match="max_new_tokens"):
        ConstrainedLogitsProcessor(tiny_tokenizer(), schema=True, max_new_tokens=9, prefix="x")
