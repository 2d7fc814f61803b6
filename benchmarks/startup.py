"""How long does a process take from its start to the first mask? ``python -m benchmarks.startup --help``.

Each sample is a separate process, which reports when it has passed each of ``STAGES``. It is taken without a
cache of vocabularies, with one that is empty, and with one that holds the vocabulary, in turns. A process before the
first sample leaves modules as bytecode, as installing them does, and files in the memory of the system. Each figure is
the least of its row. The figure for the whole, too, is that of a single process.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from benchmarks.timing import table

__all__ = ["STAGES", "main", "sample"]

STAGES = {
    "start of Python": "",
    "import numpy": "import numpy",
    "import constrain": "import constrain as cn",
    "vocabulary": "vocabulary = cn.Vocabulary.from_tokenizer_json(sys.argv[1])",
    "token trie": "from constrain.masks.vocabulary_index import index_of; index_of(vocabulary)",
    "import of the front end": "from constrain.languages import json_schema",
    "first schema": "constraint = cn.compile(cn.json_schema(sys.argv[2]), vocabulary)",
    "first mask": "row = cn.allocate_bitmask(1, vocabulary.size); constraint.matcher().fill_mask(row)",
    "second schema and its first mask": (
        "constraint = cn.compile(cn.json_schema(sys.argv[3]), vocabulary); constraint.matcher().fill_mask(row)"
    ),
}
"""What is timed, one after the other."""

CACHES = ("no cache", "cache, empty", "cache, filled")

SCHEMAS = (
    {
        "type": "object",
        "properties": {"name": {"type": "string"}, "tags": {"type": "array", "items": {"type": "string"}}},
        "required": ["name"],
    },
    {"type": "object", "properties": {"size": {"type": "number"}, "kind": {"enum": ["a", "b"]}}},
)


def sample(tokenizer: str, bytecode: str, cache: str) -> list[float]:
    """Milliseconds of each stage in a new process, and from its start to the first mask.

    ``bytecode`` is the folder of compiled modules, ``cache`` that of vocabularies, or empty for none.
    """
    lap = "times.append(time.time_ns())"
    code = "\n".join(
        ["import time; times = [time.time_ns()]; import sys"]
        + [line for stage in list(STAGES.values())[1:] for line in (stage, lap)]
        + ["print(times)"]
    )
    command = [sys.executable, "-c", code, tokenizer, *map(json.dumps, SCHEMAS)]
    environment = {**os.environ, "CONSTRAIN_CACHE": cache, "PYTHONPYCACHEPREFIX": bytecode}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    start = time.time_ns()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    times = [start, *json.loads(done.stdout)]
    stages = [(after - before) / 1e6 for before, after in pairwise(times)]
    return [*stages, sum(stages[:-1])]


def measure(tokenizer: str, runs: int) -> dict[str, list[float]]:
    """The least of ``runs`` samples with each kind of cache."""
    found: dict[str, list[list[float]]] = {kind: [] for kind in CACHES}
    with tempfile.TemporaryDirectory() as bytecode:
        sample(tokenizer, bytecode, "")
        for _ in range(runs):
            with tempfile.TemporaryDirectory() as folder:
                for kind, cache in zip(CACHES, ("", folder, folder), strict=True):
                    found[kind].append(sample(tokenizer, bytecode, cache))
    return {kind: [min(stage) for stage in zip(*samples, strict=True)] for kind, samples in found.items()}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tokenizer", type=Path, required=True, help="a folder with tokenizer.json")
    parser.add_argument("--runs", type=int, default=10, help="processes of each kind (default: 10)")
    options = parser.parse_args(arguments)
    least = measure(str(options.tokenizer), options.runs)
    names = [*STAGES, "**from the start to the first mask**"]
    rows = [[name, *(f"{least[kind][i]:.1f}" for kind in CACHES)] for i, name in enumerate(names)]
    print(table(["ms", *CACHES], rows))


if __name__ == "__main__":
    main()
