"""Terms: what a JSON value is asked to satisfy.

A term is a schema at its place in the document, or a conjunction of such. Terms are interned by
``Terms``: equal terms are one object, so they are compared and looked up by identity. What a term
*means* is worked out only when a value of it is first needed (``normal.Normal``).
"""

from __future__ import annotations

from typing import Any


class Term:
    """A schema, or the conjunction of ``parts`` (none: not a conjunction), in reading order."""

    __slots__ = ("parts", "schema")

    def __init__(self, schema: Any, parts: tuple[Term, ...] = ()) -> None:
        self.schema = schema
        self.parts = parts

    def __repr__(self) -> str:
        return f"Term({self.parts or self.schema!r})"


TRUE = Term(True)
FALSE = Term(False)
