"""``tool_call``: an object with the name of a tool, and arguments by its schema."""

from __future__ import annotations

import json
import pickle
from dataclasses import dataclass
from typing import Any

import pytest
from referencing import Registry
from referencing.jsonschema import DRAFT7

import constrain as cn

# Two schemas that use one name for different things, of different drafts.
CITY = {
    "type": "object",
    "properties": {"city": {"$ref": "#/$defs/place"}},
    "required": ["city"],
    "additionalProperties": False,
    "$defs": {"place": {"enum": ["Oslo", "Rome"]}},
}
LINE = {
    "$schema": "http://json-schema.org/draft-04/schema#",
    "type": "object",
    "properties": {"from": {"$ref": "#/$defs/place"}, "to": {"$ref": "http://example.com/number"}},
    "required": ["from", "to"],
    "additionalProperties": False,
    "$defs": {"place": {"type": "integer", "minimum": 0, "exclusiveMinimum": True}},
}
TOOLS: list[dict[str, Any]] = [
    {"type": "function", "function": {"name": "weather", "description": "Sun.", "parameters": CITY}},
    {"name": "line 1/2", "parameters": LINE},
    {"name": "clock"},
]
NUMBER = {"type": "integer", "minimum": 5}


def calls(**options: Any) -> cn.Grammar:
    return cn.tool_call(TOOLS, registry={"http://example.com/number": NUMBER}, **options)


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("weather", {"city": "Rome"}, True),
        ("weather", {"city": 3}, False),
        ("weather", {}, False),
        ("line 1/2", {"from": 1, "to": 5}, True),
        ("line 1/2", {"from": 0, "to": 5}, False),
        ("line 1/2", {"from": 1, "to": 4}, False),
        ("clock", {}, True),
        ("clock", {"city": "Rome"}, False),
        ("Weather", {"city": "Rome"}, False),
        ("place", {}, False),
    ],
)
def test_arguments_are_those_of_the_tool(name: str, arguments: Any, expected: bool) -> None:
    text = json.dumps({"name": name, "arguments": arguments})
    assert calls().matches(text) == expected
    assert not calls().matches(text[:-1] + ', "id": 3}')
    other = json.dumps({"tool": name, "parameters": arguments}, separators=(",", ":"))
    assert calls(name="tool", arguments="parameters", whitespace="compact").matches(other) == expected
    assert not calls().matches(other)


def test_registries_that_retrieve() -> None:
    registry: Any = Registry(retrieve=lambda uri: DRAFT7.create_resource(NUMBER))  # type: ignore[call-arg]
    grammar = cn.tool_call(TOOLS, registry=registry)
    assert grammar.matches('{"name": "line 1/2", "arguments": {"from": 1, "to": 5}}')
    assert not grammar.matches('{"name": "line 1/2", "arguments": {"from": 1, "to": 4}}')


@dataclass
class Search:
    query: str


def test_a_class_is_a_tool() -> None:
    pytest.importorskip("pydantic")
    grammar = cn.tool_call([Search, TOOLS[2]])
    assert grammar.matches('{"name": "Search", "arguments": {"query": "x"}}')
    assert not grammar.matches('{"name": "Search", "arguments": {}}')


def test_parameters_may_be_a_class() -> None:
    pytest.importorskip("pydantic")
    grammar = cn.tool_call([{"name": "find", "description": "Finds.", "parameters": Search}])
    assert grammar.matches('{"name": "find", "arguments": {"query": "x"}}')


def test_keys_that_are_one() -> None:
    with pytest.raises(ValueError, match="both stand under 'tool'"):
        cn.tool_call(TOOLS, name="tool", arguments="tool")


def test_calls_travel() -> None:
    assert pickle.loads(pickle.dumps(calls())).matches('{"name": "clock", "arguments": {}}')


def test_errors_name_the_tool() -> None:
    with pytest.raises(cn.UnsatisfiableSchema, match="tool:clock#"):
        cn.tool_call([{"name": "clock", "parameters": {"type": "string", "enum": [3]}}])
    never = {"type": "object", "required": ["x"], "properties": {"x": False}}
    with pytest.raises(cn.UnsatisfiableSchema, match="tool:never#"):
        cn.tool_call([TOOLS[2], {"name": "never", "parameters": never}])
    with pytest.raises(cn.InvalidSchema, match=r"tool:a%20b#/properties/x/minimum: must be a number"):
        cn.tool_call([{"name": "a b", "parameters": {"properties": {"x": {"minimum": "3"}}}}])


