"""Keywords by what they concern."""

from __future__ import annotations

TYPE_NAMES = frozenset(["null", "boolean", "string", "number", "integer", "array", "object"])

# Keywords that the drafts define to say nothing about which documents are valid.
SILENT = frozenset([
    "$schema", "$id", "id", "$anchor", "$dynamicAnchor", "$recursiveAnchor", "$defs", "definitions", "$comment",
    "$vocabulary", "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly",
    "contentEncoding", "contentMediaType", "contentSchema",
])  # fmt: skip

# Keywords about values of some types only.
STRING_KEYWORDS = frozenset(["minLength", "maxLength", "pattern", "format"])
NUMBER_KEYWORDS = frozenset(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"])
ARRAY_KEYWORDS = frozenset(["items", "prefixItems", "minItems", "maxItems", "contains", "uniqueItems"])
OBJECT_KEYWORDS = frozenset([
    "properties", "required", "additionalProperties", "patternProperties", "propertyNames", "minProperties",
    "maxProperties", "dependentRequired", "dependencies",
])  # fmt: skip
SPEAKS_OF: dict[frozenset[str], frozenset[str]] = {
    STRING_KEYWORDS: frozenset(["string"]),
    NUMBER_KEYWORDS: frozenset(["number", "integer"]),
    ARRAY_KEYWORDS: frozenset(["array"]),
    OBJECT_KEYWORDS: frozenset(["object"]),
}
# For each type, the keywords that are about other types only.
OF_OTHERS = {
    name: frozenset().union(*[keywords for keywords, types in SPEAKS_OF.items() if name not in types])
    for name in TYPE_NAMES
}
