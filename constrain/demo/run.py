"""``constrain demo``: the packaged model with and without constraints, side by side and in figures.

Needs torch, transformers and jsonschema. Every output is sampled at temperature 1, with and without a
constraint from the same prompts and seed, and judged by ``json`` and ``jsonschema``, not by constrain.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, TextIO

import numpy as np
import torch
import transformers

import constrain as cn
from constrain.demo import Example, examples, model_directory
from constrain.demo.comparison import (
    PARSES,
    VALID,
    Outcome,
    Task,
    generate_all,
    mask_times,
    side_by_side,
    verdict,
)

__all__ = ["run"]

SHOWN = 3
SAMPLING = {"do_sample": True, "temperature": 1.0, "top_k": 0, "top_p": 1.0}


def run(samples: int, seed: int, out: TextIO) -> tuple[Outcome, Outcome]:
    """Print the demonstration to ``out`` and return its results, without and with a constraint.

    Args:
        samples: number of held-out examples.
        seed: the seed of the examples and of the sampling.

    Raises:
        FileNotFoundError: the package was installed without the model.
    """
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(1)  # more threads wait for each other longer than so small a model computes
    directory = model_directory()
    tokenizer = transformers.AutoTokenizer.from_pretrained(directory)
    model = transformers.AutoModelForCausalLM.from_pretrained(directory, dtype=torch.float32).eval()
    tasks = _tasks(examples(samples, seed))
    free, bound = (_sampled(model, tokenizer, tasks, seed, constrained) for constrained in (False, True))
    shown = sorted(range(samples), key=lambda place: free.verdicts[place] == VALID)[:SHOWN]
    out.write(f"{len(shown)} of {samples} examples, those first that go wrong without a constraint:\n\n")
    for place in shown:
        out.write(side_by_side(tasks[place], free, bound, place, out.isatty()))
    out.write(_table(free, bound, len(tokenizer), seed))
    out.write(_costs(bound, mask_times(tasks, bound.rows, tokenizer)))
    return free, bound


def _tasks(held_out: Sequence[Example]) -> list[Task]:
    """The tasks; examples of the same kind share their grammar."""
    grammars = {example.kind: cn.json_schema(example.schema) for example in held_out}
    return [
        Task(
            example.prompt,
            example.prompt.strip().replace("\n", " / "),
            grammars[example.kind],
            partial(verdict, schema=example.schema),
        )
        for example in held_out
    ]


def _sampled(model: Any, tokenizer: Any, tasks: Sequence[Task], seed: int, constrained: bool) -> Outcome:
    torch.manual_seed(seed)
    return generate_all(model, tokenizer, tasks, constrained, SAMPLING)


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
    return header + "".join(f"  {name:30}{left:>12}{right:>18}\n" for name, left, right in lines)


def _costs(bound: Outcome, seconds: np.ndarray) -> str:
    times = 1e6 * seconds
    return (
        f"mask and advance per token: mean {times.mean():.1f} us, p99 {np.percentile(times, 99):.1f} us, "
        "nothing cached beforehand\n"
        f"all work of the constraint, masking the scores included: "
        f"{100 * bound.constraint_seconds / bound.seconds:.1f} % of generation time\n"
    )
