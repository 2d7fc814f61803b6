"""Moves lookaheads out of lookbehinds, because the automaton of a lookbehind sees only one character ahead.

A lookahead moves to the right, to the end of the lookbehind, where it can stand outside as well. Over a character it
moves as its derivative by that character: ``(?<=(?=ab|c)[abc])`` is ``(?<=a)(?=b)|(?<=c)``. In the end, a lookbehind
becomes a union of lookbehinds without lookaheads, each followed by the lookaheads that are still open.

A lookahead of one character stays where it is. A lookahead that begins with an assertion cannot move over characters,
and no lookahead can move through an unbounded repetition: these cases are refused.
"""

from __future__ import annotations

from typing import NoReturn, TypeAlias

from constrain.errors import RegexError
from constrain.languages.regex.parsing.analysis import single_step
from constrain.languages.regex.parsing.syntax import (
    EMPTY,
    NEVER,
    Alt,
    Chars,
    Concat,
    Look,
    Loop,
    Node,
    Text,
    alternation,
    chars,
    concat,
    loop,
    nullable,
)
from constrain.languages.regex.unicode import ranges as sets
from constrain.languages.regex.unicode.ranges import Ranges
from constrain.work import checkpoint

# How many ways through a lookbehind may leave different lookaheads open.
MOST_WAYS = 200

# The lookaheads that are open at a place, all of which must hold. The keys identify them.
_Open: TypeAlias = dict[str, Look]
# What is read on some way through a node, and which lookaheads are open after it.
_Way: TypeAlias = tuple[Node, _Open]


def without_lookaheads_behind(node: Node, source: str) -> Node:
    """An equivalent tree without lookaheads of several characters in its lookbehinds; the node itself if it has none.

    Raises:
        RegexError: one of them cannot be moved out.
    """
    if node.pure or not isinstance(node, (Concat, Alt, Loop, Look)):
        return node
    if isinstance(node, (Concat, Alt)):
        parts = [without_lookaheads_behind(part, source) for part in node.parts]
        if all(part is old for part, old in zip(parts, node.parts, strict=True)):
            return node
        return concat(parts) if isinstance(node, Concat) else alternation(parts)
    body = without_lookaheads_behind(node.body, source)
    if isinstance(node, Loop):
        return node if body is node.body else loop(body, node.least, node.most)
    if node.behind and _looks_far(body):
        return _moved_out(node._replace(body=body), source)
    return node if body is node.body else node._replace(body=body)


def _looks_far(node: Node) -> bool:
    """Whether a node contains a lookahead of several characters, not counting those in lookarounds within it."""
    if isinstance(node, (Concat, Alt)):
        return not node.pure and any(map(_looks_far, node.parts))
    if isinstance(node, Loop):
        return not node.pure and _looks_far(node.body)
    return isinstance(node, Look) and not node.behind and single_step(node.body, False) is None


def _moved_out(node: Look, source: str) -> Node:
    branches: list[Node] = []
    for read, ahead in _Mover(source, node.offset).ways(node.body, {}):
        behind: list[Node] = [] if _is(read, EMPTY) else [Look(True, False, read, node.offset)]
        branches.append(concat([*behind, *ahead.values()]))
    found = alternation(branches)
    if not node.negated:
        return found
    return EMPTY if _is(found, NEVER) else Look(False, True, found, node.offset)


