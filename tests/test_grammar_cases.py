"""Every construct of the grammar language, as data: see ``data/grammar/cases.txt`` and ``errors.txt``."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from constrain.engine import Engine
from constrain.errors import ConstrainError, GrammarError
from constrain.languages import grammar
from tests.oracle import Oracle

DATA = Path(__file__).parent / "data" / "grammar"


def sections(name: str) -> list[Any]:
    """One parameter set per case: the grammar, then {title: content} of the other sections."""
    cases = re.split(r"^=== (.*)\n", (DATA / name).read_text(encoding="utf-8"), flags=re.MULTILINE)
    found = []
    for title, case in zip(cases[1::2], cases[2::2], strict=True):
        parts = re.split(r"^--- (.*)\n", case, flags=re.MULTILINE)
        found.append(pytest.param(parts[0], dict(zip(parts[1::2], parts[2::2], strict=True)), id=title))
    return found


def texts(section: str) -> list[str]:
    """JSON strings, separated by blanks."""
    decoder = json.JSONDecoder()
    found: list[str] = []
    section = section.strip()
    while section:
        text, end = decoder.raw_decode(section)
        found.append(text)
        section = section[end:].lstrip()
    return found


@pytest.mark.parametrize("arena_class", [Oracle, Engine])
@pytest.mark.parametrize(("text", "expected"), sections("cases.txt"))
def test_language(arena_class: type, text: str, expected: dict[str, str]) -> None:
    arena = arena_class()
    node = grammar.build(arena, text)
    accepts, rejects = texts(expected["accepts"]), texts(expected["rejects"])
    assert [each for each in accepts if not arena.matches(node, each.encode())] == []
    assert [each for each in rejects if arena.matches(node, each.encode())] == []
    for each in accepts:
        assert_every_prefix_is_alive(arena, node, each.encode())


def assert_every_prefix_is_alive(arena: Any, node: Any, text: bytes) -> None:
    for byte in text:
        assert not arena.is_empty(node)
        node = arena.derivative(node, byte)


def slow_twin() -> Any:
    """It has the methods of ``Engine`` that front ends call, and is no subclass."""
    return Oracle()


@pytest.mark.parametrize(("text", "expected"), sections("errors.txt"))
def test_error(text: str, expected: dict[str, str]) -> None:
    line, column, reason = expected["error"].strip().split(" ", 2)
    with pytest.raises(GrammarError) as caught:
        grammar.build(slow_twin(), text)
    error = caught.value
    assert (error.line, error.column, reason in error.reason) == (int(line), int(column), True), str(error)


def test_other_start() -> None:
    arena = Engine()
    node = grammar.build(arena, 'start: "a"\nother: "b"', start="other")
    assert arena.matches(node, b"b") and not arena.matches(node, b"a")


def test_missing_start_suggests_a_name() -> None:
    with pytest.raises(GrammarError, match="did you mean 'other'"):
        grammar.build(slow_twin(), 'other: "b"', start="othr")


def test_nesting_is_bounded() -> None:
    with pytest.raises(GrammarError, match="nested more than"):
        grammar.build(slow_twin(), "start: " + "(" * 5000 + '"a"' + ")" * 5000)


def test_error_in_a_template_argument_names_its_place() -> None:
    with pytest.raises(GrammarError) as caught:
        grammar.build(slow_twin(), "t{x}: x\nstart: t{/a)/}")
    assert caught.value.line == 2


def test_load_by_name_and_by_path(tmp_path: Path) -> None:
    assert grammar.load("json").startswith("// JSON")
    file = tmp_path / "mine.lark"
    file.write_text('start: "ü"', encoding="utf-8")
    assert grammar.load(file) == grammar.load(str(file)) == 'start: "ü"'
    assert {"arithmetic", "common", "json"} <= set(grammar.names())


def test_load_of_an_unknown_name() -> None:
    with pytest.raises(ConstrainError, match="no grammar named 'jsn' is shipped"):
        grammar.load("jsn")
    with pytest.raises(FileNotFoundError):
        grammar.load("nowhere/jsn.lark")
