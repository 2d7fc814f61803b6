"""The patterns of one schema: each is compiled once, combined with length bounds where it must be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import ref

from constrain.languages.json_schema.spelling import JsonText, contents, smaller, spell
from constrain.languages.regex import parse, regex_expression
from constrain.languages.regex.analysis import width
from constrain.languages.regex.syntax import NEVER, Chars, Concat, End, Loop, Node, Start

if TYPE_CHECKING:
    from constrain.engine import Engine
    from constrain.languages.json_schema.strings import Strings

ALPHABET = JsonText()


class Patterns:
    """Expressions of string contents (without quotes) in one arena, memoised."""

    __slots__ = ("_arena", "_bodies", "_nodes", "character")

    def __init__(self, arena: Engine, character: Any) -> None:
        self._arena = ref(arena)
        self.character = character
        self._nodes: dict[str, Any] = {}
        self._bodies: dict[Strings, Any] = {}

    @property
    def arena(self) -> Any:
        """The arena written to. It keeps what writes to it alive, and not the other way round."""
        return self._arena()

    def node(self, pattern: str) -> Any:
        """The contents of strings that hold a match of ``pattern``."""
        node = self._nodes.get(pattern)
        if node is None:
            node = regex_expression(self.arena, pattern, flavour="ecma", alphabet=ALPHABET, mode="search")
            self._nodes[pattern] = node
        return node

    def body(self, part: Strings) -> Any:
        """The contents of the strings of ``part``, which has at least one pattern."""
        body = self._bodies.get(part)
        if body is None:
            body = self._bodies[part] = self._write(part)
        return body

    def _write(self, part: Strings) -> Any:
        if len(part.patterns) == 1:
            bounds, letters = lengths(part.patterns[0])
            least, most = max(bounds[0], part.least), smaller(bounds[1], part.most)
            if most is not None and least > most:
                return self.arena.EMPTY
            if (least, most) == bounds:
                return self.node(part.patterns[0])
            if letters is not None:
                return self.arena.repeat(ALPHABET.characters(self.arena, letters.ranges), least, most)
        nodes = [self.node(pattern) for pattern in part.patterns]
        if part.least > 0 or part.most is not None:
            nodes.append(self.arena.repeat(self.character, part.least, part.most))
        return self.arena.intersection(nodes)

    def inhabited(self, part: Strings) -> bool:
        """Whether any string matches; most patterns show it without being compiled."""
        if len(part.patterns) == 1:
            tree = parse(part.patterns[0], "ecma")
            start, _, end = _middle(tree)
            shortest, _ = width(tree)  # a plain pattern has a match that is as short as that
            if not (start and end):
                shortest = max(shortest, part.least)  # and any longer text, where text may come beside it
            if is_plain(tree) and part.least <= shortest and (part.most is None or shortest <= part.most):
                return True
        return not self.arena.is_empty(self.body(part))

    def matches(self, pattern: str, value: str) -> bool:
        return spell(value) is not None and bool(self.arena.matches(self.node(pattern), contents(value)))


def _middle(tree: Node) -> tuple[bool, list[Node], bool]:
    """Whether the pattern is tied to the start of the text, what it says in between, and to the end."""
    parts: list[Node] = list(tree.parts) if isinstance(tree, Concat) else [tree]
    start = end = False
    if parts:
        first, last = parts[0], parts[len(parts) - 1]
        start = isinstance(first, Start) and not first.lines
        end = isinstance(last, End) and not last.lines
    return start, parts[int(start) : len(parts) - int(end)], end


def is_plain(tree: Node) -> bool:
    """Whether the pattern has assertions at its edges only: then it matches something, and compiles."""
    return tree != NEVER and all(part.pure for part in _middle(tree)[1])


def lengths(pattern: str) -> tuple[tuple[int, int | None], Chars | None]:
    """Bounds on the length of a matching text; and X if the pattern is ``^X{n,m}$``, X one character."""
    tree = parse(pattern, "ecma")
    start, middle, end = _middle(tree)
    least, most = width(tree)
    letters = None
    if (
        start
        and end
        and len(middle) == 1
        and isinstance(middle[0], Loop)
        and isinstance(middle[0].body, Chars)
    ):
        letters = middle[0].body
    return (least, most if start and end else None), letters
