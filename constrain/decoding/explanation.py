"""Why a token is allowed or not, in words.

What may come next is read from the structure of the state: literals, keys of a table, sets of bytes. Front ends may
give expressions names (``Grammar.names``) and tell which part of the source is in force (``Grammar.locate``). Without
these, the bytes themselves are shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from constrain.engine import Engine
from constrain.languages.base import Grammar
from constrain.masks.vocabulary_index import index_of
from constrain.spelling import names_in
from constrain.vocabulary import Vocabulary

__all__ = ["Explanation", "accepted_prefix", "expectations", "explain_text"]

# How many alternatives are listed, and how many characters of a literal and of the text so far are shown.
LISTED = 12
LITERAL_SHOWN = 40
TEXT_SHOWN = 60


@dataclass(frozen=True)
class Explanation:
    """Whether a token or a text may come next, and what may.

    Attributes:
        allowed: whether it may come next.
        given: the text that was asked about; None for an end-of-sequence token, or an id that has no text.
        token: the token that was asked about, if it was one.
        before: the text so far.
        accepted: the longest prefix of ``given`` that may come next.
        expected: what may come after ``accepted``, in words.
        may_end: whether the text may end after ``accepted``.
        places: the parts of the grammar's source that are in force there, if the front end can tell: for a schema, the
            JSON pointers of the subschemas that apply to the value that is open, or comes next; for a Lark grammar, the
            terminals that are open, or come next, with the rule, line and column in which they stand; for a regular
            expression, the characters and classes that may match next.
        reason: another reason that forbids it, such as a budget or an id that has no text; else ``""``.
        left: where a budget forbids the token, how many tokens could still be written after it; -1 if the token itself
            is one too many.
        needed: where a budget forbids the token, the least number of tokens known to complete the text after it.
    """

    allowed: bool
    given: bytes | None
    token: int | None
    before: bytes
    accepted: bytes
    expected: tuple[str, ...]
    may_end: bool
    places: tuple[str, ...] = ()
    reason: str = ""
    left: int | None = None
    needed: int | None = None

    def __str__(self) -> str:
        what = "the end of the text" if self.given is None else quoted(self.given)
        if self.token is not None:
            what = f"token {self.token}" + (f", {what}," if self.given is not None else "")
        verdict = "is allowed" if self.allowed else "is not allowed"
        before = f"after {quoted(self.before, TEXT_SHOWN)}" if self.before else "at the start of the text"
        lines = [f"{what} {verdict} {before}" + (f": {self.reason}" if self.reason else "")]
        if not self.allowed and not self.reason:
            lines.append(self._difference())
        options = [*self.expected, *(["the end of the text"] if self.may_end else [])]
        lines.append(f"expected {'there' if self.accepted else 'here'}: {', '.join(options) or 'nothing'}")
        if self.places:
            shown = [place or "the root of the schema" for place in self.places[:LISTED]]
            more = len(self.places) - LISTED
            shown += [f"... ({more} more)"] if more > 0 else []
            lines.append("in force: " + "\n            ".join(shown))
        return "\n  ".join(lines)

    def _difference(self) -> str:
        if self.given is None:
            return "the text is not complete"
        rest = self.given[len(self.accepted) :]
        if not self.accepted:
            return f"it begins with {quoted(rest[:1])}"
        return f"{quoted(self.accepted)} fits, but then comes {quoted(rest[:1])}"


def explain_text(
    engine: Engine, state: int, given: bytes | None, before: bytes, grammar: Grammar, vocabulary: Vocabulary
) -> Explanation:
    """Whether ``given`` may come next in ``state``, which is the state of ``grammar`` after the text ``before``."""
    accepted, there = accepted_prefix(engine, state, given or b"")
    text = before + accepted
    places = grammar.locate(text)
    if not places and vocabulary.leading_space and text[:1] == b" ":
        places = grammar.locate(text[1:])  # decoding drops that space
    names = names_in(grammar, index_of(vocabulary).alphabet, engine)
    expected, may_end = expectations(engine, there, names), engine.nullable(there)
    return Explanation(accepted == given, given, None, before, accepted, expected, may_end, places)


def beyond_budget(found: Explanation, left: int, needed: int) -> Explanation:
    """``found`` for a token that only a budget forbids: ``needed`` tokens complete the text after it, and ``left``
    would be left."""
    reason = f"the shortest text known takes {needed} more tokens, and {left} would be left"
    if left < 0:
        reason = "all tokens that may be written have been"
    elif needed <= left:
        reason = f"near the end of a budget not all ways to end are looked at; {left} tokens would be left"
    return replace(found, reason=reason, left=left, needed=needed)


def quoted(data: bytes, most: int = LITERAL_SHOWN) -> str:
    """``data`` as a Python literal, without its beginning where it is long."""
    shown = data if len(data) <= most else data[-most:]
    try:
        text = repr(shown.decode())
    except UnicodeDecodeError:
        text = repr(shown)
    return text if shown is data else f"...{text}"


def accepted_prefix(engine: Engine, state: int, data: bytes) -> tuple[bytes, int]:
    """The longest prefix of ``data`` that can be read from ``state``, and the state after it."""
    for at in range(len(data)):
        target = engine.derivative(state, data[at])
        if target == engine.EMPTY:
            return data[:at], state
        state = target
    return data, state


def expectations(engine: Engine, state: int, names: Mapping[int, str]) -> tuple[str, ...]:
    """What a non-empty text of ``state`` may begin with, in words. The last item may say that there are more."""
    found = list(dict.fromkeys(islice(_begins(engine, state, names), 50 * LISTED)))
    singles = [text for text in found if not text.startswith("bytes ")]
    listed = singles[:LISTED]
    bytes_set = 0
    for text in found:
        if text.startswith("bytes "):
            bytes_set |= int(text.removeprefix("bytes "), 16)
    if bytes_set:
        listed.append(byte_class(bytes_set))
    if len(singles) > LISTED:
        listed.append(f"... ({len(singles) - LISTED} more)")
    return tuple(listed)


def _begins(engine: Engine, node: int, names: Mapping[int, str]) -> Iterator[str]:
    """Names and literals, and sets of bytes as numbers, at which texts of ``node`` begin."""
    todo, seen = [node], set()
    while todo:
        node = todo.pop()
        if node in seen:
            continue
        seen.add(node)
        if node in names:
            yield names[node]
            continue
        kind, *fields = engine.inspect(node)
        parts = _PARTS[kind](engine, fields) if kind in _PARTS else None
        if parts is not None:
            todo += reversed(parts)
        elif kind == "literal":
            yield _beginning(fields[0])
        elif kind == "choice":
            yield from (_beginning(key) for key, _ in engine.choices(node))
        elif kind not in ("empty", "epsilon"):
            yield f"bytes {engine.first(node):x}"


def _concat(engine: Engine, fields: list[Any]) -> list[int]:
    return fields if engine.nullable(fields[0]) else fields[:1]


def _leaf(engine: Engine, fields: list[Any]) -> list[int] | None:
    """How a leaf begins: a text, or bytes."""
    kind, *parts = engine.inspect(fields[0])
    starts = kind == "literal" or (kind == "concat" and engine.inspect(parts[0])[0] == "literal")
    return fields[:1] if starts else None


def _first_field(engine: Engine, fields: list[Any]) -> list[int]:
    return fields[:1]


# The parts that a text may begin in, in order, by the kind of node. Nodes of other kinds are shown themselves.
_PARTS: dict[str, Any] = {
    "union": lambda engine, fields: list(fields[0]),
    "concat": _concat,
    "repeat": _first_field,
    "reference": _first_field,
    "leaf": _leaf,
    "capture": _first_field,
}


def _beginning(data: bytes) -> str:
    shown = data[:LITERAL_SHOWN]
    return repr(shown.decode(errors="replace")) + ("..." if len(data) > LITERAL_SHOWN else "")


_NAMED = {0x20: "a space", 0x09: "a tab", 0x0A: "a line feed", 0x0D: "a carriage return"}


def byte_class(members: int) -> str:
    """A set of bytes in words: runs of ASCII, or the ASCII characters that are missing, and whether other characters
    are in it."""
    missing = _PRINTABLE & ~members
    words = _runs(members & _ASCII)
    if missing.bit_count() <= 4:
        words = [f"any character but {_listed(_runs(missing))}" if missing else "any character"]
        return _listed(words + ([] if members >> 0xC0 else ["in ASCII"]))
    if members >> 0xC0:
        words.append("a non-ASCII character")
    elif members >> 0x80:
        words.append("the rest of a non-ASCII character")
    return f"one of {_listed(words)}" if len(words) > 1 else words[0]


_ASCII = (1 << 128) - 1
_PRINTABLE = sum(1 << byte for byte in range(0x20, 0x7F))


def _listed(words: list[str]) -> str:
    return ", ".join(words)


def _runs(members: int) -> list[str]:
    words = []
    byte = 0
    while members >> byte:
        last = byte
        while members >> last & 1:
            last += 1
        if last > byte:
            words.append(_run(byte, last - 1))
        byte = last + 1
    return words


def _run(first: int, last: int) -> str:
    if first == last:
        return _NAMED.get(first, repr(chr(first)))
    return f"{_NAMED.get(first, repr(chr(first)))} to {chr(last)!r}"
