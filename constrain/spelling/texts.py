"""How many texts a regular expression has, and whether every prefix of one has many completions."""

from __future__ import annotations

from typing import Any

from constrain.spelling.atoms import bytes_of
from constrain.work import checkpoint

__all__ = ["always_goes_on", "first_texts", "has_more_than", "is_endless"]


def is_endless(engine: Any, node: int) -> bool:
    """Whether every prefix of a text, unless it is a text itself, evidently has infinitely many completions: the texts
    are any number of characters and one byte after them."""
    kind, *fields = engine.inspect(node)
    head = node
    while kind == "concat":
        head, tail = fields
        kind, *fields = engine.inspect(tail)
    if head == node or kind != "literal" or len(fields[0]) > 1:
        return False
    kind, *fields = engine.inspect(head)
    return bool(kind == "repeat" and fields[2] is None)


def has_more_than(engine: Any, node: int, count: int) -> bool:
    """Whether there are more than ``count`` texts. Every prefix leads to a text, so it suffices that this many have the
    same length."""
    found, layer = 0, {node: 1}
    while layer:
        checkpoint()
        found += sum(ways for state, ways in layer.items() if engine.nullable(state))
        if found > count or sum(layer.values()) > count:
            return True
        following: dict[int, int] = {}
        for state, ways in layer.items():
            for members, target in engine.transitions(state):
                following[target] = following.get(target, 0) + ways * members.bit_count()
        layer = following
    return False


def first_texts(engine: Any, node: int, count: int) -> list[bytes]:
    """``count`` texts, or all texts if there are fewer; short ones first."""
    texts: list[bytes] = []
    level = [(node, b"")]
    while level and len(texts) < count:
        checkpoint()
        texts.extend(text for state, text in level if engine.nullable(state))
        following = (
            (target, text + bytes([byte]))
            for state, text in level
            for members, target in engine.transitions(state)
            for byte in bytes_of(members)
        )
        level = [beginning for beginning, _ in zip(following, range(count), strict=False)]
    return texts[:count]


def always_goes_on(engine: Any, node: int, limit: int) -> bool:
    """Whether every prefix of a text, unless it is a text itself, has infinitely many completions.

    That is so if each state leads to another state that is not an end. The result is also False if there are more than
    ``limit`` states.
    """
    graph: dict[int, set[int]] = {}
    todo = [node]
    while todo:
        checkpoint()
        state = todo.pop()
        if state not in graph and not engine.nullable(state):
            graph[state] = {target for _, target in engine.transitions(state)}
            todo.extend(graph[state])
        if len(graph) > limit:
            return False
    return all(targets & graph.keys() for targets in graph.values())
