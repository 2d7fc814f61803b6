"""Divisibility, bounds and spelling of numbers: the accepted texts are exactly those that the conditions allow."""

from __future__ import annotations

import itertools
import random
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import constrain as cn
from constrain.engine import Engine, shortest_text
from constrain.languages.json_schema.numerals.number_writer import write_numbers
from constrain.languages.json_schema.values.multiples import Multiples
from constrain.languages.json_schema.values.numbers import (
    ANY,
    ANY_INTEGER,
    ANY_NUMBER,
    LEXICAL,
    POINTED,
    WHOLE,
    Numbers,
    without,
)
from constrain.spelling.atoms import Alphabet
from constrain.spelling.restriction import Restriction
from tests.number_parts import combined, means, part_lists, spellings, writer_of, written
from tests.oracle import Oracle

SHORT = spellings(1)
LONGER = spellings(2)
DIGITS = b"-.0123456789"


def texts_of(arena: Any, node: Any, length: int) -> set[str]:
    """All texts, by way of every live byte; each of these must lead on."""
    found: set[str] = set()
    todo = [] if node == arena.EMPTY else [(node, b"")]
    while todo:
        state, text = todo.pop()
        live = [byte for byte in range(256) if arena.derivative(state, byte) != arena.EMPTY]
        assert set(live) <= set(DIGITS) and len(text) <= length
        assert live or arena.nullable(state), f"a dead end after {text!r}"
        if arena.nullable(state):
            found.add(text.decode())
        todo += [(arena.derivative(state, byte), text + bytes([byte])) for byte in live]
    return found


@given(part_lists(150))
@settings(deadline=None, max_examples=300)
def test_every_text_of_few_digits(parts: list[Numbers]) -> None:
    expected = {text for text in SHORT if all(means(part, text) for part in parts)}
    part = combined(parts)
    if part is None:
        assert not expected
        return
    engine, node, _ = written(part, 1)
    assert texts_of(engine, node, 4) == expected
    if expected:
        assert len(shortest_text(engine, node)) == min(map(len, expected))


@given(part_lists(12_000))
@settings(deadline=None, max_examples=12)
def test_every_text_of_more_digits(parts: list[Numbers]) -> None:
    expected = {text for text in LONGER if all(means(part, text) for part in parts)}
    part = combined(parts)
    if part is None:
        assert not expected
        return
    engine, node, writer = written(part, 2)
    assert part.inhabited(writer.solver) is bool(expected)
    assert texts_of(engine, node, 6) == expected


@given(part_lists(150, 3))
@settings(deadline=None, max_examples=40)
def test_the_slow_twin_agrees(parts: list[Numbers]) -> None:
    part = combined(parts)
    assume(part is not None)
    assert part is not None
    oracle, node, _ = written(part, 1, Oracle())
    assert texts_of(oracle, node, 4) == {text for text in SHORT if means(part, text)}


numbers_of_any_size = st.builds(
    lambda digits, places: Decimal(digits).scaleb(-places),
    st.integers(-(10**12), 10**12) | st.integers(-300, 300),
    st.integers(0, 12),
)


def spelled(value: Decimal, pointed: bool) -> str:
    text = str(int(value)) if value == int(value) else format(value, "f")
    return text + ".0" if pointed and "." not in text else text


@given(part_lists(10**6, 6), st.lists(numbers_of_any_size, min_size=1, max_size=20), st.booleans())
@settings(deadline=None, max_examples=300)
def test_laws(parts: list[Numbers], values: list[Decimal], pointed: bool) -> None:
    """Conjunction and negation mean what they should, and so do negations of negations."""
    part = combined(parts)
    others = [ANY_NUMBER] if part is None else part.complement(None)  # type: ignore[arg-type]
    back: list[Numbers] = [ANY_NUMBER]
    for other in others:
        negated = other.complement(None)  # type: ignore[arg-type]
        pairs = [one.both(each) for one in back for each in negated]
        back = [each for each in pairs if each is not None]
    steps = [Decimal(0), *[Decimal(step) for step in ("1", "-0.5", "7", "100", "0.123456789", "123457")]]
    for text in [spelled(value + step, pointed) for value in values for step in steps]:
        expected = all(means(each, text) for each in parts)
        assert (part is not None and means(part, text)) is expected
        assert sum(means(other, text) for other in others) == (not expected)
        assert sum(means(each, text) for each in back) == expected


