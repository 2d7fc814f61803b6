"""Why no document validates against a schema: the innermost place that rules out every value, and by what.

A term without values is taken apart into its demands (``conjuncts``), and a minimal set of these is kept that still
rules out every value (QuickXplain: Junker, 'Preferred explanations and relaxations for over-constrained problems',
AAAI 2004). If these ask for a property or an item that can have no value, that is looked at in turn.
"""

from __future__ import annotations

import functools
import operator
from itertools import takewhile
from typing import Any, NamedTuple

from constrain.errors import WorkLimitExceeded
from constrain.languages.json_schema.diagnostics.conjuncts import Conjunct, conjuncts, place, quote
from constrain.languages.json_schema.solver import Solver
from constrain.languages.json_schema.terms.term import FALSE, Term
from constrain.languages.json_schema.text.json_text import has_spelling
from constrain.languages.json_schema.text.pointers import escape
from constrain.languages.json_schema.values.normal_form import UNRESTRICTED
from constrain.languages.json_schema.values.objects import ANY_OBJECT

# The most values of an enum, and alternatives of anyOf, that are named one by one.
MAX_SHOWN = 3


# Keywords that hold several schemas.
COLLECTIONS = frozenset(["allOf", "properties", "patternProperties", "$defs", "definitions"])


class Member(NamedTuple):
    """A required property or item that can have no value.

    Attributes:
        name: the token that leads to it in a JSON pointer.
        term: what its value must satisfy.
        what: for messages.
    """

    name: str
    term: Term
    what: str


def explain(root: Term, solver: Solver) -> tuple[str, str]:
    """(JSON pointer, reason) for a term without any value."""
    try:
        return _explain(root, solver)
    except WorkLimitExceeded:
        return (
            "",
            "no value satisfies all of its keywords; which of them rule out each other is too much work to say",
        )


def _explain(root: Term, solver: Solver) -> tuple[str, str]:
    term, path, what = root, "", ""
    seen = {root}
    while True:
        needed = _smallest(conjuncts(term, solver), solver)
        member = _missing(needed, solver)
        if member is None or member.term is FALSE:
            break
        term, path, what = member.term, f"{path}/{escape(member.name)}", member.what
        if term in seen:
            pointer = _common(needed)
            return (
                pointer,
                f"a value would have to contain a value of the same kind without end ({what} at {path})",
            )
        seen.add(term)
    if member is None:
        pointer, reason = _reason(needed, solver)
    else:
        pointer, reason = _forbidden(needed, member, f"{path}/{escape(member.name)}", solver)
        what = ""
    return pointer, reason + (f", for {what} at {path}" if what else "")


def _smallest(demands: list[Conjunct], solver: Solver) -> list[Conjunct]:
    """A minimal set of demands without a common value."""
    return _quick_xplain([], False, demands, solver)


def _quick_xplain(
    background: list[Conjunct], more: bool, demands: list[Conjunct], solver: Solver
) -> list[Conjunct]:
    """The demands that rule out every value together with ``background``, which may do so alone if ``more``."""
    if more and not solver.inhabited(_together(background, solver)):
        return []
    if len(demands) < 2:
        return demands
    middle = len(demands) // 2
    first, second = demands[:middle], demands[middle:]
    kept = _quick_xplain([*background, *first], True, second, solver)
    return [*_quick_xplain([*background, *kept], bool(kept), first, solver), *kept]


def _together(demands: list[Conjunct], solver: Solver) -> Term:
    return solver.all_of([demand.term for demand in demands])


# -- members that must be there ---------------------------------------------------------------


def _missing(needed: list[Conjunct], solver: Solver) -> Member | None:
    """A property or an item that ``needed`` asks for, and of which it leaves no value."""
    normals = [solver.normal(demand.term) for demand in needed]
    possible = [all(normal.by_type()[index] for normal in normals) for index in range(len(UNRESTRICTED))]
    if sum(possible) != 1 or functools.reduce(operator.and_, [normal.constants for normal in normals]):
        return None  # other types are left, which are ruled out by other demands
    if possible[UNRESTRICTED.index(ANY_OBJECT)]:
        return _missing_property(
            [normal.objects[0] for normal in normals if len(normal.objects) == 1], solver
        )
    return _missing_item([normal.arrays[0] for normal in normals if len(normal.arrays) == 1], solver)


def _missing_property(parts: list[Any], solver: Solver) -> Member | None:
    for name in [name for part in parts for name in part.required]:
        term = solver.all_of([part.member(name, solver) for part in parts])
        if not solver.inhabited(term):
            return Member(name, term, "the required property")
    return None


def _missing_item(parts: list[Any], solver: Solver) -> Member | None:
    count = max([len(part.prefix) for part in parts], default=0) + 1
    for index in range(min(max([part.least for part in parts], default=0), count)):
        term = solver.all_of([part.item(index) for part in parts])
        if not solver.inhabited(term):
            return Member(str(index), term, "the item")
    return None


