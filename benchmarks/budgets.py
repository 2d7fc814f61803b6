"""Do budgeted generations validate? ``python -m benchmarks.budgets --help``.

Models of random weights, which never want to stop, write documents of real schemas through ``generate`` of
transformers, each within a number of tokens that is drawn between that of the shortest known document and a few times
as many. Every document must be JSON and validate with ``jsonschema``, including formats. The report says how many did,
and shows those that did not.
"""

from __future__ import annotations

import argparse
import json
import random
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
import transformers

import constrain as cn
from benchmarks.data import read_records
from benchmarks.timing import table
from benchmarks.validity import verdict
from constrain.integrations.transformers import ConstrainedLogitsProcessor, vocabulary_of

__all__ = ["main"]

# How many tokens at most are drawn beyond the shortest document.
MOST_BEYOND = 80
# Shortest documents longer than this are left aside: a model of random weights takes as long as any other.
MOST_NEEDED = 200
MODES: dict[str, dict[str, Any]] = {
    "sampling": {"do_sample": True, "temperature": 2.0, "top_k": 0},
    "greedy": {"do_sample": False},
    "beams": {"do_sample": False, "num_beams": 2},
}


@dataclass
class Tally:
    """What became of the generations with one vocabulary."""

    written: int = 0
    valid: int = 0
    full: int = 0
    exact: int = 0
    refused: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)


def load(folder: Path) -> tuple[Any, Any]:
    """The tokenizer in ``folder``, and a small model of random weights for it."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    torch.manual_seed(0)
    config = transformers.LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=1024,
        initializer_range=0.3,  # so that the next token depends on those before it
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.eos_token_id,
    )
    return tokenizer, transformers.LlamaForCausalLM(config).eval()


def constraints(records: list[dict[str, Any]], vocabulary: cn.Vocabulary, tally: Tally) -> Iterator[tuple]:
    """(record, constraint, tokens of the shortest document known) of the schemas that compile."""
    for record in records:
        try:
            constraint = cn.compile(
                cn.json_schema(json.dumps(record["schema"]), unknown="ignore"), vocabulary
            )
            needed = len(constraint.matcher().completion())
        except cn.ConstrainError:
            tally.refused += 1
            continue
        if needed <= MOST_NEEDED:
            yield record, constraint, needed


def run(folder: Path, records: list[dict[str, Any]], count: int, seed: int) -> Tally:
    """Generate ``count`` texts, one a schema and mode in turn."""
    tokenizer, model = load(folder)
    vocabulary = vocabulary_of(tokenizer)
    inputs = tokenizer(["A record:"], return_tensors="pt", return_token_type_ids=False)
    chooser, tally = random.Random(seed), Tally()
    start = time.perf_counter()
    for record, constraint, needed in constraints(records, vocabulary, tally):
        if tally.written == count:
            break
        room = needed + chooser.choice([0, chooser.randrange(4), chooser.randrange(MOST_BEYOND)])
        mode = list(MODES)[tally.written % len(MODES)]
        torch.manual_seed(chooser.randrange(2**32))
        processor = ConstrainedLogitsProcessor(constraint, max_new_tokens=room)
        output = model.generate(**inputs, logits_processor=[processor], max_new_tokens=room, **MODES[mode])
        written = output[0, inputs["input_ids"].shape[1] :]
        tally.written += 1
        tally.exact += room == needed
        tally.full += len(written) == room
        problem = verdict(record["schema"], tokenizer.decode(written, skip_special_tokens=True))
        tally.valid += not problem
        if problem:
            tally.wrong.append(f"{record['id']}, {mode}, {room} tokens ({needed} needed): {problem}")
    tally.seconds = time.perf_counter() - start
    return tally


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.budgets", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="schemas, as for benchmarks.maskbench")
    parser.add_argument(
        "--tokenizer", type=Path, action="append", required=True, help="folder; may be repeated"
    )
    parser.add_argument("--count", type=int, default=500, help="generations with each tokenizer")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    transformers.utils.logging.set_verbosity_error()
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    lines, wrong = [], []
    for folder in options.tokenizer:
        records = read_records(options.data)
        random.Random(options.seed).shuffle(records)
        tally = run(folder, records, options.count, options.seed)
        figures = (tally.written, tally.valid, tally.exact, tally.full, tally.refused)
        lines.append([folder.name, *map(str, figures), f"{tally.seconds:.0f}"])
        wrong += tally.wrong
    header = ("tokens", "written", "valid", "with the shortest's budget", "used up", "schemas not compiled")
    print(table((*header, "seconds"), lines))
    print("\n".join(wrong))


if __name__ == "__main__":
    main()
