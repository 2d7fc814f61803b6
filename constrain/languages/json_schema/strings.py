"""Strings: an interval of lengths, kept apart from the patterns.

``minLength`` and ``maxLength`` combine by arithmetic and become one counter; only a pattern *and*
a bound that the pattern does not imply become an intersection.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from constrain.languages.json_schema.finite import Finite
from constrain.languages.json_schema.spelling import smaller

if TYPE_CHECKING:
    from constrain.languages.json_schema.term import Term
    from constrain.languages.json_schema.terms import Terms
    from constrain.languages.json_schema.writer import Writer


class Strings(NamedTuple):
    """Strings of ``least`` to ``most`` characters (None: any number) that match all ``patterns``."""

    least: int = 0
    most: int | None = None
    patterns: tuple[str, ...] = ()

    def meet(self, other: Any, terms: Terms) -> Any:
        if isinstance(other, Finite):
            return other.meet(self, terms)
        least = max(self.least, other.least)
        most = smaller(self.most, other.most)
        if most is not None and least > most:
            return None
        patterns = (*self.patterns, *[p for p in other.patterns if p not in self.patterns])
        return Strings(least, most, patterns)

    def accepts(self, value: str, terms: Terms) -> bool:
        if len(value) < self.least or (self.most is not None and len(value) > self.most):
            return False
        return all(terms.patterns.matches(pattern, value) for pattern in self.patterns)

    def inhabited(self, terms: Terms) -> bool:
        if not self.patterns:
            return self.most is None or self.least <= self.most
        return terms.patterns.inhabited(self)

    def write(self, writer: Writer, order: Term) -> Any:
        arena, shared = writer.arena, writer.shared
        if self == ANY_STRING:
            return shared.string
        if self.patterns:
            body = writer.terms.patterns.body(self)
        else:
            body = arena.repeat(shared.character, self.least, self.most)
        return arena.leaf(arena.concat(shared.quote, body, shared.quote))


ANY_STRING = Strings()
