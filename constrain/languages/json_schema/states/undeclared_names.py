"""Classes of the property names that an object does not list."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable
from typing import Any, NamedTuple

from constrain.errors import WorkLimitExceeded
from constrain.languages.json_schema.terms.counting_formula import Formula
from constrain.languages.json_schema.terms.name_class import UNBOUNDED, NameClass
from constrain.languages.json_schema.terms.term import FALSE, Term
from constrain.languages.json_schema.text.bits import bits_of
from constrain.languages.json_schema.values.objects import Objects
from constrain.languages.json_schema.values.shortest_texts import common_prefix, shortest
from constrain.languages.json_schema.values.value_algebra import ValueAlgebra

# Classes of at most this many names are listed name by name.
MAX_LISTED = 64

# Patterns that overlap in every way make two to the power of their number of classes; real schemas make a handful.
MAX_KINDS = 256

# The most states of a pattern that are looked at for a shortest name.
MAX_STATES = 300


class Kind(NamedTuple):
    """Names that nothing in an object tells apart.

    Attributes:
        number: its place among the kinds of the object.
        key: the names, as a term over strings, which may hold listed names too.
        value: what the values of such properties satisfy.
        inside, outside: the terms that all of its names satisfy, and those that none does.
        capacity: how many names there are.
    """

    number: int
    key: Term
    value: Term
    inside: frozenset[Term]
    outside: frozenset[Term]
    capacity: int

    def is_in(self, keys: NameClass) -> bool:
        """Whether its names are in ``keys``; either all are or none is."""
        return keys.names is None and keys.inside <= self.inside and keys.outside <= self.outside

    def remaining(self, taken: tuple[int, ...]) -> int:
        """How many of its names are left when ``taken[i]`` names of kind *i* have been read."""
        return self.capacity if self.capacity == UNBOUNDED else self.capacity - taken[self.number]


class OtherNames:
    """The names that an object does not list.

    Attributes:
        kinds: classes of them.
    """

    __slots__ = ("_by_patterns", "_told", "_unions", "kinds")

    def __init__(self, told: NamePatterns) -> None:
        self.kinds: list[Kind] = []
        self._told = told
        self._by_patterns: dict[tuple[Term, ...], Kind] = {}
        self._unions: dict[tuple[int, ...], Term] = {}

    def add(self, kind: Kind, held: list[tuple[Term, ...]]) -> None:
        """One more kind: the names that some of ``held`` hold, and no other pattern."""
        self.kinds.append(kind)
        self._by_patterns.update(dict.fromkeys(held, kind))

    def kind_of(self, begun: bytes, rest: bytes) -> Kind:
        """The kind of the name ``begun rest`` (its spelling without quotes), which is in one."""
        return self._by_patterns[self._told.holders(begun, rest)]

    def names_of(self, kinds: list[Kind]) -> Term:
        """The names of some kinds."""
        if len(kinds) == 1:
            return kinds[0].key
        numbers = tuple(kind.number for kind in kinds)
        found = self._unions.get(numbers)
        if found is None:
            held = [patterns for patterns, kind in self._by_patterns.items() if kind.number in numbers]
            found = self._unions[numbers] = self._told.union(held)
        return found


def other_names(
    part: Objects, formula: Formula, declared: frozenset[str], algebra: ValueAlgebra
) -> tuple[dict[str, Term], OtherNames]:
    """Names to be listed beside ``declared`` with what their values satisfy, and all other names.

    ``formula`` is what else is asked of the properties of ``part``.
    """
    telling = {term: None for item in formula.atoms for term in (*item.where.inside, *item.where.outside)}
    patterns = {pattern: None for shape in part.shapes for pattern, _ in shape.patterns} | telling
    listed, wide = _few_and_many(part, list(patterns), algebra)
    listed = {name: value for name, value in listed.items() if name not in declared}
    groups = _grouped(part, wide, telling, algebra)
    told = NamePatterns(list(groups), algebra)
    merged: dict[Any, tuple[Term, list[tuple[Term, ...]]]] = {}
    for inside in told.sign_vectors():
        value = _value(part, tuple([groups[pattern] for pattern in inside]), algebra)
        if value is not FALSE and algebra.inhabited(value):
            signs = (frozenset(telling).intersection(inside), frozenset(telling).difference(inside))
            merged.setdefault((_meaning(value, algebra), *signs), (value, []))[1].append(inside)
    others = OtherNames(told)
    needed = max([part.least, MAX_LISTED, *[item.least for item in formula.atoms]])
    for (_, within, beyond), (value, held) in merged.items():
        key = told.union(held)
        names = algebra.few_strings(key, needed + len(declared) + len(listed))
        if names is not None:
            names = [name for name in names if name not in declared and name not in listed]
        if names is not None and len(names) <= MAX_LISTED:
            listed.update(dict.fromkeys(names, value))
        else:
            capacity = UNBOUNDED if names is None else len(names)
            others.add(Kind(len(others.kinds), key, value, within, beyond, capacity), held)
    return listed, others


def _few_and_many(
    part: Objects, patterns: list[Term], algebra: ValueAlgebra
) -> tuple[dict[str, Term], list[Term]]:
    """The names of patterns that hold few names, with what their values satisfy; and all other patterns."""
    holders: dict[str, list[Term]] = {}
    wide: list[Term] = []
    for pattern in patterns:
        names = algebra.few_strings(pattern, MAX_LISTED)
        if names is None:
            wide.append(pattern)
        else:
            for name in names:
                holders.setdefault(name, []).append(pattern)
    listed = {}
    for name, few in holders.items():
        many = [pattern for pattern in wide if algebra.accepts(pattern, name)]
        listed[name] = _value(part, (*few, *many), algebra)
    return listed, wide


def _grouped(
    part: Objects, patterns: list[Term], telling: Container[Term], algebra: ValueAlgebra
) -> dict[Term, Term]:
    """Unions of ``patterns`` that ask the same of values, each with one pattern that represents it. Telling these apart
    would make more classes than are needed. Patterns in ``telling`` stay as they are."""
    alike: dict[Any, list[Term]] = {}
    for pattern in patterns:
        asked = [
            tuple([_meaning(term, algebra) for other, term in shape.patterns if other is pattern])
            for shape in part.shapes
        ]
        alike.setdefault(pattern if pattern in telling else tuple(asked), []).append(pattern)
    return {algebra.any_of(group): group[0] for group in alike.values()}


class NamePatterns:
    """Terms over strings, and which of them can hold a name together. Sets of patterns are bits here.

    Most patterns exclude each other, or an example can be put together from names of each. What that answers need not
    be asked of languages.
    """

    __slots__ = ("_algebra", "_contents", "_disjoint", "_found", "_patterns", "_read", "_shortest", "_tried")

    def __init__(self, patterns: list[Term], algebra: ValueAlgebra) -> None:
        self._patterns = patterns
        self._algebra = algebra
        self._disjoint: dict[tuple[int, int], bool] = {}
        self._tried: dict[str, int] = {}
        arena, contents = algebra.languages.arena, algebra.languages.contents
        self._contents = [arena.union(map(contents, algebra.normal(term).strings)) for term in patterns]
        self._shortest: dict[int, str] = {}
        self._found: list[int] = []
        self._read: tuple[bytes, list[Any]] = b"", []

    def sign_vectors(self) -> list[tuple[Term, ...]]:
        """For each class of names that no pattern divides: the patterns that hold them.

        Whether a name is in no other pattern is asked at the end only, as that costs most.
        """
        vectors = [0]
        self._try("")
        for position in range(len(self._patterns)):
            bit = 1 << position
            vectors += [inside | bit for inside in vectors if self._is_held(inside | bit, 2 * bit - 1)]
            if len(vectors) > MAX_KINDS:
                vectors = [inside for inside in vectors if self._is_held(inside, 2 * bit - 1)]
            if len(vectors) > MAX_KINDS:
                raise WorkLimitExceeded(
                    f"patternProperties that overlap divide the names into more than {MAX_KINDS} classes; "
                    "use patterns that exclude each other, or that ask the same of values",
                    limit="MAX_KINDS",
                    value=MAX_KINDS,
                )
        every = (1 << len(self._patterns)) - 1
        self._found = [inside for inside in vectors if self._is_held(inside, every)]
        return [tuple(self._of(inside)) for inside in self._found]

    def holders(self, begun: bytes, rest: bytes) -> tuple[Term, ...]:
        """The patterns that hold the name ``begun rest``, as it is spelled without its quotes."""
        matches = self._algebra.languages.arena.matches
        pairs = zip(self._patterns, self._left_by(begun), strict=True)
        return tuple(term for term, node in pairs if matches(node, rest))

    def _left_by(self, begun: bytes) -> list[Any]:
        """What remains of the patterns after ``begun``. Mostly that continues what was asked last."""
        arena = self._algebra.languages.arena
        read, nodes = self._read
        if not nodes or not begun.startswith(read):
            read, nodes = b"", [arena.leaf(node) for node in self._contents]
        if len(begun) > len(read):
            nodes = [arena.advance(node, begun[len(read) :]) for node in nodes]
        self._read = begun, nodes
        return nodes

    def union(self, vectors: Iterable[tuple[Term, ...]]) -> Term:
        """The names that are held by just the patterns of one of ``vectors``, which are some of the sign vectors.

        Only conditions that set them apart from other vectors are kept; for all vectors together, there are none.
        """
        wanted = [self._bits(inside) for inside in vectors]
        others = [inside for inside in self._found if inside not in wanted]
        found = []
        while wanted:
            signs = self._telling(wanted[0], others)
            found.append(self._names(wanted[0] & signs, signs & ~wanted[0]))
            wanted = [inside for inside in wanted if (inside ^ wanted[0]) & signs]
        return self._algebra.any_of(found)

    def _telling(self, inside: int, others: list[int]) -> int:
        """A minimal set of patterns that sets a vector apart from ``others``, preferring patterns that are in it."""
        signs = (1 << len(self._patterns)) - 1
        for place in (*bits_of(signs & ~inside), *bits_of(inside)):
            fewer = signs ^ 1 << place
            if all((inside ^ other) & fewer for other in others):
                signs = fewer
        return signs

    def names(self, inside: Iterable[Term], outside: Iterable[Term]) -> Term:
        """The names in all of ``inside`` and in none of ``outside``."""
        return self._names(self._bits(inside), self._bits(outside))

    def _bits(self, patterns: Iterable[Term]) -> int:
        return sum(1 << self._patterns.index(term) for term in patterns)

    def _of(self, patterns: int) -> list[Term]:
        return [self._patterns[i] for i in bits_of(patterns)]

    def _names(self, inside: int, outside: int) -> Term:
        """The same, without conditions that follow from the others."""
        algebra = self._algebra
        others = [
            algebra.negation(self._patterns[i])
            for i in bits_of(outside)
            if not any(self._are_disjoint(i, other) for other in bits_of(inside))
        ]
        return algebra.all_of([algebra.any_string, *self._of(inside), *others])

    def _is_held(self, inside: int, told: int) -> bool:
        """Whether there is a name in all of ``inside`` and in no other pattern of ``told``."""
        if self._example(inside, told) is not None:
            return True
        if inside:
            last = inside.bit_length() - 1
            before = inside ^ 1 << last
            if any(self._are_disjoint(other, last) for other in bits_of(before)):
                return False
            begun, more = self._example(before, told), self._shortest_of(last)
            for name in (more,) if begun is None else (more, begun + more, more + begun):
                self._try(name)
            if self._example(inside, told) is not None:
                return True
        return self._algebra.inhabited(self._names(inside, told & ~inside))

    def _example(self, inside: int, told: int) -> str | None:
        """A name tried so far that is in all of ``inside`` and in no other pattern of ``told``."""
        return next((name for name, held in self._tried.items() if held & told == inside), None)

    def _try(self, name: str) -> None:
        if name not in self._tried:
            accepts = self._algebra.accepts
            self._tried[name] = sum(1 << i for i, term in enumerate(self._patterns) if accepts(term, name))

    def _shortest_of(self, number: int) -> str:
        """A shortest name of a pattern if one is easily found; else the empty name, which is as good a guess."""
        name = self._shortest.get(number)
        if name is None:
            text = shortest(self._algebra.languages.arena, self._contents[number], MAX_STATES) or b""
            name = self._shortest[number] = json.loads(b'"' + text + b'"')
        return name

    def _are_disjoint(self, one: int, other: int) -> bool:
        """Whether no name is in both."""
        pair = (min(one, other), max(one, other))
        answer = self._disjoint.get(pair)
        if answer is None:
            arena, algebra = self._algebra.languages.arena, self._algebra
            ours, theirs = (common_prefix(arena, self._contents[number]) for number in pair)
            length = min(len(ours), len(theirs))
            answer = self._disjoint[pair] = ours[:length] != theirs[:length] or not algebra.inhabited(
                algebra.all_of([algebra.any_string, *self._of(1 << one | 1 << other)])
            )
        return answer


def _meaning(value: Term, algebra: ValueAlgebra) -> Any:
    """A key that is equal for terms of equal values, such as ``maximum: 3`` and that beside ``maximum: 5``."""
    normal = algebra.normal.certain(value)
    return value if normal is None else (normal.constants, *normal.by_type())


def _value(part: Objects, inside: tuple[Term, ...], algebra: ValueAlgebra) -> Term:
    """What the value of a name that is in just the patterns ``inside`` satisfies."""
    found = [part.additional]
    for shape in part.shapes:
        matching = [term for pattern, term in shape.patterns if pattern in inside]
        found.extend(matching or [shape.additional])
    return algebra.all_of(found)
