"""The engine against its slow twin, and the laws that keep its state space small."""

from __future__ import annotations

import itertools
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from constrain.engine import Engine
from tests.oracle import Oracle
from tests.strategies import ALPHABET, Plan, build, plans

WORDS_OF_THREE = [bytes(word) for n in range(5) for word in itertools.product(b"abc", repeat=n)]
WORDS = [bytes(word) for n in range(6) for word in itertools.product(ALPHABET, repeat=n)]


@given(plans())
@settings(max_examples=400, deadline=None)
def test_same_language_as_the_oracle(plan: Plan) -> None:
    fast, slow = Engine(), Oracle()
    node, twin = build(fast, plan), build(slow, plan)
    assert [w for w in WORDS if fast.matches(node, w)] == [w for w in WORDS if slow.matches(twin, w)]
    assert fast.is_empty(node) == slow.is_empty(twin)


@given(plans())
@settings(max_examples=200, deadline=None)
def test_edges_and_structural_derivatives_agree(plan: Plan) -> None:
    engine = Engine()
    node = build(engine, plan)
    leaf = engine.leaf(node)
    if engine.is_empty(node):
        return
    for word in WORDS[:31]:
        by_structure, by_edges = engine.advance(node, word), engine.advance(leaf, word)
        assert engine.nullable(by_structure) == engine.nullable(by_edges)
        assert engine.is_empty(by_structure) == (by_edges == engine.EMPTY)


@given(plans())
@settings(max_examples=200, deadline=None)
def test_derivatives_are_finitely_many(plan: Plan) -> None:
    engine = Engine()
    seen, todo = set(), [build(engine, plan)]
    while todo:
        node = todo.pop()
        if node not in seen:
            seen.add(node)
            todo += [engine.derivative(node, byte) for byte in ALPHABET]
    assert len(seen) < 2_000


@given(st.binary(min_size=1, max_size=40), st.binary(max_size=10))
def test_the_rest_of_a_literal_is_the_literal_of_the_rest(text: bytes, other: bytes) -> None:
    engine = Engine()
    for whole in (text, text + other, other + text):
        node = engine.literal(whole)
        for i in range(len(whole)):
            assert engine.advance(node, whole[:i]) == engine.literal(whole[i:])
            assert engine.advance(engine.literal(whole[: i + 1]), whole[:i]) == engine.literal(
                whole[i : i + 1]
            )


class Answer:
    """A handler that follows each text by itself."""

    alike = extends = True
    remembers, begins, outlook = False, 0, None

    def __init__(self, engine: Engine) -> None:
        self.common = engine.literal(b"=")

    def refused(self, engine: Engine) -> int:
        return int(engine.EMPTY)

    def complete(self, engine: Engine, text: bytes) -> int:
        return engine.concat(self.common, engine.literal(text))


@given(st.lists(st.binary(min_size=1, max_size=20), min_size=1, max_size=5))
def test_texts_are_captured_byte_by_byte(texts: list[bytes]) -> None:
    """In turns, so that each grows where others have been written after it."""
    engine = Engine()
    leaf = engine.concat(engine.repeat(engine.byte_set(((1 << 256) - 1) ^ 1), 0, None), engine.literal(b"\0"))
    states = [engine.capture(leaf, Answer(engine))] * len(texts)
    texts = [text.replace(b"\0", b"x") + b"\0" for text in texts]
    for i in range(max(map(len, texts))):
        states = [engine.advance(state, text[i : i + 1]) for state, text in zip(states, texts, strict=True)]
    for state, text in zip(states, texts, strict=True):
        assert state == engine.literal(b"=" + text)


@given(st.integers(0, 4), st.integers(0, 5), st.sampled_from([b"a", b"ab", b"aab"]), st.booleans())
def test_runs_of_characters_are_read_at_once(least: int, more: int, unit: bytes, two: bool) -> None:
    """``C{least,most} Q``, with Q unlike C or like it, comes to the same state as byte by byte."""
    engine = Engine()
    character = engine.union([engine.literal(unit), engine.literal(b"ba")]) if two else engine.literal(unit)
    for close in (b"c", b"a", b"bc"):
        leaf = engine.leaf(
            engine.concat(engine.repeat(character, least, least + more), engine.literal(close))
        )
        for text in (unit * 3 + close, unit * least + close, (b"ba" + unit) * 2, unit * 7, unit * 5 + b"a"):
            node = leaf
            for i, byte in enumerate(text):
                node = engine.derivative(node, byte)
                assert engine.advance(leaf, text[: i + 1]) == node


