"""Conditionals ``(?(1)A|B)`` rewritten without the question whether a group has matched; see ``ordered``.

Every part of a pattern becomes a matrix: what it matches depending on whether the group has matched before it, and
after it. Matrices are concatenated, united and repeated like languages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any, TypeAlias

from constrain.languages.regex.parsing.ordered import (
    MOST_ROUNDS,
    NOTHING,
    Around,
    Atomic,
    Choice,
    Conditional,
    Group,
    Node,
    NotRegular,
    Repeat,
    Sequence,
    check_parts,
    parts_of,
)
from constrain.languages.regex.parsing.syntax import NEVER
from constrain.work import checkpoint

# What a part matches from a state (row) to a state (column): 0 where the group has not matched yet, 1 where it has.
# Nodes of different types may be equal, so ``_NOWHERE`` and ``NOTHING`` are recognised by identity.
_Matrix: TypeAlias = tuple[tuple[Node, Node], tuple[Node, Node]]
_NOWHERE: Node = NEVER


def without_conditionals(node: Node) -> Node:
    """An equivalent tree without conditionals.

    Raises:
        NotRegular: one of them cannot be rewritten.
    """
    while True:
        asked = _asked(node)
        if asked is None:
            return node
        matrix = _matrix(node, asked.number)
        node = _either([matrix[0][0], matrix[0][1]])
        check_parts(node, "conditionals", asked.offset)


def _asked(node: Node) -> Conditional | None:
    """A conditional in the tree, or None."""
    if isinstance(node, Conditional):
        return node
    return next((found for part in parts_of(node) if (found := _asked(part)) is not None), None)


def _matrix(node: Node, number: int) -> _Matrix:
    checkpoint()
    if not _concerns(node, number):
        return (node, _NOWHERE), (_NOWHERE, node)
    rule = _RULES[type(node)]
    return rule(node, number)


def _concerns(node: Node, number: int) -> bool:
    """Whether a tree contains a group or a conditional with that number."""
    if isinstance(node, (Group, Conditional)) and node.number == number:
        return True
    return any(_concerns(part, number) for part in parts_of(node))


def _sequence(node: Sequence, number: int) -> _Matrix:
    rows: list[tuple[Node, Node]] = []
    runs = groupby(node.parts, lambda part: _concerns(part, number))
    parts = [part for found, run in runs for part in (run if found else [Sequence(tuple(run))])]
    matrices = [_matrix(part, number) for part in parts]
    for start in (0, 1):
        row: list[Node] = [_NOWHERE, _NOWHERE]
        row[start] = NOTHING
        for matrix in matrices:
            row = [_either([_then(row[0], matrix[0][end]), _then(row[1], matrix[1][end])]) for end in (0, 1)]
        rows.append((row[0], row[1]))
    return rows[0], rows[1]


def _choice(node: Choice, number: int) -> _Matrix:
    matrices = [_matrix(part, number) for part in node.parts]
    rows = [tuple(_either([matrix[start][end] for matrix in matrices]) for end in (0, 1)) for start in (0, 1)]
    return rows[0], rows[1]  # type: ignore[return-value]


def _repeat(node: Repeat, number: int) -> _Matrix:
    """Some rounds in which the group does not match, one in which it does, and more rounds."""
    (none, one), (_, after) = _matrix(node.body, number)
    if one is _NOWHERE:
        crossing = _NOWHERE
    elif node.most is None:
        # at least n rounds: i before, and at least n - 1 - i after; from n - 1 before on, none need to come after
        _check_ways(node.least, node)
        ways = [
            _row([(none, i, i), (one, 1, 1), (after, node.least - 1 - i, None)], node)
            for i in range(max(node.least - 1, 0))
        ]
        last = [(none, max(node.least - 1, 0), None), (one, 1, 1), (after, 0, None)]
        crossing = _either([*ways, _row(last, node)])
    else:
        _check_ways(node.most, node)
        crossing = _either([
            _row([(none, i, i), (one, 1, 1), (after, max(node.least - 1 - i, 0), node.most - 1 - i)], node)
            for i in range(node.most)
        ])  # fmt: skip
    stay = Repeat(none, node.least, node.most, node.lazy, node.offset)
    again = Repeat(after, node.least, node.most, node.lazy, node.offset)
    return (stay, crossing), (_NOWHERE, again)


def _check_ways(count: int, node: Repeat) -> None:
    if count > MOST_ROUNDS:
        raise NotRegular(
            f"a conditional would need more than {MOST_ROUNDS} copies of a repetition", node.offset
        )


def _row(rounds: list[tuple[Node, int, int | None]], node: Repeat) -> Node:
    return Sequence(tuple(Repeat(body, least, most, node.lazy, node.offset) for body, least, most in rounds))


def _group(node: Group, number: int) -> _Matrix:
    if node.number != number:
        rows = [tuple(Group(node.number, part) for part in row) for row in _matrix(node.body, number)]
        return rows[0], rows[1]  # type: ignore[return-value]
    inner = next(_conditionals(node.body, number), None)
    if inner is not None:
        raise NotRegular("a conditional about the group that it stands in is not supported", inner.offset)
    return (_NOWHERE, node), (_NOWHERE, node)


def _conditionals(node: Node, number: int) -> Iterator[Conditional]:
    if isinstance(node, Conditional) and node.number == number:
        yield node
    for part in parts_of(node):
        yield from _conditionals(part, number)


def _conditional(node: Conditional, number: int) -> _Matrix:
    yes, no = _matrix(node.yes, number), _matrix(node.no, number)
    if node.number == number:
        return no[0], yes[1]
    rows = [
        tuple(Conditional(node.number, yes[start][end], no[start][end], node.offset) for end in (0, 1))
        for start in (0, 1)
    ]
    return rows[0], rows[1]  # type: ignore[return-value]


def _closed(node: Atomic | Around, number: int) -> _Matrix:
    """Refuse a node that keeps only its first match: which groups have matched in it depends on the order."""
    if number in _groups(node.body):
        reason = (
            "a conditional about a group in an atomic group or a lookaround depends on the order of matching"
        )
        raise NotRegular(reason, node.offset)
    (unset, _), (_, set_) = _matrix(node.body, number)
    return (node._replace(body=unset), _NOWHERE), (_NOWHERE, node._replace(body=set_))


def _groups(node: Node) -> set[int]:
    own = {node.number} if isinstance(node, Group) else set()
    return own.union(*map(_groups, parts_of(node)))


_RULES: dict[type, Callable[[Any, int], _Matrix]] = {
    Sequence: _sequence,
    Choice: _choice,
    Repeat: _repeat,
    Group: _group,
    Conditional: _conditional,
    Atomic: _closed,
    Around: _closed,
}


def _then(first: Node, second: Node) -> Node:
    if first is _NOWHERE or second is _NOWHERE:
        return _NOWHERE
    if first is NOTHING:
        return second
    return Sequence((*(first.parts if isinstance(first, Sequence) else (first,)), second))


def _either(nodes: list[Node]) -> Node:
    found = [node for node in nodes if node is not _NOWHERE]
    return found[0] if len(found) == 1 else Choice(tuple(found)) if found else _NOWHERE
