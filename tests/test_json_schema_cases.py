"""Every case of ``json_schema_cases``, on the slow twin and on the engine."""

from __future__ import annotations

import json
from typing import Any

import pytest

import constrain as cn
from constrain.engine import Engine
from constrain.languages.json_schema import Options, build, build_shared, check
from tests.json_schema_cases import CASES, Case
from tests.oracle import Oracle

ALL = [
    pytest.param(case, id=f"{topic}-{number}")
    for topic, cases in CASES.items()
    for number, case in enumerate(cases)
]


@pytest.mark.parametrize("arena_type", [Oracle, Engine])
@pytest.mark.parametrize("case", ALL)
def test_case(case: Case, arena_type: Any) -> None:
    arena = arena_type()
    root = build(arena, case.schema)
    wrong = [text for text in case.accepted if not arena.matches(root, text.encode())]
    wrong += [text for text in case.rejected if arena.matches(root, text.encode())]
    assert not wrong


@pytest.mark.parametrize("case", [case for case in ALL if not str(case.id).startswith("whitespace")])
def test_json_text_is_the_same_schema(case: Case) -> None:
    """From text, numbers arrive as exact decimals."""
    arena = Engine()
    root = build(arena, json.dumps(case.schema))
    assert all(arena.matches(root, text.encode()) for text in case.accepted)
    assert not any(arena.matches(root, text.encode()) for text in case.rejected)


@pytest.mark.parametrize("case", [case for case in ALL if str(case.id).startswith(("names", "choices"))])
def test_verdicts_in_any_order(case: Case) -> None:
    arena = Engine()
    root = build(arena, case.schema, Options(property_order="any"))
    assert all(arena.matches(root, text.encode()) for text in case.accepted)
    assert not any(arena.matches(root, text.encode()) for text in case.rejected)


def test_compact_whitespace() -> None:
    arena = Engine()
    root = build(
        arena, {"properties": {"a": {"type": "array"}}, "type": "object"}, Options(whitespace="compact")
    )
    assert arena.matches(root, b'{"a":[1,{"b":2}],"c":null}')
    for text in (
        b' {"a":[]}',
        b'{ "a":[]}',
        b'{"a" :[]}',
        b'{"a": []}',
        b'{"a":[ ]}',
        b'{"a":[1, 2]}',
        b'{"a":[]} ',
    ):
        assert not arena.matches(root, text)


def test_max_digits() -> None:
    arena = Engine()
    root = build(arena, {"type": "number"}, Options(max_digits=3))
    assert (
        arena.matches(root, b"123.456")
        and not arena.matches(root, b"1234")
        and not arena.matches(root, b"1.2345")
    )


def test_integers_by_digits() -> None:
    """Also where they are bounded, multiples, or one of several types; other numbers are as they were."""
    schema = {
        "prefixItems": [
            {"type": "integer"},
            {"type": "integer", "minimum": 3},
            {"type": ["integer", "string"], "multipleOf": 2},
            {"type": "number"},
        ]
    }
    by_value, by_digits = (cn.json_schema(schema, integers=kind) for kind in ("value", "digits"))
    for text in ("[1.0]", "[1, 4.0]", "[1, 4, 6.0]"):
        assert by_value.matches(text) and not by_digits.matches(text)
    assert by_digits.matches("[1, 4, 6, 6.0]") and not by_digits.matches("[1, 2]")


@pytest.mark.parametrize(
    ("schema", "accepted", "refused"),
    [
        ({"const": 1}, ["1"], ["1.0"]),
        ({"enum": [1, 2.5, "a"]}, ["1", "2.5", "2.50", '"a"'], ["1.0", "2"]),
        ({"const": {"a": [0, -3]}}, ['{"a": [0, -3]}'], ['{"a": [0.0, -3]}', '{"a": [0, -3.0]}']),
        ({"type": "number", "not": {"const": 1}}, ["2", "2.0"], ["1", "1.0"]),
        ({"not": {"type": "integer"}}, ["1.5"], ["1", "1.0", "2.0"]),
        ({"oneOf": [{"type": "integer"}, {"type": "number", "minimum": 5}]}, ["1", "6.5"], ["6", "6.0"]),
        ({"items": {"type": "number"}, "uniqueItems": True}, ["[1, 2.0]"], ["[1, 1.0]"]),
        ({"items": {"type": "integer"}, "uniqueItems": True}, ["[1, 2]"], ["[1, 1]", "[1, 2.0]"]),
    ],
)
def test_integers_by_digits_are_spelled_so_and_judged_as_ever(
    schema: dict[str, Any], accepted: list[str], refused: list[str]
) -> None:
    grammar = cn.json_schema(schema, integers="digits")
    assert [text for text in accepted if not grammar.matches(text)] == []
    assert [text for text in refused if grammar.matches(text)] == []


@pytest.mark.parametrize(
    "options", [{"whitespace": "pretty"}, {"max_digits": 0}, {"max_digits": 10**6}, {"integers": "whole"}]
)
def test_unknown_options(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        Options(**options)


def test_shared_expressions_are_the_same_nodes_in_every_copy() -> None:
    base, options = Engine(), Options()
    shared = build_shared(base, options)
    for kind in ("string", "number", "integer", "array", "object"):
        engine = Engine(base)
        build(engine, {"properties": {"a": {"minLength": 3}}}, options, shared)  # other nodes come first
        assert build(engine, {"type": kind}, options, shared) == engine.concat(
            shared.space, getattr(shared, kind)
        )


def test_shared_expressions_of_other_options_are_refused() -> None:
    engine = Engine()
    shared = build_shared(engine, Options())
    with pytest.raises(ValueError, match="other spellings"):
        build(engine, True, Options(whitespace="compact"), shared)


def test_only_the_root_is_built() -> None:
    """Thousands of properties cost one table; what lies below them costs nothing before it is reached."""
    inner = {f"p{i}": {"type": "string", "maxLength": i} for i in range(20)}
    schema = {
        "properties": {
            f"k{i}": {"type": "object", "properties": inner, "required": ["p1"]} for i in range(2000)
        }
    }
    base, options = Engine(), Options()
    shared = build_shared(base, options)
    engine = Engine(base)
    root = build(engine, {"type": "object", **schema}, options, shared)
    assert engine.size - base.size < 20
    assert engine.matches(root, b'{"k7": {"p1": "x"}, "k1999": {"p1": "", "p19": "abc"}}')
    assert not engine.matches(root, b'{"k7": {"p0": ""}}')
    assert engine.size - base.size < 1000


def test_a_checked_schema_can_be_built() -> None:
    checked = check({"type": "string", "format": "unheard-of"})
    assert list(checked.unknown_formats) == ["unheard-of"]
    engine = Engine()
    assert engine.matches(build(engine, checked), b'"x"')
