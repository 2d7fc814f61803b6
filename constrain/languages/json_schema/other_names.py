"""Classes of the property names that an object does not list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from constrain.errors import WorkLimitExceeded
from constrain.languages.json_schema.enumeration import common_prefix
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
) -> tuple[dict[str, Term], list[Kind]]:
    """Names to be listed beside ``declared`` with what their values satisfy, and the kinds of all other names.

    ``formula`` is what else is asked of the properties of ``part``.
    """
    telling = {term: None for item in formula.atoms for term in (*item.where.inside, *item.where.outside)}
    patterns = {pattern: None for shape in part.shapes for pattern, _ in shape.patterns} | telling
    listed, wide = _few_and_many(part, list(patterns), terms)
    listed = {name: value for name, value in listed.items() if name not in declared}
    told = NamePatterns(wide, terms)
    merged: dict[Any, tuple[Term, list[Cube]]] = {}
    for inside in told.sign_vectors():
        value = _value(part, inside, terms)
        if value is not FALSE and terms.inhabited(value):
            signs = (frozenset(telling).intersection(inside), frozenset(telling).difference(inside))
            cubes = merged.setdefault((_meaning(value, terms), *signs), (value, []))[1]
            cubes.append((frozenset(inside), frozenset(wide).difference(inside)))
    kinds: list[Kind] = []
    needed = max([part.least, MAX_LISTED, *[item.least for item in formula.atoms]])
    for (_, within, beyond), (value, cubes) in merged.items():
        key = terms.any_of([told.names(*cube) for cube in _joined(cubes, wide)])
        names = terms.few_strings(key, needed + len(declared) + len(listed))
        if names is not None:
            names = [name for name in names if name not in declared and name not in listed]
        if names is not None and len(names) <= MAX_LISTED:
            listed.update(dict.fromkeys(names, value))
        else:
            capacity = UNBOUNDED if names is None else len(names)
            kinds.append(Kind(len(kinds), key, value, within, beyond, capacity))
    return listed, kinds


def _few_and_many(part: Objects, patterns: list[Term], terms: Terms) -> tuple[dict[str, Term], list[Term]]:
    """The names of the patterns that hold few, with what their values satisfy; and the other patterns."""
    holders: dict[str, list[Term]] = {}
    wide: list[Term] = []
    for pattern in patterns:
        names = terms.few_strings(pattern, MAX_LISTED)
        if names is None:
            wide.append(pattern)
        else:
            for name in names:
                holders.setdefault(name, []).append(pattern)
    listed = {}
    for name, few in holders.items():
        many = [pattern for pattern in wide if terms.accepts(pattern, name)]
        listed[name] = _value(part, (*few, *many), terms)
    return listed, wide


class NamePatterns:
    """Terms over strings, and which names they hold together. Most exclude each other: then few questions are asked."""

    __slots__ = ("_disjoint", "_patterns", "_prefixes", "_terms")

    def __init__(self, patterns: list[Term], terms: Terms) -> None:
        self._patterns = patterns
        self._terms = terms
        self._disjoint: dict[tuple[Term, Term], bool] = {}
        self._prefixes: dict[Term, bytes] = {}

    def sign_vectors(self) -> list[tuple[Term, ...]]:
        """For each set of names that no pattern divides: the patterns that hold them.

        That names are left outside of all others is asked at the end only: it costs most where nothing is ruled out.
        """
        vectors: list[tuple[Term, ...]] = [()]
        for position, pattern in enumerate(self._patterns):
            before = self._patterns[:position]
            held = [(*inside, pattern) for inside in vectors]
            vectors += [inside for inside in held if self._is_held(inside, before)]
            if len(vectors) > MAX_KINDS:
                vectors = [inside for inside in vectors if self._is_held(inside, [*before, pattern])]
            if len(vectors) > MAX_KINDS:
                raise WorkLimitExceeded(
                    f"patternProperties that overlap divide the names into more than {MAX_KINDS} classes; "
                    "use patterns that exclude each other"
                )
        return [inside for inside in vectors if self._is_held(inside, self._patterns)]

    def _is_held(self, inside: tuple[Term, ...], patterns: list[Term]) -> bool:
        """Whether there is a name in all of ``inside`` and in no other of ``patterns``."""
        last = inside[len(inside) - 1 :]
        if any(self._are_disjoint(pattern, other) for pattern in last for other in inside[:-1]):
            return False
        return self._terms.inhabited(self.names(inside, [term for term in patterns if term not in inside]))

    def names(self, inside: Iterable[Term], outside: Iterable[Term]) -> Term:
        """The names in all of ``inside`` and in none of ``outside``, of which what says nothing is left out."""
        terms, held = self._terms, [term for term in self._patterns if term in inside]
        others = [
            terms.negation(term)
            for term in self._patterns
            if term in outside and not any(self._are_disjoint(term, pattern) for pattern in held)
        ]
        return terms.all_of([terms.any_string, *held, *others])

    def _are_disjoint(self, one: Term, other: Term) -> bool:
        """Whether no name is in both."""
        answer = self._disjoint.get((one, other))
        if answer is None:
            ours, theirs = self._prefix(one), self._prefix(other)
            length = min(len(ours), len(theirs))
            terms = self._terms
            answer = ours[:length] != theirs[:length] or not terms.inhabited(
                terms.all_of([terms.any_string, one, other])
            )
            self._disjoint[one, other] = self._disjoint[other, one] = answer
        return answer

    def _prefix(self, pattern: Term) -> bytes:
        """What all names of ``pattern`` begin with, as they are spelled."""
        prefix = self._prefixes.get(pattern)
        if prefix is None:
            patterns = self._terms.patterns
            parts = [patterns.contents(part) for part in self._terms.normal(pattern).strings]
            prefix = self._prefixes[pattern] = common_prefix(patterns.arena, patterns.arena.union(parts))
        return prefix


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


def _value(part: Objects, inside: tuple[Term, ...], terms: Terms) -> Term:
    """What the value of a name that is in just the patterns ``inside`` satisfies."""
    found = [part.additional]
    for shape in part.shapes:
        matching = [term for pattern, term in shape.patterns if pattern in inside]
        found.extend(matching or [shape.additional])
    return terms.all_of(found)
