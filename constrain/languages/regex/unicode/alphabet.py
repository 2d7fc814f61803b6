"""How one character is written: the bridge between code points and bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from constrain.languages.regex.unicode import ranges as sets
from constrain.languages.regex.unicode.ranges import Ranges

if TYPE_CHECKING:
    from constrain.engine import Engine

Arena: TypeAlias = "Engine"
Expression: TypeAlias = Any


class Alphabet:
    """Spells characters as byte expressions. Subclasses supply ``characters`` and ``any_text``.

    No spelling of a character may be a proper prefix of a spelling of another character, nor equal
    one: then a text has only one reading, and complement and intersection work on texts as expected. The empty set is
    never passed.
    """

    def characters(self, arena: Arena, ranges: Ranges) -> Expression:
        """One character of a non-empty set of code points (sorted, disjoint, inclusive ranges)."""
        raise NotImplementedError

    def any_text(self, arena: Arena) -> Expression:
        """Any sequence of characters."""
        raise NotImplementedError

    def text(self, arena: Arena, text: str) -> Expression:
        """A literal text without surrogates; override where that is cheaper than by character."""
        return arena.concat(*[self.characters(arena, sets.single(ord(letter))) for letter in text])