@given(part_lists(10**9, 6), numbers_of_any_size)
@settings(deadline=None, max_examples=300)
def test_accepts(parts: list[Numbers], value: Decimal) -> None:
    part = combined(parts)
    assume(part is not None)
    assert part is not None
    expected = any(means(part, spelled(value, pointed)) for pointed in (False, True))
    assert part.accepts(value, None) is expected  # type: ignore[arg-type]


@given(part_lists(10**9, 4), st.integers(0, 10**6))
@settings(deadline=None, max_examples=100)
def test_walks_in_long_numbers(parts: list[Numbers], seed: int) -> None:
    """Whatever bytes are chosen among the live ones, a number can be finished, and it is a right one."""
    part = combined(parts)
    assume(part is not None)
    assert part is not None
    engine, node, _ = written(part, 32)
    assume(node != engine.EMPTY)
    chooser = random.Random(seed)
    text = b""
    while True:
        ending = text + shortest_text(engine, node)
        assert means(part, ending.decode())
        assert engine.matches(node, ending[len(text) :])
        live = [byte for byte in DIGITS if engine.derivative(node, byte) != engine.EMPTY]
        for byte in live:  # one more byte saves one byte at most
            rest = shortest_text(engine, engine.derivative(node, byte))
            assert len(text) + 1 + len(rest) >= len(ending)
        if not live or chooser.random() < 0.05:
            break
        text += bytes([chooser.choice(live)])
        node = engine.derivative(node, text[-1])


@given(part_lists(10**9, 4), st.integers(0, 10**6))
@settings(deadline=None, max_examples=100)
def test_what_states_say_of_beginnings(parts: list[Numbers], seed: int) -> None:
    """A state that is described knows which of the short texts of some bytes are beginnings, if it says so."""
    part = combined(parts)
    assume(part is not None)
    assert part is not None
    engine, node, _ = written(part, 32)
    assume(node != engine.EMPTY)
    chooser = random.Random(seed)
    while live := [byte for byte in DIGITS if engine.derivative(node, byte) != engine.EMPTY]:
        node = engine.derivative(node, chooser.choice(live))
        kind, _, *supplier = engine.inspect(engine.inspect(node)[1]) if node > engine.EPSILON else ("", 0)
        if kind == "reference":
            for used, length in itertools.product([DIGITS, DIGITS[2:], DIGITS[2:5]], [1, 2]):
                begins = supplier[0].begins(sum(1 << byte for byte in used), length)
                for text in itertools.product(used, repeat=length if begins is not None else 0):
                    is_beginning = engine.advance(node, bytes(text)) != engine.EMPTY
                    assert not text or is_beginning == bool(begins >> text[0] & 1)


TOKENS: list[bytes | None] = [
    *[f"{n:0{k}}".encode() for k in (1, 2, 3) for n in range(10**k)],
    *[b".", b"-", b".0", b".5", b"-1", b"]", b"0]", b"5]", b"12]", b"30.", b"64]", b"75.0", b"750]"],
    None,
]
VOCABULARY = cn.Vocabulary(TOKENS, [len(TOKENS) - 1])

COMBINATIONS = {
    "multiple": ANY_NUMBER.divided_by(7),
    "multiple in an interval": Numbers(low=10**6, high=2 * 10**6).divided_by(123457),
    "cents": Numbers(low=0).divided_by(0.01),
    "hundreds": ANY_NUMBER.divided_by(100),
    "eighths": Numbers(high=Decimal("99.5"), high_open=True).divided_by(Decimal("0.125")),
    "not a multiple": Numbers(indivisible=(Fraction(7),)),
    "not an integer": Numbers(indivisible=(Fraction(1),)),
    "not a multiple, in a long interval": Numbers(
        low=-(10**7), high=10**8 - 77, multiple=Fraction(13), indivisible=(Fraction(39), Fraction(65))
    ),
    "several": combined(
        [ANY_INTEGER, Numbers(indivisible=(Fraction(2),)), Numbers(indivisible=(Fraction(3),))]
    ),
    "pointed": Numbers(low=-3, high=120, integer=POINTED),
    "lexical": Numbers(low=-3, high=120, integer=LEXICAL).divided_by(4),
}


