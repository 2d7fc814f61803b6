"""Schemas that are not in the document: those that the caller supplies, and the official meta-schemas.

Nothing is ever fetched. The meta-schemas are those of json-schema.org, unchanged; ``metaschemas`` mirrors
the paths under which they are published.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("metaschemas")
HOST = "json-schema.org/"
METASCHEMAS = frozenset(
    [f"draft-0{number}/schema" for number in (4, 6, 7)]
    + [f"draft/{draft}/schema" for draft in ("2019-09", "2020-12")]
    + [
        f"draft/2019-09/meta/{name}"
        for name in ("core", "applicator", "validation", "meta-data", "format", "content")
    ]
    + [
        f"draft/2020-12/meta/{name}"
        for name in (
            "core", "applicator", "unevaluated", "validation", "meta-data", "format-annotation",
            "format-assertion", "content",
        )
    ]
)  # fmt: skip
LATEST_METASCHEMA = "draft/2020-12/schema"


class Library:
    """Schemas by URI, first those of the registry, then the meta-schemas.

    Args:
        registry: absolute URIs to schemas or instances of ``referencing.Resource``, as in a ``referencing.Registry``.

    Raises:
        TypeError: the registry is none, or what it holds under a URI that is asked for is no schema.
    """

    __slots__ = ("_registry",)

    def __init__(self, registry: Mapping[str, Any] | None = None) -> None:
        self._registry: Mapping[str, Any] = {} if registry is None else registry
        if not isinstance(self._registry, Mapping):
            raise TypeError(f"a registry is a mapping of URIs to schemas, not {registry!r}")
        wrong = next((uri for uri in self._registry if not isinstance(uri, str)), "")
        if wrong != "":
            raise TypeError(f"a registry is a mapping of URIs to schemas; {wrong!r} is no URI")

    def uris(self) -> Iterator[str]:
        """The URIs that the registry lists, without an empty fragment."""
        return (uri.rstrip("#") for uri in self._registry)

    def get(self, uri: str) -> Any:
        """The schema published under ``uri`` (without fragment), or None: wherever it can be found."""
        for source in (self.listed, metaschema, self.retrieved):
            contents = source(uri)
            if contents is not None:
                return contents
        return None

    def listed(self, uri: str) -> Any:
        """The schema that the registry lists under ``uri``, or None."""
        for name in (uri, f"{uri}#"):
            if name in self._registry:
                return _contents(self._registry[name], uri)
        return None

    def retrieved(self, uri: str) -> Any:
        """What a ``referencing.Registry`` gets from the function that its owner gave it, or None."""
        find = getattr(self._registry, "get_or_retrieve", None)
        if find is None:
            return None
        try:
            return _contents(find(uri).value, uri)
        except KeyError:  # what referencing.exceptions.NoSuchResource and Unretrievable are
            return None


def _contents(entry: Any, uri: str) -> Any:
    """The schema of an entry: itself, or what a ``referencing.Resource`` holds."""
    contents = getattr(entry, "contents", entry)
    if not isinstance(contents, (dict, bool)):
        raise TypeError(
            f"the document {uri!r} of the registry is no schema (a dict or a bool), but {contents!r}"
        )
    return contents


def metaschema(uri: str) -> Any:
    """The official meta-schema that ``uri`` names, with http or https, or None."""
    scheme, _, rest = uri.partition("//")
    if scheme not in ("http:", "https:") or not rest.startswith(HOST):
        return None
    path = rest[len(HOST) :]
    if path == "schema":
        path = LATEST_METASCHEMA
    return _load(path) if path in METASCHEMAS else None


@cache
def _load(path: str) -> Any:
    return json.loads((FOLDER / f"{path}.json").read_text(encoding="utf-8"))
