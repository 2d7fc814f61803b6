"""Which subschemas apply to the value at which a text breaks off, for explanations.

A matcher's ``explain`` uses this with the text read so far. It goes through the schema as a validator would, to the
innermost value that is open or comes next: into ``properties``, ``items`` and so on, through references, ``allOf``,
``anyOf``, ``oneOf``, ``if`` and dependent schemas. Alternatives are left out that what has been read rules out: by a
complete member that they do not admit, or by the type of the open value. For ``unevaluatedProperties``, what any
remaining alternative evaluates counts as evaluated.

Nothing is prepared in advance, so that a schema that needs no explanation pays nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from constrain.engine import Engine
from constrain.errors import InvalidSchema, WorkLimitExceeded
from constrain.languages.json_schema.diagnostics.conjuncts import place
from constrain.languages.json_schema.diagnostics.partial_json import PartialValue, read_partial_value
from constrain.languages.json_schema.keywords.rules import ASSERTING
from constrain.languages.json_schema.keywords.schema_check import Check
from constrain.languages.json_schema.output.json_base_builder import build_shared
from constrain.languages.json_schema.solver import Solver
from constrain.languages.json_schema.terms.clause import NOT_ONE
from constrain.languages.json_schema.terms.term import PLACE, TRUE, Term
from constrain.languages.json_schema.text.options import Options
from constrain.languages.json_schema.values.string_languages import StringLanguages

__all__ = ["ActiveSubschemas"]

REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
# Keywords that do nothing but apply other schemas to the same value.
TRANSPARENT = frozenset(
    [*REFERENCES, "allOf", "anyOf", "oneOf", "if", "then", "else", "dependentSchemas", "dependencies"]
)

Place = tuple[Term, str]
"""A schema, and the JSON pointer to it."""


class ActiveSubschemas:
    """Tells the subschemas in force at the end of a text, for one schema."""

    def __init__(self, check: Check, options: Options) -> None:
        self._check = check
        self._options = options
        self._engine: Engine | None = None
        self._solver: Solver | None = None

    @property
    def solver(self) -> Solver:
        """What decides about the schema, in an engine of their own."""
        if self._solver is None:
            self._engine = Engine()  # must outlive what writes into it
            shared = build_shared(self._engine, self._options)
            patterns = StringLanguages(self._engine, shared.character, shared.alphabet)
            self._solver = Solver(self._check.document, self._options, patterns)
        return self._solver

    def __call__(self, text: bytes) -> tuple[str, ...]:
        """JSON pointers, in the order of the schema; none if any JSON will do there, or if it takes too much work
        to say.

        Args:
            text: the beginning of a valid document. The bytes of an incomplete character are ignored.
        """
        begun = read_partial_value(text.decode(errors="ignore"))
        if begun is None:
            return ()
        try:
            places = [(self.solver.at(self._check.document.root), "")]
            found: list[Place] = []
            while begun.member is not None:
                if begun.may_end:
                    found = self._unique(self._spoken(one, begun) for one in places)
                places = self._unique(self._members(one, begun) for one in places)
                begun = begun.member
            found += self._unique(self._spoken(one, begun) for one in places)
        except (InvalidSchema, WorkLimitExceeded):
            return ()
        return tuple(dict.fromkeys(pointer for term, pointer in found if self._says_something(term)))

    def _says_something(self, term: Term) -> bool:
        """Whether a schema asks for something itself, rather than only through the schemas that it applies."""
        if isinstance(term.schema, bool):
            return term is not TRUE
        return not self._is_hidden(term) and not TRANSPARENT.issuperset(ASSERTING.intersection(term.schema))

    def _is_hidden(self, term: Term) -> bool:
        """Whether a ``$ref`` hides the keywords beside it."""
        return "$ref" in _keywords(term) and self.solver.draft(term) <= 7

    def _unique(self, found: Iterator[Iterator[Place]]) -> list[Place]:
        return list(dict.fromkeys(one for places in found for one in places))

    def _spoken(self, one: Place, begun: PartialValue) -> Iterator[Place]:
        """The schemas that apply to a value, and to the key that is being read."""
        for term, pointer in self._applied(one, begun, set()):
            yield term, pointer
            if begun.in_key and term.kind == PLACE and "propertyNames" in _keywords(term):
                yield from self._below(term, pointer, "propertyNames")

    # -- schemas of the same value ------------------------------------------------------------

    def _applied(self, one: Place, begun: PartialValue, seen: set[Term]) -> Iterator[Place]:
        """``one``, and all that it applies to the same value."""
        term, pointer = one
        if term in seen:
            return
        seen.add(term)
        yield one
        for other in self._directly(term, pointer, begun):
            yield from self._applied(other, begun, seen)

    def _directly(self, term: Term, pointer: str, begun: PartialValue) -> Iterator[Place]:
        schema = _keywords(term)
        for keyword in REFERENCES:
            if keyword in schema:
                yield self._target(term, pointer, keyword)
        if self._is_hidden(term):
            return
        for index, _ in enumerate(schema.get("allOf", ())):
            yield from self._below(term, pointer, "allOf", index)
        for keyword in ("anyOf", "oneOf"):
            for index, _ in enumerate(schema.get(keyword, ())):
                yield from self._if_possible(self._below(term, pointer, keyword, index), begun)
        yield from self._conditional(term, pointer, begun)
        for keyword in ("dependentSchemas", "dependencies"):
            for name, value in schema.get(keyword, {}).items():
                if not isinstance(value, list) and (name in begun.complete or name == begun.key):
                    yield from self._below(term, pointer, keyword, name)
        if "not" in schema:
            yield from self._below(term, pointer, "not")

    def _conditional(self, term: Term, pointer: str, begun: PartialValue) -> Iterator[Place]:
        schema = _keywords(term)
        if "if" not in schema:
            return
        condition = self.solver.at(schema["if"], term.scope)
        if "then" in schema and self._possible(condition, begun):
            yield from self._below(term, pointer, "then")
        if "else" in schema and self._possible(self.solver.negation(condition), begun):
            yield from self._below(term, pointer, "else")

    def _target(self, term: Term, pointer: str, keyword: str) -> Place:
        target = self.solver.target(term, keyword)
        if isinstance(target.schema, bool):
            return target, place(pointer, keyword)
        return target, self._check.document.pointer(self.solver.origin(target))

    def _below(self, term: Term, pointer: str, *tokens: str | int) -> Iterator[Place]:
        schema = term.schema
        for token in tokens:
            schema = schema[token]
        yield self.solver.at(schema, term.scope), place(pointer, *map(str, tokens))

    def _if_possible(self, places: Iterator[Place], begun: PartialValue) -> Iterator[Place]:
        return (one for one in places if self._possible(one[0], begun))

    # -- schemas of a member ------------------------------------------------------------------

    def _members(self, one: Place, begun: PartialValue) -> Iterator[Place]:
        """The schemas that apply to the open member of ``begun``."""
        return self._member(one, begun, set())

    def _member(self, one: Place, begun: PartialValue, seen: set[Term]) -> Iterator[Place]:
        term, pointer = one
        if term in seen or term.kind != PLACE:
            return
        seen.add(term)
        found = list(self._own_member(term, pointer, begun.key))
        for other in self._directly(term, pointer, begun):
            found += self._member(other, begun, seen)
        keyword = "unevaluatedProperties" if isinstance(begun.key, str) else "unevaluatedItems"
        if not found and keyword in _keywords(term):
            found += self._below(term, pointer, keyword)
        yield from found

    def _own_member(self, term: Term, pointer: str, key: str | int | None) -> Iterator[Place]:
        schema = _keywords(term)
        if self._is_hidden(term):
            return
        if isinstance(key, int):
            yield from self._item(term, pointer, key)
            return
        patterns = schema.get("patternProperties", {})
        named = [("properties", key)] if key in schema.get("properties", {}) else []
        named += [
            ("patternProperties", pattern)
            for pattern in patterns
            if self.solver.accepts(self.solver.matching(pattern), key)
        ]
        for keyword, name in named:
            yield from self._below(term, pointer, keyword, str(name))
        if not named and "additionalProperties" in schema:
            yield from self._below(term, pointer, "additionalProperties")

    def _item(self, term: Term, pointer: str, index: int) -> Iterator[Place]:
        schema = _keywords(term)
        listed, rest = "prefixItems", "items"
        if isinstance(schema.get("items"), list):  # before 2020-12
            listed, rest = "items", "additionalItems"
        if index < len(schema.get(listed, ())):
            yield from self._below(term, pointer, listed, index)
        elif rest in schema:
            yield from self._below(term, pointer, rest)
        if "contains" in schema:
            yield from self._below(term, pointer, "contains")

    # -- what is ruled out --------------------------------------------------------------------

    def _possible(self, term: Term, begun: PartialValue) -> bool:
        """Whether what has been read may be the beginning of a value of ``term``; False is certain."""
        if not begun.kind:
            return self.solver.inhabited(term)
        normal = self.solver.normal(term)
        if begun.kind == "string":
            return bool(normal.strings)
        if begun.kind == "number":
            return bool(normal.numbers)
        if begun.kind in ("object", "array"):
            parts = normal.objects if begun.kind == "object" else normal.arrays
            return any(self._fits(part, begun) for part in parts)
        return bool(normal.constants & {"n": 1, "f": 2, "t": 4}[begun.kind])

    def _fits(self, part: Any, begun: PartialValue) -> bool:
        """Whether a part admits the complete members, and may admit the open one."""
        solver = self.solver
        if not all(solver.accepts(self._asked(part, key), value) for key, value in begun.complete.items()):
            return False
        if begun.member is not None and not self._possible(self._asked(part, begun.key), begun.member):
            return False
        clauses = [clause for clause in part.clauses if clause.kind != NOT_ONE]
        return all(any(self._fits(other, begun) for other in clause.alternatives()) for clause in clauses)

    def _asked(self, part: Any, key: str | int | None) -> Term:
        found: Term = part.item(key) if isinstance(key, int) else part.member(key, self.solver)
        return found


def _keywords(term: Term) -> dict[str, Any]:
    return term.schema if isinstance(term.schema, dict) else {}
