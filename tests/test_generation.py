"""The decoding loop that skips forced text, against ``generate`` of transformers with the logits processor."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any

import pytest

jsonschema = pytest.importorskip("jsonschema")
torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

import constrain as cn  # noqa: E402 - after the skips
from benchmarks.forced_text import Replayed, replay  # noqa: E402
from constrain.demo import examples, model_directory  # noqa: E402
from constrain.integrations.generation import Generated, _check, generate  # noqa: E402
from constrain.integrations.transformers import ConstrainedLogitsProcessor, vocabulary_of  # noqa: E402
from tests.tiny_models import tiny_llama, tiny_t5, tiny_tokenizer  # noqa: E402

RECORD = {
    "type": "object",
    "properties": {"name": {"enum": ["Ada", "Bob", "Bella"]}, "size": {"type": "integer", "maximum": 99}},
    "required": ["name", "size"],
    "additionalProperties": False,
}
PROMPTS = ["Write a record:", "x", 'A longer prompt with {"name": 12}, then one more:']
GREEDY: dict[str, Any] = {"do_sample": False, "max_new_tokens": 60}


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return tiny_tokenizer()


@pytest.fixture(scope="module")
def model(tokenizer: Any) -> Any:
    return tiny_llama(tokenizer)


@pytest.fixture(scope="module")
def record(tokenizer: Any) -> cn.Constraint:
    return cn.compile(cn.json_schema(RECORD, whitespace="compact"), vocabulary_of(tokenizer))


@pytest.fixture(scope="module")
def code(tokenizer: Any) -> cn.Constraint:
    """A language whose forced parts have one segmentation: the model can write them in canonical tokens only."""
    return cn.compile(cn.regex("(AB-CDE-|XYZ!)[0-9]{2}(-KLM)?"), vocabulary_of(tokenizer))


@lru_cache(maxsize=1)
def demo() -> tuple[Any, Any]:
    folder = model_directory()
    loaded = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    return loaded, transformers.AutoTokenizer.from_pretrained(folder)


def batch(tokenizer: Any, prompts: list[str]) -> dict[str, Any]:
    return dict(tokenizer(prompts, return_tensors="pt", padding=True, return_token_type_ids=False))


def asked(model: Any, inputs: Any, constraints: Any, **options: Any) -> Any:
    """What ``generate`` of transformers answers, the model being asked for every token."""
    processor = ConstrainedLogitsProcessor(constraints)
    return model.generate(**inputs, logits_processor=[processor], **options)


def texts(tokenizer: Any, inputs: Any, written: Generated) -> list[str]:
    new = written.sequences[:, inputs["input_ids"].shape[1] :]
    decoded: list[str] = tokenizer.batch_decode(new, skip_special_tokens=True)
    return decoded


@pytest.mark.parametrize("seed", range(3))
def test_rows_of_a_batch_are_what_generate_answers(tokenizer: Any, code: cn.Constraint, seed: int) -> None:
    model = tiny_llama(tokenizer, seed)
    inputs = batch(tokenizer, PROMPTS)
    written = generate(model, inputs, [code, None, code], **GREEDY)
    assert torch.equal(written.sequences, asked(model, inputs, [code, None, code], **GREEDY))
    assert written.forced[1] == 0 < min(written.forced[0], written.forced[2])


@pytest.mark.parametrize("prompt", PROMPTS)
def test_forced_tokens_take_no_passes(tokenizer: Any, model: Any, code: cn.Constraint, prompt: str) -> None:
    inputs = batch(tokenizer, [prompt])
    written = generate(model, inputs, code, **GREEDY)
    assert torch.equal(written.sequences, asked(model, inputs, code, **GREEDY))
    assert written.steps == written.sequences.shape[1] - inputs["input_ids"].shape[1]
    assert written.saved_passes == written.forced[0] == written.steps - written.passes >= 3


def test_the_cache_holds_what_was_skipped(tokenizer: Any, model: Any) -> None:
    """Scores after forced text, in a ragged batch, are those that a model without a cache computes."""
    constraints = [
        cn.compile(cn.regex(pattern), vocabulary_of(tokenizer))
        for pattern in ("[a-z]{3}-LONGER-[a-z]{9}", "Q[a-z]-[a-z]{9}", "[a-z]{20}")
    ]
    inputs = batch(tokenizer, PROMPTS)
    written = generate(model, inputs, constraints, **GREEDY)
    for i, constraint in enumerate(constraints):
        matcher = constraint.matcher()
        row = written.sequences[i][inputs["attention_mask"][i].argmax() :]
        start = inputs["attention_mask"][i].sum()
        logits = model(row[None]).logits[0]
        for place in range(start, len(row)):
            if not matcher.stopped:
                allowed = matcher.allowed_tokens()
                assert row[place] == allowed[logits[place - 1, allowed].argmax()]
                assert matcher.advance(int(row[place]))
        assert matcher.stopped


def test_the_demo_model_writes_the_same_records() -> None:
    model, tokenizer = demo()
    vocabulary = vocabulary_of(tokenizer)
    saved = 0
    for example in examples(6):
        constraint = cn.compile(cn.json_schema(example.schema), vocabulary)
        inputs = batch(tokenizer, [example.prompt])
        options: dict[str, Any] = {"do_sample": False, "max_new_tokens": 200}
        written = generate(model, inputs, constraint, **options)
        assert torch.equal(written.sequences, asked(model, inputs, constraint, **options))
        saved += written.saved_passes
    assert saved > 30


def test_forced_text_is_cut_as_the_tokenizer_cuts_it(
    tokenizer: Any, model: Any, record: cn.Constraint
) -> None:
    inputs = batch(tokenizer, PROMPTS)
    written = generate(model, inputs, record, **GREEDY)
    for i, text in enumerate(texts(tokenizer, inputs, written)):
        jsonschema.validate(json.loads(text), RECORD)
        opening = tokenizer('{"name":"', add_special_tokens=False)["input_ids"][:1]
        assert written.sequences[i, inputs["input_ids"].shape[1]].tolist() == opening[0]


@pytest.mark.parametrize(
    "warpers", [{"top_k": 0}, {"temperature": 0.6, "top_k": 5}, {"top_p": 0.7, "top_k": 0}]
)
def test_samples_are_texts_and_come_again_with_their_seed(
    tokenizer: Any, model: Any, record: cn.Constraint, warpers: dict[str, Any]
) -> None:
    inputs = batch(tokenizer, PROMPTS)
    options = {"do_sample": True, "max_new_tokens": 60, "num_return_sequences": 4, **warpers}

    def drawn(seed: int) -> Generated:
        return generate(model, inputs, record, generator=torch.Generator().manual_seed(seed), **options)

    written = drawn(1)
    for text in texts(tokenizer, inputs, written):
        jsonschema.validate(json.loads(text), RECORD)
    assert torch.equal(written.sequences, drawn(1).sequences)
    assert not torch.equal(written.sequences, drawn(2).sequences)


def test_sampling_draws_what_generate_draws(tokenizer: Any, model: Any) -> None:
    """Where nothing is forced, the same numbers of the same generator make the same choices."""
    free = cn.compile(cn.regex("[a-z ]{30,40}"), vocabulary_of(tokenizer))
    inputs = batch(tokenizer, PROMPTS[:1])
    options: dict[str, Any] = {"do_sample": True, "top_k": 8, "temperature": 0.8, "max_new_tokens": 25}
    torch.manual_seed(5)
    expected = asked(model, inputs, free, **options)
    torch.manual_seed(5)
    written = generate(model, inputs, free, **options)
    assert torch.equal(written.sequences, expected)
    assert written.saved_passes == 0


def test_processors_and_criteria_of_generate_take_part(
    tokenizer: Any, model: Any, code: cn.Constraint
) -> None:
    inputs = batch(tokenizer, PROMPTS[:1])
    penalty = {**GREEDY, "repetition_penalty": 5.0}
    assert torch.equal(
        generate(model, inputs, code, **penalty).sequences, asked(model, inputs, code, **penalty)
    )
    for most in range(1, 12):
        cut = {**GREEDY, "max_new_tokens": most}
        assert torch.equal(generate(model, inputs, code, **cut).sequences, asked(model, inputs, code, **cut))


def test_a_text_that_is_all_forced_takes_no_pass(tokenizer: Any, model: Any) -> None:
    constant = cn.compile(cn.json_schema({"const": "Ada"}, whitespace="compact"), vocabulary_of(tokenizer))
    inputs = batch(tokenizer, PROMPTS)
    written = generate(model, inputs, constant, **GREEDY)
    assert written.passes == 0
    assert texts(tokenizer, inputs, written) == ['"Ada"'] * 3


def test_budget(tokenizer: Any, model: Any) -> None:
    constraint = cn.compile(cn.json_schema({"type": "array"}), vocabulary_of(tokenizer))
    inputs = batch(tokenizer, PROMPTS)
    for most in (2, 7, 20):
        written = generate(model, inputs, constraint, budget=True, do_sample=False, max_new_tokens=most)
        assert written.steps <= most
        assert all(isinstance(json.loads(text), list) for text in texts(tokenizer, inputs, written))
    with pytest.raises(cn.BudgetError):
        generate(model, inputs, constraint, budget=True, do_sample=False, max_new_tokens=1)


def test_a_budget_for_each_row(tokenizer: Any, model: Any) -> None:
    """Rows end by their own numbers, free ones and those without a budget, too."""
    nested = cn.compile(cn.json_schema({"type": "array"}), vocabulary_of(tokenizer))
    letters = cn.compile(cn.regex("[ab]+(-name)+"), vocabulary_of(tokenizer))
    inputs = batch(tokenizer, PROMPTS)
    start = inputs["input_ids"].shape[1]
    for sample in (False, True):
        for numbers in ([2, 3, 4], [9, 6, 5], [30, 12, 60]):
            options: dict[str, Any] = {
                "max_new_tokens": numbers,
                "do_sample": sample,
                "num_return_sequences": 2 if sample else 1,
            }
            written = generate(model, inputs, [nested, letters, None], budget=True, **options)
            counts = (written.sequences[:, start:] != tokenizer.pad_token_id).sum(1).tolist()
            share = len(counts) // 3
            assert all(count <= numbers[row // share] for row, count in enumerate(counts))
            found = texts(tokenizer, inputs, written)
            assert all(isinstance(json.loads(text), list) for text in found[:share])
            assert all(re.fullmatch("[ab]+(-name)+", text) for text in found[share : 2 * share])
    cut = generate(model, inputs, [nested, None, None], max_new_tokens=[3, 5, 7], do_sample=False)
    counts = (cut.sequences[:, start:] != tokenizer.pad_token_id).sum(1).tolist()
    assert counts[0] == 3 and counts[1] <= 5 and counts[2] <= 7 and cut.steps <= 7


def test_a_budget_that_is_too_small_is_refused_with_its_row(
    tokenizer: Any, model: Any, record: cn.Constraint
) -> None:
    inputs = batch(tokenizer, PROMPTS)
    needed = len(record.matcher().completion())
    asked_for: list[Any] = []
    hook = model.register_forward_pre_hook(lambda *arguments: asked_for.append(arguments))
    with pytest.raises(
        cn.BudgetError, match=f"^row 1: the shortest text known takes {needed} tokens"
    ) as caught:
        generate(model, inputs, [record, record, None], budget=True, max_new_tokens=[needed, needed - 1, 1])
    hook.remove()
    assert caught.value.row == 1 and not asked_for
    with pytest.raises(ValueError, match="2 max_new_tokens do not go with 3 rows"):
        generate(model, inputs, record, budget=True, max_new_tokens=[99, 99])
    with pytest.raises(ValueError, match="a number, or a list with one for each prompt"):
        generate(model, inputs, record, budget=True, max_new_tokens=[99, None, 99])


def test_forced_text_is_spelled_as_the_budget_allows(tokenizer: Any, model: Any) -> None:
    """The tokenizer's own spelling takes more tokens than the shortest where merges stand in its way."""
    constraint = cn.compile(cn.json_schema(RECORD, whitespace="compact"), vocabulary_of(tokenizer))
    needed = len(constraint.matcher().completion())
    inputs = batch(tokenizer, PROMPTS)
    for most in range(needed, needed + 4):
        written = generate(model, inputs, constraint, budget=True, max_new_tokens=most, do_sample=False)
        assert written.steps <= most
        for text in texts(tokenizer, inputs, written):
            jsonschema.validate(json.loads(text), RECORD)


