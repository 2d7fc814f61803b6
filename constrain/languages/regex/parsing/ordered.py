r"""Trees that keep the order in which a pattern is tried, on which atomic groups and conditionals depend.

The texts that a backtracking matcher can match are a language, whatever it tries first. Two constructs need more:

- An *atomic group* ``(?>X)``, or a possessive quantifier, keeps the first match of X and tries no other. The first
  match is unambiguous, and can be written with lookaheads: of ``A|B`` it is the first of A or, where A with what
  follows it in the group does not match here, the first of B. A greedy ``A*`` repeats as long as ``A A*`` and what
  follows match here, a lazy one as long as what follows does not. At the end of the group, nothing follows.
- A *conditional* ``(?(1)A|B)`` asks whether a group has matched. ``conditionals`` rewrites it without that question.

    Sequence    one part after the other         Repeat        as Loop; greedy, lazy or possessive
    Choice      the first part that will do      Group         a capturing group
    Atomic      the first match of the body      Conditional   one of two parts
    Written     an atomic group that is written as a plain tree
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

from constrain.languages.regex.parsing.analysis import consuming
from constrain.languages.regex.parsing.reader import repeated
from constrain.languages.regex.parsing.syntax import (
    EMPTY,
    NEVER,
    Alt,
    Chars,
    Concat,
    End,
    Look,
    Loop,
    Start,
    Text,
    Word,
    alternation,
    concat,
    loop,
    nullable,
)
from constrain.languages.regex.parsing.syntax import Node as Plain
from constrain.work import checkpoint

# How many rounds of a repetition are written out where they differ.
MOST_ROUNDS = 50
# How many parts a tree without these constructs may have: each nested atomic group, and each conditional, may double
# it.
MOST_PARTS = 100_000


class Sequence(NamedTuple):
    """The parts in order."""

    parts: tuple[Node, ...]


class Choice(NamedTuple):
    """The parts, tried in order."""

    parts: tuple[Node, ...]


class Repeat(NamedTuple):
    """``body`` repeated ``least`` to ``most`` times; ``lazy``: preferably fewer times."""

    body: Node
    least: int
    most: int | None
    lazy: bool
    offset: int


class Atomic(NamedTuple):
    """The first match of ``body``."""

    body: Node
    offset: int


class Written(NamedTuple):
    """``tree``, which is the first match of something."""

    tree: Plain


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
Node: TypeAlias = Leaf | Sequence | Choice | Repeat | Atomic | Written | Group | Conditional | Around

NOTHING = Sequence(())


class NotRegular(Exception):
    """Raised for what cannot be written as a language.

    Attributes:
        reason: why.
        offset: where.
    """

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(reason, offset)
        self.reason = reason
        self.offset = offset


def parts_of(node: Any) -> tuple[Any, ...]:
    """The parts of a node of either kind."""
    if isinstance(node, (Sequence, Choice, Concat, Alt)):
        return node.parts
    if isinstance(node, (Repeat, Atomic, Group, Around, Loop, Look)):
        return (node.body,)
    return (node.yes, node.no) if isinstance(node, Conditional) else ()


def check_parts(tree: Any, what: str, offset: int) -> None:
    """Raise if a tree of nodes of either kind has too many parts."""
    todo, count = [tree], 0
    while todo:
        count += 1
        if count > MOST_PARTS:
            raise NotRegular(f"{what} would need more than {MOST_PARTS:,} parts", offset)
        todo += parts_of(todo.pop())


# -- what can be matched --------------------------------------------------------------------------


def plain(node: Node) -> Plain:
    """The tree of all that a node without conditionals can match.

    Raises:
        NotRegular: an atomic group in it cannot be written.
    """
    return _plain(_written(node))


def _written(node: Node) -> Node:
    """An equivalent node without atomic groups; inner ones are rewritten first, and only once."""
    if isinstance(node, (Sequence, Choice)):
        return type(node)(tuple(map(_written, node.parts)))
    if isinstance(node, (Repeat, Group, Around)):
        return node._replace(body=_written(node.body))
    if not isinstance(node, Atomic):
        return node
    tree = _first(_written(node.body), EMPTY)
    check_parts(tree, "an atomic group", node.offset)
    return Written(tree)


def _plain(node: Node) -> Plain:
    checkpoint()
    if isinstance(node, Sequence):
        return concat([_plain(part) for part in node.parts])
    if isinstance(node, Choice):
        return alternation([_plain(part) for part in node.parts])
    if isinstance(node, Repeat):
        return repeated(_plain(node.body), node.least, node.most)
    if isinstance(node, Group):
        return _plain(node.body)
    if isinstance(node, Around):
        return Look(node.behind, node.negated, _plain(node.body), node.offset)
    if isinstance(node, Written):
        return node.tree
    assert not isinstance(node, (Atomic, Conditional))
    return node


def outline(node: Node) -> Plain:
    """A tree of the same width, which may match less or more."""
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
    if isinstance(node, Written):
        return node.tree
    return EMPTY if isinstance(node, Around) else node


# -- what is matched first ------------------------------------------------------------------------


def _first(node: Node, rest: Plain) -> Plain:
    """What a node matches first among all matches after which ``rest`` matches."""
    checkpoint()
    if isinstance(node, Sequence):
        found: list[Plain] = []
        for part in reversed(node.parts):
            found.append(_first(part, rest))
            rest = concat([_plain(part), rest])
        return concat(found[::-1])
    if isinstance(node, Choice):
        branches: list[Plain] = []
        failed: list[Plain] = []
        for part in node.parts:
            branches.append(concat([*failed, _first(part, rest)]))
            failed.append(_not(concat([_plain(part), rest])))
        return alternation(branches)
    if isinstance(node, Repeat):
        return _first_rounds(node, rest)
    if isinstance(node, Group):
        return _first(node.body, rest)
    return _plain(node)


def _first_rounds(node: Repeat, rest: Plain) -> Plain:
    """The rounds that a repetition tries first."""
    each = _each_round(node, rest)
    if each is not None:
        return _equal_rounds(node, each, rest)
    body = _plain(node.body)
    if nullable(body):
        reason = "a repetition of what may be empty, in an atomic group, depends on the order of matching"
        raise NotRegular(reason, node.offset)
    found: list[Plain] = []
    for left in range(node.least - 1, -1, -1):  # rounds that must come after this one
        _check_rounds(node.least, node)
        most = None if node.most is None else node.most - node.least + left
        found.append(_first(node.body, concat([loop(body, left, most), rest])))
    return concat([*found, _further_rounds(node, body, rest)])


def _each_round(node: Repeat, rest: Plain) -> Plain | None:
    """What each round matches, if that does not depend on the rounds after it; else None."""
    free = (
        rest == EMPTY and node.least == 0 and not node.lazy
    )  # whatever a round matches, the rest can be empty
    if free or isinstance(node.body, (Text, Chars, Written)):
        return _first(node.body, EMPTY)
    return None


def _equal_rounds(node: Repeat, each: Plain, rest: Plain) -> Plain:
    """Rounds that each match ``each``, which matches at most one text at each place. An empty round is the last one."""
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
    """The rounds beyond the fewest, as many as are possible (``lazy``: necessary) for ``rest`` to match after them."""
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
    for left in range(most):  # rounds that may come after this one
        behind = concat([loop(body, 0, left), rest])
        stop = stop_early if node.lazy else _not(concat([body, behind]))
        found = alternation([concat([*go_on, _first(node.body, behind), found]), stop])
    return found


def _check_rounds(count: int, node: Repeat) -> None:
    if count > MOST_ROUNDS:
        reason = f"an atomic group would need more than {MOST_ROUNDS} copies of a repetition"
        raise NotRegular(reason, node.offset)


def _not(node: Plain) -> Plain:
    """The assertion that a tree does not match here."""
    return NEVER if node == EMPTY else EMPTY if node == NEVER else Look(False, True, node, 0)
