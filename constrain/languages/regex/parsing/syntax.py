"""The syntax tree of a regular expression, after flags, escapes and flavours are resolved.

    Text    a non-empty run of literal characters
    Chars   one character of a set
    Concat  one part after the other; no parts: the empty text
    Alt     any one of the branches
    Loop    the body, ``least`` to ``most`` times (None: without end)
    Start   ^ \\A        End  $ \\Z        Word  \\b \\B        Look  lookahead and lookbehind

Groups leave no trace, and greedy or lazy makes no difference: a tree stands for a language, not for a match. ``pure``
says that a node contains no assertion (no Start, End, Word or Look), so that its language does not depend on its
surroundings. Build nodes with the lower-case functions: they
keep trees small. Nodes are tuples of different types that may compare equal: never key on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from constrain.languages.regex.unicode import ranges as sets
from constrain.languages.regex.unicode.ranges import Ranges


class Text(NamedTuple):
    """A non-empty literal text without surrogates."""

    text: str

    @property
    def pure(self) -> bool:
        return True


class Chars(NamedTuple):
    """One character out of a set; the empty set matches nothing."""

    ranges: Ranges

    @property
    def pure(self) -> bool:
        return True


class Concat(NamedTuple):
    """The parts in order."""

    parts: tuple[Node, ...]
    pure: bool


class Alt(NamedTuple):
    """One of the parts."""

    parts: tuple[Node, ...]
    pure: bool


class Loop(NamedTuple):
    """``body`` repeated ``least`` to ``most`` times; ``most`` is None for 'any number'."""

    body: Node
    least: int
    most: int | None
    pure: bool


class Start(NamedTuple):
    """The start of the text, or of a line: just after a character of ``lines`` (empty: text only)."""

    lines: Ranges
    offset: int

    @property
    def pure(self) -> bool:
        return False


class End(NamedTuple):
    """The end of the text, or a place before a character of ``lines``.

    ``final_newline``: also before a line feed that ends the text, as with Python's ``$``.
    """

    lines: Ranges
    final_newline: bool
    offset: int

    @property
    def pure(self) -> bool:
        return False


class Word(NamedTuple):
    """A place where exactly one neighbour (``negated``: both or none) is one of ``members``.

    ``not_empty``: never holds in the empty text, which is what ``\\B`` does before Python 3.14.
    """

    members: Ranges
    negated: bool
    not_empty: bool
    offset: int

    @property
    def pure(self) -> bool:
        return False


class Look(NamedTuple):
    """The text that follows (``behind``: precedes) this place is (``negated``: is not) a text of ``body``."""

    behind: bool
    negated: bool
    body: Node
    offset: int

    @property
    def pure(self) -> bool:
        return False


Node: TypeAlias = Text | Chars | Concat | Alt | Loop | Start | End | Word | Look

# Expressions keep counts in 32 bits.
LARGEST_COUNT = (1 << 31) - 1

EMPTY = Concat((), True)
NEVER = Chars(sets.NONE)
ANY_CHAR = Chars(sets.ALL)
ANY_TEXT = Loop(ANY_CHAR, 0, None, True)


def chars(ranges: Ranges) -> Node:
    """One character of a set: a literal if there is only one."""
    if len(ranges) == 1 and ranges[0][0] == ranges[0][1]:
        return Text(chr(ranges[0][0]))
    return Chars(ranges)


def concat(items: Sequence[str | Node]) -> Node:
    """The items in order, a str standing for literal text; runs of text become one node."""
    parts: list[Node] = []
    text: list[str] = []
    pure = True
    for item in items:
        kind = type(item)
        if kind is str:
            text.append(item)  # type: ignore[arg-type]
        elif kind is Text:
            text.append(item.text)  # type: ignore[union-attr]
        elif kind is Concat:
            return concat(_flat(items))
        else:
            if text:
                parts.append(Text("".join(text)))
                text = []
            if item == NEVER and kind is Chars:
                return NEVER
            pure = pure and item.pure  # type: ignore[union-attr]
            if kind is Loop and parts and _is_same_loop(parts[-1], item):  # type: ignore[arg-type]
                item = _both_loops(parts.pop(), item)  # type: ignore[arg-type]
            parts.append(item)  # type: ignore[arg-type]
    if text:
        parts.append(Text("".join(text)))
    return parts[0] if len(parts) == 1 else Concat(tuple(parts), pure)


def _is_same_loop(first: Node, second: Loop) -> bool:
    """Whether two neighbours repeat the same character or text."""
    return (
        isinstance(first, Loop)
        and type(first.body) is type(second.body)
        and isinstance(first.body, (Text, Chars))
        and first.body == second.body
        and max(first.least + second.least, (first.most or 0) + (second.most or 0)) <= LARGEST_COUNT
    )


def _both_loops(first: Loop, second: Loop) -> Loop:
    """Join x{a,b}x{c,d} to x{a+c,b+d}: unchanged, they have many readings of one text, and a state for each."""
    most = None if first.most is None or second.most is None else first.most + second.most
    return Loop(first.body, first.least + second.least, most, True)


def _flat(items: Sequence[str | Node]) -> list[str | Node]:
    """The items, with every concatenation replaced by its parts."""
    result: list[str | Node] = []
    for item in items:
        if type(item) is Concat:
            result.extend(item.parts)
        else:
            result.append(item)
    return result


def alternation(branches: Sequence[Node]) -> Node:
    """Any of the branches; branches of one character each become one set."""
    if len(branches) == 1:
        return branches[0]
    flat: list[Node] = []
    letters: list[Ranges] = []
    pure = True
    for branch in branches:
        for part in branch.parts if type(branch) is Alt else (branch,):
            if type(part) is Chars:
                letters.append(part.ranges)
            elif type(part) is Text and len(part.text) == 1:
                letters.append(sets.single(ord(part.text)))
            else:
                pure = pure and part.pure
                flat.append(part)
    letter = sets.union(letters)
    if letter:
        flat.append(chars(letter))
    if len(flat) < 2:
        return flat[0] if flat else NEVER
    return Alt(tuple(flat), pure)


def nullable(node: Node) -> bool:
    """Whether the node can match without consuming a character, given that its assertions hold."""
    kind = type(node)
    if kind is Text or kind is Chars:
        return False
    if isinstance(node, Concat):
        return all(map(nullable, node.parts))
    if isinstance(node, Alt):
        return any(map(nullable, node.parts))
    if isinstance(node, Loop):
        return node.least == 0 or nullable(node.body)
    return True


def loop(body: Node, least: int, most: int | None) -> Node:
    """``body`` repeated. Nested repetitions become one where that is exact: unchanged, they have many readings of one
    text, and a state for each."""
    kind = type(body)
    if most == 0 or (kind is Concat and body == EMPTY):
        return EMPTY
    if least == 1 and most == 1:
        return body
    if kind is Text:
        return Loop(body, least, most, True)
    if isinstance(body, Chars):
        return Loop(body, least, most, True) if body.ranges else NEVER if least else EMPTY
    if isinstance(body, Loop) and _seamless(body, least, most):
        bound = None if body.most is None or most is None else body.most * most
        return loop(body.body, body.least * least, bound)
    if body.pure and nullable(body):
        least = 0
    if body.pure and least == 0 and most is None:
        body = _star_body(body)
    return Loop(body, least, most, body.pure)


def _seamless(inner: Loop, least: int, most: int | None) -> bool:
    """Whether x{a,b}{n,m} is x{an,bm}: there is no gap between the counts of k and of k + 1 rounds."""
    if max(inner.least * least, (inner.most or 0) * (most or 0)) > LARGEST_COUNT:
        return False
    if least == most or inner.least < 2:
        return True
    if inner.most is None:
        return least > 0
    return inner.most * least + 1 >= inner.least * (least + 1)


def _star_body(node: Node) -> Node:
    """What to repeat instead of a pure node, if any number of times: (a*b?)* is (a|b)*."""
    if isinstance(node, Loop) and node.least < 2:
        return _star_body(node.body)
    if isinstance(node, Alt) or (isinstance(node, Concat) and node.parts and nullable(node)):
        return alternation([_star_body(part) for part in node.parts if part != EMPTY])
    return node


def parts_of(node: Node) -> list[Node]:
    """The parts of a concatenation, or the node alone."""
    return list(node.parts) if isinstance(node, Concat) else [node]
