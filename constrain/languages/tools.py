"""Calls of tools: JSON objects with the name of a tool, and arguments that validate against its schema.

    call = cn.tool_call(tools)  # {"name": "weather", "arguments": {"city": "Oslo"}}

When should I use this? Where a model is given tools by its chat template. Describe what a model writes around a call by
``sequence``, ``either`` and ``repeat``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from constrain.errors import ConstrainError, InvalidSchema
from constrain.languages.base import Grammar
from constrain.languages.factories import json_schema
from constrain.languages.python_types import schema_of

__all__ = ["tool_call"]

# The arguments of a tool without parameters, as chat templates and servers read such a definition.
NO_ARGUMENTS = {"type": "object", "additionalProperties": False}

# The keys of the schema of the arguments, as OpenAI, MCP and Anthropic name them.
PARAMETERS = ("parameters", "inputSchema", "input_schema")
# The other keys that a definition may have, none of which is about the arguments; ``return`` is from get_json_schema.
DESCRIBING = frozenset([
    "type", "name", "title", "description", "strict", "return", "outputSchema", "annotations", "_meta", "icons",
    "execution", "cache_control", "input_examples", "defer_loading", "allowed_callers",
])  # fmt: skip
# The types of tools whose arguments have a schema. Other types belong to a server that knows their arguments.
TYPES = (None, "function", "custom")


def tool_call(
    tools: Iterable[Any],
    *,
    name: str = "name",
    arguments: str = "arguments",
    registry: Mapping[str, Any] | None = None,
    **options: Any,
) -> Grammar:
    """A call of one of several tools, as one JSON object with two keys.

    Args:
        tools: definitions as chat templates take them, ``{"type": "function", "function": {"name": ...,
            "parameters": schema}}`` or the inner object alone, those of MCP (``inputSchema``) and Anthropic
            (``input_schema``), or pydantic models, called by their class names.
        name: the key of the tool's name.
        arguments: the key of its arguments; ``"parameters"`` for Llama 3.
        registry: as for ``json_schema``.
        options: the other options of ``json_schema``.

    Raises:
        TypeError: ``tools`` is not a list of definitions, or contains a Python object that is not a definition.
        ValueError: the two keys are equal.
        ConstrainError: there is no tool.
        InvalidSchema: a definition has no name, or the name of another one, or a key that no convention knows, or its
            parameters are not a schema; the pointer points into the list of tools.
        SchemaError: as ``json_schema`` does, for any of the tools; pointers into a tool's schema begin with ``tool:``
            and its name. Arguments are objects, so a schema that admits no object is unsatisfiable.
    """
    if isinstance(tools, (str, Mapping, type)):
        raise TypeError(f"tool_call() takes a list of tools, not {tools!r}")
    if name == arguments:
        raise ValueError(f"the name of a tool and its arguments cannot both stand under {name!r}")
    documents: dict[str, Any] = {}
    calls = []
    for index, tool in enumerate(tools):
        called, parameters = _definition(tool, f"/{index}")
        uri = f"tool:{quote(called, safe='')}"
        if uri in documents:
            raise InvalidSchema(f"/{index}", f"two tools are called {called!r}")
        documents[uri] = parameters
        calls.append(
            {
                "type": "object",
                "properties": {name: {"const": called}, arguments: _arguments(uri)},
                "required": [name, arguments],
                "additionalProperties": False,
            }
        )
    if not calls:
        raise ConstrainError("tool_call() takes at least one tool")
    joined = _joined(registry, documents)
    for uri in documents:  # among others, a tool that cannot be called would go unnoticed
        json_schema(_arguments(uri), registry=joined, **options)
    return json_schema({"anyOf": calls}, registry=joined, **(options | {"unknown": "ignore"}))


def _arguments(uri: str) -> dict[str, Any]:
    """Whatever a schema says, arguments are an object. ``allOf``, because older drafts read nothing beside a $ref."""
    return {"type": "object", "allOf": [{"$ref": uri}]}


def _definition(tool: Any, place: str) -> tuple[str, Any]:
    """The name of a tool, and the schema of its arguments."""
    if isinstance(tool, type):
        return tool.__name__, schema_of(tool)
    wrapped = isinstance(tool, Mapping) and "function" in tool
    inner: Any = tool["function"] if wrapped else tool
    called = inner.get("name") if isinstance(inner, Mapping) else None
    if not isinstance(called, str) or any("\ud800" <= letter <= "\udfff" for letter in called):
        reason = f"the definition of a tool is a dict with its name and parameters, or a class, not {tool!r}"
        if isinstance(tool, (Mapping, list, str, int, float)) or tool is None:
            raise InvalidSchema(place, reason)
        hint = "; transformers.utils.get_json_schema makes one of a function" if callable(tool) else ""
        raise TypeError(reason + hint)
    if wrapped:
        _check_keys(tool, place, ("function",))
        place = f"{place}/function"
    _check_keys(inner, place, PARAMETERS)
    spelled = [key for key in PARAMETERS if inner.get(key) is not None]
    if len(spelled) > 1:
        raise InvalidSchema(f"{place}/{spelled[1]}", f"{spelled[0]} holds the parameters already")
    parameters = schema_of(inner[spelled[0]]) if spelled else NO_ARGUMENTS
    if not isinstance(parameters, (dict, bool)):
        raise InvalidSchema(f"{place}/{spelled[0]}", f"the parameters of the tool {called!r} are no schema")
    return called, parameters


def _check_keys(definition: Mapping[str, Any], place: str, own: tuple[str, ...]) -> None:
    """Refuse keys that no convention knows: one of them may hold the parameters, which would be ignored silently."""
    from difflib import get_close_matches

    from constrain.languages.json_schema.text.pointers import escape

    for key in definition:
        if key not in own and key not in DESCRIBING:
            similar = get_close_matches(str(key), [*own, *DESCRIBING], 1, 0.8)
            hint = (
                f"is {similar[0]} meant?"
                if similar
                else f"a schema of the arguments is called {PARAMETERS[0]}"
            )
            raise InvalidSchema(
                f"{place}/{escape(str(key))}", f"{key!r} is nothing that a tool is defined by", hint
            )
    kind = definition.get("type")
    if kind not in TYPES:
        reason = f"a tool of the type {kind!r} takes what its server knows, which no schema says"
        raise InvalidSchema(f"{place}/type", reason, "the type of a tool with parameters is function")


def _joined(registry: Any, documents: dict[str, Any]) -> Any:
    """The documents together with those of a registry. Each is a separate document, so that ``#/$defs/...`` keeps its
    meaning."""
    if registry is None:
        return documents
    if hasattr(registry, "with_resources"):  # it may retrieve more, so it must stay a registry
        from referencing.jsonschema import DRAFT202012

        return registry.with_resources(
            (uri, DRAFT202012.create_resource(schema)) for uri, schema in documents.items()
        )
    return {**registry, **documents}
