"""Who may work on a grammar, for how long, and how to stop it.

A grammar has one ``Meter``. Whoever makes its expressions grow enters a ``Scope`` of it, which is a lock, and sets
the limits that hold until it is left. Long work counts its steps and, after every so many of them, calls
``Meter.check``, where other threads get a turn, and where signals (``KeyboardInterrupt``), cancellations and limits on
time are noticed.

After a fork, the child process has one thread, and locks that other threads held and will never release. There a meter
forgets its holder when it is first used, and unfinished work is cleared away.

An error that stops the work must not be mistaken for the answer to a question on the way: otherwise a search that gave
up might be remembered as one that found nothing. So inside a scope the error travels as a ``Halt``, which no handler of
errors catches. Where the scope is left, the error that the ``Halt`` carries is raised.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
import weakref
from collections import deque
from types import TracebackType
from typing import Any

import cython
from cython.cimports.constrain.interpreter import has_threads, let_others_run
from cython.cimports.cpython.exc import PyErr_CheckSignals
from cython.cimports.cpython.pythread import PyThread_get_thread_ident
from cython.cimports.cpython.time import monotonic, perf_counter

from constrain.errors import Cancelled, ConstrainError, WorkLimitExceeded
from constrain.limits import DEFAULT, Limits

# Steps between two checks, which take about half a millisecond.
PATIENCE = cython.declare(cython.long, 10_000)

# Seconds between two pauses in which the interpreter's lock is free for as long as it takes a thread to wake up.
# A thread that has waited for the lock for a switch interval, 5 ms, is sure to get it. But a thread that misses a
# pause, on a busy machine, begins to wait anew. So after every second pause that nobody has used, the time to the next
# one is longer than the switch interval. (Releasing the lock at each check, for less time than other threads need, made
# them wait for up to 400 ms.) Unused pauses take 2 % of the time if there are other threads.
SOON = cython.declare(cython.double, 0.003)
LATER = cython.declare(cython.double, 0.006)

# The minimum length of a pause in microseconds, to which systems add some 50; and the maximum length, in seconds, of
# all but a few pauses that nobody has used.
PAUSE = cython.declare(cython.uint, 30)
PAUSE_UNUSED = cython.declare(cython.double, 0.0003)

# Windows sleeps for milliseconds: there other threads get a turn when they have asked for one.
PAUSES = cython.declare(cython.bint, os.name != "nt")

# This is interpreted and not compiled: after a call, the interpreter checks whether another thread has asked for its
# lock.
_give_way = eval("lambda call: call()")

# Seconds between two checks of whether a thread that waits for another has been cancelled.
POLL = 0.02

# The cancellations of each thread.
_of_thread = threading.local()

# The meter of the thread that used this last, and the identity of that thread; and the meters of other threads. Reading
# a ``threading.local`` takes ten times as long, which was a tenth of the time of a new mask.
_meter = cython.declare(object, None)
_ident = cython.declare(cython.ulong, 0)
_meters: dict[int, Meter] = {}

# When the next pause is due, on a clock that is never set back, and whether nobody used the one before.
_pause_at = cython.declare(cython.double, 0.0)
_unused = cython.declare(cython.bint, False)

# How many forks there are between the process that loaded the library and this one.
_forks = cython.declare(cython.long, 0)


class Halt(BaseException):
    """Raised to end all work of a scope."""

    def __init__(self, error: Exception) -> None:
        super().__init__(error)
        self.error = error


class Cancellation:
    """Stops the work of a thread from another thread.

        stop = cn.Cancellation()
        with stop:  # in the thread that works
            matcher.fill_mask(bitmask)
        stop.cancel()  # in another one

    Whatever the library does within the ``with`` block ends in ``Cancelled``, within some tens of milliseconds. Once
    cancelled, it stays cancelled. Blocks may be nested; the cancellations of the inner and of the outer block both
    apply.

    Attributes:
        cancelled: whether ``cancel`` has been called.
    """

    def __init__(self) -> None:
        self.cancelled = False

    def cancel(self) -> None:
        """Stop the work within this cancellation's blocks; may be called from any thread, or from a signal handler."""
        self.cancelled = True

    def __enter__(self) -> Cancellation:
        _of_thread.cancellations = (*getattr(_of_thread, "cancellations", ()), self)
        return self

    def __exit__(self, *problem: object) -> None:
        _of_thread.cancellations = _of_thread.cancellations[:-1]


def check_cancelled() -> Cancelled | None:
    """The error to raise if the current thread has been cancelled, else None."""
    for one in getattr(_of_thread, "cancellations", ()):
        if one.cancelled:
            return Cancelled("cancelled")
    return None


def checkpoint(steps: int = 100) -> None:
    """Count steps of Python code, if the current thread is in a ``Scope``: 100 for some microseconds of work."""
    meter = current_meter()
    if meter is not None:
        meter.count(steps)


def current_limits() -> Limits:
    """The limits of the scope that the current thread is in; the defaults outside of any."""
    meter = current_meter()
    return DEFAULT if meter is None else meter.limits


