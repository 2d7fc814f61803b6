"""Real schemas, real vocabularies, random weights: every text that ends validates."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

jsonschema = pytest.importorskip("jsonschema")
torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

import constrain as cn  # noqa: E402 - after the skips
from constrain.integrations.transformers import ConstrainedLogitsProcessor, vocabulary_of  # noqa: E402
from tests.data_folder import compiled_schemas, data_path  # noqa: E402
from tests.test_walks import assert_valid  # noqa: E402
from tests.tiny_models import tiny_llama  # noqa: E402

SCHEMAS = 40
ROWS = 4
BATCHES = 25  # for each of two vocabularies: 200 generations
NEW_TOKENS = 160


@pytest.mark.parametrize("name", ["llama3", "mistral"])
def test_sampled_documents_validate(name: str) -> None:
    tokenizer = transformers.AutoTokenizer.from_pretrained(data_path("tokenizers", name))
    tokenizer.padding_side = "left"
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    model = tiny_llama(tokenizer, padding=64, hidden=8)
    vocabulary = vocabulary_of(tokenizer)
    chosen = list(itertools.islice(compiled_schemas(seed=3), SCHEMAS))
    constraints = [cn.compile(grammar, vocabulary) for _, grammar in chosen]
    torch.manual_seed(1)
    ended = 0
    for batch in range(BATCHES):
        picked = [(batch * ROWS + row) % SCHEMAS for row in range(ROWS)]
        prompts = ["Write it: " + "again " * (row + batch % 3) for row in range(ROWS)]
        for text in generate(model, tokenizer, prompts, [constraints[i] for i in picked]):
            schema = chosen[picked.pop(0)][0]["schema"]
            if text is not None:
                ended += 1
                assert_valid(text.encode(), schema)
    print(f"{name}: {ended} of {BATCHES * ROWS} texts ended within {NEW_TOKENS} tokens")
    assert ended >= 10


def generate(
    model: Any, tokenizer: Any, prompts: list[str], constraints: list[cn.Constraint]
) -> list[str | None]:
    """The text of each row, or None where the token limit cut it."""
    inputs = tokenizer(prompts, return_tensors="pt", padding=True, return_token_type_ids=False)
    output = model.generate(
        **inputs,
        logits_processor=[ConstrainedLogitsProcessor(constraints)],
        do_sample=True,
        temperature=1.5,
        top_k=0,
        max_new_tokens=NEW_TOKENS,
    )
    texts: list[str | None] = []
    for row in output[:, inputs["input_ids"].shape[1] :].tolist():
        ends = [i for i, token in enumerate(row) if token == tokenizer.eos_token_id]
        decoded = tokenizer.decode(row[: ends[0]] if ends else row, clean_up_tokenization_spaces=False)
        texts.append(decoded if ends else None)
    return texts


def test_documents_are_json_lines() -> None:
    """The oracle of this file tells valid from invalid."""
    with pytest.raises(AssertionError):
        assert_valid(json.dumps({"a": 1}).encode(), {"properties": {"a": {"type": "string"}}})
