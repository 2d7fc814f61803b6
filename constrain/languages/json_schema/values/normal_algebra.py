"""Conjunctions and complements of normal forms.

Parts are closed under conjunction and complement, and so are unions of them. Where a product of alternatives
would grow too large, one factor is kept as a *clause* of the other. The values of a part satisfy all of its clauses,
which is decided while a value is read.
"""

from __future__ import annotations

from typing import Any

from constrain.errors import WorkLimitExceeded
from constrain.languages.json_schema.terms.clause import ONE, Clause, resolve, some
from constrain.languages.json_schema.terms.term import FALSE, VALUES, Term
from constrain.languages.json_schema.values.arrays import ANY_ARRAY, Arrays
from constrain.languages.json_schema.values.disjoint_arms import disjoint_alternatives, overlapping
from constrain.languages.json_schema.values.finite import Finite
from constrain.languages.json_schema.values.finite_numbers import FiniteNumbers
from constrain.languages.json_schema.values.normal_form import (
    ANYTHING,
    EVERY_CONSTANT,
    NOTHING,
    UNRESTRICTED,
    Normal,
    constant_bit,
)
from constrain.languages.json_schema.values.objects import ANY_OBJECT, Objects
from constrain.languages.json_schema.values.strings import FiniteStrings, Strings
from constrain.languages.json_schema.values.value_algebra import ValueAlgebra

# Products of more alternatives than this are kept as clauses. Fewer are cheaper multiplied out: each alternative is
# then written without looking at the others.
MAX_PRODUCT = 4

# If more arms of a ``oneOf`` overlap than this, they are counted while a value is read.
MAX_TOLD_APART = 3

# Numbers have no states in which clauses could be decided, so their alternatives are multiplied out further.
MAX_NUMBER_PRODUCT = 4096


# -- the algebra ------------------------------------------------------------------------------


def meet(one: Normal, other: Normal, algebra: ValueAlgebra) -> Normal:
    """The values of both."""
    if one is ANYTHING or other is ANYTHING:
        return other if one is ANYTHING else one
    return Normal(
        one.constants & other.constants,
        meet_alternatives(one.strings, other.strings, algebra),
        meet_alternatives(one.numbers, other.numbers, algebra),
        meet_alternatives(one.arrays, other.arrays, algebra),
        meet_alternatives(one.objects, other.objects, algebra),
    )


def meet_all(factors: list[Normal], algebra: ValueAlgebra) -> Normal:
    """The values of all of ``factors``."""
    constants = EVERY_CONSTANT
    for factor in factors:
        constants &= factor.constants
    by_type = zip(*[factor.by_type() for factor in factors], strict=True)
    types = [
        _product(alternatives, whole, algebra)
        for alternatives, whole in zip(by_type, UNRESTRICTED, strict=True)
    ]
    return Normal(constants, *types)


def _product(factors: tuple[tuple[Any, ...], ...], whole: Any, algebra: ValueAlgebra) -> tuple[Any, ...]:
    """The values of one type, all of which are in ``whole``, that are in some alternative of each factor.

    Where some factors are multiplied out and others are not, each alternative would have its own copy of the clauses.
    Where one part may hold all of them, all factors become clauses of that part instead.
    """
    result: tuple[Any, ...] = (whole,)
    several = sum(len(factor) > 1 for factor in factors)
    for factor in factors:
        result = meet_alternatives(result, factor, algebra)
        if several > 2 and len(result) > 1 and _may_be_one(result[0], algebra) and result[0].clauses:
            return _as_clauses(factors, whole, algebra)
    return result


def _as_clauses(factors: tuple[tuple[Any, ...], ...], whole: Any, algebra: ValueAlgebra) -> tuple[Any, ...]:
    """The same, with a clause for each factor that has several alternatives."""
    result: tuple[Any, ...] = (whole,)
    for factor in factors:
        if len(factor) < 2:
            result = meet_alternatives(result, factor, algebra)
    clauses = [some(factor) for factor in factors if len(factor) > 1]
    parts = [resolve(part.without_clauses(), (*part.clauses, *clauses), algebra) for part in result]
    return tuple([part for part in parts if part is not None])


def join(arms: list[Normal]) -> Normal:
    """The values of any of ``arms``."""
    if len(arms) == 1:
        return arms[0]
    constants = 0
    for arm in arms:
        constants |= arm.constants
    return Normal(
        constants,
        _distinct([part for arm in arms for part in arm.strings]),
        _distinct([part for arm in arms for part in arm.numbers]),
        _distinct([part for arm in arms for part in arm.arrays]),
        _distinct([part for arm in arms for part in arm.objects]),
    )


