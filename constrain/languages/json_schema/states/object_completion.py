"""Short ways to complete an object, from the states in which it is read."""

from __future__ import annotations

from collections import deque
from itertools import islice

from constrain.errors import WorkLimitExceeded
from constrain.languages.json_schema.states.object_search import ObjectSearch
from constrain.languages.json_schema.states.object_state import Property, State, is_settled
from constrain.languages.json_schema.terms.counting_formula import NEVER
from constrain.languages.json_schema.terms.work_budget import ATOMS, STATE
from constrain.languages.json_schema.text.bits import bits_of

# States that one search for a completion may visit: a few milliseconds.
MAX_STATES = 128

# The most names of a kind that are made up to fill an object. Each must differ from all before it, by a search.
MAX_NEW = 16


class ObjectCompletion:
    """Short completions of the objects of one ``Objects`` part, remembered.

    Which undeclared names have been read does not matter here: any of those that are left will do.
    """

    __slots__ = ("_known", "_search", "_states")

    def __init__(self, search: ObjectSearch) -> None:
        self._search = search
        self._states = search.states
        self._known: dict[State, list[Property] | None] = {}

    def completion(self, state: State) -> list[Property] | None:
        """Few properties that complete the object; None if none are soon found."""
        if is_settled(state):
            return self._fill(state)
        start = self._plain(state)
        if start not in self._known:
            try:
                with self._states.algebra.budget:
                    self._known[start] = self._find(start)
            except WorkLimitExceeded:
                self._known[start] = None
        return self._known[start]

    def _fill(self, state: State) -> list[Property] | None:
        """The names that must come, and others until there are enough properties."""
        states = self._states
        names = states.needed & ~state.gone
        others = bits_of(~(state.gone | names) & ((1 << len(states.names)) - 1))
        missing = state.least - names.bit_count()
        for i in islice(others, max(missing, 0)):
            names |= 1 << i
            missing -= 1
        way = [Property(i, None, states.members[i]) for i in bits_of(names)]
        for kind in states.kinds if missing > 0 else ():
            new = min(missing, kind.remaining(state.taken))
            way += [Property(None, kind, kind.value)] * min(new, MAX_NEW + 1)
            missing -= new
        too_many = state.most is not None and len(way) > state.most
        return None if missing > 0 or too_many or len(way) - names.bit_count() > MAX_NEW else way

    def _find(self, start: State) -> list[Property] | None:
        """Breadth first by number of properties; skipping a name costs nothing."""
        before: dict[State, tuple[State, Property | None] | None] = {start: None}
        queue = deque([start])
        while queue and len(before) < MAX_STATES:
            state = queue.popleft()
            if self._states.may_end(state):
                return _way_to(state, before)
            self._states.algebra.budget.spend(STATE + len(state.formula.atoms) // ATOMS)
            for found, reached in self._search.successors(state):
                following = self._plain(reached)
                if following.formula != NEVER and following not in before:
                    before[following] = state, found
                    if found is None:
                        queue.appendleft(following)
                    else:
                        queue.append(following)
        return None

    def _plain(self, state: State) -> State:
        return state._replace(refused=self._states.start.refused)


def _way_to(state: State, before: dict[State, tuple[State, Property | None] | None]) -> list[Property]:
    way = []
    while (step := before[state]) is not None:
        state, found = step
        if found is not None:
            way.append(found)
    return way[::-1]
