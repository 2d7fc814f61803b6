"""Schema resources: which ``$id`` each schema lies under, and what identifiers name.

A resource is a schema with a URI of its own, and all that lies below it up to the next one. The root of
a document is one; a subschema with ``$id`` starts another (JSON Schema Core 2020-12, section 8.2.1).
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from constrain.errors import UnsupportedKeyword
from constrain.languages.json_schema.document.dialects import Dialect, UnknownDialect, dialect_named
from constrain.languages.json_schema.document.registry import SchemaRegistry, metaschema
from constrain.languages.json_schema.text.pointers import Places, child, tokens
from constrain.languages.json_schema.text.uri import join

# Where schemas stand: in the value itself, in a list, or in an object by name. Of all drafts together: a
# keyword of another draft than the schema's is refused where it could matter.
SCHEMA, LIST, NAMED = 1, 2, 4
POSITIONS = {
    **dict.fromkeys(
        ("additionalItems", "additionalProperties", "contains", "contentSchema", "else", "if", "not",
         "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties"), SCHEMA,
    ),
    **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), LIST),
    **dict.fromkeys(
        ("$defs", "definitions", "dependencies", "dependentSchemas", "patternProperties", "properties"), NAMED
    ),
    "items": SCHEMA | LIST,
}  # fmt: skip

# The name under which a resource with "$recursiveAnchor": true (2019-09) is found; no anchor has it.
RECURSIVE = ""


class UnknownResource(LookupError):
    """A reference names a document that was not supplied."""


class Resource:
    """A schema with a URI of its own.

    Attributes:
        root: the schema.
        uri: absolute if it can be, without fragment; "" if it has none.
        dialect: what ``$schema`` of the resource says, or of the one around it.
        document: the resource at the root of the document.
        anchors: the schemas in it that have a name; None for a name that is given twice.
        dynamic: the names that ``$dynamicRef`` looks for, and RECURSIVE if ``$recursiveRef`` does so here.
        problem: why its ``$schema`` cannot be followed.
        reached: whether validation can get there, so far as is known.
        targets: what references in it lead to, memoised.
    """

    __slots__ = (
        "anchors", "dialect", "document", "dynamic", "problem", "reached", "root", "targets", "uri",
    )  # fmt: skip

    def __init__(self, root: Any, uri: str, dialect: Dialect, document: Resource | None = None) -> None:
        self.root = root
        self.uri = uri
        self.dialect = dialect
        self.document = document or self
        self.anchors: dict[str, Any] = {}
        self.dynamic: set[str] = set()
        self.problem: UnknownDialect | None = None
        self.reached = False
        self.targets: dict[str, Any] = {}

    def name(self, name: Any, schema: dict[str, Any], *, dynamic: bool = False) -> None:
        """Give a schema in the resource a name, unless it is none."""
        if not isinstance(name, str) or not name:
            return
        if self.anchors.setdefault(name, schema) is not schema:
            self.anchors[name] = None
        if dynamic:
            self.dynamic.add(name)

    def named(self, name: str) -> Any:
        """The schema that has a name.

        Raises:
            LookupError: there is none, or more than one.
        """
        if name == RECURSIVE:
            return self.root
        schema = self.anchors.get(name)
        if schema is None:
            raise LookupError(
                f"{'more than one' if name in self.anchors else 'no'} schema is called {name!r}"
            )
        return schema


def identity(schema: dict[str, Any], dialect: Dialect) -> tuple[str, str]:
    """(URI reference, anchor) that ``$id`` - in draft 4 ``id`` - gives to a schema; "" for what it does not.

    Before 2019-09 a fragment is an anchor, and ``$ref`` hides the keywords beside it.
    """
    name = schema.get(dialect.id_keyword)
    if not isinstance(name, str) or (dialect.draft <= 7 and "$ref" in schema):
        return "", ""
    uri, _, anchor = name.partition("#")
    return uri, "" if dialect.draft >= 2019 or anchor.startswith("/") else anchor


class Resources:
    """The resources of a document, and of those that it has referred to so far.

    Attributes:
        homes: the resource of each schema, by ``id(schema)``; booleans have none.
        documents: the resource at the root of each document, the document itself first.
        all: every resource, in the order in which they were found.
    """

    __slots__ = ("_draft", "_library", "_names", "all", "documents", "homes")

    def __init__(
        self, root: Any, dialect: Dialect, library: SchemaRegistry, draft: int | None = None
    ) -> None:
        """``draft``: for schemas that declare a dialect which is not known; None: these are refused."""
        self._library = library
        self._draft = draft
        self._names: dict[str, Resource | None] = {}  # None: two resources of a document have that URI
        self.homes: dict[int, Resource] = {}
        self.documents: list[Resource] = []
        self.all: list[Resource] = []
        name = root.get(dialect.id_keyword) if isinstance(root, dict) else None
        uri = name.partition("#")[0] if isinstance(name, str) else ""
        self._add_document(root, join("", uri), dialect)

    # -- finding ------------------------------------------------------------------------------

    def find(self, uri: str) -> Resource:
        """The resource that has the URI ``uri`` (without fragment), from a document that is loaded when needed.

        Raises:
            UnknownResource: no such document was supplied.
            LookupError: the URI is not unique.
        """
        if uri not in self._names:
            self._load(uri)
        resource = self._names[uri]
        if resource is None:
            raise LookupError(f"more than one schema has the identifier {uri!r}")
        return resource

    def locate(self, resource: Resource, fragment: str) -> Any:
        """The schema that a decoded fragment names in a resource: a JSON pointer, an anchor, or nothing (the root).

        Raises:
            LookupError: there is none.
        """
        if fragment and not fragment.startswith("/"):
            return resource.named(fragment)
        place, home = resource.root, resource
        for token in tokens(fragment):
            place = child(place, token)
            home = self.homes.get(id(place), home)
        if isinstance(place, dict) and id(place) not in self.homes:
            self.add_unlisted(place, home)
        if not isinstance(place, (dict, bool)):
            raise LookupError("it names a value that is not a schema")
        return place

    # -- loading ------------------------------------------------------------------------------

    def _load(self, uri: str) -> None:
        contents = self._library.listed(uri)
        if contents is None:
            contents = metaschema(uri)
        if contents is None or _is_odd(contents, uri):
            # It may lie inside another document of the registry.
            for other in self._library.may_hold(uri):
                found = self._library.listed(other)
                if other not in self._names and not _is_odd(found, other):
                    self._add_retrieved(found, other)
            if uri in self._names:
                return
        if contents is None:
            contents = self._library.retrieved(uri)
        if contents is None:
            raise UnknownResource(f"there is no document {uri!r}")
        self._add_retrieved(contents, uri)

    def _add_retrieved(self, contents: Any, uri: str) -> None:
        """A document that is published under ``uri``; its ``$id`` may give it another URI as well."""
        own = self.documents[0].dialect
        dialect, problem = self._dialect(contents, own)
        name = contents.get(dialect.id_keyword) if isinstance(contents, dict) else None
        canonical = join(uri, name.partition("#")[0]) if isinstance(name, str) else uri
        home = self.homes.get(id(contents))
        if home is None or home.root is not contents or home.uri != canonical:
            if home is not None:  # the same object under another URI is another schema
                contents = copy.deepcopy(contents)
            home = self._add_document(contents, canonical, dialect)
            home.problem = problem
        self._names[uri] = home

    def _add_document(self, root: Any, uri: str, dialect: Dialect) -> Resource:
        resource = Resource(root, uri, dialect)
        self.documents.append(resource)
        self._register(resource)
        if isinstance(root, dict):
            self._index(root, resource, None)
        return resource

    def _register(self, resource: Resource) -> None:
        self.all.append(resource)
        known = self._names.setdefault(resource.uri, resource)
        if known is not None and known is not resource and known.document is resource.document:
            self._names[resource.uri] = None

    # -- indexing -----------------------------------------------------------------------------

    def add_unlisted(self, schema: dict[str, Any], enclosing: Resource) -> None:
        """Index a value that stands where no keyword has a schema. A reference makes it one; nothing else can name
        its parts."""
        self._index(schema, self._resource_at(schema, enclosing, enclosing), enclosing)

    def _index(self, root: dict[str, Any], home: Resource, silent: Resource | None) -> None:
        """Find the resource of each schema from ``root`` downwards, which lies in ``home``.

        ``silent``: a resource that gets no new names.
        """
        self._settle(root, home, silent)
        pending = [(schema, home) for schema in subschemas(root)]
        while pending:
            schema, outer = pending.pop()
            if id(schema) in self.homes:
                self._check_shared(schema, outer)
                continue
            home = self._resource_at(schema, outer, silent)
            self._settle(schema, home, silent)
            pending.extend([(inner, home) for inner in subschemas(schema)])

    def _resource_at(self, schema: dict[str, Any], outer: Resource, silent: Resource | None) -> Resource:
        """The resource of a schema that stands in ``outer``: that, or one that begins here."""
        dialect, problem = self._dialect(schema, outer.dialect)
        uri = _uri(schema, dialect, outer)
        if uri is None:
            return outer
        resource = Resource(schema, uri, dialect, outer.document)
        resource.problem = problem
        if silent is None:
            self._register(resource)
        return resource

    def _check_shared(self, schema: dict[str, Any], outer: Resource) -> None:
        """One Python object at two places: both must lie in one resource, for it is known by its identity."""
        home = self.homes[id(schema)]
        uri = _uri(schema, self._dialect(schema, outer.dialect)[0], outer)
        if home is not outer if uri is None else (home.root is not schema or home.uri != uri):
            reason = "the same object stands in two schemas with identifiers of their own"
            pointer = Places(outer.document.root).pointer(schema) or ""
            raise UnsupportedKeyword(pointer, reason, "pass JSON text, or a deep copy of the object")

    def _settle(self, schema: dict[str, Any], home: Resource, silent: Resource | None) -> None:
        """Note where a schema lies, and its names."""
        self.homes[id(schema)] = home
        if home is silent:
            return
        draft = home.dialect.draft
        if draft <= 7:
            home.name(identity(schema, home.dialect)[1], schema)
            return
        home.name(schema.get("$anchor"), schema)
        if draft == 2020:
            home.name(schema.get("$dynamicAnchor"), schema, dynamic=True)
        elif schema is home.root and schema.get("$recursiveAnchor") is True:
            home.dynamic.add(RECURSIVE)

    def _dialect(self, schema: Any, outer: Dialect) -> tuple[Dialect, UnknownDialect | None]:
        """The dialect of a schema that has an identifier, and what is wrong with its name."""
        name = schema.get("$schema") if isinstance(schema, dict) else None
        if name is None:
            return outer, None
        if not isinstance(name, str):
            return outer, UnknownDialect("the name of a dialect is a string", "")
        try:
            return dialect_named(name, self._library, self._draft), None
        except UnknownDialect as problem:
            return outer, problem


def _uri(schema: dict[str, Any], dialect: Dialect, outer: Resource) -> str | None:
    """The URI of the resource that begins with ``schema``, or None: it goes on with ``outer``."""
    reference, _ = identity(schema, dialect)
    if not reference:
        return None
    uri = join(outer.uri, reference)
    # A fragment after the URI of the resource itself names a place within it.
    return None if uri == outer.uri and "#" in schema[dialect.id_keyword] else uri


def subschemas(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The schemas directly below one, apart from booleans."""
    for keyword, value in schema.items():
        position = POSITIONS.get(keyword)
        if position is None:
            continue
        if isinstance(value, dict):
            if position & SCHEMA:
                yield value
            elif position & NAMED:
                yield from [inner for inner in value.values() if isinstance(inner, dict)]
        elif isinstance(value, list) and position & LIST:
            yield from [inner for inner in value if isinstance(inner, dict)]


def _is_odd(contents: Any, uri: str) -> bool:
    """Whether a document may in truth lie inside another one: its relative ``$id`` does not lead to its URI.

    A registry lists the schemas inside its documents, too, but not against which URI their ``$id`` is
    to be resolved.
    """
    names = [contents.get(keyword) for keyword in ("$id", "id")] if isinstance(contents, dict) else []
    return any(
        isinstance(name, str) and ":" not in name and join(uri, name.partition("#")[0]) != uri
        for name in names
    )
