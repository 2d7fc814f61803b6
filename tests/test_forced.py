"""Forced text: every continuation begins with it, and its tokens are those of the tokenizer."""

from __future__ import annotations

import itertools
import json
import random

import pytest
from hypothesis import given, settings

import constrain as cn
from constrain.demo import model_directory
from constrain.engine import Engine, forced_text
from tests.data_folder import compiled_schemas, real_vocabulary
from tests.strategies import A_OR_B, Plan, build, plans
from tests.test_engine import WORDS

RECORD = {
    "type": "object",
    "properties": {
        "first_name": {"type": "string"},
        "kind": {"enum": ["a rather long constant", "a rather short one"]},
        "unit": {"const": "kilometres per hour"},
        "counts": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
    },
    "required": ["first_name", "kind", "unit", "counts"],
    "additionalProperties": False,
}
RECORDS = [
    {"first_name": name, "kind": kind, "unit": "kilometres per hour", "counts": counts}
    for name in ("", "Bob", "Ünïcödé", '"')
    for kind in RECORD["properties"]["kind"]["enum"]  # type: ignore[index]
    for counts in ([0, 12], [1234567, -1])
]


@given(plans())
@settings(max_examples=300, deadline=None)
def test_every_text_begins_with_it_and_with_no_more(plan: Plan) -> None:
    engine = Engine()
    node = engine.intersection([build(engine, plan), engine.repeat(engine.byte_set(A_OR_B))])
    if engine.is_empty(node):
        return
    forced = forced_text(engine, node)
    assert all(word.startswith(forced) for word in WORDS if engine.matches(node, word))
    rest = engine.advance(node, forced)
    assert engine.nullable(rest) or engine.first(rest).bit_count() > 1
    assert forced_text(engine, node, limit=1) == forced[:1]


def check(vocabulary: cn.Vocabulary, grammar: cn.Grammar, document: str) -> int:
    """Read ``document`` as the tokenizer writes it; all forced tokens must be what it goes on with."""
    assert vocabulary.encode is not None
    ids = list(vocabulary.encode(document))
    matcher = cn.compile(grammar, vocabulary).matcher()
    forced = 0
    for at, token in enumerate(ids):
        tokens = matcher.forced_tokens()
        assert ids[at : at + len(tokens)] == tokens, (document, at)
        forced += len(tokens)
        assert matcher.advance(token)
    assert matcher.can_stop
    return forced


def test_tokens_are_those_of_the_tokenizer() -> None:
    pytest.importorskip("tokenizers")
    vocabulary = cn.Vocabulary.from_tokenizer_json(model_directory())
    grammar = cn.json_schema(RECORD, whitespace="compact")
    for record in RECORDS:
        text = json.dumps(record, separators=(",", ":"), ensure_ascii=False)
        assert check(vocabulary, grammar, text) > 20


@pytest.mark.parametrize("name", ["llama3", "mistral"])
def test_tokens_of_real_tokenizers(name: str) -> None:
    pytest.importorskip("tokenizers")
    vocabulary = real_vocabulary(name)
    for record in RECORDS:
        text = json.dumps(record, separators=(",", ":"), ensure_ascii=False)
        assert check(vocabulary, cn.json_schema(RECORD, whitespace="compact"), text) > 5
    chooser, checked = random.Random(2), 0
    for row, _ in itertools.islice(compiled_schemas(seed=9), 80):
        valid = [test["data"] for test in row["tests"] if test["valid"]]
        grammar = cn.json_schema(row["schema"], whitespace="compact")
        if valid:
            text = json.dumps(chooser.choice(valid), separators=(",", ":"), ensure_ascii=False)
            if len(text) < 600 and grammar.matches(text):
                check(vocabulary, grammar, text)
                checked += 1
    assert checked > 20


def test_a_token_that_may_be_joined_with_what_follows_is_not_forced() -> None:
    tokens = [b"a", b"b", b"c", b"d", b"bd"]
    vocabulary = cn.Vocabulary([*tokens, None], [5])
    matcher = cn.compile(cn.regex("abc|abd"), vocabulary).matcher()
    assert matcher.forced_bytes() == b"ab"
    with pytest.raises(ValueError, match="encode"):
        matcher.forced_tokens()

    def encode(text: str) -> list[int]:
        return [tokens.index(character.encode()) for character in text]

    assert matcher.forced_tokens(encode) == [0]
    for token in (0, 1, 2):
        assert matcher.advance(token)
    assert matcher.forced_bytes() == b"" and matcher.forced_tokens(encode) == []
    assert matcher.advance(5) and matcher.forced_bytes() == b""