def test_a_stream_within_a_budget(tokenizer: Any, model: Any) -> None:
    constraint = cn.compile(cn.json_schema({"type": "array"}), vocabulary_of(tokenizer))
    inputs = batch(tokenizer, PROMPTS[:1])
    for most in (2, 5, 30):
        streamer = transformers.TextIteratorStreamer(tokenizer, skip_prompt=True, skip_special_tokens=True)
        stream = cn.JsonStream()
        generate(
            model, inputs, constraint, budget=True, streamer=streamer, max_new_tokens=most, do_sample=False
        )
        for piece in streamer:
            stream.feed(piece)
        assert stream.complete and isinstance(stream.value, list)


def test_a_streamer_gets_every_token(tokenizer: Any, model: Any, code: cn.Constraint) -> None:
    class Kept(transformers.generation.streamers.BaseStreamer):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            self.tokens: list[int] = []
            self.ended = False

        def put(self, value: Any) -> None:
            self.tokens += value.flatten().tolist()

        def end(self) -> None:
            self.ended = True

    streamer = Kept()
    written = generate(model, batch(tokenizer, PROMPTS[:1]), code, streamer=streamer, **GREEDY)
    assert streamer.ended
    assert streamer.tokens == written.sequences[0].tolist()


@pytest.mark.parametrize(
    "options",
    [
        {"num_beams": 2},
        {"penalty_alpha": 0.5},
        {"assistant_model": "a model"},
        {"custom_generate": print},
        {"stop_strings": ["-"]},
        {"generation_config": transformers.GenerationConfig(stop_strings=["-"])},
        {"use_cache": False},
        {"cache_implementation": "static"},
        {"return_dict_in_generate": True},
    ],
)
def test_other_modes_are_refused(
    tokenizer: Any, model: Any, code: cn.Constraint, options: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match="use ConstrainedLogitsProcessor"):
        generate(model, batch(tokenizer, PROMPTS), code, **GREEDY, **options)


