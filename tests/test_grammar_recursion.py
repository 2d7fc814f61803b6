"""Random small grammars, full of left recursion and cycles, against two other recognisers.

``derives`` below is an obvious fixpoint over all substrings of a text, written from the definition of
derivation alone; Lark's Earley parser is the other.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Hashable
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from constrain.engine import Engine
from constrain.errors import GrammarError
from constrain.languages.grammar import build
from constrain.languages.grammar.left_recursion import components, without_left_recursion
from constrain.languages.grammar.productions import ONE, Body, Symbol, Text, add, corners, multiply, nullable
from tests.oracle import Oracle

pytest.importorskip("lark")
import lark

# A grammar: rule -> alternatives -> items; an item is a symbol, or a group of alternatives, and an operator.
Item = tuple[object, str]
Rules = dict[str, list[list[Item]]]

WORDS = ["".join(letters) for n in range(6) for letters in itertools.product("ab", repeat=n)]
REPEATS = {"": (1, 1), "?": (0, 1), "*": (0, 9), "+": (1, 9), "~2": (2, 2), "~0..2": (0, 2)}


def grammars(names: str = "start x y") -> st.SearchStrategy[Any]:
    symbols = st.sampled_from([*names.split(), *names.split(), '"a"', '"b"'])
    operators = st.sampled_from(["", "", "", "", "", "?", "*", "+", "~2", "~0..2"])
    simple = st.tuples(symbols, operators)
    groups = st.lists(st.lists(st.tuples(symbols, st.just("")), max_size=2), min_size=1, max_size=2)
    items = st.one_of(simple, simple, simple, st.tuples(groups, operators))
    alternatives = st.lists(st.lists(items, max_size=3), min_size=1, max_size=3)
    return st.fixed_dictionaries(dict.fromkeys(names.split(), alternatives))


def to_text(rules: Rules) -> str:
    return "".join(f"{name}: {alternatives_to_text(body)}\n" for name, body in rules.items())


def alternatives_to_text(alternatives: list[list[Item]]) -> str:
    def one(item: Item) -> str:
        what, operator = item
        return (f"({alternatives_to_text(what)})" if isinstance(what, list) else str(what)) + operator

    return " | ".join(" ".join(map(one, items)) for items in alternatives)


def derives(rules: Rules, text: str) -> bool:
    """Whether ``start`` derives ``text``: the spans that each rule derives, grown until nothing is new."""
    size = len(text)
    spans: dict[str, set[tuple[int, int]]] = {name: set() for name in rules}
    everywhere = {(i, i) for i in range(size + 1)}

    def of_item(item: Item) -> set[tuple[int, int]]:
        what, operator = item
        if isinstance(what, list):
            once = of_alternatives(what)
        elif str(what).startswith('"'):
            once = {(i, i + 1) for i in range(size) if text[i] == str(what)[1]}
        else:
            once = spans[str(what)]
        least, most = REPEATS[operator]
        reached, total = everywhere, set(everywhere) if least == 0 else set()
        for count in range(1, most + 1):
            reached = joined(reached, once)
            if count >= least:
                total |= reached
        return total

    def of_alternatives(alternatives: list[list[Item]]) -> set[tuple[int, int]]:
        total: set[tuple[int, int]] = set()
        for items in alternatives:
            reached = everywhere
            for item in items:
                reached = joined(reached, of_item(item))
            total |= reached
        return total

    grown = True
    while grown:
        grown = False
        for name, alternatives in rules.items():
            now = of_alternatives(alternatives)
            grown = grown or now != spans[name]
            spans[name] = now
    return (0, size) in spans["start"]


def joined(left: set[tuple[int, int]], right: set[tuple[int, int]]) -> set[tuple[int, int]]:
    return {(i, k) for i, j in left for j2, k in right if j == j2}


def language(arena: Any, text: str, words: list[str] = WORDS) -> list[str]:
    try:
        node = build(arena, text)
    except GrammarError as error:
        if "derives no text" not in error.reason:
            raise
        return []
    return [word for word in words if arena.matches(node, word.encode())]


@given(grammars())
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_same_language_as_by_definition(rules: Rules) -> None:
    expected = [word for word in WORDS if derives(rules, word)]
    assert language(Engine(), to_text(rules)) == expected


@given(grammars("start x y z"))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_same_language_of_four_rules(rules: Rules) -> None:
    expected = [word for word in WORDS if derives(rules, word)]
    assert language(Engine(), to_text(rules)) == expected


@given(grammars("start x"))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_same_language_in_the_oracle(rules: Rules) -> None:
    """On short words: without the engine's laws, expressions of ambiguous grammars grow exponentially."""
    words = WORDS[:7]
    expected = [word for word in words if derives(rules, word)]
    assert language(Oracle(), to_text(rules), words) == expected


