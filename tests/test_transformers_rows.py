"""Options of the logits processor that differ from row to row, and prompts that end with the marker."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

import constrain as cn  # noqa: E402 - after the skips
from constrain.integrations.transformers import ConstrainedLogitsProcessor, vocabulary_of  # noqa: E402
from tests.tiny_models import END_OF_TURN, EOS, tiny_llama, tiny_tokenizer  # noqa: E402

MODES: dict[str, dict[str, Any]] = {
    "greedy": {"do_sample": False},
    "several per prompt": {"do_sample": True, "temperature": 3.0, "num_return_sequences": 2},
    "beams": {"num_beams": 3, "do_sample": False},
}
MARKER = "</think>"


def constraint(pattern: str) -> cn.Constraint:
    return cn.compile(cn.regex(pattern), vocabulary_of(tiny_tokenizer()))


def generated(processor: Any, prompts: list[str], **options: Any) -> list[str]:
    tokenizer = tiny_tokenizer()
    torch.manual_seed(1)
    inputs = tokenizer(prompts, return_tensors="pt", padding=True, return_token_type_ids=False)
    output = tiny_llama(tokenizer).generate(**inputs, **{**processor.options(), **options})
    new = output[:, inputs["input_ids"].shape[1] :]
    texts = [tokenizer.decode(row, clean_up_tokenization_spaces=False) for row in new]
    return [text.replace("<pad>", "").removesuffix(EOS).rstrip(EOS) for text in texts]


def allowed(processor: Any, text: str) -> set[str]:
    """The single characters that may come next, ids being those that the tokenizer makes."""
    ids = tiny_tokenizer()(text, return_tensors="pt")["input_ids"]
    chosen = torch.isfinite(processor(ids, torch.zeros(1, 300))[0]).nonzero()[:, 0].tolist()
    return {name for name in tiny_tokenizer().convert_ids_to_tokens(chosen) if name and len(name) == 1}


@pytest.mark.parametrize("mode", MODES)
def test_each_row_has_its_own(mode: str) -> None:
    processor = ConstrainedLogitsProcessor(
        [constraint("[a-c]+"), None, constraint("[0-9]+"), constraint("x*y")],
        after=[None, None, MARKER, "!"],
        after_at_most=[None, None, 4, None],
        prefix=["A:", "", "B:", ""],
        max_new_tokens=[7, None, 20, 9],
    )
    for _ in range(2):
        texts = generated(copy.deepcopy(processor), ["p", "pp", "ppp", "q"], **MODES[mode])
        share = len(texts) // 4
        for text in texts[:share]:
            assert re.fullmatch("A:[a-c]{1,5}", text)
        for text in texts[2 * share : 3 * share]:
            assert re.fullmatch("B:[0-9]+", text.partition(MARKER)[2]), text
        for text in texts[3 * share :]:
            assert re.fullmatch("x*y", text.partition("!")[2]), text


def test_one_constraint_and_a_number_for_each_prompt() -> None:
    numbers = [3, 8, 14]
    processor = ConstrainedLogitsProcessor(constraint("[ab]+c"), max_new_tokens=numbers)
    assert processor.options()["max_new_tokens"] == 14
    for text, most in zip(generated(processor, ["x", "x", "x"]), numbers, strict=True):
        assert re.fullmatch("[ab]+c", text) and len(text) <= most


def test_lists_of_other_lengths_are_refused() -> None:
    ab = constraint("ab")
    with pytest.raises(ValueError, match="3 constraints and 2 after: give one for all, or one for each"):
        ConstrainedLogitsProcessor([ab, ab, None], after=[MARKER, None])
    with pytest.raises(ValueError, match="2 after and 3 max_new_tokens"):
        ConstrainedLogitsProcessor(tiny_tokenizer(), regex="a", after=[MARKER] * 2, max_new_tokens=[9] * 3)
    with pytest.raises(ValueError, match="0 prefix"):
        ConstrainedLogitsProcessor(ab, prefix=[])
    with pytest.raises(ValueError, match="2 rows cannot be shared out among 3"):
        generated(ConstrainedLogitsProcessor(ab, max_new_tokens=[2, 3, 4]), ["x", "y"])
    for wrong in (["x", True], [2, -1]):
        with pytest.raises(ValueError, match="max_new_tokens is a number of tokens, not"):
            ConstrainedLogitsProcessor([ab, ab], max_new_tokens=wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"2\.5 is no marker"):
        ConstrainedLogitsProcessor(ab, after=2.5)  # type: ignore[arg-type]


def test_a_list_with_one_marker_is_for_all_rows() -> None:
    processor = ConstrainedLogitsProcessor(constraint("[0-9]"), after=[MARKER], after_at_most=2)
    for text in generated(processor, ["a", "b"], max_new_tokens=30):
        thoughts, _, answer = text.partition(MARKER)
        assert len(answer) == 1 and answer.isdigit() and thoughts


def test_one_limit_of_free_text_is_for_rows_with_a_marker() -> None:
    processor = ConstrainedLogitsProcessor(constraint("[0-9]"), after=[None, MARKER], after_at_most=2)
    at_once, later = generated(processor, ["a", "b"], max_new_tokens=30)
    assert at_once.isdigit() and later.partition(MARKER)[2].isdigit()
    with pytest.raises(ValueError, match="needs the marker"):
        ConstrainedLogitsProcessor(constraint("[0-9]"), after=[None, MARKER], after_at_most=[2, 2])


def test_a_budget_that_is_too_small_is_refused_with_its_row() -> None:
    constraints = [constraint("ab"), None, constraint("abcde")]
    with pytest.raises(
        cn.BudgetError, match=r"^row 2: the shortest text known takes 5 tokens, and 4"
    ) as caught:
        ConstrainedLogitsProcessor(constraints, max_new_tokens=[4, 1, 4])
    assert (caught.value.row, caught.value.needed, caught.value.allowed) == (2, 5, 4)
    with pytest.raises(cn.BudgetError, match=r"^row 0: the shortest text known takes 7"):
        ConstrainedLogitsProcessor(constraints, max_new_tokens=[6, 9, 9], prefix="true!\n\n\n")
    assert ConstrainedLogitsProcessor(constraints, max_new_tokens=[2, None, 5])


def test_what_a_marker_takes_is_known_with_the_prompt() -> None:
    """A prompt that has closed its thoughts needs less; others are refused when their texts begin."""
    processor = ConstrainedLogitsProcessor(constraint("abc"), after=MARKER, max_new_tokens=5)
    assert generated(processor, [f"p{MARKER}", f"p {MARKER}\n"]) == ["abc", "abc"]
    with pytest.raises(
        cn.BudgetError, match=r"^row 1: the shortest text known takes 11 tokens, and 5"
    ) as caught:
        generated(processor, [f"p{MARKER}", "p"])
    assert caught.value.text == b"</think>abc"


@pytest.mark.parametrize(
    ("marker", "prompt", "closed"),
    [
        (MARKER, "<think></think>", True),
        (MARKER, "<think>\n\n</think>\n\n", True),
        (MARKER, "</think> so", False),
        (MARKER, "<think>", False),
        (MARKER, "</think>\n<think>", False),
        (": ", "name: ", True),
        (": ", "name:", False),
        (": ", "name: \n ", True),
        ("\n", "name\n", True),
        (END_OF_TURN, f"user{END_OF_TURN}", True),
        (END_OF_TURN, f"user{END_OF_TURN}\n\n", True),
        (END_OF_TURN, f"user{END_OF_TURN}you:", False),
        (MARKER, f"</think>{EOS}", False),
    ],
)
def test_a_prompt_that_ends_with_the_marker_is_constrained_at_once(
    marker: str, prompt: str, closed: bool
) -> None:
    processor = ConstrainedLogitsProcessor(tiny_tokenizer(), regex="[a-c]", after=marker, prefix="true")
    assert (allowed(processor, prompt) == {"t"}) == closed


def test_turns_of_a_conversation_begin_as_their_prompts_end() -> None:
    """A new turn is told by a token that cannot have been chosen; its prompt is all that was written before."""
    processor = ConstrainedLogitsProcessor(constraint("[a-c]"), after="!")
    for text in ("x", "x?", "x?!", "x?!a"):
        allowed(processor, text)
    assert "z" in allowed(processor, "x?!az")
    for text in ("y!", "y!b"):
        allowed(processor, text)
    assert allowed(processor, "y!b!") == {"a", "b", "c"}


@pytest.mark.parametrize("mode", MODES)
def test_thoughts_count_and_are_ended_in_time(mode: str) -> None:
    schema = {"type": "object", "required": ["n"], "properties": {"n": {"type": "array", "minItems": 3}}}
    prompts = ["Q:", f"Q: {MARKER}\n"]
    for numbers in ([30, 30], [34, 60]):
        processor = ConstrainedLogitsProcessor(
            tiny_tokenizer(), schema=schema, after=MARKER, max_new_tokens=numbers
        )
        texts = generated(processor, prompts, **MODES[mode])
        share = len(texts) // 2
        for row, text in enumerate(texts):
            answer = text.partition(MARKER)[2] if row < share else text
            assert len(json.loads(answer)["n"]) >= 3, text


def test_options_for_generate() -> None:
    turn = tiny_tokenizer().convert_tokens_to_ids(END_OF_TURN)
    processor = ConstrainedLogitsProcessor(tiny_tokenizer(), regex="a+", eos_token_ids=turn, max_new_tokens=4)
    options = processor.options()
    assert options.pop("logits_processor") == [processor]
    assert sorted(options.pop("eos_token_id")) == sorted([tiny_tokenizer().eos_token_id, turn])
    assert options == {"max_new_tokens": 4}
    partly = ConstrainedLogitsProcessor([constraint("a"), constraint("b")], max_new_tokens=[3, None])
    assert "max_new_tokens" not in partly.options()
    free = ConstrainedLogitsProcessor([constraint("a"), None], max_new_tokens=[3, None])
    assert free.options()["max_new_tokens"] == 3
