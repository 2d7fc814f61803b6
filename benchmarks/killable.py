"""Runs jobs in several processes, each with a time limit: a process that takes longer is killed, and another one is
started.

Results come as they are ready. The result of a job depends only on the job, not on the process that runs it or on
earlier jobs there.
"""

from __future__ import annotations

import gc
import math
import multiprocessing
import resource
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any

__all__ = ["Announce", "Handle", "Lost", "Process", "run_jobs"]

GIBIBYTE = 1 << 30
START_SECONDS = 600.0

Announce = Callable[[str], None]  # what a job is about to do
Handle = Callable[[Any, Announce], Any]  # a job to its result


@dataclass(frozen=True)
class Lost:
    """A job without a result.

    Attributes:
        reason: ``"timed out"``, or how its process ended.
        doing: what it had announced last.
    """

    reason: str
    doing: str


def run_jobs(
    jobs: Iterable[Any], start: Callable[[], Handle], *, processes: int, seconds: float, gibibytes: float
) -> Iterator[tuple[Any, Any]]:
    """Each job with its result, or ``Lost``.

    Args:
        jobs: what is handed to a handler; picklable.
        start: called once in each process, makes its handler; picklable.
        processes: how many at a time.
        seconds: that a job may take.
        gibibytes: address space of a process, or infinity. A handler that needs more gets a ``MemoryError``.
    """
    todo = iter(jobs)
    processs = [Process(start, seconds, gibibytes) for _ in range(processes)]
    try:
        busy = [process for process in processs if process.take(next(todo, None))]
        while busy:
            nearest = min(process.deadline for process in busy)
            wait([process.connection for process in busy], max(0.0, nearest - time.monotonic()))
            for process in list(busy):
                job = process.job
                done, result = process.look()
                if done:
                    yield job, result
                    if not process.take(next(todo, None)):
                        busy.remove(process)
    finally:
        for process in processs:
            process.close()


class Process:
    """The parent's end of one process, for one job after the other. The arguments are those of ``run_jobs``."""

    def __init__(self, start: Callable[[], Handle], seconds: float, gibibytes: float) -> None:
        self._arguments = (start, gibibytes)
        self._seconds = seconds
        self.job: Any = None
        self.deadline = 0.0
        self._doing = ""
        self._open()

    def _open(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, far_end = context.Pipe()
        self._process = context.Process(target=_serve, args=(far_end, *self._arguments), daemon=True)
        self._process.start()
        far_end.close()
        if not self.connection.poll(START_SECONDS):
            raise RuntimeError(f"a process does not start within {START_SECONDS:g} s")
        self.connection.recv()

    def run(self, job: Any) -> Any:
        """The result of ``job``, or ``Lost``."""
        self.take(job)
        while True:
            wait([self.connection], max(0.0, self.deadline - time.monotonic()))
            done, result = self.look()
            if done:
                return result

    def take(self, job: Any) -> bool:
        """Begin ``job``; False if there is none."""
        self.job = job
        if job is not None:
            self.connection.send(job)
            self.deadline, self._doing = time.monotonic() + self._seconds, "starting"
        return job is not None

    def look(self) -> tuple[bool, Any]:
        """Whether the job has ended, and its result."""
        try:
            while self.connection.poll():
                done, answer = self.connection.recv()
                if done:
                    return True, answer
                self._doing = answer
        except (EOFError, ConnectionResetError):
            self._process.join()
            return True, self._lost(f"its process ended with {self._process.exitcode}")
        if time.monotonic() < self.deadline:
            return False, None
        return True, self._lost("timed out")

    def _lost(self, reason: str) -> Lost:
        self.close()
        self._open()
        return Lost(reason, self._doing)

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.join()
        self.connection.close()


def _serve(connection: Connection, start: Callable[[], Handle], gibibytes: float) -> None:
    """The child's end: jobs until the parent ends the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which still wants to report
    handle = start()
    limit = resource.RLIM_INFINITY if math.isinf(gibibytes) else int(gibibytes * GIBIBYTE)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    gc.collect()
    gc.freeze()  # collections between jobs need not look at the vocabulary
    connection.send("ready")
    while True:
        job = connection.recv()
        connection.send((True, handle(job, lambda doing: connection.send((False, doing)))))
