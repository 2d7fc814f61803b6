"""What share of forward passes does forced text save? ``python -m benchmarks.forced_text --help``.

With ``--data`` and ``--tokenizer``, instances of real schemas are replayed: a pass is saved for each token that
follows from the schema and what was written before it, as ``constrain.integrations.generation`` finds it. Keys come
in the order of the schema. Then the model of the package writes records, once choosing every token and once without
forced tokens. It was trained on records with spaces, which the flexible constraint allows and the compact one does not.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from tokenizers import Tokenizer

import constrain as cn
from benchmarks.data import load_tokenizer, read_records, sample_records
from benchmarks.timing import table
from constrain.demo import Example, examples, model_directory
from constrain.integrations.generation import generate
from constrain.integrations.transformers import ConstrainedLogitsProcessor, vocabulary_of

__all__ = ["Replayed", "main", "replay"]

# Whitespace of the constraint -> separators of the instances.
SPELLINGS = {"compact": (",", ":"), "flexible": (", ", ": ")}
SETTINGS = {"do_sample": False, "max_new_tokens": 200}


@dataclass(frozen=True)
class Replayed:
    """A text: its tokens with the end of sequence, how many of them are forced, and those forced otherwise."""

    tokens: int
    forced: int
    otherwise: int


def replay(constraint: cn.Constraint, tokens: Sequence[int]) -> Replayed | None:
    """Count forced tokens along ``tokens``; None where they are no text of the constraint.

    Forced tokens that are not those of the text (a number that a tokenizer cuts by what comes later, say) are
    counted apart and save nothing.
    """
    matcher = constraint.matcher()
    rest, forced, otherwise = list(tokens), 0, 0
    while rest:
        found = matcher.forced_tokens()
        if found and rest[: len(found)] != found:
            otherwise += 1
            found = []
        forced += len(found)
        read = found or rest[:1]
        if not all(matcher.advance(token) for token in read):
            return None
        rest = rest[len(read) :]
    if not matcher.can_stop:
        return None
    return Replayed(len(tokens) + 1, forced + (len(matcher.allowed_tokens()) == 1), otherwise)


def replays(
    records: list[dict[str, Any]], vocabulary: cn.Vocabulary, tokenizer: Tokenizer
) -> tuple[str, dict[str, list[tuple[int, int]]]]:
    """The table of all valid instances of ``records``; and, by whitespace, tokens and forced tokens of each."""
    lines, counts = [], {}
    for whitespace, separators in SPELLINGS.items():
        found, refused, failed = [], 0, 0
        for record in records:
            try:
                grammar = cn.json_schema(
                    json.dumps(record["schema"]), whitespace=whitespace, unknown="ignore"
                )
                constraint = cn.compile(grammar, vocabulary)
            except cn.ConstrainError:
                failed += 1
                continue
            for test in record["tests"]:
                if test["valid"]:
                    text = json.dumps(test["data"], ensure_ascii=False, separators=separators)
                    replayed = replay(constraint, tokenizer.encode(text, add_special_tokens=False).ids)
                    refused += replayed is None
                    found += [replayed] if replayed else []
        counts[whitespace] = [(one.tokens, one.forced) for one in found]
        shares = np.array([one.forced / one.tokens for one in found])
        total, forced = sum(one.tokens for one in found), sum(one.forced for one in found)
        quarters = [f"{100 * share:.0f} %" for share in np.percentile(shares, (25, 50, 75))]
        otherwise = sum(one.otherwise for one in found)
        figures = (str(len(found)), str(total), f"{100 * forced / total:.1f} %")
        lines.append([whitespace, *figures, *quarters, str(otherwise), str(refused), str(failed)])
    header = ("whitespace", "instances", "tokens", "saved", "p25", "p50", "p75", "cut otherwise")
    return table((*header, "refused", "schemas not compiled"), lines), counts


class Writers:
    """The model of the package, asked for every token and not."""

    def __init__(self) -> None:
        folder = model_directory()
        self.tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        loaded = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
        self.model: Any = loaded.eval()
        self.passes = self.steps = 0

    def inputs(self, rows: Sequence[Example]) -> dict[str, Any]:
        prompts = [row.prompt for row in rows]
        return dict(self.tokenizer(prompts, return_tensors="pt", padding=True, return_token_type_ids=False))

    def every(self, inputs: dict[str, Any], constraints: list[cn.Constraint]) -> Any:
        processor = ConstrainedLogitsProcessor(constraints)
        return self.model.generate(**inputs, logits_processor=[processor], **SETTINGS)

    def skipping(self, inputs: dict[str, Any], constraints: list[cn.Constraint]) -> Any:
        written = generate(self.model, inputs, constraints, **SETTINGS)
        self.passes, self.steps = self.passes + written.passes, self.steps + written.steps
        return written.sequences

    def texts(self, inputs: dict[str, Any], sequences: Any) -> list[str]:
        new = sequences[:, inputs["input_ids"].shape[1] :]
        decoded: list[str] = self.tokenizer.batch_decode(new, skip_special_tokens=True)
        return decoded


def _is_right(text: str, example: Example) -> bool:
    try:
        return bool(json.loads(text) == example.record)
    except json.JSONDecodeError:  # it was cut short
        return False


def written(count: int, rounds: int) -> str:
    """The table of ``count`` records of the demonstration model, in batches of one and of eight."""
    writers = Writers()
    vocabulary = vocabulary_of(writers.tokenizer)
    lines = []
    for whitespace in SPELLINGS:
        compiled: dict[str, cn.Constraint] = {}
        for example in examples(3):
            compiled[example.kind] = cn.compile(
                cn.json_schema(example.schema, whitespace=whitespace), vocabulary
            )
        for size in (1, 8):
            held_out = examples(count)
            batches = [held_out[i : i + size] for i in range(0, count, size)]
            lines.append([whitespace, str(size), *_compared(writers, compiled, batches, rounds)])
    header = ("whitespace", "rows", "passes, asking", "skipping", "saved", "seconds, asking", "skipping")
    return table((*header, "faster", "same text", "right, asking", "right, skipping"), lines)


def _compared(
    writers: Writers, compiled: dict[str, cn.Constraint], batches: list[list[Example]], rounds: int
) -> list[str]:
    ways = {"asking": writers.every, "skipping": writers.skipping}
    least = dict.fromkeys(ways, float("inf"))
    for _ in range(rounds):
        seconds = dict.fromkeys(ways, 0.0)
        texts: dict[str, list[str]] = {name: [] for name in ways}
        writers.passes = writers.steps = asked = 0
        for batch in batches:
            inputs = writers.inputs(batch)
            constraints = [compiled[row.kind] for row in batch]
            for name, way in ways.items():
                start = time.process_time()
                sequences = way(inputs, constraints)
                seconds[name] += time.process_time() - start
                texts[name] += writers.texts(inputs, sequences)
                asked += (sequences.shape[1] - inputs["input_ids"].shape[1]) * (name == "asking")
        least = {name: min(least[name], seconds[name]) for name in ways}
    rows = [row for batch in batches for row in batch]
    same = sum(map(str.__eq__, *texts.values()))
    right = [sum(_is_right(text, row) for text, row in zip(texts[name], rows, strict=True)) for name in ways]
    return [
        str(asked),
        str(writers.passes),
        f"{100 * (1 - writers.passes / writers.steps):.0f} %",
        *(f"{value:.2f}" for value in least.values()),
        f"{least['asking'] / least['skipping']:.2f} x",
        *(f"{value} of {len(rows)}" for value in (same, *right)),
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.forced_text", description=__doc__)
    parser.add_argument("--data", type=Path, help="schemas and instances, as for benchmarks.maskbench")
    parser.add_argument("--tokenizer", type=Path, help="folder with tokenizer.json")
    parser.add_argument("--sample", type=int, help="number of schemas, all if not given")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="where to write what benchmarks.plot draws")
    parser.add_argument("--records", type=int, default=48, help="that the model writes; 0 for none")
    parser.add_argument("--rounds", type=int, default=2, help="of which the fastest counts")
    options = parser.parse_args(arguments)
    if (options.data is None) != (options.tokenizer is None):
        parser.error("--data and --tokenizer go together")
    if options.data:
        vocabulary = cn.Vocabulary.from_tokenizer_json(options.tokenizer)
        records = sample_records(read_records(options.data), options.sample, options.seed)
        shown, counts = replays(records, vocabulary, load_tokenizer(options.tokenizer))
        print(shown, flush=True)
        if options.out:
            options.out.write_text(json.dumps({"forced": counts}), encoding="utf-8")
    if options.records:
        transformers.utils.logging.set_verbosity_error()
        torch.set_num_threads(1)
        print("\n" + written(options.records, options.rounds))


if __name__ == "__main__":
    main()
