"""Schemas that are not in the document: those that the caller supplies, and the official meta-schemas.

Nothing is ever fetched. The meta-schemas are those of json-schema.org, unchanged; ``metaschemas`` mirrors
the paths under which they are published.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
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


class SchemaRegistry:
    """Schemas by URI, first those of the registry, then the meta-schemas.

    Args:
        registry: absolute URIs to schemas or instances of ``referencing.Resource``, as in a ``referencing.Registry``.

    Raises:
        TypeError: the registry is none, or what it holds under a URI that is asked for is no schema.
    """

    __slots__ = ("_identified", "_registry", "_retriever")

    def __init__(self, registry: Mapping[str, Any] | None = None) -> None:
        self._registry: Mapping[str, Any] = {} if registry is None else registry
        if not isinstance(self._registry, Mapping):
            raise TypeError(f"a registry is a mapping of URIs to schemas, not {registry!r}")
        wrong = next((uri for uri in self._registry if not isinstance(uri, str)), "")
        if wrong != "":
            raise TypeError(f"a registry is a mapping of URIs to schemas; {wrong!r} is no URI")
        self._identified: dict[str, list[str]] | None = None
        self._retriever: Any = None

    def may_hold(self, uri: str) -> list[str]:
        """The URIs of documents in the registry that may hold, somewhere inside, the schema named ``uri``.

        A document that does not is ignored, whatever is wrong with it.
        """
        if self._identified is None:
            self._identified = {}
            for listed in self._registry:
                for end in _identified(_contents(self._registry[listed])):
                    self._identified.setdefault(end, []).append(listed.rstrip("#"))
        ends = (_end(uri), *RELATIVE)
        return list(dict.fromkeys(listed for end in ends for listed in self._identified.get(end, ())))

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
                return _schema(_contents(self._registry[name]), uri)
        return None

    def retrieved(self, uri: str) -> Any:
        """What a ``referencing.Registry`` gets from the function that its owner gave it, or None."""
        if not hasattr(self._registry, "get_or_retrieve"):
            return None
        from referencing.exceptions import CannotDetermineSpecification, NoSuchResource, Unretrievable

        if self._retriever is None:
            self._retriever = _emptied(self._registry)
        try:
            found = self._retriever.get_or_retrieve(uri).value
        except (CannotDetermineSpecification, NoSuchResource, Unretrievable):
            return None
        return _schema(_contents(found), uri)


def _emptied(registry: Any) -> Any:
    """A ``referencing.Registry`` that gets what ``registry`` gets, and lists nothing.

    What it lists has been looked up before. Listing it here would crawl all of it, and raise for what cannot be read.
    """
    for uri in list(registry):
        registry = registry.remove(uri)
    return registry


# Ends of identifiers that say nothing about those of the URIs that they lead to.
RELATIVE = ("", ".", "..")


def _end(uri: str) -> str:
    """What is left of a URI reference when it is resolved, whatever the base is."""
    return uri.partition("#")[0].rpartition("/")[2]


def _identified(contents: Any) -> set[str]:
    """The ends of all identifiers in a document, wherever they stand."""
    ends: set[str] = set()
    seen: set[int] = set()
    pending = [contents]
    while pending:
        value = pending.pop()
        if not isinstance(value, (dict, list)) or id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, dict):
            ends.update(
                _end(name) for keyword in ("$id", "id") if isinstance(name := value.get(keyword), str)
            )
            pending.extend(value.values())
        else:
            pending.extend(value)
    return ends


def _contents(entry: Any) -> Any:
    """The schema in an entry of a registry: the entry itself, or what a ``referencing.Resource`` holds."""
    return getattr(entry, "contents", entry)


def _schema(contents: Any, uri: str) -> Any:
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
