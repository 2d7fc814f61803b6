"""Budgets of a row each in every mode of ``generate``: each text is one of its constraint, complete in its budget.

The models have random weights and seldom want to stop, so without budgets hardly any of these texts would end.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

import constrain as cn  # noqa: E402 - after the skips
from constrain.integrations.transformers import ConstrainedLogitsProcessor, vocabulary_of  # noqa: E402
from tests.test_transformers_matrix import MODES, PROMPTS, TOKENIZERS, Mode, generated, model_of  # noqa: E402

NESTED = {
    "type": "array",
    "minItems": 1,
    "items": {"anyOf": [{"$ref": "#"}, {"type": "integer"}, {"type": "boolean"}]},
}
RECORD = {
    "type": "object",
    "properties": {
        "a": {"type": "string", "pattern": "^[a-z ]*$"},
        "b": {"type": "array", "items": {"enum": ["x", "yes"]}},
    },
    "required": ["a", "b"],
    "additionalProperties": False,
}


@dataclass(frozen=True)
class Kind:
    """A kind of constraint that has texts of any length, and what tells its texts."""

    grammar: cn.Grammar
    holds: Callable[[str], bool]
    more: int
    """Tokens that may be written beyond those of the shortest text."""


def is_nested(text: str) -> bool:
    def holds(value: Any) -> bool:
        if isinstance(value, list):
            return bool(value) and all(map(holds, value))
        return isinstance(value, (bool, int)) or float(value).is_integer()

    value = json.loads(text)
    return isinstance(value, list) and holds(value)


def is_record(text: str) -> bool:
    value = json.loads(text)
    return isinstance(value["a"], str) and set(value["b"]) <= {"x", "yes"} and len(value) == 2


def is_tagged(text: str) -> bool:
    before, colon, record = text.partition(":")
    return colon == ":" and re.fullmatch("[a-z ]*", before) is not None and is_record(record)


def matches(pattern: str) -> Callable[[str], bool]:
    return lambda text: re.fullmatch(pattern, text) is not None


KINDS = {
    "schema": Kind(cn.json_schema(NESTED, whitespace="compact"), is_nested, 7),
    "regex": Kind(cn.regex("[A-D]+(-[0-9]{2})+"), matches("[A-D]+(-[0-9]{2})+"), 0),
    "record": Kind(cn.json_schema(RECORD, whitespace="compact"), is_record, 3),
    "stop string": Kind(cn.until("yes", within="[a-f ]*"), matches("[a-f ]*yes"), 12),
    "sequence": Kind(
        cn.sequence(cn.until(":", within="[a-z ]*"), cn.json_schema(RECORD, whitespace="compact")),
        is_tagged,
        1,
    ),
    "lark": Kind(cn.lark('start: "ab" | "(" start start ")"'), lambda text: is_balanced(text), 20),
}


def is_balanced(text: str) -> bool:
    while "(abab)" in text:
        text = text.replace("(abab)", "ab")
    return text == "ab"


@cache
def constraints(tokenizer: str) -> list[cn.Constraint]:
    vocabulary = vocabulary_of(TOKENIZERS[tokenizer]())
    return [cn.compile(kind.grammar, vocabulary) for kind in KINDS.values()]


def budgets(tokenizer: str) -> list[int]:
    needed = [len(constraint.matcher().completion()) for constraint in constraints(tokenizer)]
    return [least + kind.more for least, kind in zip(needed, KINDS.values(), strict=True)]


def texts(tokenizer: str, mode: Mode, budgeted: bool, most: int) -> list[tuple[Kind, str]]:
    """What is generated within ``most`` tokens, free rows left out."""
    numbers = budgets(tokenizer) if budgeted else [None] * len(KINDS)
    loaded, model = TOKENIZERS[tokenizer](), model_of(tokenizer)
    limits = {"max_new_tokens": most}
    if "min_new_tokens" in mode.options:
        limits["min_new_tokens"] = most
    mode = Mode({**mode.options, **limits}, mode.single, mode.per_prompt)
    if not mode.single:
        processor = ConstrainedLogitsProcessor(
            [*constraints(tokenizer), None], max_new_tokens=[*numbers, None]
        )
        written = generated(loaded, model, PROMPTS, processor, mode)
        kinds = [kind for kind in KINDS.values() for _ in range(mode.per_prompt)]
        return list(zip(kinds, written, strict=False))
    found = []
    for kind, prompt, constraint, number in zip(
        KINDS.values(), PROMPTS[: len(KINDS)], constraints(tokenizer), numbers, strict=True
    ):
        processor = ConstrainedLogitsProcessor(constraint, max_new_tokens=number, foreign_assistant=True)
        found += [(kind, text) for text in generated(loaded, model, [prompt], processor, mode)]
    return found


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("tokenizer", TOKENIZERS)
def test_each_text_is_complete_within_its_budget(tokenizer: str, mode: str) -> None:
    torch.manual_seed(0)
    most = max(budgets(tokenizer))
    for kind, text in texts(tokenizer, MODES[mode], True, most):
        assert kind.holds(text), text


@pytest.mark.parametrize("mode", ["greedy", "beams", "sampling", "assisted", "prompt lookup"])
def test_without_budgets_texts_are_cut(mode: str) -> None:
    """What makes the test above one: the same models do not end by themselves."""
    torch.manual_seed(0)
    found = texts("byte level", MODES[mode], False, max(budgets("byte level")))
    broken = 0
    for kind, text in found:
        try:
            broken += not kind.holds(text)
        except ValueError:
            broken += 1
    assert broken


@pytest.mark.parametrize("mode", ["greedy", "several per prompt", "beams"])
def test_no_row_takes_more_than_its_own_number(mode: str) -> None:
    torch.manual_seed(0)
    tokenizer, options = TOKENIZERS["byte level"](), MODES[mode].options
    numbers = budgets("byte level")
    processor = ConstrainedLogitsProcessor(constraints("byte level"), max_new_tokens=numbers)
    inputs = tokenizer(PROMPTS[: len(KINDS)], return_tensors="pt", padding=True, return_token_type_ids=False)
    output = model_of("byte level").generate(
        **inputs, **{**processor.options(), "do_sample": False, **options}
    )
    written = output[:, inputs["input_ids"].shape[1] :]
    assert written.shape[1] <= max(numbers)
    ends = torch.tensor([tokenizer.eos_token_id, tokenizer.pad_token_id])
    counts = (~torch.isin(written, ends)).sum(1).tolist()
    share = len(counts) // len(numbers)
    assert all(count <= numbers[row // share] for row, count in enumerate(counts))
    assert any(count == numbers[row // share] for row, count in enumerate(counts))
