"""A schema document: its dialect, and the places that references in it name.

As long as only the root has an identifier, and references are JSON pointers, following a reference is a
walk from the root, which this module does alone. Any other reference needs ``Resources``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from constrain.errors import InvalidSchema, SchemaError, UnsupportedKeyword
from constrain.languages.json_schema.document.dialects import (
    LATEST,
    STANDARD,
    Dialect,
    UnknownDialect,
    dialect_named,
)
from constrain.languages.json_schema.document.registry import SchemaRegistry
from constrain.languages.json_schema.document.resources import RECURSIVE, Resource, Resources
from constrain.languages.json_schema.text.pointers import Places, child, escape, tokens
from constrain.languages.json_schema.text.uri import join

# The resource that each dynamic name leads to: of those that validation has entered, the first with that name.
Scope = tuple[tuple[str, Resource], ...]


class Document:
    """The root schema, its dialect, and what can be referred to.

    Args:
        root: a schema, plain JSON values; it must not be changed.
        draft: 4, 6, 7, 2019 or 2020, for schemas that do not declare one (default: 2020), and those that declare
            one that is not known.
        registry: other schemas by URI: a mapping, or a ``referencing.Registry``.

    Attributes:
        root: the whole schema.
        dialect: of the root; ``id_keyword`` is the keyword that gives identifiers in it.
        uniform: whether all that has been reached so far is of that dialect.

    Raises:
        InvalidSchema: the root is no schema.
        UnsupportedKeyword: ``$schema`` names a dialect that is not known, and no draft is given.
    """

    __slots__ = (
        "_draft", "_dynamic", "_registry", "_resources", "_scopes", "_targets", "_where", "dialect", "id_keyword",
        "root", "uniform",
    )  # fmt: skip

    def __init__(
        self, root: Any, *, draft: int | None = None, registry: Mapping[str, Any] | None = None
    ) -> None:
        if not isinstance(root, (dict, bool)):
            hint = "pass a dict, a boolean, JSON text, or a type that pydantic knows"
            raise InvalidSchema("", f"a schema is an object or a boolean, not {type(root).__name__}", hint)
        self.root: Any = root
        self._registry = registry
        self._draft = draft
        self.dialect: Dialect = _dialect(root, draft, registry)
        self.id_keyword = self.dialect.id_keyword
        self.uniform = True
        self._targets: dict[str, Any] = {}
        self._where: dict[int, Places] = {}
        self._resources: Resources | None = None
        self._dynamic: dict[tuple[int, str, str], dict[str, Any]] = {}
        self._scopes: dict[tuple[Scope, Resource], Scope] = {}

    # -- dialects -----------------------------------------------------------------------------

    @property
    def draft(self) -> int:
        """The draft of the root: 4, 6, 7, 2019 or 2020."""
        return self.dialect.draft

    def dialect_of(self, schema: Any) -> Dialect:
        """The dialect of a schema: another one than the root's if it lies in a resource that says so."""
        if self.uniform or not isinstance(schema, dict):
            return self.dialect
        return self._index().homes[id(schema)].dialect

    def draft_of(self, schema: Any) -> int:
        """The draft of a schema."""
        return self.dialect_of(schema).draft

    def identify(self, schema: dict[str, Any]) -> None:
        """Must be called for each schema below the root that has ``$id``, ``id`` or ``$schema``, before what it holds.

        Raises:
            UnsupportedKeyword: it has an identifier of its own and names a dialect that is not known.
        """
        if schema is not self.root and self._begins(schema):
            self._reach(self._index().homes[id(schema)])

    def _begins(self, schema: dict[str, Any]) -> bool:
        """Whether a schema may start a resource of its own, against which references in it resolve."""
        if "$schema" in schema:
            names = [schema.get("$id"), schema.get("id")]
        elif self.id_keyword in schema:
            names = [schema[self.id_keyword]]
        else:
            return False
        return any(isinstance(name, str) and not name.startswith("#") for name in names)

    # -- references ---------------------------------------------------------------------------

    def resolve(self, schema: dict[str, Any], reference: str) -> Any:
        """The schema that ``$ref: reference`` in ``schema`` names.

        Raises:
            UnknownResource: it lies in a document that was not supplied.
            LookupError: it leads nowhere.
            UnsupportedKeyword: it leads to a schema in an unknown dialect.
        """
        if self._resources is None and (schema is self.root or not self._begins(schema)):
            target = self._targets.get(reference)
            if target is None:
                target = self._targets[reference] = self._walk(reference)
            if target is not None:
                return target
        home = self._index().homes[id(schema)]
        target = home.targets.get(reference)
        if target is None:
            target = home.targets[reference] = self._find(home, reference)
        return target

    def _walk(self, reference: str) -> Any:
        """Follow a JSON pointer from the root; None: it takes more to follow the reference."""
        if "%" in reference or (reference != "#" and not reference.startswith("#/")):
            return None
        place = self.root
        for token in tokens(reference):
            place = child(place, token)
            if isinstance(place, dict) and self._begins(place):
                return None
        if not isinstance(place, (dict, bool)):
            raise LookupError("it names a value that is not a schema")
        return place

    def _find(self, home: Resource, reference: str) -> Any:
        resources = self._index()
        resource, fragment = self._split(home, reference)
        target = resources.locate(resource, fragment)
        self._reach(resources.homes[id(target)] if isinstance(target, dict) else resource)
        return target

    def _split(self, home: Resource, reference: str) -> tuple[Resource, str]:
        """The resource that a reference names, and the fragment."""
        uri, _, fragment = reference.partition("#")
        uri = join(home.uri, uri) if uri else home.uri
        if "%" in fragment:
            from urllib.parse import unquote  # not imported before it is needed: 2 ms

            fragment = unquote(fragment)
        return (home if uri == home.uri else self._index().find(uri)), fragment

    def _reach(self, resource: Resource) -> None:
        """Note that validation can reach this resource."""
        if resource.reached:
            return
        problem = resource.problem
        if problem is not None:
            raise self.error(UnsupportedKeyword, resource.root, "$schema", problem.reason, problem.hint)
        resource.reached = True
        self.uniform = self.uniform and resource.dialect == self.dialect

    def _index(self) -> Resources:
        resources = self._resources
        if resources is None:
            resources = Resources(self.root, self.dialect, SchemaRegistry(self._registry), self._draft)
            own = resources.documents[0]
            own.reached = True
            for target in self._targets.values():
                if isinstance(target, dict) and id(target) not in resources.homes:  # led to by no keyword
                    resources.add_unlisted(target, own)
            self._resources = resources
        return resources

    # -- dynamic references -------------------------------------------------------------------

    @property
    def dynamic(self) -> bool:
        """Whether some dynamic reference among those asked for can lead to more than one place."""
        asked = [(schema, keyword, reference) for (_, keyword, reference), schema in self._dynamic.items()]
        return any(len(self.dynamic_targets(*question)) > 1 for question in asked)

    def dynamic_targets(self, schema: dict[str, Any], keyword: str, reference: str) -> list[Any]:
        """All that ``$dynamicRef`` or ``$recursiveRef`` in ``schema`` can lead to, in resources reached so far.

        More can be reached later, so ask again until no answer brings anything new. Raises as ``resolve``.
        """
        self._dynamic[id(schema), keyword, reference] = schema
        target, name = self._initial(schema, keyword, reference)
        if name is None:
            return [target]
        reached = [
            resource for resource in self._index().all if resource.reached and name in resource.dynamic
        ]
        places = [target, *[resource.named(name) for resource in reached]]
        return list({id(place): place for place in places}.values())

    def enter(self, scope: Scope, schema: Any) -> Scope:
        """The scope after validation came from ``scope`` - ``()`` before the root - to ``schema``."""
        if not isinstance(schema, dict):
            return scope
        home = self._index().homes[id(schema)]
        if not home.dynamic:
            return scope
        known = self._scopes.get((scope, home))
        if known is None:
            names = dict.fromkeys(home.dynamic, home) | dict(scope)
            known = self._scopes[scope, home] = tuple(sorted(names.items(), key=lambda item: item[0]))
        return known

    def resolve_dynamic(self, schema: dict[str, Any], keyword: str, reference: str, scope: Scope) -> Any:
        """The schema that ``$dynamicRef`` (2020-12) or ``$recursiveRef`` (2019-09) in ``schema`` leads to.

        JSON Schema Core 2020-12, section 8.2.3.2: if the reference names a ``$dynamicAnchor``, the outermost
        resource in the dynamic scope with one of that name counts. 2019-09, section 8.2.4.2: likewise
        ``$recursiveAnchor: true``. ``scope`` includes the resource of ``schema``. Raises as ``resolve``.
        """
        target, name = self._initial(schema, keyword, reference)
        for entered, resource in scope:
            if entered == name:
                return resource.named(name)
        return target

    def _initial(self, schema: dict[str, Any], keyword: str, reference: str) -> tuple[Any, str | None]:
        """What a dynamic reference names by itself, and the name to look for in the scope, if any."""
        resources = self._index()
        target = self.resolve(schema, reference)
        resource, fragment = self._split(resources.homes[id(schema)], reference)
        name = RECURSIVE if keyword == "$recursiveRef" and target is resource.root else fragment or None
        return target, name if name in resource.dynamic else None

    # -- errors -------------------------------------------------------------------------------

    def pointer(self, schema: Any) -> str:
        """The JSON pointer to ``schema``, after ``uri#`` if it lies in another document. Only errors need it."""
        pointer = self._places(self.root).pointer(schema)
        if pointer is not None:
            return pointer
        for resource in self._resources.documents[1:] if self._resources else ():
            pointer = self._places(resource.root).pointer(schema)
            if pointer is not None:
                return f"{resource.uri}#{pointer}"
        return ""

    def _places(self, root: Any) -> Places:
        places = self._where.get(id(root))
        if places is None:
            places = self._where[id(root)] = Places(root)
        return places

    def error(
        self, kind: type[SchemaError], schema: Any, keyword: str, reason: str, hint: str = ""
    ) -> SchemaError:
        """An error about ``keyword`` of ``schema``."""
        return kind(f"{self.pointer(schema)}/{escape(keyword)}", reason, hint)


