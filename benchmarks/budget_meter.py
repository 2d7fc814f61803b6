"""The timed part of ``benchmarks.budget_cost``: one language in this process, within a budget or without one.

Only calls of the library are between two readings of the clock, which is that of the thread, so that other work on the
machine does not show. A token is chosen if the text is new. In a replay it is drawn in the same way, but without
effect, so that the effect on the processor's caches is the same in both processes.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import thread_time_ns

import numpy as np
from numpy.typing import NDArray

import constrain as cn
from benchmarks.awkward_walks import TokenClasses
from benchmarks.killable import Announce, Handle
from benchmarks.memory import resident
from tests.budget_cases import Recipe

__all__ = ["MOST_NEEDED", "Measured", "Task", "measure_floor", "start"]

# Where the shortest text takes more tokens than that, it is not written.
MOST_NEEDED = 3_000
STOP = 0.05  # how often a text ends where it may
STRUCTURE = (
    -2
)  # the class of tokens that every second walk likes best, or it would not leave its first string

Texts = list[list[int]]
Mask = NDArray[np.uint32]


@dataclass(frozen=True)
class Task:
    """What to measure.

    Attributes:
        recipe: of the language.
        budget: in tokens; None for a replay without one.
        walks: how many texts are written.
        texts: the texts to replay, including their end; None if they must be chosen.
        read_again: how many tokens of each are replayed the second time; None for as many as are allowed.
    """

    recipe: Recipe
    budget: int | None
    walks: int
    texts: Texts | None = None
    read_again: list[int] | None = None


@dataclass
class Measured:
    """Times in nanoseconds, memory in bytes.

    Attributes:
        first_mask: from the source to the first mask.
        first: mask and commit of each token, on the first visit of the text.
        again: the same tokens in the same constraint again, up to one that is not allowed any more: near its end, what
            a budget is known to have room for depends on what has been found out so far.
        read_again: how many tokens of each text these are.
        footprint: what the constraint says of itself after that.
        resident: memory of the process after that.
        needed: the budget that was taken because it was the least that is enough; 0 if that was the one given.
        texts: what was written.
        problem: why nothing else is known, or ``""``.
    """

    first_mask: int = 0
    first: list[int] = field(default_factory=list)
    again: list[int] = field(default_factory=list)
    read_again: list[int] = field(default_factory=list)
    footprint: int = 0
    resident: int = 0
    needed: int = 0
    texts: Texts = field(default_factory=list)
    problem: str = ""


def start(folder: Path) -> Handle:
    """What a process does with its tasks."""
    return Meter(folder)


class Meter:
    """Measures in one process, with one vocabulary."""

    def __init__(self, folder: Path) -> None:
        self.vocabulary = cn.Vocabulary.from_tokenizer_json(folder)
        self.classes = TokenClasses(self.vocabulary)
        self.bitmask = cn.allocate_bitmask(1, self.vocabulary.size)
        warm_up = Recipe("json_schema", ({"type": ["string", "number", "object"]},))
        self(Task(warm_up, 20, 1), lambda doing: None)

    def __call__(self, task: Task, announce: Announce) -> Measured:
        """Write or replay all texts, twice."""
        measured = Measured()
        gc.collect()
        gc.disable()
        try:
            self._measure(task, measured, announce)
        except cn.ConstrainError as error:
            measured.problem = f"{type(error).__name__}: {error}"
        except Exception as error:  # noqa: BLE001  a failure of what is measured, and reported as one
            measured.problem = f"{type(error).__name__}: {error}"
        finally:
            gc.enable()
        return measured

    def _measure(self, task: Task, measured: Measured, announce: Announce) -> None:
        announce("compiling")
        began = thread_time_ns()
        constraint = cn.compile(task.recipe.grammar(), self.vocabulary)
        try:
            matcher = constraint.matcher(task.budget)
        except cn.BudgetError as error:
            if error.needed > MOST_NEEDED:
                raise
            measured.needed = error.needed
            matcher = constraint.matcher(error.needed)
        matcher.fill_mask(self.bitmask, 0)
        measured.first_mask = thread_time_ns() - began
        budget = measured.needed or task.budget
        for number in range(task.walks):
            announce(f"walk {number}")
            chooser = Random(number)
            choose = self._chooser(chooser, None if task.texts is None else task.texts[number])
            measured.texts.append(self._run(constraint.matcher(budget), choose, measured.first))
        announce("again")
        for number, text in enumerate(measured.texts):
            most = len(text) if task.read_again is None else task.read_again[number]
            read = self._run(constraint.matcher(budget), _reader(text[:most]), measured.again, strict=False)
            measured.read_again.append(len(read))
        measured.footprint = sum(constraint.footprint().values())
        measured.resident = resident()

    def _chooser(self, chooser: Random, text: list[int] | None) -> Callable[[Mask], int]:
        """What comes next: drawn, or the next token of ``text`` after drawing in vain."""
        classes, ends = self.classes, self.classes.ends
        liked = chooser.choice([STRUCTURE % len(classes.rows), chooser.randrange(len(classes.rows))])
        given = iter(text or ())

        def choose(mask: Mask) -> int:
            stop = chooser.random() < STOP and mask[ends >> 5] >> np.uint32(ends & 31) & 1
            token = -1 if stop else classes.choose(mask, liked, chooser)
            drawn = ends if token < 0 else token
            return drawn if text is None else next(given)

        return choose

    def _run(
        self, matcher: cn.Matcher, choose: Callable[[Mask], int], times: list[int], strict: bool = True
    ) -> list[int]:
        """One text from the start to the end, unless ``choose`` ends it by returning -1; the time of each of its tokens
        is appended to ``times``. One that is refused is an error if ``strict``, else the end."""
        bitmask, now, text = self.bitmask, thread_time_ns, []
        mask = bitmask[0].view(np.uint32)
        while not matcher.stopped:
            start = now()
            matcher.fill_mask(bitmask, 0)
            filled = now()
            token = choose(mask)
            chosen = now()
            read = matcher.advance(token) if token >= 0 else False
            done = now()
            if not read and not strict:
                break
            if not read:
                raise RuntimeError(f"token {token} is refused after {matcher.text[-100:]!r}")
            times.append(filled - start + done - chosen)
            text.append(token)
        return text


def _reader(text: list[int]) -> Callable[[Mask], int]:
    given = iter(text)
    return lambda mask: next(given, -1)


def measure_floor() -> int:
    """What a sample says when nothing lies between the readings, in nanoseconds."""
    samples = []
    for _ in range(2_000):
        start = thread_time_ns()
        filled = thread_time_ns()
        chosen = thread_time_ns()
        samples.append(filled - start + thread_time_ns() - chosen)
    return int(np.median(samples))
