"""A real chat model from prompt to text: whatever it writes under a constraint is complete and valid.

``constrain.demo.real_model`` says how SmolLM2-135M-Instruct is installed; without it, these tests are skipped.
``.ci/run`` installs it and runs this file. Texts are judged by ``jsonschema``, ``re`` and ``lark``.
"""

from __future__ import annotations

import io
import json
import re
import socket
from collections.abc import Sequence
from typing import Any

import pytest

jsonschema = pytest.importorskip("jsonschema")
lark = pytest.importorskip("lark")
torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

import constrain as cn  # noqa: E402 - after the skips
from constrain.demo import real, real_model  # noqa: E402
from constrain.integrations.generation import generate  # noqa: E402
from constrain.integrations.transformers import ConstrainedLogitsProcessor, vocabulary_of  # noqa: E402

try:
    FILE = real_model.gguf_file()
except real_model.ModelMissing as missing:
    pytest.skip(str(missing), allow_module_level=True)

SCHEMA, ORDER = real.PERSON, real.ORDER
EXTRACT, FIND, CALL = (part for part in real.parts() if part.title != "a choice")
AGES = [34, 61, 27, 45]
SUMS = """\
start: product (("+" | "-") product)*
product: number ("*" number)*
number: "-"? DIGIT~1..3 | "(" start ")"
%import common.DIGIT
"""


@pytest.fixture(scope="module")
def loaded() -> tuple[Any, Any]:
    """The tokenizer and the model, loaded without a network."""
    torch.set_num_threads(1)  # workers of xdist share the cores, and threads of torch wait actively
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", _no_network)
        return real_model.load()


def _no_network(*arguments: Any) -> None:
    raise AssertionError(f"loading a model that is installed asked the network for {arguments}")


@pytest.fixture(scope="module")
def tokenizer(loaded: tuple[Any, Any]) -> Any:
    return loaded[0]


@pytest.fixture(scope="module")
def model(loaded: tuple[Any, Any]) -> Any:
    return loaded[1]


@pytest.fixture(scope="module")
def vocabulary(tokenizer: Any) -> cn.Vocabulary:
    return vocabulary_of(tokenizer)


@pytest.fixture(scope="module")
def record(vocabulary: cn.Vocabulary) -> cn.Constraint:
    return cn.compile(cn.json_schema(SCHEMA), vocabulary)


@pytest.fixture(scope="module")
def order(vocabulary: cn.Vocabulary) -> cn.Constraint:
    return cn.compile(cn.regex(ORDER), vocabulary)


def chats(tokenizer: Any, *questions: str) -> list[str]:
    messages = [[{"role": "user", "content": question}] for question in questions]
    prompts: list[str] = tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
    return prompts


def prompts_of(part: real.Part, tokenizer: Any) -> list[str]:
    return [task.prompt for task in part.tasks(tokenizer)]


