"""Dates, times and durations: RFC 3339."""

from __future__ import annotations

from functools import partial
from typing import Any

from constrain.engine import Deferred
from constrain.languages.json_schema.formats.notation import DIGIT, Notation

# Months by their last day in years that are not leap years.
_MONTHS = (((1, 3, 5, 7, 8, 10, 12), 31), ((4, 6, 9, 11), 30), ((2,), 28))


def date(n: Notation) -> Any:
    """``full-date`` of RFC 3339, section 5.6, with the days of the month and leap years of section 5.7.

    Years are 0000 to 9999, as in section 1; year 0000 is a leap year (ISO 8601).
    """
    year = n.repeat(n.one_of(DIGIT), 4, 4)
    days = [
        n.sequence("-", n.two_digits(months), "-", n.two_digits(range(1, last + 1)))
        for months, last in _MONTHS
    ]
    return n.either(n.sequence(year, n.either(*days)), n.sequence(_leap_year(n), "-02-29"))


def _leap_year(n: Notation) -> Any:
    """Years that 4 divides, and 400 if 100 does (RFC 3339, appendix C)."""
    century = n.repeat(n.one_of(DIGIT), 2, 2)
    fourth = range(0, 100, 4)
    return n.either(
        n.sequence(century, n.two_digits(fourth[1:])),
        n.sequence(n.two_digits(fourth), "00"),
    )


def time(n: Notation) -> Any:
    """``full-time`` of RFC 3339, section 5.6; a second 60 only where it is 23:59:60 in UTC (section 5.7)."""
    minute = n.two_digits(range(60))
    hour = n.two_digits(range(24))
    sign = n.one_of("+-")
    offset = n.either(n.any_case("Z"), n.sequence(sign, hour, ":", minute))
    usual = n.sequence(hour, ":", minute, ":", minute, _fraction(n), offset)
    return n.either(usual, _leap_second(n))


def _fraction(n: Notation) -> Any:
    return n.optional(".", n.repeat(n.one_of(DIGIT), 1))


def _leap_second(n: Notation) -> Any:
    """The last second of a day in UTC, told in local time: local time minus offset is 23:59:60.

    What follows each hour is built when it is first needed: all in advance would take 8 ms.
    """

    def leap(hour: int) -> Deferred:
        return Deferred(partial(_leap_minutes, hour), len("59:60+23:59"), len("59:60Z"))

    return n.either(*[n.sequence(f"{hour:02}:", n.arena.reference(leap(hour))) for hour in range(24)])


def _leap_minutes(hour: int, arena: Any) -> Any:
    n = Notation(arena)
    fraction = _fraction(n)
    return n.either(
        *[
            n.sequence(f"{minute:02}:60", fraction, _offset_at_midnight(n, hour, minute))
            for minute in range(60)
        ]
    )


def _offset_at_midnight(n: Notation, hour: int, minute: int) -> Any:
    """The offsets with which a local time is 23:59 in UTC."""
    ahead = (60 * hour + minute + 1) % (24 * 60)
    behind = 23 * 60 + 59 - (60 * hour + minute)
    offsets = [f"{sign}{value // 60:02}:{value % 60:02}" for sign, value in (("+", ahead), ("-", behind))]
    return n.either(*offsets, *([n.any_case("Z")] if behind == 0 else []))


def date_time(n: Notation) -> Any:
    """``date-time`` of RFC 3339, section 5.6: ``T`` and ``Z`` in either case, no space for ``T``."""
    return n.sequence(date(n), n.any_case("T"), time(n))


def duration(n: Notation) -> Any:
    """``duration`` of RFC 3339, appendix A: no fractions, no unit left out between two others."""
    some = n.repeat(n.one_of(DIGIT), 1)

    def units(letters: str) -> Any:
        """A run of neighbouring units that starts with the first letter."""
        following = n.optional(units(letters[1:])) if letters[1:] else ""
        return n.sequence(some, letters[0], following)

    time_units = n.sequence("T", n.either(*[units("HMS"[start:]) for start in range(3)]))
    date_units = n.either(*[units("YMD"[start:]) for start in range(3)])
    weeks = n.sequence(some, "W")
    return n.sequence("P", n.either(time_units, n.sequence(date_units, n.optional(time_units)), weeks))
