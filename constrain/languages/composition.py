"""Grammars made of grammars: text up to a stop string, one after the other, one of several, one several times.

    tagged = cn.sequence(cn.until("<answer>"), cn.json_schema(schema), "</answer>")

When should I use this? Where a constrained text stands within free text, ends with a string of its own, or is
one of several. The result is a grammar like any other: its texts are known exactly, may be counted in tokens
(``max_tokens``) and explained, in every mode of decoding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from functools import partial
from operator import index
from typing import Any

from constrain.engine import Engine
from constrain.errors import RegexError
from constrain.languages.base import Grammar, utf8
from constrain.limits import Limits

__all__ = ["either", "repeat", "sequence", "until"]

# More repetitions than this have no place in a node.
MOST_TIMES = 2**31 - 1


def until(stop: str | Iterable[str], *, within: str | None = None) -> Grammar:
    """Texts up to the first place where a stop string ends, that string included.

    No stop string occurs in a text before its end, not even overlapping it, so these are the texts that ``generate``
    would have stopped at. Nothing may follow but the end of the sequence, or the next part of a ``sequence``.

    Args:
        stop: one string or several.
        within: a regular expression (Python's syntax) for the text before the stop string; any text if None.

    Raises:
        TypeError: a stop string, or ``within``, is no text.
        ValueError: there is no stop string, or one is empty or has half a surrogate pair.
        RegexError: ``within`` is malformed or not regular, or none of its texts can stand before a stop string.
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

    Where a text can be cut into parts in several ways, all of them are followed, exactly.

    Raises:
        TypeError: a part is neither, or there is none.
        ValueError: a text has half a surrogate pair, or two schemas differ in ``whitespace``, ``max_digits``
            or ``ascii``.
    """
    return _composed("sequence", parts, Engine.concat, partial(sequence, *parts))


def either(*parts: Grammar | str) -> Grammar:
    """A text of one of the parts: each is a grammar, or a fixed text. What several of them begin with is read as all.

    Raises:
        TypeError, ValueError: as for ``sequence``.
    """
    return _composed("either", parts, lambda engine, *nodes: engine.union(nodes), partial(either, *parts))


def repeat(
    part: Grammar | str, least: int = 0, most: int | None = None, *, separator: Grammar | str = ""
) -> Grammar:
    """Texts of a part, one behind the other.

    Args:
        part: a grammar, or a fixed text.
        least: how many there are at the fewest.
        most: how many at the most; any number if None.
        separator: what stands between two of them.

    Raises:
        TypeError: ``part`` or ``separator`` is neither, or a number of times is no integer.
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

    remake = partial(repeat, part, least, most, separator=separator)
    return _composed("repeat", (part, separator), write, remake)


def _composed(
    kind: str,
    parts: Sequence[Grammar | str],
    write: Callable[..., int],
    remake: Callable[[], Grammar],
) -> Grammar:
    """A grammar that ``write`` makes, given an engine and the expressions of ``parts`` in it."""
    if not parts:
        raise TypeError(f"{kind}() of nothing")
    for part in parts:
        if not isinstance(part, (Grammar, str)):
            raise TypeError(f"{kind}() takes grammars and texts, not {part!r}")
    grammars = [part for part in parts if isinstance(part, Grammar)]
    bases = list({id(one.base): one.base for one in grammars if one.base is not None}.values())
    if len(bases) > 1:
        raise ValueError(
            "schemas that are parts of one grammar must agree in whitespace, max_digits and ascii"
        )

    def build(engine: Engine) -> int:
        return write(engine, *[_node(engine, part) for part in parts])

    return Grammar(
        kind,
        build,
        remake=remake,
        base=bases[0] if bases else None,
        annotations=[note for one in grammars for note in one.annotations],
        names=_merged(grammars),
        plain=partial(_plain, parts),
        limits=_strictest([one.limits for one in grammars]),
    )


def _strictest(limits: list[Limits]) -> Limits | None:
    """What all of ``limits`` allow."""
    if not limits:
        return None
    return Limits(**{field.name: min(getattr(one, field.name) for one in limits) for field in fields(Limits)})


def _node(engine: Engine, part: Grammar | str) -> int:
    return engine.literal(utf8(part)) if isinstance(part, str) else part.build(engine)


def _plain(parts: Sequence[Grammar | str]) -> int:
    """``Grammar.plain`` of what is made of ``parts``."""
    texts = "".join(part for part in parts if isinstance(part, str))
    found = sum(1 << byte for byte in set(utf8(texts)))
    for part in parts:
        if isinstance(part, Grammar):
            found |= part.plain()
    return found


def _merged(grammars: list[Grammar]) -> dict[int, Any]:
    return {node: name for one in grammars for node, name in one.names.items()}
