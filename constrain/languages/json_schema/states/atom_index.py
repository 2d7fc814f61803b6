"""What a formula asks about the value of one property."""

from __future__ import annotations

from collections.abc import Iterable

from constrain.languages.json_schema.states.value_partition import is_negation
from constrain.languages.json_schema.terms.counting_formula import NEVER, Atom, Formula
from constrain.languages.json_schema.terms.term import TRUE, Term


class AtomIndex:
    """The atoms of a formula that a property may count for, indexed by term. There may be hundreds of atoms, one for
    each of as many constants, and any one value concerns few of them.

    Attributes:
        atoms: those of each term.
        terms: all the terms.
        usual: those that most values satisfy.
    """

    __slots__ = ("_formula", "_unwanted", "_wanted", "atoms", "terms", "usual")

    def __init__(self, atoms: Iterable[Atom], formula: Formula) -> None:
        self.atoms: dict[Term, list[Atom]] = {}
        for item in atoms:
            self.atoms.setdefault(item.term, []).append(item)
        self.terms = frozenset(self.atoms)
        self.usual = frozenset([term for term in self.atoms if term is TRUE or is_negation(term)])
        self._formula = formula
        self._wanted: frozenset[Term] | None = None
        self._unwanted: frozenset[Term] | None = None

    @property
    def wanted(self) -> frozenset[Term]:
        """The terms of atoms that occur as they are."""
        if self._wanted is None:
            self._wanted = self._of(self._formula.positive)
        return self._wanted

    @property
    def unwanted(self) -> frozenset[Term]:
        """The terms of atoms that occur negated."""
        if self._unwanted is None:
            self._unwanted = self._of(self._formula.negative)
        return self._unwanted

    def _of(self, atoms: frozenset[Atom]) -> frozenset[Term]:
        """The terms of the atoms in ``atoms`` that the property may count for."""
        return frozenset([term for term, items in self.atoms.items() if not atoms.isdisjoint(items)])

    def in_usual(self) -> Iterable[Atom]:
        """The atoms that most values satisfy."""
        return (item for term in self.usual for item in self.atoms[term])

    def unusual(self, satisfied: frozenset[Term]) -> Iterable[Atom]:
        """The atoms by which a value that satisfies ``satisfied`` differs from most values."""
        return (item for term in self.usual ^ satisfied for item in self.atoms[term])

    def is_best(self, satisfied: frozenset[Term]) -> bool:
        """Whether no value serves the formula better than one that satisfies ``satisfied``: every atom that helps
        counts it, and none that harms."""
        return self.wanted <= satisfied and self.unwanted.isdisjoint(satisfied)

    @property
    def helps(self) -> bool:
        """Whether some value may help to satisfy the formula."""
        return bool(self.wanted)


NO_ATOMS = AtomIndex((), NEVER)
