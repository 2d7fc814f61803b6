"""The values of terms that have few, to tell whether there are enough for items that must differ."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple, Protocol

from constrain.errors import WorkLimitExceeded
from constrain.languages.json_schema.states.array_states import ArrayStates
from constrain.languages.json_schema.states.object_states import ObjectStates
from constrain.languages.json_schema.terms.fixpoint import LeastFixpoint
from constrain.languages.json_schema.terms.name_class import UNBOUNDED
from constrain.languages.json_schema.terms.term import Term
from constrain.languages.json_schema.text.json_text import has_spelling, identity
from constrain.languages.json_schema.values.arrays import Arrays
from constrain.languages.json_schema.values.finite import Finite
from constrain.languages.json_schema.values.normal_form import CONSTANT_VALUES
from constrain.languages.json_schema.values.numbers import Numbers
from constrain.languages.json_schema.values.objects import Objects
from constrain.languages.json_schema.values.strings import Strings
from constrain.languages.json_schema.values.value_algebra import ValueAlgebra

# The most beginnings of arrays or objects that are looked at to count their values.
MAX_BEGINNINGS = 20_000


class _Question(NamedTuple):
    """A question that is being answered, and how many terms were being decided when it was asked."""

    term: Term
    limit: int
    depth: int


class StateAlgebra(ValueAlgebra, Protocol):
    """Terms, and the states in which their arrays and objects are read."""

    @property
    def decided(self) -> LeastFixpoint:
        """Called with a term: whether it has a value."""

    @property
    def is_deciding(self) -> bool:
        """Whether that is being worked out for some term: answers may then rest on assumptions."""

    def array_states(self, part: Arrays) -> ArrayStates:
        """The states in which the arrays of ``part`` are read."""

    def object_states(self, part: Objects) -> ObjectStates:
        """The states in which the objects of ``part`` are read."""


class ValueEnumerator:
    """Called with a term and a limit: the values of the term, each once; None if there are more than the limit."""

    __slots__ = ("_all", "_assumed", "_more", "_open", "algebra")

    def __init__(self, algebra: StateAlgebra) -> None:
        self.algebra = algebra
        self._all: dict[Term, list[Any]] = {}
        self._more: dict[Term, int] = {}
        self._open: list[_Question] = []
        self._assumed: dict[Any, tuple[list[Any] | None, int]] = {}

    def __call__(self, term: Term, limit: int) -> list[Any] | None:
        values = self._all.get(term)
        if values is None and limit > self._more.get(term, -1):
            decided = self.algebra.decided
            for asked in reversed(self._open):
                if asked.term is not term:
                    continue
                if asked.depth == len(
                    decided.open
                ):  # a value that holds another of the same term: they nest without end
                    return None
            if self.algebra.is_deciding:
                return self._for_now(term, limit)
            self._assumed.clear()
            values = self._ask(term, limit)
            if values is None:
                self._more[term] = limit
            else:
                self._all[term] = values
        return None if values is None or len(values) > limit else values

    def _for_now(self, term: Term, limit: int) -> list[Any] | None:
        """The answer while other questions are open. It is remembered, with what it rests on, while these stay the
        same."""
        decided = self.algebra.decided
        key = (term, limit, tuple(decided.open), tuple(self._open))
        if key not in self._assumed:
            self._assumed[key] = decided.watched(partial(self._ask, term, limit))
        values, assumed = self._assumed[key]
        decided.rests_on(assumed)
        return values

    def _ask(self, term: Term, limit: int) -> list[Any] | None:
        self._open.append(_Question(term, limit, len(self.algebra.decided.open)))
        try:
            with self.algebra.budget:
                return self._find(term, limit)
        finally:
            self._open.pop()

    def _find(self, term: Term, limit: int) -> list[Any] | None:
        normal = self.algebra.normal(term)
        found: dict[Any, Any] = {}
        for bit, value in CONSTANT_VALUES:
            if normal.constants & bit:
                found[identity(value)] = value
        for part in normal.parts():
            if part.inhabited(self.algebra):
                values = self._of_part(part, limit)
                if values is None:
                    return None
                found.update((identity(value), value) for value in values)
        return list(found.values()) if len(found) <= limit else None

    def _of_part(self, part: Any, limit: int) -> list[Any] | None:
        if isinstance(part, Numbers):
            return part.few_values(limit, self.algebra)
        if isinstance(part, Objects):
            return self._objects(part, limit)
        if isinstance(part, Finite):
            values = [value for value in part.values if not isinstance(value, str) or has_spelling(value)]
            return values if len(values) <= limit else None
        if isinstance(part, Strings):
            return self.algebra.languages.few_values(part, limit)
        return self._arrays(part, limit)

    def _arrays(self, part: Arrays, limit: int) -> list[Any] | None:
        """Breadth first through the states: each beginning that is kept has an end, and no two have the same."""
        states = self.algebra.array_states(part)
        found: list[Any] = []
        level: list[tuple[Any, list[Any]]] = [(states.start, [])]
        looked_at = 0
        while level:
            following = []
            looked_at = _work(looked_at, len(level))
            for state, items in level:
                if states.may_end(state):
                    found.append(items)
                for move in states.moves(state):
                    values = self(move.value, limit + len(items))
                    if values is None:
                        return None
                    used = [identity(item) for item in items]
                    for value in values:
                        if move.fresh is None or move.fresh is (identity(value) not in used):
                            following.append((states.value_after(move, state, value), [*items, value]))
            level = following
            if len(found) > limit or len(level) > limit:
                return None
        return found

    def _objects(self, part: Objects, limit: int) -> list[Any] | None:
        """The same for objects, with all listed names in one order. Undeclared names come in any order, so that
        different beginnings may lead to equal objects."""
        states = self.algebra.object_states(part).in_order()
        found: dict[Any, Any] = {}
        level: dict[Any, tuple[Any, dict[str, Any]]] = {identity({}): (states.start_of(part), {})}
        looked_at = 0
        while level:
            following: dict[Any, tuple[Any, dict[str, Any]]] = {}
            looked_at = _work(looked_at, len(level))
            for state, members in level.values():
                if states.may_end(state):
                    found[identity(members)] = members
                for name, used, moves in self._names(states, state, limit):
                    if name is None:
                        return None
                    for move in moves:
                        values = self(move.value, limit)
                        if values is None:
                            return None
                        after = move.state if used is None else states.with_used(move.state, *used)
                        for value in values:
                            longer = {**members, name: value}
                            following[after, identity(longer)] = (after, longer)
            level = following
            if len(found) > limit or (not states.kinds and len(level) > limit):
                return None
        return list(found.values())

    def _names(self, states: Any, state: Any, limit: int) -> list[tuple[str | None, Any, Any]]:
        """The names that may come next, with what their values may be; None if they are too many."""
        result: list[tuple[str | None, Any, Any]] = [
            (states.names[i], None, states.moves(state, i)) for i in states.declared(state)
        ]
        arena = self.algebra.languages.arena
        for kind, moves in states.other_moves(state):
            most = limit if kind.capacity == UNBOUNDED else kind.capacity
            names = self.algebra.few_strings(kind.key, most + arena.text_count(state.refused))
            if names is None:
                return [(None, None, moves)]
            for name in names:
                spelled = self.algebra.languages.alphabet.spell(name)
                if not arena.holds(state.refused, spelled):
                    result.append((name, (kind, spelled), moves))
        return result


def _work(done: int, more: int) -> int:
    if done + more > MAX_BEGINNINGS:
        raise WorkLimitExceeded(
            f"counting the values that items with uniqueItems may have takes more than {MAX_BEGINNINGS} steps; "
            "bound the items otherwise",
            limit="MAX_BEGINNINGS",
            value=MAX_BEGINNINGS,
        )
    return done + more
