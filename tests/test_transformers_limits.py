"""A row that hits a limit on work ends alone: the other rows go on, and a message says which row ended and why."""

from __future__ import annotations

import re
from typing import Any

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

import constrain as cn  # noqa: E402 - after the skips
from constrain.integrations.generation import generate  # noqa: E402
from constrain.integrations.transformers import ConstrainedLogitsProcessor, vocabulary_of  # noqa: E402
from tests.tiny_models import EOS, tiny_llama, tiny_tokenizer  # noqa: E402

EASY = "[a-c]{5}"
HARD = "(a[ab]{2}|b[cd]{2}|c[ef]{2}){1,9}"


def constraints(nodes: int) -> list[cn.Constraint]:
    """An easy one, and one whose matchers may need so many expressions more than compiling it takes."""
    vocabulary = vocabulary_of(tiny_tokenizer())
    for most in range(1, 2000):
        try:
            hard = cn.compile(cn.regex(HARD, limits=cn.Limits(nodes=most)), vocabulary)
        except cn.WorkLimitExceeded:
            continue
        limits = cn.Limits(nodes=most + nodes)
        hard = cn.compile(cn.regex(HARD, limits=limits), vocabulary)
        return [cn.compile(cn.regex(EASY), vocabulary), hard]
    raise AssertionError("it takes more than that")


def inputs() -> Any:
    return tiny_tokenizer()(["p", "q"], return_tensors="pt", padding=True, return_token_type_ids=False)


def spelled(text: str) -> list[int]:
    return list(text.encode())


def texts_of(output: Any) -> list[str]:
    tokenizer = tiny_tokenizer()
    new = output[:, inputs()["input_ids"].shape[1] :]
    texts = [tokenizer.decode(row, clean_up_tokenization_spaces=False) for row in new]
    return [text.replace("<pad>", "").split(EOS)[0] for text in texts]


@pytest.mark.parametrize("nodes", [0, 3, 9])
@pytest.mark.parametrize("after", [None, "!"])
@pytest.mark.parametrize("beams", [1, 3])
def test_the_processor_ends_the_row(nodes: int, after: str | None, beams: int) -> None:
    lead: dict[str, Any] = {} if after is None else {"after": after, "after_at_most": 2}
    processor = ConstrainedLogitsProcessor(constraints(nodes), **lead)
    torch.manual_seed(1)
    with pytest.warns(UserWarning, match="ended before its text was complete"):
        output = tiny_llama(tiny_tokenizer()).generate(
            **inputs(), **processor.options(), max_new_tokens=40, num_beams=beams, do_sample=False
        )
    assert re.fullmatch(EASY, texts_of(output)[0].rpartition(after or "!")[2])
    assert processor.failures and all(row // beams == 1 for row in processor.failures)
    assert all(error.limit == "nodes" for error in processor.failures.values())


@pytest.mark.parametrize("nodes", [0, 3, 9])
def test_the_loop_of_our_own_ends_the_row(nodes: int) -> None:
    with pytest.warns(UserWarning, match="row 1 was ended before its text was complete"):
        written = generate(
            tiny_llama(tiny_tokenizer()),
            inputs(),
            constraints(nodes),
            max_new_tokens=40,
            encode=spelled,
        )
    assert re.fullmatch(EASY, texts_of(written.sequences)[0])
    assert list(written.failures) == [1] and written.failures[1].limit == "nodes"


def test_no_row_fails_within_the_defaults() -> None:
    processor = ConstrainedLogitsProcessor(constraints(1 << 20))
    output = tiny_llama(tiny_tokenizer()).generate(**inputs(), **processor.options(), max_new_tokens=40)
    assert not processor.failures
    assert re.fullmatch(EASY, texts_of(output)[0])
