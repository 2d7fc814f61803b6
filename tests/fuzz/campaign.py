"""All harnesses, or some, under libFuzzer in turn, for a set time: what ``.ci/fuzz`` runs in the copy that it builds.

A corpus is kept in FOLDER/corpus/NAME from run to run, findings in FOLDER/findings/NAME, what libFuzzer says in
FOLDER/logs/NAME. Ends with 1 if there is a finding.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import time
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz import HARNESSES

LONGEST_INPUT = 600
LEAST = 5  # seconds that are worth another start

# detect_leaks: Python keeps much until the process ends. The last three cost time for what is not looked for here:
# where a block was allocated, what is read long after it was freed, what is read of a stack frame that is gone.
ADDRESS_SANITIZER = {
    "detect_leaks": 0,
    "allocator_may_return_null": 1,
    "handle_abort": 1,
    "malloc_context_size": 1,
    "quarantine_size_mb": 8,
    "detect_stack_use_after_return": 0,
}
# Where bytes of strangers are read by their address, each object is a block of its own, so that what is read behind its
# end is seen. All is half as fast with that.
BY_ADDRESS = {"cached", "tokenizer"}

STATUS = re.compile(rb"^#(\d+)\s+\w+\s+cov: (\d+) ft: \d+ corp: (\d+)", re.MULTILINE)
LOADED = re.compile(rb"Loaded (\d+) modules +\((\d+) inline 8-bit counters\)")


@dataclass
class Outcome:
    """What became of a harness.

    Attributes:
        modules, counters: compiled modules that tell libFuzzer their edges, and how many edges these have.
        runs: inputs that were tried.
        edges: of compiled modules and lines of others, reached by the corpus.
        corpus: inputs in it.
        seconds: how long it took.
        findings: files.
    """

    name: str
    modules: int = 0
    counters: int = 0
    runs: int = 0
    edges: int = 0
    corpus: int = 0
    seconds: float = 0.0
    findings: int = 0

    def row(self) -> str:
        """A line of the table."""
        a_second = self.runs / max(self.seconds, 1e-9)
        numbers = f"{self.runs:>9} {a_second:>7.0f} {self.edges:>7} {self.corpus:>7} {self.findings:>9}"
        return f"{self.name:<11} {self.seconds:>6.0f} {numbers}"


HEAD = f"{'harness':<11} {'s':>6} {'runs':>9} {'per s':>7} {'edges':>7} {'corpus':>7} {'findings':>9}"


def fuzz(name: str, folder: Path, seconds: float) -> Outcome:
    """One harness; begun again where an input has ended the process."""
    corpus, findings, logs = folder / "corpus" / name, folder / "findings" / name, folder / "logs"
    for each in (corpus, findings, logs):
        each.mkdir(parents=True, exist_ok=True)
    outcome, start = Outcome(name), time.monotonic()
    with open(logs / name, "wb") as log:
        while (left := seconds - (time.monotonic() - start)) >= LEAST:
            status = _run(name, findings, corpus, [f"-max_total_time={int(left)}"], log.fileno())
            _read_log(logs / name, outcome)
            if status == 0:
                break
            if not _explain(findings, name, status, logs / name):
                raise RuntimeError(f"{name} ended with {status} and no finding: see {logs / name}")
    outcome.seconds = time.monotonic() - start
    outcome.corpus = len(list(corpus.iterdir()))
    outcome.findings = sum(not path.suffix for path in findings.iterdir())
    return outcome


def tidy(name: str, folder: Path) -> None:
    """Drop the inputs of a corpus that reach nothing which others do not: all are read whenever a run begins."""
    corpus, kept = folder / "corpus" / name, folder / "kept"
    if corpus.exists():
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir()
        with open(folder / "logs" / f"{name}.tidy", "wb") as log:
            status = _run(name, folder / "findings" / name, kept, ["-merge=1", str(corpus)], log.fileno())
        if status == 0 and any(kept.iterdir()):
            shutil.rmtree(corpus)
            kept.rename(corpus)


def _run(name: str, findings: Path, corpus: Path, more: list[str], log: int) -> int:
    command = [
        *(sys.executable, "-m", "tests.fuzz.libfuzzer", name, str(findings), str(corpus), *more),
        *(f"-max_len={LONGEST_INPUT}", f"-artifact_prefix={findings}/"),
        *("-timeout=60", "-report_slow_units=60", "-rss_limit_mb=4096"),
    ]
    environment = {**os.environ, **_settings(name)}
    return subprocess.run(command, env=environment, stdout=log, stderr=log, check=False).returncode


def _settings(name: str) -> dict[str, str]:
    """What the environment of a harness has besides."""
    return {
        "ASAN_OPTIONS": ":".join(f"{option}={value}" for option, value in ADDRESS_SANITIZER.items()),
        "LD_PRELOAD": sysconfig.get_path("purelib") + "/asan_with_fuzzer.so",  # comes with atheris
        **({"PYTHONMALLOC": "malloc"} if name in BY_ADDRESS else {}),
    }


def _read_log(path: Path, outcome: Outcome) -> None:
    """Of several starts, the runs of all and the most edges."""
    text = path.read_bytes()
    for part in text.split(b"INFO: Seed: ")[1:]:
        if loaded := LOADED.search(part):
            outcome.modules, outcome.counters = map(int, loaded.groups())
    parts = [STATUS.findall(part) for part in text.split(b"INFO: Seed: ")]
    outcome.runs = sum(int(found[-1][0]) for found in parts if found)
    outcome.edges = max((int(found[-1][1]) for found in parts if found), default=0)


def _explain(findings: Path, name: str, status: int, log: Path) -> bool:
    """Say beside an input that has ended the process how to try it again. False if there is no such input."""
    told = False
    for path in findings.iterdir():
        if path.suffix or path.with_name(f"{path.name}.txt").exists():
            continue
        settings = " ".join(f"{key}={value}" for key, value in _settings(name).items())
        again = f"cd {Path.cwd()} && {settings} {sys.executable} -m tests.fuzz.{name} {path}"
        tail = log.read_bytes()[-6_000:].decode("utf-8", "replace")
        path.with_name(f"{path.name}.txt").write_text(
            f"the process ended with {status}\n\ntry it again: {again}\ninput: {path.read_bytes()!r}\n\n{tail}",
            encoding="utf-8",
        )
        told = True
    return told


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "harnesses", nargs="*", metavar="HARNESS", help=f"{', '.join(HARNESSES)}; all if none"
    )
    parser.add_argument("--seconds", type=float, default=600, help="of fuzzing, for all of them together")
    parser.add_argument(
        "--tidy", action="store_true", help="first drop what no corpus needs, in time of its own"
    )
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args()
    unknown = sorted(set(options.harnesses) - set(HARNESSES))
    if unknown:
        parser.error(f"there is no harness {', '.join(unknown)}")
    return options


def main() -> None:
    """See the head of this file."""
    options = _options()
    names, folder = options.harnesses or list(HARNESSES), options.folder.absolute()
    outcomes = []
    for name in names:
        print(f"{name}: {HARNESSES[name]}", flush=True)
        if options.tidy:
            tidy(name, folder)
        outcomes.append(fuzz(name, folder, options.seconds / len(names)))
        if not outcomes[-1].modules:
            sys.exit("the compiled modules do not tell their edges: they are not built for it")
    print(f"\n{outcomes[0].modules} compiled modules tell their {outcomes[0].counters} edges")
    print("\n".join([HEAD, *(outcome.row() for outcome in outcomes)]))
    for path in sorted(folder.glob("findings/*/*.txt")):
        print(f"{path}: {path.read_text(encoding='utf-8').splitlines()[0]}")
    sys.exit(any(outcome.findings for outcome in outcomes))


if __name__ == "__main__":
    main()
