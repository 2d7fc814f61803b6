"""The states in which an array with conditions on several items is read.

Reading an item splits its values into cells, by which terms of the formula they satisfy. No state is
entered from which the array cannot be completed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from constrain.languages.json_schema.states.array_state import PAIR, Move, State, affirms, cares
from constrain.languages.json_schema.states.array_transitions import ArrayTransitions, wants
from constrain.languages.json_schema.states.greedy_completion import helpful_first, is_completed
from constrain.languages.json_schema.states.value_partition import Cell
from constrain.languages.json_schema.terms.counting_formula import NEVER
from constrain.languages.json_schema.terms.term import Term
from constrain.languages.json_schema.terms.work_budget import ATOMS, STATE
from constrain.languages.json_schema.values.arrays import Arrays
from constrain.languages.json_schema.values.value_algebra import ValueAlgebra


class ArrayStates(ArrayTransitions):
    """The states of one ``Arrays`` part from which an array can be completed."""

    __slots__ = ("_moves",)

    def __init__(self, part: Arrays, algebra: ValueAlgebra) -> None:
        super().__init__(part, algebra)
        self._moves: dict[State, list[Move]] = {}

    def moves(self, state: State) -> list[Move]:
        """What the next item may be: moves to states from which the array can be completed."""
        found = self._moves.get(state)
        if found is None:
            with self.algebra.budget:
                found = self._moves[state] = self._find_moves(state)
        return found

    def _find_moves(self, state: State) -> list[Move]:
        if state.most == 0:
            return []
        futures: dict[tuple[State, bool | None], list[Term]] = {}
        cells = self.cells_at(state)
        for move, satisfied in self._all_moves(state):
            if self._is_live(self._with_some_value(move, satisfied, state)):
                futures.setdefault((move.state, move.fresh), []).append(move.value)
        item = self.part.item(state.position)
        return [
            Move(item if len(values) == len(cells) else self.algebra.any_of(values), *future)
            for future, values in futures.items()
        ]

    def value_after(self, move: Move, state: State, value: Any) -> State:
        """The state after an item with value ``value``, by ``move``, which starts in ``state``."""
        if not (move.fresh and cares(move.state)):
            return move.state
        return move.state._replace(used=self.read.with_value(state.used, value))

    def _all_moves(
        self, state: State, cells: list[Cell] | None = None
    ) -> Iterator[tuple[Move, frozenset[Term]]]:
        """The moves by a value of one cell each, with the terms that it satisfies, whether or not the array can be
        completed afterwards. ``cells`` are the cells of the state in the order to be tried."""
        pairs = PAIR in state.formula.atoms
        most = None if state.most is None else state.most - 1
        index, least = min(state.position + 1, len(self.part.prefix)), max(state.least - 1, 0)
        for cell in self.cells_at(state) if cells is None else cells:
            if not pairs or self._has_more(cell, state.used):
                future = self.formula_after(state.formula, cell[1], False)
                if future != NEVER:
                    after = State(future, index, least, most, self.read.empty)
                    yield Move(cell[0], after, True if pairs else None), cell[1]
            if pairs and self.read.count_in(cell, state.used):
                future = self.formula_after(state.formula, cell[1], True)
                if future != NEVER:
                    yield Move(cell[0], State(future, index, least, most, self.read.empty), False), cell[1]

    # -- values -------------------------------------------------------------------------------

    def _has_others(self, move: Move, state: State) -> bool:
        """Whether ``move`` has more values than the array can need."""
        return self.algebra.few_values(move.value, self.read.count(state.used) + self.enough) is None

    def _has_more(self, cell: Cell, used: Any) -> bool:
        """Whether there are values in a cell besides those that are used."""
        return self.algebra.few_values(cell[0], self.read.count_in(cell, used)) is None

    def _with_some_value(self, move: Move, satisfied: frozenset[Term], state: State) -> State:
        """The state after some value of the cell of ``move``; which one does not matter."""
        if not (move.fresh and cares(move.state)):
            return move.state
        if self._has_others(move, state):
            return move.state._replace(used=self.read.with_some_value(state.used, satisfied))
        most = self.read.count(state.used) + self.enough
        for value in self.algebra.few_values(move.value, most) or ():
            after = self.value_after(move, state, value)
            if after.used != state.used:
                return after
        raise AssertionError("a move to a new value of a cell that has none")

    # -- which states can be completed --------------------------------------------------------

    def is_live(self, state: State | None = None) -> bool:
        """Whether an array can be completed from ``state`` (None: from the start)."""
        with self.algebra.budget:
            return self._is_live(self.start if state is None else state)

    def _is_live(self, state: State) -> bool:
        """Depth-first search for a state that can end. If one is found, all states on the path to it are live;
        if none is, no visited state is."""
        path: list[State] = []
        todo: list[Iterator[State]] = [iter((state,))]
        visited: set[State] = set()
        if is_completed(self, state):
            return True
        while todo:
            following = next(todo[len(todo) - 1], None)
            if following is None:
                todo.pop()
                if path:
                    path.pop()
                continue
            answer = False if following in visited else self.quick_answer(following)
            if answer:
                self.note_live([*path, following])
                return True
            if answer is None:
                visited.add(following)
                self.algebra.budget.spend(STATE + len(following.formula.atoms) // ATOMS)
                path.append(following)
                todo.append(self._following(following))
        for passed in visited:
            self._live[passed] = False
        return False

    def _following(self, state: State) -> Iterator[State]:
        """The states after the next item. Those in which less remains to be satisfied come first."""
        if state.most == 0:
            return
        if affirms(state.formula):
            found = iter(sorted(self._all_moves(state), key=lambda item: wants(item[0].state.formula)))
        else:  # one by one: mostly the first is all that is needed
            found = self._all_moves(state, helpful_first(self.cells_at(state), state.formula))
        for move, satisfied in found:
            yield self._with_some_value(move, satisfied, state)
