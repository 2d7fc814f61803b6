"""Classes of the property names that an object does not list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from constrain.errors import WorkLimitExceeded
from constrain.languages.json_schema.formula import Formula
from constrain.languages.json_schema.keys import UNBOUNDED, Keys
from constrain.languages.json_schema.term import FALSE, Term

if TYPE_CHECKING:
    from constrain.languages.json_schema.objects import Objects
    from constrain.languages.json_schema.terms import Terms

# A class of at most this many names is listed name by name.
MAX_LISTED = 64

# Patterns that overlap in every way make two to the power of their number; real schemas make a handful.
MAX_KINDS = 256

# The names in all of the first patterns and none of the second.
Cube = tuple[frozenset[Term], frozenset[Term]]


class Kind(NamedTuple):
    """Names that nothing in an object tells apart.

    Attributes:
        number: its place among the kinds of the object.
        key: the names, as a term over strings; listed names are in it, too.
        value: what the values of such properties satisfy.
        inside, outside: the terms that all its names satisfy, and those that none does.
        capacity: how many names there are.
    """

    number: int
    key: Term
    value: Term
    inside: frozenset[Term]
    outside: frozenset[Term]
    capacity: int

    def is_in(self, keys: Keys) -> bool:
        """Whether its names are in ``keys``; either all are or none is."""
        return keys.names is None and keys.inside <= self.inside and keys.outside <= self.outside

    def remaining(self, taken: tuple[int, ...]) -> int:
        """How many of its names are left when ``taken[i]`` names of kind *i* have been read."""
        return self.capacity if self.capacity == UNBOUNDED else self.capacity - taken[self.number]


def kinds_of(
    part: Objects, formula: Formula, declared: frozenset[str], terms: Terms
) -> tuple[list[str], list[Kind]]:
    """Names to be listed beside ``declared``, and the kinds of all other names that may occur.

    ``formula`` is what else is asked of the properties of ``part``.
    """
    telling = {term: None for item in formula.atoms for term in (*item.where.inside, *item.where.outside)}
    patterns = {pattern: None for shape in part.shapes for pattern, _ in shape.patterns}
    merged: dict[Any, tuple[Term, list[Cube]]] = {}
    for inside in sign_vectors([*patterns, *[term for term in telling if term not in patterns]], terms):
        value = _value(part, inside, terms)
        if value is not FALSE and terms.inhabited(value):
            outside = [term for term in {**patterns, **telling} if term not in inside]
            signs = (frozenset(telling).intersection(inside), frozenset(telling).intersection(outside))
            cubes = merged.setdefault((_meaning(value, terms), *signs), (value, []))[1]
            cubes.append((frozenset(inside), frozenset(outside)))
    listed: list[str] = []
    kinds: list[Kind] = []
    needed = max([part.least, MAX_LISTED, *[item.least for item in formula.atoms]])
    for (_, within, beyond), (value, cubes) in merged.items():
        told = dict.fromkeys([*patterns, *telling])
        key = terms.any_of([_cube(cube, told, terms) for cube in _joined(cubes, list(told))])
        names = terms.few_strings(key, needed + len(declared))
        if names is not None:
            names = [name for name in names if name not in declared]
        if names is not None and len(names) <= MAX_LISTED:
            listed.extend(names)
        else:
            capacity = UNBOUNDED if names is None else len(names)
            kinds.append(Kind(len(kinds), key, value, within, beyond, capacity))
    return listed, kinds


def sign_vectors(patterns: list[Term], terms: Terms) -> list[tuple[Term, ...]]:
    """For each set of names that no pattern divides: the patterns that hold them."""
    vectors: list[tuple[Term, ...]] = [()]
    for position, pattern in enumerate(patterns):
        before = patterns[:position]
        following = []
        for inside in vectors:
            outside = [term for term in before if term not in inside]
            if terms.inhabited(_key((*inside, pattern), outside, terms)):
                following.append((*inside, pattern))
            if terms.inhabited(_key(inside, [*outside, pattern], terms)):
                following.append(inside)
        vectors = following
        if len(vectors) > MAX_KINDS:
            raise WorkLimitExceeded(
                f"patternProperties that overlap divide the names into more than {MAX_KINDS} classes; "
                "use patterns that exclude each other"
            )
    return vectors


def _meaning(value: Term, terms: Terms) -> Any:
    """What equal answers of mean equal values: of ``maximum: 3`` and of that beside ``maximum: 5``."""
    normal = terms.normal.certain(value)
    return value if normal is None else (normal.constants, *normal.by_type())


def _joined(cubes: list[Cube], patterns: list[Term]) -> list[Cube]:
    """The same names in fewer cubes: two that differ in one pattern only are one that does not ask about it."""
    joined = dict.fromkeys(cubes)
    for pattern in patterns:
        one = frozenset([pattern])
        for inside, outside in list(joined):
            other = (inside - one, outside | one)
            if pattern in inside and other in joined:
                del joined[inside, outside], joined[other]
                joined[inside - one, outside] = None
    return list(joined)


def _cube(cube: Cube, patterns: Iterable[Term], terms: Terms) -> Term:
    inside, outside = cube
    return _key(
        [term for term in patterns if term in inside], [term for term in patterns if term in outside], terms
    )


def _key(inside: Iterable[Term], outside: Iterable[Term], terms: Terms) -> Term:
    return terms.all_of([terms.any_string, *inside, *[terms.negation(term) for term in outside]])


def _value(part: Objects, inside: tuple[Term, ...], terms: Terms) -> Term:
    """What the value of a name that is in just the patterns ``inside`` satisfies."""
    found = [part.additional]
    for shape in part.shapes:
        matching = [term for pattern, term in shape.patterns if pattern in inside]
        found.extend(matching or [shape.additional])
    return terms.all_of(found)
