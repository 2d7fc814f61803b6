"""A schema document: its draft, and the places in it that references name."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from constrain.errors import InvalidSchema, SchemaError, UnsupportedKeyword

# Drafts are numbered so that they compare: 4, 6, 7, 2019, 2020.
LATEST = 2020
DRAFTS = {
    "json-schema.org/draft-04/schema": 4,
    "json-schema.org/draft-06/schema": 6,
    "json-schema.org/draft-07/schema": 7,
    "json-schema.org/draft/2019-09/schema": 2019,
    "json-schema.org/draft/2020-12/schema": 2020,
    "json-schema.org/schema": LATEST,
}


class Document:
    """The root schema and its draft.

    Attributes:
        root: the whole schema, plain JSON values.
        draft: 4, 6, 7, 2019 or 2020.
    """

    __slots__ = ("_resolved", "draft", "id_keyword", "root")

    def __init__(self, root: Any) -> None:
        if not isinstance(root, (dict, bool)):
            hint = "pass MODEL.model_json_schema()" if hasattr(root, "model_json_schema") else ""
            raise InvalidSchema("", f"a schema is an object or a boolean, not {type(root).__name__}", hint)
        self.root: Any = root
        self.draft = _draft(root)
        self.id_keyword = "id" if self.draft == 4 else "$id"
        self._resolved: dict[str, Any] = {}

    def resolve(self, reference: str) -> Any:
        """The schema that ``$ref: reference`` names.

        Raises:
            LookupError: there is none.
            NotImplementedError: it lies outside this document, or in a part with an identity of its own.
        """
        if reference not in self._resolved:
            self._resolved[reference] = self._find(reference)
        return self._resolved[reference]

    def _find(self, reference: str) -> Any:
        url, _, fragment = reference.partition("#")
        if url and not self._is_own(url):
            raise NotImplementedError("it lies outside this document; put the schema it names under $defs")
        if fragment and not fragment.startswith("/"):
            raise NotImplementedError("anchors are not supported; use a JSON pointer such as #/$defs/name")
        if "%" in fragment:
            from urllib.parse import unquote  # not imported before it is needed: 2 ms

            fragment = unquote(fragment)
        place = self.root
        for token in fragment.split("/")[1:]:
            if place is not self.root and self.has_identity(place):
                raise NotImplementedError(f"it leads through a schema with an {self.id_keyword!r} of its own")
            place = _child(place, token.replace("~1", "/").replace("~0", "~"))
        if not isinstance(place, (dict, bool)):
            raise LookupError("it names a value that is not a schema")
        return place

    def has_identity(self, schema: Any) -> bool:
        """Whether the schema starts a resource of its own, against which references in it resolve."""
        name = schema.get(self.id_keyword) if isinstance(schema, dict) else None
        return isinstance(name, str) and not name.startswith("#")

    def _is_own(self, url: str) -> bool:
        if not self.has_identity(self.root):
            return False
        from urllib.parse import urljoin

        own: str = self.root[self.id_keyword].partition("#")[0]
        return own == urljoin(own, url)

    def pointer(self, schema: Any) -> str:
        """The JSON pointer to ``schema``, searched by identity: only errors need it."""
        pending: list[tuple[Any, str]] = [(self.root, "")]
        while pending:
            place, pointer = pending.pop()
            if place is schema:
                return pointer
            if isinstance(place, dict):
                items = [(value, f"{pointer}/{escape(str(key))}") for key, value in place.items()]
            elif isinstance(place, list):
                items = [(value, f"{pointer}/{index}") for index, value in enumerate(place)]
            else:
                continue
            pending.extend(reversed(items))
        return ""

    def error(
        self, kind: type[SchemaError], schema: Any, keyword: str, reason: str, hint: str = ""
    ) -> SchemaError:
        """An error about ``keyword`` of ``schema``."""
        return kind(f"{self.pointer(schema)}/{escape(keyword)}", reason, hint)


def escape(token: str) -> str:
    """A token of a JSON pointer (RFC 6901, section 3)."""
    return token.replace("~", "~0").replace("/", "~1")


def _child(place: Any, token: str) -> Any:
    if isinstance(place, dict) and token in place:
        return place[token]
    if isinstance(place, list) and token.isascii() and token.isdigit() and int(token) < len(place):
        return place[int(token)]
    raise LookupError(f"there is no {token!r} on the way")


def _draft(root: Any) -> int:
    name = root.get("$schema") if isinstance(root, dict) else None
    if name is None:
        return LATEST
    if not isinstance(name, str):
        raise InvalidSchema("/$schema", "the name of a dialect is a string")
    draft = DRAFTS.get(name.partition("//")[2].rstrip("#/"))
    if draft is None:
        raise UnsupportedKeyword(
            "/$schema",
            f"{name!r} is not a known dialect",
            f"known are {', '.join('http://' + d for d in DRAFTS)}",
        )
    return draft


def parse(text: str | bytes) -> Any:
    """The value of a JSON text, numbers exact.

    Raises:
        InvalidSchema: the text is not JSON, holds a key twice in one object, or is nested too deeply.
    """
    try:
        return json.loads(
            text,
            parse_float=Decimal,
            parse_constant=_refuse_constant,
            object_pairs_hook=_object_without_duplicates,
        )
    except RecursionError:
        raise InvalidSchema("", "the schema is nested too deeply") from None
    except ValueError as problem:
        raise InvalidSchema("", f"the schema is not JSON: {problem}") from None


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON value")


def _object_without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} occurs twice in one object")
    return members