class _Mover:
    """Moves the lookaheads of one lookbehind to its end."""

    def __init__(self, source: str, offset: int) -> None:
        self._source = source
        self._offset = offset

    def _refuse(self, offset: int, reason: str) -> NoReturn:
        raise RegexError(self._source, offset, reason)

    def ways(self, node: Node, ahead: _Open) -> list[_Way]:
        """The ways through a node before which ``ahead`` is open."""
        checkpoint()
        if not ahead and not _looks_far(node):
            return [(node, ahead)]
        if isinstance(node, Text):
            return self._sequence([Chars(sets.single(ord(letter))) for letter in node.text], ahead)
        if isinstance(node, Chars):
            return self._over(node.ranges, ahead)
        if isinstance(node, Concat):
            return self._sequence(node.parts, ahead)
        if isinstance(node, Alt):
            return self._merged([way for part in node.parts for way in self.ways(part, ahead)])
        if isinstance(node, Loop):
            return self._rounds(node, ahead)
        if not isinstance(node, Look) or not _looks_far(node):
            return [(node, ahead)]
        opened = _with({}, node)
        return [] if opened is None else [(EMPTY, {**ahead, **opened})]

    def _sequence(self, parts: tuple[Node, ...] | list[Chars], ahead: _Open) -> list[_Way]:
        found: list[_Way] = [(EMPTY, ahead)]
        for part in parts:
            found = self._then(found, part)
        return found

    def _then(self, ways: list[_Way], node: Node) -> list[_Way]:
        return self._merged([
            (concat([read, more]), after) for read, ahead in ways for more, after in self.ways(node, ahead)
        ])  # fmt: skip

    def _rounds(self, node: Loop, ahead: _Open) -> list[_Way]:
        if node.most is None or node.most > MOST_WAYS:
            place = next((look.offset for look in ahead.values()), self._offset)
            self._refuse(place, "a lookahead inside a lookbehind beside a repetition is not supported")
        latest: list[_Way] = [(EMPTY, ahead)]
        found = [] if node.least else latest
        for number in range(1, node.most + 1):
            latest = self._then(latest, node.body)
            if number >= node.least:
                found = self._merged([*found, *latest])
        return found

    def _merged(self, ways: list[_Way]) -> list[_Way]:
        """The ways, merged so that there is one for each set of open lookaheads."""
        groups: dict[frozenset[str], tuple[_Open, list[Node]]] = {}
        for read, ahead in ways:
            groups.setdefault(frozenset(ahead), (ahead, []))[1].append(read)
        if len(groups) > MOST_WAYS:
            self._refuse(self._offset, "a lookahead inside a lookbehind can end in too many ways")
        return [(alternation(reads), ahead) for ahead, reads in groups.values()]

    def _over(self, ranges: Ranges, ahead: _Open) -> list[_Way]:
        """The ways over one character of a set."""
        classes = [ranges]
        for letters in [letters for look in ahead.values() for letters in self._heads(look.body, look)]:
            split = [(sets.intersection(one, letters), sets.difference(one, letters)) for one in classes]
            classes = [part for pair in split for part in pair if part]
        found: list[_Way] = []
        for letters in classes:
            after: _Open | None = {}
            for look in ahead.values():
                rest = look._replace(body=_derivative(look.body, letters[0][0]))
                after = None if after is None else _with(after, rest)
            if after is not None:
                found.append((chars(letters), after))
        return self._merged(found)

    def _heads(self, node: Node, look: Look) -> list[Ranges]:
        """The sets of characters that the texts of a node begin with."""
        if isinstance(node, Text):
            return [sets.single(ord(node.text[0]))]
        if isinstance(node, Chars):
            return [node.ranges]
        if isinstance(node, Alt):
            return [letters for part in node.parts for letters in self._heads(part, look)]
        if isinstance(node, Loop):
            return self._heads(node.body, look)
        if not isinstance(node, Concat):
            self._refuse(
                look.offset, "a lookahead inside a lookbehind, before an assertion in it, is not supported"
            )
        found: list[Ranges] = []
        for part in node.parts:
            found += self._heads(part, look)
            if not nullable(part):
                break
        return found


def _with(ahead: _Open, look: Look) -> _Open | None:
    """``ahead`` with one more lookahead; None if that lookahead can never hold."""
    body = look.body
    certain = body.pure and nullable(body)
    if certain or _is(body, NEVER):
        return ahead if certain != look.negated else None
    return {**ahead, f"{look.negated} {body!r}": look}


def _derivative(node: Node, letter: int) -> Node:
    """What may follow a character in the texts of a node that begin with it."""
    if isinstance(node, Text):
        return concat([node.text[1:]] if node.text[1:] else []) if ord(node.text[0]) == letter else NEVER
    if isinstance(node, Chars):
        return EMPTY if sets.contains(node.ranges, letter) else NEVER
    if isinstance(node, Alt):
        return alternation([_derivative(part, letter) for part in node.parts])
    if isinstance(node, Loop):
        most = None if node.most is None else node.most - 1
        return concat([_derivative(node.body, letter), loop(node.body, max(node.least - 1, 0), most)])
    assert isinstance(node, Concat)
    branches: list[Node] = []
    for index, part in enumerate(node.parts):
        branches.append(concat([_derivative(part, letter), *node.parts[index + 1 :]]))
        if not nullable(part):
            break
    return alternation(branches) if branches else NEVER


def _is(node: Node, other: Node) -> bool:
    return type(node) is type(other) and node == other
