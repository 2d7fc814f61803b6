"""The string languages of one schema. Each is compiled once, and combined with length bounds only where needed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from weakref import ref

from constrain.engine import Engine
from constrain.languages.json_schema.formats import LENGTHS, format_contents
from constrain.languages.json_schema.text.json_text import UNICODE, JsonText, has_spelling, smaller
from constrain.languages.json_schema.text.pattern_shape import is_plain, lengths, split_at_anchors
from constrain.languages.json_schema.values.finite import Finite
from constrain.languages.json_schema.values.shortest_texts import always_extends, few_texts, shortest
from constrain.languages.json_schema.values.strings import Language, Strings
from constrain.languages.regex import parse, regex_expression
from constrain.languages.regex.parsing.analysis import width
from constrain.languages.regex.parsing.syntax import Chars

# The most states of a language that are looked at, to see whether its texts can always go on.
MAX_STATES = 300


class StringLanguages:
    """Expressions of string contents (without quotes) in one arena, memoised."""

    __slots__ = ("_arena", "_bodies", "_inhabited", "_nodes", "alphabet", "character")

    def __init__(self, arena: Engine, character: Any, alphabet: JsonText = UNICODE) -> None:
        self._arena = ref(arena)
        self.alphabet = alphabet
        self.character = character
        self._nodes: dict[Language, Any] = {}
        self._bodies: dict[Strings, Any] = {}
        self._inhabited: dict[Strings, bool] = {}

    @property
    def arena(self) -> Any:
        """The arena written to. It keeps what writes to it alive, so the reference back to it is weak."""
        return self._arena()

    def node(self, language: Language) -> Any:
        """The contents of the strings in ``language``."""
        node = self._nodes.get(language)
        if node is None:
            node = self._nodes[language] = EXPRESSION_OF[language.kind](
                self.arena, language.value, self.alphabet
            )
        return node

    def body(self, part: Strings) -> Any:
        """The contents of the strings of ``part``, which is not plain."""
        body = self._bodies.get(part)
        if body is None:
            body = self._bodies[part] = self._compiled(part)
        return body

    def _compiled(self, part: Strings) -> Any:
        arena = self.arena
        known = _own_lengths(part)
        if known is not None:
            bounds, letters = known
            least, most = max(bounds[0], part.least), smaller(bounds[1], part.most)
            if most is not None and least > most:
                return arena.EMPTY
            if (least, most) == bounds:
                return self.node(part.languages[0])
            if letters is not None:
                return arena.repeat(self.alphabet.characters(arena, letters.ranges), least, most)
        nodes = [self.node(language) for language in part.languages]
        if part.least > 0 or part.most is not None or not nodes:
            nodes.append(arena.repeat(self.character, part.least, part.most))
        if (
            part.excluded
        ):  # one complement of all: once one of them has matched, the others need not be told apart
            nodes.append(arena.complement(arena.union(map(self.node, part.excluded))))
        nodes.extend(arena.union(map(self.contents, clause)) for clause in part.clauses)
        return arena.intersection(nodes)

    def inhabited(self, part: Strings) -> bool:
        """Whether there is any string in ``part``. Most patterns and all formats show that without being compiled."""
        answer = self._inhabited.get(part)
        if answer is None:
            shown = _has_format_match(part) or _has_plain_match(part) or self._has_shortest(part)
            answer = self._inhabited[part] = shown or not self.arena.is_empty(self.body(part))
        return answer

    def _has_shortest(self, part: Strings) -> bool:
        """Whether a shortest text of the first of the languages that ``part`` combines is in it. That saves looking at
        the product of all of them, which has many more states."""
        if not part.languages or part.clauses or len(part.languages) + len(part.excluded) < 2:
            return False
        text = shortest(self.arena, self.node(part.languages[0]), MAX_STATES)
        if text is None:
            return False
        value = json.loads(b'"' + text + b'"')
        return (
            part.least <= len(value)
            and (part.most is None or len(value) <= part.most)
            and all(self.matches(language, value) for language in part.languages)
            and not any(self.matches(language, value) for language in part.excluded)
        )

    def contents(self, part: Any) -> Any:
        """The contents of the strings of ``part``."""
        if isinstance(part, Finite):
            return _any_value(self.arena, frozenset(part.values), self.alphabet)
        if part.is_plain:
            return self.arena.repeat(self.character, part.least, part.most)
        return self.body(part)

    def few_values(self, part: Any, limit: int) -> list[str] | None:
        """The strings of ``part`` that have a spelling; None if there are more than ``limit``."""
        if isinstance(part, Finite):
            return [value for value in part.values if has_spelling(value)]
        if (part.is_plain and part.most != 0) or _is_open_ended(part):
            return None
        texts = few_texts(self.arena, self.contents(part), limit)
        return None if texts is None else [json.loads(b'"' + text + b'"') for text in texts]

    def extends(self, part: Any) -> bool:
        """Whether every beginning of a string of ``part`` is seen to have infinitely many ends."""
        if isinstance(part, Finite):
            return False
        if part.is_plain:
            return part.most is None
        return _is_open_ended(part) or always_extends(self.arena, self.contents(part), MAX_STATES)

    def matches(self, language: Language, value: str) -> bool:
        if language.kind == "values":
            return value in language.value
        text = self.alphabet.contents(value) if has_spelling(value) else None
        return text is not None and bool(self.arena.matches(self.node(language), text))


def _search(arena: Engine, pattern: str, alphabet: JsonText) -> Any:
    """The contents of strings that hold a match of ``pattern``."""
    return regex_expression(arena, pattern, flavour="schema", alphabet=alphabet, mode="search")


def _any_value(arena: Engine, values: frozenset[str], alphabet: JsonText) -> Any:
    return arena.union([alphabet.text(arena, value) for value in values if has_spelling(value)])


# How each kind of language is written.
EXPRESSION_OF: dict[str, Callable[[Any, Any, JsonText], Any]] = {
    "pattern": _search,
    "format": format_contents,
    "values": _any_value,
}


def _only_language(part: Strings, kind: str) -> str | None:
    """The value of the only language of ``part`` if it is of kind ``kind`` and combined with lengths only; else
    None."""
    if len(part.languages) != 1 or part.excluded or part.clauses or part.languages[0].kind != kind:
        return None
    value: str = part.languages[0].value
    return value


def _own_lengths(part: Strings) -> tuple[tuple[int, int | None], Chars | None] | None:
    """What ``lengths`` says of the only pattern or format of ``part``, apart from the bounds of ``part``."""
    name = _only_language(part, "format")
    if name is not None:
        return LENGTHS[name], None
    pattern = _only_language(part, "pattern")
    return None if pattern is None else lengths(pattern)


def _has_format_match(part: Strings) -> bool:
    """Whether the shortest texts of the only format of ``part`` have a length within its bounds."""
    name = _only_language(part, "format")
    if name is None:
        return False
    shortest, _ = LENGTHS[name]
    return part.least <= shortest and (part.most is None or shortest <= part.most)


def _is_open_ended(part: Strings) -> bool:
    """Whether it is one pattern that any text may follow, so that strings can go on after it without end."""
    pattern = _only_language(part, "pattern")
    if pattern is None or part.most is not None:
        return False
    tree = parse(pattern, "schema")
    return is_plain(tree) and not split_at_anchors(tree)[2]


def _has_plain_match(part: Strings) -> bool:
    """Whether the only pattern of ``part`` is plain, and matches a text of a length within its bounds."""
    pattern = _only_language(part, "pattern")
    if pattern is None:
        return False
    tree = parse(pattern, "schema")
    start, _, end = split_at_anchors(tree)
    shortest, _ = width(tree)  # a plain pattern has a match that is as short as that
    if not (start and end):
        shortest = max(shortest, part.least)  # and any longer text, where text may come beside it
    return is_plain(tree) and part.least <= shortest and (part.most is None or shortest <= part.most)
