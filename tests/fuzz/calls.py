"""Calls of tools: what is accepted names a tool and has arguments that validate, and such calls are accepted.

An input is choices of a list of definitions, or the text of one, in JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import constrain as cn
from constrain.engine import random_text
from tests.fuzz.chooser import LIMITS, Chooser, chooser_of, text_of
from tests.fuzz.command import main
from tests.fuzz.schemas import Judge, draw_schema, draw_value
from tests.test_json_schema_properties import parse

NAMES = ["a", "get_weather", 'q"', "é/~", "", "a b", "%41"]
KEYS = ["parameters", "inputSchema", "input_schema"]
DICTIONARY = [
    json.dumps(name) for name in [*KEYS, "name", "type", "function", "description", "object", "strict"]
]
WALKS, DOCUMENTS, LENGTH = 3, 3, 60
OPTIONS: dict[str, Any] = {
    "max_digits": 4,
    "limits": LIMITS,
    "unknown": "ignore",
    "property_order": "any",
    "whitespace": "compact",
}


def check(data: bytes) -> None:
    """Try one input."""
    text = text_of(data)
    chooser = chooser_of(data)
    tools = _parsed(text) if text is not None else [_tool(chooser) for _ in range(chooser.randint(1, 3))]
    try:
        grammar = cn.tool_call(tools, **OPTIONS)
    except cn.ConstrainError as error:
        assert str(error)
        return
    judges = {name: Judge(schema) for name, schema in map(_known, tools)}
    with suppress(cn.WorkLimitExceeded):
        for _ in range(WALKS):
            _check_walk(grammar, judges, chooser)
        for name, judge in judges.items():
            for _ in range(DOCUMENTS):
                _check_call(grammar, name, judge, draw_value(chooser))


def _parsed(text: str) -> list[Any]:
    try:
        tools = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return [tool for tool in tools if isinstance(tool, dict)] if isinstance(tools, list) else []


def _tool(chooser: Chooser) -> dict[str, Any]:
    """A definition in one of the ways that are known."""
    tool = {"name": chooser.choice(NAMES), chooser.choice(KEYS): draw_schema(chooser)}
    if chooser.random() < 0.1:
        del tool[chooser.choice(list(tool))]
    return {"type": "function", "function": tool} if chooser.random() < 0.5 else tool


def _known(tool: dict[str, Any]) -> tuple[Any, Any]:
    """The name and the schema of a tool that has been accepted."""
    inner = tool["function"] if isinstance(tool.get("function"), dict) else tool
    schemas = [inner[key] for key in KEYS if inner.get(key) is not None]
    return inner["name"], schemas[0] if len(schemas) == 1 else {"$schema": "none"}


def _check_walk(grammar: cn.Grammar, judges: dict[Any, Judge], chooser: Chooser) -> None:
    text = random_text(grammar.engine, grammar.root, chooser, LENGTH)
    assert grammar.matches(text), f"{text!r} was walked to and is refused"
    call = parse(text)
    assert set(call) == {"name", "arguments"} and isinstance(call["arguments"], dict), f"{text!r} is no call"
    judge = judges[call["name"]]
    assert judge.verdict(call["arguments"]) is not False, f"{text!r} does not validate: {judge.schema}"


def _check_call(grammar: cn.Grammar, name: str, judge: Judge, document: Any) -> None:
    verdict = judge.verdict(document)
    call = json.dumps({"name": name, "arguments": document}, ensure_ascii=False, separators=(",", ":"))
    expected = verdict and isinstance(document, dict)
    assert verdict is None or grammar.matches(call) == expected, f"{call!r} is {expected}: {judge.schema}"


def seeds() -> Iterator[bytes]:
    """Definitions in each of the ways that are known."""
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string"}, "b": {"type": "integer"}},
        "required": ["a"],
    }
    for key in KEYS:
        yield json.dumps([{"name": "a", key: schema}, {"name": "b", "description": "", key: {}}]).encode()
    yield json.dumps(
        [{"type": "function", "function": {"name": "a", "parameters": schema, "strict": True}}]
    ).encode()
    for number in range(10):
        yield bytes([number, *range(number, number + 40)])


if __name__ == "__main__":
    main(check)
