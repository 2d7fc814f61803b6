"""``constrain demo``: the packaged model with and without constraints, side by side and in figures.

Needs torch, transformers and jsonschema. Every output is sampled at temperature 1, with and without a
constraint from the same prompts and seed, and judged by ``json`` and ``jsonschema``, not by constrain.
"""

from __future__ import annotations

import json
import textwrap
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

import numpy as np
import torch
import transformers
from jsonschema import Draft202012Validator

import constrain as cn
from constrain.demo import Example, examples, model_directory
from constrain.integrations.transformers import ConstrainedLogitsProcessor, vocabulary_of

__all__ = ["Outcome", "run"]

WIDTH = 100
SHOWN = 3
BATCH = 30
SAMPLING = {"do_sample": True, "temperature": 1.0, "top_k": 0, "top_p": 1.0}
VALID, PARSES, NEITHER = "valid", "does not validate", "does not parse"
COLOURS = {VALID: "32", PARSES: "33", NEITHER: "31"}


@dataclass(frozen=True)
class Outcome:
    """What came of generating one text for each example.

    Attributes:
        texts: in the order of the examples.
        verdicts: ``VALID``, ``PARSES`` or ``NEITHER``, one per text.
        seconds: of processor time spent generating.
        constraint_seconds: of these, spent within the logits processor.
        tokens: number of tokens generated, end-of-sequence tokens among them.
        mask_seconds: of each token, for its mask and for reading it.
    """

    texts: list[str]
    verdicts: list[str]
    seconds: float
    constraint_seconds: float
    tokens: int
    mask_seconds: np.ndarray


class Timed(ConstrainedLogitsProcessor):
    """The processor, with a clock of processor time: other programs do not disturb it."""

    seconds = 0.0

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        started = time.process_time()
        masked = super().__call__(input_ids, scores)
        self.seconds += time.process_time() - started
        return masked


def run(samples: int, seed: int, out: TextIO) -> tuple[Outcome, Outcome]:
    """Print the demonstration to ``out`` and return what came of it, without and with a constraint.

    Args:
        samples: number of held-out examples.
        seed: of the examples and of the sampling.

    Raises:
        FileNotFoundError: the package was installed without the model.
    """
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(1)  # more threads wait for each other longer than so small a model computes
    directory = model_directory()
    tokenizer = transformers.AutoTokenizer.from_pretrained(directory)
    model = transformers.AutoModelForCausalLM.from_pretrained(directory, dtype=torch.float32).eval()
    held_out = examples(samples, seed)
    vocabulary = vocabulary_of(tokenizer)
    constraints = compile_all(held_out, vocabulary)
    free = generate_all(model, tokenizer, held_out, seed, None)
    bound = generate_all(model, tokenizer, held_out, seed, constraints)
    colour = out.isatty()
    shown = sorted(range(samples), key=lambda place: free.verdicts[place] == VALID)[:SHOWN]
    out.write(f"{len(shown)} of {samples} examples, those first that go wrong without a constraint:\n\n")
    for place in shown:
        out.write(_side_by_side(held_out[place], free, bound, place, colour))
    out.write(_table(free, bound, vocabulary.size, seed))
    return free, bound


def compile_all(held_out: Sequence[Example], vocabulary: cn.Vocabulary) -> list[cn.Constraint]:
    """The constraint of each example; examples of one kind share theirs."""
    grammars = {example.kind: cn.json_schema(example.schema) for example in held_out}
    return [cn.compile(grammars[example.kind], vocabulary) for example in held_out]


def generate_all(
    model: Any,
    tokenizer: Any,
    held_out: Sequence[Example],
    seed: int,
    constraints: list[cn.Constraint] | None,
) -> Outcome:
    """Sample one text per example, in batches, each row under its own constraint if there are any."""
    torch.manual_seed(seed)
    rows: list[list[int]] = []
    clock = seconds = 0.0
    for first in range(0, len(held_out), BATCH):
        part = slice(first, first + BATCH)
        prompts = [example.prompt for example in held_out[part]]
        inputs = tokenizer(prompts, return_tensors="pt", padding=True, return_token_type_ids=False)
        processors = [Timed(constraints[part])] if constraints else []
        started = time.process_time()
        output = model.generate(**inputs, logits_processor=processors, **SAMPLING)
        seconds += time.process_time() - started
        clock += sum(processor.seconds for processor in processors)
        rows += [_until_end(row, tokenizer) for row in output[:, inputs["input_ids"].shape[1] :].tolist()]
    texts = tokenizer.batch_decode(rows, skip_special_tokens=True)
    verdicts = [verdict(text, example.schema) for text, example in zip(texts, held_out, strict=True)]
    times = mask_times(held_out, rows, vocabulary_of(tokenizer)) if constraints else np.zeros(0)
    return Outcome(texts, verdicts, seconds, clock, sum(map(len, rows)), times)


