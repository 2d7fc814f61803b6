"""Schemas: what is accepted validates, and what validates is accepted.

An input is choices of a schema over all keywords, or the text of one. Random texts of the language are judged, and
random documents.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import constrain as cn
from constrain.engine import random_text
from constrain.languages.json_schema.formats import FORMATS
from constrain.languages.json_schema.keywords import RULES, TYPE_NAMES
from tests.fuzz.chooser import LIMITS, Chooser, chooser_of, text_of
from tests.fuzz.command import main
from tests.fuzz.schemas import Judge, changed, draw_schema, draw_value
from tests.json_schema_cases import CASES as TOPICS
from tests.test_json_schema_properties import LAYOUTS, parse, spelled

DICTIONARY = [
    *(f'"{name}": ' for name in RULES),
    *map(json.dumps, [*TYPE_NAMES, *FORMATS]),
    "true",
    "false",
    "null",
]
WALKS, DOCUMENTS = 3, 4
LENGTH = 30  # bytes of a walk, before it is brought to its end


def check(data: bytes) -> None:
    """Try one input."""
    text = text_of(data)
    chooser = chooser_of(data)
    source = draw_schema(chooser) if text is None else text
    schema = source if text is None else _parsed(text)
    judge = Judge(schema)
    found = {order: _grammar(source, order) for order in ("any", "schema")}
    if isinstance(found["any"], str) or isinstance(found["schema"], str):
        _check_refusals(found, judge, chooser)
        return
    documents = [draw_value(chooser) for _ in range(DOCUMENTS)]
    for order, grammar in found.items():
        for _ in range(WALKS):
            document = _check_walk(grammar, found["any"], judge, chooser, order)
            documents += [document, changed(chooser, document)]
    for document in documents:
        verdict = judge.verdict(document)
        written = spelled(document, **chooser.choice(LAYOUTS))
        accepted = verdict is None or found["any"].matches(written)
        assert verdict in (None, accepted), f"{written!r} is {verdict} by jsonschema: {schema}"


def _parsed(text: str) -> Any:
    """The schema that a text is; a mark of its own, of which nothing is known, if it is none or has a name twice."""
    try:
        return json.loads(text, object_pairs_hook=_without_duplicates)
    except (ValueError, RecursionError):
        return {"$schema": "none"}


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a name twice")
    return dict(pairs)


def _grammar(source: Any, order: str) -> Any:
    """The grammar, or the name of the error that refuses it."""
    try:
        return cn.json_schema(source, property_order=order, max_digits=4, limits=LIMITS, unknown="ignore")
    except cn.ConstrainError as error:
        assert str(error)
        return type(error).__name__


def _check_refusals(found: dict[str, Any], judge: Judge, chooser: Chooser) -> None:
    names = {value for value in found.values() if isinstance(value, str)}
    if "WorkLimitExceeded" in names:
        return
    assert len(names) == 1 and all(isinstance(value, str) for value in found.values()), found
    if names == {"UnsatisfiableSchema"}:
        for _ in range(DOCUMENTS):
            document = draw_value(chooser)
            assert not judge.verdict(document), f"{document!r} validates: {judge.schema}"


def _check_walk(grammar: Any, any_order: Any, judge: Judge, chooser: Chooser, order: str) -> Any:
    """The document at the end of a random walk."""
    try:
        text = random_text(grammar.engine, grammar.root, chooser, LENGTH)
        assert grammar.matches(text), f"{text!r} was walked to and is refused: {judge.schema}"
        assert any_order.matches(text), f"{text!r} is refused in any order: {judge.schema}"
    except cn.WorkLimitExceeded:
        return None
    document = parse(text)
    assert judge.verdict(document) is not False, f"{text!r} does not validate ({order}): {judge.schema}"
    return document


def seeds() -> Iterator[bytes]:
    """The schemas of the tests."""
    for cases in TOPICS.values():
        for case in cases:
            yield json.dumps(case.schema).encode()


if __name__ == "__main__":
    main(check)
