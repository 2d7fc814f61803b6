"""Boolean formulas over counting atoms: what remains to be satisfied while an object or array is read.

One kind of atom is enough: *at least n members of a class have a value in a term*. That a key is
required, that a class of keys is restricted to some values, that a number of items must match - each
is an atom or its negation, and conjunction and complement cost nothing (Attouche et al., 'Witness
generation for JSON Schema', PVLDB 2022, use counting atoms to the same end).

When a member is read, the atoms whose class holds it are counted down or not, depending on its value
(``substitute``); at the end of the object or array what is left of every atom is false (``at_end``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from constrain.languages.json_schema.terms.clause import ONE as ONE_ARM
from constrain.languages.json_schema.terms.clause import SOME, Clause
from constrain.languages.json_schema.terms.term import FALSE, Term

ATOM, NOT_ATOM, AND, OR, ONE, NOT_ONE = range(6)
NEGATED = (NOT_ATOM, ATOM, OR, AND, NOT_ONE, ONE)


class Atom(NamedTuple):
    """At least ``least`` members of the class ``where`` have a value in ``term``."""

    where: Any
    term: Term
    least: int


NONE: frozenset[Atom] = frozenset()


class Formula:
    """An atom, its negation, or a combination of formulas.

    Attributes:
        kind: ATOM or NOT_ATOM, an atom or its negation; AND or OR (of nothing: true, false); ONE or NOT_ONE,
            exactly one of the parts, or not exactly one.
        parts: the one ``Atom``; of AND and OR, a frozenset of formulas; of ONE and NOT_ONE, a tuple.
        atoms: all atoms in it.
    """

    __slots__ = ("_ends", "_hash", "_negation", "_negative", "_positive", "atoms", "kind", "parts")

    def __init__(self, kind: int, parts: Any) -> None:
        self.kind = kind
        self.parts = parts
        self.atoms: frozenset[Atom]
        self._ends: bool
        self._positive: frozenset[Atom] | None = None
        self._negative: frozenset[Atom] | None = None
        self._negation: Formula | None = None
        if kind <= NOT_ATOM:
            self.atoms = frozenset([parts])
            self._ends = kind == NOT_ATOM
        else:
            self.atoms = NONE.union(*[part.atoms for part in parts])
            ends = sum([part._ends for part in parts])
            if kind >= ONE:
                self._ends = (ends == 1) is (kind == ONE)
            else:
                self._ends = ends == len(parts) if kind == AND else ends > 0
        self._hash = hash((kind, parts))

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Formula)
            and self._hash == other._hash
            and self.kind == other.kind
            and self.parts == other.parts
        )

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        if self.kind <= NOT_ATOM:
            return ("not " if self.kind == NOT_ATOM else "") + repr(tuple(self.parts))
        joined = (" and ", " or ", " xor ", " xnor ")[self.kind - AND].join(map(repr, self.parts))
        return f"({joined})" if joined else ("true" if self.kind == AND else "false")

    def at_end(self) -> bool:
        """Whether it holds if no member follows."""
        return self._ends

    @property
    def positive(self) -> frozenset[Atom]:
        """The atoms that occur as they are."""
        if self._positive is None:
            if self.kind <= NOT_ATOM:
                self._positive = self.atoms if self.kind == ATOM else NONE
            elif self.kind >= ONE:
                self._positive = self.atoms
            else:
                self._positive = NONE.union(*[part.positive for part in self.parts])
        return self._positive

    @property
    def negative(self) -> frozenset[Atom]:
        """The atoms that occur negated."""
        if self._negative is None:
            if self.kind <= NOT_ATOM:
                self._negative = self.atoms if self.kind == NOT_ATOM else NONE
            elif self.kind >= ONE:
                self._negative = self.atoms
            else:
                self._negative = NONE.union(*[part.negative for part in self.parts])
        return self._negative

    def substitute(
        self, replacement: dict[Atom, Formula], known: dict[Formula, Formula] | None = None
    ) -> Formula:
        """The formula with some atoms replaced. ``known`` remembers what became of the parts of formulas."""
        if len(self.atoms) < len(replacement):  # `intersection` would run through all of a dictionary
            replaced = frozenset(atom for atom in self.atoms if atom in replacement)
        else:
            replaced = self.atoms.intersection(replacement)
        return self._substitute(replacement, replaced, {} if known is None else known) if replaced else self

    def _substitute(
        self, replacement: dict[Atom, Formula], replaced: frozenset[Atom], known: dict[Formula, Formula]
    ) -> Formula:
        if self.kind <= NOT_ATOM:
            if self.parts not in replaced:
                return self
            found = replacement[self.parts]
            return found if self.kind == ATOM else negate(found)
        parts = []
        for part in self.parts:
            following = part
            if not part.atoms.isdisjoint(replaced):
                following = known.get(part)
                if following is None:
                    following = known[part] = part._substitute(replacement, replaced, known)
            parts.append(following)
        if self.kind >= ONE:
            one = exactly_one(parts)
            return one if self.kind == ONE else negate(one)
        return _combine(self.kind, parts)


NEVER = Formula(OR, frozenset())
ALWAYS = Formula(AND, frozenset())


def atom(where: Any, term: Term, least: int = 1) -> Formula:
    """At least ``least`` members of ``where`` have a value in ``term``."""
    if least <= 0:
        return ALWAYS
    return NEVER if term is FALSE or where.most < least else Formula(ATOM, Atom(where, term, least))


def negate(formula: Formula) -> Formula:
    """The negation, pushed down to the atoms (De Morgan)."""
    found = formula._negation
    if found is None:
        kind, parts = formula.kind, formula.parts
        if kind in (AND, OR):
            found = _combine(NEGATED[kind], [negate(part) for part in parts])
        else:
            found = Formula(NEGATED[kind], parts)
        formula._negation = found
    return found


def conjunction(parts: Iterable[Formula]) -> Formula:
    return _combine(AND, parts)


def disjunction(parts: Iterable[Formula]) -> Formula:
    return _combine(OR, parts)


def exactly_one(parts: Iterable[Formula]) -> Formula:
    """Exactly one of ``parts`` holds. Laws: false parts are dropped, a true part decides."""
    undecided = []
    true = 0
    for part in parts:
        if part is ALWAYS:
            true += 1
        elif part is not NEVER:
            undecided.append(part)
    if true > 1 or not (true or undecided):
        return NEVER
    if true:
        return conjunction([negate(part) for part in undecided])
    return undecided[0] if len(undecided) == 1 else Formula(ONE, tuple(undecided))


def of_clause(clause: Clause, translate: Callable[[Any], Formula]) -> Formula:
    """The formula of a clause; ``translate`` turns its alternatives into formulas."""
    arms = [disjunction([translate(part) for part in arm]) for arm in clause.arms]
    if clause.kind == SOME:
        return disjunction(arms)
    one = exactly_one(arms)
    return one if clause.kind == ONE_ARM else negate(one)


def _combine(kind: int, parts: Iterable[Formula]) -> Formula:
    """Laws: associativity, idempotence, unit, zero, contradiction or excluded middle."""
    unit, zero = (ALWAYS, NEVER) if kind == AND else (NEVER, ALWAYS)
    flat: set[Formula] = set()
    for part in parts:
        if part is zero:
            return zero
        if part.kind == kind:
            flat.update(part.parts)
        elif part is not unit:
            flat.add(part)
    affirmed = {part.parts for part in flat if part.kind == ATOM}
    if affirmed and any(part.kind == NOT_ATOM and part.parts in affirmed for part in flat):
        return zero
    if len(flat) < 2:
        return next(iter(flat), unit)
    return Formula(kind, frozenset(flat))
