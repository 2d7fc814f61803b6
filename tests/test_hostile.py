"""Untrusted inputs: nothing dies, nothing hangs, and the outcome is the one listed in ``hostile_cases``."""

from __future__ import annotations

import math
import os
from functools import partial
from typing import Any

import pytest

import constrain as cn
from benchmarks.killable import Process
from tests.hostile import Attempt, byte_vocabulary, trying
from tests.hostile_cases import CASES

SECONDS = 240.0  # that a case may take on a busy machine before its process is killed, far more than it needs
SANITIZED = os.environ.get("CONSTRAIN_SANITIZED") == "1"
GIBIBYTES = math.inf if SANITIZED else 3.0  # AddressSanitizer reserves terabytes of addresses
# Where time is the limit, it need not be waited for; a sanitized build takes ten times as long.
LIMITS = (
    cn.Limits(compile_seconds=60, mask_seconds=20)
    if SANITIZED
    else cn.Limits(compile_seconds=6, mask_seconds=2)
)


@pytest.fixture(scope="module")
def process() -> Any:
    process = Process(partial(trying, byte_vocabulary, LIMITS), SECONDS, GIBIBYTES)
    yield process
    process.close()


@pytest.mark.parametrize("name", CASES)
def test_it_is_refused_in_words_or_its_texts_can_be_written(name: str, process: Process) -> None:
    found = process.run(name)
    assert isinstance(found, list), f"{found.reason} ({found.doing})"
    expected = CASES[name].refused
    for attempt in found:
        assert isinstance(attempt, Attempt)
        if expected != ("*",):
            assert attempt.outcome in (expected or ("text",)), attempt
        assert attempt.outcome == "text" or attempt.message


def test_every_expected_error_exists() -> None:
    names = {name for case in CASES.values() for name in case.refused} - {"*", "Circular"}
    assert all(issubclass(getattr(cn, name), cn.ConstrainError) for name in names)
