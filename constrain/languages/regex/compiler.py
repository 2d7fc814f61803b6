"""From syntax tree to expression.

``regex_expression`` first strips anchors at the edges and handles search mode, so that an ordinary pattern,
``^[a-z]+$`` or ``abc``, is compiled directly. Only patterns with other assertions need continuations
(``continuation``).
"""

from __future__ import annotations

from collections import deque
from typing import Any, Literal

from constrain.engine.questions import Questions
from constrain.errors import WorkLimitExceeded
from constrain.languages.regex.assertions.borders import Borders
from constrain.languages.regex.assertions.continuation import Continuation, Finish, Star, chain
from constrain.languages.regex.assertions.lookahead_behind import without_lookaheads_behind
from constrain.languages.regex.parsing.syntax import (
    ANY_TEXT,
    Alt,
    Chars,
    Concat,
    End,
    Loop,
    Node,
    Start,
    Text,
    alternation,
    concat,
    loop,
    parts_of,
)
from constrain.languages.regex.unicode import ranges as sets
from constrain.languages.regex.unicode.alphabet import Alphabet, Arena, Expression
from constrain.languages.regex.unicode.ranges import Ranges
from constrain.work import checkpoint

Mode = Literal["fullmatch", "search"]

# How many states are searched to decide whether a recursive reference has a text.
MOST_STATES = 20_000
_OPTIONAL_LINE_FEED = Loop(Text("\n"), 0, 1, True)
_SETTLE_AFTER = 25


def compile_tree(arena: Arena, tree: Node, alphabet: Alphabet, mode: Mode, source: str) -> Expression:
    """The expression of a tree's texts (fullmatch) or of the texts that contain one (search)."""
    plain = Plain(arena, alphabet)
    if tree.pure and mode == "fullmatch":
        return plain.plain(tree)
    tree = without_lookaheads_behind(tree, source)
    pure: dict[tuple[bool, str], list[Node]] = {}
    found: list[Expression] = []
    for branch in tree.parts if isinstance(tree, Alt) else (tree,):
        left, parts, right = _edges(branch, mode)
        if all(part.pure for part in parts):
            pure.setdefault((left, right), []).append(concat(parts))
        else:
            whole = concat([*([ANY_TEXT] if left else []), *parts, *_RIGHT_EDGES[right]])
            found.append(Compiler(plain, whole, source).result())
    for (left, right), middles in pure.items():
        found.append(
            plain.plain(concat([*([ANY_TEXT] if left else []), alternation(middles), *_RIGHT_EDGES[right]]))
        )
    return arena.union(found)


def has_inner_assertions(tree: Node) -> bool:
    """Whether a pattern that must match whole texts has assertions other than anchors at the edges of its branches."""
    branches = tree.parts if isinstance(tree, Alt) else (tree,)
    return not all(part.pure for branch in branches for part in _edges(branch, "fullmatch")[1])


_RIGHT_EDGES: dict[str, list[Node]] = {"open": [ANY_TEXT], "newline": [_OPTIONAL_LINE_FEED], "closed": []}


def _edges(branch: Node, mode: Mode) -> tuple[bool, list[Node], str]:
    """A branch without the anchors at its edges: (any text before?, parts, what may come after)."""
    parts = parts_of(branch)
    left = mode == "search"
    right = "open" if left else "closed"
    while parts and isinstance(parts[0], Start) and not (parts[0].lines and left):
        parts.pop(0)
        left = False
    while parts and isinstance(parts[-1], End) and not (parts[-1].lines and right != "closed"):
        if right == "open" and parts[-1].final_newline:
            right = "newline"
        elif not parts[-1].final_newline:
            right = "closed"
        parts.pop()
    if left:
        _trim(parts, 0)
    if right == "open":
        _trim(parts, -1)
    return left, parts, right


def _trim(parts: list[Node], edge: int) -> None:
    """The repetition B{n,m} next to 'any text', reduced to B{n}: 'any text' includes the further rounds."""
    while parts:
        node = parts[edge]
        if not isinstance(node, Loop) or not node.pure or node.least == node.most:
            return
        if node.least:
            parts[edge] = loop(node.body, node.least, node.least)
            return
        parts.pop(edge)


class Plain:
    """Compiles nodes without assertions; equal sets of characters are spelled once."""

    def __init__(self, arena: Arena, alphabet: Alphabet) -> None:
        self.arena = arena
        self.alphabet = alphabet
        self._text = getattr(alphabet, "text", None)
        self._characters: dict[Ranges, Expression] = {}

    def plain(self, node: Node) -> Expression:
        """The texts of a pure node."""
        checkpoint()
        arena = self.arena
        kind = type(node)
        if kind is Text:
            return self.text(node.text)  # type: ignore[union-attr]
        if kind is Chars:
            return self.characters(node.ranges)  # type: ignore[union-attr]
        if kind is Concat:
            return arena.concat(*[self.plain(part) for part in node.parts])  # type: ignore[union-attr]
        if kind is Alt:
            return arena.union([self.plain(part) for part in node.parts])  # type: ignore[union-attr]
        assert isinstance(node, Loop)
        body, least, most, _ = node
        if most is None and least == 0 and isinstance(body, Chars) and body.ranges == sets.ALL:
            return self.alphabet.any_text(arena)
        return arena.repeat(self.plain(body), least, most)

    def text(self, text: str) -> Expression:
        """A literal text, character by character where the alphabet has no shorter way."""
        if self._text is not None:
            return self._text(self.arena, text)
        return self.arena.concat(*[self.characters(sets.single(ord(letter))) for letter in text])

    def characters(self, ranges: Ranges) -> Expression:
        """One character of a set."""
        found = self._characters.get(ranges)
        if found is None:
            found = self.alphabet.characters(self.arena, ranges) if ranges else self.arena.EMPTY
            self._characters[ranges] = found
        return found


