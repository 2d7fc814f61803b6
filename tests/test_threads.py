"""Threads and processes share grammars, constraints and vocabularies: with the masks that each has alone.

Threads start together and take a bounded number of steps; nothing sleeps, and no time is measured. The interpreter is
made to change threads as often as it can.
"""

from __future__ import annotations

import copy
import gc
import logging
import multiprocessing
import os
import random
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from functools import partial
from typing import Any, TypeVar

import numpy as np
import pytest

import constrain as cn
from constrain import work
from tests.test_masks import JSON_TOKENS, allowed, vocabulary_of

VOCABULARY = vocabulary_of(JSON_TOKENS)
OTHER = cn.Vocabulary([*JSON_TOKENS[::-1], None], [len(JSON_TOKENS)])
THREADS = 6
STEPS = 60
LITTLE = 60_000  # bytes: much of it is dropped within a walk, and new matchers start afresh

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 12, "pattern": "^[a-z]* ?[a-z]*$"},
        "tags": {"type": "array", "items": {"type": "string", "maxLength": 3}, "uniqueItems": True},
        "next": {"$ref": "#"},
        "free": {"type": "string", "minLength": 2, "maxLength": 40},
    },
    "patternProperties": {"^x": {"type": "integer", "multipleOf": 7}, "y$": {"minimum": 3}},
}
GRAMMARS: dict[str, Callable[[], cn.Grammar]] = {
    "schema": lambda: cn.json_schema(SCHEMA),
    "any order": lambda: cn.json_schema(SCHEMA, property_order="any", whitespace="compact"),
    "pattern": lambda: cn.regex(r"(?=.*a)[a-z ]{2,30}(,[0-9]{1,4})*"),
    "lark": lambda: cn.lark(
        'start: item ("," item)*\nitem: "[" start "]" | /[a-z]{1,9}/ | NAME\nNAME: /"[^"]*"/'
    ),
    "sequence": lambda: cn.sequence(
        cn.choice(["a", "the"]), " ", cn.json_schema({"type": ["array", "null"]})
    ),
}

Result = TypeVar("Result")
Trace = list[tuple[bytes, int]]


