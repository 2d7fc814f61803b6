"""Sets of characters, as in the summaries of tries: exact for ASCII, by lead byte for all others."""

from __future__ import annotations

import cython


class Characters:
    """A set of characters: some of ASCII, and all that begin with some lead bytes (bit: byte & 63)."""

    def __init__(self) -> None:
        self.low = self.high = self.leads = 0

    def count(self) -> cython.int:
        return _bits(self.low) + _bits(self.high) + _bits(self.leads)

    def missing(self, other: Characters) -> cython.int:
        """How many characters of this set are not in ``other``."""
        return (
            _bits(self.low & ~other.low) + _bits(self.high & ~other.high) + _bits(self.leads & ~other.leads)
        )

    def meets(self, other: Characters) -> cython.bint:
        return (self.low & other.low) | (self.high & other.high) | (self.leads & other.leads) != 0

    def add(self, other: Characters) -> cython.int:
        self.low |= other.low
        self.high |= other.high
        self.leads |= other.leads
        return 0

    def keep(self, other: Characters) -> cython.int:
        self.low &= other.low
        self.high &= other.high
        self.leads &= other.leads
        return 0

    def drop(self, other: Characters) -> cython.int:
        self.low &= ~other.low
        self.high &= ~other.high
        self.leads &= ~other.leads
        return 0


class Step(Characters):
    """The characters that may lead from a state to ``target``."""

    def __init__(self, target: int) -> None:
        Characters.__init__(self)
        self.target = target


@cython.cfunc
@cython.exceptval(check=False)
@cython.overflowcheck(False)
def _bits(word: cython.ulonglong) -> cython.int:
    count: cython.int = 0
    while word:
        word &= word - 1
        count += 1
    return count


@cython.cfunc
@cython.exceptval(check=False)
@cython.overflowcheck(False)
def byte_range(first: cython.int, last: cython.int) -> cython.ulonglong:
    """The bits from ``first`` to ``last``, both 0 to 63; none if ``first`` is greater."""
    if first > last:
        return 0
    return (~cython.cast(cython.ulonglong, 0) >> (63 - last)) & (~cython.cast(cython.ulonglong, 0) << first)


def words() -> Characters:
    """Letters and digits of ASCII, the space and the underscore."""
    found: Characters = Characters()
    found.low = byte_range(ord(" "), ord(" ")) | byte_range(ord("0"), ord("9"))
    found.high = byte_range(ord("A") - 64, ord("Z") - 64) | byte_range(ord("a") - 64, ord("z") - 64)
    found.high |= byte_range(ord("_") - 64, ord("_") - 64)
    return found


WORDS = words()
