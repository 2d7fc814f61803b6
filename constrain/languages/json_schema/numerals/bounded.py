"""Magnitudes between two bounds, digit by digit: an automaton that is decided by arithmetic.

A state is what has been read: the digits so far, as an integer, and the place of the point. For each length that the
integer part may still reach, what may follow is a block of consecutive integers, in units of the last place. A state
is made only if one of its blocks holds a member, so there are no dead ends and no search is needed.

Prefixes with the same continuations are one state. While a bound cuts through a block, each prefix is a state of its
own, but there is only one for each depth and bound. Otherwise the remainder matters, and how many digits may follow
(``unbounded``). Each state is a reference, written when a derivative first enters it.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from constrain.engine import Described
from constrain.languages.json_schema.numerals.digit_table import ANY_DIGIT, USED
from constrain.languages.json_schema.numerals.tails import Tails
from constrain.languages.json_schema.numerals.unbounded import Levels


class Magnitudes(Tails):
    """The members from ``first`` >= 0 to ``last``, in units of the last place."""

    __slots__ = ("first_length", "highest", "last_length", "levels", "lowest")

    def __init__(self, levels: Levels, first: int, last: int) -> None:
        numerals = levels.numerals
        super().__init__(numerals, first, last)
        self.levels = levels
        # Digits of the integer part of the bounds; below 1 where that is 0.
        self.first_length = len(str(first)) - numerals.digits
        self.last_length = len(str(last)) - numerals.digits
        # By length: the leading digits of the bound, and whether it cuts through the numbers that begin so.
        self.lowest = self.leading_digits(first, self.first_length, 0)
        self.highest = self.leading_digits(last, self.last_length, 1)

    def leading_digits(self, bound: int, length: int, beyond: int) -> list[tuple[int, bool]]:
        powers = self.numerals.powers[self.numerals.digits :]
        blocks = [powers[length - count] for count in range(length + 1)]
        return [(bound // block, (bound + beyond) % block != 0) for block in blocks]

    def spellings(self) -> Any:
        """The spellings of all members."""
        arena = self.numerals.arena
        digits = self.numerals.branches(ANY_DIGIT & ~1, partial(self.whole, count=1), 0)
        return arena.union([*digits, arena.concat(arena.literal(b"0"), self.tail(0))])

    def shortest(self) -> bytes:
        """A shortest spelling of a member, of which there is at least one."""
        return self.shortest_whole(0, 1, max(self.last_length, 1), leading=True)

    # -- the integer part ---------------------------------------------------------------------

    def whole(self, prefix: int, count: int) -> Any:
        """What may follow the first ``count`` digits of an integer part; they make the number ``prefix`` > 0."""
        numerals = self.numerals
        least, most, cut = self.lengths(prefix, count)
        if least > most:
            return numerals.arena.EMPTY
        if not cut:
            level = self.levels.at(least, most)
            return level.continuation(prefix) if level.is_live(prefix) else numerals.arena.EMPTY
        if not self.is_live(prefix, least, most):
            return numerals.arena.EMPTY
        key = (prefix, self.first, self.last)
        node = numerals.cut.get(key)
        if node is None:
            node = numerals.cut[key] = self.write_whole(prefix, count, least, most)
        return node

    def lengths(self, prefix: int, count: int) -> tuple[int, int, bool]:
        """How many digits at least and at most may follow in the integer part, as far as the bounds
        say, and whether a bound cuts through the shortest or the longest numbers."""
        cut = False
        least = max(self.first_length - count, 0)
        if count <= self.first_length:
            bound, cuts = self.lowest[count]
            if prefix < bound:
                least += 1
            elif prefix == bound:
                cut = cuts
        most = self.last_length - count
        if most >= 0:
            bound, cuts = self.highest[count]
            if prefix > bound:
                most -= 1
            elif prefix == bound:
                cut = cut or cuts
        return least, most, cut

    def first_in_block(self, prefix: int, more: int) -> int | None:
        """The smallest member whose integer part is ``prefix`` and ``more`` digits."""
        power = self.numerals.powers[more + self.numerals.digits]
        start = prefix * power
        return self.numerals.multiples.first(max(start, self.first), min(start + power - 1, self.last))

    def is_live(self, prefix: int, least: int, most: int) -> bool:
        """Whether ``least`` to ``most`` more digits can lead to a member, where a bound cuts through these."""
        # Ten times a member is a multiple of ``step`` as well; a bound concerns the longest numbers only.
        last = least if self.numerals.multiples.avoided else max(most - 1, least)
        return any(self.first_in_block(prefix, more) is not None for more in range(most, last - 1, -1))

    def write_whole(self, prefix: int, count: int, least: int, most: int) -> Any:
        if most == 0:
            return self.tail(prefix)
        ends = least == 0 and self.ends(prefix)
        return self.numerals.arena.reference(Whole(self, prefix, count, least, most), ends)

    def expand_whole(self, prefix: int, count: int, least: int) -> Any:
        digits = self.numerals.branches(ANY_DIGIT, partial(self.whole, count=count + 1), prefix)
        return self.numerals.arena.union(digits if least else [*digits, self.tail(prefix)])


class Whole(Described):
    """What may follow ``count`` digits of an integer part that a bound may cut, ``least`` to ``most`` more being
    digits of it, too."""

    __slots__ = ("count", "least", "magnitudes", "most", "prefix")

    used = USED

    @property
    def residual(self) -> int:
        return self.magnitudes.numerals.longest

    def __init__(self, magnitudes: Magnitudes, prefix: int, count: int, least: int, most: int) -> None:
        self.magnitudes = magnitudes
        self.prefix = prefix
        self.count = count
        self.least = least
        self.most = most

    def __call__(self, arena: Any) -> Any:
        return self.magnitudes.expand_whole(self.prefix, self.count, self.least)

    def shortest(self) -> bytes:
        return self.magnitudes.shortest_whole(self.prefix, self.least, self.most)
