"""Continuous batching with a constraint for each request, with a model of random weights."""

from __future__ import annotations

import copy
import json
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
    add_request,
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


def never_ending() -> list[cn.Constraint | None]:
    """Constraints whose texts may go on for ever."""
    vocabulary = vocabulary_of(tiny_tokenizer())
    nested = cn.json_schema({"type": "array", "items": {"type": "string"}, "minItems": 1})
    return [cn.compile(nested, vocabulary), cn.compile(cn.regex("[ab]+(-name)+"), vocabulary), None]


def holds(kind: int, text: str) -> bool:
    if kind == 0:
        value = json.loads(text)
        return bool(value) and all(isinstance(item, str) for item in value)
    return kind == 2 or re.fullmatch("[ab]+(-name)+", text) is not None


@pytest.mark.parametrize("sample", [False, True])
@pytest.mark.parametrize("config", CONFIGURATIONS)
def test_each_request_is_complete_within_its_budget(sample: bool, config: str) -> None:
    """Also where requests are put back in the queue, and begin again after what they have written."""
    torch.manual_seed(0)
    tokenizer = tiny_tokenizer()
    settings = transformers.GenerationConfig(
        do_sample=sample, temperature=3.0, top_k=0, eos_token_id=tokenizer.eos_token_id, max_new_tokens=11
    )
    numbers = [4, 3, 9, None, 7, 8, 40, 40, 20]
    outputs = generate_batch(
        tiny_llama(tokenizer),
        [tokenizer(prompt)["input_ids"] for prompt in PROMPTS[:3]] * 3,
        never_ending() * 3,
        generation_config=settings,
        continuous_batching_config=transformers.ContinuousBatchingConfig(**CONFIGURATIONS[config]),
        max_new_tokens=numbers,
        budget=True,
    )
    for place, output in enumerate(outputs):
        assert len(output.generated_tokens) <= (numbers[place] or 11)
        assert holds(place % 3, tokenizer.decode(output.generated_tokens, skip_special_tokens=True))


def test_a_budget_that_is_too_small_is_refused_with_its_prompt() -> None:
    model = tiny_llama(tiny_tokenizer())
    prompts = [[5], [6], [7]]
    with pytest.raises(cn.BudgetError, match=r"^row 1: the shortest text known takes 3 tokens, and 2 may"):
        generate_batch(model, prompts, never_ending(), max_new_tokens=[9, 2, 1], budget=True)
    with pytest.raises(ValueError, match="2 max_new_tokens for 3 prompts"):
        generate_batch(model, prompts, never_ending(), max_new_tokens=[9, 2], budget=True)
    endless = transformers.GenerationConfig(max_new_tokens=None)
    with pytest.raises(ValueError, match="a budget needs max_new_tokens"):
        generate_batch(model, prompts, never_ending(), generation_config=endless, budget=True)


def test_requests_of_a_manager_have_budgets() -> None:
    tokenizer = tiny_tokenizer()
    room = transformers.ContinuousBatchingConfig(num_blocks=64, max_batch_tokens=64, use_async_batching=False)
    settings = transformers.GenerationConfig(eos_token_id=tokenizer.eos_token_id, max_new_tokens=6)
    manager = tiny_llama(tokenizer).init_continuous_batching(settings, room)
    with_constraints(manager, vocabulary_of(tokenizer))
    array, letters, _ = never_ending()
    with pytest.raises(cn.BudgetError, match=r"^the shortest text known takes 4 tokens, and 1 may"):
        add_request(manager, [5], array, max_new_tokens=1, budget=True)
    manager.start()
    try:
        names = [
            add_request(manager, [5], array, budget=True),
            add_request(manager, [6], letters, max_new_tokens=4, budget=True),
            add_request(manager, [7], None, max_new_tokens=5, budget=True),
            add_request(manager, [8], letters, max_new_tokens=2),
        ]
        results = {}
        while len(results) < len(names):
            result = manager.get_result(timeout=1)
            assert result is not None or manager.is_running()
            if result is not None and result.is_finished():
                results[result.request_id] = result.generated_tokens
    finally:
        manager.stop(block=True)
        manager.destroy()
    written = [results[name] for name in names]
    texts = tokenizer.batch_decode(written, skip_special_tokens=True)
    assert [len(tokens) <= most for tokens, most in zip(written, (6, 4, 5, 2), strict=True)] == [True] * 4
    assert holds(0, texts[0]) and holds(1, texts[1]) and not holds(1, texts[3])


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
