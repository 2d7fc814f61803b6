"""The syntax tree of a grammar file: statements, and the expressions on their right-hand sides.

An expression knows its place (``Place``), so that an error in it can be reported there, in its own file, even after
templates and imports have moved it elsewhere. Places are ignored in comparisons: two expressions are equal if they mean
the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from constrain.errors import GrammarError


@dataclass(frozen=True)
class Place:
    """An offset, in code points, into the text of a grammar."""

    source: str = field(repr=False)
    offset: int

    @property
    def line(self) -> int:
        """The line, counted from 1 like the column."""
        return self.source.count("\n", 0, self.offset) + 1

    @property
    def column(self) -> int:
        return self.offset - self.source.rfind("\n", 0, self.offset)

    def error(self, reason: str) -> GrammarError:
        return GrammarError(self.source, self.offset, reason)


@dataclass(frozen=True)
class Literal:
    """``"text"`` or ``"text"i``."""

    text: str
    ignore_case: bool
    place: Place = field(compare=False, repr=False)


@dataclass(frozen=True)
class Pattern:
    """``/pattern/flags``; the place is that of the pattern's first character."""

    pattern: str
    flags: str
    place: Place = field(compare=False, repr=False)


@dataclass(frozen=True)
class Range:
    """``"a".."z"``: one character of a range, bounds included."""

    first: str
    last: str
    place: Place = field(compare=False, repr=False)


@dataclass(frozen=True)
class Part:
    """A part of a rule that becomes one terminal, and its source text."""

    body: Expression
    written: str = field(compare=False)
    place: Place = field(compare=False, repr=False)


@dataclass(frozen=True)
class Name:
    """A rule, a terminal or a template parameter."""

    name: str
    place: Place = field(compare=False, repr=False)


@dataclass(frozen=True)
class Use:
    """``template{argument, ...}``; the arguments are expressions without operators."""

    name: str
    arguments: tuple[Expression, ...]
    place: Place = field(compare=False, repr=False)


@dataclass(frozen=True)
class Sequence:
    items: tuple[Expression, ...]


@dataclass(frozen=True)
class Choice:
    alternatives: tuple[Expression, ...]


@dataclass(frozen=True)
class Repeat:
    """From ``least`` to ``most`` times ``body``; ``None`` means no upper bound."""

    body: Expression
    least: int
    most: int | None


Atom = Literal | Pattern | Range | Part | Name | Use
Expression = Literal | Pattern | Range | Part | Name | Use | Sequence | Choice | Repeat


@dataclass(frozen=True)
class Definition:
    """A rule or a terminal; ``mode`` is ``"define"``, ``"override"`` or ``"extend"``."""

    name: str
    parameters: tuple[str, ...]
    body: Expression
    place: Place = field(compare=False, repr=False)
    mode: str = "define"


@dataclass(frozen=True)
class Import:
    """``%import library (NAME, ...)``: pairs of the name there and the name here."""

    library: str
    names: tuple[tuple[str, str], ...]
    place: Place = field(compare=False, repr=False)


@dataclass(frozen=True)
class Ignore:
    body: Expression
    place: Place = field(compare=False, repr=False)


Statement = Definition | Import | Ignore


def is_terminal(name: str) -> bool:
    """Whether the name is a terminal's: these are in upper case. The library prefix of an imported name does not
    count."""
    return name.rpartition(".")[2].lstrip("_")[:1].isupper()


def shown(name: str) -> str:
    """A name as the author of the grammar wrote it: ``<Name>`` stands for a rule of GBNF in upper case."""
    return name[1:-1] if name.startswith("<") else name


def atoms(expression: Expression) -> Iterator[Atom]:
    """Every atom of ``expression``, from left to right, including arguments of templates."""
    if isinstance(expression, Sequence):
        for item in expression.items:
            yield from atoms(item)
    elif isinstance(expression, Choice):
        for alternative in expression.alternatives:
            yield from atoms(alternative)
    elif isinstance(expression, Repeat):
        yield from atoms(expression.body)
    else:
        yield expression
        if isinstance(expression, Use):
            for argument in expression.arguments:
                yield from atoms(argument)


def replace(expression: Expression, change: Callable[[Atom], Expression]) -> Expression:
    """``expression`` with ``change`` applied to every atom (a template use is one atom)."""
    if isinstance(expression, Sequence):
        return Sequence(tuple(replace(item, change) for item in expression.items))
    if isinstance(expression, Choice):
        return Choice(tuple(replace(each, change) for each in expression.alternatives))
    if isinstance(expression, Repeat):
        return Repeat(replace(expression.body, change), expression.least, expression.most)
    return change(expression)