def written(
    loaded: tuple[Any, Any], prompts: Sequence[str], processor: Any = None, most: int = 60, **options: Any
) -> list[str]:
    """Texts up to their ends, the likeliest ones if ``options`` do not say otherwise."""
    tokenizer, model = loaded
    inputs = tokenizer(list(prompts), return_tensors="pt", padding=True)
    torch.manual_seed(options.pop("seed", 0))
    settings = {"do_sample": False, "max_new_tokens": most, **options}
    processors = [] if processor is None else [processor]
    output = model.generate(**inputs, logits_processor=processors, **settings)
    texts: list[str] = tokenizer.batch_decode(
        output[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True
    )
    return texts


def is_record(text: str) -> bool:
    jsonschema.validate(json.loads(text), SCHEMA)
    return True


def is_order(text: str) -> bool:
    return re.fullmatch(ORDER, text) is not None


# -- the model as it is loaded ------------------------------------------------------------------


def test_special_tokens_and_chat_template(tokenizer: Any, model: Any) -> None:
    ids = {name: getattr(tokenizer, f"{name}_token_id") for name in ("bos", "eos", "pad")}
    assert ids == {"bos": 1, "eos": 2, "pad": 2}
    assert tokenizer.convert_ids_to_tokens([1, 2]) == ["<|im_start|>", "<|im_end|>"]
    assert model.generation_config.eos_token_id == 2 and model.config.vocab_size == len(tokenizer)
    [chat] = chats(tokenizer, "Hello")
    assert chat.endswith("<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n")
    encoded = tokenizer(chat)["input_ids"]
    assert [encoded.count(1), encoded.count(2)] == [3, 2] and tokenizer.decode(encoded) == chat


def test_text_is_cut_as_the_model_has_learnt_it(tokenizer: Any) -> None:
    assert tokenizer.tokenize("in   1815") == ["in", "ĠĠĠ", "1", "8", "1", "5"]
    assert tokenizer.tokenize("  in") == ["Ġ", "Ġin"]


def test_vocabulary_is_that_of_the_file(tokenizer: Any) -> None:
    of_file = cn.Vocabulary.from_gguf(FILE)  # by their names, <|endoftext|> and <reponame> are ends as well
    ends = tokenizer.convert_tokens_to_ids(["<|endoftext|>", "<reponame>"])
    assert of_file == cn.Vocabulary.from_transformers(tokenizer, ends)
    vocabulary = cn.Vocabulary.from_transformers(tokenizer)
    assert vocabulary.tokens == of_file.tokens and vocabulary.eos_token_ids == (2,)


def test_unconstrained_it_knows_an_answer(loaded: tuple[Any, Any]) -> None:
    [text] = written(loaded, chats(loaded[0], "What is the capital of France?"), most=12)
    assert "Paris" in text


# -- kinds of constraints -----------------------------------------------------------------------


def test_schema(loaded: tuple[Any, Any], record: cn.Constraint) -> None:
    texts = written(loaded, prompts_of(EXTRACT, loaded[0]), ConstrainedLogitsProcessor(record))
    assert all(map(is_record, texts))
    right = [json.loads(text)["age"] == age for text, age in zip(texts, AGES, strict=True)]
    assert sum(right) >= 3, "a constraint does not make the model worse at what it can do"


def test_regex(loaded: tuple[Any, Any], order: cn.Constraint) -> None:
    texts = written(loaded, prompts_of(FIND, loaded[0]), ConstrainedLogitsProcessor(order))
    assert all(map(is_order, texts))
    copied = [text[-8:-1] in message for text, message in zip(texts, real.MESSAGES, strict=True)]
    assert sum(copied) >= 2


def test_lark_grammar(loaded: tuple[Any, Any], vocabulary: cn.Vocabulary) -> None:
    processor = ConstrainedLogitsProcessor(loaded[0], grammar=cn.lark(SUMS), max_new_tokens=16)
    questions = chats(loaded[0], "Write a sum of three numbers.", "What is 12 times 7, plus 3?")
    parser = lark.Lark(SUMS)
    for options in ({}, {"do_sample": True, "temperature": 2.0, "top_k": 0}):
        for text in written(loaded, questions, processor, most=16, **options):
            parser.parse(text)


def test_tool_call(loaded: tuple[Any, Any]) -> None:
    tasks = CALL.tasks(loaded[0])[::2]
    processor = ConstrainedLogitsProcessor(loaded[0], grammar=CALL.grammar, max_new_tokens=60)
    texts = written(loaded, [task.prompt for task in tasks], processor)
    assert [task.judge(text) for task, text in zip(tasks, texts, strict=True)] == ["valid"] * len(tasks)
    assert [json.loads(text)["name"] for text in texts] == ["weather", "translate"]


def test_thoughts_then_a_schema(loaded: tuple[Any, Any]) -> None:
    processor = ConstrainedLogitsProcessor(
        loaded[0], schema=SCHEMA, after="</think>", after_at_most=12, prefix="\n", max_new_tokens=60
    )
    for text in written(loaded, prompts_of(EXTRACT, loaded[0])[:2], processor):
        thoughts, marker, answer = text.partition("</think>\n")
        assert thoughts and marker and is_record(answer)


# -- modes of decoding --------------------------------------------------------------------------


def test_a_constraint_for_each_prompt(
    loaded: tuple[Any, Any], record: cn.Constraint, order: cn.Constraint, vocabulary: cn.Vocabulary
) -> None:
    tokenizer = loaded[0]
    verdict = cn.compile(cn.choice(["This is French.", "This is German."]), vocabulary)
    prompts = [
        prompts_of(EXTRACT, tokenizer)[0],
        prompts_of(FIND, tokenizer)[0],
        *chats(tokenizer, "What language is this? Guten Morgen!", "What is the capital of France?"),
    ]
    texts = written(loaded, prompts, ConstrainedLogitsProcessor([record, order, verdict, None]), most=40)
    assert is_record(texts[0]) and is_order(texts[1]) and texts[2] == "This is German."
    assert texts[3] == written(loaded, prompts, most=10)[3], "a free row writes what it would without others"


@pytest.mark.parametrize("sample", [False, True])
def test_beams(loaded: tuple[Any, Any], record: cn.Constraint, order: cn.Constraint, sample: bool) -> None:
    prompts = [prompts_of(EXTRACT, loaded[0])[0], prompts_of(FIND, loaded[0])[0]]
    processor = ConstrainedLogitsProcessor([record, order], max_new_tokens=40)
    texts = written(
        loaded, prompts, processor, most=40, num_beams=3, num_return_sequences=3, do_sample=sample
    )
    assert all(map(is_record, texts[:3])) and all(map(is_order, texts[3:]))
    assert sample or json.loads(texts[0])["age"] == AGES[0]


@pytest.mark.parametrize("seed", range(3))
def test_sampling_at_high_temperature(
    loaded: tuple[Any, Any], record: cn.Constraint, order: cn.Constraint, seed: int
) -> None:
    """Nearly any token that is allowed comes, pieces of characters in the middle of strings among them."""
    prompts = [prompts_of(EXTRACT, loaded[0])[seed], prompts_of(FIND, loaded[0])[seed]]
    processor = ConstrainedLogitsProcessor([record, order], max_new_tokens=30)
    heat = {"do_sample": True, "temperature": (1.0, 2.0, 20.0)[seed], "top_k": 0, "seed": seed}
    texts = written(loaded, prompts, processor, most=30, num_return_sequences=3, **heat)
    assert all(map(is_record, texts[:3])) and all(map(is_order, texts[3:]))
    assert len(set(texts)) > 3


def test_budgets(loaded: tuple[Any, Any], record: cn.Constraint) -> None:
    """Within the fewest tokens possible, and within some more, all texts are complete."""
    prompts = prompts_of(EXTRACT, loaded[0])[:2]
    least = len(record.matcher().completion())
    hot = {"do_sample": True, "temperature": 2.0, "top_k": 0, "num_return_sequences": 2}
    for most, options in ((least, {}), (least, hot), (least + 1, hot), (least + 4, hot)):
        processor = ConstrainedLogitsProcessor(record, max_new_tokens=most)
        assert all(map(is_record, written(loaded, prompts, processor, most=most, **options)))
    with pytest.raises(cn.BudgetError) as problem:
        written(loaded, prompts, ConstrainedLogitsProcessor(record, max_new_tokens=least - 1), most=least - 1)
    assert problem.value.needed == least


class Reader:
    """A streamer that reads a document as it is written, and notes what is known after each token."""

    def __init__(self, matcher: cn.Matcher) -> None:
        self.stream = cn.JsonStream(matcher)
        self.known: list[dict[str, Any]] = []
        self.prompt_seen = False

    def put(self, ids: Any) -> None:
        for token in ids.flatten().tolist() if self.prompt_seen else []:
            assert self.stream.advance(token) is not None
            self.known.append(dict(self.stream.value or {}))
        self.prompt_seen = True

    def end(self) -> None:
        assert self.stream.complete


def test_streaming(loaded: tuple[Any, Any], record: cn.Constraint) -> None:
    reader = Reader(record.matcher())
    prompt = prompts_of(EXTRACT, loaded[0])[0]
    [text] = written(loaded, [prompt], ConstrainedLogitsProcessor(record), streamer=reader)
    assert reader.stream.value == json.loads(text) and is_record(text)
    assert any("name" in known and "age" not in known for known in reader.known)


def test_forced_text_is_not_asked_for(
    loaded: tuple[Any, Any], vocabulary: cn.Vocabulary, order: cn.Constraint
) -> None:
    tokenizer, model = loaded
    compact = cn.compile(cn.json_schema(SCHEMA, whitespace="compact"), vocabulary)
    prompts = [prompts_of(EXTRACT, tokenizer)[0], prompts_of(FIND, tokenizer)[0]]
    inputs = tokenizer(prompts, return_tensors="pt", padding=True)
    found = generate(model, inputs, [compact, order], budget=True, max_new_tokens=40, do_sample=False)
    texts = tokenizer.batch_decode(
        found.sequences[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True
    )
    assert is_record(texts[0]) and is_order(texts[1])
    assert found.saved_passes > 0 and all(found.forced)


# -- the demonstration --------------------------------------------------------------------------


def test_demonstration(loaded: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    short = [part for part in real.parts() if part.title == "a regular expression"]
    monkeypatch.setattr(real, "load", lambda: loaded)
    monkeypatch.setattr(real, "parts", lambda: short)
    monkeypatch.setattr(real, "GREEDY", {"do_sample": False, "max_new_tokens": 16})
    out = io.StringIO()
    outcomes = real.run(out)
    assert [bound.valid for _, bound in outcomes] == [4]
    assert max(map(len, out.getvalue().splitlines())) <= 100 and "\033" not in out.getvalue()
    assert re.search(r"a regular expression +\d of 4 +4 of 4\n", out.getvalue())
