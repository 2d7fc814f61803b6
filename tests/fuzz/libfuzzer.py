"""One harness under libFuzzer: ``python -m tests.fuzz.libfuzzer NAME FINDINGS CORPUS [arguments of libFuzzer]``.

What a harness raises is written to the folder FINDINGS, and fuzzing goes on; a few inputs are kept for each place where
something is raised. Inputs that end the process (by a report of AddressSanitizer, or a hang) are written there by
libFuzzer itself.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from collections import Counter
from collections.abc import Callable
from functools import partial
from hashlib import sha1
from pathlib import Path
from typing import Any

import atheris

NOT_FUZZED = ("constrain.demo", "constrain.integrations", "constrain.cli", "constrain.__main__")
MOST_ALIKE = 10


def import_harness(name: str) -> Any:
    """The module, and all that it may call, each line of which tells the fuzzer when it is reached."""
    with atheris.instrument_imports(include=["constrain"]):
        package = importlib.import_module("constrain")
        for module in pkgutil.walk_packages(package.__path__, "constrain."):
            if not module.name.startswith(NOT_FUZZED):
                importlib.import_module(module.name)  # front ends are imported late otherwise, and unseen
        return importlib.import_module(f"tests.fuzz.{name}")


class Findings:
    """A folder of inputs, each with what was found wrong beside it."""

    def __init__(self, name: str, folder: Path, is_wrong: Callable[[bytes], object]) -> None:
        self.name = name
        self.folder = folder
        for path in folder.glob("raised-????????????"):
            if not is_wrong(path.read_bytes()):  # it has been mended
                path.unlink()
                path.with_name(f"{path.name}.txt").unlink(missing_ok=True)
        self.alike = Counter(
            path.read_text(encoding="utf-8").split("\n", 1)[0] for path in folder.glob("*.txt")
        )

    def add(self, data: bytes, place: str, told: str) -> None:
        """Keep an input, unless there are enough of its kind."""
        self.alike[place] += 1
        if self.alike[place] > MOST_ALIKE:
            return
        path = self.folder / f"raised-{sha1(data).hexdigest()[:12]}"
        path.write_bytes(data)
        again = f"python -m tests.fuzz.{self.name} [--shrink] {path}"
        path.with_name(f"{path.name}.txt").write_text(
            f"{place}\n\ntry it again: {again}\ninput: {data!r}\n\n{told}",
            encoding="utf-8",
            errors="backslashreplace",
        )
        print(f"FOUND {place}: {path}", file=sys.stderr, flush=True)


def write_seeds(harness: Any, corpus: Path) -> None:
    """Those that are not there yet."""
    for seed in harness.seeds():
        path = corpus / sha1(seed).hexdigest()
        if not path.exists():
            path.write_bytes(seed)


def dictionary(harness: Any, path: Path) -> list[str]:
    """The argument that names a file of what the texts of a harness are made of, if there are any.

    libFuzzer puts these words into inputs as a whole.
    """
    words: list[str] = getattr(harness, "DICTIONARY", [])
    if not words:
        return []  # an empty file is an error
    lines = ["".join(f"\\x{byte:02x}" for byte in word.encode()) for word in words]
    path.write_text("".join(f'"{line}"\n' for line in lines), encoding="ascii")
    return [f"-dict={path}"]


def main() -> None:
    """Fuzz until libFuzzer has run as often, or as long, as its arguments say."""
    name, folder, corpus = sys.argv[1:4]
    os.environ["CONSTRAIN_CACHE"] = ""
    harness = import_harness(name)
    problem = partial(importlib.import_module("tests.fuzz.command").problem_of, harness.check)
    findings = Findings(name, Path(folder), problem)
    write_seeds(harness, Path(corpus))

    def try_one(data: bytes) -> None:
        found = problem(data)
        if found is not None:
            findings.add(data, *found)

    words = dictionary(harness, Path(corpus).with_name(f"{name}.dict"))
    again = f"{sys.executable} -m tests.fuzz.libfuzzer {name} {folder}"  # where libFuzzer starts itself, by a shell
    atheris.Setup([again, *sys.argv[3:], *words], try_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
