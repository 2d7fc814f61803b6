"""Whether a text is a document of a schema, according to ``jsonschema``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import jsonschema
import referencing
from referencing.jsonschema import DRAFT202012

__all__ = ["verdict"]


def number(text: str) -> int | float:
    """A number with a point or an exponent, exact if it is an integer: ``multipleOf`` of large ones depends on it."""
    exact = Decimal(text)
    return int(exact) if exact == exact.to_integral_value() else float(text)


def verdict(schema: Any, text: str, registry: Mapping[str, Any] | None = None) -> str:
    """Why ``text`` is no document of ``schema``, or ``""``; ``registry`` has the schemas it refers to by URI."""
    try:
        document = json.loads(text, parse_float=number)
    except json.JSONDecodeError as problem:
        return f"{problem}: {text!r}"
    kind = jsonschema.validators.validator_for(schema, jsonschema.Draft202012Validator)
    others = [(uri, DRAFT202012.create_resource(other)) for uri, other in (registry or {}).items()]
    known = referencing.Registry().with_resources(others)
    validator = kind(schema, format_checker=kind.FORMAT_CHECKER, registry=known)
    error = next(validator.iter_errors(document), None)
    return "" if error is None else f"{error.message}: {text!r}"
