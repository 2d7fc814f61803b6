"""The logits processor under every decoding mode of ``generate``, with models of random weights."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

jsonschema = pytest.importorskip("jsonschema")
torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

import constrain as cn  # noqa: E402 - after the skips
from constrain.integrations.transformers import ConstrainedLogitsProcessor, vocabulary_of  # noqa: E402
from tests.tiny_models import END_OF_TURN, ascii_tokenizer, tiny_llama, tiny_t5, tiny_tokenizer  # noqa: E402

SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 6},
        "on": {"type": "boolean"},
        "n": {"type": "integer", "minimum": 0, "maximum": 1200},
    },
    "required": ["name", "n"],
    "additionalProperties": False,
}
PATTERN = r"[A-D]{2}-\d{2,4}(, [A-D]\d)?"
PROMPTS = ["Write a record:", "x", 'A longer prompt with {"name": 12}, then one more:']
NEW = 120


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return tiny_tokenizer()


@pytest.fixture(scope="module")
def model(tokenizer: Any) -> Any:
    return tiny_llama(tokenizer)


@pytest.fixture(scope="module")
def record(tokenizer: Any) -> cn.Constraint:
    return cn.compile(cn.json_schema(SCHEMA, whitespace="compact"), vocabulary_of(tokenizer))


@pytest.fixture(scope="module")
def code(tokenizer: Any) -> cn.Constraint:
    return cn.compile(cn.regex(PATTERN), vocabulary_of(tokenizer))


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


def batch(tokenizer: Any, prompts: list[str]) -> dict[str, Any]:
    inputs = tokenizer(prompts, return_tensors="pt", padding=True, return_token_type_ids=False)
    return dict(inputs)


def generated(tokenizer: Any, model: Any, prompts: list[str], processor: Any, **options: Any) -> list[str]:
    inputs = batch(tokenizer, prompts)
    settings: dict[str, Any] = {"do_sample": False, "max_new_tokens": NEW, **options}
    output = model.generate(**inputs, logits_processor=[processor], **settings)
    return decoded(tokenizer, output[:, inputs["input_ids"].shape[1] :])


def decoded(tokenizer: Any, ids: Any) -> list[str]:
    texts: list[str] = tokenizer.batch_decode(ids, skip_special_tokens=True)
    return texts


def is_record(text: str) -> bool:
    jsonschema.validate(json.loads(text), SCHEMA)
    return True


def is_code(text: str) -> bool:
    return re.fullmatch(PATTERN, text) is not None


SAMPLING = {"do_sample": True, "temperature": 1.0, "top_k": 0}
MODES: dict[str, dict[str, Any]] = {
    "greedy": {},
    "sampling": SAMPLING,
    "top-k": {"do_sample": True, "top_k": 5, "top_p": 0.9},
    "penalties": {"repetition_penalty": 1.3, "no_repeat_ngram_size": 2},
    "several per prompt": {**SAMPLING, "num_return_sequences": 3},
    "beams": {"num_beams": 4},
    "beams returned": {"num_beams": 4, "num_return_sequences": 4},
    "beams stopped early": {"num_beams": 3, "early_stopping": True},
    "beams sampled": {"num_beams": 3, "do_sample": True},
    "static cache": {"cache_implementation": "static", "disable_compile": True},
    "no cache": {"use_cache": False},
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("count", [1, 3])
def test_modes(tokenizer: Any, model: Any, record: cn.Constraint, mode: str, count: int) -> None:
    processor = ConstrainedLogitsProcessor(record)
    for _ in range(2):  # the second time without any reset
        texts = generated(tokenizer, model, PROMPTS[:count], processor, **MODES[mode])
        assert len(texts) == count * MODES[mode].get("num_return_sequences", 1)
        assert all(map(is_record, texts))


@pytest.mark.parametrize("mode", ["greedy", "sampling", "several per prompt", "beams", "beams returned"])
def test_a_constraint_per_prompt(
    tokenizer: Any, model: Any, record: cn.Constraint, code: cn.Constraint, mode: str
) -> None:
    processor = ConstrainedLogitsProcessor([record, code, None])
    texts = generated(tokenizer, model, PROMPTS, processor, **MODES[mode])
    share = len(texts) // 3
    assert all(map(is_record, texts[:share]))
    assert all(map(is_code, texts[share : 2 * share]))
    free = generated(tokenizer, model, PROMPTS, lambda ids, scores: scores, **MODES["greedy"])
    if mode == "greedy":
        assert texts[2] == free[2]


def test_equal_prompts_with_different_constraints(
    tokenizer: Any, model: Any, record: cn.Constraint, code: cn.Constraint
) -> None:
    for options in ({}, {"num_beams": 3}):
        processor = ConstrainedLogitsProcessor([code, record])
        texts = generated(tokenizer, model, ["same", "same"], processor, **options)
        assert is_code(texts[0]) and is_record(texts[1])


def test_rows_must_be_shared_out_evenly(tokenizer: Any, model: Any, record: cn.Constraint) -> None:
    with pytest.raises(ValueError, match="3 rows cannot be shared out among 2"):
        generated(tokenizer, model, PROMPTS, ConstrainedLogitsProcessor([record, None]))


def test_a_batch_gives_what_its_rows_give_alone(tokenizer: Any, model: Any, record: cn.Constraint) -> None:
    together = generated(tokenizer, model, PROMPTS, ConstrainedLogitsProcessor(record))
    for prompt, text in zip(PROMPTS, together, strict=True):
        assert generated(tokenizer, model, [prompt], ConstrainedLogitsProcessor(record)) == [text]


@pytest.mark.parametrize("sample", [False, True])
def test_assisted(tokenizer: Any, model: Any, record: cn.Constraint, sample: bool) -> None:
    processor = ConstrainedLogitsProcessor(record)
    plain = generated(tokenizer, model, PROMPTS[:1], processor)
    for seed in (0, 1, 2):  # weights equal to the model's (everything is accepted), and others
        assistant = tiny_llama(tokenizer, seed)
        texts = generated(
            tokenizer, model, PROMPTS[:1], processor, assistant_model=assistant, do_sample=sample
        )
        assert is_record(texts[0])
        assert sample or texts == plain


def test_prompt_lookup(tokenizer: Any, model: Any, record: cn.Constraint) -> None:
    processor = ConstrainedLogitsProcessor(record)
    plain = generated(tokenizer, model, PROMPTS[:1], processor)
    prompt = f"{PROMPTS[2]} {plain[0]} {plain[0]} again:"
    direct = generated(tokenizer, model, [prompt], processor)
    assert generated(tokenizer, model, [prompt], processor, prompt_lookup_num_tokens=5) == direct
    assert is_record(direct[0])


@pytest.mark.parametrize("padding", [0, 400], ids=["narrower", "wider"])
@pytest.mark.parametrize("sample", [False, True])
def test_assistant_with_another_tokenizer(
    tokenizer: Any, model: Any, record: cn.Constraint, sample: bool, padding: int
) -> None:
    other = ascii_tokenizer()
    inputs = batch(tokenizer, PROMPTS[:1])
    output = model.generate(
        **inputs,
        logits_processor=[ConstrainedLogitsProcessor(record, foreign_assistant=True)],
        assistant_model=tiny_llama(other, seed=5, padding=padding),
        tokenizer=tokenizer,
        assistant_tokenizer=other,
        do_sample=sample,
        max_new_tokens=NEW,
    )
    assert is_record(decoded(tokenizer, output[:, inputs["input_ids"].shape[1] :])[0])


def test_input_embeddings(tokenizer: Any, model: Any, record: cn.Constraint) -> None:
    processor = ConstrainedLogitsProcessor(record)
    inputs = batch(tokenizer, PROMPTS)
    embeddings = model.get_input_embeddings()(inputs["input_ids"])
    for options in ({}, {"num_beams": 3}):
        output = model.generate(
            inputs_embeds=embeddings,
            attention_mask=inputs["attention_mask"],
            logits_processor=[processor],
            do_sample=False,
            max_new_tokens=NEW,
            **options,
        )
        assert all(map(is_record, decoded(tokenizer, output)))


@pytest.mark.parametrize("beams", [1, 3])
def test_encoder_decoder(tokenizer: Any, record: cn.Constraint, beams: int) -> None:
    model = tiny_t5(tokenizer)
    processor = ConstrainedLogitsProcessor(record)
    for prompts in (PROMPTS, PROMPTS[:1], PROMPTS):
        inputs = batch(tokenizer, prompts)
        output = model.generate(
            **inputs, logits_processor=[processor], num_beams=beams, do_sample=False, max_new_tokens=NEW
        )
        assert all(map(is_record, decoded(tokenizer, output)))


def test_several_ends_of_sequence(tokenizer: Any, model: Any) -> None:
    turn = tokenizer.convert_tokens_to_ids(END_OF_TURN)
    ends = [tokenizer.eos_token_id, turn]
    constraint = cn.compile(cn.choice(["yes", "no"]), vocabulary_of(tokenizer, turn))
    seen = set()
    for seed in range(12):
        torch.manual_seed(seed)
        inputs = batch(tokenizer, PROMPTS)
        output = model.generate(
            **inputs,
            logits_processor=[ConstrainedLogitsProcessor(constraint)],
            do_sample=True,
            temperature=5.0,
            top_k=0,
            eos_token_id=ends,
            max_new_tokens=20,
        )
        new = output[:, inputs["input_ids"].shape[1] :]
        seen |= set(new.flatten().tolist()) & set(ends)
        assert set(decoded(tokenizer, new)) <= {"yes", "no"}
    assert seen == set(ends)


def test_fewer_texts_than_beams(tokenizer: Any, model: Any) -> None:
    constraint = cn.compile(cn.choice(["yes", "no"]), vocabulary_of(tokenizer))
    processor = ConstrainedLogitsProcessor(constraint)
    texts = generated(tokenizer, model, PROMPTS, processor, num_beams=5, num_return_sequences=5)
    assert set(texts) <= {"yes", "no"}


def test_an_end_that_generate_does_not_know(tokenizer: Any, model: Any, code: cn.Constraint) -> None:
    turn = tokenizer.convert_tokens_to_ids(END_OF_TURN)
    processor = ConstrainedLogitsProcessor(code)
    for count in (1, 3):
        texts = generated(tokenizer, model, PROMPTS[:count], processor, eos_token_id=turn, max_new_tokens=40)
        assert all(map(is_code, texts))


def test_min_new_tokens_does_not_break_the_constraint(
    tokenizer: Any, model: Any, code: cn.Constraint
) -> None:
    texts = generated(tokenizer, model, PROMPTS, ConstrainedLogitsProcessor(code), min_new_tokens=40)
    assert all(map(is_code, texts))


def test_threads_share_a_processor(tokenizer: Any, model: Any, record: cn.Constraint) -> None:
    processor = ConstrainedLogitsProcessor(record)
    alone = [generated(tokenizer, model, [prompt] * 2, processor) for prompt in PROMPTS]
    with ThreadPoolExecutor(len(PROMPTS)) as pool:
        jobs = [pool.submit(generated, tokenizer, model, [prompt] * 2, processor) for prompt in PROMPTS]
    assert [job.result() for job in jobs] == alone


def test_raw_logits_stay_as_they_are(tokenizer: Any, model: Any, record: cn.Constraint) -> None:
    inputs = batch(tokenizer, PROMPTS[:1])
    output = model.generate(
        **inputs,
        logits_processor=[ConstrainedLogitsProcessor(record)],
        do_sample=False,
        max_new_tokens=5,
        output_logits=True,
        output_scores=True,
        return_dict_in_generate=True,
    )
    assert all(torch.isfinite(logits).all() for logits in output.logits)
    assert all(torch.isinf(scores).any() for scores in output.scores)
