"""Grammars around and behind one another: text up to a stop string, and one grammar after the other.

    tagged = cn.sequence(cn.until("<answer>"), cn.json_schema(schema), "</answer>")

When should I use this? Where a constrained text stands within free text, or ends with a string of its own. The
result is a grammar like any other: its texts are known exactly, may be counted in tokens (``max_tokens``) and
explained, in every mode of decoding.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from constrain.engine import Engine
from constrain.errors import RegexError
from constrain.languages.base import Grammar

__all__ = ["sequence", "until"]


def until(stop: str | Iterable[str], *, within: str | None = None) -> Grammar:
    """Texts up to the first place where a stop string ends, that string included.

    No stop string occurs in a text before its end, not even overlapping it, so these are the texts that ``generate``
    would have stopped at. Nothing may follow but the end of the sequence, or the next part of a ``sequence``.

    Args:
        stop: one string or several.
        within: a regular expression (Python's syntax) for the text before the stop string; any text if None.

    Raises:
        ValueError: there is no stop string, or one is empty.
        RegexError: ``within`` is malformed or not regular, or none of its texts can stand before a stop string.
    """
    strings = [stop] if isinstance(stop, str) else list(stop)
    if not strings or "" in strings:
        raise ValueError("until() takes at least one stop string, and none may be empty")
    if within is not None:
        from constrain.languages.regex import parse

        parse(within)

    def build(engine: Engine) -> int:
        from constrain.languages.regex import Utf8, regex_expression

        utf8 = Utf8()
        before = utf8.any_text(engine) if within is None else regex_expression(engine, within, alphabet=utf8)
        stops = engine.union([engine.literal(string.encode()) for string in strings])
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
        ValueError: a part was not made by a front end, or two schemas differ in ``whitespace``,
            ``max_digits`` or ``ascii``.
    """
    wrong = next((part for part in parts if not isinstance(part, (Grammar, str))), None)
    if not parts or wrong is not None:
        raise TypeError(
            f"sequence() takes grammars and texts, not {wrong!r}" if parts else "a sequence of nothing"
        )
    grammars = [part for part in parts if isinstance(part, Grammar)]
    bases = list({id(one.base): one.base for one in grammars if one.base is not None}.values())
    if len(bases) > 1:
        raise ValueError("the schemas of a sequence must agree in whitespace, max_digits and ascii")

    def build(engine: Engine) -> int:
        root: int = engine.concat(*[_node(engine, part) for part in parts])
        return root

    return Grammar(
        "sequence",
        build,
        remake=partial(sequence, *parts),
        base=bases[0] if bases else None,
        annotations=[note for one in grammars for note in one.annotations],
        names=_merged(grammars),
    )


def _node(engine: Engine, part: Grammar | str) -> int:
    return engine.literal(part.encode()) if isinstance(part, str) else part.build(engine)


def _merged(grammars: list[Grammar]) -> dict[int, Any]:
    return {node: name for one in grammars for node, name in one.names.items()}
