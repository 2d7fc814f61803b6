"""Formulas after a property, for each of the values that it may have.

Whichever of many constants a value is, it makes few atoms true, and most of the formula stays the same. Rebuilding
all of it for every constant would cost the square of their number.
"""

from __future__ import annotations

from collections.abc import Collection

from constrain.languages.json_schema.terms.counting_formula import (
    ALWAYS,
    AND,
    ATOM,
    NEVER,
    NOT_ATOM,
    ONE,
    OR,
    Atom,
    Formula,
    conjunction,
    disjunction,
    exactly_one,
    negate,
)

Parts = tuple[list[tuple[Formula, Formula]], list[Formula]]


class Substitution:
    """Replaces atoms in formulas: by ``usual`` formulas, apart from a few *changes* at a time.

    ``usual`` may grow. It must hold all replacements in a formula before that formula is asked about.
    """

    __slots__ = ("_parts", "_usually", "usual")

    def __init__(self) -> None:
        self.usual: dict[Atom, Formula] = {}
        self._usually: dict[Formula, Formula] = {}
        self._parts: dict[Formula, Parts] = {}

    def knows(self, formula: Formula) -> bool:
        """Whether ``formula`` has been asked about."""
        return formula in self._usually or formula in self._parts

    def usually(self, formula: Formula) -> Formula:
        """The formula without any changes."""
        found = self._usually.get(formula)
        if found is None:
            found = self._usually[formula] = formula.substitute(self.usual, self._usually)
        return found

    def changed(self, formula: Formula, changes: dict[Atom, Formula]) -> Formula:
        """The formula where the atoms of ``changes`` are replaced by those."""
        touched = formula.atoms.intersection(changes)
        if not touched:
            return self.usually(formula)
        if formula.kind <= NOT_ATOM:
            found = changes[formula.parts]
            return found if formula.kind == ATOM else negate(found)
        held = {part for part in formula.parts if not part.atoms.isdisjoint(touched)}
        others, deciding = self._apart(formula)
        if any(part not in held for part in deciding):
            return NEVER if formula.kind == AND else ALWAYS
        parts = [following for part, following in others if part not in held]
        return _combined(formula.kind, [*parts, *[self.changed(part, changes) for part in held]])

    def _apart(self, formula: Formula) -> Parts:
        """The parts that are not neutral, with what usually replaces them; and those that decide the result alone."""
        found = self._parts.get(formula)
        if found is None:
            neutral = ALWAYS if formula.kind == AND else NEVER
            zero = {AND: NEVER, OR: ALWAYS}.get(formula.kind)
            following = [(part, self.usually(part)) for part in formula.parts]
            others = [pair for pair in following if pair[1] is not neutral and pair[1] is not zero]
            found = self._parts[formula] = others, [part for part, after in following if after is zero]
        return found


def _combined(kind: int, parts: Collection[Formula]) -> Formula:
    if kind == AND:
        return conjunction(parts)
    if kind == OR:
        return disjunction(parts)
    one = exactly_one(parts)
    return one if kind == ONE else negate(one)
