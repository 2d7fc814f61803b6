"""How much longer does ``generate`` take under a constraint? ``python -m benchmarks.generate``.

The model is the small one of the package, on sentences of its own kind, one thread, in main memory. It is run to
a fixed number of tokens with and without a constraint that allows any JSON text of the record's schema and then any
number of further ones, so both runs take equally many steps. Larger models take longer for each step, and the
constraint does not.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import torch
import transformers

import constrain as cn
from benchmarks.timing import table
from constrain.demo import examples, model_directory
from constrain.integrations.transformers import ConstrainedLogitsProcessor, vocabulary_of

TOKENS = 100


class Idle(transformers.LogitsProcessor):
    """Does nothing."""

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        return scores


def seconds_of(model: Any, inputs: Any, processors: list[Any]) -> float:
    """Of processor time, for one ``generate`` of ``TOKENS`` tokens for each prompt."""
    torch.manual_seed(0)
    start = time.process_time()
    output = model.generate(
        **inputs,
        logits_processor=processors,
        do_sample=True,
        top_k=0,
        max_new_tokens=TOKENS,
        eos_token_id=None,
    )
    seconds = time.process_time() - start
    if output.shape[1] != inputs["input_ids"].shape[1] + TOKENS:
        raise RuntimeError("generate stopped early")
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15, help="of which the fastest counts")
    options = parser.parse_args()
    transformers.utils.logging.set_verbosity_error()
    torch.set_num_threads(1)
    tokenizer = transformers.AutoTokenizer.from_pretrained(model_directory())
    model = transformers.AutoModelForCausalLM.from_pretrained(model_directory(), dtype=torch.float32).eval()
    lines = []
    for count in (1, 8, 32):
        held_out = examples(count)
        prompts = [example.prompt for example in held_out]
        inputs = tokenizer(prompts, return_tensors="pt", padding=True, return_token_type_ids=False)
        grammar = cn.json_schema({"type": "array", "items": held_out[0].schema, "minItems": TOKENS})
        processor = ConstrainedLogitsProcessor(cn.compile(grammar, vocabulary_of(tokenizer)))
        kinds: dict[str, list[Any]] = {"without": [], "idle": [Idle()], "under": [processor]}
        least = dict.fromkeys(kinds, float("inf"))
        for _ in range(options.rounds):
            for name, processors in kinds.items():
                least[name] = min(least[name], seconds_of(model, inputs, processors))
        longer = [f"{100 * (least['under'] / least[name] - 1):.1f} %" for name in ("without", "idle")]
        lines.append([f"{count}", *(f"{1e3 * seconds:.0f}" for seconds in least.values()), *longer])
    header = ("prompts", "without, ms", "idle processor, ms", "constraint, ms", "over without", "over idle")
    print(table(header, lines))


if __name__ == "__main__":
    main()
