"""Where the cold time goes: ``python -m benchmarks.profile --help``.

Replays instances like ``maskbench``, with this package only and in this process, and sorts the time of the
first visit by what was new: a mask, a move, both, or nothing. Then it lists the most expensive masks and moves, with
the schema, the text read so far and the state's expression, so that one sees which mechanism was slow.
"""

from __future__ import annotations

import argparse
import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import constrain as cn
from benchmarks.data import WARM_UP, Job, load_tokenizer, make_jobs, read_records, sample_records
from benchmarks.summary import describe

__all__ = ["Step", "Totals", "main", "replay", "spell_out"]


Clock = Callable[[], int]


@dataclass(slots=True)
class Step:
    """One mask and one move: their times in microseconds, None if it was not the first in this state."""

    schema: str
    engine: Any
    state: int
    text: bytes
    mask: float | None
    move: float | None


@dataclass(slots=True)
class Totals:
    """Times in microseconds of what was new, and of what was known."""

    masks: list[float]
    moves: list[float]
    known: list[float]


def replay(job: Job, vocabulary: cn.Vocabulary, totals: Totals, now: Clock) -> list[Step]:
    """Add the times of all instances of a schema to ``totals``; the steps with something new.

    Raises:
        ConstrainError: the schema is not supported.
    """
    constraint = cn.compile(cn.json_schema(job.schema, unknown="ignore"), vocabulary)
    bitmask = cn.allocate_bitmask(1, vocabulary.size)
    constraint.matcher().fill_mask(bitmask, 0)  # as in the benchmark: the first mask is counted elsewhere
    masked, moved, steps = {constraint.root}, set(), []
    for text in job.texts:
        matcher, read = constraint.matcher(), b""
        for token in text.tokens:
            state = matcher.state
            start = now()
            matcher.fill_mask(bitmask, 0)
            filled = now()
            allowed = matcher.advance(token)
            end = now()
            step = Step(job.id, constraint.engine, state, read, None, None)
            for time_spent, key, known, field, list_of in (
                (filled - start, state, masked, "mask", totals.masks),
                (end - filled, (state, token), moved, "move", totals.moves),
            ):
                if key in known:
                    totals.known.append(time_spent / 1e3)
                else:
                    known.add(key)
                    list_of.append(time_spent / 1e3)
                    setattr(step, field, time_spent / 1e3)
            if step.mask is not None or step.move is not None:
                steps.append(step)
            if not allowed:
                break
            read += vocabulary.tokens[token] or b""
    return steps


def spell_out(engine: Any, node: int, depth: int = 5) -> str:
    """An expression as text, for people; what lies deeper than ``depth`` is ``..``."""
    kind, *fields = engine.inspect(node)
    if kind == "literal":
        return repr(fields[0])[1:] if len(fields[0]) < 30 else f"{fields[0][:26]!r}.."[1:]
    if kind == "byte_set":
        shown = [chr(byte) for byte in range(0x21, 0x7F) if fields[0] >> byte & 1]
        return f"[{''.join(shown[:12])}{'..' if len(shown) > 12 else ''}]"
    if kind == "choice":
        return f"choice of {fields[0][2] - fields[0][1]}"
    if kind == "capture":
        return f"capture after {fields[1]!r}"
    if depth == 0 or kind in ("epsilon", "empty"):
        return ".." if depth == 0 else kind
    parts = fields[0] if kind in ("union", "intersection") else fields[:2] if kind == "concat" else fields[:1]
    inner = [spell_out(engine, part, depth - 1) for part in parts[:4]]
    if kind == "concat":
        return " ".join(inner)
    if kind in ("union", "intersection"):
        more = f" +{len(parts) - 4}" if len(parts) > 4 else ""
        return f"({(' | ' if kind == 'union' else ' & ').join(inner)}{more})"
    if kind == "repeat":
        return f"({inner[0]}){{{fields[1]},{'' if fields[2] is None else fields[2]}}}"
    return f"{kind}<{inner[0]}>"


def table(totals: Totals) -> str:
    """The distribution of each kind of time, and its share of the whole."""
    whole = sum(map(sum, (totals.masks, totals.moves, totals.known)))
    samples = len(totals.masks) + len(totals.moves) + len(totals.known)
    lines = [f"mean of a mask and a move: {2 * whole / samples:.3f} us"]
    for name, times in (("new mask", totals.masks), ("new move", totals.moves), ("known", totals.known)):
        figures = "  ".join(f"{key} {value:.3g}" for key, value in describe(np.array(times)).items())
        lines.append(f"{name:9} {len(times):7}  {100 * sum(times) / whole:4.1f} % of time  {figures}")
        if name != "known":
            bounds = [0, 2, 5, 10, 20, 50, 100, 500, 1e9]
            shares = np.histogram(times, bounds, weights=times)[0] / whole * 100
            lines.append(
                "    from us: " + "  ".join(f"{b:g}: {s:.1f} %" for b, s in zip(bounds, shares, strict=False))
            )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.profile", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="schemas with instances")
    parser.add_argument("--tokenizer", type=Path, required=True, help="folder with tokenizer.json")
    parser.add_argument("--sample", type=int, help="how many schemas to draw (default: all)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", help="the id of the one schema to replay")
    parser.add_argument("--worst", type=int, default=20, help="how many of the dearest steps to list")
    parser.add_argument("--between", type=float, nargs=2, default=(0, 1e9), help="list masks of that many us")
    parser.add_argument(
        "--cpu",
        action="store_true",
        help="time of the processor: 0.3 us dearer to read, but blind to other work",
    )
    options = parser.parse_args(arguments)
    now = time.thread_time_ns if options.cpu else time.perf_counter_ns
    vocabulary = cn.Vocabulary.from_tokenizer_json(options.tokenizer)
    records = [r for r in read_records(options.data) if options.only in (None, r["id"])]
    records = sample_records(records, options.sample, options.seed)
    tokenizer = load_tokenizer(options.tokenizer)
    totals, worst, refused = Totals([], [], []), [], 0
    replay(make_jobs([WARM_UP], tokenizer)[0], vocabulary, Totals([], [], []), now)
    gc.collect()
    gc.freeze()
    for job in make_jobs(records, tokenizer):
        gc.collect()
        gc.disable()
        try:
            steps = replay(job, vocabulary, totals, now)
        except cn.ConstrainError:
            refused += 1
            continue
        finally:
            gc.enable()
        worst += [(s.mask, "mask", s) for s in steps if s.mask and options.between[0] <= s.mask]
        worst += [(s.move, "move", s) for s in steps if s.move and options.between[0] <= s.move]
        worst = [entry for entry in worst if entry[0] <= options.between[1]]
        worst = sorted(worst, key=lambda entry: -entry[0])[: options.worst]
    print(table(totals) + f"\n{refused} schemas refused")
    for spent, kind, step in worst:
        print(f"{spent:9.1f} us  {kind}  {step.schema} after {step.text[-40:]!r}")
        print(f"              {spell_out(step.engine, step.state)[:300]}")


if __name__ == "__main__":
    main()
