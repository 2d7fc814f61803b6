"""The logits processor with real tokenizers: 128k byte-level tokens, and 32k of SentencePiece with byte fallback."""

from __future__ import annotations

import json
from typing import Any

import pytest

jsonschema = pytest.importorskip("jsonschema")
torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from constrain.integrations.transformers import ConstrainedLogitsProcessor  # noqa: E402 - after the skips
from tests.data_folder import data_path  # noqa: E402
from tests.tiny_models import tiny_llama  # noqa: E402

SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 8},
        "tags": {"type": "array", "items": {"enum": ["a", "bé", "ccc"]}, "maxItems": 3},
        "n": {"type": "integer", "minimum": -5, "maximum": 120},
    },
    "required": ["name", "tags", "n"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module", params=["llama3", "mistral"])
def pair(request: pytest.FixtureRequest) -> tuple[Any, Any]:
    """A tokenizer and a model of random weights."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(data_path("tokenizers", request.param))
    tokenizer.padding_side = "left"
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer, tiny_llama(tokenizer, padding=64, hidden=8)


@pytest.mark.parametrize(
    "options",
    [{}, {"do_sample": True, "top_k": 0}, {"num_beams": 2}, {"prompt_lookup_num_tokens": 4}],
    ids=["greedy", "sampling", "beams", "prompt lookup"],
)
def test_real_vocabularies(pair: tuple[Any, Any], options: dict[str, Any]) -> None:
    tokenizer, model = pair
    torch.manual_seed(0)
    processor = ConstrainedLogitsProcessor(tokenizer, schema=SCHEMA)
    prompts = ["Write a record:"] if "prompt_lookup_num_tokens" in options else ["Write a record:", "Again"]
    inputs = tokenizer(prompts, return_tensors="pt", padding=True, return_token_type_ids=False)
    output = model.generate(
        **inputs, logits_processor=[processor], max_new_tokens=200, **{"do_sample": False, **options}
    )
    for row in output[:, inputs["input_ids"].shape[1] :]:
        text = tokenizer.decode(row, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        jsonschema.validate(json.loads(text), SCHEMA)
