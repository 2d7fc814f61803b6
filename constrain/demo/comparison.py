"""Compares texts of a model with and without constraints: they are generated, judged without constrain, and shown side
by side."""

from __future__ import annotations

import json
import textwrap
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jsonschema import Draft202012Validator

import constrain as cn
from constrain.integrations.transformers import ConstrainedLogitsProcessor, vocabulary_of

__all__ = [
    "FAILS",
    "NEITHER",
    "PARSES",
    "VALID",
    "Outcome",
    "Task",
    "generate_all",
    "mask_times",
    "side_by_side",
    "verdict",
]

WIDTH = 100
BATCH = 30
VALID, PARSES, NEITHER, FAILS = "valid", "does not validate", "does not parse", "does not match"
COLOURS = {VALID: "32", PARSES: "33", NEITHER: "31", FAILS: "31"}


@dataclass(frozen=True)
class Task:
    """A task for a model.

    Attributes:
        prompt: what the model continues.
        shown: the part of the prompt that a reader sees.
        grammar: the grammar of the answer. Tasks with the same grammar share what is compiled from it.
        judge: the verdict on an answer, reached without constrain; ``VALID`` if there is nothing wrong with it.
    """

    prompt: str
    shown: str
    grammar: cn.Grammar
    judge: Callable[[str], str]


@dataclass(frozen=True)
class Outcome:
    """The result of generating one text for each task.

    Attributes:
        texts: the texts, in the order of the tasks.
        rows: the ids of each text, including its end.
        verdicts: one per text.
        seconds: seconds of processor time spent generating.
        constraint_seconds: the part of these seconds spent within the logits processor.
    """

    texts: list[str]
    rows: list[list[int]]
    verdicts: list[str]
    seconds: float
    constraint_seconds: float

    @property
    def valid(self) -> int:
        """How many texts are valid."""
        return self.verdicts.count(VALID)

    @property
    def tokens(self) -> int:
        """The number of tokens generated, including end-of-sequence tokens."""
        return sum(map(len, self.rows))


class Timed(ConstrainedLogitsProcessor):
    """The processor, with a clock of processor time: other programs do not disturb it."""

    seconds = 0.0

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        started = time.process_time()
        masked = super().__call__(input_ids, scores)
        self.seconds += time.process_time() - started
        return masked


def generate_all(
    model: Any, tokenizer: Any, tasks: Sequence[Task], constrained: bool, options: Mapping[str, Any]
) -> Outcome:
    """One text per task, in batches, each row under its own constraint if ``constrained``.

    Args:
        options: options of ``model.generate``. With ``max_new_tokens``, constrained texts are complete within that many
            tokens.
    """
    rows: list[list[int]] = []
    clock = seconds = 0.0
    vocabulary = vocabulary_of(tokenizer)
    for first in range(0, len(tasks), BATCH):
        part = tasks[first : first + BATCH]
        inputs = tokenizer(
            [task.prompt for task in part], return_tensors="pt", padding=True, return_token_type_ids=False
        )
        constraints = [cn.compile(task.grammar, vocabulary) for task in part] if constrained else []
        processors = [Timed(constraints, max_new_tokens=options.get("max_new_tokens"))] if constrained else []
        started = time.process_time()
        output = model.generate(**inputs, logits_processor=processors, **options)
        seconds += time.process_time() - started
        clock += sum(processor.seconds for processor in processors)
        rows += [_until_end(row, tokenizer) for row in output[:, inputs["input_ids"].shape[1] :].tolist()]
    texts = tokenizer.batch_decode(rows, skip_special_tokens=True)
    verdicts = [task.judge(text) for task, text in zip(tasks, texts, strict=True)]
    return Outcome(texts, rows, verdicts, seconds, clock)


def verdict(text: str, schema: Mapping[str, Any]) -> str:
    """``VALID``, ``PARSES`` (JSON, but not of the schema) or ``NEITHER``."""
    try:
        value = json.loads(text)
    except json.JSONDecodeError:
        return NEITHER
    return VALID if Draft202012Validator(schema).is_valid(value) else PARSES


def mask_times(tasks: Sequence[Task], rows: Sequence[Sequence[int]], tokenizer: Any) -> np.ndarray:
    """Seconds for the mask of each token and for reading it, on constraints that start with nothing cached."""
    vocabulary = vocabulary_of(tokenizer)
    bitmask = cn.allocate_bitmask(1, vocabulary.size)
    times = []
    constraints = [cn.compile(task.grammar, vocabulary) for task in tasks]
    for constraint, tokens in zip(constraints, rows, strict=True):
        matcher = constraint.matcher()
        for token in tokens:
            started = time.perf_counter()
            matcher.fill_mask(bitmask, 0)
            matcher.advance(token)
            times.append(time.perf_counter() - started)
    return np.array(times)


def side_by_side(task: Task, free: Outcome, bound: Outcome, place: int, colour: bool) -> str:
    """What was asked, both answers, and the verdict on each."""
    parts = [_wrapped("prompt", task.shown)]
    for name, outcome in (("without", free), ("with", bound)):
        label = _painted(outcome.verdicts[place], colour)
        text = " ".join(outcome.texts[place].split()) or "(nothing)"
        parts.append(_wrapped(name, text) + f"{'':9}-> {label}\n")
    return "".join(parts) + "\n"


def _until_end(row: list[int], tokenizer: Any) -> list[int]:
    end = tokenizer.eos_token_id
    return row[: row.index(end) + 1] if end in row else row


def _wrapped(label: str, text: str) -> str:
    lines = textwrap.wrap(text, WIDTH - 9, max_lines=4, placeholder=" ...", break_long_words=True)
    return textwrap.indent("\n".join(lines), " " * 9).replace(" " * 9, f"{label:9}", 1) + "\n"


def _painted(word: str, colour: bool) -> str:
    return f"\033[{COLOURS[word]}m{word}\033[0m" if colour else word
