"""Numbers from outside are checked where they enter: compiled code that Python can call reads no foreign memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import constrain as cn
from constrain.engine import Engine
from constrain.masks.bits.bitmask import IdBuffer, TokenSet, row_of, set_of_ids
from constrain.vocabulary import trie as tries
from constrain.vocabulary.trie import Trie

FAR = [-1, 10**8, 2**31 - 1, -(2**31)]
BYTES = [bytes([byte]) for byte in range(256)]
LONG = "é".encode() * 150_000

QUERIES: dict[str, Callable[[Engine, int], Any]] = {
    "derivative": lambda engine, node: engine.derivative(node, 97),
    "advance": lambda engine, node: engine.advance(node, b"a"),
    "matches": lambda engine, node: engine.matches(node, b"a"),
    "nullable": lambda engine, node: engine.nullable(node),
    "is_empty": lambda engine, node: engine.is_empty(node),
    "first": lambda engine, node: engine.first(node),
    "transitions": lambda engine, node: engine.transitions(node),
    "choices": lambda engine, node: engine.choices(node),
    "entries": lambda engine, node: engine.entries(node),
    "supplier": lambda engine, node: engine.supplier(node),
    "follow_at": lambda engine, node: engine.follow_at(node, 0),
    "close": lambda engine, node: engine.close(node),
    "inspect": lambda engine, node: engine.inspect(node),
    "captures": lambda engine, node: engine.captures(node),
    "concat": lambda engine, node: engine.concat(engine.EPSILON, node),
    "union": lambda engine, node: engine.union([engine.EPSILON, node]),
    "intersection": lambda engine, node: engine.intersection([node, engine.EPSILON]),
    "complement": lambda engine, node: engine.complement(node),
    "repeat": lambda engine, node: engine.repeat(node, 2),
    "leaf": lambda engine, node: engine.leaf(node),
    "choice": lambda engine, node: engine.choice(node),
    "with_text": lambda engine, node: engine.with_text(node, b"a"),
    "holds": lambda engine, node: engine.holds(node, b"a"),
    "texts": lambda engine, node: engine.texts(node),
    "text_count": lambda engine, node: engine.text_count(node),
    "beginning_with": lambda engine, node: engine.beginning_with(node, b"a"),
    "by_next_byte": lambda engine, node: engine.by_next_byte(node, 0),
}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
@pytest.mark.parametrize("node", FAR)
def test_expressions_that_are_none(query: Callable[[Engine, int], Any], node: int) -> None:
    engine = cn.regex("ab|c").engine
    with pytest.raises((IndexError, ValueError)):
        query(engine, node)


@pytest.mark.parametrize("byte", [-1, 256, 970, 2**31 - 1])
def test_bytes_that_are_none(byte: int) -> None:
    grammar = cn.regex("a")
    with pytest.raises(ValueError, match="is no byte"):
        grammar.engine.derivative(grammar.root, byte)


def test_expressions_of_another_kind() -> None:
    engine = Engine()
    star = engine.repeat(engine.literal(b"ab"))
    for query in ("choices", "captures", "holds", "texts", "with_text", "by_next_byte"):
        with pytest.raises((IndexError, ValueError)):
            QUERIES[query](engine, star)
    table = engine.table([b"a", b"b"])
    for position in (-1, 2, 10**8):
        with pytest.raises(IndexError):
            engine.follow_at(table, position)


def test_numbers_of_times_that_are_none() -> None:
    engine = Engine()
    letter = engine.literal(b"a")
    for least, most in ((-1, None), (0, -1), (-5, -3)):
        with pytest.raises(ValueError):
            engine.repeat(letter, least, most)
    for members in (-1, 1 << 256):
        with pytest.raises(ValueError):
            engine.byte_set(members)
    with pytest.raises(ValueError):
        engine.intersection([])


def test_what_suppliers_answer_is_checked() -> None:
    engine = Engine()
    reference = engine.reference(lambda arena: 10**8)
    with pytest.raises(IndexError):
        engine.derivative(reference, 97)
    choice = engine.choice(engine.table([b"a", b"b"], lambda arena, index: 10**8))
    with pytest.raises(IndexError):
        engine.advance(choice, b"a")


@pytest.mark.parametrize("node", FAR)
def test_nodes_of_a_trie_that_are_none(node: int) -> None:
    vocabulary = cn.Vocabulary([*BYTES, None], 256)
    trie = Trie.of_tokens(vocabulary.tokens, vocabulary.order)
    for query in (
        lambda: trie.tokens_at(node),
        lambda: trie.tokens_below(node),
        lambda: trie.find(b"a", node),
        lambda: trie.longer_below(node, 1),
        lambda: trie.of_tails([node], False),
        lambda: trie.ways_out(np.array([node], np.intc), 1, False),
        lambda: trie.rest_below(node, np.zeros(9, np.int32)),
    ):
        with pytest.raises(IndexError):
            query()
    with pytest.raises(IndexError):
        trie.rest_below(0, np.zeros(1, np.int32))


@pytest.mark.parametrize("token", FAR)
def test_ids_that_no_row_has(token: int) -> None:
    with pytest.raises(IndexError):
        row_of(np.array([token], np.intc), 4)
    with pytest.raises(IndexError):
        Trie.of_tokens((b"a", None), np.array([token], np.intc))


def test_rows_that_are_too_narrow() -> None:
    with pytest.raises(IndexError):
        set_of_ids([64]).fill(np.zeros(2, np.int32))
    with pytest.raises(IndexError):
        TokenSet(None, IdBuffer.of([1, 2]), 1, 2)


def test_budgets_that_are_none() -> None:
    constraint = cn.compile(cn.regex("a*"), cn.Vocabulary([b"a", None], 1))
    for budget in (-1, 2**31, 2**40):
        with pytest.raises(ValueError, match="max_tokens"):
            constraint.matcher(budget)
    assert constraint.matcher(2**31 - 1).allowed_tokens() == [0, 1]


# -- long tokens ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("grammar", "fits"),
    [
        (cn.regex("(é|b)*"), True),
        (cn.regex("(é|b)*c"), True),
        (cn.regex("(é|b){0,150000}"), True),
        (cn.regex("(é|b){0,149999}"), False),
        (cn.regex("[^a]*"), True),
        (cn.regex("é*b?é*"), True),
        (cn.regex("x*"), False),
        (cn.json_schema({"type": "string"}), False),
        (cn.sequence('"', cn.regex("é*"), '"'), False),
    ],
)
def test_a_token_of_300_kilobytes(grammar: cn.Grammar, fits: bool) -> None:
    vocabulary = cn.Vocabulary([*BYTES, LONG, None], 257)
    constraint = cn.compile(grammar, vocabulary)
    for matcher in (constraint.matcher(), constraint.matcher(10**6)):
        assert (256 in matcher.allowed_tokens()) == fits
        assert matcher.fork().advance(256) == fits


def test_a_long_token_behind_a_quote() -> None:
    vocabulary = cn.Vocabulary([*BYTES, LONG, b'"' + LONG, LONG + b'"', None], 259)
    for schema in ({"type": "string"}, {"type": "string", "maxLength": 150_000}, {"enum": [LONG.decode()]}):
        matcher = cn.compile(cn.json_schema(schema), vocabulary).matcher()
        assert 257 in matcher.allowed_tokens() and 256 not in matcher.allowed_tokens()
        assert matcher.advance(ord('"'))
        assert {256, 258} <= set(matcher.allowed_tokens())
        assert matcher.advance(258) and matcher.can_stop


def test_a_long_token_that_a_budget_has_room_for() -> None:
    vocabulary = cn.Vocabulary([*BYTES, LONG, None], 257)
    constraint = cn.compile(cn.regex("é*xyz"), vocabulary)
    assert 256 in constraint.matcher(4).allowed_tokens()
    assert 256 not in constraint.matcher(3).allowed_tokens()


def test_a_token_of_nine_megabytes() -> None:
    vocabulary = cn.Vocabulary([*BYTES, b"a" * 9_000_000, None], 257)
    assert 256 in cn.compile(cn.regex("a*"), vocabulary).matcher().allowed_tokens()
    assert 256 not in cn.compile(cn.regex("a{0,100}"), vocabulary).matcher().allowed_tokens()


def test_tokens_around_the_depth_of_a_trie() -> None:
    lengths = range(tries.DEEPEST - 2, tries.DEEPEST + 3)
    vocabulary = cn.Vocabulary([*BYTES, *[b"a" * length for length in lengths], None], 261)
    for most in lengths:
        allowed = cn.compile(cn.regex(f"a{{0,{most}}}"), vocabulary).matcher().allowed_tokens()
        assert allowed == [97, *[256 + i for i, length in enumerate(lengths) if length <= most], 261]


def test_a_vocabulary_with_too_many_beginnings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tries, "MOST_NODES", 300)
    tokens = (*BYTES, *[bytes([byte, 1]) for byte in range(100)])
    with pytest.raises(cn.VocabularyError, match="more than 300 beginnings"):
        Trie.of_tokens(tokens, np.array(sorted(range(len(tokens)), key=tokens.__getitem__), np.intc))