def verdict(text: str, schema: Mapping[str, Any]) -> str:
    """``VALID``, ``PARSES`` (JSON, but not of the schema) or ``NEITHER``."""
    try:
        value = json.loads(text)
    except json.JSONDecodeError:
        return NEITHER
    return VALID if Draft202012Validator(schema).is_valid(value) else PARSES


def mask_times(
    held_out: Sequence[Example], rows: Sequence[Sequence[int]], vocabulary: cn.Vocabulary
) -> np.ndarray:
    """Seconds for the mask of each token and for reading it, on constraints that start with nothing cached."""
    bitmask = cn.allocate_bitmask(1, vocabulary.size)
    times = []
    for constraint, tokens in zip(compile_all(held_out, vocabulary), rows, strict=True):
        matcher = constraint.matcher()
        for token in tokens:
            started = time.perf_counter()
            matcher.fill_mask(bitmask, 0)
            matcher.advance(token)
            times.append(time.perf_counter() - started)
    return np.array(times)


def _until_end(row: list[int], tokenizer: Any) -> list[int]:
    end = tokenizer.eos_token_id
    return row[: row.index(end) + 1] if end in row else row


def _side_by_side(example: Example, free: Outcome, bound: Outcome, place: int, colour: bool) -> str:
    parts = [_wrapped("prompt", example.prompt.strip().replace("\n", " / "))]
    for name, outcome in (("without", free), ("with", bound)):
        label = _painted(outcome.verdicts[place], colour)
        parts.append(
            _wrapped(name, " ".join(outcome.texts[place].split()) or "(nothing)") + f"{'':9}-> {label}\n"
        )
    return "".join(parts) + "\n"


def _wrapped(label: str, text: str) -> str:
    lines = textwrap.wrap(text, WIDTH - 9, max_lines=4, placeholder=" ...", break_long_words=True)
    return textwrap.indent("\n".join(lines), " " * 9).replace(" " * 9, f"{label:9}", 1) + "\n"


def _painted(word: str, colour: bool) -> str:
    return f"\033[{COLOURS[word]}m{word}\033[0m" if colour else word


def _table(free: Outcome, bound: Outcome, size: int, seed: int) -> str:
    def share(outcome: Outcome, verdicts: tuple[str, ...]) -> str:
        return f"{100 * sum(map(verdicts.__contains__, outcome.verdicts)) / len(outcome.verdicts):.1f} %"

    lines = [
        ("", "without", "with constraint"),
        ("parse as JSON", share(free, (VALID, PARSES)), share(bound, (VALID, PARSES))),
        ("validate against the schema", share(free, (VALID,)), share(bound, (VALID,))),
        ("tokens", f"{free.tokens}", f"{bound.tokens}"),
        ("processor seconds to generate", f"{free.seconds:.1f}", f"{bound.seconds:.1f}"),
    ]
    header = (
        f"{len(free.texts)} outputs sampled at temperature 1 (seed {seed}), vocabulary of {size} tokens\n"
    )
    return (
        header + "".join(f"  {name:30}{left:>12}{right:>18}\n" for name, left, right in lines) + _costs(bound)
    )


def _costs(bound: Outcome) -> str:
    times = 1e6 * bound.mask_seconds
    return (
        f"mask and advance per token: mean {times.mean():.1f} us, p99 {np.percentile(times, 99):.1f} us, "
        "nothing cached beforehand\n"
        f"all work of the constraint, masking the scores included: "
        f"{100 * bound.constraint_seconds / bound.seconds:.1f} % of generation time\n"
    )
