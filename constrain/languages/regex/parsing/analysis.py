"""Questions about syntax trees, and the split of a node into its empty and its consuming texts.

Assertions consume nothing; whether they hold is ignored here.
"""

from __future__ import annotations

from constrain.languages.regex.parsing.syntax import (
    EMPTY,
    NEVER,
    Alt,
    Chars,
    Concat,
    End,
    Look,
    Loop,
    Node,
    Start,
    Text,
    Word,
    alternation,
    concat,
    loop,
    nullable,
)
from constrain.languages.regex.unicode import ranges as sets
from constrain.languages.regex.unicode.ranges import Ranges


def width(node: Node) -> tuple[int, int | None]:
    """The fewest and the most characters that the node consumes; None: no bound."""
    if isinstance(node, Text):
        return len(node.text), len(node.text)
    if isinstance(node, Chars):
        return 1, 1
    if isinstance(node, Loop):
        low, high = width(node.body)
        bounded = high == 0 or (high is not None and node.most is not None)
        return low * node.least, (high or 0) * (node.most or 0) if bounded else None
    if not isinstance(node, (Concat, Alt)):
        return 0, 0
    widths = [width(part) for part in node.parts] or [(0, 0)]
    highs = [high for _, high in widths if high is not None]
    unbounded = len(highs) < len(widths)
    if isinstance(node, Concat):
        return sum(low for low, _ in widths), None if unbounded else sum(highs)
    return min(low for low, _ in widths), None if unbounded else max(highs)


def edge_set(node: Node, last: bool) -> Ranges:
    """Characters with which a consuming text of a pure node begins (``last``: ends)."""
    if isinstance(node, Text):
        return sets.single(ord(node.text[-1 if last else 0]))
    if isinstance(node, Chars):
        return node.ranges
    if isinstance(node, Loop):
        return edge_set(node.body, last)
    if isinstance(node, Alt):
        return sets.union(edge_set(part, last) for part in node.parts)
    found: list[Ranges] = []
    if isinstance(node, Concat):
        for part in reversed(node.parts) if last else node.parts:
            found.append(edge_set(part, last))
            if not nullable(part):
                break
    return sets.union(found)


def consuming(node: Node) -> Node:
    """The node restricted to texts of at least one character."""
    if isinstance(node, (Text, Chars)) or not nullable(node):
        return node
    if isinstance(node, Alt):
        return alternation([consuming(part) for part in node.parts])
    if isinstance(node, Loop):
        return _consuming_loop(node)
    if isinstance(node, Concat):
        parts = node.parts
        skipped = [vanishing(part) for part in parts]
        return alternation(
            [concat([*skipped[:i], consuming(part), *parts[i + 1 :]]) for i, part in enumerate(parts)]
        )
    return NEVER


def _consuming_loop(node: Loop) -> Node:
    """Empty rounds can be left out, except that their assertions must hold where the rounds count towards ``least``."""
    if node.least and not node.pure:
        rest = None if node.most is None else node.most - node.least
        return consuming(concat([*[node.body] * node.least, loop(node.body, 0, rest)]))
    body = consuming(node.body)
    return concat([body, loop(body, 0, None if node.most is None else node.most - 1)])


def vanishing(node: Node) -> Node:
    """The node restricted to the empty text, which leaves its assertions."""
    if isinstance(node, (Text, Chars)):
        return NEVER
    if isinstance(node, Alt):
        return alternation([vanishing(part) for part in node.parts])
    if isinstance(node, Concat):
        return concat([vanishing(part) for part in node.parts])
    if isinstance(node, Loop):
        return vanishing(node.body) if node.least else EMPTY
    return node


def single_step(node: Node, behind: bool) -> Node | None:
    """The body of a lookaround reduced to a condition on the neighbouring character, if that decides it, else None.

    The result contains no Text longer than one character and no Loop. ``(?=[.]|$)``, ``(?!-)`` and ``(?=[a-z].*)`` have
    such bodies, so the common cases need no intersection of languages.
    """
    if isinstance(node, Text):
        return node if len(node.text) == 1 else None
    if isinstance(node, (Chars, Start, End, Word)):
        return node
    if isinstance(node, Look):
        return node if single_step(node.body, node.behind) is not None else None
    if isinstance(node, Loop):
        if node.least == 0:
            return EMPTY
        return single_step(node.body, behind) if node.least == 1 else None
    parts = [single_step(part, behind) for part in node.parts] if isinstance(node, Alt) else []
    if isinstance(node, Alt):
        return None if None in parts else Alt(tuple(part for part in parts if part is not None), False)
    return _single_step_of_sequence(list(node.parts), behind)


def _single_step_of_sequence(parts: list[Node], behind: bool) -> Node | None:
    """Assertions, then one step, then only parts that may be empty."""
    if behind:
        parts.reverse()
    consumers = [i for i, part in enumerate(parts) if not isinstance(part, (Start, End, Word, Look))]
    count = consumers[0] + 1 if consumers else len(parts)
    wanted, rest = parts[:count], parts[count:]
    if not all(part.pure and nullable(part) for part in rest):
        return None
    steps = [single_step(part, behind) for part in wanted]
    return None if None in steps else Concat(tuple(step for step in steps if step is not None), False)


def looks_left(node: Node) -> bool:
    """Whether the node holds an assertion about what precedes it."""
    if isinstance(node, (Concat, Alt)):
        return not node.pure and any(map(looks_left, node.parts))
    if isinstance(node, Loop):
        return not node.pure and looks_left(node.body)
    if isinstance(node, Look):
        return node.behind or looks_left(node.body)
    return isinstance(node, (Start, Word))
