"""From rules to productions: what can never be derived is dropped, and the empty text is made explicit."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from constrain.languages.grammar.productions import (
    ONE,
    ZERO,
    Body,
    Power,
    Product,
    Sum,
    Symbol,
    Text,
    add,
    multiply,
    power,
    symbols,
)
from constrain.languages.grammar.syntax import (
    Choice,
    Definition,
    Expression,
    Name,
    Repeat,
    Sequence,
    Use,
    is_terminal,
)
from constrain.languages.grammar.terminals import FEW_LITERALS, Terminals, plain_literals
from constrain.work import checkpoint


def productions(definitions: Mapping[str, Definition], terminals: Terminals) -> dict[Hashable, Body]:
    """A body for every rule that derives something; see ``productions`` on what symbols stand for.

    The bodies themselves may still derive the empty text. A rule that derives only that is ONE; one
    that derives no text at all is missing.
    """
    raw: dict[Hashable, Body] = {
        name: _body(definition.body, terminals)
        for name, definition in definitions.items()
        if not is_terminal(name)
    }
    empty, more = _derivable(raw)
    meaning = {name: add([Symbol(name)] * (name in more) + [ONE] * (name in empty)) for name in raw}
    return {name: _with(body, meaning) for name, body in raw.items() if meaning[name] is not ZERO}


def _body(expression: Expression, terminals: Terminals) -> Body:
    """The unchanged right-hand side, in which a symbol stands for all that its rule derives."""
    if isinstance(expression, Sequence):
        return multiply(*[_body(item, terminals) for item in expression.items])
    if isinstance(expression, Choice):
        literals, others = plain_literals(expression)
        # Many literals together become one terminal, which has a table.
        texts = [Choice(literals)] if len(literals) > FEW_LITERALS else literals
        return add([*map(terminals.body, texts), *(_body(each, terminals) for each in others)])
    if isinstance(expression, Repeat):
        return power(_body(expression.body, terminals), expression.least, expression.most)
    if isinstance(expression, (Name, Use)) and not is_terminal(expression.name):
        return Symbol(expression.name)
    return terminals.body(expression)


def _derivable(rules: Mapping[Hashable, Body]) -> tuple[set[Hashable], set[Hashable]]:
    """The rules that derive the empty text, and those that derive some other text."""
    users: dict[Hashable, list[Hashable]] = {name: [] for name in rules}
    for name, body in rules.items():
        for used in set(symbols(body)):
            users[used].append(name)
    empty: set[Hashable] = set()
    more: set[Hashable] = set()
    todo = list(rules)
    while todo:  # a least fixpoint: rules are examined again when a rule that they use has grown
        checkpoint()
        name = todo.pop()
        has_empty, has_more = _derives(rules[name], empty, more)
        if (has_empty and name not in empty) or (has_more and name not in more):
            empty.update([name] * has_empty)
            more.update([name] * has_more)
            todo.extend(users[name])
    return empty, more


def _derives(body: Body, empty: set[Hashable], more: set[Hashable]) -> tuple[bool, bool]:
    if isinstance(body, Text):
        return False, True
    if isinstance(body, Symbol):
        return body.name in empty, body.name in more
    if isinstance(body, Power):
        has_empty, has_more = _derives(body.body, empty, more)
        return has_empty or body.least == 0, has_more
    parts = [_derives(part, empty, more) for part in body.parts]
    if isinstance(body, Sum):
        return any(part[0] for part in parts), any(part[1] for part in parts)
    return all(part[0] for part in parts), all(any(part) for part in parts) and any(part[1] for part in parts)


def _with(body: Body, meaning: Mapping[Hashable, Body]) -> Body:
    """``body`` with every symbol replaced by what it means."""
    if isinstance(body, Symbol):
        return meaning[body.name]
    if isinstance(body, Sum):
        return add([_with(part, meaning) for part in body.parts])
    if isinstance(body, Product):
        return multiply(*[_with(part, meaning) for part in body.parts])
    if isinstance(body, Power):
        return power(_with(body.body, meaning), body.least, body.most)
    return body
