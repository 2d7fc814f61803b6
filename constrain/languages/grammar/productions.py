"""Rules as algebra: sums and products of texts and rule symbols.

The right-hand side of a rule is an expression over

    Text(node)              a terminal: an expression of the arena that does not accept the empty text
    Symbol(name)            what a rule derives, *except the empty text*
    Sum(parts)              alternatives; ZERO = Sum(()) derives nothing
    Product(parts)          concatenation; ONE = Product(()) derives the empty text
    Power(body, m, n)       from m to n times

Because neither texts nor symbols are ever empty, the empty text is visible in the expression itself:
a nullable rule A is written ``A | ONE`` wherever it is used. This makes hidden left recursion (behind a prefix that may
be empty) as visible as direct left recursion.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from constrain.languages.grammar.syntax import Expression, Place
from constrain.work import checkpoint


@dataclass(frozen=True)
class Text:
    """A terminal, and its place in a rule, if that is known."""

    node: Any
    place: Place | None = None
    written: Expression | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Symbol:
    name: Hashable


@dataclass(frozen=True)
class Sum:
    parts: tuple[Body, ...]


@dataclass(frozen=True)
class Product:
    parts: tuple[Body, ...]


@dataclass(frozen=True)
class Power:
    body: Body
    least: int
    most: int | None


Body = Text | Symbol | Sum | Product | Power

ZERO = Sum(())
ONE = Product(())


def add(parts: Iterable[Body]) -> Body:
    """The sum, flat and without ZERO; ONE at most once."""
    checkpoint()
    flat: list[Body] = []
    for part in parts:
        for each in part.parts if isinstance(part, Sum) else (part,):
            if each is not ONE or not any(other is ONE for other in flat):
                flat.append(each)
    return flat[0] if len(flat) == 1 else Sum(tuple(flat)) if flat else ZERO


def multiply(*parts: Body) -> Body:
    """The product, flat and without ONE; ZERO if a factor is."""
    checkpoint()
    flat: list[Body] = []
    for part in parts:
        if part is ZERO:
            return ZERO
        flat.extend(part.parts if isinstance(part, Product) else (part,))
    return flat[0] if len(flat) == 1 else Product(tuple(flat)) if flat else ONE


def power(body: Body, least: int, most: int | None) -> Body:
    """The power; a body that may be empty need not be taken, so its lower bound is 0."""
    if body is ONE or most == 0:
        return ONE
    if body is ZERO:
        return ONE if least == 0 else ZERO
    if nullable(body):
        least = 0
    if most == 1:
        return body if least or nullable(body) else add((body, ONE))
    return Power(body, least, most)


def nullable(body: Body) -> bool:
    """Whether ``body`` derives the empty text."""
    if isinstance(body, Sum):
        return any(nullable(part) for part in body.parts)
    if isinstance(body, Product):
        return all(nullable(part) for part in body.parts)
    return isinstance(body, Power) and body.least == 0


def heads(body: Body, chosen: frozenset[Hashable] = frozenset()) -> Iterator[tuple[Hashable | None, Body]]:
    """``body`` without the empty text, cut after its first symbol.

    Yields pairs whose sum is ``body`` minus the empty text: ``(A, rest)`` stands for the product
    of the symbol A, one of ``chosen``, and ``rest``; ``(None, part)`` for a part that begins with a
    text or another symbol.
    """
    if isinstance(body, Sum):
        for part in body.parts:
            yield from heads(part, chosen)
    elif isinstance(body, Product):
        for i, part in enumerate(body.parts):
            rest = multiply(*body.parts[i + 1 :])
            for name, head in heads(part, chosen):
                yield name, multiply(head, rest)
            if not nullable(part):
                return
    elif isinstance(body, Power):
        most = None if body.most is None else body.most - 1
        rest = power(body.body, max(body.least - 1, 0), most)
        for name, head in heads(body.body, chosen):
            yield name, multiply(head, rest)
    elif isinstance(body, Symbol) and body.name in chosen:
        yield body.name, ONE
    else:
        yield None, body


def nonempty(body: Body) -> Body:
    """``body`` without the empty text."""
    return add(part for _, part in heads(body)) if nullable(body) else body


def corners(body: Body) -> Iterator[Hashable]:
    """The symbols that ``body`` can begin with."""
    if isinstance(body, Symbol):
        yield body.name
    elif isinstance(body, Sum):
        for part in body.parts:
            yield from corners(part)
    elif isinstance(body, Product):
        for part in body.parts:
            yield from corners(part)
            if not nullable(part):
                return
    elif isinstance(body, Power):
        yield from corners(body.body)


def symbols(body: Body) -> Iterator[Hashable]:
    """Every symbol in ``body``."""
    if isinstance(body, Symbol):
        yield body.name
    elif isinstance(body, (Sum, Product)):
        for part in body.parts:
            yield from symbols(part)
    elif isinstance(body, Power):
        yield from symbols(body.body)
