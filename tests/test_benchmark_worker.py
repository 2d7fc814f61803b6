"""The benchmark survives engines that raise, hang, die, or cannot start."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tokenizers", reason="the benchmarks need the tokenizers package")

from benchmarks.data import Job, Text
from benchmarks.engines.base import Compiled, Engine, Session, TokenizerFolder
from benchmarks.maskbench import measure
from benchmarks.results import COMPILE_ERROR, CRASHED, PASSED, TIMED_OUT
from benchmarks.worker import EngineUnavailable, Limits, Worker

FOLDER = TokenizerFolder(Path("unused"), (0,))
WARM_UP = Job("warm-up", "fine", (Text(True, (1,)),))
LIMITS = Limits(seconds=1.0)


class Misfit(Compiled):
    def __init__(self, schema: str) -> None:
        self._schema = schema
        self._sessions = 0

    def session(self) -> Session:
        self._sessions += 1
        replaying = self._sessions > 1

        def fill() -> None:
            if replaying and self._schema == "die while replaying":
                os.kill(os.getpid(), signal.SIGKILL)
            if replaying and self._schema == "hang while replaying":
                time.sleep(60)

        return Session(fill, lambda _: True, np.full(1, -1, np.int32))


class MisfitEngine(Engine):
    """Does what the schema tells it."""

    distribution = "numpy"

    def build(self, tokenizer: TokenizerFolder) -> None:
        pass

    def compile(self, schema: str) -> Compiled:
        if schema == "die while compiling":
            os._exit(3)
        if schema == "refuse":
            raise ValueError("no such schema")
        return Misfit(schema)


class StillbornEngine(MisfitEngine):
    def build(self, tokenizer: TokenizerFolder) -> None:
        raise OSError("no tokenizer")


def test_an_engine_is_restarted_after_the_culprit() -> None:
    schemas = ["fine", "refuse", "die while compiling", "die while replaying", "hang while replaying", "fine"]
    jobs = [Job(str(index), schema, (Text(True, (1, 2)),)) for index, schema in enumerate(schemas)]
    run = measure([f"{__name__}:MisfitEngine"], FOLDER, jobs, WARM_UP, LIMITS)
    (engine,) = run.engines
    assert [(result.status, result.message) for result in engine.results] == [
        (PASSED, ""),
        (COMPILE_ERROR, "ValueError: no such schema"),
        (CRASHED, "compiling: process exited with status 3"),
        (CRASHED, "replaying: process killed by SIGKILL"),
        (TIMED_OUT, "replaying: not done within 1 s"),
        (PASSED, ""),
    ]
    assert [result.compile_ns is None for result in engine.results] == [
        False,
        True,
        True,
        False,
        False,
        False,
    ]
    assert engine.restarts == 3


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (f"{__name__}:StillbornEngine", "OSError: no tokenizer"),
        ("no_such_package.adapter:Adapter", "package 'no_such_package' is not installed"),
    ],
)
def test_an_engine_that_cannot_start_is_an_error(name: str, reason: str) -> None:
    with pytest.raises(EngineUnavailable, match=reason):
        Worker(name, FOLDER, WARM_UP, LIMITS)
