"""Which names patterns hold together, against trying all short names."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constrain.engine import Engine
from constrain.languages.json_schema import Options, build_shared, check
from constrain.languages.json_schema.enumeration import common_prefix, shortest
from constrain.languages.json_schema.other_names import NamePatterns
from constrain.languages.json_schema.patterns import Patterns
from constrain.languages.json_schema.terms import Terms
from constrain.languages.regex import Utf8, regex_expression

# Whatever some of these hold together, a name of five of these letters shows.
LETTERS = "abx-"
PATTERNS = [
    "", "a", "b$", "^a", "^ab", "^x+$", "^[ab]*$", "^(ab|x)$", "^a[^-]*b$", "^[^-]{3}$", "^[^-]{0,2}$",
    "ab|ba", "^(?!a)", "^$",
]  # fmt: skip


def terms_of(engine: Engine) -> Terms:
    options = Options()
    shared = build_shared(engine, options)
    patterns = Patterns(engine, shared.character, shared.alphabet)
    return Terms(check(True, options).document, options, patterns)


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
    node = regex_expression(engine, pattern, flavour="ecma", alphabet=Utf8(), mode="full")
    assert common_prefix(engine, node) == prefix.encode()
    found = shortest(engine, node, 300)
    assert found is not None and engine.matches(node, found)
    assert text is None or found == text.encode()


def test_a_shortest_text_may_be_too_far() -> None:
    engine = Engine()
    assert (
        shortest(
            engine, regex_expression(engine, "a{500}", flavour="ecma", alphabet=Utf8(), mode="full"), 300
        )
        is None
    )
    assert shortest(engine, engine.EMPTY, 300) is None
