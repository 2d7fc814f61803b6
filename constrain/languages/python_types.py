"""Python types as JSON Schemas, by pydantic."""

from __future__ import annotations

from types import GenericAlias, UnionType
from typing import Any, get_origin

__all__ = ["schema_of"]


def schema_of(source: Any) -> Any:
    """The JSON Schema of a pydantic model, a ``TypeAdapter``, a dataclass, or another type that pydantic knows;
    anything else is returned unchanged.

    Raises:
        TypeError: pydantic has no schema for the type, or is not installed.
    """
    if hasattr(source, "model_json_schema"):
        return source.model_json_schema()
    if hasattr(source, "validate_json") and hasattr(source, "json_schema"):
        return source.json_schema()
    if not isinstance(source, (type, GenericAlias, UnionType)) and get_origin(source) is None:
        return source
    try:
        from pydantic import PydanticUserError, TypeAdapter
    except ModuleNotFoundError:
        raise TypeError(f"to read {source!r} as a schema takes pydantic: pip install pydantic") from None
    try:
        return TypeAdapter(source).json_schema()
    except PydanticUserError as error:
        raise TypeError(f"pydantic has no JSON Schema of {source!r}: {error.message}") from error
