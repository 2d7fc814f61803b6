"""Tries untrusted inputs: each is refused with a message, or its texts can be written to their end.

Everything happens in processes that may be killed (``benchmarks.killable``), because these tests look for inputs that
would end the current one.
"""

from __future__ import annotations

import contextlib
import copy
import json
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

import constrain as cn
from tests.hostile_cases import CASES, SIMPLE, Case

__all__ = ["Attempt", "Trial", "byte_vocabulary", "trying"]

BUDGETS = (None, 40)
ORDERS = ("schema", "any")
TOKENS = 30  # of a walk, before it is brought to its end
LONGEST = 20_000  # tokens of a completion that is read to its end
READ_AGAIN = 1_000_000  # bytes of a text that the whole grammar is asked about

MAKERS: dict[str, Callable[..., cn.Grammar]] = {
    "regex": cn.regex,
    "gbnf": cn.gbnf,
    "lark": cn.lark,
}


@dataclass
class Attempt:
    """What came of one input, with one order of keys and one budget.

    Attributes:
        order, budget: these; the order is empty where there is no choice.
        outcome: ``"text"``, or the name of the error.
        message: what the error says.
        first: processor milliseconds until the first mask, or until the error.
        mask: milliseconds of the most expensive mask after that, ``completion`` until the text was at its end.
        memory: mebibytes by which the process had grown at its largest.
    """

    order: str
    budget: int | None
    outcome: str = "text"
    message: str = ""
    first: float = 0.0
    mask: float = 0.0
    completion: float = 0.0
    memory: float = 0.0


def byte_vocabulary() -> cn.Vocabulary:
    """All bytes, some of what JSON and patterns are made of, and tokens that end or begin within a character."""
    texts = ['{"', '":', '","', '"}', "[[", "]]", "aa", "ab", "  ", "00", "12", "true", "null", "é", "日本"]
    cut = [text.encode()[:end] for text in ("aé", "日本", '"日') for end in (2, 4)]
    tokens = [*(bytes([byte]) for byte in range(256)), *(text.encode() for text in texts), *cut, b'\x97\xa5"']
    return cn.Vocabulary([*tokens, None], [len(tokens)])


def trying(
    make_vocabulary: Callable[[], cn.Vocabulary], limits: cn.Limits, registry: dict[str, Any] | None = None
) -> Callable[..., list[Attempt]]:
    """What a process does with names of cases, and with schemas that have names and may refer to a ``registry``."""
    warnings.simplefilter("ignore", cn.SchemaWarning)
    return partial(_handle, Trial(make_vocabulary(), limits, registry))


def _handle(trial: Trial, job: str | tuple[str, Any], announce: Callable[[str], None]) -> list[Attempt]:
    case = CASES[job] if isinstance(job, str) else Case("json_schema", partial(copy.copy, job[1]))
    return list(trial.attempts(case, announce))


@dataclass
class Trial:
    """What all attempts have in common."""

    vocabulary: cn.Vocabulary
    limits: cn.Limits
    registry: dict[str, Any] | None

    def attempts(self, case: Case, announce: Callable[[str], None]) -> Iterator[Attempt]:
        """With both orders of keys, where there are any, with and without a budget."""
        source = case.make()
        for order in ORDERS if case.kind == "json_schema" else ("",):
            for budget in BUDGETS:
                announce(f"order {order!r}, budget {budget}")
                attempt = Attempt(order, budget)
                with _Peak(attempt):
                    self._try(case, source, attempt)
                yield attempt

    def _try(self, case: Case, source: Any, attempt: Attempt) -> None:
        vocabulary = self.vocabulary
        start = time.process_time()
        try:
            if case.kind == "vocabulary":
                vocabulary = cn.Vocabulary([*source, None], [len(source)])
            constraint = cn.compile(self._grammar(case, source, attempt.order), vocabulary)
            matcher = _matcher(constraint, attempt.budget)
            row = cn.allocate_bitmask(1, vocabulary.size)
            matcher.fill_mask(row, 0)
            attempt.first = 1e3 * (time.process_time() - start)
            _walk(matcher, row, attempt)
        except cn.ConstrainError as error:
            attempt.first = attempt.first or 1e3 * (time.process_time() - start)
            attempt.outcome, attempt.message = type(error).__name__, str(error)[:500]

    def _grammar(self, case: Case, source: Any, order: str) -> cn.Grammar:
        if case.kind == "json_schema":
            return cn.json_schema(source, property_order=order, limits=self.limits, registry=self.registry)
        if case.kind == "vocabulary":
            return cn.json_schema(SIMPLE, limits=self.limits)
        if case.kind == "tool_call":
            return cn.tool_call(source)
        return MAKERS[case.kind](source, limits=self.limits)


def _matcher(constraint: cn.Constraint, budget: int | None) -> cn.Matcher:
    """With the fewest tokens that do if ``budget`` does not."""
    try:
        return constraint.matcher(budget)
    except cn.BudgetError as error:
        return constraint.matcher(error.needed)


def _walk(matcher: cn.Matcher, row: Any, attempt: Attempt) -> None:
    """Random tokens, those that end within a character first; then the completion, read to its end.

    Raises:
        AssertionError: a dead end, a token that is allowed and refused, or a text that is not in the language.
    """
    chooser = Random(7)
    vocabulary = matcher.constraint.vocabulary
    for _ in range(TOKENS):
        if matcher.stopped:
            break
        start = time.process_time()
        matcher.fill_mask(row, 0)
        attempt.mask = max(attempt.mask, 1e3 * (time.process_time() - start))
        allowed = np.flatnonzero(np.unpackbits(row.view(np.uint8), bitorder="little"))
        assert allowed.size, f"a dead end behind {matcher.text!r}"
        open_ended = [token for token in allowed[:2_000] if _ends_within_character(vocabulary.tokens[token])]
        token = int(chooser.choice(open_ended if open_ended and chooser.random() < 0.5 else allowed))
        assert matcher.advance(token), (
            f"{vocabulary.tokens[token]!r} is allowed, and refused, behind {matcher.text!r}"
        )
    start = time.process_time()
    if not matcher.stopped:
        for token in matcher.completion()[:LONGEST]:
            assert matcher.advance(token), f"a completion is refused behind {matcher.text!r}"
    attempt.completion = 1e3 * (time.process_time() - start)
    text = matcher.text
    if matcher.can_stop or matcher.stopped:
        assert len(text) > READ_AGAIN or matcher.constraint.grammar.matches(text), f"{text!r} does not match"
        if matcher.constraint.grammar.kind in ("json_schema", "tool_call"):
            json.loads(text)


def _ends_within_character(token: bytes | None) -> bool:
    if not token or token[-1] < 0x80:
        return False
    try:
        token.decode()
    except UnicodeDecodeError as error:
        return error.end == len(token)
    return False


class _Peak:
    """Notes by how much the process grows within (Linux; elsewhere 0)."""

    def __init__(self, attempt: Attempt) -> None:
        self.attempt = attempt

    def __enter__(self) -> None:
        with contextlib.suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")  # the largest size from now on
        self.before = _kibibytes("VmRSS")

    def __exit__(self, *problem: object) -> None:
        self.attempt.memory = (_kibibytes("VmHWM") - self.before) / 1024


def _kibibytes(name: str) -> int:
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(f"{name}:")), 0)
