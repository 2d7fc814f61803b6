"""Integer parts within bounds that no longer matter: their states are remainders.

A *level* is how many more digits of an integer part must and may come. If no bound cuts through the numbers that can
result, all that matters of the digits read is a remainder. It is taken modulo what the digits that must still come
cannot make up for, so ``multipleOf: 100`` has three states.
"""

from __future__ import annotations

from math import lcm
from typing import Any

from constrain.engine import Described
from constrain.languages.json_schema.numerals.digit_table import ANY_DIGIT, DIGITS, USED, NumeralTable
from constrain.languages.json_schema.numerals.tails import Tails


class Levels:
    """The levels of one table.

    Attributes:
        unbounded: the ends of all members.
    """

    __slots__ = ("_known", "numerals", "unbounded")

    def __init__(self, numerals: NumeralTable) -> None:
        self.numerals = numerals
        self.unbounded = Tails(numerals, 0, numerals.powers[-1] - 1)
        self._known: dict[tuple[int, int], Level] = {}

    def at(self, least: int, most: int) -> Level:
        """Integer parts of which ``least`` to ``most`` more digits are to come, whatever they are."""
        level = self._known.get((least, most))
        if level is None:
            level = self._known[least, most] = Level(self, least, most)
        return level


class Level:
    """Integer parts of which ``least`` to ``most`` more digits are to come.

    Attributes:
        modulus: prefixes that agree modulo it have the same continuations.
        free: this many digits after every prefix can be any digits.
        rises: whether the modulus is smaller at the next level, which serves where ``least`` digits lead to no member.
    """

    __slots__ = ("_following", "free", "least", "levels", "modulus", "most", "nodes", "numerals", "rises")

    def __init__(self, levels: Levels, least: int, most: int) -> None:
        numerals = levels.numerals
        multiples, digits = numerals.multiples, numerals.digits
        self.levels = levels
        self.numerals = numerals
        self.least = least
        self.most = most
        self.modulus = lcm(*multiples.reduced(digits + least))
        self.rises = multiples.reduced(digits + least + 1) != multiples.reduced(digits + least)
        self.free = numerals.free(digits + most, most)
        self.nodes: dict[int, Any] = {}
        self._following: Level | None = None

    @property
    def following(self) -> Level:
        """The level one digit further."""
        if self._following is None:
            self._following = self.levels.at(max(self.least - 1, 0), self.most - 1)
        return self._following

    def is_live(self, prefix: int) -> bool:
        """Whether any member begins with ``prefix``."""
        return self.free >= 0 or any(self.first(prefix, more) is not None for more in self.lengths())

    def lengths(self) -> range:
        """The lengths to look at: the longest alone where ten times a member is always a member, else all of them. Ten
        times a member is a multiple of ``step``, too, but it may be a multiple of what is avoided."""
        return range(self.most, self.least - 1 if self.numerals.multiples.avoided else self.most - 1, -1)

    def first(self, prefix: int, more: int) -> int | None:
        """The smallest member whose integer part is ``prefix`` and ``more`` digits."""
        power = self.numerals.powers[more + self.numerals.digits]
        return self.numerals.multiples.first(prefix * power, (prefix + 1) * power - 1)

    def continuation(self, prefix: int) -> Any:
        """What may follow ``prefix``, with which some member begins."""
        remainder = prefix % self.modulus
        node = self.nodes.get(remainder)
        if node is None:
            node = self.nodes[remainder] = self._written(remainder)
        return node

    def _written(self, remainder: int) -> Any:
        numerals = self.numerals
        if self.rises and self.first(remainder, self.least) is None:
            return self.levels.at(self.least + 1, self.most).continuation(remainder)
        if numerals.alike:
            run = numerals.arena.repeat(numerals.output.shared.digit, self.least, self.most)
            return numerals.arena.concat(run, self.levels.unbounded.tail(0))
        if self.most == 0:
            return self.levels.unbounded.tail(remainder)
        ends = self.least == 0 and self.levels.unbounded.ends(remainder)
        return numerals.arena.reference(Whole(self, remainder), ends)

    def digits(self, remainder: int) -> int:
        """Those that may follow: a set of ten bits."""
        if self.free > 0:
            return ANY_DIGIT
        multiples, powers, places = self.numerals.multiples, self.numerals.powers, self.numerals.digits
        found = 0
        for more in self.following.lengths():
            power = powers[places + more]
            start = 10 * remainder * power
            found |= multiples.digits(start, start + 10 * power - 1, power)
            if found == ANY_DIGIT:
                break
        return found


class Whole(Described):
    """What may follow in an integer part at ``level``, after digits that leave ``remainder``."""

    __slots__ = ("_digits", "level", "remainder")

    used = USED

    @property
    def residual(self) -> int:
        return self.level.numerals.longest

    def __init__(self, level: Level, remainder: int) -> None:
        self.level = level
        self.remainder = remainder
        self._digits: int | None = None

    @property
    def digits(self) -> int:
        """Those that may follow: a set of ten bits."""
        if self._digits is None:
            self._digits = self.level.digits(self.remainder)
        return self._digits

    def __call__(self, arena: Any) -> Any:
        level, numerals = self.level, self.level.numerals
        parts = numerals.branches(self.digits, level.following.continuation, self.remainder)
        if level.least == 0:
            parts.append(level.levels.unbounded.tail(self.remainder))
        return arena.union(parts)

    def begins(self, used: int, length: int) -> int | None:
        level = self.level
        if length <= level.free and not used & ~DIGITS:
            return DIGITS
        if length > 1:
            return None
        point = level.least == 0 and level.numerals.pointed and level.first(self.remainder, 0) is not None
        return self.digits << ord("0") | point << ord(".")

    def shortest(self) -> bytes:
        level = self.level
        return level.levels.unbounded.shortest_whole(self.remainder, level.least, level.most)