class Compiler:
    """Compiles one tree with assertions."""

    def __init__(self, plain: Plain, tree: Node, source: str) -> None:
        self.arena: Any = plain.arena
        self.plain = plain.plain
        self.characters = plain.characters
        self.borders = Borders(tree, source)
        self.memories: list[dict[tuple[int, int], Expression]] = []
        self.dead: set[tuple[int, int, int]] = set()
        self._pending: list[tuple[Star, int, int, Expression]] = []
        self._bodies: dict[tuple[int, int, int], Expression] = {}
        self._unsettled = 0
        self.questions = Questions()
        self._whole = chain(parts_of(tree), Finish(self))

    def result(self) -> Expression:
        """The expression of the tree's texts."""
        while True:
            answer = self._whole.at(self.borders.start, self.borders.everything)
            empty = self._empty_references()
            if not empty:
                return answer
            # A reference must have a text. Leave out those that have none, and compute everything again.
            self.dead |= empty
            for memory in self.memories:
                memory.clear()

    def settle(self, continuation: Continuation) -> None:
        """Compute some answers early, so that the depth of the recursion stays bounded."""
        self._unsettled += 1
        if self._unsettled >= _SETTLE_AFTER:
            self._unsettled = 0
            for left in range(len(self.borders.atoms) + 1):
                continuation.at(left, self.borders.everything)

    def trimmed(self, body: Node) -> list[Node]:
        """The parts of a lookahead's body, reduced given that any text may follow them."""
        parts = parts_of(body)
        _trim(parts, -1)
        return parts

    # -- recursive references -----------------------------------------------------------------

    def recursive(self, star: Star, left: int, right: int) -> Expression:
        """A reference to what follows a place at the head of a repetition."""
        key = (id(star), left, right)
        optional = self.arena.nullable(star.following.at(left, right))
        bodies = self._bodies
        reference = self.arena.reference(lambda arena: bodies[key], optional)
        self._pending.append((star, left, right, reference))
        return reference

    def _empty_references(self) -> set[tuple[int, int, int]]:
        """Supply the bodies of all references; return those that turn out to have no text."""
        empty: set[tuple[int, int, int]] = set()
        doubtful: list[tuple[tuple[int, int, int], Expression]] = []
        while self._pending:
            star, left, right, reference = self._pending.pop()
            key = (id(star), left, right)
            body = self._bodies[key] = star.expand(left, right)
            rest = star.following.at(left, right)
            if body == self.arena.EMPTY:
                empty.add(key)
            elif not self.arena.nullable(rest) and not (star.following.sure and rest != self.arena.EMPTY):
                doubtful.append((key, reference))
        # The search follows references, so it must not reach one that is known to be empty.
        return empty or {key for key, reference in doubtful if not self._has_text(reference)}

    def _has_text(self, start: Expression) -> bool:
        """Whether some derivative accepts the empty text, found by a search; no reference is assumed to have a text.

        For a union any part suffices, so each part is examined by itself, together with what must hold beside it. So
        there are no more states than sets of lookaheads that can be open at once, while unions in intersections in
        unions would grow with every letter. The search alternates between the latest and the earliest state found.
        """
        arena = self.arena
        seen, todo = {start}, deque([start])
        latest = False
        while todo:
            node = todo.pop() if latest else todo.popleft()
            latest = not latest
            if arena.nullable(node):
                return True
            parts = self._alternatives(node)
            for after in [arena.derivative(node, byte) for byte in range(256)] if parts is None else parts:
                if after != arena.EMPTY and after not in seen:
                    seen.add(after)
                    todo.append(after)
            if len(seen) > MOST_STATES:
                raise WorkLimitExceeded(
                    "a repetition in the pattern has too many states", limit="MOST_STATES", value=MOST_STATES
                )
        return False

    def _alternatives(self, node: Expression) -> list[Expression] | None:
        """The parts of a union, or of a union in an intersection, each with what is around it; None if ``node`` is
        neither."""
        arena = self.arena
        kind, *fields = arena.inspect(node)
        if kind == "union":
            return list(fields[0])
        if kind == "intersection":
            parts = list(fields[0])
            for index, part in enumerate(parts):
                kind, *inner = arena.inspect(part)
                if kind == "union":
                    rest = parts[:index] + parts[index + 1 :]
                    return [arena.intersection([*rest, arm]) for arm in inner[0]]
        return None