@pytest.fixture(autouse=True)
def _change_threads_often() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def together(tasks: Sequence[Callable[[], Result]]) -> list[Result]:
    """What each task returns, in threads that start at once."""
    barrier = threading.Barrier(len(tasks))
    results: dict[int, Result] = {}
    errors: list[BaseException] = []

    def run(number: int) -> None:
        try:
            barrier.wait()
            results[number] = tasks[number]()
        except BaseException as error:  # noqa: BLE001  raised again in the thread that waits
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(tasks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return [results[number] for number in range(len(tasks))]


def walk(constraint: cn.Constraint, seed: int, budget: int | None = None, steps: int = STEPS) -> Trace:
    """Masks and tokens of a random walk that goes back now and then, and through forks."""
    chooser = random.Random(seed)
    matcher = constraint.matcher(budget)
    bitmask = cn.allocate_bitmask(1, constraint.vocabulary.size)
    trace: Trace = []
    for _ in range(steps):
        matcher.fill_mask(bitmask, 0)
        ids = np.flatnonzero(np.unpackbits(bitmask.view(np.uint8), bitorder="little"))
        token = int(ids[chooser.randrange(len(ids))])
        trace.append((bitmask.tobytes(), token))
        if chooser.random() < 0.1:
            matcher = matcher.fork()
        assert matcher.advance(token)
        if matcher.stopped or matcher.count == 40:
            matcher.reset()
        elif chooser.random() < 0.1:
            matcher.rollback(chooser.randint(0, matcher.count))
        elif chooser.random() < 0.1:
            fork = matcher.fork()
            assert all(fork.advance(token) for token in fork.completion())
            assert fork.can_stop
    return trace


def walks(make: Callable[[], cn.Constraint], budget: int | None = None) -> list[Trace]:
    """The walks of all threads by one alone, each in a constraint of its own."""
    return [walk(make(), seed, budget) for seed in range(THREADS)]


def work_of(constraint: cn.Constraint, budget: int | None = None) -> list[Callable[[], Trace]]:
    """The walks of all threads, in one constraint."""
    return [partial(walk, constraint, seed, budget) for seed in range(THREADS)]


# -- masks -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("budget", [None, 45])
@pytest.mark.parametrize("memory", [None, LITTLE])
@pytest.mark.parametrize("name", GRAMMARS)
def test_one_constraint_by_many_threads(name: str, memory: int | None, budget: int | None) -> None:
    expected = walks(lambda: cn.compile(GRAMMARS[name](), VOCABULARY), budget)
    constraint = cn.compile(GRAMMARS[name](), VOCABULARY, memory=memory)
    for _ in range(2):  # what is left behind is right, too
        assert together(work_of(constraint, budget)) == expected


def test_many_constraints_of_one_grammar() -> None:
    """Two vocabularies, with different memories, over one engine."""
    vocabularies = [(VOCABULARY, OTHER)[seed % 2] for seed in range(THREADS)]
    expected = [
        walk(cn.compile(cn.json_schema(SCHEMA), each), seed) for seed, each in enumerate(vocabularies)
    ]
    grammar = cn.json_schema(SCHEMA)

    def task(seed: int) -> Trace:
        return walk(cn.compile(grammar, vocabularies[seed], memory=LITTLE * (1 + seed)), seed)

    assert together([partial(task, seed) for seed in range(THREADS)]) == expected


@pytest.mark.parametrize("names", [[name] * THREADS for name in GRAMMARS] + [[*GRAMMARS, *GRAMMARS]])
def test_grammars_compiled_by_many_threads(names: list[str]) -> None:
    """Over a vocabulary that nobody has used: its trie, and what schemas share, are made meanwhile, and added to under
    the locks of all these grammars."""
    expected = [walk(cn.compile(GRAMMARS[name](), VOCABULARY), seed) for seed, name in enumerate(names)]
    fresh = vocabulary_of(JSON_TOKENS)

    def task(seed: int) -> Trace:
        return walk(cn.compile(GRAMMARS[names[seed]](), fresh), seed)

    assert together([partial(task, seed) for seed in range(len(names))]) == expected


def test_one_constraint_a_vocabulary() -> None:
    for _ in range(20):
        grammar = cn.regex("[a-z]*")
        found = together([partial(cn.compile, grammar, VOCABULARY)] * THREADS)
        assert all(constraint is found[0] for constraint in found)


# -- errors ----------------------------------------------------------------------------------------


def test_errors_of_one_thread_are_no_matter_to_others() -> None:
    """Threads whose limits are too low or that are cancelled, at many places, beside two that walk."""
    grammar = cn.json_schema(SCHEMA)
    constraint = cn.compile(grammar, VOCABULARY)
    expected = walks(lambda: cn.compile(cn.json_schema(SCHEMA), VOCABULARY))

    def limited() -> Trace:
        for nodes in range(1, 3000, 60):
            with suppress(cn.WorkLimitExceeded):
                walk(cn.compile(grammar, OTHER, limits=cn.Limits(nodes=nodes)), nodes)
        return []

    stop = cn.Cancellation()
    barrier = threading.Barrier(2)

    def endless() -> None:
        while True:
            walk(constraint, 1)
            if stop.cancelled:
                cn.regex("".join(f".*(?<=x{{{count}}})" for count in range(1, 31)))

    def cancelled() -> Trace:
        barrier.wait()
        with pytest.raises(cn.Cancelled), stop:
            endless()
        return []

    def cancel() -> Trace:
        barrier.wait()
        walk(constraint, 5)
        stop.cancel()
        return []

    tasks = [*work_of(constraint)[:2], limited, cancelled, cancel]
    assert together(tasks)[:2] == expected[:2]
    assert together(work_of(constraint)) == expected


def test_who_waits_for_a_grammar_can_be_cancelled_inside_another() -> None:
    """What works on one grammar may need another, which a thread is at."""
    outer, inner = cn.regex("a*"), cn.regex("b*")
    stop, held, release = cn.Cancellation(), threading.Event(), threading.Event()

    def hold() -> None:
        with inner.lock:
            held.set()
            release.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    stop.cancel()
    swallowed = []

    def search() -> None:
        with stop, outer.lock:
            try:
                inner.matches("b")
            except Exception as error:  # noqa: BLE001  as a search that takes it for an answer
                swallowed.append(error)

    with pytest.raises(cn.Cancelled):
        search()
    release.set()
    thread.join()
    assert not swallowed and inner.matches("b") and outer.matches("a")


def test_logs_are_written_when_no_lock_is_held() -> None:
    """A handler may wait for a thread that needs the grammar."""
    grammar = cn.regex("[a-z]*")
    told: list[str] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            thread = threading.Thread(
                target=lambda: told.append(f"{grammar.matches('b')} {record.getMessage()}")
            )
            thread.start()
            thread.join()

    logger, handler = logging.getLogger("constrain"), Handler()
    logger.addHandler(handler)
    level = logger.level
    logger.setLevel(logging.INFO)
    try:
        with grammar.lock, grammar.lock:
            work.note_slow_mask(0.1)
            assert not told
    finally:
        logger.setLevel(level)
        logger.removeHandler(handler)
    assert told == ["True a mask took 100 ms"]


# -- memory and counters ---------------------------------------------------------------------------


def test_constraints_are_collected_while_others_are_made() -> None:
    constraint = cn.compile(cn.json_schema(SCHEMA), VOCABULARY, memory=LITTLE)
    expected = walks(lambda: cn.compile(cn.json_schema(SCHEMA), VOCABULARY))

    def make_and_drop() -> Trace:
        for number in range(25):
            one = cn.compile(cn.json_schema({"enum": [f"value {number}", {"a": number}]}), VOCABULARY)
            matcher = one.matcher()
            matcher.advance(matcher.allowed_tokens()[0])
            circle: list[Any] = [one, matcher]
            circle.append(circle)
            del one, matcher, circle
            gc.collect(number % 3)
        return []

    assert together([*work_of(constraint), make_and_drop, make_and_drop])[:THREADS] == expected


def test_counters_add_up() -> None:
    before = cn.statistics()
    constraint = cn.compile(cn.json_schema(SCHEMA), VOCABULARY)
    calls = 40

    def task() -> None:
        matcher = constraint.matcher()
        for _ in range(calls):
            allowed(matcher)
            matcher.advance(matcher.allowed_tokens()[0])
            matcher.rollback(matcher.count)
        cn.regex("a")
        with pytest.raises(cn.WorkLimitExceeded):
            cn.regex("a|bc" * 30, limits=cn.Limits(nodes=5))

    together([task] * THREADS)
    after, own = cn.statistics(), constraint.statistics()
    assert own["mask_hits"] + own["mask_misses"] == 2 * calls * THREADS
    assert own["mask_misses"] == 1, "a mask that one thread finds, those who wait for it do not find again"
    assert after["compilations"] - before["compilations"] == 1 + THREADS
    for kind, name in (("refusals", "WorkLimitExceeded"), ("limits", "nodes")):
        assert after[kind][name] - before[kind].get(name, 0) == THREADS


# -- processes -------------------------------------------------------------------------------------


def send_walks(connection: Any, constraint: cn.Constraint) -> None:
    """In a child: what it finds with a constraint that has come from its parent, and with one of its own."""
    fresh = cn.compile(cn.json_schema(SCHEMA), VOCABULARY)
    connection.send([walk(constraint, 1), walk(constraint, 2, 45), walk(fresh, 1)])
    connection.close()


def child(method: str, constraint: cn.Constraint) -> list[Trace]:
    """What ``send_walks`` finds in a process that is started by ``method``."""
    context: Any = multiprocessing.get_context(method)
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=send_walks, args=(there, constraint))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of 3.12: forks beside threads
        process.start()
    there.close()
    try:
        assert here.poll(120), "the child does not answer"
        found: list[Trace] = here.recv()
    finally:
        process.kill()
        process.join()
    return found


