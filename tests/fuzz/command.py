"""What ``python -m tests.fuzz.NAME`` does: try inputs again, and make them smaller."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

__all__ = ["main", "problem_of", "shrunk"]

Check = Callable[[bytes], None]
ROOT = Path(__file__).parents[2]


def problem_of(check: Check, data: bytes) -> tuple[str, str] | None:
    """What is found wrong with an input, where: a line that equal findings share; and the traceback. None: nothing."""
    try:
        check(data)
    except Exception as problem:  # noqa: BLE001, whatever comes out is what is looked for
        frames = [
            frame
            for frame in traceback.extract_tb(problem.__traceback__)
            if Path(frame.filename).is_relative_to(ROOT) and ".venv" not in frame.filename
        ]
        place = f"{Path(frames[-1].filename).relative_to(ROOT)}:{frames[-1].lineno}" if frames else "nowhere"
        return f"{type(problem).__name__} at {place}", "".join(traceback.format_exception(problem))
    return None


def shrunk(check: Check, data: bytes) -> bytes:
    """An input with the same finding, of which nothing can be left out and no byte be smaller."""
    found = problem_of(check, data)
    if found is None:
        raise ValueError("nothing is wrong with this input")

    def is_alike(other: bytes) -> bool:
        again = problem_of(check, other)
        return again is not None and again[0] == found[0]

    size = len(data)
    while size:
        at = 0
        while at < len(data):
            shorter = data[:at] + data[at + size :]
            if is_alike(shorter):
                data = shorter
            else:
                at += size
        size //= 2
    for at in range(len(data)):
        for byte in (1, 0x30, 0x61):
            smaller = data[:at] + bytes([byte]) + data[at + 1 :]
            if byte < data[at] and is_alike(smaller):
                data = smaller
                break
    return data


def main(check: Check) -> None:
    """Try the inputs in files; ends with 1 if anything is wrong with one."""
    parser = argparse.ArgumentParser(description="Try inputs of a fuzzer again.")
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument(
        "--shrink", action="store_true", help="write a smaller input with the same finding beside it"
    )
    options = parser.parse_args()
    os.environ["CONSTRAIN_CACHE"] = ""
    failed = False
    for path in options.files:
        data = path.read_bytes()
        found = problem_of(check, data)
        print(f"{path}: {'fine' if found is None else found[1]}")
        failed = failed or found is not None
        if found is not None and options.shrink:
            smaller = path.with_name(f"{path.name}.small")
            smaller.write_bytes(shrunk(check, data))
            print(f"{smaller}: {smaller.read_bytes()!r}")
    sys.exit(failed)