@given(grammars("start x"))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_same_language_as_lark(rules: Rules) -> None:
    text = to_text(rules)
    try:
        parser = lark.Lark(text, parser="earley", lexer="dynamic_complete")
    except lark.exceptions.GrammarError:  # 'rules defined twice' and the like
        assume(False)
    words = WORDS[:31]
    assert language(Engine(), text, words) == [word for word in words if accepted_by(parser, word)]


def accepted_by(parser: lark.Lark, text: str) -> bool:
    try:
        parser.parse(text)
    except lark.exceptions.UnexpectedInput:
        return False
    return True


@given(st.dictionaries(st.integers(0, 5), st.lists(st.lists(st.integers(-2, 5), max_size=3), max_size=3)))
@settings(max_examples=300, deadline=None)
def test_no_left_recursion_is_left(shape: dict[int, list[list[int]]]) -> None:
    """On the algebra itself: left corners have no cycle, and no body derives the empty text."""
    rules: dict[Hashable, Body] = {}
    for name in range(6):
        alternatives = [multiply(*map(part, items)) for items in shape.get(name, [])]
        rules[name] = add([*alternatives, Text(name)])
    result = without_left_recursion(rules, 0)
    graph = {name: set(corners(body)) for name, body in result.items()}
    assert all(len(group) == 1 and group[0] not in graph[group[0]] for group in components(graph))
    assert not any(nullable(body) for body in result.values())


def part(number: int) -> Body:
    """A rule, a terminal, or for odd rules one that may be left out."""
    if number < 0:
        return Text(number)
    return add([Symbol(number), ONE]) if number % 2 else Symbol(number)


@pytest.mark.parametrize("size", [2, 20])
def test_a_clique_of_left_corners(size: int) -> None:
    """Every rule begins with every other: the worst case, n squared tails."""
    names = [f"r{chr(97 + i)}" for i in range(size)]
    lines = [
        f'{name}: {" | ".join(f"{other} {chr(34)}{chr(97 + i)}{chr(34)}" for other in names)} | "!"'
        for i, name in enumerate(names)
    ]
    arena = Engine()
    node = build(arena, "start: ra\n" + "\n".join(lines))
    assert arena.matches(node, b"!") and arena.matches(node, b"!ba") and arena.matches(node, b"!aba")
    assert not arena.matches(node, b"!b") and not arena.matches(node, b"a")


def test_long_chains_of_rules_compile_quickly() -> None:
    levels = 1000
    lines = [f"r{chr(97 + i % 26)}{'x' * (i // 26)}" for i in range(levels)]
    text = "".join(
        f'{lines[i]}: {lines[i + 1]} | {lines[i]} "{i}" {lines[i + 1]}\n' for i in range(levels - 1)
    )
    before = time.perf_counter()
    build(Engine(), text + f'{lines[-1]}: "x" | "(" {lines[0]} ")"\n', start=lines[0])
    assert time.perf_counter() - before < 5


def test_ambiguity_does_not_multiply_states() -> None:
    """``e: e "+" e`` is a repetition of a repetition: the number of states must not grow with the text."""
    arena = Engine()
    node = build(arena, 'start: start "+" start | start "*" start | "(" start ")" | "x"')
    seen = []
    for byte in b"x+x*x+x*x+x*x+x+x*x+x*x+x+x*x+x*x":
        node = arena.derivative(node, byte)
        seen.append(node)
    assert len(set(seen)) <= 6
