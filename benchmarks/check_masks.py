"""Are the masks right? ``python -m benchmarks.check_masks --help``.

A state is reached by some tokens of an instance and then a few random tokens that the mask allows. Its mask is
compared with the one made by the derivative of every token alone. The exit status is 1 if any differ.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

import constrain as cn
from benchmarks.data import Job, load_tokenizer, make_jobs, read_records, sample_records

__all__ = ["main"]

DETOURS = 3  # at most that many random tokens after those of an instance


def random_states(job: Job, vocabulary: cn.Vocabulary, chooser: random.Random) -> Iterator[cn.Matcher]:
    """Endless: matchers in random states of one schema.

    Raises:
        ConstrainError: the schema is not supported.
    """
    constraint = cn.compile(cn.json_schema(job.schema), vocabulary)
    while True:
        matcher = constraint.matcher()
        tokens = chooser.choice(job.texts).tokens if job.texts else ()
        for token in tokens[: chooser.randint(0, len(tokens))]:
            if not matcher.advance(token):
                break
        for _ in range(chooser.randint(0, DETOURS)):
            allowed = matcher.allowed_tokens()
            matcher.advance(chooser.choice(allowed))
        if not matcher.stopped:
            yield matcher


def differs(matcher: cn.Matcher, bitmask: np.ndarray) -> bool:
    matcher.fill_mask(bitmask, 0)
    return bool((bitmask[0] != matcher.mask_by_derivatives()).any())


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.check_masks", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="schemas with instances")
    parser.add_argument("--tokenizer", type=Path, required=True, help="folder with tokenizer.json")
    parser.add_argument("--schemas", type=int, default=300, help="how many schemas to draw")
    parser.add_argument("--states", type=int, default=4, help="how many states of each")
    parser.add_argument("--only", help="the id of the one schema to check")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    vocabulary = cn.Vocabulary.from_tokenizer_json(options.tokenizer)
    records = read_records(options.data)
    if options.only:
        records = [record for record in records if record["id"] == options.only]
    jobs = make_jobs(
        sample_records(records, options.schemas, options.seed), load_tokenizer(options.tokenizer)
    )
    chooser = random.Random(options.seed)
    bitmask = cn.allocate_bitmask(1, vocabulary.size)
    checked = wrong = refused = 0
    for job in jobs:
        try:
            for matcher, _ in zip(
                random_states(job, vocabulary, chooser), range(options.states), strict=False
            ):
                checked += 1
                if differs(matcher, bitmask):
                    wrong += 1
                    print(f"{job.id}: state {matcher.state}")
        except cn.ConstrainError:
            refused += 1
    print(f"{checked} masks checked, {wrong} wrong; {refused} of {len(jobs)} schemas refused")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