def _forbidden(needed: list[Conjunct], member: Member, path: str, solver: Solver) -> tuple[str, str]:
    """The reason where a member is both required and forbidden."""
    forbidding = [demand for demand in needed if _forbids(demand, member, solver)]
    asking = [demand for demand in needed if demand.keyword in ("required", "minItems")]
    pointer = _common(forbidding) if forbidding else _common(needed)
    if len(forbidding) != 1:
        names = _listed([demand.label(pointer) for demand in forbidding or needed])
        return pointer, f"{member.what} at {path} is ruled out by {names}"
    by = forbidding[0]
    tokens = [member.name] if by.keyword in ("properties", "prefixItems") else []
    by = by._replace(value=False) if tokens else by
    label = "the schema false" if tokens else by.label(pointer)
    source = [demand.label(None) for demand in asking if demand.pointer != by.pointer]
    asked = f" (asked for by {_listed(source)})" if source else ""
    where = place(pointer, by.keyword, *tokens) if by.keyword else pointer
    return where, f"{member.what} at {path} is forbidden by {label}{asked}"


def _forbids(demand: Conjunct, member: Member, solver: Solver) -> bool:
    normal = solver.normal(demand.term)
    if len(normal.objects) == 1 and member.what == "the required property":
        return normal.objects[0].member(member.name, solver) is FALSE
    if len(normal.arrays) == 1 and member.what == "the item":
        return normal.arrays[0].item(int(member.name)) is FALSE
    return False


# -- words ------------------------------------------------------------------------------------


def _common(needed: list[Conjunct]) -> str:
    """The JSON pointer to the innermost schema around all demands."""
    paths = [demand.pointer.split("/") for demand in needed if demand.pointer is not None]
    common = [
        tokens[0] for tokens in takewhile(lambda tokens: len(set(tokens)) == 1, zip(*paths, strict=False))
    ]
    if len(paths) > 1 and common and common[-1] in COLLECTIONS and common not in paths:
        common.pop()
    return "/".join(common)


def _reason(needed: list[Conjunct], solver: Solver, depth: int = 0) -> tuple[str, str]:
    pointer = _common(needed)
    for demand in needed:
        others = [other for other in needed if other is not demand]
        if demand.keyword in ("enum", "const"):
            return place(pointer, demand.keyword) if not others else pointer, _of_values(
                demand, others, pointer, solver
            )
    chosen = [demand for demand in needed if demand.keyword in ("anyOf", "oneOf")]
    if len(chosen) == 1 and depth == 0:
        rest = [other for other in needed if other is not chosen[0]]
        return place(chosen[0].pointer or "", chosen[0].keyword), _of_arms(chosen[0], rest, solver)
    if len(needed) == 1:
        keyword = needed[0].keyword
        return place(pointer, keyword) if keyword else pointer, f"{needed[0].label(pointer)} admits no value"
    return pointer, f"no value satisfies {'both' if len(needed) == 2 else 'all of'} " + _listed(
        [demand.label(pointer) for demand in needed]
    )


def _of_values(demand: Conjunct, others: list[Conjunct], pointer: str, solver: Solver) -> str:
    """Which other demand each of the values of an ``enum`` or ``const`` fails."""
    values = demand.value if demand.keyword == "enum" else [demand.value]
    if not values:
        return "enum [] admits no value"
    failures = [_failure(value, others, pointer, solver) for value in values[:MAX_SHOWN]]
    more = f", and {len(values) - MAX_SHOWN} more fail" if len(values) > MAX_SHOWN else ""
    source = "" if demand.pointer == pointer else f" at {demand.pointer or 'the root'}"
    what = "no value of enum" if demand.keyword == "enum" else "the value of const"
    verb = "is" if demand.keyword == "enum" else "is not"
    return f"{what}{source} {verb} admitted: {', '.join(failures)}{more}"


def _failure(value: Any, others: list[Conjunct], pointer: str, solver: Solver) -> str:
    shown = quote(value)
    if isinstance(value, str) and not has_spelling(value):
        return f"{shown} holds a lone surrogate, which no text can spell"
    for other in others:
        if not solver.accepts(other.term, value):
            return f"{shown} fails {other.label(pointer)}"
    return f"{shown} fails all of {_listed([other.label(pointer) for other in others])}" if others else shown


def _of_arms(demand: Conjunct, rest: list[Conjunct], solver: Solver) -> str:
    """Why no alternative of an ``anyOf`` or ``oneOf`` is left."""
    beside = f"beside {_listed([other.label(demand.pointer) for other in rest])}, " if rest else ""
    arms = [solver.at(arm, demand.term.scope) for arm in demand.value]
    possible = [solver.all_of([arm, *[other.term for other in rest]]) for arm in arms]
    if any(solver.inhabited(term) for term in possible):
        return f"{beside}every value that satisfies one alternative of oneOf satisfies another one, too"
    if len(arms) > MAX_SHOWN:
        return f"{beside}no alternative of {demand.keyword} has a value"
    reasons = []
    for index, term in enumerate(possible):
        pointer, reason = _reason(_smallest(conjuncts(term, solver), solver), solver, 1)
        reasons.append(f"{index}: {reason}" + (f" at {pointer}" if pointer else ""))
    return f"{beside}no alternative of {demand.keyword} has a value ({'; '.join(reasons)})"


def _listed(names: list[str]) -> str:
    names = list(dict.fromkeys(names))
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
