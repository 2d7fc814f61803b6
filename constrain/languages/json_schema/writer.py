"""From terms to expressions."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import ref

from constrain.languages.json_schema.normal import ANYTHING, FALSE_BIT, NULL_BIT, TRUE_BIT, TYPES
from constrain.languages.json_schema.order import ReadingOrder
from constrain.languages.json_schema.shared import Shared
from constrain.languages.json_schema.term import Term
from constrain.languages.json_schema.terms import Terms

if TYPE_CHECKING:
    from constrain.engine import Engine

CONSTANTS = ((NULL_BIT, b"null"), (FALSE_BIT, b"false"), (TRUE_BIT, b"true"))


class Writer:
    """Writes the values of terms into one arena, each when it is first reached."""

    __slots__ = ("_arena", "_types", "_values", "numbers", "numerals", "options", "order", "shared", "terms")

    def __init__(self, arena: Engine, shared: Shared, terms: Terms) -> None:
        self._arena = ref(arena)
        self.shared = shared
        self.terms = terms
        self.options = shared.options
        self.order = ReadingOrder(terms)
        self._values: dict[tuple[Term, Term], Any] = {}
        self.numbers: dict[Any, Any] = {}  # part: its leaf
        self.numerals: dict[Any, Any] = {}  # part without an interval: its ``Numerals``
        self._types = {
            ANYTHING: shared.value,
            TYPES["string"]: shared.string,
            TYPES["number"]: shared.number,
            TYPES["integer"]: shared.integer,
            TYPES["array"]: shared.array,
            TYPES["object"]: shared.object,
        }

    @property
    def arena(self) -> Any:
        """The arena written to. It keeps what writes to it alive, and not the other way round."""
        return self._arena()

    def value(self, term: Term, order: Term) -> Any:
        """The texts of an inhabited term, keys in the order of ``order``.

        Scalars are written at once. Arrays and objects are references, since they may be recursive
        and most of them are never reached.
        """
        node = self._values.get((term, order))
        if node is None:
            normal = self.terms.normal(term)
            if normal in self._types:
                node = self._types[normal]
            elif normal.arrays or normal.objects:
                node = self.arena.reference(partial(self.write, term=term, order=order))
            else:
                node = self.write(self.arena, term, order)
            self._values[term, order] = node
        return node

    def write(self, arena: Any, term: Term, order: Term) -> Any:
        """The texts of ``term``, written out."""
        normal = self.terms.normal(term)
        nodes = (
            [arena.literal(text) for bit, text in CONSTANTS if normal.constants & bit]
            if normal.constants
            else []
        )
        for part in normal.parts():
            if part.inhabited(self.terms):
                nodes.append(part.write(self, order))
        return nodes[0] if len(nodes) == 1 else arena.union(nodes)
