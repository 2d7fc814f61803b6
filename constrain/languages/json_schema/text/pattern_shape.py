"""What the syntax of a pattern shows without compiling it."""

from __future__ import annotations

from constrain.languages.regex import parse
from constrain.languages.regex.parsing.analysis import width
from constrain.languages.regex.parsing.syntax import NEVER, Chars, Concat, End, Loop, Node, Start


def split_at_anchors(tree: Node) -> tuple[bool, list[Node], bool]:
    """Whether the pattern is anchored at the start; its parts without anchors; whether it is anchored at the end."""
    parts: list[Node] = list(tree.parts) if isinstance(tree, Concat) else [tree]
    start = end = False
    if parts:
        first, last = parts[0], parts[len(parts) - 1]
        start = isinstance(first, Start) and not first.lines
        end = isinstance(last, End) and not last.lines
    return start, parts[int(start) : len(parts) - int(end)], end


def is_plain(tree: Node) -> bool:
    """Whether the pattern has assertions at its edges only. Such a pattern matches some text, and always compiles."""
    return tree != NEVER and all(part.pure for part in split_at_anchors(tree)[1])


def lengths(pattern: str) -> tuple[tuple[int, int | None], Chars | None]:
    """Bounds on the length of a matching text; and X if the pattern is ``^X{n,m}$``, X one character."""
    tree = parse(pattern, "schema")
    start, middle, end = split_at_anchors(tree)
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