def current_meter() -> Meter | None:
    """The meter of the innermost scope that the current thread is in, or None."""
    global _meter, _ident
    ident: cython.ulong = PyThread_get_thread_ident()
    if ident != _ident:
        if _meter is not None:
            _meters[_ident] = _meter
        _meter, _ident = _meters.pop(ident, None), ident
    here: Meter | None = _meter
    return here


def enter_meter(meter: Meter | None) -> Meter | None:
    """Set the meter of the current thread, or None; return the one before."""
    global _meter
    before = current_meter()
    _meter = meter
    return before


def give_way() -> cython.int:
    """Let another thread have a turn, if one has waited for it or a pause is due."""
    global _pause_at, _unused
    begin: cython.double = monotonic()
    _give_way(int)
    if begin < _pause_at or not PAUSES or not has_threads():
        return 0
    let_others_run(PAUSE)
    now: cython.double = monotonic()
    again: cython.bint = _unused
    _unused = now - begin < PAUSE_UNUSED and not again
    _pause_at = now + (LATER if again and now - begin < PAUSE_UNUSED else SOON)
    return 0


class Meter:
    """The lock of one grammar, and a count of the work done under it.

    Attributes:
        limits: the current limits.
        scopes: how many nested scopes have been entered, all by one thread.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self.own: Limits = DEFAULT if limits is None else limits
        self.limits: Limits = DEFAULT
        self.most_nodes, self.most_bytes = DEFAULT.nodes, DEFAULT.matcher_memory
        self.outer: Meter | None = None
        self.adopt(self.own)
        self.scopes = 0
        self.patience = PATIENCE
        self.deadline = -1
        self.seconds = ""
        self.forks = _forks
        self.owner = 0
        self.queue: deque[Any] | None = None

    def adopt(self, limits: Limits) -> cython.int:
        """Work within ``limits`` from now on."""
        if limits is not self.limits:
            self.limits = limits
            self.most_nodes = limits.nodes
            self.most_bytes = limits.matcher_memory
        return 0

    def count(self, steps: cython.long) -> cython.int:
        """Count some steps of about 50 nanoseconds each."""
        self.patience -= steps
        if self.patience < 0:
            self.check()
        return 0

    def check(self) -> cython.int:
        """Let other threads have a turn; raise an error if the work must end.

        Raises:
            KeyboardInterrupt: or another exception that signal handlers raise.
            Cancelled, WorkLimitExceeded: as a ``Halt`` within a scope.
        """
        self.patience = PATIENCE
        PyErr_CheckSignals()
        give_way()
        error = check_cancelled()
        if error is not None:
            self.halt(error)
        if self.seconds:
            seconds: cython.double = getattr(self.limits, self.seconds)
            now: cython.double = time.thread_time()
            if self.deadline < 0:
                self.deadline = now + seconds
            elif now > self.deadline:
                self.exceed(self.seconds, seconds, f"it takes more than {seconds} seconds of processor time")
        return 0

    def exceed(self, limit: str, value: Any, reason: str) -> cython.int:
        """Raise WorkLimitExceeded."""
        return self.halt(WorkLimitExceeded(reason, limit=limit, value=value))

    def halt(self, error: Any) -> cython.int:
        """End all work of the scope with ``error``."""
        if self.scopes:
            raise Halt(error)
        raise error

    def take_lock(self) -> cython.int:
        """Wait for the lock, or until cancelled. A thread that has it may take it again.

        Another thread can come in between only where the interpreter's lock is released, and neither comparing nor
        setting ``owner`` does that.

        Raises:
            Cancelled: as a ``Halt`` within the scope of another meter.
        """
        ident: cython.ulong = PyThread_get_thread_ident()
        if self.forks != _forks:
            self.part()
        if self.owner != ident:
            if self.owner:
                self.queue_up(ident)
            self.owner = ident
        return 0

    def queue_up(self, ident: cython.ulong) -> cython.int:
        """Queue for the lock. Whoever releases it gives it to the first thread in the queue: otherwise a thread that
        takes it again and again could keep it."""
        gate = threading.Lock()
        gate.acquire()
        if self.queue is None:
            self.queue = deque()
        queue = self.queue
        place = ident, gate
        queue.append(place)
        try:
            while self.owner and self.owner != ident:
                gate.acquire(True, POLL)
                error = check_cancelled() if self.owner != ident else None
                if error is not None:
                    if current_meter() is not None:
                        raise Halt(error)
                    note_refusal(error)
                    raise error
        except BaseException:
            if self.owner == ident:
                self.give_lock()
            raise
        finally:
            if place in queue:
                queue.remove(place)
        return 0

    def give_lock(self) -> cython.int:
        """Release the lock, or pass it to the first thread that waits for it."""
        self.owner = 0
        if self.queue:
            ident, gate = self.queue.popleft()
            self.owner = ident
            gate.release()
        return 0

    def part(self) -> cython.int:
        """Forget the threads of the process that this one was forked from."""
        self.owner = 0
        self.queue = None
        self.scopes = 0
        self.seconds = ""
        self.outer = None
        self.forks = _forks
        return 0


class Scope:
    """A context that enters a meter: within it, one thread at a time works, within ``limits``. Scopes may be nested.

    Attributes:
        meter: the meter.
        engine: whose unfinished work is cleared away if an error leaves the scope; None if there is none.
    """

    def __init__(self, meter: Meter, limits: Limits | None, seconds: str, engine: Any = None) -> None:
        """``seconds`` is the field of ``limits`` that says how long the work may take."""
        self.meter = meter
        self.limits = meter.own if limits is None else limits
        self.seconds = seconds
        self.engine = engine

    def __enter__(self) -> Scope:
        meter: Meter = self.meter
        meter.take_lock()
        if meter.scopes == 0:
            meter.adopt(self.limits)
            meter.seconds = self.seconds
            meter.deadline = -1
            meter.outer = enter_meter(meter)
            if _forks and self.engine is not None:
                self.engine.recover()
        meter.scopes += 1
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        meter: Meter = self.meter
        meter.scopes -= 1
        outermost: cython.bint = meter.scopes == 0
        alone: cython.bint = outermost and meter.outer is None
        if outermost:
            meter.seconds = ""
            enter_meter(meter.outer)
            meter.outer = None
            if problem is not None and self.engine is not None:
                self.engine.recover()
        if outermost:
            meter.give_lock()
        if alone and _slow:
            log_slow_masks()
        if not outermost or problem is None or (isinstance(problem, Halt) and not alone):
            return
        error = problem.error if isinstance(problem, Halt) else problem
        if isinstance(problem, RecursionError):
            error = WorkLimitExceeded(
                "it nests deeper than Python's stack; flatten it",
                limit="sys.getrecursionlimit()",
                value=sys.getrecursionlimit(),
            )
        if alone and isinstance(error, ConstrainError):
            note_refusal(error)
        if error is not problem:
            raise error from None


def _part_from_parent() -> None:
    """Handle a fork in the child process: unfinished work of the surviving thread goes on, under its locks."""
    global _forks
    _forks += 1
    _slow.clear()
    meter = current_meter()
    _meters.clear()
    while meter is not None:
        meter.forks = _forks
        meter.queue = None
        meter = meter.outer


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_part_from_parent)


# -- statistics -----------------------------------------------------------------------------------

_log = logging.getLogger("constrain")
_log.addHandler(logging.NullHandler())
_counts: dict[str, Any] = {"compilations": 0, "compile_seconds": 0.0, "slow_masks": 0}
_refusals: dict[str, int] = {}
_limits: dict[str, int] = {}
_noted = threading.local()
_slow: dict[int, list[float]] = {}  # seconds of masks that are not logged yet, by thread


def statistics() -> dict[str, Any]:
    """What has happened in this process since it began.

    ``compilations`` grammars were made, in ``compile_seconds`` altogether. ``slow_masks`` masks took over 50 ms each.
    ``refusals`` counts errors by the names of their classes, and ``limits`` counts the errors ``WorkLimitExceeded`` by
    the names of the limits. These events are also logged to the logger ``"constrain"``: limits that were hit as
    warnings, slow masks at level INFO, compilations and other refusals at level DEBUG.
    """
    return {**_counts, "refusals": dict(_refusals), "limits": dict(_limits)}


def note_refusal(error: ConstrainError) -> None:
    """Count an error that leaves a scope, once."""
    noted = getattr(_noted, "error", None)
    if noted is not None and noted() is error:
        return
    _noted.error = weakref.ref(error)
    name = type(error).__name__
    _refusals[name] = _refusals.get(name, 0) + 1
    if isinstance(error, WorkLimitExceeded):
        _limits[error.limit] = _limits.get(error.limit, 0) + 1
        _log.warning("%s", error)
    else:
        _log.debug("%s: %s", name, error)


def note_slow_mask(seconds: float) -> None:
    """Count a mask that took long. It is logged when no lock is held, because log handlers are foreign code."""
    _counts["slow_masks"] += 1
    _slow.setdefault(threading.get_ident(), []).append(seconds)


def log_slow_masks() -> None:
    """Log the slow masks of this thread."""
    for seconds in _slow.pop(threading.get_ident(), ()):
        _log.info("a mask took %.0f ms", 1000 * seconds)


class Compiling(Scope):
    """The scope of a front end that makes a grammar."""

    def __init__(self, meter: Meter, last: bool = True) -> None:
        """``last`` is False if another one follows for the same grammar."""
        Scope.__init__(self, meter, None, "compile_seconds")
        self.last = last

    def __enter__(self) -> Scope:
        Scope.__enter__(self)
        self.start = perf_counter()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        taken: cython.double = perf_counter() - self.start
        alone: cython.bint = self.meter.outer is None
        if alone:
            _counts["compilations"] += self.last and kind is None
            _counts["compile_seconds"] += taken
        try:
            Scope.__exit__(self, kind, problem, traceback)
        finally:
            if alone and _log.isEnabledFor(logging.DEBUG):
                _log.debug("compiling took %.1f ms", 1000 * taken)
