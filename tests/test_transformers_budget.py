"""Texts of models that never want to stop are complete when ``max_new_tokens`` is reached."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

jsonschema = pytest.importorskip("jsonschema")
torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

import constrain as cn  # noqa: E402 - after the skips
from constrain.integrations.lead import Lead, LeadCursor  # noqa: E402
from constrain.integrations.transformers import ConstrainedLogitsProcessor, vocabulary_of  # noqa: E402
from tests.tiny_models import END_OF_TURN, EOS, tiny_llama, tiny_tokenizer  # noqa: E402

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
    inputs = tokenizer(
        ["{", "a longer prompt"], return_tensors="pt", padding=True, return_token_type_ids=False
    )
    torch.manual_seed(1)
    for room in (30, 33, 61):
        processor = ConstrainedLogitsProcessor(tokenizer, schema=schema, max_new_tokens=room)
        output = model.generate(**inputs, logits_processor=[processor], max_new_tokens=room, **mode)
        written = output[:, inputs["input_ids"].shape[1] :]
        for text in tokenizer.batch_decode(written, skip_special_tokens=True):
            jsonschema.Draft202012Validator(schema).validate(json.loads(text))


def test_too_little_room() -> None:
    """Said when the processor is made, before there is any prompt."""
    schema = {"enum": ["a long text"]}
    with pytest.raises(
        cn.BudgetError, match=r"^the shortest text known takes 13 tokens, and 3 may"
    ) as caught:
        ConstrainedLogitsProcessor(tiny_tokenizer(), schema=schema, max_new_tokens=3)
    assert ConstrainedLogitsProcessor(tiny_tokenizer(), schema=schema, max_new_tokens=caught.value.needed)


@pytest.mark.parametrize("marker", ['": ', END_OF_TURN, "</think>", None])
@pytest.mark.parametrize(
    "mode",
    [
        {"do_sample": True, "temperature": 3.0, "num_return_sequences": 4},
        {"num_beams": 3},
        {"prompt_lookup_num_tokens": 3},
        {"assistant_model": "another"},
    ],
    ids=str,
)
def test_a_lead_takes_its_share(marker: str | None, mode: dict[str, Any]) -> None:
    tokenizer, model = tiny_tokenizer(), tiny_llama(tiny_tokenizer())
    inputs = tokenizer(["Think: {"], return_tensors="pt", return_token_type_ids=False)
    schema = {"type": "array", "items": {"type": "integer"}, "minItems": 2}
    if "assistant_model" in mode:
        mode = {"assistant_model": tiny_llama(tokenizer, seed=1)}
    torch.manual_seed(2)
    for room in (19, 20, 24, 40):
        for limit in (None, 3) if marker else (None,):
            processor = ConstrainedLogitsProcessor(
                tokenizer,
                schema=schema,
                after=marker,
                after_at_most=limit,
                prefix="true\n",
                max_new_tokens=room,
            )
            output = model.generate(
                **inputs, logits_processor=[copy.deepcopy(processor)], max_new_tokens=room, **mode
            )
            for row in output[:, inputs["input_ids"].shape[1] :]:
                text = tokenizer.decode(row).replace("<pad>", "").replace(EOS, "")
                *_, answer = text.partition(marker) if marker else (text,)
                assert answer.startswith("true\n"), text
                jsonschema.Draft202012Validator(schema).validate(json.loads(answer[5:]))


def test_free_text_ends_as_late_as_it_can() -> None:
    vocabulary = vocabulary_of(tiny_tokenizer())
    constraint = cn.compile(cn.regex("true"), vocabulary)
    lead = Lead(vocabulary, "nana", None, "name")
    letter, *ends = tiny_tokenizer().convert_tokens_to_ids(["x", "na", "na", "name", "true"])
    for room in range(4, 9):
        cursor = LeadCursor(constraint, 0, lead, room)
        free = 0
        while cursor.copy().read(letter):
            cursor.read(letter)
            free += 1
        assert free == room - 4
        for token in ends:
            mask = cn.allocate_bitmask(1, vocabulary.size)
            cursor.fill_mask(mask, 0)
            assert sum(word.bit_count() for word in mask.view("uint32")[0].tolist()) == 1
            assert cursor.read(token)
        assert cursor.settled or cursor.read(vocabulary.eos_token_ids[0])


def test_a_lead_that_does_not_fit() -> None:
    vocabulary = vocabulary_of(tiny_tokenizer())
    constraint = cn.compile(cn.regex("true"), vocabulary)
    with pytest.raises(cn.BudgetError, match="takes 4 tokens, and 3 may be written: nananametrue"):
        LeadCursor(constraint, 0, Lead(vocabulary, "nana", None, "name"), 3)
