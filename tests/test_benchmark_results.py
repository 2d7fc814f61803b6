"""What the benchmarks derive from their measurements: generated schemas, slopes, pages and pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("tokenizers", reason="the benchmarks need the tokenizers package")

import constrain as cn
from benchmarks import growth, memory
from benchmarks.all import RESULTS
from benchmarks.results import EngineRun, Run, SchemaResult, write_run

GROWTH: dict[str, Any] = {
    "tokenizer": "none",
    "texts": {"one": [5.0, 1.0, 1.0, 1.0], "two": [5.0, 1.0, 2.0, 3.0]},
    "schemas": {
        "linear": [(4_096, 3.0), (65_536, 8.0), (262_144, 32.0), (1_048_576, 128.0)],
        "square": [(4_096, 3.0), (65_536, 1.0), (262_144, 16.0), (1_048_576, 256.0)],
    },
}
MEMORY = {
    "tokenizer": "none",
    "walks": [
        {
            "memory": 64 << 20,
            "points": [(step, step << 20, step << 19) for step in range(1, 21)],
            "dropped": 3 << 20,
            "collected": 1 << 20,
            "seconds": 2.0,
        }
    ],
    "served": {"points": [(10 * step, 2 << 20) for step in range(1, 21)], "seconds": 1.0},
}


@pytest.mark.parametrize("kind", growth.SCHEMAS)
def test_generated_schemas_have_the_size_asked_for(kind: str) -> None:
    for size in (4_096, 40_000):
        text = growth.schema_of_size(growth.SCHEMAS[kind], size)
        assert 0.9 * size < len(text) < 1.1 * size
        cn.json_schema(text)


def test_slopes_tell_linear_from_square() -> None:
    slopes = [growth.slope(points) for points in GROWTH["schemas"].values()]
    assert slopes == pytest.approx([1, 2])


def test_pages() -> None:
    assert "| two | 5.00 | 1.00 | - | - | - | - | 2.50 x |" in growth.report(GROWTH)
    assert "| 64 MiB | 2 (1) | 10 (5) | 20 (10) | 20 | 3 | 1 | 2 |" in memory.report(MEMORY)


def test_every_result_names_programs_that_exist() -> None:
    folder = Path(growth.__file__).parent
    for commands in RESULTS.values():
        for name in [command.split()[0] for command in commands]:
            assert (folder / f"{name}.py").exists() or (folder / name / "__main__.py").exists(), name


def test_pictures(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    from benchmarks import plot

    result = SchemaResult("a", compile_ns=5_000, first_mask_ns=1_000, first=[900, 70_000], second=[600, 500])
    engines = [EngineRun(name, "1.0", 1, 1, 1, 1, results=[result]) for name in ("constrain", "another")]
    write_run(Run({"data": "none"}, engines), tmp_path / "run.json.gz")
    for name, made in (("growth", GROWTH), ("memory", MEMORY)):
        (tmp_path / f"{name}.json").write_text(json.dumps(made))
    for name in ("run.json.gz", "growth.json", "memory.json"):
        plot.main([str(tmp_path / name), str(tmp_path / f"{name}.png")])
        assert (tmp_path / f"{name}.png").stat().st_size > 1_000
