"""Magnitudes digit by digit: an automaton that is decided by arithmetic.

A state is what has been read: the digits so far, as an integer, and where the point is. What may
still follow is a block of consecutive integers, in units of the last place, for each length that
the integer part may still get. A state is made only if one of its blocks holds a member, so none
is a dead end and no search is ever needed.

Two prefixes are one state if the same may follow. While a bound cuts through a block, every prefix
is a state of its own, but there is one at each depth and bound only. Otherwise remainders matter,
and how many digits may follow (``levels``). Each state is a reference, written when a derivative first
enters it.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from constrain.engine import Described
from constrain.languages.json_schema.levels import ANY_DIGIT, USED

if TYPE_CHECKING:
    from constrain.languages.json_schema.numerals import Numerals


class Magnitudes:
    """The members from ``first`` >= 0 to ``last``, in units of the last place."""

    __slots__ = ("first", "first_length", "highest", "last", "last_length", "lowest", "numerals")

    def __init__(self, numerals: Numerals, first: int, last: int) -> None:
        self.numerals = numerals
        self.first = first
        self.last = last
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

    def write(self) -> Any:
        """The spellings of all members."""
        arena = self.numerals.arena
        digits = self.numerals.branches(ANY_DIGIT & ~1, partial(self.whole, count=1), 0)
        return arena.union([*digits, arena.concat(arena.literal(b"0"), self.tail(0))])

    def shortest(self) -> bytes:
        """A shortest spelling of a member, of which there is at least one."""
        return self.shortest_whole(0, 1, max(self.last_length, 1), leading=True)

    def holds(self, number: int) -> bool:
        if not self.first <= number <= self.last:
            return False
        return self.numerals.multiples.first(number, number) is not None

    # -- the integer part ---------------------------------------------------------------------

    def whole(self, prefix: int, count: int) -> Any:
        """What may follow the first ``count`` digits of an integer part; they make the number ``prefix`` > 0."""
        numerals = self.numerals
        least, most, cut = self.lengths(prefix, count)
        if least > most:
            return numerals.arena.EMPTY
        if not cut:
            level = numerals.level(least, most)
            return level.after(prefix) if level.is_live(prefix) else numerals.arena.EMPTY
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

    def ends(self, whole: int) -> bool:
        """Whether ``whole`` may stand without a point."""
        return self.numerals.plain and self.holds(whole * self.numerals.unit)

    def tail(self, whole: int) -> Any:
        """What may follow the integer part ``whole``; EMPTY if nothing may."""
        arena = self.numerals.arena
        parts = [arena.EPSILON] if self.ends(whole) else []
        if self.numerals.pointed:
            parts.append(arena.concat(arena.literal(b"."), self.fraction(whole, self.numerals.digits)))
        return arena.union(parts)

    # -- the fraction -------------------------------------------------------------------------

    def fraction(self, prefix: int, left: int) -> Any:
        """What may follow in the fraction, where ``left`` digits are left, after those that make ``prefix``."""
        numerals = self.numerals
        multiples = numerals.multiples
        start = prefix * numerals.powers[left]
        end = start + numerals.powers[left] - 1
        low, high = max(start, self.first), min(end, self.last)
        member = multiples.first(low, high)
        if member is None:
            return numerals.arena.EMPTY
        if multiples.first(member + 1, high) is None:
            return self.write_only(member - start, left)
        remainders = multiples.remainders(prefix, left)
        cut = low != start or high != end
        if numerals.zeros is not None and not cut and max(remainders[1:], default=-1) < 0:
            return self.write_free(left, numerals.zeros)
        key = (-1, prefix, left, self.first, self.last) if cut else (left, *remainders)
        node = numerals.fractions.get(key)
        if node is None:
            ends = left < numerals.digits and self.holds(start)
            node = numerals.arena.reference(Fraction(self, prefix, left, ends), ends)
            numerals.fractions[key] = node
        return node

    def write_only(self, rest: int, left: int) -> Any:
        """The one number whose remaining digits are ``rest``, with any zeros behind it."""
        arena, shared = self.numerals.arena, self.numerals.writer.shared
        digits = str(rest).zfill(left).rstrip("0") if rest else ""
        least = 0 if digits or left < self.numerals.digits else 1
        zeros = arena.repeat(shared.zero, least, left - len(digits))
        return arena.concat(arena.literal(digits.encode()), zeros)

    def write_free(self, left: int, zeros: int) -> Any:
        """Any digits, the last ``zeros`` of ``left`` being zeros."""
        arena, shared = self.numerals.arena, self.numerals.writer.shared
        run = arena.repeat(shared.digit, int(left == self.numerals.digits), left - zeros)
        return arena.concat(run, arena.repeat(shared.zero, 0, zeros))

    def fraction_digits(self, prefix: int, left: int) -> int:
        """The digits that may follow in the fraction: a set of ten bits."""
        if left == 0:
            return 0
        power = self.numerals.powers[left - 1]
        start = 10 * prefix * power
        low, high = max(start, self.first), min(start + 10 * power - 1, self.last)
        return self.numerals.multiples.digits(low, high, power)

    # -- shortest texts -----------------------------------------------------------------------

    def shortest_whole(self, prefix: int, least: int, most: int, leading: bool = False) -> bytes:
        """A shortest text to follow the digits of ``prefix``, ``least`` to ``most`` more in the integer part.
        If ``leading``, none have been read: the first one is no zero, unless it is the only one."""
        numerals = self.numerals
        best: bytes | None = None
        for more in range(least, most + 1):
            if best is not None and len(best) <= more:
                break
            power = numerals.powers[more + numerals.digits]
            start = power // 10 if leading and more > 1 else prefix * power
            places = numerals.digits if best is None else min(numerals.digits, len(best) - more - 2)
            number, places = self.roundest(
                start,
                (prefix + 1) * power - 1,
                int(not numerals.plain),
                max(places, 0) if numerals.pointed else 0,
            )
            if number is not None:
                digits = b"%0*d" % (more, number // numerals.unit % numerals.powers[more]) if more else b""
                best = digits + b"." + self.decimals(number)[:places] if places else digits
        assert best is not None, "a state without a member"
        return best

    def shortest_fraction(self, prefix: int, left: int) -> bytes:
        """A shortest text to follow in the fraction."""
        power, digits = self.numerals.powers[left], self.numerals.digits
        number, places = self.roundest(
            prefix * power, (prefix + 1) * power - 1, max(digits - left, 1), digits
        )
        assert number is not None, "a state without a member"
        return self.decimals(number)[digits - left : places]

    def roundest(self, low: int, high: int, least: int, most: int) -> tuple[int | None, int]:
        """A member from ``low`` to ``high`` with fewest decimal places, ``least`` to ``most``, and how many."""
        multiples, digits = self.numerals.multiples, self.numerals.digits
        low, high = max(low, self.first), min(high, self.last)
        if least > most or multiples.rounded(digits - most).first(low, high) is None:
            return None, most
        places = least
        while (number := multiples.rounded(digits - places).first(low, high)) is None:
            places += 1
        return number, places

    def decimals(self, number: int) -> bytes:
        return b"%0*d" % (self.numerals.digits, number % self.numerals.unit)


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


class Fraction(Described):
    """What may follow in a fraction, ``left`` digits at the most."""

    __slots__ = ("_digits", "ends", "left", "magnitudes", "prefix")

    used = USED

    @property
    def residual(self) -> int:
        return self.magnitudes.numerals.longest

    def __init__(self, magnitudes: Magnitudes, prefix: int, left: int, ends: bool) -> None:
        self.magnitudes = magnitudes
        self.prefix = prefix
        self.left = left
        self.ends = ends
        self._digits: int | None = None

    @property
    def digits(self) -> int:
        """Those that may follow: a set of ten bits."""
        if self._digits is None:
            self._digits = self.magnitudes.fraction_digits(self.prefix, self.left)
        return self._digits

    def __call__(self, arena: Any) -> Any:
        follow = partial(self.magnitudes.fraction, left=self.left - 1)
        parts = self.magnitudes.numerals.branches(self.digits, follow, self.prefix)
        return arena.union([arena.EPSILON, *parts] if self.ends else parts)

    def begins(self, used: int, length: int) -> int | None:
        return self.digits << ord("0") if length == 1 else None

    def shortest(self) -> bytes:
        return self.magnitudes.shortest_fraction(self.prefix, self.left)