def complement(normal: Normal, algebra: ValueAlgebra) -> Normal:
    """The values not in ``normal``."""
    if normal is ANYTHING:
        return NOTHING
    types = [
        complement_alternatives(parts, whole, algebra)
        for parts, whole in zip(normal.by_type(), UNRESTRICTED, strict=True)
    ]
    return Normal(EVERY_CONSTANT & ~normal.constants, *types)


def complement_alternatives(parts: tuple[Any, ...], whole: Any, algebra: ValueAlgebra) -> tuple[Any, ...]:
    """The values of one type, all of which are in ``whole``, that are in none of ``parts``."""
    result: tuple[Any, ...] = (whole,)
    for part in parts:
        if part in UNRESTRICTED:
            return ()
        result = meet_alternatives(result, _distinct(part.complement(algebra)), algebra)
    return result


def exactly_one(arms: list[Normal], negations: list[Term], algebra: ValueAlgebra) -> Normal:
    """The values of one of ``arms`` and not of the others; ``negations`` are the terms of their complements.

    For a type that two arms share, the complement of one is needed in the other, unless they are seen to be
    disjoint in it.
    """
    once = twice = 0
    for arm in arms:
        twice |= once & arm.constants
        once |= arm.constants
    types: list[tuple[Any, ...]] = []
    for index, whole in enumerate(UNRESTRICTED):
        shares = [arm.by_type()[index] for arm in arms]
        if shares.count((whole,)) > 1:
            types.append(())
            continue
        overlaps = overlapping(shares, algebra)
        entangled = [i for i, overlap in enumerate(overlaps) if overlap]
        kept: list[Any] = []
        if len(entangled) > MAX_TOLD_APART and isinstance(whole, (Arrays, Objects)):
            kept.append(whole.with_clause(Clause(ONE, tuple([shares[i] for i in entangled]))))
            shares = [share for share, overlap in zip(shares, overlaps, strict=True) if not overlap]
            overlaps = [[] for _ in shares]
        for share, overlap in zip(shares, overlaps, strict=True):
            result = share
            for other in overlap:
                if result:
                    result = meet_alternatives(
                        result, algebra.normal(negations[other]).by_type()[index], algebra
                    )
            kept.extend(result)
        types.append(_distinct(kept))
    return Normal(once & ~twice, *types)


def at_least_two(arms: list[Normal], algebra: ValueAlgebra) -> Normal:
    """The values of two of ``arms`` or more."""
    once = twice = 0
    for arm in arms:
        twice |= once & arm.constants
        once |= arm.constants
    types: list[tuple[Any, ...]] = []
    for index, whole in enumerate(UNRESTRICTED):
        shares = [arm.by_type()[index] for arm in arms]
        if shares.count((whole,)) > 1:
            types.append((whole,))
            continue
        kept: list[Any] = []
        for i, overlap in enumerate(overlapping(shares, algebra)):
            for j in overlap:
                if i < j:
                    kept.extend(meet_alternatives(shares[i], shares[j], algebra))
        types.append(_distinct(kept))
    return Normal(twice, *types)


def without(term: Term, constants: frozenset[Term], algebra: ValueAlgebra) -> Term:
    """The values of ``term`` but those of ``constants``, which are terms of one value each."""
    normal, given = algebra.normal(term), join([constant.schema for constant in constants])
    objects = [constant for constant in constants if constant.schema.objects]
    kept = Normal(
        normal.constants & ~given.constants,
        _without_finite(normal.strings, given.strings, algebra),
        _without_finite(normal.numbers, given.numbers, algebra),
        meet_alternatives(normal.arrays, complement_alternatives(given.arrays, ANY_ARRAY, algebra), algebra),
        tuple([part.apart_from(objects, algebra) for part in normal.objects]),
    )
    return algebra.values((VALUES, term, "without", constants), kept)


def _without_finite(parts: tuple[Any, ...], given: tuple[Any, ...], algebra: ValueAlgebra) -> tuple[Any, ...]:
    """The values in ``parts`` but those of ``given``, one finite part or none."""
    if not given:
        return parts
    finite = [part.apart_from(given[0].keys) for part in parts if isinstance(part, Finite)]
    others = tuple([part for part in parts if not isinstance(part, Finite)])
    rest = meet_alternatives(others, _distinct(given[0].complement(algebra)), algebra)
    return (*[part for part in finite if part.keys], *rest)


def disjoint(one: Normal, other: Normal, algebra: ValueAlgebra) -> bool:
    """Whether a quick look shows that no value is in both."""
    if one.constants & other.constants:
        return False
    pairs = zip(one.by_type(), other.by_type(), strict=True)
    return all(disjoint_alternatives(ours, theirs, algebra) for ours, theirs in pairs)


