"""From terminals to regular expressions of the arena.

A terminal is the unit whose masks are cached apart from what follows it, so it becomes a *leaf*;
literal text needs no leaf, because a literal is looked up in the trie.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from constrain.languages.grammar.productions import ONE, ZERO, Body, Text, add
from constrain.languages.grammar.regular import character_range, literal, pattern
from constrain.languages.grammar.syntax import (
    Choice,
    Definition,
    Expression,
    Literal,
    Name,
    Part,
    Pattern,
    Range,
    Repeat,
    Sequence,
    atoms,
    is_terminal,
)

if TYPE_CHECKING:
    from constrain.engine import Engine

# Alternatives of plain text beyond this number become one table with a search per byte.
FEW_LITERALS = 8


class Terminals:
    """The terminals of a grammar, each compiled when it is first asked for.

    ``ignored`` are the expressions whose texts may follow any terminal, any number of times.
    """

    def __init__(
        self, arena: Engine, definitions: dict[str, Definition], ignored: Iterable[Expression]
    ) -> None:
        self.arena = arena
        self.definitions = definitions
        self._compiled: dict[str, Any] = {}
        self._nodes: dict[Expression, tuple[Any, bool]] = {}
        either = arena.union([self.regular(body) for body in ignored])
        self.padding = arena.leaf(arena.repeat(either))

    def check(self) -> None:
        """Compile every terminal, used or not, so that no error in them goes unnoticed."""
        for name in self.definitions:
            if is_terminal(name):
                self.named(name)

    def body(self, expression: Expression) -> Body:
        """A terminal in a rule, with ignored text after it; ``ONE`` is added if the terminal may be empty."""
        if expression not in self._nodes:
            arena, node = self.arena, self.regular(expression)
            some = node
            if arena.nullable(node):
                some = arena.intersection([node, arena.complement(arena.EPSILON)])
            leaf = some if self.is_literal(expression) else arena.leaf(some)
            found = None if arena.is_empty(some) else arena.concat(leaf, self.padding)
            self._nodes[expression] = found, bool(arena.nullable(node))
        found, may_be_empty = self._nodes[expression]
        text = ZERO if found is None else Text(found, next(atoms(expression)).place, expression)
        return add([text, ONE if may_be_empty else ZERO])

    def without_text(self) -> list[Expression]:
        """The terminals in rules that no text matches, not even the empty one."""
        return [expression for expression, (node, empty) in self._nodes.items() if node is None and not empty]

    def regular(self, expression: Expression) -> Any:
        """The language of a terminal's expression, not marked as a leaf."""
        arena = self.arena
        if isinstance(expression, Sequence):
            return arena.concat(*[self.regular(item) for item in expression.items])
        if isinstance(expression, Choice):
            return self._choice(expression)
        if isinstance(expression, Repeat):
            return arena.repeat(self.regular(expression.body), expression.least, expression.most)
        if isinstance(expression, Name):
            return self.named(expression.name)
        if isinstance(expression, Literal):
            return literal(arena, expression)
        if isinstance(expression, Range):
            return character_range(arena, expression)
        if isinstance(expression, Pattern):
            return pattern(arena, expression)
        if isinstance(expression, Part):
            return self.regular(expression.body)
        raise expression.place.error("a terminal cannot use a template")

    def named(self, name: str) -> Any:
        """The language of the terminal ``name``."""
        if name not in self._compiled:
            self._compile(name)
        return self._compiled[name]

    def _compile(self, name: str) -> None:
        """Compile a terminal after those that it refers to, which may be a long chain."""
        open_terminals = {name: self._references(name)}
        while open_terminals:
            name = next(reversed(open_terminals))
            wanted = next((each for each in open_terminals[name] if each.name not in self._compiled), None)
            if wanted is None:
                self._compiled[name] = self.regular(self.definitions[name].body)
                del open_terminals[name]
            elif wanted.name in open_terminals:
                path = list(open_terminals)
                circle = " -> ".join([*path[path.index(wanted.name) :], wanted.name])
                raise wanted.place.error(
                    f"terminals cannot refer to themselves ({circle}): make it a rule, in lower case"
                )
            else:
                open_terminals[wanted.name] = self._references(wanted.name)

    def _references(self, name: str) -> Iterator[Name]:
        """The terminals that a terminal refers to."""
        body = self.definitions[name].body
        return (atom for atom in atoms(body) if isinstance(atom, Name) and is_terminal(atom.name))

    def _choice(self, choice: Choice) -> Any:
        """A union of alternatives; those that are plain text share a table if there are many."""
        literals, others = plain_literals(choice)
        parts = [self.regular(each) for each in others]
        if len(literals) <= FEW_LITERALS:
            return self.arena.union([*parts, *map(self.regular, literals)])
        texts = dict.fromkeys(each.text.encode() for each in literals)
        return self.arena.union([*parts, self.arena.choice(self.arena.table(list(texts)))])

    def is_literal(self, expression: Expression) -> bool:
        """Whether a terminal is only literal text, or a choice of literal texts."""
        todo = [expression]
        named: set[str] = set()
        while todo:
            one = todo.pop()
            if isinstance(one, Choice):
                todo.extend(one.alternatives)
            elif isinstance(one, Sequence):
                todo.extend(one.items)
            elif isinstance(one, Name):
                if one.name not in named:
                    named.add(one.name)
                    todo.append(self.definitions[one.name].body)
            elif not isinstance(one, Literal) or one.ignore_case:
                return False
        return True


def plain_literals(choice: Choice) -> tuple[tuple[Literal, ...], tuple[Expression, ...]]:
    """The alternatives that are literal text, and the others."""
    literals: list[Literal] = []
    others: list[Expression] = []
    for each in choice.alternatives:
        if isinstance(each, Literal) and not each.ignore_case:
            literals.append(each)
        else:
            others.append(each)
    return tuple(literals), tuple(others)
