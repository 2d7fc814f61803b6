"""How many texts a regular expression has, and which come first."""

from __future__ import annotations

from collections import deque

from constrain.engine import Engine
from constrain.languages.json_schema.text.bits import bits_of


def few_texts(engine: Engine, node: int, limit: int) -> list[bytes] | None:
    """All texts of the regular expression ``node``, shortest first; None if there are more than ``limit``.

    Every live prefix leads to a text, so more than ``limit`` prefixes of one length mean more than ``limit`` texts.
    """
    texts: list[bytes] = []
    level = [(node, b"")]
    while level:
        texts.extend(text for state, text in level if engine.nullable(state))
        following: list[tuple[int, bytes]] = []
        for state, text in level:
            for members, target in engine.transitions(state):
                if len(following) + members.bit_count() > limit:
                    return None
                following.extend((target, text + bytes([byte])) for byte in bits_of(members))
        level = following
        if len(texts) > limit:
            return None
    return texts


def always_extends(engine: Engine, node: int, limit: int) -> bool:
    """Whether every prefix of a text of ``node`` is a prefix of infinitely many texts.

    That is so if every state has a successor, for a cycle can then be reached from each. Also False where more
    than ``limit`` states would have to be looked at.
    """
    seen, todo = {node}, [node]
    while todo:
        targets = {target for _, target in engine.transitions(todo.pop())}
        if not targets or len(seen) > limit:
            return False
        todo.extend(targets - seen)
        seen |= targets
    return True


def common_prefix(engine: Engine, node: int) -> bytes:
    """What all texts of the regular expression ``node`` begin with."""
    prefix = bytearray()
    while not engine.nullable(node):
        ways = engine.transitions(node)
        if len(ways) != 1 or ways[0][0].bit_count() != 1:
            break
        prefix.append(ways[0][0].bit_length() - 1)
        node = ways[0][1]
    return bytes(prefix)


def shortest(engine: Engine, node: int, limit: int) -> bytes | None:
    """A shortest text of the regular expression ``node``; None if none is seen among the first ``limit`` states."""
    found = {node: b""}
    todo = deque([node])
    while todo and len(found) <= limit:
        state = todo.popleft()
        if engine.nullable(state):
            return found[state]
        for members, target in engine.transitions(state):
            if target not in found:
                found[target] = found[state] + bytes([members.bit_length() - 1])
                todo.append(target)
    return None
