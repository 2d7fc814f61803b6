"""Measure the demonstration model on held-out sentences, without any constraint.

    python -m constrain.demo.evaluate [DIR]

Prints, as JSON, how many greedy outputs equal the expected record, and how many greedy outputs and samples at
temperature 1 parse and validate against the record's schema. Needs torch, transformers and jsonschema.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from jsonschema import Draft202012Validator
from transformers import AutoModelForCausalLM, AutoTokenizer

from constrain.demo import Example, examples, model_directory

__all__ = ["is_valid", "main", "measure"]


def main() -> None:
    """Parse the command line, measure, and print the figures."""
    parser = argparse.ArgumentParser(description="Measure constrain's demonstration model.")
    parser.add_argument(
        "directory", type=Path, nargs="?", help="the model's folder; the packaged one if left out"
    )
    parser.add_argument("--count", type=int, default=120, help="held-out examples")
    parser.add_argument("--seed", type=int, default=0, help="of the examples and of the sampling")
    parser.add_argument("--threads", type=int, default=1, help="processor threads for torch")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    figures = measure(
        options.directory or model_directory(), examples(options.count, options.seed), options.seed
    )
    print(json.dumps(figures, indent=2))


def measure(directory: Path, held_out: list[Example], seed: int) -> dict[str, float]:
    """Return the shares, each between 0 and 1, over all the examples given."""
    tokenizer = AutoTokenizer.from_pretrained(directory)
    model = AutoModelForCausalLM.from_pretrained(directory, dtype=torch.float32)
    torch.manual_seed(seed)
    greedy = _generate(model, tokenizer, held_out, {"do_sample": False})
    sampled = _generate(
        model, tokenizer, held_out, {"do_sample": True, "temperature": 1.0, "top_k": 0, "top_p": 1.0}
    )
    pairs = list(zip(greedy, held_out, strict=True))
    return {
        "examples": len(held_out),
        "greedy_exact": _share([parse(text) == example.record for text, example in pairs]),
        "greedy_valid": _share([is_valid(text, example.schema) for text, example in pairs]),
        "sampled_parse": _share([parse(text) is not None for text in sampled]),
        "sampled_valid": _share(
            [is_valid(text, e.schema) for text, e in zip(sampled, held_out, strict=True)]
        ),
    }


def parse(text: str) -> Any:
    """Return the JSON value a text holds, or None when it holds none."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return None


def is_valid(text: str, schema: Mapping[str, Any]) -> bool:
    """Tell whether a text is JSON that validates against a schema."""
    return bool(Draft202012Validator(schema).is_valid(parse(text)))


def _generate(model: Any, tokenizer: Any, held_out: list[Example], options: dict[str, Any]) -> list[str]:
    texts: list[str] = []
    for first in range(0, len(held_out), 40):
        prompts = [example.prompt for example in held_out[first : first + 40]]
        inputs = tokenizer(prompts, return_tensors="pt", padding=True, return_token_type_ids=False)
        output = model.generate(**inputs, **options)
        texts += tokenizer.batch_decode(output[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
    return texts


def _share(outcomes: list[bool]) -> float:
    return round(sum(outcomes) / len(outcomes), 3)


if __name__ == "__main__":
    main()
