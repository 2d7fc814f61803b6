"""The states in which an array with conditions on several items is read.

A state is what is still to be satisfied (a formula), which item of the prefix is next, how many items
may and must follow, and - while it matters whether two items are equal - the values read so far (``read_values``).
Reading an item splits its values into cells, by which terms of the formula they satisfy. No state is
entered from which the array cannot be completed.

That two items are equal is one more atom, ``PAIRS``: it is true once an item repeats an earlier one,
and false at the end if none did. Whether enough distinct values are left is a question about few
cells: values that no term tells apart can stand for each other, so it is decided by their numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from constrain.languages.json_schema.array_dive import helpful_first, is_completed
from constrain.languages.json_schema.budget import ATOMS, STATE
from constrain.languages.json_schema.cells import Cell, Cells, with_few
from constrain.languages.json_schema.formula import (
    ALWAYS,
    AND,
    NEVER,
    NOT_ATOM,
    Atom,
    Formula,
    atom,
    conjunction,
    negate,
    of_clause,
)
from constrain.languages.json_schema.keys import UNBOUNDED
from constrain.languages.json_schema.read_values import ReadValues
from constrain.languages.json_schema.term import TRUE, Term

if TYPE_CHECKING:
    from constrain.languages.json_schema.arrays import Arrays
    from constrain.languages.json_schema.terms import Terms


class Positions(NamedTuple):
    """The items from the ``first`` to the ``last`` (None: all) of those that are to come."""

    first: int
    last: int | None

    @property
    def most(self) -> int:
        return UNBOUNDED if self.last is None else self.last + 1 - self.first

    def shifted(self) -> Positions:
        """The class behind the next item."""
        return Positions(max(self.first - 1, 0), None if self.last is None else self.last - 1)


class _Pairs(NamedTuple):
    """The class of pairs of equal items: no position is in it."""

    most: int = UNBOUNDED
    first: int = -1


ALL_POSITIONS = Positions(0, None)
PAIR = Atom(_Pairs(), TRUE, 1)
REPEATED = atom(*PAIR)


class State(NamedTuple):
    """What may still come.

    Attributes:
        formula: what the items to come must satisfy.
        position: which item is next; all those behind the prefix are one.
        least, most: how many items must and may (None: any number) follow.
        used: the values read so far, while it matters whether one is repeated: a set of ``ReadValues``.
    """

    formula: Formula
    position: int
    least: int
    most: int | None
    used: Any


class Move(NamedTuple):
    """The values that an item may have, and the state behind it, but for ``used``.

    ``fresh`` says how they relate to those read before: they are none of them (True, and are to be
    remembered if ``state`` cares), some of them (False), or that does not matter (None).
    """

    value: Term
    state: State
    fresh: bool | None


class ArrayStates:
    """The states of one ``Arrays`` part.

    Attributes:
        start: the state before the first item.
        read: the values read so far in any state, and sets of them.
    """

    __slots__ = ("_cells", "_live", "_moves", "_split_by", "part", "read", "start", "terms")

    def __init__(self, part: Arrays, terms: Terms) -> None:
        self.part = part
        self.terms = terms
        self.read = ReadValues(terms)
        self._cells: dict[Any, list[Cell]] = {}
        self._live: dict[State, bool] = {}
        self._moves: dict[State, list[Move]] = {}
        self._split_by: list[Term] | None = None
        formula = conjunction([*_counts(part), *_uniqueness(part), *self._clauses(part)])
        self.start = State(formula, 0, part.least, part.most, self.read.empty)

    # -- formulas -----------------------------------------------------------------------------

    def _clauses(self, part: Arrays) -> Iterator[Formula]:
        for clause in part.clauses:
            yield of_clause(clause, self._formula)

    def _formula(self, part: Arrays) -> Formula:
        """All of ``part`` as one formula."""
        negation = self.terms.negation
        literals = [atom(ALL_POSITIONS, TRUE, part.least)]
        if part.most is not None:
            literals.append(negate(atom(ALL_POSITIONS, TRUE, part.most + 1)))
        for i, term in enumerate(part.prefix):
            literals.append(negate(atom(Positions(i, i), negation(term))))
        literals.append(negate(atom(Positions(len(part.prefix), None), negation(part.rest))))
        return conjunction([*literals, *_counts(part), *_uniqueness(part), *self._clauses(part)])

    def _after(self, formula: Formula, satisfied: frozenset[Term], repeats: bool, items: int = 1) -> Formula:
        """The formula behind an item that satisfies the terms ``satisfied``, or some where their places are free."""
        replacement = {}
        for item in formula.atoms:
            if item == PAIR:
                if repeats:
                    replacement[item] = ALWAYS
                continue
            count = item.least - items * (item.where.first == 0 and item.term in satisfied)
            where = item.where.shifted()
            if count != item.least or where != item.where:
                replacement[item] = atom(where, item.term, count)
        return formula.substitute(replacement) if replacement else formula

    # -- items --------------------------------------------------------------------------------

    def may_end(self, state: State) -> bool:
        """Whether the array may be closed."""
        return state.least <= 0 and state.formula.at_end()

    def settled(self, state: State) -> Arrays | None:
        """What may follow, if each item can be decided by its position alone."""
        part = self.part
        prefix, rest = part.prefix[state.position :], part.rest
        formula = state.formula
        for literal in formula.parts if formula.kind == AND else (formula,):
            if literal.kind != NOT_ATOM or literal.parts == PAIR:
                return None
            where, term, count = literal.parts
            if where != ALL_POSITIONS or count != 1:
                return None
            negation = self.terms.negation(term)
            prefix = tuple([self.terms.both(item, negation) for item in prefix])
            rest = self.terms.both(rest, negation)
        return type(part)(prefix, rest, state.least, state.most)

    def moves(self, state: State) -> list[Move]:
        """What the next item may be: moves to states from which the array can be completed."""
        found = self._moves.get(state)
        if found is None:
            with self.terms.budget:
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
            Move(item if len(values) == len(cells) else self.terms.any_of(values), *future)
            for future, values in futures.items()
        ]

    @property
    def _enough(self) -> int:
        """More values than this are more than an array can need from its start."""
        return self.part.least + _wants(self.start.formula) + len(self.part.prefix) + 1

    def _has_others(self, move: Move, state: State) -> bool:
        """Whether ``move`` has more values than the array can need."""
        return self.terms.few_values(move.value, self.read.count(state.used) + self._enough) is None

    def value_after(self, move: Move, state: State, value: Any) -> State:
        """The state behind an item of ``move``, which leads on from ``state``, with value ``value``."""
        if not (move.fresh and cares(move.state)):
            return move.state
        return move.state._replace(used=self.read.with_value(state.used, value))

    def cells_at(self, state: State) -> list[Cell]:
        """The values that the next item may have, by the terms that matter from here on."""
        item = self.part.item(state.position)
        if PAIR in state.formula.atoms:
            telling = frozenset(self._telling())
        else:
            telling = frozenset([each.term for each in state.formula.atoms if each.where.first == 0])
        cells = self._cells.get((item, telling))
        if cells is None:
            cells = list(Cells(item, telling, self.terms)) if telling else [(item, telling)]
            if len(cells) == 1:
                cells = [(item, cells[0][1])]
            self._cells[item, telling] = cells = [cell for cell in cells if self.terms.inhabited(cell[0])]
        return cells

    def _telling(self) -> list[Term]:
        """The terms that values are told apart by while pairs of equal items matter: those of the formula, and
        those of which there may be too few values - or all, where an item is to be equal to another."""
        if self._split_by is None:
            terms = dict.fromkeys([item.term for item in self.start.formula.atoms if item != PAIR])
            items = list(dict.fromkeys((*self.part.prefix, self.part.rest)))
            if len(items) > 1 and affirms(self.start.formula):
                terms.update(dict.fromkeys(items))
            elif len(items) > 1:
                terms = with_few(items, terms, self._enough, self.terms)
            self._split_by = list(terms)
        return self._split_by

    def _all_moves(
        self, state: State, cells: list[Cell] | None = None
    ) -> Iterator[tuple[Move, frozenset[Term]]]:
        """The moves by a value of one cell, with the terms that it satisfies, whether or not the array can be
        completed behind it. ``cells`` are those of the state, in another order."""
        pairs = PAIR in state.formula.atoms
        most = None if state.most is None else state.most - 1
        index, least = min(state.position + 1, len(self.part.prefix)), max(state.least - 1, 0)
        for cell in self.cells_at(state) if cells is None else cells:
            if not pairs or self._has_more(cell, state.used):
                future = self._after(state.formula, cell[1], False)
                if future != NEVER:
                    after = State(future, index, least, most, self.read.empty)
                    yield Move(cell[0], after, True if pairs else None), cell[1]
            if pairs and self.read.count_in(cell, state.used):
                future = self._after(state.formula, cell[1], True)
                if future != NEVER:
                    yield Move(cell[0], State(future, index, least, most, self.read.empty), False), cell[1]

    # -- values -------------------------------------------------------------------------------

    def _has_more(self, cell: Cell, used: Any) -> bool:
        """Whether there are values in a cell but those that are used."""
        return self.terms.few_values(cell[0], self.read.count_in(cell, used)) is None

    def _with_some_value(self, move: Move, satisfied: frozenset[Term], state: State) -> State:
        """The state when any value of the cell of ``move`` has been read: which one does not matter."""
        if not (move.fresh and cares(move.state)):
            return move.state
        if self._has_others(move, state):
            return move.state._replace(used=self.read.with_some_value(state.used, satisfied))
        most = self.read.count(state.used) + self._enough
        for value in self.terms.few_values(move.value, most) or ():
            after = self.value_after(move, state, value)
            if after.used != state.used:
                return after
        raise AssertionError("a move to a new value of a cell that has none")

    # -- which states can be completed --------------------------------------------------------

    def is_live(self, state: State | None = None) -> bool:
        """Whether an array can be completed from ``state`` (None: from the start)."""
        with self.terms.budget:
            return self._is_live(self.start if state is None else state)

    def _is_live(self, state: State) -> bool:
        """Depth-first search for a state that can end. If one is found, all on the path to it are live;
        if none is, all that were visited are not."""
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
                self.terms.budget.spend(STATE + len(following.formula.atoms) // ATOMS)
                path.append(following)
                todo.append(self._following(following))
        for passed in visited:
            self._live[passed] = False
        return False

    def quick_answer(self, state: State) -> bool | None:
        """Whether an array can be completed, as far as one look shows."""
        if state.formula == NEVER or (state.most is not None and state.most < state.least):
            return False
        known = self._live.get(state)
        if known is not None:
            return known
        if self.may_end(state):
            return True
        part = self.settled(state)
        if part is not None:
            return part.inhabited(self.terms)
        if state.formula == ONLY_UNIQUE and state.position == len(self.part.prefix):
            return self._has_distinct(state)
        return None

    def note_live(self, states: list[State]) -> None:
        """Remember that arrays can be completed from ``states``."""
        self._live.update(dict.fromkeys(states, True))

    def is_free(self, state: State) -> bool:
        """Whether neither the order of items matters from here on nor which are equal."""
        at_rest = state.position == len(self.part.prefix)
        return at_rest and all(item.where == ALL_POSITIONS for item in state.formula.atoms)

    def behind_some(self, state: State, satisfied: frozenset[Term], items: int) -> State:
        """The state behind so many items that satisfy just ``satisfied``, where their places are free."""
        future = self._after(state.formula, satisfied, False, items)
        most = None if state.most is None else state.most - items
        return State(future, state.position, max(state.least - items, 0), most, self.read.empty)

    def _has_distinct(self, state: State) -> bool:
        """Whether enough values are left for the items that must come, all of one term."""
        taken = self.read.count_in((self.part.rest, frozenset()), state.used)
        return self.terms.few_values(self.part.rest, taken + state.least - 1) is None

    def _following(self, state: State) -> Iterator[State]:
        """The states behind the next item, those that the formula is nearer to first."""
        if state.most == 0:
            return
        if affirms(state.formula):
            found = iter(sorted(self._all_moves(state), key=lambda item: _wants(item[0].state.formula)))
        else:  # one by one: mostly the first is all that is needed
            found = self._all_moves(state, helpful_first(self.cells_at(state), state.formula))
        for move, satisfied in found:
            yield self._with_some_value(move, satisfied, state)


ONLY_UNIQUE = negate(REPEATED)


def cares(state: State) -> bool:
    """Whether it matters in ``state`` which values have been read."""
    return state.most != 0 and PAIR in state.formula.atoms


def _wants(formula: Formula) -> int:
    return sum(item.least for item in formula.atoms)


def affirms(formula: Formula) -> bool:
    """Whether equal items may be wanted."""
    return PAIR in formula.positive


def _counts(part: Arrays) -> Iterator[Formula]:
    for start, term, least, most in part.counts:
        where = Positions(start, None)
        yield atom(where, term, least)
        if most is not None:
            yield negate(atom(where, term, most + 1))


def _uniqueness(part: Arrays) -> Iterator[Formula]:
    if part.unique is not None:
        yield negate(REPEATED) if part.unique else REPEATED
