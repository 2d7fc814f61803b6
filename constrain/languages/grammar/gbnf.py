"""From the text of a grammar in GBNF, the syntax of llama.cpp, to definitions.

    root ::= "[" (item ("," item)*)? "]"
    item ::= [a-z]+ | root

The syntax is that of llama.cpp's ``grammars/README.md``. It has only rules, which describe characters: nothing is
ignored between them. Left recursion, which llama.cpp refuses, is allowed. Tokens (``<think>``, ``<[1000]>``) are not
text, and are refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import NoReturn

from constrain.languages.grammar.definitions import Document, suggestion
from constrain.languages.grammar.reader import DEEPEST_NESTING, LARGEST_COUNT
from constrain.languages.grammar.syntax import (
    Choice,
    Definition,
    Expression,
    Literal,
    Name,
    Part,
    Pattern,
    Place,
    Repeat,
    Sequence,
    atoms,
    is_terminal,
    shown,
)
from constrain.work import checkpoint

__all__ = ["read_gbnf", "rule_name"]

# A repetition of texts of at most this many bytes is one terminal. ``\\u`` and four hexadecimal digits count 18.
SHORT = 64
LONGEST_CHARACTER = 4

_BLANK = re.compile(r"(?:[ \t]|#[^\r\n]*)*")
_BLANK_LINES = re.compile(r"(?:[ \t\r\n]|#[^\r\n]*)*")
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_COUNT = re.compile(r"\{[ \t]*(\d+)[ \t]*(?:(,)[ \t]*(\d*)[ \t]*)?\}")
_ESCAPE = re.compile(
    r"""\\(?:(?P<plain>[trn\\"\[\]-])|x(?P<x>[0-9a-fA-F]{2})|u(?P<u>[0-9a-fA-F]{4})|U(?P<U>[0-9a-fA-F]{8}))"""
)
_PLAIN = {"t": "\t", "r": "\r", "n": "\n"}
OPERATORS: dict[str, tuple[int, int | None]] = {"?": (0, 1), "*": (0, None), "+": (1, None)}
SIGNS = {counts: sign for sign, counts in OPERATORS.items()}


def read_gbnf(source: str) -> Document:
    """The rules of a grammar, checked.

    Raises:
        GrammarError: it is malformed, a rule is defined twice or not at all, or it names tokens.
    """
    definitions: dict[str, Definition] = {}
    for definition in _Reader(source).definitions():
        if definition.name in definitions:
            raise definition.place.error(f"'{shown(definition.name)}' is defined twice")
        definitions[definition.name] = definition
    for definition in definitions.values():
        for atom in atoms(definition.body):
            if isinstance(atom, Name) and atom.name not in definitions:
                hint = suggestion(atom.name, definitions)
                raise atom.place.error(f"the rule '{shown(atom.name)}' is not defined{hint}")
    lengths = _Lengths(definitions)
    for name, definition in definitions.items():
        body = _in_parts(definition.body, lengths)
        definitions[name] = Definition(name, (), body, definition.place)
    return Document(source, definitions, ())


def rule_name(name: str) -> str:
    """The name of a rule in a ``Document``, where a name in upper case would be a terminal's."""
    return f"<{name}>" if is_terminal(name) else name


def repeated(item: Expression, least: int, most: int | None) -> Expression:
    """``item`` from ``least`` to ``most`` times. Any number of operators in a row, ``x?+*``, count as one."""
    inner = (item.least, item.most) if isinstance(item, Repeat) else None
    if inner in _SIGNS and (least, most) in _SIGNS:
        assert isinstance(item, Repeat)
        least, most = min(inner[0], least), 1 if (inner[1], most) == (1, 1) else None
        item = item.body
    return Repeat(item, least, most)


_SIGNS = ((0, 1), (0, None), (1, None))


class _Reader:
    """A recursive-descent reader of one grammar."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.position = 0
        self.depth = 0

    def definitions(self) -> list[Definition]:
        found = []
        self.blank(lines=True)
        while self.position < len(self.source):
            found.append(self.definition())
            self.blank(lines=True)
        return found

    # -- characters ---------------------------------------------------------------------------

    def place(self) -> Place:
        return Place(self.source, self.position)

    def fail(self, reason: str) -> NoReturn:
        raise self.place().error(reason)

    def at(self, text: str) -> bool:
        return self.source.startswith(text, self.position)

    def skip(self, text: str) -> bool:
        found = self.at(text)
        self.position += len(text) if found else 0
        return found

    def blank(self, *, lines: bool) -> None:
        """Skip blanks and comments, and the ends of lines where a rule may go on after them."""
        found = (_BLANK_LINES if lines else _BLANK).match(self.source, self.position)
        assert found is not None
        self.position = found.end()

    def name(self, why: str) -> str:
        found = _NAME.match(self.source, self.position)
        if found is None:
            self.fail(f"expected the name of a rule {why}, found {self.found()}")
        self.position = found.end()
        return rule_name(found.group())

    def found(self) -> str:
        if self.position == len(self.source):
            return "the end of the grammar"
        character = self.source[self.position]
        return "the end of the line" if character in "\r\n" else repr(character)

    # -- rules --------------------------------------------------------------------------------

    def definition(self) -> Definition:
        place = self.place()
        name = self.name("to define")
        self.blank(lines=False)
        if not self.skip("::="):
            self.fail(f"expected '::=' after '{name}', found {self.found()}")
        self.blank(lines=True)
        body = self.choice()
        if self.position < len(self.source) and self.source[self.position] not in "\r\n":
            self.fail(f"unexpected {self.found()} in the definition of '{name}'")
        return Definition(name, (), body, place)

    def choice(self) -> Expression:
        alternatives = [self.sequence()]
        while self.skip("|"):
            self.blank(lines=True)
            alternatives.append(self.sequence())
        return alternatives[0] if len(alternatives) == 1 else Choice(tuple(alternatives))

    def sequence(self) -> Expression:
        items: list[Expression] = []
        while (item := self.item()) is not None:
            checkpoint()
            self.blank(lines=self.depth > 0)
            items.append(self.repeated(item))
        return items[0] if len(items) == 1 else Sequence(tuple(items))

    def repeated(self, item: Expression) -> Expression:
        while self.position < len(self.source) and self.source[self.position] in "?*+{":
            item = repeated(item, *self.counts())
            self.blank(lines=self.depth > 0)
        return item

    def counts(self) -> tuple[int, int | None]:
        place = self.place()
        if not self.at("{"):
            self.position += 1
            return OPERATORS[self.source[place.offset]]
        found = _COUNT.match(self.source, self.position)
        if found is None:
            self.fail("a repetition is written {m}, {m,} or {m,n}")
        self.position = found.end()
        least = int(found[1])
        most = least if found[2] is None else int(found[3]) if found[3] else None
        if most is not None and most < least:
            raise place.error(f"the repetition {found.group()} has its bounds in the wrong order")
        if max(least, most or 0) > LARGEST_COUNT:
            raise place.error(f"a number of repetitions lies between 0 and {LARGEST_COUNT}")
        return least, most

    def item(self) -> Expression | None:
        """A literal, a class, a rule or a group; None where none of these begins."""
        place = self.place()
        if self.at('"'):
            return self.literal(place)
        if self.at("["):
            return self.characters(place)
        if self.skip("."):
            return Part(Pattern(".", "s", place), ".", place)
        if self.skip("("):
            return self.group(place)
        if _NAME.match(self.source, self.position):
            return Name(self.name(""), place)
        if self.at("<") or self.at("!"):
            self.fail(
                "a token is no text: where special tokens belong, let the processor wait for one ('after')"
            )
        if self.position < len(self.source) and self.source[self.position] in "?*+{":
            self.fail(f"there is nothing before {self.found()} to repeat")
        return None

    def group(self, place: Place) -> Expression:
        self.depth += 1
        if self.depth > DEEPEST_NESTING:
            self.fail(f"brackets are nested more than {DEEPEST_NESTING} deep")
        self.blank(lines=True)
        body = self.choice()
        if self.position == len(self.source):
            raise place.error("this '(' is never closed")
        if not self.skip(")"):
            self.fail(f"expected ')', found {self.found()}")
        self.depth -= 1
        return body

    def literal(self, place: Place) -> Expression:
        self.position += 1
        text = ""
        while not self.skip('"'):
            text += self.character(place, "string")
        return Literal(text, False, place) if text else Sequence(())

    def characters(self, place: Place) -> Expression:
        """A class, as a class of Python's syntax."""
        self.position += 1
        ranges = "^" if self.skip("^") else ""
        while not self.skip("]"):
            here = self.place()
            first = last = self.character(place, "class")
            if self.at("-") and not self.at("-]"):
                self.position += 1
                last = self.character(place, "class")
            if last < first:
                raise here.error(f"the range {first!r} to {last!r} has its ends in the wrong order")
            ranges += f"\\U{ord(first):08x}-\\U{ord(last):08x}"
        written = self.source[place.offset : self.position]
        if ranges in ("", "^"):
            raise place.error(f"the class {written} has no characters")
        return Part(Pattern(f"[{ranges}]", "", place), written, place)

    def character(self, opening: Place, kind: str) -> str:
        if self.position == len(self.source):
            raise opening.error(f"this {kind} is never closed")
        if not self.at("\\"):
            self.position += 1
            return self.source[self.position - 1]
        found = _ESCAPE.match(self.source, self.position)
        if found is None:
            self.fail(r"unknown escape; there are \t \r \n \\ \" \[ \] \- \xFF \uFFFF \U0010FFFF")
        self.position = found.end()
        if found["plain"]:
            return _PLAIN.get(found["plain"], found["plain"])
        number = int(found["x"] or found["u"] or found["U"], 16)
        if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
            raise Place(self.source, found.start()).error(f"U+{number:04X} is no Unicode character")
        return chr(number)


# -- what is one terminal ---------------------------------------------------------------------------


class _Lengths:
    """The maximum length in bytes of the texts of expressions, where it is small."""

    def __init__(self, definitions: Mapping[str, Definition]) -> None:
        self.definitions = definitions
        self._known: dict[str, int] = {}

    def most(self, expression: Expression) -> int:
        """The length of the longest text; if it is above SHORT, any number above SHORT."""
        if isinstance(expression, Literal):
            return len(expression.text.encode())
        if isinstance(expression, Part):
            return self.most(expression.body)
        if isinstance(expression, Pattern):  # a class
            return LONGEST_CHARACTER
        if isinstance(expression, Sequence):
            return sum(self.most(item) for item in expression.items)
        if isinstance(expression, Choice):
            return max(self.most(each) for each in expression.alternatives)
        if isinstance(expression, Repeat):
            body = self.most(expression.body)
            return body * expression.most if expression.most is not None else SHORT + 1 if body else 0
        assert isinstance(expression, Name)
        return self._of_rule(expression.name)

    def _of_rule(self, name: str) -> int:
        """The length of the longest text of a rule. The rules that it uses come first, because a chain of rules may be
        long."""
        todo = [] if name in self._known else [name]
        while todo:
            rule = todo[-1]
            body = self.definitions[rule].body
            if rule not in self._known:
                self._known[rule] = SHORT + 1  # if it is needed meanwhile, the rule is recursive
                todo.extend(
                    atom.name
                    for atom in atoms(body)
                    if isinstance(atom, Name) and atom.name not in self._known
                )
            else:
                todo.pop()
                self._known[rule] = min(self.most(body), SHORT + 1)
        return self._known[name]


def _in_parts(expression: Expression, lengths: _Lengths) -> Expression:
    """``expression`` with its loops over characters as terminals, including short parts that follow them.

    Most of a text is written in such loops, and the masks of a terminal are found only once: followed piece by piece, a
    mask within a JSON string takes 90 ms. The body of a loop may be a rule of its own: ``char{1,100}``. A loop over
    longer texts, such as the items of a list, is followed piece by piece: as one terminal it would have states for
    everything that its texts can contain. What ends a loop belongs to the terminal, because otherwise the terminal
    could end after every character.
    """
    if isinstance(expression, Sequence):
        return _joined([_in_parts(item, lengths) for item in expression.items], lengths)
    if isinstance(expression, Choice):
        return Choice(tuple(_in_parts(each, lengths) for each in expression.alternatives))
    if not isinstance(expression, Repeat):
        return expression
    place = next((atom.place for atom in atoms(expression)), None)
    if place is None or expression.most in (0, 1) or lengths.most(expression.body) > SHORT:
        return Repeat(_in_parts(expression.body, lengths), expression.least, expression.most)
    return Part(expression, _written(expression), place)


def _joined(items: list[Expression], lengths: _Lengths) -> Expression:
    """The concatenation of items, where each loop is joined with the short items and the loops that follow it."""
    joined: list[Expression] = []
    for item in items:
        last = joined[-1] if joined else None
        loops = isinstance(item, Part) and isinstance(item.body, (Repeat, Sequence))
        if (
            isinstance(last, Part)
            and not isinstance(last.body, Pattern)
            and (loops or lengths.most(item) <= SHORT)
        ):
            before = last.body.items if isinstance(last.body, Sequence) else (last.body,)
            joined[-1] = Part(Sequence((*before, item)), f"{last.written} {_written(item)}", last.place)
        else:
            joined.append(item)
    return joined[0] if len(joined) == 1 else Sequence(tuple(joined))


def _written(expression: Expression) -> str:
    """The expression approximately as it is written."""
    if isinstance(expression, Repeat):
        most = "" if expression.most is None else str(expression.most)
        counts = f"{{{expression.least},{most}}}"
        return _written(expression.body) + SIGNS.get((expression.least, expression.most), counts)
    if isinstance(expression, Part):
        return expression.written
    if isinstance(expression, Literal):
        return json.dumps(expression.text, ensure_ascii=False)
    return expression.name if isinstance(expression, Name) else "(...)"
