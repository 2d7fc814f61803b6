"""Whether an object can be completed, from the states in which it is read.

The answer does not depend on the order of keys, so one order is searched.
"""

from __future__ import annotations

from collections.abc import Iterator

from constrain.languages.json_schema.states.object_state import Property, State, is_settled
from constrain.languages.json_schema.states.object_transitions import ObjectTransitions
from constrain.languages.json_schema.terms.counting_formula import AND, ATOM, NEVER, NOT_ATOM, Formula
from constrain.languages.json_schema.terms.term import Term
from constrain.languages.json_schema.terms.work_budget import ATOMS, STATE
from constrain.languages.json_schema.text.bits import bits_of


class ObjectSearch:
    """Answers about the states of one ``Objects`` part, remembered.

    Attributes:
        states: those in which all listed names come in one order.
    """

    __slots__ = ("_live", "states")

    def __init__(self, states: ObjectTransitions) -> None:
        self.states = states
        self._live: dict[State, bool] = {}

    def is_live(self, state: State) -> bool:
        """Whether an object can be completed from ``state``."""
        answer = self._plain(state)
        if answer is None:
            state = self._eased(state)
            answer = self._live.get(state)
        if answer is None:
            with self.states.algebra.budget:
                answer = self._by_name(state)
                if answer is None:
                    answer = self._dive(state) or self._search(state)
                else:
                    self._live[state] = answer
        return answer

    def known(self, state: State) -> bool | None:
        """The same if it has been asked before or is plain to see, else None."""
        answer = self._plain(state)
        return self._live.get(self._eased(state)) if answer is None else answer

    def _plain(self, state: State) -> bool | None:
        if state.formula == NEVER:
            return False
        return self._has_room(state) if is_settled(state) else None

    def _eased(self, state: State) -> State:
        """A state that can be completed if and only if ``state`` can, and that is the same for all states that
        differ in irrelevant ways only: in the undeclared names that have been read, and in what has become of names
        that nothing mentions. Where enough of those are left, the least number of properties is no obstacle."""
        states, least = self.states, state.least
        mentioned = (
            states.mentioned_in(state.formula) | states.distinct.names(state.must_differ_from) | states.needed
        )
        if (
            least > 0
            and (state.most is None or least <= state.most)
            and least <= self._free(state, mentioned)
        ):
            least = 0
        gone = state.gone
        if not self._is_filling(least, state.must_differ_from):
            gone |= ~mentioned & ((1 << len(states.names)) - 1)
        refused = states.start.refused
        return State(state.formula, gone, refused, state.taken, least, state.most, state.must_differ_from)

    def _is_filling(self, least: int, must_differ_from: frozenset[Term]) -> bool:
        """Whether any property helps: because there are too few, or because one more may make the object differ."""
        return least > 0 or bool(must_differ_from)

    def _free(self, state: State, mentioned: int) -> int:
        """How many names are left that nothing mentions; ``mentioned`` are those in the list that something does."""
        states = self.states
        telling = states.about_others(state.formula)
        free = [kind for kind in states.kinds if not any(kind.is_in(item.where) for item in telling)]
        listed = (~(state.gone | mentioned) & ((1 << len(states.names)) - 1)).bit_count()
        return listed + sum(kind.remaining(state.taken) for kind in free)

    def _by_name(self, state: State) -> bool | None:
        """The answer where each name can be decided by itself; else None. That is so if the formula only says which
        names come and what values are excluded, and the number of properties does not matter."""
        states, formula = self.states, state.formula
        literals = formula.parts if formula.kind == AND else (formula,)
        if (
            state.least > 0
            or state.most is not None
            or state.must_differ_from
            or not all(map(_is_of_one, literals))
        ):
            return None
        states.algebra.budget.spend(STATE)
        coming = {
            states.index[name] for part in literals if part.kind == ATOM for name in part.parts.where.names
        }
        coming.update(bits_of(states.needed & ~state.gone))
        return all(self._has_value(formula, i) for i in coming)

    def _has_value(self, formula: Formula, i: int) -> bool:
        """Whether there is a value of name ``i`` for which a conjunction of literals holds."""
        algebra, asked = self.states.algebra, self.states.asked(formula, self.states.names[i], None)
        refused = [algebra.negation(term) for term in asked.unwanted]
        return algebra.inhabited(algebra.all_of([self.states.members[i], *asked.wanted, *refused]))

    def _dive(self, state: State) -> bool:
        """Whether the object is completed by the properties that the formula asks for, each with the first value that
        suggests itself. That completes most objects; False says nothing."""
        states, path = self.states.unordered(), [state]
        while not (states.may_end(state) or self._live.get(state)):
            wanted = states.asked_for(state)
            if not wanted or state.most == 0:
                return False
            states.algebra.budget.spend(STATE)
            i = (wanted & -wanted).bit_length() - 1
            following = next(states.futures(state, states.names[i], i, None), None)
            if following is None:
                return False
            state = self._eased(following[1])
            path.append(state)
        self._live.update(dict.fromkeys(path, True))
        return True

    def _search(self, start: State) -> bool:
        """Depth-first search through states, some of which lead back to themselves. What is found is remembered.

        Names are decided one by one, in order. Trying each of the later ones next would take the square of their
        number.
        """
        path = [(start, self._reached(start))]
        visited = {start}
        found = self.states.may_end(start)
        while path and not found:
            following = next(
                (
                    state
                    for state in map(self._eased, path[-1][1])
                    if state.formula != NEVER and state not in visited
                ),
                None,
            )
            if following is None:
                path.pop()
                continue
            if is_settled(following):
                found = self._has_room(following)
                continue
            known = self._live.get(following)
            if known is None:
                self.states.algebra.budget.spend(STATE + len(following.formula.atoms) // ATOMS)
                visited.add(following)
                path.append((following, self._reached(following)))
                found = self.states.may_end(following)
            else:
                found = known
        if found:
            self._live.update(dict.fromkeys([state for state, _ in path], True))
        else:
            self._live.update(dict.fromkeys(visited, False))
        return found

    def _has_room(self, state: State) -> bool:
        """The same where only required names and the number of properties matter."""
        available = ~state.gone & ((1 << len(self.states.names)) - 1)
        needed = (self.states.needed & available).bit_count()
        if state.most is not None and max(needed, state.least) > state.most:
            return False
        names = available.bit_count()
        others = (kind.remaining(state.taken) for kind in self.states.kinds)
        return state.least <= names or state.least <= names + sum(others)

    def _reached(self, state: State) -> Iterator[State]:
        return (following for _, following in self.successors(state))

    def successors(self, state: State) -> Iterator[tuple[Property | None, State]]:
        """The next property that matters with the state after it, or None with the state without that property; after
        all listed names, undeclared ones.

        Names matter that the formula mentions or that are required; all do while more properties are needed.
        """
        if state.most == 0:
            return
        filling = self._is_filling(state.least, state.must_differ_from)
        candidates = self.states.available(state)
        if not filling:
            candidates &= self.states.mentioned_in(state.formula) | self.states.needed
        if candidates:
            i = (candidates & -candidates).bit_length() - 1
            absent = [] if self.states.needed >> i & 1 else [(None, self._without_name(state, i))]
            if not (filling or self._is_wanted(state.formula, self.states.names[i])):
                yield from absent
                absent = []
            for value, following, _ in self.states.futures(state, self.states.names[i], i, None):
                yield Property(i, None, value), following
            yield from absent
            return
        for kind in self.states.other_candidates(state):
            if filling or any(kind.is_in(item.where) for item in state.formula.atoms):
                for value, following, _ in self.states.futures(state, None, None, kind):
                    yield Property(None, kind, value), self.states.with_some_name(following, kind)

    def _is_wanted(self, formula: Formula, name: str) -> bool:
        """Whether some value of a property may help to satisfy the formula."""
        return self.states.asked(formula, name, None).helps

    def _without_name(self, state: State, i: int) -> State:
        """The state once name ``i`` has been skipped."""
        gone = state.gone | 1 << i
        formula = self.states.without(state.formula, 1 << i)
        must_differ_from = self.states.distinct.lacking(state.must_differ_from, 1 << i)
        return state._replace(formula=formula, gone=gone, must_differ_from=must_differ_from)


def _is_of_one(literal: Formula) -> bool:
    """Whether it says that one name must come with some values, or that names must not come with some."""
    if literal.kind > NOT_ATOM or literal.parts.least != 1:
        return False
    names = literal.parts.where.names
    return literal.kind == NOT_ATOM or (names is not None and len(names) == 1)
