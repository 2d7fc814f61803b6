"""The terms of one document: interning, normal forms, and which terms have a value at all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from constrain.errors import WorkLimitExceeded
from constrain.languages.json_schema.document.document import Document
from constrain.languages.json_schema.formats import FORMATS
from constrain.languages.json_schema.keywords.rules import ASSERTING
from constrain.languages.json_schema.reading.keyword_semantics import (
    demands,
    has_no_applicator,
    is_obviously_inhabited,
    own_values,
)
from constrain.languages.json_schema.states.array_states import ArrayStates
from constrain.languages.json_schema.states.object_states import ObjectStates
from constrain.languages.json_schema.states.value_enumeration import ValueEnumerator
from constrain.languages.json_schema.terms.fixpoint import MAX_DEPTH, Circular, LeastFixpoint, Nesting
from constrain.languages.json_schema.terms.term import ALL, ANY, FALSE, NOT, ONE, PLACE, TRUE, VALUES, Term
from constrain.languages.json_schema.terms.term_table import TermTable
from constrain.languages.json_schema.terms.work_budget import WorkBudget
from constrain.languages.json_schema.text.json_text import identity
from constrain.languages.json_schema.text.options import Options
from constrain.languages.json_schema.values.arrays import Arrays
from constrain.languages.json_schema.values.finite import Finite
from constrain.languages.json_schema.values.normal_algebra import (
    at_least_two,
    complement,
    complement_alternatives,
    disjoint,
    exactly,
    exactly_one,
    join,
    meet,
    meet_all,
)
from constrain.languages.json_schema.values.normal_form import (
    ANYTHING,
    CONSTANT_VALUES,
    NOTHING,
    TYPES,
    Normal,
    narrowed,
)
from constrain.languages.json_schema.values.objects import Objects
from constrain.languages.json_schema.values.string_languages import StringLanguages
from constrain.languages.json_schema.values.strings import Language, Strings
from constrain.work import Halt


class Solver(TermTable):
    """Interned terms, and memoised answers about them.

    ``normal(term)`` is its ``Normal`` form, ``inhabited(term)`` whether any value satisfies it.
    """

    __slots__ = (
        "_array_states", "_disjoint", "_everything_enabled", "_is_dynamic", "_object_states", "_origins", "_places",
        "budget", "decided", "document", "few_values", "languages", "nesting", "normal", "options",
    )  # fmt: skip

    def __init__(self, document: Document, options: Options, languages: StringLanguages) -> None:
        super().__init__()
        self.document = document
        self._is_dynamic = document.dynamic
        self._everything_enabled = document.uniform and not document.dialect.disabled
        self._origins: dict[int, Any] = {}
        self.nesting = Nesting()
        self.budget = WorkBudget(self.nesting)
        self.options = options
        self.languages = languages
        self.normal = LeastFixpoint(self._normal, NOTHING, None, self.nesting, self.locate)
        self.decided = LeastFixpoint(self._inhabited, False, True, self.nesting, self.locate)
        self._places: dict[Any, Term] = {}
        self._disjoint: dict[tuple[Term, Term], bool] = {}
        self._array_states: dict[Arrays, ArrayStates] = {}
        self._object_states: dict[Objects, ObjectStates] = {}
        self.few_values = ValueEnumerator(self)

    # -- making terms -------------------------------------------------------------------------

    def at(self, schema: Any, scope: Any = ()) -> Term:
        """The term of a schema of the document, read in a dynamic scope."""
        if schema is True:
            return TRUE
        if schema is False:
            return FALSE
        if self._is_dynamic:
            scope = self.document.enter(scope, schema)
        key = (id(schema), scope) if scope else id(schema)
        term = self._places.get(key)
        if term is None:
            enabled = schema if self._everything_enabled else self._enabled(schema)
            term = TRUE if ASSERTING.isdisjoint(enabled) else Term(PLACE, enabled, scope)
            self._places[key] = term
        return term

    def _enabled(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The schema without the keywords that its meta-schema disables."""
        disabled = self.document.dialect_of(schema).disabled
        if disabled.isdisjoint(schema):
            return schema
        enabled = {keyword: value for keyword, value in schema.items() if keyword not in disabled}
        self._origins[id(enabled)] = schema
        return enabled

    def origin(self, term: Term) -> Any:
        """The schema of a PLACE as it stands in the document."""
        return self._origins.get(id(term.schema), term.schema)

    def excerpt(self, term: Term, schema: dict[str, Any]) -> Term:
        """The term of ``schema``, an excerpt of the keywords of the PLACE ``term``, at the same place."""
        self._origins[id(schema)] = self.origin(term)
        part = self._places["excerpt", id(schema)] = Term(PLACE, schema, term.scope)
        return part

    def draft(self, term: Term) -> int:
        """The draft that the schema of a PLACE is written in."""
        return self.document.draft_of(self.origin(term))

    def values(self, key: Any, normal: Normal) -> Term:
        """The term of a normal form; ``key`` names it: equal keys must mean equal values."""
        term = self._combined.get(key)
        if term is None:
            term = self._combined[key] = Term(VALUES, normal)
        return term

    def constant(self, value: Any, silent: bool = False) -> Term:
        """The term of one JSON value; ``silent`` if it does not stand in the schema (``normal_algebra.exactly``)."""
        return self.values((VALUES, "constant", silent, identity(value)), exactly([value], self, silent))

    def lacking(self, name: str) -> Term:
        """All values but the objects that have property ``name``."""
        return self.narrowed(Objects({name: FALSE}))

    def narrowed(self, part: Arrays | Objects) -> Term:
        """All values, those of the type of ``part`` narrowed to it."""
        return self.values((VALUES, part), narrowed(part))

    def matching(self, pattern: str) -> Term:
        """The strings that hold a match of ``pattern``."""
        strings = Strings(languages=(Language("pattern", pattern),))
        return self.values((VALUES, "matching", pattern), Normal(strings=(strings,)))

    def target(self, term: Term, keyword: str) -> Term:
        """What the reference ``keyword`` in the schema of ``term`` names."""
        schema, document = self.origin(term), self.document
        if keyword == "$ref":
            return self.at(document.resolve(schema, schema[keyword]), term.scope)
        return self.at(document.resolve_dynamic(schema, keyword, schema[keyword], term.scope), term.scope)

    def asserts_format(self, schema: Any) -> bool:
        """Whether the ``format`` in ``schema`` is more than an annotation."""
        return self.options.formats and schema.get("format") in FORMATS

    def others(self, parts: tuple[Any, ...], whole: Any) -> tuple[Any, ...]:
        """The values of one type, all of which are in ``whole``, that are in none of ``parts``."""
        return complement_alternatives(parts, whole, self)

    @property
    def any_string(self) -> Term:
        """The term of all strings."""
        return self.values((VALUES, "string"), TYPES["string"])

    # -- answers ------------------------------------------------------------------------------

    def _normal(self, term: Term) -> Normal:
        if term.kind == PLACE:
            return self._place(term)
        if term.kind == NOT:
            return self._complement(term.parts[0])
        if term.kind == VALUES:
            values: Normal = term.schema
            return values
        if term.kind == ALL:
            return self._conjunction(term.parts)
        normals = [self.normal(part) for part in term.parts]
        if term.kind == ANY:
            return join(normals)
        if term.kind == ONE:
            return exactly_one(normals, [self.negation(part) for part in term.parts], self)
        raise AssertionError(f"a term of kind {term.kind}")

    def _conjunction(self, parts: tuple[Term, ...]) -> Normal:
        """The conjunction, from that of all parts but the last if it is known: terms are often narrowed step by
        step."""
        known = self._combined.get((ALL, parts[:-1]))
        if known is not None and (normal := self.normal.answers.get(known)) is not None:
            return meet(normal, self.normal(parts[len(parts) - 1]), self)
        return self._meet(self.normal(part) for part in parts)

    def _meet(self, normals: Iterable[Normal]) -> Normal:
        factors = [normal for normal in normals if normal is not ANYTHING]
        return meet_all(factors, self) if len(factors) > 1 else factors[0] if factors else ANYTHING

    def _place(self, term: Term) -> Normal:
        schema = term.schema
        if isinstance(schema, bool):
            return ANYTHING if schema else NOTHING
        if has_no_applicator(schema):
            return own_values(term, self)
        return self._meet(
            own_values(term, self) if step is None else self.normal(step) for step in demands(term, self)
        )

    def _complement(self, term: Term) -> Normal:
        """The values that ``term``, a PLACE, ONE or VALUES, does not admit."""
        if self.normal.is_open(term):
            raise Circular(
                self.document.pointer(self.origin(term)), "the schema is valid exactly if it is not valid"
            )
        if term.kind == VALUES:
            return complement(term.schema, self)
        if term.kind == ONE:
            none = self._meet(self.normal(self.negation(part)) for part in term.parts)
            normals = [self.normal(part) for part in term.parts]
            return join([none, at_least_two(normals, self)])
        schema = term.schema
        if has_no_applicator(schema):
            return complement(own_values(term, self), self)
        return join(
            [
                complement(own_values(term, self), self) if step is None else self.normal(self.negation(step))
                for step in demands(term, self)
            ]
        )

    def inhabited(self, term: Term) -> bool:
        """Whether any value satisfies ``term``."""
        answer: bool | None = self.decided.answers.get(term)
        if answer is None:
            schema = term.schema
            if isinstance(schema, bool):
                answer = schema
            elif term.kind == PLACE and is_obviously_inhabited(schema):
                answer = True
            elif self.budget.is_open:
                return bool(self.decided(term))
            else:
                with self.budget:
                    return bool(self.decided(term))
            self.decided.answers[term] = answer
        return answer

    def _inhabited(self, asked: Term | Arrays | Objects) -> bool:
        """Whether a term has a value, or a part whose values hold other values."""
        if not isinstance(asked, Term):
            return self._is_live(asked)
        normal = self.normal(asked)
        return normal.constants != 0 or any(part.inhabited(self) for part in normal.parts())

    def locate(self, problem: BaseException, term: Any) -> None:
        """Note in an error about a limit the innermost place of the document that it was hit for."""
        error = problem.error if isinstance(problem, Halt) else problem
        if isinstance(error, WorkLimitExceeded) and not error.where and isinstance(term, Term):
            while term.parts:
                term = term.parts[0]
            if term.kind == PLACE and isinstance(term.schema, dict):
                error.where = f"#{self.document.pointer(self.origin(term))}"

    @property
    def is_deciding(self) -> bool:
        """Whether some ``inhabited`` is being worked out, so that answers may rest on assumptions."""
        return bool(self.decided.open)

    def accepts(self, term: Term, value: Any) -> bool:
        """Whether ``value`` satisfies ``term``."""
        normal: Normal | None = self.normal.certain(term)
        if normal is None:
            raise WorkLimitExceeded(
                "whether a value is admitted depends on the schema that asks; remove the cycle"
            )
        return normal.accepts(value, self)

    def disjoint(self, one: Term, other: Term) -> bool:
        """Whether a quick look shows that no value satisfies both; False says nothing."""
        if one is FALSE or other is FALSE:
            return True
        if one is TRUE or other is TRUE or one is other:
            return False
        answer = self._disjoint.get((one, other))
        if answer is None:
            first, second = self.normal.certain(one), self.normal.certain(other)
            if first is None or second is None:
                return False
            self._disjoint[one, other] = False  # while it is being worked out
            try:
                answer = disjoint(first, second, self)
            finally:
                del self._disjoint[one, other]
            self._disjoint[one, other] = answer
        return answer

    def scalars(self, term: Term) -> list[Any] | None:
        """The values of ``term`` if they are a given few, none of them an array or an object."""
        normal: Normal | None = self.normal.certain(term)
        if normal is None or normal.arrays or normal.objects:
            return None
        found = [value for bit, value in CONSTANT_VALUES if normal.constants & bit]
        for part in normal.parts():
            if not isinstance(part, Finite) or part.spelling:
                return None
            found.extend(part.values)
        return found

    def few_strings(self, term: Term, limit: int) -> list[str] | None:
        """The strings of ``term``; None if there are more than ``limit``."""
        found: dict[str, None] = {}
        for part in self.normal(term).strings:
            values = self.languages.few_values(part, limit)
            if values is None:
                return None
            found.update(dict.fromkeys(values))
        return list(found) if len(found) <= limit else None

    def array_states(self, part: Arrays) -> ArrayStates:
        """The states in which the arrays of ``part`` are read. They are made anew while terms are being worked out,
        since what they remember may then rest on assumptions."""
        if self.is_deciding:
            return ArrayStates(part, self)
        states = self._array_states.get(part)
        if states is None:
            states = self._array_states[part] = ArrayStates(part, self)
        return states

    def object_states(self, part: Objects) -> ObjectStates:
        """The states in which the objects of ``part`` are read, whatever they must differ from. They are made anew
        while terms are being worked out."""
        part = part.ignoring_must_differ(self)
        if self.is_deciding:
            return ObjectStates(part, self)
        states = self._object_states.get(part)
        if states is None:
            states = self._object_states[part] = ObjectStates(part, self)
        return states

    def has_array(self, part: Arrays) -> bool:
        """Whether there is an array of ``part``."""
        return bool(self.decided(part))

    def has_object(self, part: Objects) -> bool:
        """Whether there is an object of ``part``."""
        kept = self._object_states.get(part.ignoring_must_differ(self))
        answer = None if kept is None else kept.known_for(part)
        return bool(self.decided(part)) if answer is None else answer

    def _is_live(self, part: Arrays | Objects) -> bool:
        """The same, worked out. States that rest on assumptions about other questions are not kept."""
        if isinstance(part, Objects):
            of_objects = self.object_states(part)
            answer = of_objects.is_live_for(part)
            if self.decided.lowest == MAX_DEPTH:
                self._object_states[of_objects.part] = of_objects
            return answer
        of_arrays = self.array_states(part)
        answer = of_arrays.is_live()
        if self.decided.lowest == MAX_DEPTH:
            self._array_states[part] = of_arrays
        return answer
