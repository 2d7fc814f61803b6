"""What does each mechanism of masks pay? ``python -m benchmarks.ablation --help``.

Each mechanism is switched off in a copy of the source tree: the body of a function is replaced by the answer "it is not
of that kind", after which the mask is found in another way. The copy is built, and a separate process replays the
instances of the schemas and cases that are hard on purpose (``hard_masks``). All masks are hashed: if they differ from
those with all mechanisms, more than speed was switched off. Times are the thread's processor time for all masks along
the instances. This needs what a build needs.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

from benchmarks.timing import table

__all__ = ["main"]

ROOT = Path(__file__).parents[1]
LEAVES = "constrain/masks/leaves/"

# What is switched off: the module, the function or method, and what it answers instead.
MECHANISMS: dict[str, list[tuple[str, str, str]]] = {
    "nothing": [],
    "runs of characters": [(LEAVES + "leaf_classes.py", "is_run", "return False")],
    "bounded patterns": [(LEAVES + "leaf_classes.py", "bounds_of", "return None")],
    "relaxed counters": [(LEAVES + "counter_relaxation.py", "counts_bytes", "return False")],
    "safe distances": [(LEAVES + "safe_distance.py", "far", "return False")],
    "free characters": [(LEAVES + "leaf_classes.py", "free_character", "return -1")],
    "arithmetic states": [(LEAVES + "arithmetic_states.py", "begins_below", "return None")],
    "narrow walks": [("constrain/masks/walk/leaf_walk.py", "walk_narrow", "return False")],
    "exclusions": [(LEAVES + "leaf_classes.py", "without_exclusions", "return body")],
    "tables of keys": [("constrain/masks/walk/captures.py", "settle", "return 0")],
}


def switched_off(source: str, function: str, answer: str) -> str:
    """A module in which a function does nothing but answer.

    Raises:
        ValueError: there is no such function, or more than one.
    """
    found = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef) and node.name == function
    ]
    if len(found) != 1:
        raise ValueError(f"{len(found)} functions are called {function}")
    lines = source.splitlines(keepends=True)
    body = found[0].body
    first = body[1] if len(body) > 1 and isinstance(body[0], ast.Expr) else body[0]  # after the docstring
    lines[first.lineno - 1 : found[0].end_lineno] = [" " * first.col_offset + answer + "\n"]
    return "".join(lines)


def built(folder: Path, changes: Sequence[tuple[str, str, str]]) -> Path:
    """The source tree with changes, compiled in place, in ``folder``; what was built there is used again."""
    shutil.copytree(
        ROOT,
        folder,
        dirs_exist_ok=True,
        ignore=shutil.ignore_patterns(".*", "build", "*.so", "*.pyd", "*.c", "results", "__pycache__"),
    )
    for module, function, answer in changes:
        path = folder / module
        path.write_text(switched_off(path.read_text(encoding="utf-8"), function, answer), encoding="utf-8")
    command = [sys.executable, "setup.py", "-q", "build_ext", "--inplace"]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if result.returncode:
        raise SystemExit(result.stdout[-2000:] + result.stderr[-2000:])
    return folder


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Times of first masks in microseconds, in this process, and a hash of all masks."""
    import numpy as np

    import constrain as cn
    from benchmarks.data import load_tokenizer, make_jobs, read_records, sample_records
    from benchmarks.hard_masks import CASES

    vocabulary = cn.Vocabulary.from_tokenizer_json(options.tokenizer)
    tokenizer = load_tokenizer(options.tokenizer)
    bitmask = cn.allocate_bitmask(1, vocabulary.size)
    digest = blake2b(digest_size=8)

    def replay(constraint: cn.Constraint, tokens: Sequence[int]) -> list[float]:
        matcher, found = constraint.matcher(), []
        for token in [*tokens, None]:
            start = time.thread_time_ns()
            matcher.fill_mask(bitmask, 0)
            found.append((time.thread_time_ns() - start) / 1000)
            digest.update(bitmask.tobytes())
            if token is None or not matcher.advance(token):
                break
        return found

    times: list[float] = []
    records = sample_records(read_records(options.data), options.schemas, options.seed)
    for job in make_jobs(records, tokenizer):
        try:
            constraint = cn.compile(cn.json_schema(job.schema, unknown="ignore"), vocabulary)
        except cn.ConstrainError:
            continue
        for text in job.texts:
            times += replay(constraint, text.tokens)
    hard = {}
    for name, (schema, value) in CASES.items():
        ids = tokenizer.encode(json.dumps(value, ensure_ascii=False), add_special_tokens=False).ids
        hard[name] = max(replay(cn.compile(cn.json_schema(schema), vocabulary), ids))
    return {"times": [float(one) for one in np.round(times, 2)], "hard": hard, "masks": digest.hexdigest()}


