"""What the parsers of both flavours share: alternatives, sequences, counts, and the handling of errors.

A construct that is well formed but not regular (a backreference, say) is noted and skipped, so that a syntax error
further right takes precedence. That matters where a second reading of the same pattern is tried after a syntax error
(see ``ecma``). It hides nothing: ``checked`` raises the noted error.
"""

from __future__ import annotations

from typing import NoReturn

from constrain.errors import RegexError
from constrain.languages.regex.parsing.analysis import vanishing
from constrain.languages.regex.parsing.syntax import (
    EMPTY,
    LARGEST_COUNT,
    NEVER,
    Node,
    Text,
    alternation,
    chars,
    concat,
    loop,
    nullable,
)
from constrain.languages.regex.unicode import casing
from constrain.languages.regex.unicode import ranges as sets
from constrain.languages.regex.unicode.ranges import Ranges
from constrain.work import checkpoint

# What a quantifier would apply to.
NOTHING, ATOM, REPEATED, ASSERTION = range(4)

# Reading and compiling recurse by up to 12 frames per group, and Python allows 1000 frames. The deepest
# of some thousand patterns of real schemas has 8 levels.
DEEPEST = 60
HEXADECIMAL = frozenset("0123456789abcdefABCDEF")
OCTAL = frozenset("01234567")
DIGITS = frozenset("0123456789")

_MARKS = {"*": (0, None), "+": (1, None), "?": (0, 1)}


