"""The official JSON Schema Test Suite and real schemas with their documents: every verdict.

``data_folder`` says where both are searched. Every verdict that differs from the suite, all of them in optional files,
is listed with reasons in ``data/suite_exceptions.json`` and, for formats, in ``format_cases``; every entry of the lists
must be needed, if its test is in the release of the suite that is at hand.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from constrain.engine import Engine
from constrain.errors import ConstrainError, UnsatisfiableSchema
from constrain.languages.json_schema import Options, Shared, build, build_shared, check
from tests.data_folder import maskbench, suite_path
from tests.format_cases import NARROWER

DRAFTS = {"draft4": 4, "draft6": 6, "draft7": 7, "draft2019-09": 2019, "draft2020-12": 2020}
LISTED = json.loads((Path(__file__).parent / "data" / "suite_exceptions.json").read_text(encoding="utf-8"))

# How many verdicts the files hold at least: fewer would mean that they were not read.
LEAST = {"draft4": 850, "draft6": 1100, "draft7": 1450, "draft2019-09": 1850, "draft2020-12": 1900}


class Case(NamedTuple):
    """A document of the suite, and the schema that it is judged by."""

    file: str
    group: str
    description: str
    schema: Any
    data: Any
    valid: bool


def cases(draft: str) -> Iterator[Case]:
    folder = suite_path("tests", draft)
    for path in sorted(folder.rglob("*.json")):
        file = path.relative_to(folder).as_posix()
        for group in json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal):
            for test in group["tests"]:
                described = file, group["description"], test["description"]
                yield Case(*described, group["schema"], test["data"], test["valid"])


@cache
def registry() -> dict[str, Any]:
    """The documents that the suite's references lead to, by address."""
    folder = suite_path("remotes")
    return {
        f"http://localhost:1234/{path.relative_to(folder).as_posix()}": json.loads(path.read_text("utf-8"))
        for path in folder.rglob("*.json")
    }


def options(case: Case, draft: str) -> Options:
    """The order of keys says nothing about validity, nor does a format unless a file is about formats."""
    return Options(
        property_order="any",
        formats="format/" in case.file or case.file == "optional/format-assertion.json",
        draft=DRAFTS[draft],
        max_digits=400 if case.file in ("optional/bignum.json", "optional/float-overflow.json") else 32,
    )


@cache
def base(options: Options) -> tuple[Engine, Shared]:
    engine = Engine()
    return engine, build_shared(engine, options)


def text(value: Any) -> str:
    """JSON text of a value, its numbers written out."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{text(name)}: {text(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(text, value)) + "]"
    if isinstance(value, (float, Decimal)):
        return f"{Decimal(str(value)):f}"
    return json.dumps(value, ensure_ascii=False)


def language(schema: Any, options: Options, documents: dict[str, Any] | None = None) -> tuple[Engine, Any]:
    engine, shared = base(options)
    engine = Engine(engine)
    try:
        return engine, build(engine, check(schema, options, documents), options, shared)
    except UnsatisfiableSchema:
        return engine, engine.EMPTY


def wrong_cases(draft: str) -> Iterator[Case]:
    known: tuple[Any, tuple[Engine, Any]] | None = None
    for case in cases(draft):
        if known is None or known[0] is not case.schema:
            known = case.schema, language(case.schema, options(case, draft), registry())
        engine, root = known[1]
        if engine.matches(root, text(case.data).encode()) != case.valid:
            yield case


def is_listed(case: Case, draft: str) -> bool:
    if "format/" in case.file:
        return case.valid and (Path(case.file).stem, case.description) in NARROWER
    return any(entry["case"] == [case.file, case.group, case.description] for entry in LISTED[draft])


@pytest.mark.parametrize("draft", DRAFTS)
def test_official_suite(draft: str) -> None:
    known = [list(case[:3]) for case in cases(draft)]
    assert len(known) > LEAST[draft]
    wrong = list(wrong_cases(draft))
    assert [case[:3] for case in wrong if not is_listed(case, draft)] == []
    needed = [list(case[:3]) for case in wrong if "format/" not in case.file]
    listed = [entry["case"] for entry in LISTED[draft] if entry["case"] in known]
    assert listed == needed, "every exception is needed"


def test_exceptions_are_optional_and_have_reasons() -> None:
    for draft in DRAFTS:
        for entry in LISTED[draft]:
            assert entry["case"][0].startswith("optional/") and entry["reason"]


# -- real schemas ---------------------------------------------------------------------------------

STEP = 8


@pytest.mark.parametrize("order", ["any", "schema"])
def test_real_schemas(order: str) -> None:
    """In any order every verdict is right; in schema order no document is accepted that is not valid."""
    chosen = Options(property_order=order)
    wrong, refused, verdicts = [], [], Counter[bool]()
    for row in maskbench()[::STEP]:
        try:
            engine, root = language(row["schema"], chosen)
            accepted = [engine.matches(root, text(case["data"]).encode()) for case in row["tests"]]
        except ConstrainError as problem:
            refused.append([row["id"], type(problem).__name__])
            continue
        for case, verdict in zip(row["tests"], accepted, strict=True):
            verdicts[verdict] += 1
            if verdict != case["valid"] and (verdict or order == "any"):
                wrong.append((row["id"], verdict))
    assert wrong == []
    assert refused == [entry[:2] for entry in LISTED["maskbench"][order]]
    assert verdicts[True] > 300 and verdicts[False] > 200
