"""Scores of a model by which nothing can be chosen, nan and +inf, are refused with the row and the step."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

import constrain as cn  # noqa: E402 - after the skips
from constrain.integrations.generation import generate  # noqa: E402
from constrain.integrations.logits import unusable_rows  # noqa: E402
from constrain.integrations.transformers import ConstrainedLogitsProcessor, vocabulary_of  # noqa: E402
from tests.tiny_models import tiny_llama, tiny_tokenizer  # noqa: E402

PATTERN = "[a-c]{4,8}"
MODES: dict[str, dict[str, Any]] = {
    "greedy": {"do_sample": False},
    "sampling": {"do_sample": True, "temperature": 0.7},
    "beams": {"num_beams": 2, "do_sample": False},
    "beams sampled": {"num_beams": 2, "do_sample": True},
}


def constraint() -> cn.Constraint:
    return cn.compile(cn.regex(PATTERN), vocabulary_of(tiny_tokenizer()))


def broken_model(row: int, step: int, score: float) -> Any:
    """A model that scores everything ``score`` in one row of a batch of prompts, after so many tokens."""
    model = tiny_llama(tiny_tokenizer())
    calls = 0

    def spoil(module: Any, arguments: Any, output: Any) -> Any:
        nonlocal calls
        if calls == step:
            output = output.clone()
            output[row] = score
        calls += 1
        return output

    model.lm_head.register_forward_hook(spoil)
    return model


def batch() -> dict[str, Any]:
    prompts = ["x", "a longer prompt"]
    return dict(tiny_tokenizer()(prompts, return_tensors="pt", padding=True, return_token_type_ids=False))


@pytest.mark.parametrize("score", [math.nan, math.inf])
@pytest.mark.parametrize("step", [0, 2])
@pytest.mark.parametrize("mode", MODES)
def test_row_and_step_are_named(mode: str, step: int, score: float) -> None:
    beams = MODES[mode].get("num_beams", 1)
    processor = ConstrainedLogitsProcessor(constraint(), max_new_tokens=8)
    # Beams are scored by logarithms of probabilities, of which +inf makes nan.
    shown = "nan" if beams > 1 or math.isnan(score) else "inf"
    said = f"row {beams}: after {step} tokens, an allowed token has a score of {shown}"
    with pytest.raises(cn.ScoreError, match=said) as caught:
        broken_model(beams, step, score).generate(**batch(), **processor.options(), **MODES[mode])
    assert (caught.value.row, caught.value.step) == (beams, step)
    assert isinstance(caught.value, cn.ConstrainError)


@pytest.mark.parametrize("mode", MODES)
def test_transformers_can_be_told_to_mend_them(mode: str) -> None:
    processor = ConstrainedLogitsProcessor(constraint(), max_new_tokens=8)
    model = broken_model(0, 1, math.nan)
    output = model.generate(**batch(), **processor.options(), **MODES[mode], remove_invalid_values=True)
    new = output[:, batch()["input_ids"].shape[1] :]
    for text in tiny_tokenizer().batch_decode(new, skip_special_tokens=True):
        assert re.fullmatch(PATTERN, text)


@pytest.mark.parametrize("sample", [False, True])
def test_the_loop_that_skips_forced_text(sample: bool) -> None:
    with pytest.raises(cn.ScoreError, match="row 1: after 2 tokens, ") as caught:
        generate(
            broken_model(1, 2, math.nan),
            batch(),
            constraint(),
            budget=True,
            max_new_tokens=8,
            do_sample=sample,
        )
    assert math.isnan(caught.value.score)


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "bfloat16"])
def test_scores_of_all_types(dtype: str) -> None:
    processor = ConstrainedLogitsProcessor([constraint(), None])
    allowed, forbidden = tiny_tokenizer().convert_tokens_to_ids(["b", "z"])
    ids = torch.tensor([[1, 2], [3, 4]])
    scores = torch.randn(2, 300).to(getattr(torch, dtype))
    scores[0, ::5] = -math.inf
    scores[0, forbidden] = math.nan  # cannot be chosen
    scores[1] = math.nan  # free
    processor(ids, scores)
    for score in (math.nan, math.inf, -math.nan):
        scores[0, allowed] = score
        with pytest.raises(cn.ScoreError, match="row 0: after 0 tokens, "):
            processor(ids, scores)
    scores[0, allowed] = -math.inf
    processor(ids, scores)


def test_unusable_rows() -> None:
    scores = torch.zeros(4, 50)
    scores[0] = -math.inf
    scores[1, 49] = math.inf
    scores[3, 0] = math.nan
    (first, inf), (second, nan) = unusable_rows(scores)
    assert (first, inf, second) == (1, math.inf, 3) and math.isnan(nan)
    assert unusable_rows(scores[::2].requires_grad_()) == []
