"""The benchmark of right answers: its questions, how texts are read, and the loop that all ways share."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("jsonschema")

import torch
import transformers
from jsonschema import Draft202012Validator

import constrain as cn
from benchmarks.quality import reading, ways
from benchmarks.quality.decoding import Job, write
from benchmarks.quality.explain import cut_otherwise, detours, losses
from benchmarks.quality.model import Loaded
from benchmarks.quality.report import FREE, report
from benchmarks.quality.run import Kept, Writer, batches
from benchmarks.quality.task import Task
from benchmarks.quality.tasks import FAMILIES, tasks
from constrain.demo import examples, model_directory
from constrain.integrations.transformers import vocabulary_of

OURS = ["constrain", "constrain, compact", "constrain, spaced, budget", "constrain, spaced, forced"]
LIMIT = 60
NAMED = Task("", "", "", "schema", {}, {"name": "Ada", "age": 36})


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    folder = model_directory()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    tokenizer.chat_template = "{% for message in messages %}{{ message['content'] }}{% endfor %}"
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    return Loaded(model, tokenizer, vocabulary_of(tokenizer), "small")


# -- questions --------------------------------------------------------------------------------


def test_questions_are_many_and_the_same_each_time() -> None:
    some = tasks(1)
    assert len(some) >= 200 and len({task.family for task in some}) == len(FAMILIES)
    assert tasks(1) == some and tasks(2) != some
    assert tasks(1, most=3) == [task for family in batches(some, 1000) for task in family[:3]]


@pytest.mark.parametrize("seed", range(2))
def test_answers_are_of_the_form_asked_for(seed: int) -> None:
    for task in tasks(seed):
        if task.kind == "schema":
            Draft202012Validator.check_schema(task.form)
            whole = {
                **dict.fromkeys(task.form.get("properties", ()), ""),
                **task.answer,
            }  # with any reasoning
            text = json.dumps(whole)
            assert Draft202012Validator(task.form).is_valid(whole)
        else:
            text = task.answer
            grammar = cn.choice(task.form) if task.kind == "choice" else cn.regex(task.form)
            assert grammar.matches(text)
        right, count = reading.score(reading.read(f"Here it is: {text}.", task), task.answer)
        assert right == count > 0
        if task.kind == "regex":
            assert len(re.findall(f"(?={task.form})", task.prompt)) == 1, "only one text of the prompt fits"


# -- reading ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "Ada", "age": 36}',
        '```json\n{"name": "ada ", "age": "36"}\n```',
        'The record is {"name":"Ada","age":36.0}. Anything else?',
        "{'name': 'Ada', 'age': 36, 'married': True}",
        '[{"name": "Ada", "age": 36}]',
        '{"person": {"name": "Ada", "age": 36}}',
        'As in {"type": "object"}: {"name": "Ada", "age": 36}',
        '{"age": 36, "name": "Ada", "note": "a { and a }"}',
    ],
)
def test_records_are_read_generously(text: str) -> None:
    assert reading.score(reading.read(text, NAMED), NAMED.answer) == (2, 2)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("", 0),
        ("Ada is 36", 0),
        ('{"name": "Ada"', 0),
        ('{"name": "Eva", "age": 36}', 1),
        ('{"name": 36}', 0),
    ],
)
def test_what_is_wrong_or_missing_does_not_count(text: str, right: int) -> None:
    assert reading.score(reading.read(text, NAMED), NAMED.answer) == (right, 2)


def test_lists_count_their_length() -> None:
    expected = {"items": [{"name": "a"}, {"name": "b"}]}
    for items, right in (("ab", 3), ("abc", 2), ("ba", 1), ("a", 1), ("", 0)):
        assert reading.score({"items": [{"name": name} for name in items]}, expected) == (right, 3)
    assert reading.score({"items": "ab"}, expected) == (0, 3)


def test_booleans_are_no_numbers() -> None:
    assert reading.score({"a": True, "b": 1, "c": "true"}, {"a": 1, "b": True, "c": True}) == (1, 3)


def test_short_answers_are_found_in_prose() -> None:
    colour = Task("", "", "", "choice", ["red", "blue"], "red")
    assert reading.read("I think Red, not blue.", colour) == "red"
    assert reading.read("a bluebird", colour) is reading.NOTHING
    number = Task("", "", "", "regex", "[0-9]{3}", "123")
    assert reading.read("It is 123.", number) == "123"
    assert reading.is_valid("It is 123.", number) and not reading.is_valid("123 it is", number)
    assert not reading.is_answered("I think re", colour) and reading.is_answered("I think red", colour)


def test_what_is_answered_does_not_change() -> None:
    text = 'Sure: {"note": {"of": "this"}, "name": "Ada", "age": 36} Done'
    answered = [at for at in range(len(text) + 1) if reading.is_answered(text[:at], NAMED)]
    assert text[: answered[0]].endswith("36}")


# -- the loop ---------------------------------------------------------------------------------


def jobs(loaded: Loaded, count: int) -> list[Job]:
    result = []
    for example in examples(count):
        task = Task("", "", "", "schema", example.schema, example.record)
        sessions = {name: ways.make(name, loaded, LIMIT)(task) for name in OURS}
        prompt = loaded.tokenizer.encode(example.prompt)
        result.append(Job(prompt, {FREE: None, **sessions}, lambda tokens: False))
    return result


def test_rows_that_are_shared_change_nothing(loaded: Loaded) -> None:
    """Free texts are those of ``generate``, and prompts of different lengths are answered as each alone is."""
    ends = loaded.vocabulary.eos_token_ids
    together = write(loaded.model, jobs(loaded, 2), LIMIT, ends)
    for job, texts in zip(jobs(loaded, 2), together, strict=True):
        [alone] = write(loaded.model, [job], LIMIT, ends)
        assert {name: text.tokens for name, text in texts.items()} == {
            name: text.tokens for name, text in alone.items()
        }
        inputs = torch.tensor([job.prompt])
        output = loaded.model.generate(
            inputs, attention_mask=torch.ones_like(inputs), max_new_tokens=LIMIT, do_sample=False
        )
        free = [token for token in output[0, inputs.shape[1] :].tolist() if token not in ends]
        assert texts[FREE].tokens == free


def test_constrained_texts_are_valid_and_detours_are_told(loaded: Loaded) -> None:
    [job, *_] = jobs(loaded, 1)
    [texts] = write(loaded.model, [job], 200, loaded.vocabulary.eos_token_ids)
    schema = examples(1)[0].schema
    compact = texts["constrain, compact"]
    assert compact.stopped and not compact.failure and compact.seconds > 0
    assert cn.json_schema(schema, whitespace="compact").matches(loaded.text(compact.tokens))
    assert compact.detours, "the model has learnt records with spaces"
    for one in compact.detours:
        assert compact.tokens[one.step] == one.taken != one.wanted
        assert 0 < one.taken_share <= one.allowed * 1.001 < 1.001 and one.wanted_share >= one.taken_share
        assert one.better >= 1
    assert texts[FREE].detours == []


# -- what is kept, and the tables -------------------------------------------------------------


def test_a_run_goes_on_where_it_ended(loaded: Loaded, tmp_path: Path) -> None:
    writer, path = Writer(loaded, ["constrain", "constrain, compact"], 12), tmp_path / "records.gz"
    asked = [task for task in tasks(1, most=1) if task.family in ("flat record", "one of twenty")]
    Kept(path).add(writer.write(asked))
    kept = Kept(path)
    records = [kept.find(task, writer) for task in asked]
    assert [record and list(record["ways"]) for record in records] == [
        [FREE, "constrain", "constrain, compact"],
        [FREE, "constrain"],
    ]
    assert [record["task"] for record in records if record] == [
        json.loads(json.dumps(asdict(t))) for t in asked
    ]
    fewer, longer = Writer(loaded, ["constrain"], 12), Writer(loaded, ["constrain"], 13)
    found = kept.find(asked[0], fewer)
    assert found is not None and list(found["ways"]) == [FREE, "constrain"]
    assert kept.find(asked[0], longer) is None
    assert "## JSON: right fields" in report([record for record in records if record])


def record(free: int, constrained: int, text: str, loaded: Loaded) -> dict[str, Any]:
    encode: Any = loaded.vocabulary.encode
    tokens = encode(text)
    way = {"tokens": tokens, "text": text, "stopped": True, "seconds": 1e-6, "failure": "", "read": True}
    way |= {"valid": True, "detours": []}
    detour = {"step": 1, "wanted": tokens[0], "wanted_share": 0.5, "taken": tokens[1], "taken_share": 0.1}
    detour |= {"better": 3, "allowed": 0.25}
    task = {"family": "f", "layout": "l", "kind": "schema", "answer": {"a": 1}}
    return {
        "task": task,
        "ways": {
            FREE: {**way, "score": [free, 3]},
            "constrain": {**way, "score": [constrained, 3], "detours": [detour]},
        },
    }


def test_tables_and_losses(loaded: Loaded) -> None:
    records = [record(1, 3, '{"a": 1}', loaded), record(2, 1, '{"a": 2}', loaded)]
    shown = report(records)
    assert "| constrain | 4 | 4 | 66.7 % |" in shown
    assert "| constrain | +1 | 1 : 1 | 1 |" in shown
    [_, found, *_] = [
        line for line in detours(records, loaded).splitlines() if line.startswith("| constrain")
    ] * 2
    assert "0.75" in found
    [first, *_, last] = losses(records, loaded, "constrain")
    assert first == "1. f, l: {'a': 1}" and "0.75 masked out" in last


def test_tokens_that_the_tokenizer_would_cut_otherwise(loaded: Loaded) -> None:
    text = '{"name": "Ada", "age": 36}'
    encode: Any = loaded.vocabulary.encode
    assert cut_otherwise(encode(text), loaded) == 0
    single = [loaded.vocabulary.tokens.index(bytes([byte])) for byte in text.encode()]
    made = encode(text)
    assert cut_otherwise(single, loaded) == len(single) - len(made)
