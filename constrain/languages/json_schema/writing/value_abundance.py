"""Whether many different values begin with one text, as far as a quick look shows.

Items that must differ from n others cannot be used up where more than n values are left. Most begin in so many
ways that one needs not know which have been read.
"""

from __future__ import annotations

from typing import Any

from constrain.engine.completion import shortest_text

# So many values at least begin with a text of which ``has_many`` says so: four digits can be any.
MANY = 10_000

DIGITS = b"0123456789"


def has_many(arena: Any, node: Any) -> bool:
    """Whether it is seen that ``node``, what is left of a value behind some text, has at least ``MANY`` values.

    Looked for are strings that can be as long as one likes, and numbers of which four digits can be any, on the way of
    the shortest text and one string aside: the names that no schema speaks of are mostly seen behind a comma.
    """
    for byte in shortest_text(arena, node):
        if any(_repeats(arena, arena.advance(node, aside)) for aside in (b"", b'"', b',"')):
            return True
        if _takes_digits(arena, node):
            return True
        node = arena.derivative(node, byte)
    return False


def _repeats(arena: Any, node: Any) -> bool:
    """Whether ``node`` begins inside a string that stays the same as letters are read."""
    kind, *fields = arena.inspect(node)
    if kind == "union":
        return any(_repeats(arena, part) for part in fields[0])
    if kind == "concat":
        return _repeats(arena, fields[0])
    return kind in ("leaf", "capture") and bool(arena.derivative(fields[0], ord("x")) == fields[0])


def _takes_digits(arena: Any, node: Any) -> bool:
    """Whether ``node`` goes on with a 1 and any four digits, and what follows does not depend on which they are.

    In a string or the mantissa of a number they make different values; exponents have no more than three digits.
    """
    node = arena.derivative(node, ord("1"))
    for _ in range(4):
        targets = {arena.derivative(node, digit) for digit in DIGITS}
        node = targets.pop()
        if targets or node == arena.EMPTY:
            return False
    return True
