"""Strings as expressions."""

from __future__ import annotations

from typing import Any

from constrain.languages.json_schema.output.output import Output
from constrain.languages.json_schema.values.strings import ANY_STRING, FiniteStrings, Strings


def write_finite_strings(part: FiniteStrings, writer: Output) -> Any:
    """One table, however many values there are."""
    arena, spell = writer.arena, writer.shared.alphabet.spell
    return arena.choice(arena.table([text for text in map(spell, part.values) if text is not None]))


def write_strings(parts: list[Strings], writer: Output) -> list[Any]:
    """The leaves of ``parts``. Parts that combine the same languages, like the arms of a ``oneOf`` of patterns,
    share one leaf, as a walk through one of them passes the states of all."""
    groups: dict[Any, list[Strings]] = {}
    for part in parts:
        combined = frozenset([*part.languages, *part.excluded])
        groups.setdefault((combined, part.clauses) if combined else part, []).append(part)
    arena, quote = writer.arena, writer.shared.quote
    leaves = []
    for group in groups.values():
        if len(group) == 1:
            leaves.append(_write_string(group[0], writer))
        else:
            bodies = arena.union([writer.solver.languages.body(part) for part in group])
            leaves.append(arena.leaf(arena.concat(quote, bodies, quote)))
    return leaves


def _write_string(part: Strings, writer: Output) -> Any:
    arena, shared = writer.arena, writer.shared
    if part == ANY_STRING:
        return shared.string
    if part.is_plain:
        body = arena.repeat(shared.character, part.least, part.most)
    else:
        body = writer.solver.languages.body(part)
    return arena.leaf(arena.concat(shared.quote, body, shared.quote))
