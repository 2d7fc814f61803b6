"""From a grammar to an expression of the arena, with a reference for every rule."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import TYPE_CHECKING, Any

from constrain.errors import GrammarError
from constrain.languages.grammar.definitions import Document, define, suggestion
from constrain.languages.grammar.left_recursion import without_left_recursion
from constrain.languages.grammar.productions import (
    ZERO,
    Body,
    Product,
    Sum,
    Symbol,
    Text,
    nonempty,
    nullable,
)
from constrain.languages.grammar.rules import productions
from constrain.languages.grammar.syntax import Place, atoms, is_terminal, shown
from constrain.languages.grammar.templates import expand
from constrain.languages.grammar.terminals import Terminals

if TYPE_CHECKING:
    from constrain.engine import Engine


def read_lark(text: str) -> Document:
    """A grammar in Lark's syntax, with its imports and templates expanded.

    Raises:
        GrammarError: it is malformed, or uses something unsupported or undefined.
    """
    return expand(define(text))


def build(arena: Engine, text: str, start: str = "start", read: Callable[[str], Document] = read_lark) -> Any:
    """The language of the rule ``start`` in a grammar, as a node of ``arena``.

    Everything is checked here; only the bodies of rules are built later, when they are first needed.

    Raises:
        GrammarError: as ``read`` does, or ``start`` derives no text. Its offset points into ``text``, or into
            the imported grammar that is its ``source``.
    """
    grammar = read(text)
    _check_start(grammar, start)
    terminals = Terminals(arena, grammar.definitions, grammar.ignored)
    terminals.check()
    rules = productions(grammar.definitions, terminals)
    if start not in rules:
        raise _no_text(grammar, start, terminals)
    return arena.concat(terminals.padding, _start(arena, rules, start))


def _no_text(grammar: Document, start: str, terminals: Terminals) -> GrammarError:
    """Why ``start`` derives no text: for a terminal's sake, or because it never ends."""
    for expression in terminals.without_text():
        place = next(atoms(expression)).place
        return place.error(f"no text matches this, and so the rule '{shown(start)}' derives no text")
    place = grammar.definitions[start].place
    return place.error(
        f"the rule '{shown(start)}' derives no text: every way through it leads back into itself"
    )


def _check_start(grammar: Document, start: str) -> None:
    definition = grammar.definitions.get(start)
    if definition is None or is_terminal(start):
        rules = [name for name in grammar.definitions if not is_terminal(name)]
        reason = f"there is no rule '{shown(start)}' to start with{suggestion(start, rules)}"
        raise Place(grammar.source, 0).error(reason)


def _start(arena: Engine, rules: Mapping[Hashable, Body], start: Hashable) -> Any:
    if nonempty(rules[start]) is ZERO:
        return arena.EPSILON
    guarded = without_left_recursion(rules, start)
    # All references are made now, so that they have the same ids in every copy of the arena.
    references: dict[Hashable, Any] = {}
    for name, body in guarded.items():
        references[name] = arena.reference(_expander(body, references))
    return arena.union([references[start], arena.EPSILON] if nullable(rules[start]) else [references[start]])


def _expander(body: Body, references: Mapping[Hashable, Any]) -> Callable[[Engine], Any]:
    return lambda arena: lower(arena, body, references)


def lower(arena: Engine, body: Body, references: Mapping[Hashable, Any]) -> Any:
    """``body`` as a node; ``references`` has a reference for every symbol."""
    if isinstance(body, Text):
        return body.node
    if isinstance(body, Symbol):
        return references[body.name]
    if isinstance(body, Sum):
        return arena.union([lower(arena, part, references) for part in body.parts])
    if isinstance(body, Product):
        return arena.concat(*[lower(arena, part, references) for part in body.parts])
    # A reference never accepts the empty text, and a repeated body should not either: reading it then always consumes a
    # byte. x{m,n} with a nullable x is the same as (x without the empty text){0,n}.
    return arena.repeat(lower(arena, nonempty(body.body), references), body.least, body.most)