def test_continuous_batching_is_refused(tokenizer: Any, model: Any, code: cn.Constraint) -> None:
    """``model.generate`` would decode without any processor, and say nothing."""
    with pytest.raises(ValueError, match=r"continuous_batching\.generate_batch"):
        generate(model, batch(tokenizer, PROMPTS), code, cache_implementation="paged", **GREEDY)


@pytest.mark.parametrize("name", ["cache", "past_key_values"])
def test_the_cache_has_either_name(model: Any, name: str) -> None:
    """``generate`` of transformers hands it on as ``cache`` since 5.24, and as ``past_key_values`` before."""
    ids, config = torch.zeros((1, 1), dtype=torch.long), transformers.GenerationConfig(num_beams=1)
    _check(model, ids, config, {name: transformers.DynamicCache(config=model.config)}, None)
    with pytest.raises(ValueError, match="a cache that has been used"):
        _check(model, ids, config, {name: model(ids).past_key_values}, None)


def test_other_models_and_numbers_of_constraints_are_refused(
    tokenizer: Any, model: Any, code: cn.Constraint
) -> None:
    with pytest.raises(ValueError, match="encoder-decoder"):
        generate(tiny_t5(tokenizer), batch(tokenizer, PROMPTS), code, **GREEDY)
    with pytest.raises(TypeError, match="a Grammar is not one"):
        generate(model, batch(tokenizer, PROMPTS), cn.regex("a"), **GREEDY)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="not a str"):
        generate(model, "a prompt", code, **GREEDY)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="2 constraints do not go with 3 rows"):
        generate(model, batch(tokenizer, PROMPTS), [code, code], **GREEDY)


def test_replay_counts_what_the_loop_skips(tokenizer: Any, model: Any, code: cn.Constraint) -> None:
    inputs = batch(tokenizer, PROMPTS[:1])
    written = generate(model, inputs, code, **GREEDY)
    tokens = written.sequences[0, inputs["input_ids"].shape[1] :].tolist()
    assert replay(code, tokens[:-1]) == Replayed(written.steps, written.forced[0], 0)
    assert replay(code, tokens[:-2]) is None
