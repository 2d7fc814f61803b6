"""The timed part: one schema on one engine, in this process.

Only the calls to the engine are between two readings of the clock; looking up the token's bit, loop and
bookkeeping do not. The garbage collector is off meanwhile and runs between schemas.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter_ns

import numpy as np

from benchmarks.data import Job
from benchmarks.engines.base import Compiled, Engine, Session
from benchmarks.results import (
    COMPILE_ERROR,
    CRASHED,
    PASSED,
    WRONG,
    Instance,
    SchemaResult,
)

__all__ = ["ReplayError", "measure_floor", "replay_text", "run_schema"]


class ReplayError(Exception):
    """The engine broke its own promises while replaying."""


def run_schema(
    engine: Engine, job: Job, stop_tokens: tuple[int, ...], compiled_in: Callable[[SchemaResult], None]
) -> SchemaResult:
    """Compile, replay all instances twice, and judge.

    Args:
        compiled_in: told the result so far once the first mask stands, in case the process dies later.
    """
    result = SchemaResult(job.id, repeat_of=job.repeat_of)
    gc.collect()
    with _collector_off():
        try:
            compiled = _compile(engine, job.schema, result)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001  any error is a finding; a Rust panic is no Exception
            return _ended(result, COMPILE_ERROR, error)
        compiled_in(result)
        try:
            _replay_twice(compiled, job, stop_tokens, result)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001  as above
            return _ended(result, CRASHED, error)
    result.status = PASSED if all(instance.right for instance in result.instances) else WRONG
    return result


@contextmanager
def _collector_off() -> Iterator[None]:
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _ended(result: SchemaResult, status: str, error: BaseException) -> SchemaResult:
    result.status = status
    result.message = f"{type(error).__name__}: {error}"
    return result


def _compile(engine: Engine, schema: str, result: SchemaResult) -> Compiled:
    start = perf_counter_ns()
    compiled = engine.compile(schema)
    ready = perf_counter_ns()
    session = compiled.session()
    session.fill()
    filled = perf_counter_ns()
    _check(session)
    result.compile_ns = ready - start
    result.first_mask_ns = filled - ready
    return compiled


def _replay_twice(compiled: Compiled, job: Job, stop_tokens: tuple[int, ...], result: SchemaResult) -> None:
    first = _replay_all(compiled, job, stop_tokens, result.first)
    second = _replay_all(compiled, job, stop_tokens, result.second)
    if first != second:
        raise ReplayError(f"verdicts differ between the visits: {first} and {second}")
    result.instances = [
        Instance(text.valid, len(text.tokens), rejected_at)
        for text, rejected_at in zip(job.texts, first, strict=True)
    ]


def _replay_all(
    compiled: Compiled, job: Job, stop_tokens: tuple[int, ...], samples: list[int]
) -> list[int | None]:
    verdicts = []
    for text in job.texts:
        session = compiled.session()
        verdicts.append(replay_text(session, text.tokens, stop_tokens, samples))
        _check(session)
    return verdicts


def _check(session: Session) -> None:
    failure = session.failure()
    if failure:
        raise ReplayError(failure)


def replay_text(
    session: Session, tokens: tuple[int, ...], stop_tokens: tuple[int, ...], samples: list[int]
) -> int | None:
    """Replay one text; append one sample (ns) per token.

    A sample is the mask and, if the mask allows the token, the commit. The mask after the last is no sample.

    Returns:
        Index of the first token refused, ``len(tokens)`` if only the end is refused, None if all is accepted.

    Raises:
        ReplayError: the engine refuses a token that its own mask allows.
    """
    now, fill, commit, allowed = perf_counter_ns, session.fill, session.commit, session.allowed
    for index, token in enumerate(tokens):
        fill_start = now()
        fill()
        fill_end = now()
        if not allowed(token):
            samples.append(fill_end - fill_start)
            return index
        commit_start = now()
        committed = commit(token)
        commit_end = now()
        samples.append(fill_end - fill_start + commit_end - commit_start)
        if not committed:
            raise ReplayError(f"token {index} (id {token}) is allowed by the mask and refused on commit")
    fill()
    return None if session.can_stop(stop_tokens) else len(tokens)


def measure_floor(count: int = 10_000) -> int:
    """Median sample (ns) of the token loop when mask and commit do nothing: the cost of reading the clock."""
    session = Session(fill=int, commit=bool, row=np.full(1, -1, np.int32))
    samples: list[int] = []
    with _collector_off():
        replay_text(session, (1,) * count, (1,), samples)
    return int(np.median(samples))
