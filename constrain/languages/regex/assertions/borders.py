"""What assertions need to know about a place in the text: its left neighbour and its right neighbour.

All characters are split into *atoms*, the coarsest partition that the sets in the pattern's assertions
respect. A **left context** is an int: the atom of the character before the place, or ``start``; with
lookbehinds that look further, the number of a record that also holds their automata's states. A
**right mask** is a set of bits, one per atom of the character that may follow, one for the end of the
text, and, where Python's ``$`` occurs, one for 'a line feed, and then the end'. A condition on a place
is a function from left context to right mask; ``^``, ``$``, ``\\b`` and every lookaround of one character are such
conditions, and need no intersection of languages.
"""

from __future__ import annotations

from constrain.errors import RegexError
from constrain.languages.regex.assertions.lookbehind import Lookbehind
from constrain.languages.regex.parsing.analysis import single_step
from constrain.languages.regex.parsing.syntax import (
    Alt,
    Chars,
    Concat,
    End,
    Look,
    Loop,
    Node,
    Start,
    Text,
    Word,
)
from constrain.languages.regex.unicode import ranges as sets
from constrain.languages.regex.unicode.ranges import Ranges

MOST_COPIES = 1000
_LINE_FEED = sets.single(0x0A)


class Borders:
    """The partition of one pattern, its left contexts and its conditions on places."""

    def __init__(self, tree: Node, source: str) -> None:
        self.source = source
        self._steps: dict[int, Node | None] = {}
        self._behind: dict[int, int] = {}
        self.lookbehinds: list[Lookbehind] = []
        self._left_sets: list[Ranges] = []
        self._right_sets: list[Ranges] = []
        self._final_newline = False
        self._collect(tree, 1)
        self.atoms = _partition([*self._left_sets, *self._right_sets])
        self._same_left = self._left_classes()
        count = len(self.atoms)
        self.start = count
        self.end = 1 << count
        self._line_feed = -1
        self.final = 0
        if self._final_newline:
            self.final = 2 << count
            self._line_feed = next(i for i, atom in enumerate(self.atoms) if atom == _LINE_FEED)
        self.everything = (2 << count) - 1 | self.final
        self._records: list[tuple[int, tuple[frozenset[int], ...]]] = []
        self._numbers: dict[tuple[int, tuple[frozenset[int], ...]], int] = {}
        self._after: dict[tuple[int, int], int] = {}
        self._splits: dict[Ranges, list[tuple[int, Ranges]]] = {}
        if self.lookbehinds:
            self._begin_records()

    # -- collecting ---------------------------------------------------------------------------

    def _collect(self, node: Node, copies: int) -> None:
        """Collect the sets that assertions mention, and the lookbehinds that need an automaton."""
        if isinstance(node, (Concat, Alt)):
            if not node.pure:
                for part in node.parts:
                    self._collect(part, copies)
        elif isinstance(node, Loop) and not node.pure:
            self._collect(node.body, self.check_copies(node, copies))
        elif isinstance(node, Start):
            self._left_sets.append(node.lines)
        elif isinstance(node, Word):
            self._left_sets.append(node.members)
        elif isinstance(node, End):
            self._right_sets.append(node.lines)
            if node.final_newline:
                self._final_newline = True
                self._right_sets.append(_LINE_FEED)
        elif isinstance(node, Look) and id(node) not in self._steps:
            self._collect_look(node, copies)

    def _collect_look(self, node: Look, copies: int) -> None:
        step = single_step(node.body, node.behind)
        self._steps[id(node)] = step
        if node.behind:
            self._left_sets.extend(_letters(node.body if step is None else step))
        elif step is not None:
            self._right_sets.extend(_letters(step))
        self._collect(node.body if step is None else step, copies)
        if step is None and node.behind:
            self._behind[id(node)] = len(self.lookbehinds)
            self.lookbehinds.append(Lookbehind(node, self))

    def check_copies(self, node: Loop, copies: int) -> int:
        """How often the body of a repetition is copied, if the repetition itself is copied ``copies`` times."""
        copies *= max(node.least, node.most or 0, 1)
        if copies > MOST_COPIES:
            offset = self.lookbehinds[0].offset if node.pure else first_offset(node)
            reason = f"an assertion would need more than {MOST_COPIES} copies of a repetition"
            raise RegexError(self.source, offset, reason)
        return copies

    def automaton(self, node: Node) -> Lookbehind | None:
        """The automaton of a lookbehind that needs one."""
        number = self._behind.get(id(node))
        return None if number is None else self.lookbehinds[number]

    def looks_ahead(self, node: Look) -> bool:
        """Whether a lookaround needs the intersection of languages."""
        return not node.behind and self._steps[id(node)] is None

    def _left_classes(self) -> list[int]:
        """A map from each atom to the first atom that no assertion about the left can distinguish from it."""
        seen: dict[tuple[bool, ...], int] = {}
        left = dict.fromkeys(self._left_sets)
        signs = [tuple(sets.contains(ranges, atom[0][0]) for ranges in left) for atom in self.atoms]
        return [seen.setdefault(sign, i) for i, sign in enumerate(signs)]

    # -- left contexts ------------------------------------------------------------------------

    @property
    def window(self) -> int | None:
        """How many characters determine a left context, whatever came before; None: no bound."""
        sizes = [behind.window for behind in self.lookbehinds]
        known = [size for size in sizes if size is not None]
        return max(known, default=1) if len(known) == len(sizes) else None

    def _begin_records(self) -> None:
        for atom in [*range(len(self.atoms)), self.start]:
            self._number(atom, tuple(behind.initial for behind in self.lookbehinds))

    def _number(self, atom: int, states: tuple[frozenset[int], ...]) -> int:
        record = (atom, states)
        number = self._numbers.setdefault(record, len(self._records))
        if number == len(self._records):
            self._records.append(record)
        return number

    def atom_before(self, left: int) -> int:
        """Atom of the character before the place, or ``start``."""
        return self._records[left][0] if self._records else left

    def states(self, left: int, lookbehind: int) -> frozenset[int]:
        """States of a lookbehind's automaton at the place."""
        return self._records[left][1][lookbehind]

    def step(self, left: int, atom: int) -> int:
        """The left context after one more character."""
        if not self._records:
            return self._same_left[atom]
        key = (left, atom)
        if key not in self._after:
            states = tuple(behind.step(left, i, atom) for i, behind in enumerate(self.lookbehinds))
            self._after[key] = self._number(self._same_left[atom], states)
        return self._after[key]

    # -- sets and masks -----------------------------------------------------------------------

    def split(self, ranges: Ranges) -> list[tuple[int, Ranges]]:
        """The parts of a set by atom."""
        if ranges not in self._splits:
            parts = [(i, sets.intersection(ranges, atom)) for i, atom in enumerate(self.atoms)]
            self._splits[ranges] = [(i, part) for i, part in parts if part]
        return self._splits[ranges]

    def mask(self, ranges: Ranges) -> int:
        """The right mask 'the next character is one of ``ranges``', exact for unions of atoms. For other sets it means
        'the next character is in an atom that contains one of them'.
        """
        return sum(self.bits(i) for i, _ in self.split(ranges))

    def bits(self, atom: int) -> int:
        """The right mask of one atom."""
        return 1 << atom | (self.final if atom == self._line_feed else 0)

    def rest_after(self, atom: int, right: int) -> int:
        """What may follow a character of ``atom`` where ``right`` holds before it; 0 if the character is not
        allowed."""
        if not self.final or atom != self._line_feed:
            return self.everything if right >> atom & 1 else 0
        inside = self.everything & ~self.end if right >> atom & 1 else 0
        return inside | (self.end if right & self.final else 0)

    # -- conditions ---------------------------------------------------------------------------

    def allowed(self, node: Node, left: int) -> int:
        """What may follow a place with this left context so that the assertion ``node`` holds there."""
        before = self.atom_before(left)
        if isinstance(node, Start):
            return self.everything if before == self.start or self._is_in(before, node.lines) else 0
        if isinstance(node, End):
            return self.end | self.mask(node.lines) | (self.final if node.final_newline else 0)
        if isinstance(node, Word):
            return self._word(node, before)
        assert isinstance(node, Look)
        step = self._steps[id(node)]
        if step is None:
            number = self._behind[id(node)]
            mask = self.lookbehinds[number].accepting(left, number)
        else:
            mask = self._holds(step, left, node.behind)
        return self.everything & ~mask if node.negated else mask

    def _is_in(self, atom: int, ranges: Ranges) -> bool:
        return atom != self.start and sets.contains(ranges, self.atoms[atom][0][0])

    def _word(self, node: Word, before: int) -> int:
        mask = self.mask(node.members)
        if self._is_in(before, node.members) != node.negated:
            mask = self.everything & ~mask
        if node.not_empty and before == self.start:
            mask &= ~self.end
        return mask

    def _holds(self, step: Node, left: int, behind: bool) -> int:
        """Right mask under which the cut-down body of a lookaround holds."""
        if isinstance(step, (Text, Chars)):
            ranges = step.ranges if isinstance(step, Chars) else sets.single(ord(step.text))
            if behind:
                return self.everything if self._is_in(self.atom_before(left), ranges) else 0
            return self.mask(ranges)
        if isinstance(step, Alt):
            mask = 0
            for part in step.parts:
                mask |= self._holds(part, left, behind)
            return mask
        if isinstance(step, Concat):
            mask = self.everything
            for part in step.parts:
                mask &= self._holds(part, left, behind)
            return mask
        return self.allowed(step, left)


def first_offset(node: Node) -> int:
    """The offset in the source of the leftmost assertion of an impure node."""
    if isinstance(node, (Concat, Alt)):
        return next(first_offset(part) for part in node.parts if not part.pure)
    if isinstance(node, Loop):
        return first_offset(node.body)
    assert isinstance(node, (Start, End, Word, Look))
    return node.offset


def _letters(node: Node) -> list[Ranges]:
    """The sets of all characters in a node, outside assertions."""
    if isinstance(node, Text):
        return [sets.single(ord(letter)) for letter in node.text]
    if isinstance(node, Chars):
        return [node.ranges]
    if isinstance(node, Loop):
        return _letters(node.body)
    return [r for part in node.parts for r in _letters(part)] if isinstance(node, (Concat, Alt)) else []


def _partition(found: list[Ranges]) -> list[Ranges]:
    """The coarsest partition of all characters such that every set is a union of its parts."""
    atoms = [sets.ALL]
    for ranges in dict.fromkeys(found):
        split = [(sets.intersection(atom, ranges), sets.difference(atom, ranges)) for atom in atoms]
        atoms = [part for pair in split for part in pair if part]
    return atoms
