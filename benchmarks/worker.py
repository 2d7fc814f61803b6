"""One engine in its own process, started anew when a schema kills it or runs out of time."""

from __future__ import annotations

import gc
import multiprocessing
import os
import resource
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from time import perf_counter_ns

from benchmarks import engines
from benchmarks.data import Job
from benchmarks.engines.base import Engine, TokenizerFolder
from benchmarks.replay import measure_floor, run_schema
from benchmarks.results import CRASHED, PASSED, TIMED_OUT, EngineRun, SchemaResult

__all__ = ["EngineUnavailable", "Limits", "Worker"]

GIBIBYTE = 1 << 30
START_SECONDS = 600.0

# Read when a library is loaded, so they are set in the parent while it starts a child.
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "RAYON_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
}


class EngineUnavailable(Exception):
    """An engine that cannot start: its package is missing, or its vocabulary or the warm-up schema fails."""


@dataclass(frozen=True)
class Limits:
    """What one schema may take.

    Attributes:
        seconds: for compiling and both replays.
        gibibytes: address space of the engine's process, or None for no limit.
    """

    seconds: float = 60.0
    gibibytes: float | None = None


class Worker:
    """The parent's end: owns the process of one engine.

    Raises:
        EngineUnavailable: from the constructor, or from ``run`` when a restart fails.
    """

    def __init__(self, name: str, tokenizer: TokenizerFolder, warm_up: Job, limits: Limits) -> None:
        self._start_arguments = (name, tokenizer, warm_up, limits.gibibytes)
        self._name = name
        self._limits = limits
        self.record = self._start()

    def run(self, job: Job) -> None:
        """Measure one schema and append the outcome to ``record.results``."""
        self._connection.send(job)
        result = self._outcome(job)
        self.record.results.append(result)
        if not self._process.is_alive():
            self._start()
            self.record.restarts += 1

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.join()
        self._connection.close()

    def _start(self) -> EngineRun:
        context = multiprocessing.get_context("spawn")
        self._connection, far_end = context.Pipe()
        self._process = context.Process(target=_serve, args=(far_end, *self._start_arguments), daemon=True)
        with _environment(ONE_THREAD):
            self._process.start()
        far_end.close()
        answer = self._receive(time.monotonic() + START_SECONDS)
        if isinstance(answer, EngineRun):
            return answer
        self.close()
        reason = answer if isinstance(answer, str) else "its process died or hung while starting"
        raise EngineUnavailable(f"engine {self._name!r} cannot run: {reason}")

    def _outcome(self, job: Job) -> SchemaResult:
        """Up to two answers come: one when the first mask stands (status ''), one at the end."""
        deadline = time.monotonic() + self._limits.seconds
        reached = SchemaResult(job.id, repeat_of=job.repeat_of)
        phase = "compiling"
        while True:
            answer = self._receive(deadline)
            if not isinstance(answer, SchemaResult):
                return self._lost(reached, phase, timed_out=answer is _LATE)
            if answer.status:
                return answer
            reached, phase = answer, "replaying"

    def _receive(self, deadline: float) -> object:
        try:
            if self._connection.poll(max(0.0, deadline - time.monotonic())):
                return self._connection.recv()
        except (EOFError, ConnectionResetError):
            return _DIED
        return _LATE

    def _lost(self, reached: SchemaResult, phase: str, *, timed_out: bool) -> SchemaResult:
        if timed_out:
            self.close()
            message = f"{phase}: not done within {self._limits.seconds:g} s"
            return replace(reached, status=TIMED_OUT, message=message)
        self._process.join()
        self._connection.close()
        return replace(reached, status=CRASHED, message=f"{phase}: process {_death(self._process.exitcode)}")


_LATE = object()
_DIED = object()


def _death(exitcode: int | None) -> str:
    if exitcode is not None and exitcode < 0:
        return f"killed by {signal.Signals(-exitcode).name}"
    return f"exited with status {exitcode}"


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _serve(
    connection: Connection, name: str, tokenizer: TokenizerFolder, warm_up: Job, gibibytes: float | None
) -> None:
    """The child's end: start the engine, then answer jobs until the parent ends the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which still wants to report
    try:
        engine, record = _start_engine(name, tokenizer, warm_up)
    except ModuleNotFoundError as error:
        connection.send(f"package {error.name!r} is not installed")
        return
    except Exception as error:  # noqa: BLE001  reported to the parent, which raises it
        connection.send(f"{type(error).__name__}: {error}")
        return
    if gibibytes is not None:
        resource.setrlimit(resource.RLIMIT_AS, (int(gibibytes * GIBIBYTE),) * 2)
    gc.collect()
    gc.freeze()  # collections between schemas need not look at the vocabulary
    connection.send(record)
    while True:
        job: Job = connection.recv()
        connection.send(run_schema(engine, job, tokenizer.stop_tokens, lambda it: _announce(connection, it)))


def _announce(connection: Connection, result: SchemaResult) -> None:
    connection.send(replace(result, status=""))


def _start_engine(name: str, tokenizer: TokenizerFolder, warm_up: Job) -> tuple[Engine, EngineRun]:
    start = perf_counter_ns()
    engine = engines.load(name)
    imported = perf_counter_ns()
    engine.build(tokenizer)
    built = perf_counter_ns()
    result = run_schema(engine, warm_up, tokenizer.stop_tokens, lambda _: None)
    warm = perf_counter_ns()
    if result.status != PASSED:
        raise EngineUnavailable(f"the warm-up schema ended as {result.status!r}: {result.message}")
    record = EngineRun(
        name,
        engine.version,
        import_ns=imported - start,
        vocabulary_ns=built - imported,
        warm_up_ns=warm - built,
        floor_ns=measure_floor(),
    )
    return engine, record
