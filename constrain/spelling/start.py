"""The start of a text: a grammar's expression, as far as a vocabulary can spell it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from constrain.spelling.lost import reason
from constrain.spelling.restriction import Restriction

if TYPE_CHECKING:
    from constrain.engine import Engine
    from constrain.languages.base import Grammar
    from constrain.spelling.atoms import Alphabet

__all__ = ["names_in", "start_of"]


def start_of(grammar: Grammar, alphabet: Alphabet | None, leading_space: bool) -> int:
    """The expression of the texts of ``grammar`` that are sequences of atoms of ``alphabet``, in the grammar's engine;
    of all its texts if that is None or not aligned. With ``leading_space`` each may have a space before it, which
    decoding drops.

    Raises:
        UnspellableError: there are none.
    """
    engine, root = grammar.engine, grammar.root
    if leading_space:
        root = engine.union([root, engine.concat(engine.literal(b" "), root)])
    if alphabet is None or not alphabet.aligned:
        return root
    restriction = restriction_of(grammar, alphabet)
    start = restriction.restricted(root)
    if start == engine.EMPTY:
        raise reason(grammar, restriction, root)
    return start


def names_in(grammar: Grammar, alphabet: Alphabet | None, engine: Engine) -> Mapping[int, str]:
    """What expressions of ``grammar`` are called, and in ``engine`` those that are made of them, unless the grammar has
    gone on to another."""
    found = grammar.restrictions.get(alphabet)
    return found.names(grammar.names) if found is not None and found.engine is engine else grammar.names


def restriction_of(grammar: Grammar, alphabet: Alphabet) -> Restriction:
    """What ``alphabet`` can spell in the engine of ``grammar``, shared by all vocabularies with these atoms."""
    found = grammar.restrictions.get(alphabet)
    if found is None or found.engine is not grammar.engine:
        plain = not alphabet.longer and not grammar.plain() & ~alphabet.members
        found = grammar.restrictions[alphabet] = Restriction(grammar.engine, alphabet, plain)
    return found
