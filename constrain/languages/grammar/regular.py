"""From the atoms of terminals to expressions: text, ranges of characters, and regular expressions.

Everything about characters (UTF-8, what 'the same letter' means) is left to ``constrain.languages.regex``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constrain.errors import RegexError
from constrain.languages.grammar.syntax import Literal, Pattern, Place, Range
from constrain.languages.regex import Utf8, regex_expression
from constrain.languages.regex.unicode import casing
from constrain.languages.regex.unicode.ranges import normalise, single

if TYPE_CHECKING:
    from constrain.engine import Engine


def literal(arena: Engine, atom: Literal) -> Any:
    """A string; with the flag ``i``, every character stands for all characters that match it under
    ``re.IGNORECASE``."""
    if not atom.ignore_case:
        return arena.literal(atom.text.encode())
    sets = [casing.close(single(ord(character)), "python") for character in atom.text]
    return arena.concat(*[Utf8().characters(arena, ranges) for ranges in sets])


def character_range(arena: Engine, atom: Range) -> Any:
    """One character of a range."""
    return Utf8().characters(arena, normalise([(ord(atom.first), ord(atom.last))]))


def pattern(arena: Engine, atom: Pattern) -> Any:
    """A regular expression; its flags are put in front as ``re`` writes them: ``(?im)...``."""
    prefix = f"(?{atom.flags})" if atom.flags else ""
    try:
        return regex_expression(arena, prefix + atom.pattern, flavour="python", alphabet=Utf8())
    except RegexError as error:
        offset = atom.place.offset + max(error.offset - len(prefix), 0)
        place = Place(atom.place.source, offset)
        raise place.error(f"in this regular expression: {error.reason}") from error