def _dialect(root: Any, draft: int | None, registry: Mapping[str, Any] | None) -> Dialect:
    if draft is not None and draft not in STANDARD:
        raise ValueError(f"the draft must be one of {', '.join(map(str, STANDARD))}, not {draft!r}")
    name = root.get("$schema") if isinstance(root, dict) else None
    if name is None:
        return STANDARD[LATEST if draft is None else draft]
    if not isinstance(name, str):
        raise InvalidSchema("/$schema", "the name of a dialect is a string")
    try:
        return dialect_named(name, SchemaRegistry(registry), draft)
    except UnknownDialect as problem:
        raise UnsupportedKeyword("/$schema", problem.reason, problem.hint) from None


def parse(text: str | bytes) -> Any:
    """The value of a JSON text, numbers exact.

    Raises:
        InvalidSchema: the text is not JSON, holds a key twice in one object, or is nested too deeply.
    """
    try:
        return DECODER.decode(text if isinstance(text, str) else text.decode(json.detect_encoding(text)))
    except RecursionError:
        raise InvalidSchema("", "the schema is nested too deeply") from None
    except ValueError as problem:
        is_name = isinstance(text, str) and text.endswith(".json")
        hint = f"of a file, pass what is in it: Path({text!r}).read_text()" if is_name else ""
        raise InvalidSchema("", f"the schema is not JSON: {problem}", hint) from None


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON value")


def _object_without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} occurs twice in one object")
    return members


DECODER = json.JSONDecoder(
    parse_float=Decimal, parse_constant=_refuse_constant, object_pairs_hook=_object_without_duplicates
)
