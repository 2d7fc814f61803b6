"""Masks against brute force: every token's bytes through the derivative of the slow twin."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import constrain as cn
from constrain.engine import Engine
from constrain.masks.bits.bitmask import to_bool
from tests.json_like import JsonLike, number, space, string
from tests.oracle import Oracle
from tests.strategies import Plan, build, plans

PIECES = """
{ } [ ] : , " {" "} ": ": ": " ", "," ":" ":"" ":"", "}, }} ]] []
name note age na me ot e a "a "a" "name" ame" e": true false null tr ue nul 0 1 12 -1 1. .5 99, 1}
\\ \\n \\" é ñ 日本 😀 the quick abcde fghijkl "x":1 "":
""".split()
JSON_TOKENS = [piece.encode() for piece in PIECES]
JSON_TOKENS += [
    b" ",
    b"  ",
    b"\n",
    b"\n  ",
    b' "',
    b': "',
    b', "',
    b" {",
    b"\t",
    b"\n\t\t",
    b" true",
    b"[ ",
    b" a",
]
JSON_TOKENS += [
    bytes([byte]) for byte in range(256)
]  # as in a vocabulary with byte fallback, duplicates included


def vocabulary_of(tokens: list[bytes]) -> cn.Vocabulary:
    return cn.Vocabulary([*tokens, None], [len(tokens)])


def grammar_of(build_root: Any, base: Engine | None = None) -> cn.Grammar:
    return cn.Grammar("test", build_root, base=base)


def allowed(matcher: cn.Matcher) -> list[bool]:
    vocabulary = matcher.constraint.vocabulary
    bitmask = cn.allocate_bitmask(1, vocabulary.size)
    matcher.fill_mask(bitmask, 0)
    bits: list[bool] = to_bool(bitmask[0], vocabulary.size).tolist()
    return bits


def by_brute_force(oracle: Oracle, node: Any, vocabulary: cn.Vocabulary) -> list[bool]:
    bits = [data is not None and oracle.run(node, data) != oracle.EMPTY for data in vocabulary.tokens]
    for token_id in vocabulary.eos_token_ids:
        bits[token_id] = oracle.nullable(node)
    return bits


def walk_and_compare(
    grammar: cn.Grammar,
    oracle: Oracle,
    node: Any,
    vocabulary: cn.Vocabulary,
    seed: int | random.Random,
    steps: int,
) -> None:
    """Compare masks along a random walk, which must never come to a dead end."""
    matcher = cn.compile(grammar, vocabulary).matcher()
    chooser = seed if isinstance(seed, random.Random) else random.Random(seed)
    for _ in range(steps):
        bits = allowed(matcher)
        assert bits == by_brute_force(oracle, node, vocabulary)
        assert any(bits)
        token_id = chooser.choice([i for i, bit in enumerate(bits) if bit])
        refused = [i for i, bit in enumerate(bits) if not bit]
        assert not refused or not matcher.advance(chooser.choice(refused))
        assert matcher.advance(token_id)
        if matcher.stopped:
            return
        token = vocabulary.tokens[token_id]
        assert token is not None
        node = oracle.run(node, token)


words = st.binary(min_size=1, max_size=4).map(lambda data: bytes(b"ab"[byte & 1] for byte in data))


@given(st.lists(words, min_size=1, max_size=12), plans(), plans(), st.booleans(), st.integers(0, 1_000))
@settings(max_examples=300, deadline=None)
def test_regular_expressions(tokens: list[bytes], first: Plan, second: Plan, marked: bool, seed: int) -> None:
    def root(arena: Any) -> Any:
        head = build(arena, first)
        return arena.concat(arena.leaf(head) if marked else head, build(arena, second))

    oracle = Oracle()
    node = root(oracle)
    if not oracle.is_empty(node):
        vocabulary = vocabulary_of([b"a", b"b", *tokens, *[bytes([byte]) for byte in range(256)]])
        walk_and_compare(grammar_of(root), oracle, node, vocabulary, seed, 6)


@pytest.mark.parametrize("attribute", ["record", "value", "bounded"])
@pytest.mark.parametrize("based", [False, True])
def test_json_like_documents(attribute: str, based: bool) -> None:
    base = Engine() if based else None
    if base is not None:
        for part in (string(base), number(base), space(base)):
            base.close(part)
    vocabulary = vocabulary_of(JSON_TOKENS)
    for seed in range(12):
        oracle = Oracle()
        grammar = grammar_of(lambda engine: getattr(JsonLike(engine), attribute), base)
        walk_and_compare(grammar, oracle, getattr(JsonLike(oracle), attribute), vocabulary, seed, 25)


def test_recursion_and_ambiguity() -> None:
    """An ambiguous grammar: start = "a" start "b" | start' start' | "ab", start' = "ab" | "a" "b"."""

    def root(arena: Any) -> Any:
        inner = arena.union([arena.literal(b"ab"), arena.concat(arena.literal(b"a"), arena.literal(b"b"))])

        def body(arena: Any) -> Any:
            nested = arena.concat(arena.literal(b"a"), start, arena.literal(b"b"))
            return arena.union([nested, arena.concat(inner, start), inner])

        start = arena.reference(body)
        return start

    oracle = Oracle()
    vocabulary = vocabulary_of(
        [b"a", b"b", b"ab", b"aab", b"abb", b"abab", *[bytes([byte]) for byte in range(256)]]
    )
    for seed in range(20):
        walk_and_compare(grammar_of(root), oracle, root(oracle), vocabulary, seed, 8)


