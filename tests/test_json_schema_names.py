"""Names of properties by patterns: which patterns hold some together, and names that are used up."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constrain.engine import Engine, shortest_text
from constrain.languages.json_schema import Options, build, build_shared, check
from constrain.languages.json_schema.solver import Solver
from constrain.languages.json_schema.states.undeclared_names import NamePatterns
from constrain.languages.json_schema.values.shortest_texts import common_prefix, shortest
from constrain.languages.json_schema.values.string_languages import StringLanguages
from constrain.languages.regex import Utf8, regex_expression

# Whatever some of these hold together, a name of five of these letters shows.
LETTERS = "abx-"
PATTERNS = [
    "", "a", "b$", "^a", "^ab", "^x+$", "^[ab]*$", "^(ab|x)$", "^a[^-]*b$", "^[^-]{3}$", "^[^-]{0,2}$",
    "ab|ba", "^(?!a)", "^$",
]  # fmt: skip


def terms_of(engine: Engine) -> Solver:
    options = Options()
    shared = build_shared(engine, options)
    patterns = StringLanguages(engine, shared.character, shared.alphabet)
    return Solver(check(True, options).document, options, patterns)


@given(st.lists(st.sampled_from(PATTERNS), max_size=6, unique=True))
def test_every_class_of_names_is_found(patterns: Sequence[str]) -> None:
    engine = Engine()
    terms = terms_of(engine)
    numbers = {terms.matching(pattern): i for i, pattern in enumerate(patterns)}
    told = NamePatterns(list(numbers), terms)
    found = {frozenset(numbers[term] for term in inside) for inside in told.sign_vectors()}
    names = ("".join(name) for count in range(6) for name in itertools.product(LETTERS, repeat=count))
    expected: dict[frozenset[int], str] = {}
    for name in names:
        held = frozenset(i for i, pattern in enumerate(patterns) if re.search(pattern, name))
        expected.setdefault(held, name)
    assert found == expected.keys()
    for held, name in expected.items():
        for inside in expected:
            names_of = told.names(
                [term for term, i in numbers.items() if i in inside],
                [term for term, i in numbers.items() if i not in inside],
            )
            assert terms.accepts(names_of, name) is (inside == held)


@given(st.lists(st.sampled_from(PATTERNS), max_size=5, unique=True), st.data())
def test_some_classes_together(patterns: Sequence[str], data: st.DataObject) -> None:
    engine = Engine()
    terms = terms_of(engine)
    told = NamePatterns([terms.matching(pattern) for pattern in patterns], terms)
    vectors = told.sign_vectors()
    chosen = data.draw(st.sets(st.sampled_from(vectors)))
    union = told.union(chosen)
    assert union is terms.any_string or len(chosen) < len(vectors)
    for name in ("".join(name) for count in range(5) for name in itertools.product(LETTERS, repeat=count)):
        held = told.holders(name[: len(name) // 2].encode(), name[len(name) // 2 :].encode())
        assert held == tuple(terms.matching(pattern) for pattern in patterns if re.search(pattern, name))
        assert terms.accepts(union, name) is (held in chosen)


@pytest.mark.parametrize(
    ("pattern", "prefix", "text"),
    [
        ("abc", "abc", "abc"),
        ("ab(c|d)e", "ab", None),
        ("(ab)?", "", ""),
        ("ab*", "a", "a"),
        ("a{3}[xy]", "aaa", None),
    ],
)
def test_first_texts(pattern: str, prefix: str, text: str | None) -> None:
    engine = Engine()
    node = regex_expression(engine, pattern, flavour="ecma", alphabet=Utf8(), mode="fullmatch")
    assert common_prefix(engine, node) == prefix.encode()
    found = shortest(engine, node, 300)
    assert found is not None and engine.matches(node, found)
    assert text is None or found == text.encode()


def test_a_shortest_text_may_be_too_far() -> None:
    engine = Engine()
    assert (
        shortest(
            engine, regex_expression(engine, "a{500}", flavour="ecma", alphabet=Utf8(), mode="fullmatch"), 300
        )
        is None
    )
    assert shortest(engine, engine.EMPTY, 300) is None


BOUNDED = {"^[ab]{1,2}$": {"const": 1}, "^x(y|zz)?$": {"const": 1}, "^-[ab]*c$": {"const": 1}}
FREE = re.compile("[ab]{1,2}|x(y|zz)?|-[ab]*c")


@given(st.data())
def test_names_that_run_out(data: st.DataObject) -> None:
    """Whatever is chosen byte by byte, some name is left that completes it, and none comes twice."""
    engine = Engine()
    schema = {"type": "object", "patternProperties": BOUNDED, "additionalProperties": False}
    node = build(engine, schema, Options(whitespace="compact"))
    text = b""
    while len(text) < 60 and not text.endswith(b"}"):
        choices = [byte for byte in range(256) if engine.derivative(node, byte) != engine.EMPTY]
        byte = data.draw(st.sampled_from(choices))
        text += bytes([byte])
        node = engine.derivative(node, byte)
        pairs = json.loads(text + shortest_text(engine, node), object_pairs_hook=list)
        names = [name for name, _ in pairs]
        assert len(set(names)) == len(names)
        assert all(FREE.fullmatch(name) for name in names)


def test_all_names_can_be_used_up() -> None:
    engine = Engine()
    schema = {
        "type": "object",
        "patternProperties": {"^[ab]{1,6}$": {"const": 1}},
        "additionalProperties": False,
    }
    names = ["".join(name) for count in range(1, 7) for name in itertools.product("ab", repeat=count)]
    node = engine.advance(build(engine, schema), json.dumps(dict.fromkeys(names, 1)).encode()[:-1])
    assert engine.derivative(node, ord("}")) != engine.EMPTY
    assert engine.derivative(node, ord(",")) == engine.EMPTY
    some = engine.advance(build(engine, schema), json.dumps(dict.fromkeys(names[:-1], 1)).encode()[:-1])
    assert engine.advance(some, b', "bbbbbb": 1}') != engine.EMPTY
    assert engine.advance(some, b', "bbbbba') == engine.EMPTY
    assert engine.advance(some, b', "a') == engine.EMPTY


@pytest.mark.parametrize("order", ["any", "schema"])
def test_a_shortest_object_of_listed_names_is_found_in_one_order(order: str) -> None:
    """Of 20 names that a pattern holds, six make 38,760 sets: those in one order tell what a shortest text is."""
    schema = {
        "patternProperties": {"^[ab][0-9]$": {"type": "null"}},
        "additionalProperties": False,
        "minProperties": 6,
        "type": "object",
    }
    engine = Engine()
    root = build(engine, schema, Options(property_order=order, whitespace="compact"))
    assert len(json.loads(shortest_text(engine, root))) == 6
    assert engine.matches(root, b'{"b9":null,"a0":null,"b5":null,"a1":null,"a9":null,"b0":null}')


def test_no_mode_is_taken_for_another() -> None:
    mode: Any = "full"
    with pytest.raises(ValueError, match="mode must be one of fullmatch, search, not 'full'"):
        regex_expression(Engine(), "a", alphabet=Utf8(), mode=mode)
