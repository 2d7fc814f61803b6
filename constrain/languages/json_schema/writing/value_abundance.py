"""Whether many different values begin with one text, as far as a quick look shows.

Items that must differ from n others cannot be used up while more than n values are left. Mostly there are so many that
one need not know which have been read.
"""

from __future__ import annotations

from typing import Any

from constrain.engine.completion import shortest_text

# How many values begin with a text if ``has_many`` says so: any four digits make as many.
MANY = 10_000

DIGITS = b"0123456789"


def has_many(arena: Any, node: Any) -> bool:
    """Whether ``node``, what is left of a value after some text, is seen to have at least ``MANY`` values.

    This looks for unbounded strings, and numbers with four arbitrary digits, along the shortest text and one string
    aside: undeclared names mostly show after a comma.
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
