"""Arrays as expressions, where each item is decided by its position alone."""

from __future__ import annotations

from typing import Any

from constrain.languages.json_schema.output.output import Output
from constrain.languages.json_schema.values.arrays import Arrays


def write_simple(part: Arrays, writer: Output) -> Any:
    """The arrays of ``part``: ``[``, then a first item and more of them, or nothing, then ``]``."""
    arena, shared = writer.arena, writer.shared
    close = shared.close_empty_array
    if part.most == 0:
        return arena.concat(shared.open_array, close)
    more = more_items(part.after_first(), writer)
    node = arena.concat(shared.first, writer.value(part.item(0)), shared.space, more)
    return arena.concat(shared.open_array, arena.union([node, close]) if part.least == 0 else node)


def more_items(part: Arrays, writer: Output) -> Any:
    """The items of ``part``, a comma before each, and ``]``: those of the prefix one by one, the rest as one
    counted repetition. ``part`` is ``bounded``: every position up to ``most`` can have a value."""
    arena, shared = writer.arena, writer.shared
    prefix, rest, least, most = part[:4]
    close = shared.close_array
    count = len(prefix)
    item = writer.value(rest) if most is None or most > count else arena.EMPTY
    more = arena.concat(shared.comma, item, shared.space)
    beyond = None if most is None else most - count
    node = arena.concat(arena.repeat(more, max(least - count, 0), beyond), close)
    for index in range(count - 1, -1, -1):
        node = arena.concat(shared.comma, writer.value(prefix[index]), shared.space, node)
        if index >= least:
            node = arena.union([node, close])
    return node
