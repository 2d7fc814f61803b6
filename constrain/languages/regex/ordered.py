r"""Trees that keep the order in which a pattern is tried, for what depends on it: atomic groups and conditionals.

What a backtracking matcher can match in the end is a language, whatever it tries first. Two constructs ask more:

- An *atomic group* ``(?>X)``, or a possessive quantifier, keeps the first match of X and tries no other. The first
  match is unambiguous, and can be written with lookaheads: of ``A|B`` it is the first of A or, where A with what
  follows it in the group does not match here, the first of B. A greedy ``A*`` goes round as long as ``A A*`` and what
  follows match here, a lazy one as long as what follows does not. Where the group ends, nothing follows.
- A *conditional* ``(?(1)A|B)`` asks whether a group has matched. Every part of the pattern becomes a matrix: what it
  matches where the group has not matched before it and has, or has not, behind it. Matrices are concatenated, united
  and repeated like languages.

    Sequence    one part after the other         Repeat        as Loop; greedy, lazy or possessive
    Choice      the first part that will do      Group         a capturing group
    Atomic      the first match of the body      Conditional   one of two parts
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeAlias

from constrain.languages.regex.analysis import consuming
from constrain.languages.regex.reader import repeated
from constrain.languages.regex.syntax import (
    EMPTY,
    NEVER,
    Alt,
    Chars,
    End,
    Look,
    Start,
    Text,
    Word,
    alternation,
    concat,
    loop,
    nullable,
)
from constrain.languages.regex.syntax import Node as Plain

# Rounds of a repetition that are written out where they differ.
MOST_ROUNDS = 50


class Sequence(NamedTuple):
    """The parts in order."""

    parts: tuple[Node, ...]


class Choice(NamedTuple):
    """The parts, tried in order."""

    parts: tuple[Node, ...]


class Repeat(NamedTuple):
    """``body`` repeated ``least`` to ``most`` times; ``lazy``: rather fewer times."""

    body: Node
    least: int
    most: int | None
    lazy: bool
    offset: int


class Atomic(NamedTuple):
    """The first match of ``body``."""

    body: Node
    offset: int


class Group(NamedTuple):
    """A capturing group."""

    number: int
    body: Node


class Conditional(NamedTuple):
    """``yes`` if the group has matched, else ``no``."""

    number: int
    yes: Node
    no: Node
    offset: int


class Around(NamedTuple):
    """A lookaround, as ``Look``."""

    behind: bool
    negated: bool
    body: Node
    offset: int


Leaf: TypeAlias = Text | Chars | Start | End | Word
Node: TypeAlias = Leaf | Sequence | Choice | Repeat | Atomic | Group | Conditional | Around

NOTHING = Sequence(())


class NotRegular(Exception):
    """What cannot be written as a language.

    Attributes:
        reason: why.
        offset: where.
    """

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(reason, offset)
        self.reason = reason
        self.offset = offset


# -- what can be matched --------------------------------------------------------------------------


def plain(node: Node) -> Plain:
    """The tree of all that a node without conditionals can match.

    Raises:
        NotRegular: an atomic group in it cannot be written.
    """
    if isinstance(node, Sequence):
        return concat([plain(part) for part in node.parts])
    if isinstance(node, Choice):
        return alternation([plain(part) for part in node.parts])
    if isinstance(node, Repeat):
        return repeated(plain(node.body), node.least, node.most)
    if isinstance(node, Group):
        return plain(node.body)
    if isinstance(node, Atomic):
        return _first(node.body, EMPTY)
    if isinstance(node, Around):
        return Look(node.behind, node.negated, plain(node.body), node.offset)
    assert not isinstance(node, Conditional)
    return node


def outline(node: Node) -> Plain:
    """A tree of the same width, though it may match less or more."""
    if isinstance(node, Conditional):
        return Alt((outline(node.yes), outline(node.no)), False)
    if isinstance(node, Sequence):
        return concat([outline(part) for part in node.parts])
    if isinstance(node, Choice):
        return Alt(tuple(outline(part) for part in node.parts), False)
    if isinstance(node, Repeat):
        return loop(outline(node.body), node.least, node.most)
    if isinstance(node, (Group, Atomic)):
        return outline(node.body)
    return EMPTY if isinstance(node, Around) else node


# -- what is matched first ------------------------------------------------------------------------


def _first(node: Node, rest: Plain) -> Plain:
    """What a node matches first, of all after which ``rest`` matches."""
    if isinstance(node, Sequence):
        found: list[Plain] = []
        for part in reversed(node.parts):
            found.append(_first(part, rest))
            rest = concat([plain(part), rest])
        return concat(found[::-1])
    if isinstance(node, Choice):
        branches: list[Plain] = []
        failed: list[Plain] = []
        for part in node.parts:
            branches.append(concat([*failed, _first(part, rest)]))
            failed.append(_not(concat([plain(part), rest])))
        return alternation(branches)
    if isinstance(node, Repeat):
        return _first_rounds(node, rest)
    if isinstance(node, Group):
        return _first(node.body, rest)
    return plain(node)


def _first_rounds(node: Repeat, rest: Plain) -> Plain:
    """The rounds that a repetition goes first."""
    each = _each_round(node, rest)
    if each is not None:
        return _equal_rounds(node, each, rest)
    body = plain(node.body)
    if nullable(body):
        reason = "a repetition of what may be empty, in an atomic group, depends on the order of matching"
        raise NotRegular(reason, node.offset)
    found: list[Plain] = []
    for left in range(node.least - 1, -1, -1):  # rounds that must come behind this one
        _check_rounds(node.least, node)
        most = None if node.most is None else node.most - node.least + left
        found.append(_first(node.body, concat([loop(body, left, most), rest])))
    return concat([*found, _further_rounds(node, body, rest)])


def _each_round(node: Repeat, rest: Plain) -> Plain | None:
    """What each round matches, whatever the rounds behind it do; None if that makes a difference."""
    free = (
        rest == EMPTY and node.least == 0 and not node.lazy
    )  # whatever a round matches, the rest can be empty
    if free or isinstance(node.body, (Text, Chars, Atomic)):
        return _first(node.body, EMPTY)
    return None


def _equal_rounds(node: Repeat, each: Plain, rest: Plain) -> Plain:
    """Rounds that each match ``each``, which matches one text at most in a place. An empty round is the last one."""
    needed = loop(each, node.least, node.least)
    more = consuming(each)
    most = None if node.most is None else node.most - node.least
    if most == 0 or (node.lazy and rest == EMPTY):
        return needed
    if node.lazy:
        rounds = loop(concat([_not(rest), more]), 0, most)
        return concat([needed, rounds, Look(False, False, rest, node.offset)])
    if rest == EMPTY:
        stop = _not(more)
        if most is None:
            return concat([needed, loop(more, 0, None), stop])
        return concat([
            needed, alternation([loop(more, most, most), concat([loop(more, 0, most - 1), stop])])
        ])  # fmt: skip
    return concat([needed, _further_rounds(node, more, rest)])


def _further_rounds(node: Repeat, body: Plain, rest: Plain) -> Plain:
    """The rounds beyond the fewest, as many as can be (``lazy``: must be) for ``rest`` to match behind them."""
    most = None if node.most is None else node.most - node.least
    if most == 0 or (node.lazy and rest == EMPTY):
        return EMPTY
    stop_early = Look(False, False, rest, node.offset)
    go_on = [_not(rest)] if node.lazy else []
    if most is None:
        behind = concat([loop(body, 0, None), rest])
        stop = stop_early if node.lazy else _not(concat([body, behind]))
        return concat([loop(concat([*go_on, _first(node.body, behind)]), 0, None), stop])
    _check_rounds(most, node)
    found: Plain = EMPTY
    for left in range(most):  # rounds that may come behind this one
        behind = concat([loop(body, 0, left), rest])
        stop = stop_early if node.lazy else _not(concat([body, behind]))
        found = alternation([concat([*go_on, _first(node.body, behind), found]), stop])
    return found


def _check_rounds(count: int, node: Repeat) -> None:
    if count > MOST_ROUNDS:
        reason = f"an atomic group would need more than {MOST_ROUNDS} copies of a repetition"
        raise NotRegular(reason, node.offset)


def _not(node: Plain) -> Plain:
    """That a tree does not match here."""
    return NEVER if node == EMPTY else EMPTY if node == NEVER else Look(False, True, node, 0)


# -- conditionals ---------------------------------------------------------------------------------

# What a part matches from a state (row) to a state (column): 0 where the group has not matched yet, 1 where it has.
# Nodes of different types may be equal, so ``_NOWHERE`` and ``NOTHING`` are told by identity.
_Matrix: TypeAlias = tuple[tuple[Node, Node], tuple[Node, Node]]
_NOWHERE: Node = NEVER


def without_conditionals(node: Node) -> Node:
    """An equal tree without conditionals.

    Raises:
        NotRegular: one of them cannot be written.
    """
    while True:
        asked = _asked(node)
        if asked is None:
            return node
        matrix = _matrix(node, asked)
        node = _either([matrix[0][0], matrix[0][1]])


def _asked(node: Node) -> int | None:
    """The number of a group that a conditional in the tree asks about, or None."""
    if isinstance(node, Conditional):
        return node.number
    return next((number for part in _parts(node) if (number := _asked(part)) is not None), None)


def _parts(node: Node) -> tuple[Node, ...]:
    if isinstance(node, (Sequence, Choice)):
        return node.parts
    if isinstance(node, (Repeat, Atomic, Group, Around)):
        return (node.body,)
    return (node.yes, node.no) if isinstance(node, Conditional) else ()


def _matrix(node: Node, number: int) -> _Matrix:
    rule = _RULES.get(type(node))
    return ((node, _NOWHERE), (_NOWHERE, node)) if rule is None else rule(node, number)


def _sequence(node: Sequence, number: int) -> _Matrix:
    rows: list[tuple[Node, Node]] = []
    matrices = [_matrix(part, number) for part in node.parts]
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
        # n rounds at least: i before, and n - 1 - i at least behind; from n - 1 before, none need to be behind
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
    for part in _parts(node):
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
    """What keeps its first match only: which groups that has matched depends on the order."""
    if number in _groups(node.body):
        reason = (
            "a conditional about a group in an atomic group or a lookaround depends on the order of matching"
        )
        raise NotRegular(reason, node.offset)
    (unset, _), (_, set_) = _matrix(node.body, number)
    return (node._replace(body=unset), _NOWHERE), (_NOWHERE, node._replace(body=set_))


def _groups(node: Node) -> set[int]:
    own = {node.number} if isinstance(node, Group) else set()
    return own.union(*map(_groups, _parts(node)))


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
