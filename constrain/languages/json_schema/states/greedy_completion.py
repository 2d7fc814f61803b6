"""A quick way to complete an array, where neither the order of its items matters nor whether they are equal.

Then only the number of items of each kind matters, and all items of one kind are read at once. One by one, fifty items
of ``contains`` for five types would be fifty states, again after every kind of first item.
"""

from __future__ import annotations

from constrain.languages.json_schema.states.array_state import State
from constrain.languages.json_schema.states.array_transitions import ArrayTransitions
from constrain.languages.json_schema.states.value_partition import Cell
from constrain.languages.json_schema.terms.counting_formula import Atom, Formula
from constrain.languages.json_schema.terms.name_class import UNBOUNDED
from constrain.languages.json_schema.terms.term import Term
from constrain.languages.json_schema.terms.work_budget import STATE


def is_completed(states: ArrayTransitions, state: State) -> bool:
    """Whether the array is completed by as many items of one kind as are asked for, then of another kind, and so on.
    That completes most arrays; False says nothing."""
    path: list[State] = []
    while (answer := states.quick_answer(state)) is None:
        states.algebra.budget.spend(STATE)
        path.append(state)
        following = _after_some(states, state)
        if following is None:
            return False
        state = following
    if answer:
        states.note_live(path)
    return answer


def _after_some(states: ArrayTransitions, state: State) -> State | None:
    """The state after some items of one kind that the formula asks for; None if none suggests itself."""
    if not states.is_free(state):
        return None
    wanted, unwanted = _sides(state.formula)
    most = UNBOUNDED if state.most is None else state.most
    for _, satisfied in helpful_first(states.cells_at(state), state.formula):
        asked, refused = _leasts(wanted, satisfied), _leasts(unwanted, satisfied)
        count = min(most, *(asked or [state.least]), *[least - 1 for least in refused])
        if count > 0:
            return states.after_some(state, satisfied, count)
    return None


def helpful_first(cells: list[Cell], formula: Formula) -> list[Cell]:
    """Cells of a next item, ordered by the number of wanted atoms that they count for, less the unwanted ones."""
    wanted, unwanted = _sides(formula)
    return sorted(cells, key=lambda cell: len(_leasts(unwanted, cell[1])) - len(_leasts(wanted, cell[1])))


def _sides(formula: Formula) -> tuple[frozenset[Atom], frozenset[Atom]]:
    """The atoms that are wanted, and those that are unwanted."""
    return formula.positive - formula.negative, formula.negative - formula.positive


def _leasts(atoms: frozenset[Atom], satisfied: frozenset[Term]) -> list[int]:
    """The least numbers of those atoms that a next item which satisfies ``satisfied`` counts for."""
    return [item.least for item in atoms if item.where.first == 0 and item.term in satisfied]
