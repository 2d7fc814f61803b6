"""Objects: terms of named properties and of all others, numbers of properties, clauses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from constrain.languages.json_schema.terms.algebra import Algebra
from constrain.languages.json_schema.terms.clause import Clause, resolve
from constrain.languages.json_schema.terms.name_class import NameClass
from constrain.languages.json_schema.terms.term import FALSE, TRUE, Term
from constrain.languages.json_schema.text.json_text import has_spelling, smaller


class Shape(NamedTuple):
    """What the value of an undeclared name satisfies: the terms of all patterns that hold the name, or
    ``additional`` if none does. A pattern is a term over strings."""

    patterns: tuple[tuple[Term, Term], ...]
    additional: Term

    def member(self, name: str, algebra: Algebra) -> Term:
        found = [term for pattern, term in self.patterns if algebra.accepts(pattern, name)]
        return algebra.all_of(found) if found else self.additional


class Count(NamedTuple):
    """From ``least`` to ``most`` (None: any number of) members of ``keys`` have a value in ``term``."""

    keys: NameClass
    term: Term
    least: int
    most: int | None

    def accepts(self, value: dict[str, Any], algebra: Algebra) -> bool:
        count = sum(
            self.keys.holds(name, algebra) and algebra.accepts(self.term, item)
            for name, item in value.items()
        )
        return self.least <= count and (self.most is None or count <= self.most)


class Objects:
    """Objects whose property *k* is in ``member(k)``, with some more conditions.

    Attributes:
        properties: the term of each name that is mentioned, in reading order.
        additional: what the value of every other name satisfies ...
        shapes: ... and what it satisfies depending on the name.
        required: names that must be there, in reading order (the values are None).
        least, most: how many properties there are (None: any number).
        counts: how many properties of a class have a value in a term.
        clauses: conditions that can be met in several ways.
        must_differ_from: given objects that they differ from, as terms of one value each (``distinct_objects``).
        silent: names that no schema mentions: they are told apart, but have no place in the order of keys.
    """

    __slots__ = (
        "_hash", "_key", "_mentioned", "additional", "clauses", "counts", "formula", "least", "most",
        "must_differ_from", "properties", "required", "shapes", "silent",
    )  # fmt: skip

    def __init__(
        self,
        properties: dict[str, Term],
        additional: Term = TRUE,
        required: Iterable[str] = (),
        *,
        shapes: tuple[Shape, ...] = (),
        least: int = 0,
        most: int | None = None,
        counts: tuple[Count, ...] = (),
        clauses: tuple[Clause, ...] = (),
        must_differ_from: frozenset[Term] = frozenset(),
        silent: frozenset[str] = frozenset(),
    ) -> None:
        self.properties = properties
        self.additional = additional
        self.required: dict[str, None] = dict.fromkeys(required)
        self.shapes = shapes
        self.least = least
        self.most = most
        self.counts = counts
        self.clauses = clauses
        self.must_differ_from = must_differ_from
        self.silent = silent
        self.formula: Any = (
            None  # its formula as an alternative of a clause, once worked out (``object_formula``)
        )
        self._hash: int | None = None
        self._key: Any = None
        self._mentioned: dict[tuple[str, bool], None] | None = None

    @property
    def key(self) -> Any:
        """All fields, for comparison. The order of names is significant."""
        if self._key is None:
            self._key = (
                tuple(self.properties.items()), self.additional, tuple(self.required), self.shapes,
                self.least, self.most, self.counts, self.clauses, self.must_differ_from, self.silent,
            )  # fmt: skip
        return self._key

    def __eq__(self, other: object) -> bool:
        if self is other or not isinstance(other, Objects):
            return self is other
        return hash(self) == hash(other) and bool(self.key == other.key)

    def __hash__(self) -> int:
        """Hashes what tells most objects apart. Hashing everything would cost more than the comparisons that it
        saves."""
        if self._hash is None:
            last = next(reversed(self.properties.items()), None)
            self._hash = hash(
                (len(self.properties), last, self.additional, len(self.required), self.least, self.most)
            )
        return self._hash

    def member(self, name: str, algebra: Algebra) -> Term:
        """What the value of property ``name`` must satisfy."""
        found = self.properties.get(name)
        return found if found is not None else self.other(name, algebra)

    def other(self, name: str, algebra: Algebra) -> Term:
        """The same for a name that ``properties`` does not have."""
        if not self.shapes:
            return self.additional
        return algebra.all_of([self.additional, *[shape.member(name, algebra) for shape in self.shapes]])

    @property
    def is_simple(self) -> bool:
        """Whether each property can be decided by itself, and no number of them matters."""
        return not (
            self.counts or self.clauses or self.must_differ_from or self.least or self.most is not None
        )

    def names(self) -> dict[str, None]:
        """The names that are mentioned, in reading order; those that are only required come last."""
        return dict.fromkeys(name for name, silent in self.mentions if not silent)

    def silent_names(self) -> dict[str, None]:
        """The names that are told apart without being mentioned."""
        spoken = self.names()
        return dict.fromkeys(name for name, silent in self.mentions if silent and name not in spoken)

    @property
    def mentions(self) -> dict[tuple[str, bool], None]:
        """Every name that occurs, with whether it is silent."""
        if self._mentioned is None:
            self._mentioned = dict.fromkeys(self._mentions())
        return self._mentioned

    def _mentions(self) -> Iterator[tuple[str, bool]]:
        for name in self.properties:
            yield name, name in self.silent
        for part in self._alternatives():
            yield from part.mentions
        for name in self.required:
            yield name, name in self.silent
        for count in self.counts:
            for name in sorted(count.keys.names or count.keys.excluded):
                yield name, name in self.silent
        yield from self._of_must_differ()

    def _of_must_differ(self) -> Iterator[tuple[str, bool]]:
        for other in self.must_differ_from:
            for name in other.schema.objects[0].properties:
                yield name, True

    def _own_names(self) -> frozenset[str]:
        """The names that this part mentions apart from its clauses."""
        if not (self.silent or self.counts or self.must_differ_from):
            return frozenset((*self.properties, *self.required))
        return frozenset(self.without_clauses().names())

    def _alternatives(self) -> Iterator[Any]:
        return (part for clause in self.clauses for part in clause.alternatives())

    # -- the algebra --------------------------------------------------------------------------

    def meet(self, other: Objects, algebra: Algebra) -> Objects | None:
        properties = {
            name: algebra.both(term, other.member(name, algebra)) for name, term in self.properties.items()
        }
        for name, term in other.properties.items():
            if name not in properties:
                properties[name] = algebra.both(self.other(name, algebra), term)
        least, most = max(self.least, other.least), smaller(self.most, other.most)
        if most is not None and least > most:
            return None
        result = Objects(
            properties,
            algebra.both(self.additional, other.additional),
            {**self.required, **other.required},
            shapes=_union(self.shapes, other.shapes),
            least=least,
            most=most,
            counts=_union(self.counts, other.counts),
            must_differ_from=self.must_differ_from | other.must_differ_from,
            silent=self.silent | other.silent
            and (self.silent | other.silent) - self._own_names() - other._own_names(),
        )
        if any(result.member(name, algebra) is FALSE for name in result.required):
            return None
        clauses = _union(self.clauses, other.clauses)
        return resolve(result, clauses, algebra) if clauses else result

    def with_clause(self, clause: Clause) -> Objects:
        """The objects for which ``clause`` holds as well."""
        return self.with_clauses(_union(self.clauses, (clause,)))

    def without_clauses(self) -> Objects:
        return self.with_clauses(()) if self.clauses else self

    def with_clauses(self, clauses: tuple[Clause, ...]) -> Objects:
        """The objects with these clauses in place of its own."""
        return self._with(clauses, self.must_differ_from)

    def _with(self, clauses: tuple[Clause, ...], must_differ_from: frozenset[Term]) -> Objects:
        return Objects(
            self.properties,
            self.additional,
            self.required,
            shapes=self.shapes,
            least=self.least,
            most=self.most,
            counts=self.counts,
            clauses=clauses,
            must_differ_from=must_differ_from,
            silent=self.silent,
        )

    def apart_from(self, must_differ_from: Iterable[Term], algebra: Algebra) -> Objects:
        """The objects that differ from ``must_differ_from``, terms of one object each, as well."""
        kept = [other for other in must_differ_from if not self.disjoint(other.schema.objects[0], algebra)]
        return self._with(self.clauses, self.must_differ_from.union(kept)) if kept else self

    def ignoring_must_differ(self, algebra: Algebra) -> Objects:
        """The same objects, whatever they must differ from; the names in that are told apart."""
        if not self.must_differ_from:
            return self
        spoken = self.names()
        names = [
            name for name, _ in self._of_must_differ() if name not in spoken and name not in self.properties
        ]
        return Objects(
            self.properties | {name: self.other(name, algebra) for name in names},
            self.additional,
            self.required,
            shapes=self.shapes,
            least=self.least,
            most=self.most,
            counts=self.counts,
            clauses=self.clauses,
            silent=self.silent.union(names),
        )

    def complement(self, algebra: Algebra) -> list[Objects]:
        silent = self.silent
        result = [Objects({name: FALSE}, silent=silent) for name in self.required]
        for name, term in self.properties.items():
            if term is not TRUE:
                result.append(Objects({name: algebra.negation(term)}, TRUE, [name], silent=silent))
        for keys, term in self.restricted():
            if term is not TRUE:
                result.append(
                    Objects({}, counts=(Count(keys, algebra.negation(term), 1, None),), silent=silent)
                )
        if self.least > 0:
            result.append(Objects({}, most=self.least - 1, silent=silent))
        if self.most is not None:
            result.append(Objects({}, least=self.most + 1, silent=silent))
        for count in self.counts:
            if count.least > 0:
                result.append(
                    Objects({}, counts=(count._replace(least=0, most=count.least - 1),), silent=silent)
                )
            if count.most is not None:
                result.append(
                    Objects({}, counts=(count._replace(least=count.most + 1, most=None),), silent=silent)
                )
        for clause in self.clauses:
            result.extend(clause.complement(ANY_OBJECT, algebra))
        result.extend(other.schema.objects[0] for other in self.must_differ_from)
        return result

    def restricted(self) -> Iterator[tuple[NameClass, Term]]:
        """The classes of names that ``properties`` does not have, and what their values satisfy."""
        declared = frozenset(self.properties)
        yield NameClass(None, declared), self.additional
        for shape in self.shapes:
            for pattern, term in shape.patterns:
                yield NameClass(None, declared, frozenset([pattern])), term
            outside = frozenset([pattern for pattern, _ in shape.patterns])
            yield NameClass(None, declared, frozenset(), outside), shape.additional

    def implies(self, other: Any) -> bool:
        """Whether a quick look shows that every one of these objects is in ``other``, which names no more keys."""
        if not isinstance(other, Objects):
            return False
        if other.least > max(self.least, len(self.required)) or (
            other.most is not None and (self.most is None or self.most > other.most)
        ):
            return False
        if not (other.required.keys() <= self.required.keys()):
            return False
        for name, term in other.properties.items():
            if name not in self.properties:
                if self.additional is not FALSE:  # the name has a place in the order of keys
                    return False
            elif not (term is TRUE or self.properties[name] in (term, FALSE)):
                return False
        if (other.additional is not TRUE or other.shapes) and not _covers(other, self):
            return False
        return (
            (other.additional is TRUE or other.additional is self.additional)
            and set(other.shapes) <= set(self.shapes)
            and set(other.counts) <= set(self.counts)
            and set(other.clauses) <= set(self.clauses)
            and other.must_differ_from <= self.must_differ_from
        )

    def disjoint(self, other: Objects, algebra: Algebra) -> bool:
        """Whether a quick look shows that no object is in both: a required property has no common value."""
        most = smaller(self.most, other.most)
        if most is not None and most < max(self.least, other.least, len(self.required), len(other.required)):
            return True
        for name in {**self.required, **other.required}:
            if algebra.disjoint(self.member(name, algebra), other.member(name, algebra)):
                return True
        return False

    # -- values -------------------------------------------------------------------------------

    def accepts(self, value: dict[str, Any], algebra: Algebra) -> bool:
        return (
            self.required.keys() <= value.keys()
            and self.least <= len(value)
            and (self.most is None or len(value) <= self.most)
            and all(algebra.accepts(self.member(name, algebra), item) for name, item in value.items())
            and all(count.accepts(value, algebra) for count in self.counts)
            and all(clause.accepts(value, algebra) for clause in self.clauses)
            and not any(algebra.accepts(other, value) for other in self.must_differ_from)
        )

    def inhabited(self, algebra: Algebra) -> bool:
        """Whether there is any object. Only required properties are asked about, since others may be recursive."""
        for name in self.required:
            if not has_spelling(name) or not algebra.inhabited(self.member(name, algebra)):
                return False
        if self.is_simple or (self._is_only_bounded and not self._exceeds(len(self.required))):
            return True
        return algebra.has_object(self)

    @property
    def _is_only_bounded(self) -> bool:
        return not (self.counts or self.clauses or self.must_differ_from)

    def _exceeds(self, count: int) -> bool:
        """Whether ``count`` properties are too few or too many."""
        return count < self.least or (self.most is not None and count > self.most)


def _union(ones: tuple[Any, ...], others: tuple[Any, ...]) -> tuple[Any, ...]:
    return (*ones, *[other for other in others if other not in ones]) if others else ones


def _covers(other: Objects, part: Objects) -> bool:
    """Whether ``part`` declares no possible name that ``other`` only admits as an undeclared one."""
    return all(name in other.properties or term is FALSE for name, term in part.properties.items())


ANY_OBJECT = Objects({})
