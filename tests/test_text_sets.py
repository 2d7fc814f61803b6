"""Sets of texts that grow: the same as sets of Python, in few nodes; and objects with thousands of names."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import constrain as cn
from constrain.engine import Engine
from tests.test_masks import JSON_TOKENS, allowed, vocabulary_of

TEXTS = st.lists(st.text("ab\x00\xff", max_size=4).map(lambda text: text.encode("latin-1")), max_size=12)


@given(TEXTS, TEXTS, st.randoms())
def test_a_set_is_what_a_python_set_is(
    texts: list[bytes], probes: list[bytes], chooser: random.Random
) -> None:
    engine = Engine()
    whole = engine.text_set(texts)
    assert engine.texts(whole) == sorted(set(texts))
    assert engine.text_count(whole) == len(set(texts))
    for probe in probes:
        alike = [text for text in sorted(set(texts)) if text.startswith(probe)]
        assert engine.holds(whole, probe) == (probe in texts)
        assert engine.texts(engine.beginning_with(whole, probe)) == alike
    chooser.shuffle(texts)
    grown = engine.text_set(())
    for text in texts:
        longer = engine.with_text(grown, text)
        assert (longer == grown) == engine.holds(grown, text)
        grown = longer
    assert grown == whole


@given(TEXTS, st.binary(max_size=2))
def test_texts_part_by_their_next_byte(texts: list[bytes], begun: bytes) -> None:
    engine = Engine()
    parts = engine.by_next_byte(engine.beginning_with(engine.text_set(texts), begun), len(begun))
    found = {byte: engine.texts(part) for byte, part in parts}
    longer = sorted({text for text in texts if text.startswith(begun) and text != begun})
    assert len(found) == len(parts)
    assert found == {
        byte: [text for text in longer if text[len(begun)] == byte]
        for byte in {t[len(begun)] for t in longer}
    }


def test_a_set_does_not_change() -> None:
    engine = Engine()
    some = engine.text_set([b"one", b"two"])
    assert engine.with_text(some, b"three") != some
    assert engine.texts(some) == [b"one", b"two"]


def test_a_text_more_is_a_few_nodes() -> None:
    engine = Engine()
    names = [b'"name %06d"' % i for i in range(4_000)]
    random.Random(1).shuffle(names)
    texts = engine.text_set(())
    added = []
    for name in names:
        before = engine.size
        texts = engine.with_text(texts, name)
        added.append(engine.size - before)
    assert sum(added[-500:]) / 500 < 16  # log2(4000) forks, and the text
    assert max(added) < 40


# -- objects with many names ----------------------------------------------------------------------

TOKENS = [*JSON_TOKENS, *(b"%d" % i for i in range(10)), b'0"', b'1"', b'1":', b'2":1,', b"00", b'"k']
VOCABULARY = vocabulary_of([token for i, token in enumerate(TOKENS) if token not in TOKENS[:i]])
SCHEMAS: dict[str, Any] = {
    "free": {"type": "object"},
    "declared": {"type": "object", "properties": {"k1": True, "k01": True, "ab": True}},
    "kinds of names": {
        "type": "object",
        "patternProperties": {"^k": {"type": "integer"}},
        "minProperties": 3,
    },
    "conditions": {"type": "object", "not": {"required": ["k0", "k1"]}},
    "few names": {"type": "object", "propertyNames": {"pattern": "^k[0-2]{0,3}$"}},
    "unique strings": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_masks_where_many_names_are_used(name: str) -> None:
    """At every place of texts with many names that begin alike, against the derivative of each token."""
    constraint = cn.compile(cn.json_schema(SCHEMAS[name]), VOCABULARY)
    chooser = random.Random(name)
    for _ in range(4):
        matcher = constraint.matcher()
        for _ in range(120):
            bits = allowed(matcher)
            assert (matcher.mask_by_derivatives() == bits_of(matcher)).all()
            likely = [i for i in range(len(bits)) if bits[i] and VOCABULARY.tokens[i] in LIKELY]
            some = likely or [i for i in range(len(bits)) if bits[i]]
            assert matcher.advance(chooser.choice(some))
            if matcher.stopped:
                break


LIKELY = {b'"k', b"0", b"1", b"2", b'"', b'":', b":", b",", b'0"', b'1"', b'1":', b'2":1,'}


def bits_of(matcher: cn.Matcher) -> Any:
    bitmask = cn.allocate_bitmask(1, VOCABULARY.size)
    matcher.fill_mask(bitmask, 0)
    return bitmask[0]


def test_what_a_unique_string_costs_does_not_grow() -> None:
    constraint = cn.compile(cn.json_schema(SCHEMAS["unique strings"]), VOCABULARY)
    assert_cost_is_flat(constraint, "[", "")


@pytest.mark.parametrize("name", ["free", "declared", "kinds of names", "conditions"])
def test_what_a_name_costs_does_not_grow(name: str) -> None:
    """The second thousand names take no more memory than the first."""
    constraint = cn.compile(cn.json_schema(SCHEMAS[name]), VOCABULARY)
    assert_cost_is_flat(constraint, "{", ":1")


def assert_cost_is_flat(constraint: cn.Constraint, opening: str, value: str) -> None:
    matcher = constraint.matcher()
    bitmask = cn.allocate_bitmask(1, VOCABULARY.size)
    sizes = []
    names = [json.dumps(f"k{i:05}") for i in range(2_100)]
    random.Random(2).shuffle(names)
    read(matcher, bitmask, opening + names[0] + value)
    for i, name in enumerate(names[1:]):
        if i in (100, 1_100):
            sizes.append(grown(constraint))
        read(matcher, bitmask, "," + name + value)
    sizes.append(grown(constraint))
    assert sizes[2] - sizes[1] < 1.2 * (sizes[1] - sizes[0])


def read(matcher: cn.Matcher, bitmask: Any, text: str) -> None:
    """Read a text byte by byte, with a mask at each."""
    for byte in text.encode():
        matcher.fill_mask(bitmask, 0)
        assert matcher.advance(BYTES[byte])


BYTES = {token[0]: i for i, token in enumerate(VOCABULARY.tokens) if token is not None and len(token) == 1}


def grown(constraint: cn.Constraint) -> int:
    """Bytes that cannot be dropped, but for the hash table, which grows by leaps."""
    footprint = {**constraint.engine.footprint(), "leaves": constraint.footprint()["leaves"], "slots": 0}
    return sum(footprint.values())
