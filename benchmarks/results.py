"""What a benchmark run measured, as plain records, and its JSON file."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = [
    "COMPILE_ERROR",
    "CRASHED",
    "PASSED",
    "TIMED_OUT",
    "WRONG",
    "EngineRun",
    "Instance",
    "Run",
    "SchemaResult",
    "read_run",
    "write_run",
]

# How a schema ended; exactly one of these.
PASSED = "passed"  # compiled, every instance right
WRONG = "wrong"  # compiled, at least one instance wrongly accepted or rejected
COMPILE_ERROR = "compile error"  # refused before the first mask
CRASHED = "crashed"  # an error after the first mask, or the process died at any point
TIMED_OUT = "timed out"  # not finished within the limit, compiling or replaying


@dataclass
class Instance:
    """One replayed text.

    Attributes:
        valid: whether the text validates, as the data set says.
        tokens: length of the text in tokens.
        rejected_at: index of the first token refused, ``tokens`` if only the end was, None if accepted.
    """

    valid: bool
    tokens: int
    rejected_at: int | None

    @property
    def right(self) -> bool:
        return self.valid == (self.rejected_at is None)


@dataclass
class SchemaResult:
    """One schema on one engine. Times are in nanoseconds.

    Attributes:
        id: the schema's name in the data set.
        status: ``PASSED``, ``WRONG``, ``COMPILE_ERROR``, ``CRASHED`` or ``TIMED_OUT``.
        message: what went wrong, or ``""``.
        repeat_of: id of an earlier schema of the run with the same text, or ``""``. Repeats are not timed.
        compile_ns: from schema text to a compiled object, or None if it did not come so far.
        first_mask_ns: the first mask after that.
        instances: verdicts, in the order of the data set; empty unless the replay ended.
        first: mask + commit of each token, all instances, first visit.
        second: the same tokens again, on the same compiled object.
    """

    id: str
    status: str = PASSED
    message: str = ""
    repeat_of: str = ""
    compile_ns: int | None = None
    first_mask_ns: int | None = None
    instances: list[Instance] = field(default_factory=list)
    first: list[int] = field(default_factory=list)
    second: list[int] = field(default_factory=list)


@dataclass
class EngineRun:
    """One engine's part of a run. Times are in nanoseconds, of the first start of its process.

    Attributes:
        floor_ns: what a sample of the token loop costs when mask and commit do nothing; never subtracted.
        restarts: how often its process was started anew after a crash or a time-out.
    """

    name: str
    version: str
    import_ns: int
    vocabulary_ns: int
    warm_up_ns: int
    floor_ns: int
    restarts: int = 0
    results: list[SchemaResult] = field(default_factory=list)


@dataclass
class Run:
    """Several engines on the same schemas. ``conditions`` says where and how, for the head of a report."""

    conditions: dict[str, Any]
    engines: list[EngineRun]


def _to_json(record: object) -> dict[str, Any]:
    # dataclasses.asdict copies every element of the time lists, one call each; vars does not.
    return vars(record)


def write_run(run: Run, path: Path) -> None:
    """Write a run as JSON, compressed if the name ends in ``.gz``."""
    text = json.dumps(run, default=_to_json, separators=(",", ":"))
    data = text.encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


def read_run(path: Path) -> Run:
    """Read what ``write_run`` wrote."""
    data = path.read_bytes()
    raw = json.loads(gzip.decompress(data) if path.suffix == ".gz" else data)
    return Run(raw["conditions"], [_engine_run(engine) for engine in raw["engines"]])


def _engine_run(raw: dict[str, Any]) -> EngineRun:
    return EngineRun(**{**raw, "results": [_schema_result(result) for result in raw["results"]]})


def _schema_result(raw: dict[str, Any]) -> SchemaResult:
    return SchemaResult(**{**raw, "instances": [Instance(**instance) for instance in raw["instances"]]})
