"""The soak test finds differences where there are some, and none where there are none; slopes of memory."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest

pytest.importorskip("tokenizers", reason="the benchmarks need the tokenizers package")

import constrain as cn
from benchmarks.memory import MIB
from benchmarks.soak import Soak, report, slope
from constrain.demo import model_directory

RECORDS: list[Any] = [
    {"id": "object", "schema": {"type": "object", "properties": {"a": {"type": "string", "maxLength": 9}}}},
    {"id": "list", "schema": {"type": "array", "items": {"enum": [1, "two", None]}}},
    {"id": "refused", "schema": False},
]


def soak_of(records: list[Any]) -> Soak:
    return Soak(Path(str(model_directory())), records, {}, cn.Limits(memory=MIB // 8), 2, Random(1))


def test_a_soak_finds_no_difference() -> None:
    soak = soak_of(RECORDS)
    soak.run(steps=600, check_every=50, seconds=60)
    assert not soak.failures and soak.counts["comparisons"] > 3 and soak.counts["constraints made again"]
    assert soak.counts["constraints dropped"] and {number for number, _ in soak.refused} == {2}
    assert "failures: 0" in report(soak, 1.0, 0)


def test_a_soak_tells_of_a_difference() -> None:
    soak = soak_of(RECORDS[:1])
    compiled = soak._compile

    def other(key: tuple[int, str], vocabulary: cn.Vocabulary) -> cn.Constraint:
        if vocabulary is soak.judge:
            return cn.compile(cn.json_schema({"type": "object", "maxProperties": 0}), vocabulary)
        return compiled(key, vocabulary)

    soak._compile = other  # type: ignore[method-assign]
    soak.run(steps=600, check_every=50, seconds=60)
    assert soak.failures and soak.failures[0].startswith("object, order ")


def test_the_slope_is_that_of_the_second_half() -> None:
    points = [(step, MIB * min(step, 100)) for step in range(0, 401, 10)]
    assert slope(points) == pytest.approx(0, abs=1e-6)
    assert slope([(step, MIB * step) for step in range(0, 401, 10)]) == pytest.approx(1e6)