@pytest.mark.parametrize("part", COMBINATIONS.values(), ids=list(COMBINATIONS))
def test_masks(part: Numbers) -> None:
    """Walks over masks, each of which must be that of the derivatives by single tokens."""

    def build(engine: Engine) -> int:
        node = write_numbers(part, writer_of(engine, 8))
        root: int = engine.concat(node, engine.literal(b"]"))
        return root

    constraint = cn.compile(cn.Grammar("test", build), VOCABULARY)
    chooser = random.Random(1)
    for _ in range(4):
        matcher = constraint.matcher()
        text = b""
        while not matcher.can_stop:
            bitmask = cn.allocate_bitmask(1, VOCABULARY.size)
            matcher.fill_mask(bitmask)
            assert np.array_equal(bitmask[0], matcher.mask_by_derivatives())
            token = chooser.choice(matcher.allowed_tokens())
            assert matcher.advance(token)
            text += VOCABULARY.tokens[token] or b""
        assert means(part, text[:-1].decode())


@pytest.mark.parametrize("divisor", ["1e-8", "0.01", "1e308", "0.123456789", "123457", "2.5", "1e-308", "3"])
def test_exact_whatever_the_size(divisor: str) -> None:
    """Multiples, and their neighbours in the last place, far beyond what a float can tell apart."""
    part = ANY_NUMBER.divided_by(Decimal(divisor))
    engine, node, _ = written(part, 400)
    step = Fraction(divisor)
    for count in (0, 1, 3, 10**15 + 1, 10**40 + 7):
        number = count * step
        for places in (0, 1, 3, 12, 330):
            for text in (_decimal(number, places), _decimal(number + Fraction(1, 10**places), places)):
                if len(text.partition(".")[0]) <= 400:
                    assert engine.matches(node, text.encode()) is means(part, text), text


def _decimal(number: Fraction, places: int) -> str:
    """``number`` with ``places`` digits after the point, cut off."""
    whole, rest = divmod(int(number * 10**places), 10**places)
    return f"{whole}.{rest:0{places}}" if places else str(whole)


def test_floats_are_what_they_look_like() -> None:
    assert ANY_NUMBER.divided_by(0.1) == ANY_NUMBER.divided_by(Decimal("0.1")) != ANY_NUMBER.divided_by(0.2)
    assert ANY_NUMBER.divided_by(0.1).accepts(0.3, None)  # type: ignore[arg-type]
    assert ANY_NUMBER.divided_by(1.0) == ANY_INTEGER == ANY_INTEGER.divided_by(0.5)
    for bad in (0, -1, -0.5):
        with pytest.raises(ValueError, match="greater than 0"):
            ANY_NUMBER.divided_by(bad)


def test_several_divisors_are_one() -> None:
    assert ANY_NUMBER.divided_by(6).divided_by(4) == ANY_NUMBER.divided_by(12)
    assert ANY_NUMBER.divided_by(0.6).divided_by(0.4) == ANY_NUMBER.divided_by(1.2)
    assert ANY_NUMBER.divided_by(6).both(Numbers(indivisible=(Fraction(3),))) is None
    assert ANY_NUMBER.divided_by(2).both(Numbers(indivisible=(Fraction(3),))) == Numbers(
        integer=WHOLE, multiple=Fraction(2), indivisible=(Fraction(6),)
    )


