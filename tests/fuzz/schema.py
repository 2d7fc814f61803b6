"""Schemas: what is accepted validates, and what validates is accepted.

An input is choices of a schema over all keywords, or the text of one. Random texts of the language are judged, and
random documents.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import constrain as cn
from constrain.engine import random_text
from constrain.languages.json_schema.formats import FORMATS
from constrain.languages.json_schema.keywords.groups import TYPE_NAMES
from constrain.languages.json_schema.keywords.rules import RULES
from tests.fuzz.chooser import LIMITS, Chooser, chooser_of, text_of
from tests.fuzz.command import main
from tests.fuzz.schemas import Judge, changed, draw_schema, draw_value
from tests.json_schema_cases import CASES as TOPICS
from tests.test_json_schema_properties import LAYOUTS, parse

DICTIONARY = [
    *(f'"{name}": ' for name in RULES),
    *map(json.dumps, [*TYPE_NAMES, *FORMATS]),
    "true",
    "false",
    "null",
]
OPTIONS: dict[str, list[Any]] = {
    "whitespace": ["compact", "spaced", "indented"],
    "ascii": [True],
    "integers": ["digits"],
    "draft": [4, 6, 7, 2019],
    "unknown": ["raise"],
}
SPELLINGS: dict[str, list[dict[str, Any]]] = {
    "flexible": [*LAYOUTS],
    "compact": [{"separators": (",", ":")}],
    "spaced": [{}],
    "indented": [{"indent": 2}, {"indent": "\t"}],
}
WALKS, DOCUMENTS = 3, 4
EXPONENT = re.compile(rb"[0-9][eE][+-]?[0-9]")
LENGTH = 30  # bytes of a walk, before it is brought to its end


def check(data: bytes) -> None:
    """Try one input."""
    text = text_of(data)
    chooser = chooser_of(data)
    source = draw_schema(chooser) if text is None else text
    options = draw_options(chooser)
    judge = Judge(_parsed(text) if text is not None else source, options.get("draft", 2020))
    found = {order: _grammar(source, {"property_order": order, **options}) for order in ("any", "schema")}
    if isinstance(found["any"], str) or isinstance(found["schema"], str):
        _check_refusals(found, judge, chooser)
        return
    documents = [draw_value(chooser) for _ in range(DOCUMENTS)]
    with suppress(cn.WorkLimitExceeded):
        for grammar in found.values():
            for _ in range(WALKS):
                document = _check_walk(grammar, found["any"], judge, chooser)
                documents += [document, changed(chooser, document)]
        if options.get("integers") != "digits":  # else a whole number may be spelled in a way that is refused
            for document in documents:
                _check_document(document, found["any"], judge, _spelled(document, options, chooser))


def draw_options(chooser: Chooser) -> dict[str, Any]:
    """None, or some of those of ``json_schema``."""
    if chooser.random() < 0.5:
        return {}
    options = {name: chooser.choice(values) for name, values in OPTIONS.items()}
    return {name: value for name, value in options.items() if chooser.random() < 0.4}


def _spelled(document: Any, options: dict[str, Any], chooser: Chooser) -> bytes:
    """A document, spelled as the options want it."""
    layout = chooser.choice(SPELLINGS[options.get("whitespace", "flexible")])
    return json.dumps(document, ensure_ascii=options.get("ascii", False), **layout).encode()


def _check_document(document: Any, grammar: cn.Grammar, judge: Judge, text: bytes) -> None:
    verdict = judge.verdict(document)
    accepted = verdict is None or grammar.matches(text)
    assert verdict in (None, accepted), f"{text!r} is {verdict} by jsonschema: {judge.schema}"


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


def _grammar(source: Any, options: dict[str, Any]) -> Any:
    """The grammar, or the name of the error that refuses it."""
    try:
        return cn.json_schema(source, max_digits=4, limits=LIMITS, **{"unknown": "ignore", **options})
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


def _check_walk(grammar: cn.Grammar, any_order: cn.Grammar, judge: Judge, chooser: Chooser) -> Any:
    """The document at the end of a random walk."""
    text = random_text(grammar.engine, grammar.root, chooser, LENGTH)
    assert grammar.matches(text), f"{text!r} was walked to and is refused: {judge.schema}"
    if not EXPONENT.search(text):  # where a divisor may hold in any order, numbers are written without one
        assert any_order.matches(text), f"{text!r} is refused in any order: {judge.schema}"
    document = parse(text)
    assert judge.verdict(document) is not False, f"{text!r} does not validate: {judge.schema}"
    return document


def seeds() -> Iterator[bytes]:
    """The schemas of the tests."""
    for cases in TOPICS.values():
        for case in cases:
            yield json.dumps(case.schema).encode()


if __name__ == "__main__":
    main(check)
