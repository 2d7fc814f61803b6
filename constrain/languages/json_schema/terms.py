"""The terms of one document: interning, normal forms, and which terms have a value at all."""

from __future__ import annotations

from typing import Any

from constrain.languages.json_schema.document import Document
from constrain.languages.json_schema.fixpoint import LeastFixpoint
from constrain.languages.json_schema.keywords import ASSERTING
from constrain.languages.json_schema.normal import ANYTHING, NOTHING, Normal, join, meet
from constrain.languages.json_schema.options import Options
from constrain.languages.json_schema.patterns import Patterns
from constrain.languages.json_schema.reading import is_plain, own_values, steps
from constrain.languages.json_schema.term import FALSE, TRUE, Term

# Keywords that can leave a schema without any value. A schema with none of them has one ...
EXCLUDING = frozenset([
    "enum", "const", "required", "minItems", "minLength", "maxLength", "pattern", "minimum", "maximum",
    "exclusiveMinimum", "exclusiveMaximum", "anyOf", "allOf", "$ref",
])  # fmt: skip
# ... and so has a schema with one of these alone.
HARMLESS_ALONE = frozenset(["minLength", "maxLength"])


class Terms:
    """Interned terms, and memoised answers about them.

    ``normal(term)`` is its ``Normal`` form, ``inhabited(term)`` whether any value satisfies it.
    """

    __slots__ = ("_conjunctions", "_decided", "_places", "document", "normal", "options", "patterns")

    def __init__(self, document: Document, options: Options, patterns: Patterns) -> None:
        self.document = document
        self.options = options
        self.patterns = patterns
        self.normal = LeastFixpoint(self._normal, NOTHING)
        self._decided = LeastFixpoint(self._inhabited, False, True)
        self._places: dict[int, Term] = {}
        self._conjunctions: dict[tuple[Term, ...], Term] = {}

    # -- making terms -------------------------------------------------------------------------

    def at(self, schema: Any) -> Term:
        """The term of a schema of the document."""
        if schema is True:
            return TRUE
        if schema is False:
            return FALSE
        term = self._places.get(id(schema))
        if term is None:
            term = TRUE if ASSERTING.isdisjoint(schema) else Term(schema)
            self._places[id(schema)] = term
        return term

    def both(self, one: Term, other: Term) -> Term:
        """The conjunction of two terms."""
        if one is other or other is TRUE:
            return one
        if one is TRUE:
            return other
        if one is FALSE or other is FALSE:
            return FALSE
        return self._conjunction([*(one.parts or (one,)), *(other.parts or (other,))])

    def sequence(self, schemas: list[Any]) -> Term:
        """A term that mentions every one of ``schemas``, for the sake of their order alone."""
        terms = [self.at(schema) for schema in schemas]
        return self._conjunction([term for term in terms if term is not TRUE and term is not FALSE])

    def _conjunction(self, terms: list[Term]) -> Term:
        parts = tuple(dict.fromkeys(terms))
        if len(parts) < 2:
            return parts[0] if parts else TRUE
        term = self._conjunctions.get(parts)
        if term is None:
            term = self._conjunctions[parts] = Term(None, parts)
        return term

    # -- answers ------------------------------------------------------------------------------

    def _normal(self, term: Term) -> Normal:
        if term.parts:
            result = ANYTHING
            for part in term.parts:
                result = meet(result, self.normal(part), self)
            return result
        schema = term.schema
        if isinstance(schema, bool):
            return ANYTHING if schema else NOTHING
        if is_plain(schema):
            return own_values(schema, self)
        result = ANYTHING
        for step in steps(schema, self):
            if step is None:
                result = meet(result, own_values(schema, self), self)
            else:
                result = meet(result, join([self.normal(arm) for arm in step]), self)
        return result

    def inhabited(self, term: Term) -> bool:
        """Whether any value satisfies ``term``."""
        answer: bool | None = self._decided.answers.get(term)
        if answer is None:
            schema = term.schema
            if isinstance(schema, bool):
                answer = schema
            elif schema is not None and _obviously_inhabited(schema):
                answer = True
            else:
                return bool(self._decided(term))
            self._decided.answers[term] = answer
        return answer

    def _inhabited(self, term: Term) -> bool:
        normal = self.normal(term)
        return normal.constants != 0 or any(part.inhabited(self) for part in normal.parts())

    def accepts(self, term: Term, value: Any) -> bool:
        """Whether ``value`` satisfies ``term``."""
        normal: Normal = self.normal(term)
        return normal.accepts(value, self)


def _obviously_inhabited(schema: Any) -> bool:
    """Whether one look at the keywords shows a value. Most schemas need no closer one."""
    excluding = EXCLUDING.intersection(schema)
    if not excluding:
        return True
    if len(excluding) > 1:
        return False
    if "enum" in excluding and schema.get("type") == "string":
        values = schema["enum"]
        return bool(values) and isinstance(values[0], str) and values[0].isascii()
    return excluding <= HARMLESS_ALONE