def report(found: dict[str, dict[str, Any]]) -> str:
    """The tables: real schemas, and the hard cases whose most expensive mask costs at least twice as much."""
    import numpy as np

    whole = found["nothing"]
    rows, slower = [], []
    for name, one in found.items():
        quantiles = np.quantile(one["times"], (0.5, 0.99, 0.999, 1))
        masks = "the same" if one["masks"] == whole["masks"] else "others"
        rows.append([name, f"{np.mean(one['times']):.2f}", *(f"{value:.1f}" for value in quantiles), masks])
        slower += [
            [name, case, f"{whole['hard'][case] / 1000:.2f}", f"{value / 1000:.2f}"]
            for case, value in one["hard"].items()
            if value > max(2 * whole["hard"][case], 500)
        ]
    head = ["switched off", "mean, us", "p50", "p99", "p99.9", "max", "masks"]
    return "\n".join(
        [
            table(head, rows),
            "",
            table(["switched off", "hard case", "dearest mask before, ms", "then"], slower),
        ]
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ablation", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="schemas with instances")
    parser.add_argument("--tokenizer", type=Path, required=True, help="folder with tokenizer.json")
    parser.add_argument("--schemas", type=int, default=250, help="how many of them")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=3, help="in turns; the least time of each mask counts")
    parser.add_argument("--only", nargs="*", default=list(MECHANISMS), choices=list(MECHANISMS))
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    options.data, options.tokenizer = options.data.resolve(), options.tokenizer.resolve()
    if options.measure:
        json.dump(measure(options), sys.stdout)
        return
    names = list(dict.fromkeys(["nothing", *options.only]))
    with tempfile.TemporaryDirectory() as scratch:
        folders = {}
        for number, name in enumerate(names):
            print(f"building without {name}", file=sys.stderr)
            folders[name] = built(Path(scratch, str(number)), MECHANISMS[name])
        print(
            report(
                least(
                    [
                        {name: measured(folders[name], options) for name in names}
                        for _ in range(options.rounds)
                    ]
                )
            )
        )


def measured(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """What ``measure`` finds in a process that runs the code of ``folder``."""
    command = [sys.executable, "-m", "benchmarks.ablation", "--measure", "--data", str(options.data)]
    command += [
        "--tokenizer",
        str(options.tokenizer),
        "--schemas",
        str(options.schemas),
        "--seed",
        str(options.seed),
    ]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    output = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, check=True).stdout
    found: dict[str, Any] = json.loads(output)
    return found


def least(rounds: Sequence[dict[str, dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """Of each mask the least time of all rounds."""
    return {
        name: {
            "times": [min(some) for some in zip(*(one[name]["times"] for one in rounds), strict=True)],
            "hard": {
                case: min(one[name]["hard"][case] for one in rounds) for case in rounds[0][name]["hard"]
            },
            "masks": rounds[0][name]["masks"],
        }
        for name in rounds[0]
    }


if __name__ == "__main__":
    main()
