"""The ecma flavour against node's RegExp."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constrain.engine import Engine
from tests.data_folder import maskbench
from tests.oracle import Oracle
from tests.regex_support import ARENAS, Node, Pattern, patterns, refusal, texts

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="needs node")

JUNK = [
    *"ab\\-[]{}()^$.*+?|0129,:=!<>/@_cuxkdwBs ",
    "(?",
    "(?<n>",
    "\\k<n>",
    "\\x6",
    "\\u0061",
    "\\1",
    "[\\w-a]",
]
EDITS = "aZ0-_./: \né$"


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    process = Node()
    yield process
    process.close()


@pytest.mark.parametrize("kind", ARENAS)
@given(
    source=patterns("ecma"),
    samples=texts("ab-\né_ 1Kkſ\u2028\ufeff"),
    flag=st.sampled_from(["", "i", "m", "s"]),
)
@settings(max_examples=150, deadline=None)
def test_same_texts_as_node(kind: Any, node: Node, source: str, samples: list[str], flag: str) -> None:
    answer = node.search(source, samples, flag)
    assert answer is not None
    pattern = Pattern(kind, f"(?{flag}:{source})" if flag else source, "ecma", "search")
    assert [pattern.matches(text) for text in samples] == answer["matches"]


@given(source=st.lists(st.sampled_from(JUNK), max_size=8).map("".join), samples=texts("ab-\\x6\x01\x1f{]"))
@settings(max_examples=1500, deadline=None)
def test_syntax_of_both_modes(node: Node, source: str, samples: list[str]) -> None:
    answer = node.search(source, samples)
    if (reason := refusal(source, "ecma")) is not None:
        assert answer is None or "regular" in reason or "needs a pattern" in reason
        return
    assert answer is not None
    pattern = Pattern(Engine, source, "ecma", "search")
    assert [pattern.matches(text) for text in samples] == answer["matches"]


@pytest.mark.parametrize("name", ["L", "Lu", "Nd", "P", "Sc", "Zs", "Cc", "Uppercase", "Lowercase", "ASCII"])
def test_properties_agree_with_node(node: Node, name: str) -> None:
    # Characters that both Unicode versions have assigned for long.
    samples = [chr(c) for c in range(0x250) if not 0xD800 <= c < 0xE000]
    answer = node.search(rf"^\p{{{name}}}$", samples)
    assert answer is not None
    pattern = Pattern(Engine, rf"^\p{{{name}}}$", "ecma", "search")
    assert [pattern.matches(text) for text in samples] == answer["matches"]


# -- the patterns of real schemas -----------------------------------------------------------------


def _patterns(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            yield schema["pattern"]
        if isinstance(schema.get("patternProperties"), dict):
            yield from schema["patternProperties"]
    for inner in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from _patterns(inner)


def _strings(instance: Any) -> Iterator[str]:
    if isinstance(instance, str):
        yield instance
    elif isinstance(instance, dict):
        yield from instance
        yield from _strings(list(instance.values()))
    elif isinstance(instance, list):
        for inner in instance:
            yield from _strings(inner)


def _edited(text: str, chance: random.Random) -> str:
    """The text with one character inserted, removed or replaced."""
    place, letter = chance.randrange(len(text) + 1), chance.choice(EDITS)
    return chance.choice([text[:place] + letter, text[:place]]) + text[place + chance.randrange(2) :]


def _real_patterns() -> dict[str, set[str]]:
    """Pattern -> strings of the instances beside it."""
    found: dict[str, set[str]] = {}
    for record in maskbench():
        sources = set(_patterns(record["schema"]))
        if sources:
            strings = set(_strings([test["data"] for test in record["tests"]]))
            for source in sources:
                found.setdefault(source, set()).update(strings)
    return found


def test_patterns_of_real_schemas(node: Node) -> None:
    chance = random.Random(1)
    for number, (source, strings) in enumerate(sorted(_real_patterns().items())):
        samples = [text[:60] for text in sorted(strings, key=len)[:20] if text.isprintable()]
        samples += [_edited(text, chance) for text in samples for _ in range(3)] + ["", "a"]
        answer = node.search(source, samples)
        assert answer is not None, source
        for kind in [Engine, Oracle] if number % 20 == 0 else [Engine]:
            pattern = Pattern(kind, source, "ecma", "search")
            few = samples if kind is Engine else samples[-12:]
            expected = answer["matches"][-len(few) :]
            assert [pattern.matches(text) for text in few] == expected, source