def test_entangled_grammar_falls_back_to_derivatives() -> None:
    """Each of 40 levels is reached along two paths: 2**40 paths, but few derivatives."""

    def root(arena: Any) -> Any:
        node = arena.literal(b"x")
        for level in range(40):
            one = arena.concat(node, arena.literal(b"%d" % (level % 2)))
            two = arena.concat(arena.union([node, arena.EPSILON]), arena.literal(b"%d" % (level % 2)))
            node = arena.reference(lambda arena, one=one, two=two: arena.union([one, two]))
        return node

    constraint = cn.compile(
        grammar_of(root), vocabulary_of([b"x0", b"x01", b"1010", *[bytes([b]) for b in range(256)]])
    )
    matcher = constraint.matcher()
    assert [i for i, bit in enumerate(allowed(matcher)) if bit][:3] == [0, 1, 2]


def test_tokens_of_a_wide_vocabulary_by_population() -> None:
    """Few, many and nearly all tokens allowed: every representation of a token set."""
    tokens = [b"%d" % i for i in range(3_000)] + [b"x%d" % i for i in range(3_000)]
    vocabulary = vocabulary_of(tokens + [bytes([byte]) for byte in range(256)])
    for pattern in (b"7", b"[digit]", b"x[digit]"):

        def root(arena: Any, pattern: bytes = pattern) -> Any:
            digits = arena.repeat(arena.byte_set(0x3FF << 48), 1, 5)
            prefix = arena.literal(pattern.partition(b"[")[0])
            return arena.leaf(arena.concat(prefix, digits if b"[" in pattern else arena.EPSILON))

        oracle = Oracle()
        matcher = cn.compile(grammar_of(root), vocabulary).matcher()
        assert allowed(matcher) == by_brute_force(oracle, root(oracle), vocabulary)


def test_structural_masks_equal_those_by_derivatives() -> None:
    vocabulary = vocabulary_of(JSON_TOKENS)
    matcher = cn.compile(grammar_of(lambda engine: JsonLike(engine).record), vocabulary).matcher()
    for token in (b"{", b"\n  ", b'"', b"age", b'":', b"12"):
        assert allowed(matcher) == to_bool(matcher.mask_by_derivatives(), vocabulary.size).tolist()
        assert matcher.advance(JSON_TOKENS.index(token))