@pytest.mark.parametrize("integer", [ANY, LEXICAL, POINTED])
@settings(deadline=None)
@given(values=st.lists(st.sampled_from([-1, 0, 0.5, 1, Decimal("1.5"), 2.0, 7, 10**20]), max_size=4))
def test_without(integer: int, values: list[Any]) -> None:
    parts = without(values, integer)
    held = {Fraction(str(value)) for value in values}
    for text in [
        "-1",
        "-1.0",
        "-0",
        "0.0",
        "0",
        "0.5",
        "0.50",
        "1",
        "1.0",
        "1.5",
        "2",
        "2.0",
        "3.25",
        "7",
        "8",
        "1" + "0" * 20,
    ]:
        among = Fraction(text) in held
        if integer != ANY:
            among = among and ("." in text) is (integer == POINTED)
        assert sum(means(part, text) for part in parts) == (not among), text


def test_draft_4_integers() -> None:
    """In draft 4, 1.0 is not an integer; it is a multiple of 1."""
    engine, node, _ = written(Numbers(integer=POINTED), 3)
    assert [engine.matches(node, text) for text in (b"1", b"1.0", b"-2.5", b"1e5")] == [
        False,
        True,
        True,
        False,
    ]
    engine, node, _ = written(Numbers(integer=LEXICAL).divided_by(2), 3)
    assert [engine.matches(node, text) for text in (b"2", b"2.0", b"3")] == [True, False, False]
    assert Numbers(integer=LEXICAL).complement(None) == [Numbers(integer=POINTED)]  # type: ignore[arg-type]
    assert Numbers(integer=POINTED).complement(None) == [Numbers(integer=LEXICAL)]  # type: ignore[arg-type]
    assert Numbers(integer=LEXICAL).both(Numbers(integer=POINTED)) is None


@given(
    st.integers(1, 40),
    st.lists(st.integers(1, 60), max_size=5),
    st.integers(-2000, 2000),
    st.integers(0, 300),
)
@settings(deadline=None, max_examples=300)
def test_first_member(step: int, divisors: list[int], low: int, length: int) -> None:
    members = Multiples.of(Fraction(step), tuple(map(Fraction, divisors)), 0)
    expected = [
        number
        for number in range(low, low + length)
        if number % step == 0 and all(number % divisor for divisor in divisors)
    ]
    assert members.first(low, low + length - 1) == (expected[0] if expected else None)
    assert members.at_least(low, low + length - 1) <= len(expected)
    assert divisors or members.at_least(low, low + length - 1) == len(expected)
    if length >= members.ample and members.first(-(10**9), 10**9) is not None:
        assert expected


@given(st.integers(1, 40), st.lists(st.integers(1, 60), max_size=2), st.integers(0, 10**6), st.integers(0, 4))
@settings(deadline=None, max_examples=200)
def test_digits_of_members(step: int, divisors: list[int], start: int, place: int) -> None:
    members = Multiples.of(Fraction(step), tuple(map(Fraction, divisors)), 0)
    low, power = start * 10 ** (place + 1), 10**place
    high = low + 10 * power - 1
    digits = {
        number // power % 10 for number in range(low, high + 1) if members.first(number, number) is not None
    }
    assert members.digits(low, high, power) == sum(1 << digit for digit in digits)


@pytest.mark.parametrize(("divisor", "most"), [("100", 100), ("5", 70), ("0.01", 5), ("0.5", 5)])
def test_common_divisors_make_small_automata(divisor: str, most: int) -> None:
    """About one state for each digit that may still follow, and each number of zeros that must."""
    engine, node, _ = written(ANY_NUMBER.divided_by(Decimal(divisor)), 32)
    seen, todo = {node}, [node]
    while todo:
        state = todo.pop()
        for byte in DIGITS:
            target = engine.derivative(state, byte)
            if target not in seen and target != engine.EMPTY:
                seen.add(target)
                todo.append(target)
    assert len(seen) < most + 3 * 32  # digits of the integer part, and of the fraction, and zeros at its end


def test_questions_that_no_search_could_answer() -> None:
    """Shortest texts, and what is spelled without an x, of an automaton with millions of states."""
    engine, node, _ = written(Numbers(low=10**12 + 1).divided_by(1234577), 32)
    assert shortest_text(engine, node) == b"1000001197115"
    alphabet = Alphabet(bytes([byte]) for byte in range(256) if byte != ord("x"))
    assert Restriction(engine, alphabet).restricted(node) == node
