"""Which arms of a ``oneOf`` may have a value in common.

Comparing every arm with every other would cost the square of their number. Most arms are told apart by
one value, a constant or a required property that is one, so arms are looked up by that value.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import islice
from typing import Any

from constrain.languages.json_schema.terms.algebra import Algebra
from constrain.languages.json_schema.text.json_text import identity
from constrain.languages.json_schema.values.finite import Finite
from constrain.languages.json_schema.values.objects import Objects

Alternatives = tuple[Any, ...]

# The key of a signature for the value itself, rather than a property of it.
ITSELF = None


def overlapping(arms: list[Alternatives], algebra: Algebra, most: int | None = None) -> list[list[int]]:
    """For each arm, the other arms that a quick look does not show to be disjoint from it; at most ``most`` of them."""
    present = [i for i, arm in enumerate(arms) if arm]
    signatures = [_signature(arm, algebra) for arm in arms]
    told_by = Counter(name for signature in signatures for name in signature)
    if not told_by:
        return [_not_disjoint(i, present, arms, algebra, most) for i in range(len(arms))]
    name, _ = told_by.most_common(1)[0]
    others = [i for i, signature in enumerate(signatures) if name not in signature and arms[i]]
    holders: dict[Any, list[int]] = {}
    for i, signature in enumerate(signatures):
        for value in signature.get(name, ()):
            holders.setdefault(value, []).append(i)
    result = []
    for i, signature in enumerate(signatures):
        if name in signature:
            candidates: Iterable[int] = {j for value in signature[name] for j in holders[value]}.union(others)
        else:
            candidates = present
        result.append(_not_disjoint(i, candidates, arms, algebra, most))
    return result


def _not_disjoint(
    i: int, candidates: Iterable[int], arms: list[Alternatives], algebra: Algebra, most: int | None
) -> list[int]:
    if not arms[i]:
        return []
    found = (j for j in sorted(candidates) if i != j and not disjoint_alternatives(arms[i], arms[j], algebra))
    return list(islice(found, most))


def disjoint_alternatives(ones: Alternatives, others: Alternatives, algebra: Algebra) -> bool:
    """Whether a quick look shows that no value is in one of ``ones`` and in one of ``others``."""
    return all(one.disjoint(other, algebra) for one in ones for other in others)


def _signature(arm: Alternatives, algebra: Algebra) -> dict[str | None, frozenset[Any]]:
    """For each property that all values of the arm have, and that is one of a few scalars: these scalars."""
    if not arm:
        return {}
    if all(isinstance(part, Finite) for part in arm):
        return {ITSELF: frozenset(key for part in arm for key in part.keys)}
    if not all(isinstance(part, Objects) for part in arm):
        return {}
    found = {}
    for name in arm[0].required:
        values: set[Any] = set()
        for part in arm:
            few = algebra.scalars(part.member(name, algebra)) if name in part.required else None
            if few is None:
                break
            values.update(map(identity, few))
        else:
            found[name] = frozenset(values)
    return found
