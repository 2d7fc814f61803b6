"""The benchmark's own arithmetic: replay verdicts, jobs, summaries, files and tables."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("tokenizers", reason="the benchmarks need the tokenizers package")

from tokenizers import Tokenizer, models, pre_tokenizers

from benchmarks import data, engines, report
from benchmarks.engines.base import Compiled, Engine, Session, TokenizerFolder
from benchmarks.replay import ReplayError, measure_floor, replay_text, run_schema
from benchmarks.results import (
    COMPILE_ERROR,
    CRASHED,
    PASSED,
    WRONG,
    EngineRun,
    Instance,
    Run,
    SchemaResult,
    read_run,
    write_run,
)
from benchmarks.summary import (
    METRICS,
    counts,
    describe,
    paired,
    samples,
    wrong_instances,
)

STOP = 40


class Script(Compiled):
    """Allows exactly one text, given as tokens."""

    def __init__(self, tokens: tuple[int, ...], commit: Callable[[int], bool] | None = None) -> None:
        self._tokens = (*tokens, STOP)
        self._commit = commit

    def session(self) -> Session:
        row = np.zeros(2, np.int32)
        place = iter(self._tokens)

        def fill() -> None:
            token = next(place)
            row[:] = 0
            row.view(np.uint32)[token >> 5] = 1 << (token & 31)

        return Session(fill, self._commit or (lambda _: True), row)


class ScriptEngine(Engine):
    distribution = "numpy"

    def __init__(self, commit: Callable[[int], bool] | None = None) -> None:
        self._commit = commit

    def build(self, tokenizer: TokenizerFolder) -> None:
        raise NotImplementedError

    def compile(self, schema: str) -> Compiled:
        return Script(tuple(json.loads(schema)), self._commit)


def run_script(
    schema: str, *texts: tuple[bool, tuple[int, ...]], engine: Engine | None = None
) -> SchemaResult:
    job = data.Job("s", schema, tuple(data.Text(valid, tokens) for valid, tokens in texts))
    return run_schema(engine or ScriptEngine(), job, (STOP,), lambda _: None)


@pytest.mark.parametrize(
    ("tokens", "rejected_at", "sample_count"),
    [((3, 31, 32), None, 3), ((3, 4), 1, 2), ((3,), 1, 1), ((3, 31, 32, 5), 3, 4)],
)
def test_verdict_and_samples(tokens: tuple[int, ...], rejected_at: int | None, sample_count: int) -> None:
    taken: list[int] = []
    assert replay_text(Script((3, 31, 32)).session(), tokens, (STOP,), taken) == rejected_at
    assert len(taken) == sample_count


def test_statuses() -> None:
    passed = run_script("[1, 2]", (True, (1, 2)), (False, (1, 3)))
    assert passed.status == PASSED
    assert [instance.rejected_at for instance in passed.instances] == [None, 1]
    assert len(passed.first) == len(passed.second) == 4
    assert passed.compile_ns is not None

    assert run_script("[1]", (False, (1,))).status == WRONG
    assert run_script("[1]", (True, (2,))).status == WRONG

    refused = run_script("[1", (True, (1,)))
    assert (refused.status, refused.compile_ns) == (COMPILE_ERROR, None)
    assert "JSONDecodeError" in refused.message


def test_a_commit_that_contradicts_the_mask_is_a_crash() -> None:
    result = run_script("[1]", (True, (1,)), engine=ScriptEngine(commit=lambda _: False))
    assert result.status == CRASHED
    assert ReplayError.__name__ in result.message


def test_the_floor_is_measured() -> None:
    assert measure_floor(100) > 0


def test_names_of_engines() -> None:
    assert {"constrain", "llguidance", "xgrammar", "xgrammar-compliant"} <= set(engines.names())
    assert engines.locate("some.module:Thing") == ("some.module", "Thing")
    with pytest.raises(engines.UnknownEngine, match=r"no engine named 'base'; known: .*constrain"):
        engines.locate("base")


def test_sample_is_reproducible_and_in_file_order() -> None:
    records = [{"id": index} for index in range(50)]
    drawn = data.sample_records(records, 10, seed=3)
    assert drawn == data.sample_records(records, 10, seed=3) != data.sample_records(records, 10, seed=4)
    assert [record["id"] for record in drawn] == sorted(record["id"] for record in drawn)
    assert data.sample_records(records, None, seed=3) == records


def tokenizer_folder(path: Path) -> Path:
    """A byte-fallback tokenizer that marks word starts, with one special token."""
    pieces = ["</s>", "<", "/", "s", ">", '"', "▁", "a"]
    tokenizer = Tokenizer(models.BPE(vocab={piece: index for index, piece in enumerate(pieces)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    tokenizer.add_special_tokens(["</s>"])
    tokenizer.save(str(path / "tokenizer.json"))
    (path / "tokenizer_config.json").write_text(json.dumps({"eos_token": {"content": "</s>"}}))
    return path


def test_instances_are_tokenised_as_the_continuation_of_a_text(tmp_path: Path) -> None:
    folder = tokenizer_folder(tmp_path)
    assert data.open_folder(folder).stop_tokens == (0,)
    record: dict[str, Any] = {"id": "x", "schema": True, "tests": [{"valid": True, "data": "</s> a"}]}
    first, again = data.make_jobs([record, {**record, "id": "y"}], data.load_tokenizer(folder))
    assert first.texts[0].tokens == (5, 1, 2, 3, 4, 6, 7, 5)
    assert (first.repeat_of, again.repeat_of) == ("", "x")


def engine_run(name: str, *results: SchemaResult) -> EngineRun:
    return EngineRun(name, "1", 1, 2, 3, 4, results=list(results))


def result(name: str, status: str, *times: int, rejected_at: int | None = None) -> SchemaResult:
    instances = [Instance(True, 5, rejected_at)]
    return SchemaResult(name, status, "", "", 1000, 500, instances, list(times), list(times))


def example_run() -> Run:
    ours = engine_run("constrain", result("a", PASSED, 1000, 3000), result("b", PASSED, 7000))
    repeat = result("c", PASSED, 99_000)
    repeat.repeat_of = "a"
    theirs = engine_run(
        "other", result("a", PASSED, 4000, 4000), result("b", WRONG, 1000, rejected_at=2), repeat
    )
    return Run({"data": "example"}, [ours, theirs])


def test_summary() -> None:
    ours, theirs = example_run().engines
    first_visit = METRICS[0]
    assert samples(theirs.results, first_visit).tolist() == [4.0, 4.0, 1.0]
    assert describe(samples(ours.results, first_visit))["max"] == 7.0
    assert [[item.id for item in side] for side in paired(ours, theirs)] == [["a"], ["a"]]
    assert [str(wrong) for wrong in wrong_instances(theirs, valid=True)] == ["b #0 at token 2"]
    assert counts(theirs)["compiled"] == 3


@pytest.mark.parametrize("name", ["run.json", "run.json.gz"])
def test_results_survive_the_file(tmp_path: Path, name: str) -> None:
    write_run(example_run(), tmp_path / name)
    assert read_run(tmp_path / name) == example_run()


def test_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_run(example_run(), tmp_path / "run.json")
    report.main([str(tmp_path / "run.json")])
    text = capsys.readouterr().out
    assert "other and constrain on the 1 schemas that both passed" in text
    assert "**other / constrain** | **2.00** | **2.00**" in text
    assert "1 valid instances rejected: b #0 at token 2" in text


def test_report_of_a_run_without_samples() -> None:
    empty = Run({}, [engine_run("one", result("a", COMPILE_ERROR)), engine_run("two")])
    assert "| - | - |" in report.render(empty)
