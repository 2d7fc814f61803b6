"""Does a constraint cost right answers, or save them? The command line of the package.

Answers are stored in the file of records as they are made, and answers in the file are not made again. So an
interrupted run can be continued, and parts of a run (``--part 1/2``) can be made in parallel and their files joined.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import torch

from benchmarks.quality import ways
from benchmarks.quality.explain import detours, losses
from benchmarks.quality.model import load
from benchmarks.quality.report import FREE, report
from benchmarks.quality.run import Kept, Writer, batches
from benchmarks.quality.tasks import tasks


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    options = _parser().parse_args(arguments)
    torch.set_num_threads(options.threads)
    loaded = load(options.model)
    writer, kept = Writer(loaded, options.ways, options.limit), Kept(options.records)
    asked = tasks(options.seed, options.most)
    number, parts = options.part
    missing = [task for task in asked if kept.find(task, writer) is None]
    for batch in list(batches(missing, options.batch))[number - 1 :: parts]:
        start = time.monotonic()
        kept.add(writer.write(batch))
        seconds = time.monotonic() - start
        print(f"{batch[0].family}: {len(batch)} in {seconds:.0f} s", file=sys.stderr, flush=True)
    records = [record for task in asked if (record := kept.find(task, writer)) is not None]
    if options.explain:
        shown = "\n".join(losses(records, loaded, options.explain, options.against))
        print(f"What {options.explain} lost to {options.against}:\n\n```text\n{shown}\n```")
    else:
        print(report(records) + "\n\n## What was masked out\n\n" + detours(records, loaded))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.quality",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--model", type=Path, required=True, help="an instruction-tuned model: a folder, or a .gguf file"
    )
    parser.add_argument("--records", type=Path, required=True, help="where what is written is kept")
    parser.add_argument(
        "--ways", nargs="+", choices=ways.WAYS, default=list(ways.WAYS), metavar="NAME",
        help=f"beside free writing: {', '.join(ways.WAYS)}; default: all",
    )  # fmt: skip
    parser.add_argument("--most", type=int, metavar="N", help="tasks of each kind; default: all")
    parser.add_argument("--seed", type=int, default=1, help="of the tasks; default: 1")
    parser.add_argument("--limit", type=int, default=112, metavar="N", help="tokens a text; default: 112")
    parser.add_argument("--batch", type=int, default=8, metavar="N", help="prompts at a time; default: 8")
    parser.add_argument("--threads", type=int, default=1, metavar="N", help="of torch; default: 1")
    parser.add_argument(
        "--part", type=_part, default=(1, 1), metavar="I/N", help="write the part I of N only; default: 1/1"
    )
    parser.add_argument(
        "--explain", choices=ways.WAYS, metavar="NAME",
        help="show, in place of the tables, what this way lost and where the model wanted to write something else",
    )  # fmt: skip
    parser.add_argument(
        "--against", choices=[FREE, *ways.WAYS], default=FREE, metavar="NAME", help="whom it lost to; default: free"
    )  # fmt: skip
    return parser


def _part(text: str) -> tuple[int, int]:
    number, parts = map(int, text.split("/"))
    if not 1 <= number <= parts:
        raise argparse.ArgumentTypeError(f"{text!r} is no part I/N with I from 1 to N")
    return number, parts


if __name__ == "__main__":
    main()
