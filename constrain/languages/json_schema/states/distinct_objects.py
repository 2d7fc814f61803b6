"""Objects that must differ from some given ones, as the items of ``uniqueItems`` do.

As a formula, to be none of n objects would be n disjunctions, each to be looked at with every property. Here
it is one set: the *rivals*, given objects that are equal to what has been read so far. It only shrinks, and
mostly the first property leaves one of them or none.
"""

from __future__ import annotations

from collections.abc import Iterator

from constrain.languages.json_schema.terms.term import Term
from constrain.languages.json_schema.values.normal_algebra import without
from constrain.languages.json_schema.values.objects import Objects
from constrain.languages.json_schema.values.value_algebra import ValueAlgebra

NONE: frozenset[Term] = frozenset()


def members(rival: Term) -> dict[str, Term]:
    """The properties of a rival, the term of an object's value: each of them the term of a value, too."""
    properties: dict[str, Term] = rival.schema.objects[0].properties
    return properties


class Rivals:
    """The rivals in the states of one ``Objects`` part, whose names have an ``index``."""

    __slots__ = ("_apart", "_bits", "_index", "_terms")

    def __init__(self, index: dict[str, int], terms: ValueAlgebra) -> None:
        self._index = index
        self._terms = terms
        self._bits: dict[Term, int] = {}
        self._apart: dict[tuple[Term, frozenset[Term]], Term] = {}

    def at_start(self, part: Objects, absent: int) -> frozenset[Term]:
        """Those that an object of ``part`` could be equal to; names that no object has are ``absent``, as bits."""
        index = self._index
        return frozenset(
            [
                rival
                for rival in part.rivals
                if members(rival).keys() <= index.keys() and not self._of(rival) & absent
            ]
        )

    def _of(self, rival: Term) -> int:
        bits = self._bits.get(rival)
        if bits is None:
            bits = self._bits[rival] = sum(1 << self._index[name] for name in members(rival))
        return bits

    def names(self, rivals: frozenset[Term]) -> int:
        """The names that some of ``rivals`` have, as bits."""
        bits = 0
        for rival in rivals:
            bits |= self._of(rival)
        return bits

    def lacking(self, rivals: frozenset[Term], names: int) -> frozenset[Term]:
        """Those of ``rivals`` that have none of ``names``."""
        return frozenset([rival for rival in rivals if not self._of(rival) & names]) if rivals else rivals

    def are_met(self, rivals: frozenset[Term], gone: int) -> bool:
        """Whether an object that ends here is equal to one of ``rivals``: all names that can come no more are read."""
        return any(not self._of(rival) & ~gone for rival in rivals)

    def divide(
        self, value: Term, name: str | None, passed: int, rivals: frozenset[Term]
    ) -> Iterator[tuple[Term, frozenset[Term]]]:
        """The values of a property, and the rivals that have it, too, those of no rival first.

        ``passed`` are the names, as bits, that can come no more behind it. ``name`` is None where no rival has it.
        """
        bit = 0 if name is None else 1 << self._index[name]
        groups: dict[Term, set[Term]] = {}
        for rival in rivals:
            if bit and self._of(rival) & passed == bit:
                groups.setdefault(members(rival)[name or ""], set()).add(rival)
        if not groups:
            yield value, NONE
            return
        apart = self._without(value, frozenset(groups))
        if self._terms.inhabited(apart):
            yield apart, NONE
        for constant, group in groups.items():
            alike = self._terms.both(value, constant)
            if self._terms.inhabited(alike):
                yield alike, frozenset(group)

    def _without(self, value: Term, constants: frozenset[Term]) -> Term:
        apart = self._apart.get((value, constants))
        if apart is None:
            apart = self._apart[value, constants] = without(value, constants, self._terms)
        return apart
