"""A finite set of values of one JSON type, out of ``enum`` and ``const``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constrain.languages.json_schema.spelling import (
    decimal_digits,
    exact,
    identity,
    is_number,
    negated,
    spell,
)

if TYPE_CHECKING:
    from constrain.languages.json_schema.term import Term
    from constrain.languages.json_schema.terms import Terms
    from constrain.languages.json_schema.writer import Writer


class Finite:
    """Some values of one type, each once, in the order of the schema.

    ``lexical`` concerns numbers: only the spelling without a fraction is an integer (draft 4).
    """

    __slots__ = ("keys", "lexical", "values")

    def __init__(self, values: list[Any], lexical: bool = False) -> None:
        distinct: dict[Any, Any] = {}
        for value in values:
            distinct.setdefault(identity(value), value)
        self.keys = distinct.keys()
        self.values = list(distinct.values())
        self.lexical = lexical

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Finite) and self.keys == other.keys and self.lexical == other.lexical

    def __hash__(self) -> int:
        return hash((frozenset(self.keys), self.lexical))

    def meet(self, other: Any, terms: Terms) -> Finite | None:
        values = [value for value in self.values if other.accepts(value, terms)]
        lexical = self.lexical or getattr(other, "lexical", False)
        return Finite(values, lexical) if values else None

    def accepts(self, value: Any, terms: Terms) -> bool:
        return identity(value) in self.keys

    def inhabited(self, terms: Terms) -> bool:
        return any(has_spelling(value) for value in self.values)

    def write(self, writer: Writer, order: Term) -> Any:
        """One table for strings or numbers, however many; for arrays and objects, one spine each."""
        arena = writer.arena
        values = [value for value in self.values if has_spelling(value)]
        if isinstance(values[0], str):
            return arena.choice(arena.table([spell(value) or b"" for value in values]))
        if is_number(values[0]):
            spellings = [pair for value in values for pair in number_spellings(writer, value, self.lexical)]
            tails = Tails([tail for _, tail in spellings])
            return arena.choice(arena.table([text for text, _ in spellings], tails.follow))
        return arena.union([constant(writer, value) for value in values])


class Tails:
    """What follows each key of a table, known beforehand."""

    __slots__ = ("nodes",)

    def __init__(self, nodes: list[Any]) -> None:
        self.nodes = nodes

    def follow(self, arena: Any, index: int) -> Any:
        return self.nodes[index]


def has_spelling(value: Any) -> bool:
    """Whether the value holds no lone surrogate, which UTF-8 cannot express."""
    if isinstance(value, str):
        return value.isascii() or spell(value) is not None
    if isinstance(value, list):
        return all(has_spelling(item) for item in value)
    if isinstance(value, dict):
        return all(has_spelling(key) and has_spelling(item) for key, item in value.items())
    return True


def number_spellings(writer: Writer, value: Any, lexical: bool) -> list[tuple[bytes, Any]]:
    """Every spelling of a number without exponent: (leading text, expression of the rest)."""
    arena, shared = writer.arena, writer.shared
    number = exact(value)
    whole, fraction = decimal_digits(negated(number) if number < 0 else number)
    text = f"{whole}.{fraction}" if fraction else str(whole)
    if not fraction:
        tail = arena.EPSILON if lexical else shared.zero_fraction
    else:
        tail = arena.repeat(shared.zero, 0, max(writer.options.max_digits - len(fraction), 0))
    signs = ["-"] if number < 0 else ["", "-"] if number == 0 else [""]
    return [((sign + text).encode(), tail) for sign in signs]


def constant(writer: Writer, value: Any) -> Any:
    """Every spelling of one value; the keys of an object in the order given."""
    arena, shared = writer.arena, writer.shared
    if value is None or isinstance(value, bool):
        return arena.literal(b"null" if value is None else b"true" if value else b"false")
    if isinstance(value, str):
        return arena.literal(spell(value) or b"")
    if isinstance(value, list):
        return _bracketed(writer, b"[", [constant(writer, item) for item in value], b"]")
    if isinstance(value, dict):
        members = [
            arena.concat(constant(writer, key), shared.colon, constant(writer, item))
            for key, item in value.items()
        ]
        return _bracketed(writer, b"{", members, b"}")
    spellings = number_spellings(writer, value, False)
    return arena.union([arena.concat(arena.literal(text), tail) for text, tail in spellings])


def _bracketed(writer: Writer, opening: bytes, members: list[Any], closing: bytes) -> Any:
    arena, shared = writer.arena, writer.shared
    parts = [arena.literal(opening), shared.space]
    for i, member in enumerate(members):
        parts += [shared.comma, member, shared.space] if i else [member, shared.space]
    return arena.concat(*parts, arena.literal(closing))
