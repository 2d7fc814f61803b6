"""Terms: what a JSON value is asked to satisfy.

A term is a schema at its place in the document, a combination of terms, or a set of values in
normal form. Terms are interned by ``Solver``: equal terms are one object, so they are compared and
looked up by identity. What a term *means* is worked out only when a value of it is first needed
(``normal_form.Normal``).
"""

from __future__ import annotations

from typing import Any

# Kinds of term: a schema at a place; all, any or exactly one of some terms; not a term; given values.
PLACE, ALL, ANY, ONE, NOT, VALUES = range(6)


class Term:
    """One node of a formula over schemas.

    Attributes:
        kind: one of the constants above.
        schema: of a PLACE, the schema (or True, or False); of VALUES, the ``Normal`` form.
        scope: of a PLACE, the dynamic scope it is read in (``Document.enter``).
        parts: the terms combined, in reading order.
    """

    __slots__ = ("kind", "parts", "schema", "scope")

    def __init__(self, kind: int, schema: Any = None, scope: Any = (), parts: tuple[Term, ...] = ()) -> None:
        self.kind = kind
        self.schema = schema
        self.scope = scope
        self.parts = parts

    def __repr__(self) -> str:
        name = ("place", "all", "any", "one", "not", "values")[self.kind]
        return f"<{name} {list(self.parts) if self.parts else self.schema!r:.60}>"


TRUE = Term(PLACE, True)
FALSE = Term(PLACE, False)
