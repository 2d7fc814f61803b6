"""The harnesses of the fuzzer, each on its seeds and some random inputs; and how a finding is told and made smaller."""

from __future__ import annotations

import importlib
from random import Random
from typing import Any

import pytest

from tests.fuzz import HARNESSES
from tests.fuzz.chooser import Chooser, chooser_of, text_of
from tests.fuzz.command import problem_of, shrunk

RANDOM = 60
LONGEST = 150


def inputs(harness: Any) -> list[bytes]:
    """Its seeds, random choices, and seeds with some bytes changed."""
    seeds, random = list(harness.seeds()), Random(harness.__name__)
    chosen = [
        bytes([random.randrange(0x20)]) + random.randbytes(random.randint(0, LONGEST)) for _ in range(RANDOM)
    ]
    return [*seeds, *chosen, *(mutated(random.choice(seeds), random) for _ in range(RANDOM))]


def mutated(seed: bytes, random: Random) -> bytes:
    data = bytearray(seed)
    for _ in range(random.randint(1, 3)):
        at = random.randint(0, len(data))
        data[at : at + random.randint(0, 2)] = random.randbytes(random.randint(0, 2))
    return bytes(data)


@pytest.mark.parametrize("name", HARNESSES)
def test_nothing_is_found(name: str) -> None:
    harness = importlib.import_module(f"tests.fuzz.{name}")
    for data in [b"", *inputs(harness)]:
        try:
            harness.check(data)
        except Exception as problem:
            raise AssertionError(f"python -m tests.fuzz.{name} finds something in {data!r}") from problem


def test_choices_are_spelt_by_bytes() -> None:
    chooser = Chooser(bytes([3, 130, 1, 2, 0, 255]))
    assert chooser.choice("abcde") == "d"
    assert chooser.random() == 130 / 256
    assert chooser.randint(10, 300) == 10 + 0x0201 % 291
    assert chooser.sample("abcd", 2) == ["a", "d"]
    assert chooser.at_end


def test_choices_go_on_behind_the_last_byte() -> None:
    one, other = Chooser(b"\x05"), Chooser(b"\x05")
    drawn = [one.random() for _ in range(50)]
    assert drawn == [other.random() for _ in range(50)]
    assert len(set(drawn)) > 40


def test_texts_stand_as_they_are() -> None:
    assert text_of(b'{"type": "null"}') == '{"type": "null"}'
    assert text_of(b"a\xff") == "a\udcff"
    assert text_of(b"\x01a") is None
    assert text_of(b"") is None


def test_a_text_is_the_seed_of_choices() -> None:
    assert chooser_of(b"ab").at_end and not chooser_of(b"\x01b").at_end
    assert [chooser_of(text).random() for text in (b"ab", b"ab", b"ac")].count(
        chooser_of(b"ab").random()
    ) == 2


def flawed(data: bytes) -> None:
    """Finds something wrong with an x after an a."""
    assert b"x" not in data.partition(b"a")[2], "as it should"


def test_a_finding_is_made_smaller() -> None:
    found = problem_of(flawed, b"123 a 456 x 789")
    assert found is not None and found[0].startswith("AssertionError at tests/test_fuzz.py:")
    assert shrunk(flawed, b"123 a 456 x 789") == b"ax"
    assert problem_of(flawed, b"123 x a 456") is None
