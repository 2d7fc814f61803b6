"""The expression at the start of a text: a grammar's expression, as far as a vocabulary can spell it."""

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

SPACE = 0x20


def start_of(grammar: Grammar, alphabet: Alphabet | None, leading_space: bool) -> int:
    """The expression of the texts of ``grammar`` that are sequences of atoms of ``alphabet``, in the grammar's engine;
    of all its texts if that is None or not aligned. With ``leading_space`` decoding drops a space at the start:
    each may have one before it, and those that begin with a space must.

    Raises:
        UnspellableError: there are no such texts.
    """
    engine, root = grammar.engine, grammar.root
    spaced = engine.concat(engine.literal(b" "), root) if leading_space else engine.EMPTY
    if alphabet is not None and alphabet.aligned:
        restriction = restriction_of(grammar, alphabet)
        root, spaced = restriction.restricted(root), restriction.restricted(spaced)
        if root == spaced == engine.EMPTY:
            raise reason(grammar, restriction, grammar.root)
    if not leading_space:
        return root
    # This comes last, because removing a space cuts characters, and the spelled part is only known for whole ones.
    start: int = engine.union([_without_space(engine, root), spaced])
    return start


def _without_space(engine: Engine, node: int) -> int:
    """The texts of ``node`` that do not begin with a space."""
    parts = _begun_otherwise(engine, node)
    found: int = engine.union([*parts, engine.EPSILON] if engine.nullable(node) else parts)
    return found


def _begun_otherwise(engine: Engine, node: int) -> list[int]:
    """The parts of the texts that do not begin with a space, without the empty text. The first part is taken apart;
    what follows it is not changed."""
    parts: list[int] = []
    kind, *fields = engine.inspect(node)
    while kind == "concat":
        head, node = fields
        parts.append(engine.concat(_by_byte(engine, head), node))
        if not engine.nullable(head):
            return parts
        kind, *fields = engine.inspect(node)
    return [*parts, _by_byte(engine, node)]


def _by_byte(engine: Engine, node: int) -> int:
    """These parts for a node that is not a concatenation, by its derivatives, unless no text begins with a space."""
    bytes_of: dict[int, int] = {}
    live = engine.first(node)
    if not live >> SPACE & 1 and not engine.nullable(node):
        return node
    live &= ~(1 << SPACE)
    while live:
        member = live & -live
        target = engine.derivative(node, member.bit_length() - 1)
        bytes_of[target] = bytes_of.get(target, 0) | member
        live -= member
    found: int = engine.union(
        [engine.concat(engine.byte_set(some), target) for target, some in bytes_of.items()]
    )
    return found


def names_in(grammar: Grammar, alphabet: Alphabet | None, engine: Engine) -> Mapping[int, str]:
    """The names of expressions of ``grammar`` and of those made from them in ``engine``, unless the grammar has moved
    on to another engine."""
    found = grammar.restrictions.get(alphabet)
    return found.names(grammar.names) if found is not None and found.engine is engine else grammar.names


def restriction_of(grammar: Grammar, alphabet: Alphabet) -> Restriction:
    """What ``alphabet`` can spell in the engine of ``grammar``, shared by all vocabularies with these atoms."""
    found = grammar.restrictions.get(alphabet)
    if found is None or found.engine is not grammar.engine:
        plain = not alphabet.longer and not grammar.plain() & ~alphabet.members
        found = grammar.restrictions[alphabet] = Restriction(grammar.engine, alphabet, plain)
    return found
