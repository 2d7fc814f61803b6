"""What does a step of the logits processor cost? ``python -m benchmarks.processor --tokenizer llama3/``.

Every step of a text is measured: reading the newest token of each row, its mask, and masking the scores. The
constraint has seen the text before, as in a batch or a second request. The yardstick is copying the scores; where
xgrammar is installed, its processor for transformers takes part. It masks in place and serves one ``generate``, so
it is made anew for each pass. One thread, fp32 scores in main memory.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from transformers import AutoTokenizer

import constrain as cn
from benchmarks.timing import table
from constrain.integrations.transformers import ConstrainedLogitsProcessor, vocabulary_of

SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "kind": {"enum": ["book", "film", "record"]},
        "year": {"type": "integer", "minimum": 1900, "maximum": 2100},
        "text": {"type": "string", "maxLength": 400},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["name", "kind", "year", "text", "tags"],
    "additionalProperties": False,
}
VALUE = {
    "name": "The Left Hand of Darkness",
    "kind": "book",
    "year": 1969,
    "text": "An envoy is sent to a world whose people have no fixed sex, and crosses its ice with one of them.",
    "tags": ["science fiction", "winter", "exile"],
}
PROMPT = 200  # tokens

Processor = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def clone(input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
    return scores.clone()


def makers(tokenizer: Any, width: int) -> dict[str, Callable[[], Processor]]:
    """How to make each processor for one ``generate``."""
    constraint = cn.compile(cn.json_schema(SCHEMA), vocabulary_of(tokenizer))
    ours = ConstrainedLogitsProcessor(constraint)
    made: dict[str, Callable[[], Processor]] = {"clone": lambda: clone, "constrain": lambda: ours}
    if importlib.util.find_spec("xgrammar") is not None:
        import xgrammar
        from xgrammar.contrib import hf

        information = xgrammar.TokenizerInfo.from_huggingface(tokenizer, vocab_size=width)
        compiled = xgrammar.GrammarCompiler(information, max_threads=1).compile_json_schema(
            json.dumps(SCHEMA)
        )
        made["xgrammar"] = lambda: hf.LogitsProcessor(compiled)
    return made


def measure(tokenizer: Any, width: int, rows: int, passes: int) -> dict[str, float]:
    """Seconds of a step of each processor: of each step the least of all passes, and of these the mean."""
    text = tokenizer(json.dumps(VALUE), add_special_tokens=False)["input_ids"]
    ids = torch.tensor([[1] * PROMPT + text] * rows)
    steps = [ids[:, :length].clone() for length in range(PROMPT, ids.shape[1] + 1)]
    scores = torch.randn(rows, width)
    made = makers(tokenizer, width)
    least = {name: [float("inf")] * len(steps) for name in made}
    for _ in range(passes):
        for name, make in made.items():
            processor = make()
            for place, step in enumerate(steps):
                least[name][place] = min(least[name][place], _timed(processor, step, scores.clone()))
    return {name: sum(times) / len(times) for name, times in least.items()}


def _timed(processor: Processor, input_ids: torch.Tensor, scores: torch.Tensor) -> float:
    start = time.perf_counter()
    masked = processor(input_ids, scores)
    seconds = time.perf_counter() - start
    del masked
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--tokenizer", type=Path, required=True, help="a folder that transformers can read")
    parser.add_argument("--passes", type=int, default=20, help="over the text, of each processor")
    options = parser.parse_args()
    torch.set_num_threads(1)
    tokenizer = AutoTokenizer.from_pretrained(options.tokenizer)
    width = len(tokenizer)
    lines = []
    for rows in (1, 8, 32):
        times = measure(tokenizer, width, rows, options.passes)
        for name, seconds in times.items():
            ratio = seconds / times["clone"]
            lines.append([f"{rows} x {width}, {name}", f"{1e6 * seconds:.1f}", f"{ratio:.2f} x"])
    print(table(("a step of", "us", "of a clone"), lines))


if __name__ == "__main__":
    main()
