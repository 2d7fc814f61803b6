"""The benchmark of the start: its stages run, with a cache and without."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import startup
from constrain.demo import model_directory


def test_a_table_of_all_stages(capsys: pytest.CaptureFixture[str]) -> None:
    startup.main(["--tokenizer", str(model_directory()), "--runs", "1"])
    _, _, *rows = capsys.readouterr().out.strip().split("\n")
    names = [row.split("|")[1].strip() for row in rows]
    assert names == [*startup.STAGES, "**from the start to the first mask**"]


def test_the_sum_is_that_of_the_stages_up_to_the_first_mask(tmp_path: Path) -> None:
    *stages, whole = startup.sample(str(model_directory()), str(tmp_path / "code"), str(tmp_path / "cache"))
    assert len(stages) == len(startup.STAGES) and min(stages) > 0
    assert whole == pytest.approx(sum(stages[: list(startup.STAGES).index("first mask") + 1]))
    assert list((tmp_path / "cache").iterdir())