def test_bitmask_of_the_wrong_shape() -> None:
    matcher = cn.compile(cn.regex("a*"), vocabulary_of([b"a"] * 40)).matcher()
    with pytest.raises(ValueError, match="words"):
        matcher.fill_mask(np.zeros((1, 1), np.int32), 0)
    with pytest.raises(IndexError):
        matcher.fill_mask(cn.allocate_bitmask(1, 41), 1)
    with pytest.raises(ValueError):
        matcher.fill_mask(np.zeros((1, 2), np.int64), 0)


def test_no_key_twice_when_a_token_begins_inside_a_character() -> None:
    tokens = [
        b"\xa9",
        b'\xa9"',
        b'\xa9":',
        b'\xa9":1,"',
        b'\xc3\xa9"',
        *[bytes([byte]) for byte in range(256)],
    ]
    vocabulary = vocabulary_of(tokens)
    for schema in ({"type": "object"}, {"type": "object", "properties": {"é": {"type": "integer"}}}):
        matcher = cn.compile(cn.json_schema(schema), vocabulary).matcher()
        for byte in '{"é":1,"ũ":1,"'.encode():
            assert matcher.advance(tokens.index(bytes([byte]), 5))
        for begun in (b"", b"\xc3"):
            assert not begun or matcher.advance(tokens.index(begun, 5))
            assert allowed(matcher) == to_bool(matcher.mask_by_derivatives(), vocabulary.size).tolist()
        assert allowed(matcher)[:5] == [True, False, False, False, False]


@pytest.mark.parametrize("pattern", ["(?!a)a", r"a\Bb-(?=c)d", r"(?!\w+\Z)k{3}", r"[ab]{2}\b(?:(?=a)\S)"])
def test_a_pattern_without_texts_is_refused(pattern: str) -> None:
    with pytest.raises(cn.RegexError, match="no text matches"):
        cn.regex(pattern)


