"""What the references of a schema lead to, according to ``referencing``, which shares no code with this project."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from jsonschema_specifications import REGISTRY
from referencing import Registry, Resource, exceptions
from referencing.jsonschema import DRAFT4, DRAFT6, DRAFT7, DRAFT201909, DRAFT202012

from constrain.languages.json_schema.document.resources import subschemas
from tests.data_folder import suite_path

SPECIFICATIONS = {4: DRAFT4, 6: DRAFT6, 7: DRAFT7, 2019: DRAFT201909, 2020: DRAFT202012}
FOLDERS = {"draft4": 4, "draft6": 6, "draft7": 7, "draft2019-09": 2019, "draft2020-12": 2020}


def resource(contents: Any, draft: int) -> Any:
    """A resource of the draft that the contents declare, or else of ``draft``."""
    name = contents.get("$schema", "") if isinstance(contents, dict) else ""
    if "localhost" in name:  # a meta-schema of the suite
        return SPECIFICATIONS[draft].create_resource(contents)
    return Resource.from_contents(contents, default_specification=SPECIFICATIONS[draft])


@cache
def suite_registry(draft: int) -> Any:
    """The remote documents of the official suite that concern a draft, and the meta-schemas."""
    folder = suite_path("remotes")
    registry: Any = Registry().combine(REGISTRY)
    for path in sorted(folder.rglob("*.json")):
        name = path.relative_to(folder).as_posix()
        text = path.read_text(encoding="utf-8")
        contents = json.loads(text)
        top = name.split("/")[0]
        written = FOLDERS.get(top, draft)
        other = top in ("v1", "draft3", "draft-next") or (written != draft and "$schema" not in contents)
        other |= '"$dynamic' in text and written < 2020  # in no folder in earlier releases of the suite
        if not other:
            registry = registry.with_resource(f"http://localhost:1234/{name}", resource(contents, written))
    return registry


def references(root: Any, draft: int = 2020, registry: Any = REGISTRY) -> list[tuple[Any, str, Any]]:
    """(schema, value of its ``$ref``, target or None) for each schema that keywords and references lead to."""
    if not isinstance(root, dict):
        return []
    document = resource(root, draft)
    found: list[tuple[Any, str, Any]] = []
    seen: set[int] = set()
    pending = [(root, registry.resolver_with_root(document), document._specification)]
    while pending:
        schema, resolver, specification = pending.pop()
        if not isinstance(schema, dict) or id(schema) in seen:
            continue
        seen.add(id(schema))
        if "localhost" not in str(schema.get("$schema")):
            specification = Resource.from_contents(schema, default_specification=specification)._specification
        if isinstance(schema.get("$ref"), str):
            try:
                target = resolver.lookup(schema["$ref"])
            except exceptions.Unresolvable:
                found.append((schema, schema["$ref"], None))
            else:
                found.append((schema, schema["$ref"], target.contents))
                pending.append((target.contents, target.resolver, specification))
        for below in subschemas(schema):
            inner = resource(below, _draft(specification))
            pending.append((below, resolver.in_subresource(inner), inner._specification))
    return found


def _draft(specification: Any) -> int:
    return next(draft for draft, known in SPECIFICATIONS.items() if known is specification)
