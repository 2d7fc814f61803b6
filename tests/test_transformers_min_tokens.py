"""``min_new_tokens`` and ``min_length`` of ``generate``, which forbid the end: what can go on does, the rest ends."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

import constrain as cn  # noqa: E402 - after the skips
from constrain.integrations.generation import generate  # noqa: E402
from constrain.integrations.transformers import ConstrainedLogitsProcessor, vocabulary_of  # noqa: E402
from tests.tiny_models import END_OF_TURN, tiny_llama, tiny_tokenizer  # noqa: E402

LONG, SHORT = "[ab]+", "(yes|no)(, maybe)?"
MODES: dict[str, dict[str, Any]] = {
    "greedy": {"do_sample": False},
    "sampling": {"do_sample": True, "temperature": 3.0, "num_return_sequences": 3},
    "beams": {"num_beams": 3, "do_sample": False, "num_return_sequences": 2},
    "beams sampled": {"num_beams": 3, "do_sample": True},
    "prompt lookup": {"do_sample": False, "prompt_lookup_num_tokens": 3},
    "assisted": {"do_sample": False, "assistant_model": tiny_llama},
}


def constraint(pattern: str, *ends: int) -> cn.Constraint:
    return cn.compile(cn.regex(pattern), vocabulary_of(tiny_tokenizer(), ends))


def generated(processor: ConstrainedLogitsProcessor, **options: Any) -> list[str]:
    tokenizer = tiny_tokenizer()
    torch.manual_seed(3)
    if "assistant_model" in options:
        if transformers.__version__.startswith("4."):
            pytest.skip("transformers 4 refuses assisted decoding with a least number of tokens")
        options["assistant_model"] = tiny_llama(tokenizer, seed=2)
    inputs = tokenizer(["Answer: yes"], return_tensors="pt", return_token_type_ids=False)
    output = tiny_llama(tokenizer).generate(**inputs, **processor.options(), **options)
    new = output[:, inputs["input_ids"].shape[1] :]
    decoded: list[str] = tokenizer.batch_decode(new, skip_special_tokens=True)
    return decoded


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("least", [{"min_new_tokens": 9}, {"min_length": 19}], ids=str)
@pytest.mark.parametrize("ends", [(), (271,)], ids=["one end", "two ends"])
def test_texts_that_can_go_on_do(mode: str, least: dict[str, int], ends: tuple[int, ...]) -> None:
    assert not ends or tiny_tokenizer().convert_tokens_to_ids(END_OF_TURN) == ends[0]
    for most in (9, 10, 15):
        processor = ConstrainedLogitsProcessor(constraint(LONG, *ends), max_new_tokens=most)
        for text in generated(processor, **MODES[mode], **least):
            assert re.fullmatch("[ab]{9,15}", text), text


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("most", [3, 4, 11, 12, 30])
def test_texts_that_can_only_end_do(mode: str, most: int) -> None:
    """No row is left without a token, and none is written that breaks the constraint."""
    processor = ConstrainedLogitsProcessor(constraint(SHORT), max_new_tokens=most)
    for text in generated(processor, **MODES[mode], min_new_tokens=min(most, 20)):
        assert re.fullmatch(SHORT, text), text


def test_scores_of_a_text_that_can_only_end() -> None:
    tokenizer = tiny_tokenizer()
    processor = ConstrainedLogitsProcessor(constraint("a"), max_new_tokens=5)
    prompt = tokenizer("x", return_tensors="pt")["input_ids"]
    banned = torch.zeros(1, 300)
    banned[0, tokenizer.eos_token_id] = -torch.inf
    processor(prompt, banned)
    ids = torch.cat([prompt, torch.tensor([tokenizer.convert_tokens_to_ids(["a"])])], dim=1)
    assert torch.isfinite(processor(ids, banned)).nonzero().tolist() == [[0, tokenizer.eos_token_id]]


def test_a_stream_of_a_text_that_can_only_end() -> None:
    tokenizer, model = tiny_tokenizer(), tiny_llama(tiny_tokenizer())
    inputs = tokenizer(["Answer:"], return_tensors="pt", return_token_type_ids=False)
    for pattern, most in ((SHORT, 4), ("[ab]+", 7)):
        processor = ConstrainedLogitsProcessor(constraint(pattern), max_new_tokens=most)
        streamer = transformers.TextIteratorStreamer(tokenizer, skip_prompt=True, skip_special_tokens=True)
        model.generate(
            **inputs, **processor.options(), streamer=streamer, min_new_tokens=most, do_sample=False
        )
        assert re.fullmatch(pattern, "".join(streamer))


def test_the_loop_that_skips_forced_text() -> None:
    tokenizer, model = tiny_tokenizer(), tiny_llama(tiny_tokenizer())
    inputs = tokenizer(["Answer:"] * 2, return_tensors="pt", return_token_type_ids=False)
    array = cn.compile(cn.json_schema({"type": "array"}), vocabulary_of(tokenizer))
    for most in (2, 9, 20):
        written = generate(
            model,
            inputs,
            [array, constraint("ab?")],
            budget=True,
            max_new_tokens=[most, 2],
            min_new_tokens=most,
            do_sample=False,
        )
        new = written.sequences[:, inputs["input_ids"].shape[1] :]
        first, second = tokenizer.batch_decode(new, skip_special_tokens=True)
        assert isinstance(json.loads(first), list) and second in ("a", "ab")