WORDS = [
    *JSON_TOKENS,
    *[f"{a}{b}{c}".encode() for a in "abw .é日" for b in ["", "x", " ", "9.", '"', "\\"] for c in "yz-0 @"],
    *[f"{a} {b}".encode() * count for a in "abc" for b in "de" for count in (1, 2, 5, 12)],
    *[bytes([97 + i % 26, 97 + i // 26 % 26, 97 + i // 676]) for i in range(800)],
]
SEARCHES = [
    {"pattern": r"\d\.\d"},
    {"pattern": r"(?:[0-9a-f]{8})-x"},
    {"pattern": r"^(?:\S+\s+){0,9}\S+$", "maxLength": 14},
    {"pattern": r"^(?:\S+\s+){0,9}\S+$"},
    {"pattern": r"^[a-z]+@[a-z]+(\.[a-z]+)*$", "minLength": 5, "maxLength": 9},
    {"pattern": r"^(ab|c)*$", "minLength": 6, "maxLength": 8},
    {"pattern": "x", "minLength": 3, "maxLength": 5},
    {"pattern": r"^(?!ab).*\w$", "maxLength": 7},
    {"allOf": [{"pattern": "a"}, {"pattern": "b"}], "maxLength": 6},
    {"pattern": "^(?:abc){0,2}$", "maxLength": 2},
    {"not": {"enum": ["a", "ab", "b-", "x", "a da da d", "é", "", "aaa", "w0"]}},
    {"allOf": [{"not": {"enum": ["a", "azz"]}}, {"not": {"pattern": "^(a|ab|x{0,3})$"}}]},
]


@pytest.mark.parametrize("schema", SEARCHES, ids=str)
def test_patterns_over_many_tokens(schema: dict[str, Any]) -> None:
    """Searches and bounded patterns, where masks are made without walking the whole trie."""
    vocabulary = vocabulary_of(WORDS)
    constraint = cn.compile(cn.json_schema({"type": "string", **schema}), vocabulary)
    chooser = random.Random(1)
    for _ in range(12):
        matcher = constraint.matcher()
        for _ in range(chooser.randint(2, 8)):
            assert allowed(matcher) == to_bool(matcher.mask_by_derivatives(), vocabulary.size).tolist()
            inside = [token for token in matcher.allowed_tokens() if token < len(WORDS)]
            if not inside:
                break
            assert matcher.advance(chooser.choice(inside))


MANY_WORDS = [
    *WORDS,
    *[f"a{a}{b}{c}".encode() for a in "abcdefghij -./" for b in "klmnopqrst 0.é" for c in "uvwxyz19-/. "],
    *[piece * count for piece in (b"-", b".", b"a.", b"x", b" ", "é".encode()) for count in (9, 17, 33, 70)],
    *[b"abcde-" * 3 + tail for tail in (b"", b".", b'"', b"/x")],
]
LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
FAR_BOUNDS = [
    {"format": "hostname"},
    {"pattern": rf"^{LABEL}(\.{LABEL})*$"},
    {"pattern": rf"^{LABEL}(\.{LABEL})*$", "maxLength": 70},
    {"pattern": r"^(?!.*://)(?=.{1,90}$)((.{1,40}\.){1,30}(?![0-9]*$)[a-z0-9-]+\.?)$"},
    {"pattern": r"^([a-z.]{0,50}-){3}[a-z]{20,40}$"},
    {"pattern": r"^[a-z. -]{20,60}\.(?<!a{9}\.)x{3}$"},
    {"pattern": r"^(/)?([^/ ]+(/)?)+$"},
    {"pattern": r"^(?:\S+\s+){0,29}\S+$", "maxLength": 60},
    {"oneOf": [{"pattern": "abc"}, {"pattern": "x-y"}]},
    {"format": "regex"},
    {"pattern": r"^([^-]|[a-c]-[b-z])*!$"},
    {"pattern": r"^(([^-.]|[a-cé]-[b-z])+\.)*$"},
    {"pattern": r"^(([^-]|[a-c]-[b-z])*!|([a-z]|x-[^-a]*)*x)$"},
]


@pytest.mark.parametrize("schema", FAR_BOUNDS, ids=str)
def test_bounds_near_and_far(schema: dict[str, Any]) -> None:
    """Counters farther than a token is long, and nearer; states far from dead ends, and next to them."""
    vocabulary = vocabulary_of(MANY_WORDS)
    constraint = cn.compile(cn.json_schema({"type": "string", **schema}), vocabulary)
    chooser = random.Random(2)
    for length in (0, 3, 11, 24, 33, 47, 56, 62):
        matcher = constraint.matcher()
        for byte in b'"' + bytes(chooser.choice(b"abcx") for _ in range(length)):
            matcher.advance(MANY_WORDS.index(bytes([byte])))  # or not, where it is not allowed
        for _ in range(3):
            assert allowed(matcher) == to_bool(matcher.mask_by_derivatives(), vocabulary.size).tolist()
            inside = [token for token in matcher.allowed_tokens() if token < len(MANY_WORDS)]
            if not inside or not matcher.advance(chooser.choice(inside)):
                break


def test_names_that_are_used_up_are_not_begun_again() -> None:
    """Behind two names the same may follow, except that one of them was the only one to begin as it does."""
    tokens = [bytes([byte]) for byte in range(256)]
    vocabulary = cn.Vocabulary([*tokens, b'":0,"z', None], 257)
    names = {
        "patternProperties": {"^(z|[abcd]{4})$": {"const": 0}},
        "additionalProperties": False,
        "type": "object",
    }
    for texts in ([b'{"abcd', b'{"z'], [b'{"z', b'{"abcd']):
        constraint = cn.compile(cn.json_schema(names, whitespace="compact"), vocabulary)
        for text in texts:
            matcher = constraint.matcher()
            assert matcher.validate(text) == len(text)
            for byte in text:
                matcher.advance(byte)
            assert (256 in matcher.allowed_tokens()) == (text == b'{"abcd')
