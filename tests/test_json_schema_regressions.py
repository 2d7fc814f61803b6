"""Schemas on which random testing once found a fault, made small: ``data/json_schema_regressions.json``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from constrain.engine import Engine
from constrain.errors import UnsatisfiableSchema
from constrain.languages.json_schema import Options, build

FOUND = json.loads(
    (Path(__file__).parent / "data" / "json_schema_regressions.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("case", FOUND, ids=lambda case: case["found"])
def test_what_was_found_once(case: dict[str, Any]) -> None:
    options = Options(property_order="any", draft=case.get("draft"))
    engine = Engine()
    try:
        root = build(engine, case["schema"], options)
    except UnsatisfiableSchema:
        root = engine.EMPTY
    assert [text for text in case["accepted"] if not engine.matches(root, text.encode())] == []
    assert [text for text in case["rejected"] if engine.matches(root, text.encode())] == []
