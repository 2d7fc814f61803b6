"""Grammars made of grammars: text up to a stop string, sequences, alternatives and repetitions.

    tagged = cn.sequence(cn.until("<answer>"), cn.json_schema(schema), "</answer>")

When should I use this? Where a constrained text is surrounded by free text, ends with its own stop string, or is one of
several. The result is a grammar like any other: its texts are known exactly, and may be limited in tokens
(``max_tokens``) and explained, in every mode of decoding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from functools import partial
from operator import index
from typing import Any, NamedTuple

from constrain.engine import Engine
from constrain.errors import RegexError, WorkLimitExceeded
from constrain.languages.base import Grammar, utf8
from constrain.limits import Limits
from constrain.work import checkpoint

__all__ = ["either", "repeat", "sequence", "until"]

# A node cannot hold more repetitions than this.
MOST_TIMES = 2**31 - 1

# How many grammars and texts one grammar may be made of. A sequence of the same grammar twice has twice as many as that
# grammar, and so on.
MOST_PARTS = 1_000_000

# A grammar of more parts than this is built when it is first needed: otherwise nested parts would be built once for
# each grammar around them.
MANY_PARTS = 100


def until(stop: str | Iterable[str], *, within: str | None = None) -> Grammar:
    """Texts up to the first place where a stop string ends, that string included.

    No stop string occurs in a text before its end, not even overlapping it, so these are the texts that ``generate``
    would have stopped at. Nothing may follow but the end of the sequence, or the next part of a ``sequence``.

    Args:
        stop: one string or several.
        within: a regular expression (Python's syntax) for the text before the stop string; any text if None.

    Raises:
        TypeError: a stop string, or ``within``, is not a text.
        ValueError: there is no stop string, or one is empty or has half a surrogate pair.
        RegexError: ``within`` is malformed or not regular, or none of its texts can precede a stop string.
    """
    strings = [stop] if isinstance(stop, str) else list(stop)
    for text in strings if within is None else [*strings, within]:
        if not isinstance(text, str):
            raise TypeError(f"until() takes texts, not {text!r}")
    if not strings or "" in strings:
        raise ValueError("until() takes at least one stop string, and none may be empty")
    if within is not None:
        from constrain.languages.regex import parse

        parse(within)

    def build(engine: Engine) -> int:
        from constrain.languages.regex import Utf8, regex_expression

        alphabet = Utf8()
        before = alphabet.any_text(engine)
        if within is not None:
            before = regex_expression(engine, within, alphabet=alphabet)
        stops = engine.union([engine.literal(utf8(string)) for string in strings])
        byte = engine.byte_set((1 << 256) - 1)
        anything = engine.repeat(byte)
        too_late = engine.concat(anything, stops, byte, anything)
        whole = engine.intersection([engine.concat(before, stops), engine.complement(too_late)])
        if engine.is_empty(whole):
            raise RegexError(within or "", 0, f"every text is cut before its end by one of {strings}")
        leaf: int = engine.leaf(whole)
        return leaf

    return Grammar("until", build, remake=partial(until, strings, within=within))


def sequence(*parts: Grammar | str) -> Grammar:
    """One text after the other: each part is a grammar, or a fixed text.

    Where a text can be cut into parts in several ways, all of them are followed exactly.

    Raises:
        TypeError: a part is neither a grammar nor a text, or there is no part.
        ValueError: a text has half a surrogate pair, or two schemas differ in ``whitespace``, ``max_digits``
            or ``ascii``.
        WorkLimitExceeded: there are more than 1,000,000 parts, including parts of parts.
    """
    return _composed(Join("sequence", Engine.concat, True, sequence), parts)


def either(*parts: Grammar | str) -> Grammar:
    """A text of one of the parts: each is a grammar, or a fixed text. A common beginning of several parts is read as
    all of them.

    Raises:
        TypeError, ValueError, WorkLimitExceeded: as for ``sequence``.
    """
    return _composed(Join("either", _union, True, either), parts)


def repeat(
    part: Grammar | str, least: int = 0, most: int | None = None, *, separator: Grammar | str = ""
) -> Grammar:
    """Several texts of a part, one after the other.

    Args:
        part: a grammar, or a fixed text.
        least: the minimum number of texts.
        most: the maximum number of texts; any number if None.
        separator: what comes between two of them.

    Raises:
        TypeError: ``part`` or ``separator`` is neither a grammar nor a text, or a number is not an integer.
        WorkLimitExceeded: as for ``sequence``.
        ValueError: as for ``sequence``, or ``most`` is 0 or less than ``least``, or one is beyond 2147483647.
    """
    least, most = index(least), None if most is None else index(most)
    if least < 0 or (most is not None and most < max(least, 1)) or max(least, most or 0) > MOST_TIMES:
        raise ValueError(f"a part cannot be repeated at least {least} and at most {most} times")

    def write(engine: Engine, first: int, between: int) -> int:
        if between == engine.EPSILON:
            return int(engine.repeat(first, least, most))
        more = engine.repeat(
            engine.concat(between, first), max(least - 1, 0), None if most is None else most - 1
        )
        some: int = engine.concat(first, more)
        return some if least else engine.union([engine.EPSILON, some])

    again = partial(_repeat_again, least=least, most=most)
    return _composed(Join("repeat", write, False, again), (part, separator))


def _repeat_again(part: Grammar | str, separator: Grammar | str, *, least: int, most: int | None) -> Grammar:
    return repeat(part, least, most, separator=separator)


def _union(engine: Engine, *nodes: int) -> int:
    return int(engine.union(nodes))


class Join(NamedTuple):
    """A way to combine parts into a grammar.

    Attributes:
        kind: its name.
        write: returns the expression, given an engine and the expressions of the parts in it.
        flat: whether parts that are combined in this way themselves may be replaced by their own parts.
        again: makes the grammar of its parts; can be pickled.
    """

    kind: str
    write: Callable[..., int]
    flat: bool
    again: Callable[..., Grammar]


class Composed(Grammar):
    """A grammar made of grammars and texts, its ``parts``. It has ``size`` parts in all, including parts of parts.

    Parts may be nested to any depth, so nothing here follows them by recursion.
    """

    def __init__(self, join: Join, parts: tuple[Grammar | str, ...], size: int) -> None:
        self.join = join
        self.parts = parts
        self.size = size
        grammars = [part for part in parts if isinstance(part, Grammar)]
        bases = list({id(one.base): one.base for one in grammars if one.base is not None}.values())
        if len(bases) > 1:
            raise ValueError(
                "schemas that are parts of one grammar must agree in whitespace, max_digits and ascii"
            )
        super().__init__(
            join.kind,
            partial(_expression, join, parts),
            remake=partial(join.again, *parts),
            base=bases[0] if bases else None,
            annotations=[note for one in grammars for note in one.annotations],
            names=_merged(grammars),
            plain=partial(_plain, parts),
            limits=_strictest([one.limits for one in grammars]),
            late=size > MANY_PARTS,
        )

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the grammar as the steps in which it is put together."""
        numbers: dict[int, int] = {}
        steps: list[Any] = []
        todo: list[Composed] = [self]
        while todo:
            grammar = todo[-1]
            inner = [part for part in grammar.parts if isinstance(part, Composed) and id(part) not in numbers]
            if inner:
                todo.extend(inner)
                continue
            todo.pop()
            if id(grammar) not in numbers:
                numbers[id(grammar)] = len(steps)
                parts = [numbers[id(one)] if isinstance(one, Composed) else (one,) for one in grammar.parts]
                steps.append((grammar.join.again, parts))
        return _put_together, (steps,)


def _strictest(limits: list[Limits]) -> Limits | None:
    """The limits within all of ``limits``."""
    if not limits:
        return None
    return Limits(**{field.name: min(getattr(one, field.name) for one in limits) for field in fields(Limits)})


def _expression(join: Join, parts: tuple[Grammar | str, ...], engine: Engine) -> int:
    """The expression of all ``parts`` in an engine. ``todo`` holds the parts under construction: how they are combined,
    the remaining parts, the expressions of the others, and where the expression of the whole goes."""
    whole: list[int] = []
    todo: list[tuple[Join, Iterator[Grammar | str], list[int], list[int]]]
    todo = [(join, iter(parts), [], whole)]
    while todo:
        checkpoint()
        join, left, nodes, target = todo[-1]
        for part in left:
            if isinstance(part, Composed):
                flat = part.join.flat and part.join.kind == join.kind
                todo.append((part.join, iter(part.parts), nodes if flat else [], nodes))
                break
            nodes.append(engine.literal(utf8(part)) if isinstance(part, str) else part.build(engine))
        else:
            todo.pop()
            if nodes is not target:
                target.append(join.write(engine, *nodes))
    return whole[0]


def _plain(parts: tuple[Grammar | str, ...]) -> int:
    """``Grammar.plain`` of a grammar made of ``parts``."""
    found = 0
    letters: set[str] = set()
    seen: set[int] = set()
    todo = list(parts)
    while todo:
        part = todo.pop()
        if isinstance(part, str):
            letters.update(part)
        elif id(part) not in seen:
            seen.add(id(part))
            if isinstance(part, Composed):
                todo.extend(part.parts)
            else:
                found |= part.plain()
    return found | sum(1 << byte for byte in set(utf8("".join(letters))))


def _put_together(steps: list[tuple[Callable[..., Grammar], list[Any]]]) -> Grammar:
    """Rebuild what ``Composed.__reduce__`` has taken apart: a part is the number of an earlier step, or the part
    itself."""
    made: list[Grammar] = []
    for again, parts in steps:
        made.append(again(*[made[part] if isinstance(part, int) else part[0] for part in parts]))
    return made[-1]


def _composed(join: Join, parts: tuple[Grammar | str, ...]) -> Grammar:
    """A grammar of ``parts``."""
    if not parts:
        raise TypeError(f"{join.kind}() of nothing")
    size = 1
    for part in parts:
        if not isinstance(part, (Grammar, str)):
            raise TypeError(f"{join.kind}() takes grammars and texts, not {part!r}")
        if isinstance(part, str):
            utf8(part)
        size += part.size if isinstance(part, Composed) else 1
    if size > MOST_PARTS:
        raise WorkLimitExceeded(
            f"{join.kind}() of {size} parts and parts of parts: {MOST_PARTS} are the most",
            limit="MOST_PARTS",
            value=MOST_PARTS,
        )
    return Composed(join, parts, size)


def _merged(grammars: list[Grammar]) -> dict[int, Any]:
    return {node: name for one in grammars for node, name in one.names.items()}
