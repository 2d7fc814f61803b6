"""Objects that must differ from some given ones, as the items of ``uniqueItems`` do.

As a formula, differing from n objects would be n disjunctions, all to be looked at with every property. Here it is one
set: the given objects that agree with what has been read so far. It only shrinks, and the first property usually
leaves one object or none.
"""

from __future__ import annotations

from collections.abc import Iterator

from constrain.languages.json_schema.terms.term import Term
from constrain.languages.json_schema.values.normal_algebra import without
from constrain.languages.json_schema.values.objects import Objects
from constrain.languages.json_schema.values.value_algebra import ValueAlgebra

NONE: frozenset[Term] = frozenset()


def members(one: Term) -> dict[str, Term]:
    """The properties of a given object, ``one`` being the term of it; each of them is the term of one value, too."""
    properties: dict[str, Term] = one.schema.objects[0].properties
    return properties


class DistinctObjects:
    """The given objects in the states of one ``Objects`` part, whose names have an ``index``."""

    __slots__ = ("_algebra", "_apart", "_bits", "_index")

    def __init__(self, index: dict[str, int], algebra: ValueAlgebra) -> None:
        self._index = index
        self._algebra = algebra
        self._bits: dict[Term, int] = {}
        self._apart: dict[tuple[Term, frozenset[Term]], Term] = {}

    def at_start(self, part: Objects, absent: int) -> frozenset[Term]:
        """Those that an object of ``part`` could be equal to; names that no object has are ``absent``, as bits."""
        index = self._index
        return frozenset(
            [
                one
                for one in part.must_differ_from
                if members(one).keys() <= index.keys() and not self._of(one) & absent
            ]
        )

    def _of(self, one: Term) -> int:
        bits = self._bits.get(one)
        if bits is None:
            bits = self._bits[one] = sum(1 << self._index[name] for name in members(one))
        return bits

    def names(self, given: frozenset[Term]) -> int:
        """The names that some of ``given`` have, as bits."""
        bits = 0
        for one in given:
            bits |= self._of(one)
        return bits

    def lacking(self, given: frozenset[Term], names: int) -> frozenset[Term]:
        """Those of ``given`` that have none of ``names``."""
        return frozenset([one for one in given if not self._of(one) & names]) if given else given

    def are_met(self, given: frozenset[Term], gone: int) -> bool:
        """Whether an object that ends here equals one of ``given``: none of its names is missing."""
        return any(not self._of(one) & ~gone for one in given)

    def divide(
        self, value: Term, name: str | None, passed: int, given: frozenset[Term]
    ) -> Iterator[tuple[Term, frozenset[Term]]]:
        """The values of a property, and those of ``given`` that have it, too; those that none has come first.

        ``passed`` are the names, as bits, that can come no more after it. ``name`` is None where none of them has it.
        """
        bit = 0 if name is None else 1 << self._index[name]
        groups: dict[Term, set[Term]] = {}
        for one in given:
            if bit and self._of(one) & passed == bit:
                groups.setdefault(members(one)[name or ""], set()).add(one)
        if not groups:
            yield value, NONE
            return
        apart = self._without(value, frozenset(groups))
        if self._algebra.inhabited(apart):
            yield apart, NONE
        for constant, group in groups.items():
            alike = self._algebra.both(value, constant)
            if self._algebra.inhabited(alike):
                yield alike, frozenset(group)

    def _without(self, value: Term, constants: frozenset[Term]) -> Term:
        apart = self._apart.get((value, constants))
        if apart is None:
            apart = self._apart[value, constants] = without(value, constants, self._algebra)
        return apart
