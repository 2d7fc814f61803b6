"""Dialects: which draft a schema is written in, and which of its keywords a custom meta-schema leaves out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from constrain.languages.json_schema.document.registry import SchemaRegistry, metaschema

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

# Vocabularies are named by URIs that differ in the last part only, as do their meta-schemas.
RELEASES = {2019: "https://json-schema.org/draft/2019-09/", 2020: "https://json-schema.org/draft/2020-12/"}
VOCABULARIES = {
    2019: ("core", "applicator", "validation", "meta-data", "format", "content"),
    2020: (
        "core",
        "applicator",
        "unevaluated",
        "validation",
        "meta-data",
        "format-annotation",
        "format-assertion",
        "content",
    ),
}


@dataclass(frozen=True)
class Dialect:
    """What ``$schema`` says.

    Attributes:
        draft: 4, 6, 7, 2019 or 2020.
        disabled: keywords of the draft that belong to no vocabulary of the meta-schema: they say nothing.
        asserts_format: whether the meta-schema demands that ``format`` is enforced. That of 2020-12
            does by listing the format-assertion vocabulary, that of 2019-09 by requiring the format
            vocabulary; older drafts leave it open (False).
    """

    draft: int
    disabled: frozenset[str] = frozenset()
    asserts_format: bool = False

    @property
    def id_keyword(self) -> str:
        """The keyword that gives identifiers."""
        return "id" if self.draft == 4 else "$id"


STANDARD = {draft: Dialect(draft) for draft in DRAFTS.values()}


class UnknownDialect(LookupError):
    """A ``$schema`` that names no dialect that can be enforced.

    Attributes:
        reason: why.
        hint: what to do about it.
    """

    def __init__(self, reason: str, hint: str) -> None:
        super().__init__(reason, hint)
        self.reason = reason
        self.hint = hint


def dialect_named(name: str, library: SchemaRegistry, fallback: int | None = None) -> Dialect:
    """The dialect whose meta-schema has the URI ``name``; if none is known, that of the draft ``fallback``.

    Raises:
        UnknownDialect: there is none and no fallback, or it requires an unknown vocabulary.
    """
    draft = DRAFTS.get(name.partition("//")[2].rstrip("#/"))
    return _custom(name, library, fallback) if draft is None else STANDARD[draft]


def _custom(name: str, library: SchemaRegistry, fallback: int | None) -> Dialect:
    """The dialect of a meta-schema in the registry."""
    seen = [name]
    schema = library.get(name.rstrip("#"))
    vocabulary = schema.get("$vocabulary") if isinstance(schema, dict) else None
    while isinstance(schema, dict):
        parent = schema.get("$schema")
        if not isinstance(parent, str) or parent in seen:
            break
        draft = DRAFTS.get(parent.partition("//")[2].rstrip("#/"))
        if draft is not None:
            return _with_vocabulary(draft, vocabulary) if isinstance(vocabulary, dict) else STANDARD[draft]
        seen.append(parent)
        schema = library.get(parent.rstrip("#"))
    if fallback is not None:
        return STANDARD[fallback]
    known = ", ".join(f"http://{draft}" for draft in DRAFTS)
    reason = "is not a known dialect" if schema is None else "is the meta-schema of no known draft"
    hint = (
        f"known are {known}, and meta-schemas in the registry; a draft that is given is taken for any other"
    )
    raise UnknownDialect(f"{seen[-1]!r} {reason}", hint)


def _with_vocabulary(draft: int, vocabulary: dict[str, Any]) -> Dialect:
    """A dialect of a draft that has ``$vocabulary`` (JSON Schema Core 2020-12, section 8.1.2)."""
    if draft not in VOCABULARIES:  # a draft without vocabularies: the keyword says nothing
        return STANDARD[draft]
    names = {f"{RELEASES[draft]}vocab/{name}": name for name in VOCABULARIES[draft]}
    for uri, required in vocabulary.items():
        if required is not False and uri not in names:
            raise UnknownDialect(
                f"the meta-schema requires the vocabulary {uri!r}, which is not known",
                f"known are {', '.join(names)}",
            )
    present = {name for uri, name in names.items() if uri in vocabulary} | {"core"}
    enabled = {keyword for name in present for keyword in _keywords(draft, name)}
    everything = {keyword for name in VOCABULARIES[draft] for keyword in _keywords(draft, name)}
    if draft == 2019:
        asserts = vocabulary.get(f"{RELEASES[draft]}vocab/format") is True
    else:
        asserts = "format-assertion" in present
    return Dialect(draft, frozenset(everything - enabled), asserts)


def _keywords(draft: int, vocabulary: str) -> list[str]:
    """The keywords of a vocabulary: the properties that its meta-schema describes."""
    return list(metaschema(f"{RELEASES[draft]}meta/{vocabulary}")["properties"])
