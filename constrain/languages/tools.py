"""Calls of tools: JSON objects with the name of a tool, and arguments that validate against its schema.

    call = cn.tool_call(tools)  # {"name": "weather", "arguments": {"city": "Oslo"}}

When should I use this? Where a model is given tools by its chat template. What a model writes around a call is told by
``sequence``, ``either`` and ``repeat``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from constrain.languages.base import Grammar, utf8
from constrain.languages.factories import json_schema
from constrain.languages.python_types import schema_of

__all__ = ["tool_call"]

# What a tool without parameters takes, as chat templates and servers read such a definition.
NO_ARGUMENTS = {"type": "object", "additionalProperties": False}


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
            "parameters": schema}}`` or the inner object alone, or pydantic models, called by their class names.
        name: the key of the tool's name.
        arguments: the key of its arguments; ``"parameters"`` for Llama 3.
        registry: as for ``json_schema``.
        options: the others of ``json_schema``.

    Raises:
        TypeError: something is no definition of a tool, or its parameters are no schema.
        ValueError: there is no tool, or two have one name, or both keys are one.
        SchemaError: as ``json_schema`` does, for any of the tools; what is said of one's schema begins with
            ``tool:`` and its name.
    """
    if isinstance(tools, (str, Mapping, type)):
        raise TypeError(f"tool_call() takes a list of tools, not {tools!r}")
    if name == arguments:
        raise ValueError(f"the name of a tool and its arguments cannot both stand under {name!r}")
    documents: dict[str, Any] = {}
    calls = []
    for tool in tools:
        called, parameters = _definition(tool)
        uri = f"tool:{quote(utf8(called), safe='')}"
        if uri in documents:
            raise ValueError(f"two tools are called {called!r}")
        documents[uri] = parameters
        calls.append(
            {
                "type": "object",
                "properties": {name: {"const": called}, arguments: {"$ref": uri}},
                "required": [name, arguments],
                "additionalProperties": False,
            }
        )
    if not calls:
        raise ValueError("tool_call() takes at least one tool")
    joined = _joined(registry, documents)
    for uri in documents:  # beside others, a tool that cannot be called would never be missed
        json_schema({"$ref": uri}, registry=joined, **options)
    return json_schema({"anyOf": calls}, registry=joined, **options)


def _definition(tool: Any) -> tuple[str, Any]:
    """The name of a tool, and the schema of its arguments."""
    if isinstance(tool, type):
        return tool.__name__, schema_of(tool)
    inner: Any = tool.get("function", tool) if isinstance(tool, Mapping) else None
    called = inner.get("name") if isinstance(inner, Mapping) else None
    if not isinstance(called, str):
        hint = "; transformers.utils.get_json_schema makes one of a function" if callable(tool) else ""
        raise TypeError(
            f"the definition of a tool is a dict with its name and parameters, or a class, not {tool!r}{hint}"
        )
    parameters = schema_of(inner.get("parameters"))
    if parameters is not None and not isinstance(parameters, (dict, bool)):
        raise TypeError(f"the parameters of the tool {called!r} are no schema, but {parameters!r}")
    return called, NO_ARGUMENTS if parameters is None else parameters


def _joined(registry: Any, documents: dict[str, Any]) -> Any:
    """The documents beside those of a registry. Each is one of its own, so that ``#/$defs/...`` is what it says."""
    if registry is None:
        return documents
    if hasattr(registry, "with_resources"):  # it may retrieve more, so it has to stay what it is
        from referencing.jsonschema import DRAFT202012

        return registry.with_resources(
            (uri, DRAFT202012.create_resource(schema)) for uri, schema in documents.items()
        )
    return {**registry, **documents}
