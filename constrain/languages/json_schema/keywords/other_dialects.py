"""Names that other dialects have and JSON Schema has not: which dialect it is, and what to write instead."""

from __future__ import annotations

__all__ = ["KEYWORDS", "type_hint"]

_PYTHON = {
    "dict": "object", "list": "array", "tuple": "array", "set": "array", "str": "string", "int": "integer",
    "float": "number", "bool": "boolean", "None": "null", "none": "null", "NoneType": "null",
}  # fmt: skip
_JAVASCRIPT = {"undefined": "null", "bigint": "integer", "Date": "string"}
_MONGODB = {
    "long": "integer",
    "double": "number",
    "decimal": "number",
    "objectId": "string",
    "date": "string",
}
_SQL = {"text": "string", "varchar": "string", "datetime": "string", "timestamp": "string"}
_NAMES = ("null", "boolean", "string", "number", "integer", "array", "object")

# Name of a type -> (whose it is, what to write).
_TYPES: dict[str, tuple[str, str]] = {
    **{name: ("of SQL", written) for name, written in _SQL.items()},
    **{name: ("of MongoDB and others", written) for name, written in _MONGODB.items()},
    **{name: ("of JavaScript", written) for name, written in _JAVASCRIPT.items()},
    **{name: ("of Python", written) for name, written in _PYTHON.items()},
    **{name.capitalize(): ("of JavaScript or Java", name) for name in _NAMES},
    **{name.upper(): ("of Google's API for Gemini", name) for name in _NAMES},
}

# Names for which nothing can be written in place of the type.
_WITHOUT = {
    "any": '"any" is the name of a type in draft 3, and of Python: leave out "type"',
    "Any": '"Any" is the name of a type of Python: leave out "type"',
    "ANY": '"ANY" is the name of a type of Google\'s API for Gemini: leave out "type"',
    "file": '"file" is the name of a type of Swagger 2.0: write "string", with a format or a contentEncoding',
    "enum": '"enum" is a keyword of its own: leave out "type"',
}

# Keyword -> what there is to say of it.
KEYWORDS: dict[str, str] = {
    "nullable": 'a keyword of OpenAPI 3.0; write "null" into the list of types, or anyOf with {"type": "null"}',
    "discriminator": "a keyword of OpenAPI; write const for the property in each alternative of oneOf",
    "xml": "a keyword of OpenAPI",
    "externalDocs": "a keyword of OpenAPI",
    "example": "a keyword of OpenAPI 3.0; JSON Schema has examples",
    "bsonType": "a keyword of MongoDB; write type",
    "propertyOrdering": "a keyword of Google's API for Gemini; keys come in the order of properties",
    "errorMessage": "a keyword of ajv-errors",
    "instanceof": "a keyword of ajv-keywords",
    "typeof": "a keyword of ajv-keywords; write type",
    "tsType": "a keyword of json-schema-to-typescript",
}


def type_hint(name: str) -> str:
    """What to write instead of a name of a type that JSON Schema does not have; "" if no known dialect has it."""
    if name in _WITHOUT:
        return _WITHOUT[name]
    if name not in _TYPES:
        return ""
    dialect, written = _TYPES[name]
    return f'"{name}" is the name of a type {dialect}: write "{written}"'
