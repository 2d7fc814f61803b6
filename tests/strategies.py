"""Hypothesis strategies. A *plan* is a nested tuple of method names and arguments: it builds the
same expression in any arena, fast or slow."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

Plan = tuple[Any, ...]

ALPHABET = b"ab"
LETTERS = st.sampled_from([b"a", b"b", b"ab", b"ba", b"aa"])
A_OR_B = 1 << ord("a") | 1 << ord("b")


def _grow(plans: st.SearchStrategy[Plan]) -> st.SearchStrategy[Plan]:
    bounds = st.tuples(st.integers(0, 2), st.one_of(st.none(), st.integers(2, 4)))
    return st.one_of(
        st.tuples(st.just("concat"), plans, plans),
        st.tuples(st.just("union"), plans, plans),
        st.tuples(st.just("union"), plans, plans, plans),
        st.tuples(st.just("intersection"), plans, plans),
        st.tuples(st.just("complement"), plans),
        st.tuples(st.just("repeat"), plans, bounds),
    )


def plans() -> st.SearchStrategy[Plan]:
    """Regular expressions over {a, b}, with every operator."""
    leaves = st.one_of(
        st.tuples(st.just("literal"), LETTERS),
        st.just(("epsilon",)),
        st.just(("empty",)),
        st.just(("byte_set", A_OR_B)),
        st.just(("table", (b"a", b"ab", b"ba"))),
    )
    return st.recursive(leaves, _grow, max_leaves=8)


def build(arena: Any, plan: Plan) -> Any:
    """The expression of ``plan`` in ``arena``."""
    name, *rest = plan
    if name == "empty":
        return arena.EMPTY
    if name == "epsilon":
        return arena.EPSILON
    if name in ("literal", "byte_set"):
        return getattr(arena, name)(*rest)
    if name == "table":
        return arena.choice(arena.table(list(rest[0])))
    if name == "repeat":
        return arena.repeat(build(arena, rest[0]), *rest[1])
    parts = [build(arena, part) for part in rest]
    if name in ("union", "intersection"):
        return getattr(arena, name)(parts)
    return getattr(arena, name)(*parts)