def test_wider_repetitions_vanish() -> None:
    engine = Engine()
    digit, letter = engine.byte_set(0x3FF << 48), engine.literal(b"x")
    narrow = engine.repeat(digit, 2, 5)
    for wide in (engine.repeat(digit), engine.repeat(digit, 1, 9)):
        assert engine.intersection([narrow, wide]) == narrow
        assert engine.intersection([engine.concat(letter, wide), engine.concat(letter, narrow)]) == (
            engine.concat(letter, narrow)
        )
    assert engine.intersection([narrow, engine.repeat(digit, 3, 9)]) != narrow


@given(st.randoms(use_true_random=False))
def test_common_heads_of_many_arms_are_factored(chooser: random.Random) -> None:
    """Arms in any order are the union of one arm for each head, whether few or many are compared at once."""
    engine = Engine()
    heads = [engine.repeat(engine.literal(bytes([65 + i])), 1, None) for i in range(40)]
    tails = [
        engine.EPSILON,
        engine.literal(b"xy"),
        engine.literal(b"z"),
        engine.reference(lambda arena: arena.EPSILON),
    ]
    chosen = {head: chooser.sample(tails, chooser.randint(1, 4)) for head in heads}
    arms = [engine.concat(head, tail) for head in heads for tail in chosen[head]]
    chooser.shuffle(arms)
    factored = [engine.concat(head, engine.union(chosen[head])) for head in heads]
    assert engine.union(arms) == engine.union(factored)


def test_a_union_drops_what_is_part_of_a_wider_repetition() -> None:
    engine = Engine()
    letter, end = engine.byte_set(0b11 << 97), engine.literal(b"-")

    def counted(least: int, most: int | None, end: int = end) -> int:
        return engine.concat(engine.repeat(letter, least, most), end)

    assert engine.union([counted(1, 5), counted(0, 7), counted(3, 4)]) == counted(0, 7)
    assert engine.union([counted(2, 9), counted(0, None)]) == counted(0, None)
    apart = engine.union([counted(1, 5), counted(2, 7)])
    assert apart not in (counted(1, 5), counted(2, 7))
    assert engine.union([counted(1, 5), counted(0, 7, engine.literal(b"!"))]) != counted(
        0, 7, engine.literal(b"!")
    )


def search_for(engine: Engine, *words: bytes) -> int:
    """Texts of three letters or a pair of bytes for one, in which one of ``words`` comes."""
    pair = engine.concat(engine.byte_set(1 << 200), engine.byte_set(0b11 << 201))
    anything = engine.repeat(engine.union([engine.byte_set(0b111 << 97), pair]))
    return engine.concat(anything, engine.union(map(engine.literal, words)), anything)


def test_what_has_been_found_is_done_with() -> None:
    engine = Engine()
    anything = engine.derivative(search_for(engine, b"a"), ord("a"))
    assert engine.inspect(anything)[0] == "repeat"
    both = engine.intersection([search_for(engine, b"aa", b"bb"), search_for(engine, b"c")])
    assert engine.advance(both, b"acbb") == engine.advance(both, bytes([200, 201]) + b"caa") == anything
    assert engine.advance(both, b"abb") == search_for(engine, b"c")
    quote = engine.literal(b"-")
    assert engine.advance(engine.concat(both, quote), b"caa") == engine.concat(anything, quote)


@given(
    st.lists(
        st.lists(st.sampled_from([b"a", b"ab", b"bb", b"cab", b"ca"]), min_size=1, max_size=3), max_size=4
    )
)
def test_searches_together(clauses: list[list[bytes]]) -> None:
    """Whatever has been read, each word can still come."""
    engine = Engine()
    node = engine.intersection([search_for(engine, *words) for words in [[b"c"], *clauses]])
    for text in WORDS_OF_THREE:
        found = all(any(word in text for word in words) for words in [[b"c"], *clauses])
        rest = engine.advance(node, text)
        assert engine.nullable(rest) == found
        assert not engine.is_empty(rest)
        assert engine.matches(rest, b"cabb")


@given(plans(), plans(), st.integers(0, 3), st.booleans())
@settings(max_examples=60, deadline=None)
def test_stars_and_what_is_made_of_them(body: Plan, other: Plan, form: int, together: bool) -> None:
    """Unions and intersections of x{0,} with what begins with it, or is made of it."""
    texts = []
    arenas: list[Any] = [Engine(), Oracle()]
    for arena in arenas:
        one, two = build(arena, body), build(arena, other)
        star = arena.repeat(one)
        forms = ((star, two), (star, two, star), (one, two), (one, star))
        parts = [star, arena.concat(*forms[form])]
        whole = arena.union(parts) if together else arena.intersection(parts)
        texts.append([word for word in WORDS[:15] if arena.matches(whole, word)])
    assert texts[0] == texts[1]