@pytest.fixture(scope="module")
def expected_of_child() -> list[Trace]:
    one, two, three = (cn.compile(cn.json_schema(SCHEMA), VOCABULARY) for _ in range(3))
    return [walk(one, 1), walk(two, 2, 45), walk(three, 1)]


def test_a_spawned_process_has_the_same_masks(expected_of_child: list[Trace]) -> None:
    constraint = cn.compile(cn.json_schema(SCHEMA), VOCABULARY, memory=LITTLE)
    walk(constraint, 3)
    assert child("spawn", constraint) == expected_of_child


forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")


@forks
def test_a_forked_process_is_not_kept_waiting(expected_of_child: list[Trace]) -> None:
    """Other threads hold the locks of the grammar and of the vocabulary, and nobody gives them back in the child."""
    constraint = cn.compile(cn.json_schema(SCHEMA), VOCABULARY)
    walk(constraint, 3)
    locks: list[AbstractContextManager[Any]] = [
        constraint.grammar.lock,
        VOCABULARY.attachments["lock of the index"],
    ]
    barrier, release = threading.Barrier(len(locks) + 1), threading.Event()

    def hold(lock: AbstractContextManager[Any]) -> None:
        with lock:
            barrier.wait()
            release.wait()

    threads = [threading.Thread(target=hold, args=(lock,)) for lock in locks]
    for thread in threads:
        thread.start()
    barrier.wait()
    try:
        assert child("fork", constraint) == expected_of_child
    finally:
        release.set()
        for thread in threads:
            thread.join()
    assert walk(constraint, 1) == expected_of_child[0]


@forks
def test_processes_forked_while_threads_work(expected_of_child: list[Trace]) -> None:
    """Wherever the others are, what they have left unfinished does not show in the child."""
    constraint = cn.compile(cn.json_schema(SCHEMA), VOCABULARY, memory=LITTLE)
    stop = threading.Event()

    def task(seed: int) -> None:
        while not stop.is_set():
            walk(constraint, seed)
            walk(cn.compile(cn.json_schema(SCHEMA), VOCABULARY), seed, 45)

    threads = [threading.Thread(target=task, args=(seed,)) for seed in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(4):
            assert child("fork", constraint) == expected_of_child
    finally:
        stop.set()
        for thread in threads:
            thread.join()


@forks
def test_what_forks_inside_its_own_scope_goes_on(expected_of_child: list[Trace]) -> None:
    constraint = cn.compile(cn.json_schema(SCHEMA), VOCABULARY)
    with constraint.grammar.lock:
        assert child("fork", constraint) == expected_of_child
    assert walk(constraint, 1) == expected_of_child[0]


def test_copies_in_threads() -> None:
    """Grammars and constraints are shared by copies of what holds them; matchers are forked, not copied."""
    constraint = cn.compile(cn.json_schema(SCHEMA), VOCABULARY)
    found = together(
        [lambda: copy.deepcopy({"of": [constraint, constraint.grammar]}) for _ in range(THREADS)]
    )
    assert all(one["of"][0] is constraint and one["of"][1] is constraint.grammar for one in found)
    with pytest.raises(TypeError, match="pickle its constraint"):
        copy.deepcopy(constraint.matcher())
