"""Continuous batching with a constraint for each request, with a model of random weights."""

from __future__ import annotations

import copy
import re
from types import SimpleNamespace
from typing import Any

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
pytest.importorskip("transformers.generation.continuous_batching.cb_logits_processors")

import constrain as cn  # noqa: E402 - after the skips
from constrain.integrations.continuous_batching import (  # noqa: E402
    ConstrainedRequests,
    generate_batch,
    with_constraints,
)
from constrain.integrations.transformers import vocabulary_of  # noqa: E402
from tests.tiny_models import tiny_llama, tiny_tokenizer  # noqa: E402

PATTERNS = [r"[A-D]{2}-\d{2,4}", r"(yes|no)(, maybe)?", None, r'\{"name": "[a-z]{1,5}"\}']
PROMPTS = ["Write a code:", "x", "free", "A record, please. It may be rather short, or rather long:"]


def constraints() -> list[cn.Constraint | None]:
    vocabulary = vocabulary_of(tiny_tokenizer())
    return [None if pattern is None else cn.compile(cn.regex(pattern), vocabulary) for pattern in PATTERNS]


# The second has room for few tokens, so that requests are split, queued and put back.
CONFIGURATIONS = {
    "roomy": {"num_blocks": 64, "max_batch_tokens": 512},
    "small": {"num_blocks": 24, "max_batch_tokens": 32},
}


@pytest.mark.parametrize("sample", [False, True])
@pytest.mark.parametrize("config", CONFIGURATIONS)
def test_each_request_keeps_its_constraint(sample: bool, config: str) -> None:
    torch.manual_seed(0)
    tokenizer = tiny_tokenizer()
    model = tiny_llama(tokenizer)
    settings = transformers.GenerationConfig(
        do_sample=sample, temperature=1.5, top_k=5, eos_token_id=tokenizer.eos_token_id, max_new_tokens=40
    )
    prompts = [tokenizer(prompt)["input_ids"] for prompt in PROMPTS]
    outputs = generate_batch(
        model,
        prompts * 3,
        constraints() * 3,
        generation_config=settings,
        continuous_batching_config=transformers.ContinuousBatchingConfig(**CONFIGURATIONS[config]),
    )
    for place, output in enumerate(outputs):
        assert output.prompt_ids == prompts[place % 4]
        text = tokenizer.decode(output.generated_tokens, skip_special_tokens=True)
        pattern = PATTERNS[place % 4]
        assert pattern is None or re.fullmatch(pattern, text)


def request(constraint: Any, *, prompt: int = 0, before: list[int] | None = None) -> Any:
    """What the processor reads of a request."""
    state = SimpleNamespace(
        request_id="one",
        logit_processor_kwargs={} if constraint is None else {"constraint": constraint},
        initial_tokens=before or [],
        generated_tokens=[],
        _true_initial_tokens=prompt,
    )
    return SimpleNamespace(state=state)


def allowed(processor: Any, requests: list[Any], padding: int = 1) -> list[set[str]]:
    """Per request the single characters that may come next; all rows beyond are free."""
    marks = torch.zeros(len(requests) + padding, dtype=torch.int32)
    marks[: len(requests)] = processor.prepare_tensor_args(requests)
    scores = torch.randn(len(marks), 300)
    masked = processor(scores, marks)
    assert torch.equal(masked[len(requests) :], scores[len(requests) :])
    tokens = [torch.isfinite(row).nonzero()[:, 0].tolist() for row in masked[: len(requests)]]
    named = [{tiny_tokenizer().convert_ids_to_tokens(token) for token in row} for row in tokens]
    return [
        {name for name in names if name is not None and (len(name) == 1 or name == "<eos>")}
        for names in named
    ]


def test_requests_come_go_and_are_copied() -> None:
    ids = tiny_tokenizer().convert_tokens_to_ids
    vocabulary = vocabulary_of(tiny_tokenizer())
    processor = ConstrainedRequests(vocabulary, 8, False)
    one = request(cn.compile(cn.regex("a[bc](de)?"), vocabulary))
    two = request(cn.compile(cn.regex("x+"), vocabulary), prompt=2, before=[5, 6, *ids(["x", "x"])])
    free = request(None)
    assert allowed(processor, [one, free, two])[::2] == [{"a"}, {"x", "<eos>"}]
    one.state.generated_tokens += ids(["a", "c"])
    assert allowed(processor, [two]) == [{"x", "<eos>"}]
    child = copy.deepcopy(one)
    child.state.generated_tokens += ids(["d"])
    assert allowed(processor, [child, one]) == [{"e"}, {"d", "<eos>"}]
    one.state.generated_tokens += ids(["<eos>", "<eos>"])
    assert allowed(processor, [one]) == [{"<eos>"}]
    two.state.generated_tokens += ids(["y"])
    assert allowed(processor, [two]) == [{"<eos>"}]


def test_what_cannot_be_constrained_is_refused() -> None:
    tokenizer = tiny_tokenizer()
    model, vocabulary = tiny_llama(tokenizer), vocabulary_of(tokenizer)
    manager = model.init_continuous_batching()
    processor = with_constraints(manager, vocabulary)
    with pytest.raises(RuntimeError, match="before"):
        with_constraints(manager, vocabulary)
    other = cn.compile(cn.regex("a"), cn.Vocabulary([b"a"], 1, size=2))
    with pytest.raises(ValueError, match="request one is for another vocabulary"):
        processor.prepare_tensor_args([request(other)])
    manager.continuous_batching_config.use_async_batching = True
    with pytest.raises(ValueError, match="use_async_batching=False"):
        with_constraints(manager, vocabulary)
    with pytest.raises(ValueError, match="for 2 prompts"):
        generate_batch(model, [[1], [2]], constraints()[:1])
    several = transformers.GenerationConfig(num_return_sequences=2, do_sample=True)
    with pytest.raises(ValueError, match="repeat prompts"):
        generate_batch(model, [[1]], constraints()[:1], generation_config=several)
    with pytest.raises(TypeError, match="logits_processor"):
        generate_batch(model, [[1]], constraints()[:1], logits_processor=[])  # type: ignore[call-arg]