def meet_alternatives(
    ones: tuple[Any, ...], others: tuple[Any, ...], algebra: ValueAlgebra
) -> tuple[Any, ...]:
    """The values that are in one of ``ones`` and in one of ``others``, all of one type."""
    if not ones or not others:
        return ()
    if ones[0] in UNRESTRICTED or others[0] in UNRESTRICTED:
        return others if ones[0] in UNRESTRICTED else ones
    finite = [part for part in ones if isinstance(part, Finite)]
    if finite:
        rest = tuple([part for part in ones if not isinstance(part, Finite)])
        kept = [within for part in finite for within in part.within(others, algebra)]
        return _distinct([*kept, *meet_alternatives(rest, others, algebra)])
    if any(isinstance(part, Finite) for part in others):
        return meet_alternatives(others, ones, algebra)
    algebra.budget.spend(len(ones) * len(others))
    if len(ones) > MAX_PRODUCT and len(others) > 1 and _may_be_one(ones[0], algebra):
        whole = ANY_ARRAY if isinstance(ones[0], Arrays) else ANY_OBJECT
        return (whole.with_clause(some(ones)).with_clause(some(others)),)
    return _distinct([part for one in ones for part in _narrow(one, others, len(ones), algebra)])


def _may_be_one(part: Any, algebra: ValueAlgebra) -> bool:
    """Whether alternatives like ``part`` can share one clause. In schema order, each object has its own order of
    keys."""
    return isinstance(part, Arrays) or (isinstance(part, Objects) and algebra.options.property_order == "any")


def _narrow(one: Any, others: tuple[Any, ...], siblings: int, algebra: ValueAlgebra) -> list[Any]:
    """The values of ``one`` that are in any of ``others``; ``siblings`` is how many alternatives are treated like
    it."""
    if any(one.implies(other) for other in others):
        return [one]
    possible = [other for other in others if not one.disjoint(other, algebra)]
    if len(possible) > 1 and siblings * len(possible) > MAX_PRODUCT:
        if isinstance(one, (Arrays, Objects)):
            return [one.with_clause(some(tuple(possible)))]
        if isinstance(one, Strings):
            return [one.with_clause(tuple(possible))]
        if siblings * len(possible) > MAX_NUMBER_PRODUCT:
            raise WorkLimitExceeded(
                f"anyOf or oneOf side by side make more than {MAX_NUMBER_PRODUCT} alternatives for one number; "
                "merge some of them",
                limit="MAX_NUMBER_PRODUCT",
                value=MAX_NUMBER_PRODUCT,
            )
    both = [one.meet(other, algebra) for other in possible]
    return [part for part in both if part is not None]


def _distinct(parts: list[Any]) -> tuple[Any, ...]:
    """Each part once. An unrestricted part absorbs all others, and finite parts become one."""
    if len(parts) < 2:
        return tuple(parts)
    kept = dict.fromkeys(parts)
    for part in UNRESTRICTED:
        if part in kept:
            return (part,)
    finite = [part for part in kept if isinstance(part, Finite)]
    if len(finite) < 2:
        return tuple(kept)
    others = [part for part in kept if not isinstance(part, Finite)]
    for spelling in sorted({part.spelling for part in finite}):
        values = [value for part in finite if part.spelling == spelling for value in part.values]
        others.append(type(finite[0])(values, spelling))
    return tuple(others)


def exactly(values: list[Any], algebra: ValueAlgebra, silent: bool = False) -> Normal:
    """Exactly the given values. Arrays and objects are described item by item, since they have many spellings.

    ``silent`` values do not stand in a schema, so the names in them have no place in the order of keys.
    """
    constants = 0
    strings: list[str] = []
    numbers: list[Any] = []
    arrays: list[Any] = []
    objects: list[Any] = []
    for value in values:
        if value is None or isinstance(value, bool):
            constants |= constant_bit(value)
        elif isinstance(value, str):
            strings.append(value)
        elif isinstance(value, list):
            items = tuple([algebra.constant(item, silent) for item in value])
            arrays.append(Arrays(items, FALSE, len(value), len(value)))
        elif isinstance(value, dict):
            members = {name: algebra.constant(item, silent) for name, item in value.items()}
            hidden = frozenset(members) if silent else frozenset()
            objects.append(Objects(members, FALSE, dict.fromkeys(members), silent=hidden))
        else:
            numbers.append(value)
    return Normal(
        constants,
        (FiniteStrings(strings),) if strings else (),
        (FiniteNumbers(numbers),) if numbers else (),
        _distinct(arrays),
        _distinct(objects),
    )
