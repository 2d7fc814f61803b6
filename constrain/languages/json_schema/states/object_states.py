"""The states in which an object with conditions on several properties is read.

Cells of values with the same future are merged into moves. No state is entered from which the object cannot be
completed (``object_search``).
"""

from __future__ import annotations

from collections.abc import Iterator

from constrain.languages.json_schema.states.object_completion import ObjectCompletion
from constrain.languages.json_schema.states.object_search import ObjectSearch
from constrain.languages.json_schema.states.object_state import Move, State, is_settled
from constrain.languages.json_schema.states.object_transitions import ObjectTransitions
from constrain.languages.json_schema.states.undeclared_names import Kind
from constrain.languages.json_schema.terms.name_class import UNBOUNDED
from constrain.languages.json_schema.terms.term import Term
from constrain.languages.json_schema.text.bits import bits_of
from constrain.languages.json_schema.values.objects import Objects
from constrain.languages.json_schema.values.value_algebra import ValueAlgebra


class ObjectStates(ObjectTransitions):
    """The states of one ``Objects`` part from which an object can be completed."""

    __slots__ = ("_completion", "_search")

    def __init__(self, part: Objects, algebra: ValueAlgebra) -> None:
        super().__init__(part, algebra)
        self._search: ObjectSearch | None = None
        self._completion: ObjectCompletion | None = None

    # -- moves --------------------------------------------------------------------------------

    def declared(self, state: State) -> list[int]:
        """The names of the list that may come next."""
        if state.most == 0:
            return []
        candidates = bits_of(self.available(state))
        if is_settled(state) and state.most is None and state.least <= 0:
            return list(candidates)
        mentioned = self.mentioned_in(state.formula) | self.distinct.names(state.must_differ_from)
        return [i for i in candidates if self._is_free(state, i, mentioned) or self._may_come(state, i)]

    def _is_free(self, state: State, i: int, mentioned: int) -> bool:
        """Whether name ``i`` has no effect on what else may come, so that the object can be completed as before."""
        alone = self.gone_after(state.gone, i) & ~state.gone == 1 << i
        return alone and state.most is None and not mentioned >> i & 1

    def _may_come(self, state: State, i: int) -> bool:
        """Whether name ``i`` can be next with some value. The object can be completed from ``state``."""
        prospect = self.prospect(state, self.names[i], i, None)
        return any(
            cell.best or self.is_live(self.future(state, cell, prospect))
            for cell in self.cells_of(state, prospect)
        )

    def moves(self, state: State, i: int) -> list[Move]:
        """What the value of name ``i`` may be."""
        found = self._moves(state, self.names[i], i, None)
        return [move for move in found if move.harmless or self.is_live(move.state)]

    def other_moves(self, state: State) -> Iterator[tuple[Kind, list[Move]]]:
        """Each kind of undeclared names that may come next, with what its value may be."""
        for kind in self.other_candidates(state):
            moves = [
                move
                for move in self._moves(state, None, None, kind)
                if (move.harmless and kind.capacity == UNBOUNDED)
                or self.is_live(self.with_some_name(move.state, kind))
            ]
            if moves:
                yield kind, moves

    def _moves(self, state: State, name: str | None, i: int | None, kind: Kind | None) -> list[Move]:
        """What the value of a property may be, whether or not the object can be completed after it."""
        values: dict[State, list[Term]] = {}
        harmless: set[State] = set()
        for value, following, best in self.futures(state, name, i, kind):
            values.setdefault(following, []).append(value)
            if best:
                harmless.add(following)
        return [
            Move(self.algebra.any_of(terms), following, following in harmless)
            for following, terms in values.items()
        ]

    def enough_names(self, state: State) -> int | None:
        """The names, as bits, that complete the object whatever their values are; None if that is not obvious."""
        if self.may_end(state):
            return 0
        names = self.needed & ~state.gone
        count = names.bit_count()
        if not is_settled(state) or state.least > count or (state.most is not None and state.most < count):
            return None
        return names

    def enough_after(self, state: State, i: int) -> int | None:
        """``enough_names`` after name ``i`` and any value of it, where only names and their number matter."""
        names = self.needed & ~self.gone_after(state.gone, i)
        count = names.bit_count() + 1
        if state.least > count or (state.most is not None and state.most < count):
            return None
        return names

    # -- which states can be completed --------------------------------------------------------

    def is_live_for(self, part: Objects) -> bool:
        """Whether there is an object of ``part``."""
        return self.is_live(self.start_of(part))

    def known_for(self, part: Objects) -> bool | None:
        """The same if it is known, else None."""
        return self.search.known(self.start_of(part))

    def is_live(self, state: State) -> bool:
        """Whether an object can be completed from ``state``."""
        return self.search.is_live(state)

    @property
    def search(self) -> ObjectSearch:
        """The search that decides it."""
        if self._search is None:
            self._search = ObjectSearch(self.in_order())
        return self._search

    @property
    def completion(self) -> ObjectCompletion:
        """Short ways to complete an object."""
        if self._completion is None:
            self._completion = ObjectCompletion(self.search)
        return self._completion
