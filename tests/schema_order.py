"""Schema order, written down once more and slowly: puts the keys of a document into the order of its schema.

Keys come in the order of their first appearance when the schema is read from top to bottom, through
``$ref``, ``anyOf`` and ``allOf`` where they stand; then keys that only ``required`` names; then all
others, as they were.
"""

from __future__ import annotations

from typing import Any


def in_schema_order(root: Any, document: Any, old_references: bool = False) -> Any:
    """``document`` with its keys in the order of schema ``root``.

    ``old_references``: keywords beside ``$ref`` are ignored, as up to draft 7.
    """
    return _Order(root, old_references).value([root], document)


class _Order:
    def __init__(self, root: Any, old_references: bool) -> None:
        self.root = root
        self.old_references = old_references

    def value(self, schemas: list[Any], value: Any) -> Any:
        if isinstance(value, list):
            return [self.value(self.of_item(schemas, i), item) for i, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        spoken = self.spoken(schemas)
        names = [name for schema in spoken for name in schema.get("properties", ())]
        names += [name for schema in spoken for name in schema.get("required", ())]
        keys = [name for name in dict.fromkeys(names) if name in value]
        keys += [name for name in value if name not in keys]
        return {name: self.value(self.of_member(schemas, name), value[name]) for name in keys}

    def spoken(self, schemas: list[Any]) -> list[dict[str, Any]]:
        """Every schema that applies to the place, in reading order, each once."""
        result: list[dict[str, Any]] = []
        for schema in schemas:
            self.collect(schema, result, [])
        return list({id(schema): schema for schema in result}.values())

    def collect(self, schema: Any, result: list[dict[str, Any]], above: list[int]) -> None:
        if not isinstance(schema, dict) or id(schema) in above:
            return
        above = [*above, id(schema)]
        if "$ref" in schema and self.old_references:
            self.collect(self.resolve(schema["$ref"]), result, above)
            return
        own = False
        for keyword, value in schema.items():
            if keyword == "$ref":
                self.collect(self.resolve(value), result, above)
            elif keyword in ("anyOf", "allOf"):
                for arm in value:
                    self.collect(arm, result, above)
            elif (
                keyword in ("properties", "additionalProperties", "prefixItems", "items", "required")
                and not own
            ):
                own = True
                result.append(schema)

    def of_member(self, schemas: list[Any], name: str) -> list[Any]:
        found = []
        for schema in self.spoken(schemas):
            if name in schema.get("properties", {}):
                found.append(schema["properties"][name])
            else:
                found.append(schema.get("additionalProperties", True))
        return found

    def of_item(self, schemas: list[Any], index: int) -> list[Any]:
        found = []
        for schema in self.spoken(schemas):
            prefix, rest = schema.get("prefixItems", []), schema.get("items", True)
            if isinstance(rest, list):
                prefix, rest = rest, schema.get("additionalItems", True)
            found.append(prefix[index] if index < len(prefix) else rest)
        return found

    def resolve(self, reference: str) -> Any:
        place = self.root
        for token in reference.partition("#")[2].split("/")[1:]:
            token = token.replace("~1", "/").replace("~0", "~").replace("%25", "%").replace("%22", '"')
            place = place[int(token)] if isinstance(place, list) else place[token]
        return place
