"""Describes in words what a vocabulary cannot spell of a grammar.

``lost`` searches the whole language and tells which characters and texts are removed; ``reason`` tells why nothing is
left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constrain.engine.completion import LONGEST, avoiding_text, shortest_text
from constrain.engine.described import Described, Represented
from constrain.errors import UnspellableError
from constrain.languages.regex.unicode import ranges as sets
from constrain.spelling.characters import characters_of, unspelt_characters
from constrain.spelling.liveness import FEW, is_plain
from constrain.spelling.restriction import Restriction
from constrain.spelling.texts import first_texts, has_more_than
from constrain.work import checkpoint

if TYPE_CHECKING:
    from constrain.languages.base import Grammar
    from constrain.languages.regex.unicode.ranges import Ranges
    from constrain.spelling.atoms import Alphabet

__all__ = ["Unspellable", "lost", "reason"]

# How many expressions are searched, and how many steps may lead to the reason.
MOST_NODES, MOST_STEPS = 20_000, 10_000

# How many texts and ranges are shown.
SHOWN = 8


@dataclass(frozen=True)
class Unspellable:
    """The part of a language that is lost because no tokens spell it. False if nothing is lost.

    Attributes:
        characters: first and last code points of ranges of characters that texts could have, ascending.
        texts: literal texts, such as values of an enumeration and names of properties, as they would be written.
        complete: whether the whole language was searched; if not, more may be lost.
    """

    characters: tuple[tuple[int, int], ...] = ()
    texts: tuple[str, ...] = ()
    complete: bool = True

    def __bool__(self) -> bool:
        return bool(self.characters or self.texts)

    def __str__(self) -> str:
        if not self:
            return "everything can be spelt" if self.complete else "nothing that is lost was found"
        lines = []
        if self.characters:
            shown = [_range(*one) for one in self.characters[:SHOWN]]
            lines.append(f"characters: {_listed(shown, len(self.characters))}")
        if self.texts:
            lines.append(f"texts: {_listed([repr(text) for text in self.texts[:SHOWN]], len(self.texts))}")
        return "; ".join(lines)


def _listed(shown: list[str], count: int) -> str:
    return ", ".join(shown) + (f" and {count - len(shown)} more" if count > len(shown) else "")


def _range(first: int, last: int) -> str:
    return _character(first) if first == last else f"{_character(first)} to {_character(last)}"


def _character(code: int) -> str:
    return repr(chr(code)) if chr(code).isprintable() and code < 0x10000 else f"U+{code:04X}"


# -- what is lost -----------------------------------------------------------------------------


def lost(grammar: Grammar, alphabet: Alphabet | None) -> Unspellable:
    """The part of ``grammar`` that is not a sequence of atoms of ``alphabet``; nothing if that is None, which stands
    for all bytes. For atoms that are not aligned it is not known."""
    if alphabet is None or not alphabet.aligned:
        return Unspellable(complete=alphabet is None)
    with grammar.lock:
        return _Search(grammar.engine, alphabet).through(grammar.root)


class _Search:
    """A search of a language, part by part."""

    def __init__(self, engine: Any, alphabet: Alphabet) -> None:
        self.engine = engine
        self.alphabet = alphabet
        self.unspelt = unspelt_characters(alphabet)
        self.characters: Ranges = ()
        self.texts: dict[str, None] = {}

    def through(self, root: int) -> Unspellable:
        seen, todo = {root}, [root]
        commons: set[int] = set()
        while todo and len(seen) < MOST_NODES:
            checkpoint()
            for part in self._parts(todo.pop(), commons):
                if part not in seen:
                    seen.add(part)
                    todo.append(part)
        return Unspellable(self.characters, tuple(self.texts), not todo)

    def _parts(self, node: int, commons: set[int]) -> list[int]:
        """Note what is lost of ``node`` itself; return its parts."""
        engine = self.engine
        supplier = engine.supplier(node)
        if supplier is not None:
            if isinstance(supplier, Described) and not supplier.used & ~self.alphabet.members:
                return []
            if isinstance(supplier, Represented):
                return [supplier.representative(engine)]
            return [engine.inspect(node)[1]]
        if is_plain(engine, node):
            self._regular(node)
            return []
        kind, *fields = engine.inspect(node)
        if kind == "union":
            return list(fields[0])
        if kind in ("concat", "leaf"):
            return list(fields)
        if kind == "choice":
            choices = engine.choices(node)
            for key, _ in choices:
                self._text(key)
            return [follow() for key, follow in choices if self.alphabet.spells(key)]
        if kind in ("capture", "record"):
            return self._captured(node, kind, fields, commons)
        return []

    def _captured(self, node: int, kind: str, fields: list[Any], commons: set[int]) -> list[int]:
        """The body, and what follows one of its texts; what follows other texts is built in the same way."""
        engine = self.engine
        body, _, handler = fields
        if not handler.alike:
            return list(engine.captures(node))
        if handler.common in commons:
            return [body]
        commons.add(handler.common)
        if kind == "record":
            return [body, engine.advance(node, shortest_text(engine, body))]
        text = avoiding_text(engine, body, LONGEST, handler.refused(engine))
        return [body, handler.common, *([] if text is None else [engine.advance(node, text)])]

    def _regular(self, node: int) -> None:
        """Note the texts if there are few, else the characters that they are made of."""
        engine = self.engine
        if not has_more_than(engine, node, FEW):
            for text in first_texts(engine, node, FEW):
                self._text(text)
            return
        todo = [node]
        while todo:
            checkpoint()
            node = todo.pop()
            members = characters_of(engine, node)
            kind, *fields = engine.inspect(node)
            if members is not None:
                self._add(sets.intersection(members, self.unspelt))
            elif kind in ("union", "intersection"):
                todo += [part for part in fields[0] if engine.inspect(part)[0] != "complement"]
            elif kind == "literal":
                self._add_unspelt(fields[0].decode(errors="replace"))
            elif kind in ("concat", "leaf", "repeat"):
                todo += fields[: 2 if kind == "concat" else 1]

    def _text(self, data: bytes) -> None:
        if self.alphabet.spells(data):
            return
        text = data.decode(errors="replace")
        self.texts[text] = None
        self._add_unspelt(text)

    def _add_unspelt(self, text: str) -> None:
        self._add(sets.intersection(sets.normalise((ord(one), ord(one)) for one in text), self.unspelt))

    def _add(self, characters: Ranges) -> None:
        self.characters = sets.union([self.characters, characters])


# -- why nothing is left ----------------------------------------------------------------------


def reason(grammar: Grammar, restriction: Restriction, root: int) -> UnspellableError:
    """The error that says what cannot be spelled in every text of ``root``, and where."""
    before, text = _first_unspelt(restriction, root)
    places = grammar.locate(before + text[:1]) or grammar.locate(before)
    shown = text.decode(errors="replace")
    missing = [one for one in dict.fromkeys(shown) if not restriction.alphabet.spells(one.encode())]
    which = f"{', '.join(map(repr, missing[:SHOWN]))}" if missing else "what follows it"
    where = f" (at {', '.join(place or 'the root' for place in places[:SHOWN])})" if places else ""
    behind = f", behind {before.decode(errors='replace')!r}" if before else ""
    return UnspellableError(
        f"the grammar needs {shown!r}{behind}{where}, and no tokens of the vocabulary spell {which}; "
        "use a tokenizer with byte fallback, or a grammar that does without",
        text=text,
        places=places,
    )


def _first_unspelt(restriction: Restriction, node: int) -> tuple[bytes, bytes]:
    """A prefix of a text of ``node``, and the part after it that cannot be spelled, which is the first alternative."""
    engine, before = restriction.engine, b""
    for _ in range(MOST_STEPS):
        supplier = engine.supplier(node)
        if supplier is not None and not isinstance(supplier, Described):
            represented = isinstance(supplier, Represented)
            node = supplier.representative(engine) if represented else engine.inspect(node)[1]
            continue
        kind, *fields = engine.inspect(node)
        if kind == "union" and not is_plain(engine, node):
            node = fields[0][0]
        elif kind == "leaf" or (kind == "concat" and not restriction.live(restriction.of(fields[0]))):
            node = fields[0]
        elif kind == "concat":
            before += shortest_text(engine, fields[0])
            node = fields[1]
        elif kind == "choice":
            key, follow = engine.choices(node)[0]
            if not restriction.alphabet.spells(key):
                return before, key
            before, node = before + key, follow()
        elif kind in ("capture", "record"):
            body = restriction.of(engine.leaf(fields[0])) if kind == "capture" else restriction.of(fields[0])
            if not restriction.live(body):
                node = fields[0]
                continue
            text = shortest_text(engine, node)
            taken = shortest_text(engine, fields[0])
            return before, text if not restriction.alphabet.spells(text) else taken
        else:
            break
    return before, shortest_text(engine, node)
