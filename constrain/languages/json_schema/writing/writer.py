"""From terms to expressions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from weakref import ref

from constrain.engine import Engine
from constrain.errors import WorkLimitExceeded
from constrain.languages.json_schema.numerals.number_writer import write_finite_numbers, write_numbers
from constrain.languages.json_schema.output.json_base import Shared
from constrain.languages.json_schema.solver import Solver
from constrain.languages.json_schema.terms.clause import some
from constrain.languages.json_schema.terms.term import FALSE, Term
from constrain.languages.json_schema.values.arrays import ANY_ARRAY, Arrays
from constrain.languages.json_schema.values.finite_numbers import FiniteNumbers
from constrain.languages.json_schema.values.normal_form import ANYTHING, FALSE_BIT, NULL_BIT, TRUE_BIT, TYPES
from constrain.languages.json_schema.values.numbers import Numbers
from constrain.languages.json_schema.values.objects import ANY_OBJECT, Objects
from constrain.languages.json_schema.values.strings import FiniteStrings, Strings
from constrain.languages.json_schema.writing.array_writer import ArrayWriter
from constrain.languages.json_schema.writing.object_writer import ObjectWriter
from constrain.languages.json_schema.writing.ordered_properties import OrderedProperties
from constrain.languages.json_schema.writing.positional_arrays import write_simple
from constrain.languages.json_schema.writing.string_writer import write_finite_strings, write_strings
from constrain.work import Halt

# If keys come in any order, more alternatives of objects than this are read as one. What tells them apart may come
# last, and until then all of them would be followed side by side.
MAX_SIDE_BY_SIDE = 4

CONSTANTS = ((NULL_BIT, b"null"), (FALSE_BIT, b"false"), (TRUE_BIT, b"true"))


class Writer:
    """Writes the values of terms into one arena, each term when it is first reached."""

    __slots__ = (
        "_arena", "_arrays", "_keys", "_objects", "_types", "_values", "number_leaves", "numerals", "options", "shared",
        "solver",
    )  # fmt: skip

    def __init__(self, arena: Engine, shared: Shared, solver: Solver) -> None:
        self._arena = ref(arena)
        self.shared = shared
        self.solver = solver
        self.options = solver.options
        self._values: dict[Term, Any] = {}
        self.number_leaves: dict[Numbers, Any] = {}
        self.numerals: dict[Numbers, Any] = {}
        self._keys: dict[Term, tuple[Any, bool]] = {}
        self._objects: dict[Objects, ObjectWriter] = {}
        self._arrays: dict[Arrays, ArrayWriter] = {}
        self._types = {
            ANYTHING: shared.value,
            TYPES["string"]: shared.string,
            TYPES["number"]: shared.number,
            TYPES["array"]: shared.array,
            TYPES["object"]: shared.object,
        }
        if self.options.integers == "value":
            self._types[TYPES["integer"]] = shared.integer

    @property
    def arena(self) -> Any:
        """The arena written to. It keeps what writes to it alive, so the reference back to it is weak."""
        return self._arena()

    def value(self, term: Term) -> Any:
        """The texts of an inhabited term.

        Scalars are written at once. Arrays and objects are references, since they may be recursive
        and most of them are never reached.
        """
        node = self._values.get(term)
        if node is None:
            normal = self.solver.normal(term)
            if normal in self._types:
                node = self._types[normal]
            elif normal.arrays or normal.objects:
                node = self.arena.reference(partial(self.write, term=term))
            else:
                node = self.write(self.arena, term)
            self._values[term] = node
        return node

    def write(self, arena: Any, term: Term) -> Any:
        """The texts of ``term``, written out."""
        try:
            return self._write(arena, term)
        except (WorkLimitExceeded, Halt) as problem:
            self.solver.locate(problem, term)
            raise

    def _write(self, arena: Any, term: Term) -> Any:
        normal = self.solver.normal(term)
        nodes = (
            [arena.literal(text) for bit, text in CONSTANTS if normal.constants & bit]
            if normal.constants
            else []
        )
        parts = [part for part in normal.parts() if part.inhabited(self.solver)]
        if self.options.property_order == "any":
            parts = _merged(parts)
        nodes.extend(WRITERS[type(part)](part, self) for part in parts if not isinstance(part, Strings))
        nodes.extend(write_strings([part for part in parts if isinstance(part, Strings)], self))
        return nodes[0] if len(nodes) == 1 else arena.union(nodes)

    def keys(self, term: Term) -> tuple[Any, bool]:
        """The names in ``term`` as JSON strings; and whether each beginning of one has infinitely many ends."""
        found = self._keys.get(term)
        if found is None:
            arena, quote, patterns = self.arena, self.shared.quote, self.solver.languages
            parts = [part for part in self.solver.normal(term).strings if part.inhabited(self.solver)]
            contents = arena.union([patterns.contents(part) for part in parts])
            extends = bool(parts) and all(patterns.extends(part) for part in parts)
            if term is self.solver.any_string:
                leaf = self.shared.string
            else:
                leaf = arena.leaf(arena.concat(quote, contents, quote))
            found = self._keys[term] = leaf, extends
        return found

    def object_writer(self, part: Objects) -> ObjectWriter:
        """The writer of the objects of ``part``, whatever they must differ from."""
        part = part.ignoring_must_differ(self.solver)
        writer = self._objects.get(part)
        if writer is None:
            writer = self._objects[part] = ObjectWriter(self.solver.object_states(part), self)
        return writer

    def array_writer(self, part: Arrays) -> ArrayWriter:
        """The writer of the arrays of ``part``."""
        writer = self._arrays.get(part)
        if writer is None:
            writer = self._arrays[part] = ArrayWriter(self.solver.array_states(part), self)
        return writer


def _write_arrays(part: Arrays, writer: Writer) -> Any:
    if part == ANY_ARRAY:
        return writer.shared.array
    if not part.is_simple:
        return writer.array_writer(part).node()
    return write_simple(part.bounded(writer.solver), writer)


def _write_objects(part: Objects, writer: Writer) -> Any:
    if part == ANY_OBJECT:
        return writer.shared.object
    if part.is_simple and not (part.shapes or part.silent) and writer.options.property_order == "schema":
        return OrderedProperties(part, writer).node()
    return writer.object_writer(part).node(part)


# How each type of inhabited part is written; ``Strings`` are written together (``write_strings``).
WRITERS: dict[type, Callable[[Any, Writer], Any]] = {
    FiniteStrings: write_finite_strings,
    Numbers: write_numbers,
    FiniteNumbers: write_finite_numbers,
    Arrays: _write_arrays,
    Objects: _write_objects,
}


def _merged(parts: list[Any]) -> list[Any]:
    """The same parts, with objects merged into one unless they are told apart by the names that they can have."""
    objects = [part for part in parts if _is_open(part)]
    if len(objects) <= MAX_SIDE_BY_SIDE:
        return parts
    return [*[part for part in parts if not _is_open(part)], ANY_OBJECT.with_clause(some(tuple(objects)))]


def _is_open(part: Any) -> bool:
    return isinstance(part, Objects) and not (part.is_simple and part.additional is FALSE)
