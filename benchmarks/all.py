"""Run every benchmark and keep its results: ``python -m benchmarks.all --help``.

Each result is a page ``NAME.md`` in the folder of results, with the commands that made it, beside the result file and
the picture if there are any. The benchmarks run one after the other. Nothing else should run on the machine meanwhile,
so a page begins with the load of the machine.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.maskbench import processor_name

__all__ = ["RESULTS", "main"]

REPLAY = "maskbench --data {data} --tokenizer {tokenizers}/llama3"
MASKBENCH = REPLAY + " --out {out}.json.gz"
CHECK = "check_masks --data {data} --tokenizer {tokenizers}/llama3"
STORE = "--data {schemastore}/dev.jsonl.gz --remotes {schemastore}/remotes.jsonl.gz"
PEERS = "constrain,llguidance,xgrammar,xgrammar-compliant,outlines-core,lm-format-enforcer"

# name -> commands: what follows ``python -m benchmarks.``
RESULTS: dict[str, list[str]] = {
    "maskbench-llama3-300": [MASKBENCH + " --engines constrain,llguidance --sample 300"],
    "maskbench-llama3": [REPLAY + " --engines constrain,llguidance"],  # a result file would have 8 MB
    "maskbench-llama3-peers": [MASKBENCH + " --engines " + PEERS + " --sample 80 --limit-seconds 20"],
    "vocabulary-size": [
        "vocabulary_size --data {data} --tokenizers {tokenizers}/llama3 {tokenizers}/llama4 --sample 300"
    ],
    "first-mask": ["first_mask --data {data} --tokenizer {tokenizers}/llama3 --sample 300"],
    "profile": ["profile --data {data} --tokenizer {tokenizers}/llama3"],
    "startup": ["startup --tokenizer {tokenizers}/llama3"],
    "growth": ["growth --tokenizer {tokenizers}/llama3 --out {out}.json"],
    "memory": ["memory --tokenizer {tokenizers}/llama3 --out {out}.json"],
    "soak": ["soak --steps 10000000 --seed 5 --data {data} " + STORE + " --tokenizer {tokenizers}/llama3"],
    "threads": ["threads --tokenizer {tokenizers}/llama3"],
    "hard-schemas": ["hard_schemas --tokenizer {tokenizers}/llama3"],
    "hostile": ["hostile --tokenizer {tokenizers}/llama3"],
    "hostile-schemastore": ["hostile " + STORE + " --tokenizer {tokenizers}/llama3 --limit-seconds 600"],
    "hard-masks": ["hard_masks --tokenizer {tokenizers}/llama3"],
    "ablation": ["ablation --data {data} --tokenizer {tokenizers}/llama3"],
    "forced-text": [
        "forced_text --data {data} --tokenizer {tokenizers}/llama3 --sample 300 --out {out}.json"
    ],
    "budgets": ["budgets --data {data} --tokenizer {tokenizers}/llama3 --tokenizer {tokenizers}/mistral"],
    "budget-soundness": ["budget_soundness --cases 10000", "budget_soundness --cases 10000 --spelling"],
    "budget-walks": [
        "budget_walks --walks 100000 --data {data} " + STORE + " --tokenizer {tokenizers}/llama3 "
        "--tokenizer {tokenizers}/llama4 --tokenizer {tokenizers}/mistral"
    ],
    "budget-cost": [
        "budget_cost --data {data} " + STORE + " --tokenizer {tokenizers}/llama3 --sample 12 --walks 10"
    ],
    "from-mask-to-token": ["apply_mask", "processor --tokenizer {tokenizers}/llama3", "generate"],
    "quality": [
        "quality --model {model} --records {out}.jsonl.gz",
        "quality --model {model} --records {out}.jsonl.gz --explain constrain",
        "quality --model {model} --records {out}.jsonl.gz --explain constrain --against 'constrain, indented'",
    ],
    "check-masks": [
        CHECK,
        CHECK + " --property-order any --schemas 500 --states 2 --seed 1",
    ],
}


class Failed(Exception):
    """A benchmark that ended with an error."""


def produce(name: str, places: Mapping[str, Path | None], folder: Path) -> None:
    """Run the commands of a result; write its page and its picture. ``places`` are what the commands name in braces.

    Raises:
        Failed: a command did, or it needs a place that is not given.
    """
    wanted = set(re.findall(r"\{(\w+)\}", " ".join(RESULTS[name]))) - {"out"}
    missing = [f"--{place}" for place in sorted(wanted) if places[place] is None]
    if missing:
        raise Failed(f"this result needs {' and '.join(missing)}")
    machine = f"{processor_name()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    load = f"load of the machine before: {os.getloadavg()[0]:.1f}"
    parts = [f"# {name}", f"{machine}, {time.strftime('%Y-%m-%d')}; {load}."]
    for command in RESULTS[name]:
        words = [word.format(**places, out=folder / name) for word in shlex.split(command)]
        names = {place: None if path is None else path.name for place, path in places.items()}
        shown = command.format(**names, out=name)
        parts.append(f"`python -m benchmarks.{shown}`\n\n{_run(words)}")
    for result in (folder / f"{name}.json", folder / f"{name}.json.gz"):
        if result.exists():
            _run(["plot", str(result), str(folder / f"{name}.png")])
            parts.append(f"![{name}]({name}.png)")
    (folder / f"{name}.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def _run(words: Sequence[str]) -> str:
    """What a command prints; what it reports meanwhile goes on to the standard error."""
    module, *arguments = words
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{module}", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Failed(f"benchmarks.{module} ended with status {done.returncode}:\n{done.stdout}")
    return done.stdout.strip()


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.all", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="schemas with instances")
    parser.add_argument(
        "--tokenizers", type=Path, required=True, help="folder with the folders llama3, llama4 and mistral"
    )
    parser.add_argument(
        "--schemastore",
        type=Path,
        help="folder with more schemas, dev.jsonl.gz, and those they refer to, remotes.jsonl.gz",
    )
    parser.add_argument("--model", type=Path, help="an instruction-tuned model, for benchmarks.quality")
    parser.add_argument("--results", type=Path, default=Path(__file__).parent / "results")
    parser.add_argument("--only", nargs="+", choices=RESULTS, default=list(RESULTS), metavar="NAME")
    options = parser.parse_args(arguments)
    places = {place: getattr(options, place) for place in ("data", "tokenizers", "schemastore", "model")}
    failures = []
    for name in options.only:
        start = time.monotonic()
        try:
            produce(name, places, options.results)
        except Failed as error:
            failures.append(name)
            print(f"{name}: {error}", file=sys.stderr)
        print(f"{name}: {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
    sys.exit(f"failed: {', '.join(failures)}" if failures else 0)


if __name__ == "__main__":
    main()
