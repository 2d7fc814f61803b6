"""What leads from one state of an object to another, whether or not the object can be completed.

A state is what is still to be satisfied (a formula), which names can come no more, and how many
properties may and must follow. Reading a property splits its values into cells, by which terms of
the formula they satisfy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import copy
from typing import Any, TypeVar

from constrain.languages.json_schema.states.atom_index import NO_ATOMS, AtomIndex
from constrain.languages.json_schema.states.distinct_objects import DistinctObjects
from constrain.languages.json_schema.states.object_formula import conditions
from constrain.languages.json_schema.states.object_state import Prospect, State, Step, ValueCell
from constrain.languages.json_schema.states.undeclared_names import Kind, other_names
from constrain.languages.json_schema.states.value_partition import Cell, ValuePartition
from constrain.languages.json_schema.terms.counting_formula import AND, NEVER, Atom, Formula, atom
from constrain.languages.json_schema.terms.name_class import UNBOUNDED, NameClass
from constrain.languages.json_schema.terms.substitution import Substitution
from constrain.languages.json_schema.terms.term import FALSE, Term
from constrain.languages.json_schema.terms.work_budget import ATOMS, STATE
from constrain.languages.json_schema.text.json_text import has_spelling
from constrain.languages.json_schema.values.objects import Objects
from constrain.languages.json_schema.values.value_algebra import ValueAlgebra

States = TypeVar("States", bound="ObjectTransitions")


class ObjectTransitions:
    """The states of one ``Objects`` part, and what leads from one to another.

    Attributes:
        names: the listed names, which are told apart one by one.
        ordered: those with a place in schema order, as bits.
        others, kinds: the undeclared names, and classes of them.
        start: the state before the first property, for objects that need not differ from any.
    """

    __slots__ = (
        "_about", "_asked", "_cells", "_held", "_in_order", "_listed", "_mentioned", "_steps", "_unordered",
        "_without", "algebra", "distinct", "index", "kinds", "members", "names", "needed", "ordered", "others",
        "part", "start",
    )  # fmt: skip

    def __init__(self, part: Objects, algebra: ValueAlgebra) -> None:
        self.part = part
        self.algebra = algebra
        named = list(part.names())
        self._about: dict[str | None, set[Atom]] = {}
        self._asked: dict[tuple[Formula, str | int | None], AtomIndex] = {}
        self._steps: dict[tuple[int, bool], tuple[Substitution, dict[Any, Formula]]] = {}
        self._without: dict[tuple[Formula, int], Formula] = {}
        formula = conditions(part, algebra)
        algebra.budget.spend(STATE + len(formula.atoms) // ATOMS)
        for item in formula.atoms:
            self._atom(*item)
        silent = part.silent_names()
        listed, self.others = other_names(part, formula, frozenset([*part.names(), *silent]), algebra)
        self.kinds = self.others.kinds
        self.names = [*named, *silent, *listed]
        self.ordered = 0 if algebra.options.property_order == "any" else (1 << len(named)) - 1
        self.index = {name: i for i, name in enumerate(self.names)}
        self.members = [
            (listed.get(name) or part.member(name, algebra)) if has_spelling(name) else FALSE
            for name in self.names
        ]
        self.needed = sum(1 << self.index[name] for name in part.required if name in self.index)
        absent = sum(1 << i for i, term in enumerate(self.members) if not algebra.inhabited(term))
        self._cells: dict[Any, ValuePartition] = {}
        self._in_order: Any = None
        self._unordered: Any = None
        self._mentioned: dict[Formula, int] = {}
        self._listed: dict[Formula, int] = {}
        self._held: dict[NameClass, int] = {}
        possible = (
            len(self.index.keys() & part.required.keys()) == len(part.required) and not self.needed & absent
        )
        formula = self.without(formula, absent) if possible else NEVER
        refused = algebra.languages.arena.text_set(
            filter(None, map(algebra.languages.alphabet.spell, self.names))
        )
        self.start = State(formula, absent, refused, (0,) * len(self.kinds), part.least, part.most)
        self.distinct = DistinctObjects(self.index, algebra)

    def start_of(self, part: Objects) -> State:
        """The state before the first property of an object of ``part``, which may have to differ from others."""
        if not part.must_differ_from:
            return self.start
        return self.start._replace(must_differ_from=self.distinct.at_start(part, self.start.gone))

    def in_order(self: States) -> States:
        """The same states, except that all listed names come in one order.

        Whether an object can be completed does not depend on the order. In any order, a search for the answer
        would pass as many states as there are sets of names.
        """
        if self._in_order is None:
            every = (1 << len(self.names)) - 1
            states = self if self.ordered == every else copy(self)
            states.ordered = every
            states._in_order = states
            self._in_order = states
        known: States = self._in_order
        return known

    def unordered(self: States) -> States:
        """The same states, except that names may come in any order."""
        if self._unordered is None:
            states = copy(self)
            states.ordered = 0
            self._unordered = states
        known: States = self._unordered
        return known

    # -- formulas -----------------------------------------------------------------------------

    def _holds(self, item: Atom, name: str | None, kind: Kind | None) -> bool:
        if kind is not None:
            return kind.is_in(item.where)
        return name is not None and item.where.holds(name, self.algebra)

    def _atom(self, where: NameClass, term: Term, least: int) -> Formula:
        """The formula of an atom, which is entered into the index that ``_atoms_about`` uses."""
        formula = atom(where, term, least)
        for item in formula.atoms:
            for name in (None,) if where.names is None else where.names:
                self._about.setdefault(name, set()).add(item)
        return formula

    def _atoms_about(self, formula: Formula, name: str | None) -> Iterable[Atom]:
        """The atoms of a formula that list ``name``; for None, those that list no names."""
        about = self._about.get(name)
        return formula.atoms & about if about else ()

    def about_others(self, formula: Formula) -> Iterable[Atom]:
        """The atoms of a formula that list no names."""
        return self._atoms_about(formula, None)

    def asked(self, formula: Formula, name: str | None, kind: Kind | None) -> AtomIndex:
        """What a formula asks about the value of a property."""
        place = name if kind is None else ~kind.number
        asked = self._asked.get((formula, place))
        if asked is None:
            atoms = [item for item in self._atoms_about(formula, None) if self._holds(item, name, kind)]
            if name is not None:
                atoms.extend(self._atoms_about(formula, name))
            asked = self._asked[formula, place] = AtomIndex(atoms, formula)
        return asked

    def formula_after(self, formula: Formula, step: Step, asked: AtomIndex = NO_ATOMS) -> Formula:
        """The formula after a property, about which it asks ``asked``."""
        place, satisfied = step[:2], step.satisfied
        steps = self._steps.get(place)
        if steps is None:
            steps = self._steps[place] = (Substitution(), {})
        substitution, known = steps
        found = known.get((formula, satisfied))
        if found is None:
            gone = frozenset([self.names[step.name]]) if step.name >= 0 else frozenset()
            if not substitution.knows(formula):
                for name in gone:
                    for item in self._atoms_about(formula, name):
                        substitution.usual[item] = self._atom(item.where.without(gone), item.term, item.least)
                for item in asked.in_usual():
                    substitution.usual[item] = self._atom(item.where.without(gone), item.term, item.least - 1)
            changes = {
                item: self._atom(item.where.without(gone), item.term, item.least - (item.term in satisfied))
                for item in asked.unusual(satisfied)
            }
            found = substitution.changed(formula, changes) if changes else substitution.usually(formula)
            known[formula, satisfied] = found
        return found

    def without(self, formula: Formula, names: int) -> Formula:
        """The formula if none of ``names``, as bits, comes. It is found name by name, as most names are skipped one
        by one."""
        names &= self._listed_in(formula)
        left = []
        while names and (formula, names) not in self._without:
            left.append(names.bit_length() - 1)
            names ^= 1 << left[-1]
        found = self._without[formula, names] if names else formula
        for i in reversed(left):
            names |= 1 << i
            found = self._without[formula, names] = self.formula_after(found, Step(i, False, frozenset()))
        return found

    # -- moves --------------------------------------------------------------------------------

    def may_end(self, state: State) -> bool:
        """Whether the object may be closed."""
        return (
            state.least <= 0
            and not self.needed & ~state.gone
            and state.formula.at_end()
            and not self.distinct.are_met(state.must_differ_from, state.gone)
        )

    def mentioned_in(self, formula: Formula) -> int:
        """The listed names, as bits, that the formula mentions."""
        mentioned = self._mentioned.get(formula)
        if mentioned is None:
            mentioned = self._listed_in(formula)
            for item in self._atoms_about(formula, None):
                mentioned |= self._holding(item.where)
            self._mentioned[formula] = mentioned
        return mentioned

    def _holding(self, where: NameClass) -> int:
        """The listed names, as bits, that a class holds."""
        bits = self._held.get(where)
        if bits is None:
            bits = sum(1 << i for i, name in enumerate(self.names) if where.holds(name, self.algebra))
            self._held[where] = bits
        return bits

    def asked_for(self, state: State) -> int:
        """The names, as bits, that must still come; if there are none, those listed by atoms that the formula asks
        for."""
        asked = self.needed & ~state.gone
        if not asked:
            formula = state.formula
            for part in formula.parts if formula.kind == AND else (formula,):
                if not part.at_end():
                    for item in part.positive:
                        for name in item.where.names or ():
                            asked |= 1 << self.index[name]
        return asked & ~state.gone

    def _listed_in(self, formula: Formula) -> int:
        """The names, as bits, that are listed by atoms of the formula."""
        listed = self._listed.get(formula)
        if listed is None:
            listed = 0
            for item in formula.atoms:
                for name in item.where.names or ():
                    listed |= 1 << self.index[name]
            self._listed[formula] = listed
        return listed

    def with_used(self, state: State, kind: Kind, name: bytes) -> State:
        """The state after the undeclared ``name`` of ``kind``, which must not come again."""
        refused = self.algebra.languages.arena.with_text(state.refused, name)
        return self.with_some_name(state, kind)._replace(refused=refused)

    def available(self, state: State) -> int:
        """The listed names, as bits, that may be next: in schema order, those up to the next one that must come."""
        available = ~state.gone & ((1 << len(self.names)) - 1)
        needed = self.needed & available & self.ordered
        if needed:
            available &= (needed & -needed) * 2 - 1
        return available

    def other_candidates(self, state: State) -> Iterator[Kind]:
        if state.most == 0 or self.needed & ~state.gone & self.ordered:
            return
        for kind in self.kinds:
            if kind.remaining(state.taken) > 0:
                yield kind

    def futures(
        self, state: State, name: str | None, i: int | None, kind: Kind | None
    ) -> Iterator[tuple[Term, State, bool]]:
        """The cells of a property's values, the state after each, and whether no other cell is better.

        They are found one by one, as a search for a completion mostly needs only the first.
        """
        prospect = self.prospect(state, name, i, kind)
        for cell in self.cells_of(state, prospect):
            following = self.future(state, cell, prospect)
            if following.formula != NEVER:
                yield cell.value, following, cell.best

    def prospect(self, state: State, name: str | None, i: int | None, kind: Kind | None) -> Prospect:
        value = kind.value if kind is not None else self.members[i or 0]
        gone = self.gone_after(state.gone, i)
        passed = gone & ~state.gone
        before = passed if i is None else passed & ~(1 << i)
        formula = self.without(state.formula, before) if before else state.formula
        read = (i or 0) if kind is None else ~kind.number
        return Prospect(name, read, value, formula, self.asked(formula, name, kind), gone, passed)

    def cells_of(self, state: State, prospect: Prospect) -> Iterator[ValueCell]:
        """The values of a property, divided by what the formula asks about."""
        name, _, value, _, asked, _, passed = prospect
        alone = state.most is None and passed & (passed - 1) == 0
        for like, must_differ_from in self.distinct.divide(value, name, passed, state.must_differ_from):
            for term, satisfied in self._split(like, asked.terms):
                best = alone and not must_differ_from and asked.is_best(satisfied)
                yield ValueCell(term, satisfied, must_differ_from, best)

    def future(self, state: State, cell: ValueCell, prospect: Prospect) -> State:
        """The state after a property."""
        formula = self.formula_after(
            prospect.formula, Step(prospect.read, True, cell.satisfied), prospect.asked
        )
        least, most = max(state.least - 1, 0), None if state.most is None else state.most - 1
        return State(formula, prospect.gone, state.refused, state.taken, least, most, cell.must_differ_from)

    def gone_after(self, gone: int, i: int | None) -> int:
        """The names that can no longer come once name ``i`` (None: an undeclared one) has been read."""
        if i is None:
            return gone | self.ordered
        bit = 1 << i
        return gone | bit | (((bit << 1) - 1) & self.ordered if bit & self.ordered else self.ordered)

    def _split(self, value: Term, terms: frozenset[Term]) -> Iterable[Cell]:
        if not terms:
            return [(value, terms)]
        cells = self._cells.get((value, terms))
        if cells is None:
            cells = self._cells[value, terms] = ValuePartition(value, terms, self.algebra)
        return cells

    def with_some_name(self, state: State, kind: Kind) -> State:
        """The state after some name of ``kind``, as far as the number of such names matters."""
        if kind.capacity == UNBOUNDED:
            return state
        taken = [*state.taken]
        taken[kind.number] += 1
        return state._replace(taken=tuple(taken))