@pytest.mark.parametrize(
    ("tools", "error", "message"),
    [
        ([], cn.ConstrainError, "at least one tool"),
        ([{"name": "a"}, {"function": {"name": "a"}}], cn.InvalidSchema, "at /1: two tools are called 'a'"),
        (
            [{"parameters": {}}],
            cn.InvalidSchema,
            "at /0: the definition of a tool is a dict with its name and parameters",
        ),
        ([{"name": 5}], cn.InvalidSchema, "at /0: the definition of a tool"),
        ([None], cn.InvalidSchema, "at /0: the definition of a tool"),
        ("clock", TypeError, "takes a list of tools"),
        (TOOLS[2], TypeError, "takes a list of tools"),
        (Search, TypeError, "takes a list of tools"),
        (
            [{"name": "a", "parameters": []}],
            cn.InvalidSchema,
            "at /0/parameters: the parameters of the tool 'a'",
        ),
        ([{"name": "\ud800"}], cn.InvalidSchema, "at /0: the definition of a tool"),
        ([json.dumps], TypeError, "get_json_schema makes one of a function"),
    ],
)
def test_what_is_no_tool(tools: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        cn.tool_call(tools)


@pytest.mark.parametrize("spelling", ["parameters", "inputSchema", "input_schema"])
def test_the_schema_of_arguments_has_three_names(spelling: str) -> None:
    """OpenAI's, MCP's and Anthropic's."""
    call = cn.tool_call([{"name": "weather", spelling: CITY}])
    assert call.matches('{"name": "weather", "arguments": {"city": "Oslo"}}')
    assert not call.matches('{"name": "weather", "arguments": {}}')


def test_what_else_definitions_say() -> None:
    """Nothing about arguments: MCP's, Anthropic's and that of get_json_schema."""
    listed = {
        "name": "a", "title": "A", "inputSchema": CITY, "outputSchema": {"type": "object"}, "_meta": {}, "icons": [],
        "annotations": {"readOnlyHint": True}, "description": None,
    }  # fmt: skip
    cached = {"name": "b", "type": "custom", "input_schema": CITY, "cache_control": {"type": "ephemeral"}}
    inner = {"name": "c", "parameters": CITY, "strict": True, "return": {"type": "string"}}
    call = cn.tool_call([listed, cached, {"type": "function", "function": inner}])
    for name in "abc":
        assert call.matches(json.dumps({"name": name, "arguments": {"city": "Rome"}}))
        assert not call.matches(json.dumps({"name": name, "arguments": {}}))


@pytest.mark.parametrize(
    ("tool", "pointer", "words"),
    [
        ({"name": "a", "paramaters": CITY}, "/1/paramaters", "is parameters meant"),
        ({"name": "a", "InputSchema": CITY}, "/1/InputSchema", "is inputSchema meant"),
        (
            {"type": "function", "function": {"name": "a", "args/all": CITY}},
            "/1/function/args~1all",
            "called param",
        ),
        (
            {"type": "function", "function": {"name": "a"}, "parameters": CITY},
            "/1/parameters",
            "nothing that a tool",
        ),
        (
            {"name": "a", "parameters": CITY, "inputSchema": CITY},
            "/1/inputSchema",
            "holds the parameters already",
        ),
        ({"name": "a", "properties": {}, "type": "object"}, "/1/properties", "nothing that a tool"),
        ({"name": "bash", "type": "bash_20250124"}, "/1/type", "what its server knows"),
    ],
)
def test_definitions_that_would_lose_their_parameters(tool: Any, pointer: str, words: str) -> None:
    with pytest.raises(cn.InvalidSchema, match=words) as caught:
        cn.tool_call([TOOLS[2], tool])
    assert caught.value.pointer == pointer


@pytest.mark.parametrize("options", [{}, {"draft": 4}, {"property_order": "any"}])
@pytest.mark.parametrize("parameters", [{}, True, {"minimum": 3}])
def test_arguments_are_objects_whatever_the_schema_admits(parameters: Any, options: dict[str, Any]) -> None:
    call = cn.tool_call([{"name": "a", "parameters": parameters}], **options)
    assert call.matches('{"name": "a", "arguments": {"x": 5}}')
    assert not call.matches('{"name": "a", "arguments": 5}') and not call.matches(
        '{"name": "a", "arguments": []}'
    )


def test_arguments_that_could_be_no_object() -> None:
    with pytest.raises(cn.UnsatisfiableSchema):
        cn.tool_call([{"name": "a", "parameters": {"type": "array"}}])
