"""What leads from one state of an array to another, whether or not the array can be completed.

A state is what is still to be satisfied (a formula), which item of the prefix is next, how many items
may and must follow, and - while it matters whether two items are equal - the values read so far (``seen_values``).

That two items are equal is one more atom, ``PAIR``: it becomes true once an item repeats an earlier one, and is
false at the end if none did. Values that no term tells apart can stand for each other, so whether enough distinct
values are left is decided by counting the values of a few cells.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from constrain.languages.json_schema.states.array_state import (
    ALL_POSITIONS,
    ONLY_UNIQUE,
    PAIR,
    REPEATED,
    Positions,
    State,
    affirms,
)
from constrain.languages.json_schema.states.seen_values import SeenValues
from constrain.languages.json_schema.states.value_partition import Cell, ValuePartition, with_few
from constrain.languages.json_schema.terms.counting_formula import (
    ALWAYS,
    AND,
    NEVER,
    NOT_ATOM,
    Formula,
    atom,
    conjunction,
    negate,
    of_clause,
)
from constrain.languages.json_schema.terms.term import TRUE, Term
from constrain.languages.json_schema.values.arrays import Arrays
from constrain.languages.json_schema.values.value_algebra import ValueAlgebra


class ArrayTransitions:
    """The states of one ``Arrays`` part, and what leads from one to another.

    Attributes:
        start: the state before the first item.
        read: the values read so far in any state, and sets of them.
    """

    __slots__ = ("_cells", "_live", "_split_by", "algebra", "part", "read", "start")

    def __init__(self, part: Arrays, algebra: ValueAlgebra) -> None:
        self.part = part
        self.algebra = algebra
        self.read = SeenValues(algebra)
        self._cells: dict[Any, list[Cell]] = {}
        self._live: dict[State, bool] = {}
        self._split_by: list[Term] | None = None
        formula = conjunction([*_counts(part), *_uniqueness(part), *self._clauses(part)])
        self.start = State(formula, 0, part.least, part.most, self.read.empty)

    # -- formulas -----------------------------------------------------------------------------

    def _clauses(self, part: Arrays) -> Iterator[Formula]:
        for clause in part.clauses:
            yield of_clause(clause, self._formula)

    def _formula(self, part: Arrays) -> Formula:
        """All of ``part`` as one formula."""
        negation = self.algebra.negation
        literals = [atom(ALL_POSITIONS, TRUE, part.least)]
        if part.most is not None:
            literals.append(negate(atom(ALL_POSITIONS, TRUE, part.most + 1)))
        for i, term in enumerate(part.prefix):
            literals.append(negate(atom(Positions(i, i), negation(term))))
        literals.append(negate(atom(Positions(len(part.prefix), None), negation(part.rest))))
        return conjunction([*literals, *_counts(part), *_uniqueness(part), *self._clauses(part)])

    def formula_after(
        self, formula: Formula, satisfied: frozenset[Term], repeats: bool, items: int = 1
    ) -> Formula:
        """The formula after an item that satisfies ``satisfied``; or after several, where positions do not matter."""
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
            negation = self.algebra.negation(term)
            prefix = tuple([self.algebra.both(item, negation) for item in prefix])
            rest = self.algebra.both(rest, negation)
        return Arrays(prefix, rest, state.least, state.most)

    @property
    def enough(self) -> int:
        """An array can never need more distinct values than this."""
        return self.part.least + wants(self.start.formula) + len(self.part.prefix) + 1

    def cells_at(self, state: State) -> list[Cell]:
        """The values that the next item may have, by the terms that matter from here on."""
        item = self.part.item(state.position)
        if PAIR in state.formula.atoms:
            telling = frozenset(self._telling())
        else:
            telling = frozenset([each.term for each in state.formula.atoms if each.where.first == 0])
        cells = self._cells.get((item, telling))
        if cells is None:
            cells = list(ValuePartition(item, telling, self.algebra)) if telling else [(item, telling)]
            if len(cells) == 1:
                cells = [(item, cells[0][1])]
            self._cells[item, telling] = cells = [cell for cell in cells if self.algebra.inhabited(cell[0])]
        return cells

    def _telling(self) -> list[Term]:
        """The terms by which values are told apart while pairs of equal items matter: those of the formula, and those
        that may have too few values; or all terms, where an item must equal another."""
        if self._split_by is None:
            terms = dict.fromkeys([item.term for item in self.start.formula.atoms if item != PAIR])
            items = list(dict.fromkeys((*self.part.prefix, self.part.rest)))
            if len(items) > 1 and affirms(self.start.formula):
                terms.update(dict.fromkeys(items))
            elif len(items) > 1:
                terms = with_few(items, terms, self.enough, self.algebra)
            self._split_by = list(terms)
        return self._split_by

    def quick_answer(self, state: State) -> bool | None:
        """Whether an array can be completed, as far as one look shows; None if it does not."""
        if state.formula == NEVER or (state.most is not None and state.most < state.least):
            return False
        known = self._live.get(state)
        if known is not None:
            return known
        if self.may_end(state):
            return True
        part = self.settled(state)
        if part is not None:
            return part.inhabited(self.algebra)
        if state.formula == ONLY_UNIQUE and state.position == len(self.part.prefix):
            return self._has_distinct(state)
        return None

    def note_live(self, states: list[State]) -> None:
        """Remember that arrays can be completed from ``states``."""
        self._live.update(dict.fromkeys(states, True))

    def is_free(self, state: State) -> bool:
        """Whether, from here on, neither the order of items matters nor whether they are equal."""
        at_rest = state.position == len(self.part.prefix)
        return at_rest and all(item.where == ALL_POSITIONS for item in state.formula.atoms)

    def after_some(self, state: State, satisfied: frozenset[Term], items: int) -> State:
        """The state after this many items that satisfy just ``satisfied``, where positions do not matter."""
        future = self.formula_after(state.formula, satisfied, False, items)
        most = None if state.most is None else state.most - items
        return State(future, state.position, max(state.least - items, 0), most, self.read.empty)

    def _has_distinct(self, state: State) -> bool:
        """Whether enough values are left for the items that must come, all of one term."""
        taken = self.read.count_in((self.part.rest, frozenset()), state.used)
        return self.algebra.few_values(self.part.rest, taken + state.least - 1) is None


def wants(formula: Formula) -> int:
    return sum(item.least for item in formula.atoms)


def _counts(part: Arrays) -> Iterator[Formula]:
    for start, term, least, most in part.counts:
        where = Positions(start, None)
        yield atom(where, term, least)
        if most is not None:
            yield negate(atom(where, term, most + 1))


def _uniqueness(part: Arrays) -> Iterator[Formula]:
    if part.unique is not None:
        yield negate(REPEATED) if part.unique else REPEATED
