"""Intervals: the accepted spellings are exactly those whose value lies inside."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from constrain.engine import Engine, shortest_text
from constrain.errors import UnsatisfiableSchema
from constrain.languages.json_schema import Options, build
from tests.oracle import Oracle

DIGITS = 3
SPELLING = re.compile(r"-?(0|[1-9][0-9]{0,2})(\.[0-9]{1,3})?")
OPTIONS = Options(whitespace="compact", max_digits=DIGITS)

decimals = st.builds(
    lambda digits, places: Decimal(digits).scaleb(-places), st.integers(-20_000, 20_000), st.integers(0, 4)
)
small = st.builds(
    lambda digits, places: Decimal(digits).scaleb(-places), st.integers(-30, 30), st.integers(0, 2)
)
bounds = st.fixed_dictionaries(
    {},
    optional={
        "minimum": decimals | small,
        "maximum": decimals | small,
        "exclusiveMinimum": decimals | small,
        "exclusiveMaximum": decimals | small,
    },
)


def inside(schema: dict[str, Any], value: Decimal) -> bool:
    return (
        ("minimum" not in schema or value >= schema["minimum"])
        and ("maximum" not in schema or value <= schema["maximum"])
        and ("exclusiveMinimum" not in schema or value > schema["exclusiveMinimum"])
        and ("exclusiveMaximum" not in schema or value < schema["exclusiveMaximum"])
        and (schema["type"] == "number" or value == value.to_integral_value())
    )


def spellings(value: Decimal) -> list[str]:
    plain = format(value, "f")
    padded = plain + ("" if "." in plain else ".") + "00"
    return [text for text in (plain, padded, plain.rstrip("0") or "0") if SPELLING.fullmatch(text)]


@given(bounds, st.sampled_from(["number", "integer"]), st.lists(decimals | small, min_size=1, max_size=30))
@settings(max_examples=400, deadline=None)
def test_interval(schema: dict[str, Any], kind: str, values: list[Decimal]) -> None:
    assume(len(schema) > 0)
    schema = {"type": kind, **schema}
    edges = [bound for bound in schema.values() if isinstance(bound, Decimal)]
    steps = [Decimal(0), Decimal("0.001"), Decimal("-0.001"), Decimal(1), Decimal(-1)]
    values = values + [edge + step for edge in edges for step in steps]
    texts = [text for value in values for text in spellings(value)] + ["-0", "-0.0", "0", "999", "-999.999"]
    engine = Engine()
    try:
        root = build(engine, schema, OPTIONS)
    except UnsatisfiableSchema:
        assert not any(inside(schema, Decimal(text)) for text in texts)
        return
    for text in texts:
        assert engine.matches(root, text.encode()) == inside(schema, Decimal(text)), text
    assert inside(schema, Decimal(shortest_text(engine, root).decode()))


@given(bounds, st.sampled_from(["number", "integer"]), st.data())
@settings(max_examples=150, deadline=None)
def test_no_prefix_is_a_dead_end(schema: dict[str, Any], kind: str, data: st.DataObject) -> None:
    """Whatever bytes are chosen among the live ones, a number inside the interval can be reached."""
    schema = {"type": kind, **schema}
    engine = Engine()
    try:
        node = build(engine, schema, OPTIONS)
    except UnsatisfiableSchema:
        return
    text = b""
    while live := [byte for byte in b"-0123456789." if engine.derivative(node, byte) != engine.EMPTY]:
        if engine.nullable(node) and data.draw(st.booleans()):
            break
        text += bytes([data.draw(st.sampled_from(live))])
        node = engine.derivative(node, text[-1])
        assert inside(schema, Decimal((text + shortest_text(engine, node)).decode()))


@pytest.mark.parametrize("arena_type", [Oracle, Engine])
@pytest.mark.parametrize("kind", ["number", "integer"])
@pytest.mark.parametrize(
    ("low", "high"),
    [(None, 12), (-12, None), (-5, 17), (8, 8), (99, 101), (-120, -98), (0, 999), (10, 99), (1, 9)],
)
def test_every_small_integer(arena_type: Any, kind: str, low: int | None, high: int | None) -> None:
    schema = {
        "type": kind,
        **({} if low is None else {"minimum": low}),
        **({} if high is None else {"maximum": high}),
    }
    arena = arena_type()
    root = build(arena, schema, OPTIONS)
    for value in range(-130, 1000, 1 if arena_type is Engine else 7):
        expected = (low is None or value >= low) and (high is None or value <= high)
        assert arena.matches(root, str(value).encode()) is expected
        assert arena.matches(root, f"{value}.00".encode()) is expected


def test_bounds_beyond_the_digit_limit_are_clipped() -> None:
    engine = Engine()
    root = build(engine, {"minimum": -(10**50), "maximum": Decimal("1e90"), "type": "number"}, OPTIONS)
    assert engine.matches(root, b"999.999") and engine.matches(root, b"-999")
    with pytest.raises(UnsatisfiableSchema):
        build(engine, {"minimum": 1000, "type": "number"}, OPTIONS)
    with pytest.raises(UnsatisfiableSchema):
        build(
            engine,
            {"exclusiveMinimum": Decimal("0.5551"), "maximum": Decimal("0.5559"), "type": "number"},
            OPTIONS,
        )


def test_bounds_are_exact_beyond_any_context_precision() -> None:
    digits = "1234567890" * 4
    engine = Engine()
    schema = f'{{"type": "number", "minimum": -{digits[:31]}.{digits[:31]}1, "exclusiveMaximum": -0.{digits[:31]}1}}'
    root = build(engine, schema)
    assert engine.matches(root, f"-{digits[:31]}.{digits[:31]}1".encode())
    assert not engine.matches(root, f"-{digits[:31]}.{digits[:31]}2".encode())
    assert engine.matches(root, f"-0.{digits[:31]}2".encode())
    assert not engine.matches(root, f"-0.{digits[:31]}1".encode())
    root = build(engine, f'{{"enum": [-0.{digits}, 1e40]}}')
    assert engine.matches(root, f"-0.{digits}".encode().rstrip(b"0")) and engine.matches(
        root, b"1" + b"0" * 40
    )
    assert not engine.matches(root, b"-0.123456789012345678901234567890")


@pytest.mark.parametrize(
    ("schema", "accepted", "rejected"),
    [
        ({"exclusiveMinimum": 5, "minimum": 5.0}, b"5.1", b"5"),
        ({"exclusiveMinimum": 4, "minimum": 5}, b"5", b"4.5"),
        ({"exclusiveMaximum": 6, "maximum": 5}, b"5", b"5.5"),
        ({"exclusiveMinimum": True}, b"-1", b"x"),
    ],
)
def test_inclusive_and_exclusive_bounds_together(schema: Any, accepted: bytes, rejected: bytes) -> None:
    engine = Engine()
    root = build(engine, schema)
    assert engine.matches(root, accepted) and not engine.matches(root, rejected)
