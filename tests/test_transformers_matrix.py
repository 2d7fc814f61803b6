"""Every mode of ``generate``, every kind of tokenizer, every kind of constraint: each text is one of its constraint.

The models have random weights, so without the processor none of this would hold.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

import constrain as cn  # noqa: E402 - after the skips
from constrain.integrations.transformers import ConstrainedLogitsProcessor, vocabulary_of  # noqa: E402
from tests.tiny_models import (  # noqa: E402
    ascii_tokenizer,
    byte_fallback_tokenizer,
    tiny_llama,
    tiny_t5,
    tiny_tokenizer,
    unigram_tokenizer,
)

SCHEMA = {
    "type": "object",
    "properties": {"a": {"type": "integer", "minimum": 0, "maximum": 99}, "b": {"enum": ["x", "ye", ""]}},
    "required": ["a", "b"],
    "additionalProperties": False,
}
PATTERN = "[A-D]{2}-[0-9]{2,4}"
WORDS = ["yes", "no", "yes, no"]
STOPS = ["}", "ab"]
LARK = 'start: word | word "," word\nword: "ab" | "cd" | "ccd"'
NEW = 60


@dataclass(frozen=True)
class Kind:
    """A kind of constraint, and what tells its texts."""

    grammar: cn.Grammar
    holds: Callable[[str], bool]


def is_stopped(text: str) -> bool:
    ends = [at for at in (text.find(stop) + len(stop) for stop in STOPS if stop in text) if at]
    return min(ends, default=0) == len(text) and re.fullmatch("[a-f ]{0,9}(}|ab)", text) is not None


def is_tagged(text: str) -> bool:
    before, _, record = text.partition(":")
    return re.fullmatch("[^:]{0,5}", before) is not None and is_record(record.removesuffix("yes"))


def is_record(text: str) -> bool:
    value = json.loads(text)
    return sorted(value) == ["a", "b"] and value["a"] in range(100) and value["b"] in ("x", "ye", "")


KINDS = {
    "schema": Kind(cn.json_schema(SCHEMA, whitespace="compact"), is_record),
    "regex": Kind(cn.regex(PATTERN), lambda text: re.fullmatch(PATTERN, text) is not None),
    "choice": Kind(cn.choice(WORDS), WORDS.__contains__),
    "stop strings": Kind(cn.until(STOPS, within="[a-f ]{0,9}"), is_stopped),
    "sequence": Kind(
        cn.sequence(
            cn.until(":", within="[a-z{ ]{0,5}"), cn.json_schema(SCHEMA, whitespace="compact"), "yes"
        ),
        is_tagged,
    ),
    "lark": Kind(cn.lark(LARK), lambda text: re.fullmatch("(ab|cc?d)(,(ab|cc?d))?", text) is not None),
}
TOKENIZERS = {
    "byte level": tiny_tokenizer,
    "byte fallback": byte_fallback_tokenizer,
    "unigram": unigram_tokenizer,
}


@dataclass(frozen=True)
class Mode:
    """Options of ``generate``, and how many rows at once they allow."""

    options: dict[str, Any]
    single: bool = False
    per_prompt: int = 1


def own_loop(model: Any, input_ids: Any, logits_processor: Any, stopping_criteria: Any, **_: Any) -> Any:
    """A decoding loop as one may give to ``generate(custom_generate=...)``."""
    done = torch.zeros(len(input_ids), dtype=torch.bool)
    while not done.all():
        scores = logits_processor(input_ids, model(input_ids).logits[:, -1].float())
        input_ids = torch.cat([input_ids, scores.argmax(-1, keepdim=True)], dim=1)
        done |= stopping_criteria(input_ids, None)
    return input_ids


SAMPLING = {"do_sample": True, "temperature": 1.5, "top_k": 0}
MODES = {
    "greedy": Mode({}),
    "sampling": Mode(SAMPLING),
    "top-k and top-p": Mode({"do_sample": True, "top_k": 3, "top_p": 0.8}),
    "several per prompt": Mode({**SAMPLING, "num_return_sequences": 2}, per_prompt=2),
    "beams": Mode({"num_beams": 3, "num_return_sequences": 2}, per_prompt=2),
    "more beams than texts": Mode({"num_beams": 9}),
    "beams sampled": Mode({"num_beams": 3, "do_sample": True}),
    "more beams sampled than texts": Mode({"num_beams": 9, "do_sample": True}),
    "penalties": Mode({"repetition_penalty": 1.5, "no_repeat_ngram_size": 1, "bad_words_ids": [[7], [9]]}),
    "an end too late": Mode({"min_new_tokens": 30}),
    "an end too early": Mode({"forced_eos_token_id": 5, "exponential_decay_length_penalty": (1, 9.0)}),
    "guidance": Mode({"guidance_scale": 1.5}),
    "static cache": Mode({"cache_implementation": "static", "disable_compile": True}),
    "no cache": Mode({"use_cache": False}),
    "own loop": Mode({"custom_generate": own_loop}),
    "prompt lookup": Mode({"prompt_lookup_num_tokens": 3}, single=True),
    "prompt lookup, sampled": Mode({"prompt_lookup_num_tokens": 3, **SAMPLING}, single=True),
    "assisted": Mode({"assistant_model": tiny_llama}, single=True),
    "assisted, sampled": Mode({"assistant_model": tiny_llama, **SAMPLING}, single=True),
    "assisted by its own first layer": Mode({"assistant_early_exit": 1}, single=True),
    "assisted from afar": Mode({"assistant_model": None}, single=True),
    "embeddings": Mode({"inputs_embeds": None}),
    "embeddings and beams": Mode({"inputs_embeds": None, "num_beams": 3}),
}
PROMPTS = [
    "Write: yes",
    "x",
    "a 12 {",
    'Some longer prompt with {"a":12,"b":"x"}, then one more:',
    ".",
    "-",
    "a:",
]


@cache
def model_of(tokenizer: str) -> Any:
    return tiny_llama(TOKENIZERS[tokenizer](), hidden=16)


@cache
def afar() -> Any:
    """An assistant whose tokenizer is another one."""
    return tiny_llama(ascii_tokenizer(), seed=3, hidden=16)


def generated(tokenizer: Any, model: Any, prompts: list[str], processor: Any, mode: Mode) -> list[str]:
    options = {"do_sample": False, "max_new_tokens": NEW, **mode.options}
    inputs = dict(tokenizer(prompts, return_tensors="pt", padding=True, return_token_type_ids=False))
    skipped = inputs["input_ids"].shape[1]
    if "assistant_model" in options:
        far = options["assistant_model"] is None
        options["assistant_model"] = afar() if far else tiny_llama(tokenizer, seed=1, hidden=16)
        if far:
            options |= {"tokenizer": tokenizer, "assistant_tokenizer": ascii_tokenizer()}
    if "inputs_embeds" in options:
        options["inputs_embeds"] = model.get_input_embeddings()(inputs.pop("input_ids"))
        skipped = 0
    output = model.generate(**inputs, logits_processor=[processor], **options)
    texts: list[str] = tokenizer.batch_decode(output[:, skipped:], skip_special_tokens=True)
    return texts


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", TOKENIZERS)
def test_each_text_is_one_of_its_constraint(name: str, mode: str) -> None:
    torch.manual_seed(0)
    tokenizer, model, chosen = TOKENIZERS[name](), model_of(name), MODES[mode]
    vocabulary = vocabulary_of(tokenizer)
    constraints = [cn.compile(kind.grammar, vocabulary) for kind in KINDS.values()]
    if chosen.single:
        texts = [
            generated(
                tokenizer,
                model,
                [prompt],
                ConstrainedLogitsProcessor(constraint, foreign_assistant="afar" in mode),
                chosen,
            )[0]
            for prompt, constraint in zip(PROMPTS, constraints, strict=False)
        ]
    else:
        processor = ConstrainedLogitsProcessor([*constraints, None])
        texts = generated(tokenizer, model, PROMPTS, processor, chosen)
        assert len(texts) == len(PROMPTS) * chosen.per_prompt
    kinds = [kind for kind in KINDS.values() for _ in range(chosen.per_prompt)]
    for kind, text in zip(kinds, texts, strict=False):
        assert kind.holds(text), text


@pytest.mark.parametrize("beams", [1, 4])
@pytest.mark.parametrize("name", TOKENIZERS)
def test_encoder_and_decoder(name: str, beams: int) -> None:
    tokenizer = TOKENIZERS[name]()
    vocabulary = vocabulary_of(tokenizer)
    constraints = [cn.compile(kind.grammar, vocabulary) for kind in KINDS.values()]
    inputs = tokenizer(PROMPTS, return_tensors="pt", padding=True, return_token_type_ids=False)
    output = tiny_t5(tokenizer).generate(
        **inputs,
        logits_processor=[ConstrainedLogitsProcessor([*constraints, None])],
        num_beams=beams,
        do_sample=False,
        max_new_tokens=NEW,
    )
    texts = tokenizer.batch_decode(output, skip_special_tokens=True)
    for kind, text in zip(KINDS.values(), texts, strict=False):
        assert kind.holds(text), text