class Reader:
    """A cursor over the source of one pattern; the flavours fill in ``atom``, ``quantifier`` and
    ``class_escape``."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.length = len(source)
        self.position = 0
        self.depth = 0
        self.case_rule = ""
        self.flags: frozenset[str] = frozenset()
        self.names: frozenset[str] = frozenset()
        self._unsupported: RegexError | None = None
        self._too_large: RegexError | None = None

    def tree(self) -> Node:
        """The tree of the whole source; raises RegexError where it is malformed."""
        node = self.alternatives()
        if self.position < self.length:
            self.fail("unbalanced parenthesis")
        return node

    def checked(self, node: Node) -> Node:
        """``node``, the finished tree; raises if something unsupported was noted, or if the whole pattern is one part
        that no text is long enough for."""
        if self._unsupported is not None:
            raise self._unsupported
        if self._too_large is not None and node == NEVER:
            raise self._too_large
        return node

    # -- errors and small steps ---------------------------------------------------------------

    def fail(self, reason: str, offset: int | None = None) -> NoReturn:
        """Raise: the pattern is malformed."""
        raise RegexError(self.source, self.position if offset is None else offset, reason)

    def unsupported(self, reason: str, offset: int) -> Node:
        """Note a well-formed construct that cannot be compiled; the first one is raised at the end."""
        if self._unsupported is None:
            self._unsupported = RegexError(self.source, offset, reason)
        return EMPTY

    def is_supported(self) -> bool:
        """Whether nothing has been noted as unsupported so far."""
        return self._unsupported is None

    def peek(self) -> str:
        return self.source[self.position] if self.position < self.length else ""

    def take(self, text: str) -> bool:
        """Step over ``text`` if it is next."""
        if self.source.startswith(text, self.position):
            self.position += len(text)
            return True
        return False

    def run(self, allowed: frozenset[str], most: int) -> str:
        """Up to ``most`` characters out of ``allowed``."""
        start = self.position
        end = min(self.length, start + most)
        while self.position < end and self.source[self.position] in allowed:
            self.position += 1
        return self.source[start : self.position]

    def until(self, mark: str, missing: str) -> str:
        """The text before ``mark``, and step over both."""
        end = self.source.find(mark, self.position)
        if end < 0:
            self.fail(missing)
        text = self.source[self.position : end]
        self.position = end + len(mark)
        return text

    # -- the grammar --------------------------------------------------------------------------

    def alternatives(self) -> Node:
        branches = [self.sequence(True)]
        while self.take("|"):
            branches.append(self.sequence(False))
        return self.choice(branches)

    def sequence(self, first: bool) -> Node:
        """Items up to ``|`` or ``)``; ``first``: no branch of this group came before."""
        items: list[str | Node] = []
        state = NOTHING
        while self.position < self.length:
            character = self.source[self.position]
            if character == "|" or character == ")":
                break
            checkpoint(20)
            read = self._repeat if character in "*+?{" else self.atom
            state = read(items, character, state)
        return self.joined(items)

    # The next three methods combine what is read. They can be overridden to keep the order.

    def joined(self, items: list[str | Node]) -> Node:
        """The items in order."""
        return concat(items)

    def choice(self, branches: list[Node]) -> Node:
        """Any of the branches."""
        return alternation(branches)

    def repetition(self, body: Node, least: int, most: int | None, mark: str, start: int) -> Node:
        """``body`` repeated by the quantifier at ``start``, which ``mark`` follows."""
        return repeated(body, least, most)

    def atom(self, items: list[str | Node], character: str, state: int) -> int:
        """Append one item to ``items``; return what a quantifier after it would apply to."""
        raise NotImplementedError

    def quantifier(self, state: int) -> tuple[int, int | None] | None:
        """Bounds in braces at the cursor, or None where the brace is a literal."""
        raise NotImplementedError

    def _repeat(self, items: list[str | Node], character: str, state: int) -> int:
        start = self.position
        if character == "{":
            bounds = self.quantifier(state)
            if bounds is None:
                self.position = start + 1
                self.literal(items, "{")
                return ATOM
        else:
            bounds = _MARKS[character]
            self.position = start + 1
        if state in (NOTHING, ASSERTION):
            self.fail("nothing to repeat", start)
        if state == REPEATED:
            self.fail("multiple repeat", start)
        mark = self.quantifier_mark(start)
        item = items.pop()
        body = Text(item) if isinstance(item, str) else item
        items.append(self.repetition(body, bounds[0], bounds[1], mark, start))
        return REPEATED

    def quantifier_mark(self, start: int) -> str:
        """Step over the mark of a lazy quantifier, which does not change the language."""
        return "?" if self.take("?") else ""

    def bounds(self, low: str, high: str | None, start: int) -> tuple[int, int | None]:
        """Checked numbers of ``{low,high}``; ``high`` is None for ``{low}``, empty for no bound.

        Texts are no longer than LARGEST_COUNT, so a larger ``high`` is no bound, and all larger values of ``low`` are
        treated as one.
        """
        least = count_of(low)
        most = least if high is None else count_of(high) if high else None
        if most is not None and most < least:
            self.fail("min repeat greater than max repeat", start)
        if least > LARGEST_COUNT and self._too_large is None:
            self._too_large = RegexError(self.source, start, "the repetition number is too large")
        return min(least, LARGEST_COUNT + 1), None if most is None or most > LARGEST_COUNT else most

    def group(self, opening: int) -> Node:
        """Alternatives up to the closing parenthesis of the group that began at ``opening``."""
        self.depth += 1
        if self.depth > DEEPEST:
            self.fail(f"groups nested more than {DEEPEST} deep", opening)
        node = self.alternatives()
        if not self.take(")"):
            self.fail("missing ), unterminated group", opening)
        self.depth -= 1
        return node

    def add_name(self, name: str, valid: bool, offset: int) -> None:
        """Note the name of a group, which must be ``valid`` and new."""
        if not valid:
            self.fail(f"bad character in group name {name!r}", offset)
        if name in self.names:
            self.fail(f"redefinition of group name {name!r}", offset)
        self.names |= {name}

    # -- bracketed classes --------------------------------------------------------------------

    def class_escape(self, letter: str, place: int) -> int | Ranges:
        """A code point or the set of an escape in a class; the cursor is just after ``letter``."""
        raise NotImplementedError

    def read_class(self, start: int, literal_first: bool) -> Node:
        """The class whose ``[`` stands at ``start``; ``literal_first``: a ``]`` right after it is a member."""
        negated = self.take("^")
        letters: list[Ranges] = []
        named: list[Ranges] = []
        opening = self.position
        while (literal_first and self.position == opening) or self.peek() != "]":
            self._range(start, letters, named)
        self.position += 1
        found = self.members(letters, named)  # case first, then negation
        return chars(sets.complement(found)) if negated else chars(found)

    def members(self, letters: list[Ranges], named: list[Ranges]) -> Ranges:
        """The set of a class that lists characters and ranges (``letters``) and named sets."""
        return self.closed(sets.union([*letters, *named]))

    def _range(self, start: int, letters: list[Ranges], named: list[Ranges]) -> None:
        """Read one member of a class, or a range of them."""
        place = self.position
        low = self._member(start)
        if self.peek() != "-" or self.source.startswith("-]", self.position):
            (letters if isinstance(low, int) else named).append(as_set(low))
            return
        self.position += 1
        high = self._member(start)
        if isinstance(low, int) and isinstance(high, int) and low <= high:
            letters.append(sets.normalise([(low, high)]))
        else:
            named.extend(self.bad_range(low, high, place))

    def bad_range(self, low: int | Ranges, high: int | Ranges, place: int) -> list[Ranges]:
        """The meaning of a range whose ends are out of order, or are sets."""
        self.fail(f"bad character range {self.source[place : self.position]}", place)

    def _member(self, start: int) -> int | Ranges:
        if self.position >= self.length:
            self.fail("unterminated character set", start)
        character = self.source[self.position]
        self.position += 1
        if character == "\\":
            place = self.position - 1
            return self.class_escape(self.escaped(place), place)
        if character == "[":
            return self.bracket_in_class()
        return ord(character)

    def bracket_in_class(self) -> int | Ranges:
        """The meaning of a ``[`` in a class; the cursor is just after it."""
        return ord("[")

    # -- characters ---------------------------------------------------------------------------

    def literal(self, items: list[str | Node], character: str) -> None:
        """Append one literal character, as a set where case is ignored."""
        if self.case_rule or "\ud800" <= character <= "\udfff":
            items.append(chars(self.closed(sets.single(ord(character)))))
        else:
            items.append(character)

    def closed(self, ranges: Ranges) -> Ranges:
        """The set under the case rule in force."""
        return casing.close(ranges, self.case_rule) if self.case_rule else ranges

    def escaped(self, start: int) -> str:
        """The character after the backslash at ``start``."""
        if self.position >= self.length:
            self.fail("bad escape (end of pattern)", start)
        self.position += 1
        return self.source[self.position - 1]

    def code_point(self, digits: str, wanted: int, start: int) -> int:
        """The value of an escape that needs ``wanted`` hexadecimal digits."""
        if len(digits) != wanted:
            self.fail(f"incomplete escape {self.source[start : self.position]}", start)
        value = int(digits, 16)
        if value > sets.LAST:
            self.fail(f"bad escape {self.source[start : self.position]}", start)
        return value


def repeated(body: Node, least: int, most: int | None) -> Node:
    """``body`` repeated, where ``least`` may be LARGEST_COUNT + 1, which is more than any text has characters. Then
    some round must match the empty text, and all others may.
    """
    if least <= LARGEST_COUNT:
        return loop(body, least, most)
    if not nullable(body):
        return NEVER
    rounds = loop(body, 0, None)
    return rounds if body.pure else concat([rounds, vanishing(body), rounds])


def count_of(digits: str) -> int:
    """The value of decimal digits. All values beyond any use are treated as one, so that reading them does not take
    long."""
    digits = digits.lstrip("0")
    return int(digits or "0") if len(digits) < 19 else 10**18


def as_set(member: int | Ranges) -> Ranges:
    """A member of a class as a set."""
    return sets.single(member) if isinstance(member, int) else member
