"""The demonstration model's sentences: every record fits its schema, and draws repeat."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from constrain.demo import Example, examples, model_directory, prompt_for, tasks
from constrain.demo.habits import HABITS
from constrain.demo.sentences import HELD_OUT, KINDS, TRAINING, completion, draw

jsonschema = pytest.importorskip("jsonschema")

SIMPLE_KEYWORDS = (
    "$schema $defs $ref type properties required additionalProperties items enum const anyOf "
    "minLength maxLength pattern minItems maxItems minimum maximum"
)
NAMES_TO_SCHEMAS = ("properties", "$defs")


def drawn(count: int, purpose: str = TRAINING) -> list[Example]:
    return [draw(purpose, 7, index) for index in range(count)]


def is_record(text: str, example: Example) -> bool:
    try:
        return bool(json.loads(text) == example.record)
    except json.JSONDecodeError:
        return False


def subschemas(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield schema
    for keyword, value in schema.items():
        if keyword in NAMES_TO_SCHEMAS:
            inner = list(value.values())
        elif keyword == "anyOf":
            inner = value
        else:
            inner = [value] if keyword == "items" else []
        for item in inner:
            yield from subschemas(item)


@pytest.mark.parametrize("kind", KINDS)
def test_schemas_are_valid_and_use_simple_keywords_only(kind: str) -> None:
    schema = tasks()[kind]
    jsonschema.Draft202012Validator.check_schema(schema)
    for subschema in subschemas(schema):
        assert set(subschema) <= set(SIMPLE_KEYWORDS.split())
        if subschema.get("type") == "object":
            assert subschema["additionalProperties"] is False


def test_every_record_validates() -> None:
    validators = {kind: jsonschema.Draft202012Validator(schema) for kind, schema in tasks().items()}
    for example in drawn(1500):
        validators[example.kind].validate(example.record)


def test_properties_come_in_schema_order() -> None:
    for example in drawn(600):
        declared = list(example.schema["properties"])
        assert [name for name in declared if name in example.record] == list(example.record)
    item_properties = list(tasks()["order"]["$defs"]["item"]["properties"])
    for example in drawn(600):
        for item in example.record.get("items", ()):
            assert list(item) == item_properties


def test_sentences_state_what_the_records_hold() -> None:
    for example in drawn(600):
        record = example.record
        stated = {
            "person": [record.get("name"), record.get("city"), record.get("role"), str(record.get("age"))],
            "order": [record.get("id"), record.get("customer")],
            "event": [record.get("title"), *record.get("attendees", ())],
        }[example.kind]
        assert all(text in example.sentence for text in stated), example
        assert ("email" in record) == ("@" in example.sentence)


def test_draws_repeat_and_purposes_differ() -> None:
    assert drawn(60) == drawn(60)
    assert examples(30, seed=3) == examples(30, seed=3)
    assert examples(30, seed=3) != examples(30, seed=4)
    assert [example.kind for example in examples(6)] == ["person", "order", "event"] * 2


def test_held_out_sentences_are_not_in_training() -> None:
    training = {draw(TRAINING, 0, index).sentence for index in range(6000)}
    assert not training & {draw(HELD_OUT, 0, index).sentence for index in range(300)}


def test_a_changed_schema_does_not_change_the_next() -> None:
    tasks()["person"]["properties"].clear()  # type: ignore[attr-defined]
    assert tasks()["person"]["properties"]


def test_prompts_and_completions() -> None:
    example = examples(1)[0]
    assert example.prompt == prompt_for(example.kind, example.sentence)
    assert example.prompt == f"Text: {example.sentence}\nRecord (person):\n"
    rng = random.Random(0)
    texts = [completion(example, rng, 0.25) for _ in range(600)]
    plain = [text for text in texts if is_record(text, example)]
    assert len(set(plain)) == 3, "as json.dumps does, compact, indented"
    assert abs(len(plain) / len(texts) - 0.75) < 0.05


@pytest.mark.parametrize("habit", HABITS)
@pytest.mark.parametrize("example", drawn(9), ids=lambda example: example.kind)
def test_careless_records_do_not_validate(habit: Callable[..., str], example: Example) -> None:
    try:
        value = json.loads(habit(example.record, example.kind))
    except json.JSONDecodeError:
        return
    assert not jsonschema.Draft202012Validator(example.schema).is_valid(value)


def test_importing_the_demo_needs_no_torch() -> None:
    heavy = "{'torch', 'transformers', 'tokenizers'}"
    code = f"import sys, constrain.demo; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_packaged_model_is_complete_and_small() -> None:
    folder = model_directory()
    for name in ("README.md", "config.json", "generation_config.json", "model.safetensors", "tokenizer.json"):
        assert (folder / name).is_file()
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 8_000_000


def test_packaged_model_loads_and_writes_a_record() -> None:
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    tokenizer = transformers.AutoTokenizer.from_pretrained(model_directory())
    model = transformers.AutoModelForCausalLM.from_pretrained(model_directory(), dtype=torch.float32)
    assert tokenizer.vocab_size == model.config.vocab_size
    assert model.generation_config.eos_token_id == tokenizer.eos_token_id
    assert tokenizer("Text")["input_ids"][0] == tokenizer.bos_token_id
    records = 0
    for example in examples(6):
        inputs = tokenizer(example.prompt, return_tensors="pt", return_token_type_ids=False)
        assert tokenizer.decode(inputs["input_ids"][0], skip_special_tokens=True) == example.prompt
        output = model.generate(**inputs, do_sample=False)[0, inputs["input_ids"].shape[1] :]
        text = tokenizer.decode(output, skip_special_tokens=True)
        records += text.startswith("{") and output[-1] == tokenizer.eos_token_id
    assert records >= 5
