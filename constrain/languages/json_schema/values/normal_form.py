"""The normal form of a term: for each JSON type, alternatives with the choices between schemas made.

An alternative is a *part* (``Part``): ``Finite``, ``Strings``, ``Numbers``, ``Arrays`` or ``Objects``.
"""

from __future__ import annotations

from typing import Any

from constrain.languages.json_schema.terms.algebra import Algebra
from constrain.languages.json_schema.terms.part import Part
from constrain.languages.json_schema.values.arrays import ANY_ARRAY, Arrays
from constrain.languages.json_schema.values.finite_numbers import FiniteNumbers
from constrain.languages.json_schema.values.numbers import ANY_INTEGER, ANY_NUMBER, Numbers
from constrain.languages.json_schema.values.objects import ANY_OBJECT, Objects
from constrain.languages.json_schema.values.strings import ANY_STRING, FiniteStrings, Strings

# Bits of ``Normal.constants``.
NULL_BIT, FALSE_BIT, TRUE_BIT = 1, 2, 4
EVERY_CONSTANT = NULL_BIT | FALSE_BIT | TRUE_BIT
CONSTANT_VALUES = ((NULL_BIT, None), (FALSE_BIT, False), (TRUE_BIT, True))


class Normal:
    """A union of parts, by type.

    Attributes:
        constants: which of null, false and true (bits).
        strings, numbers, arrays, objects: alternatives, each a part.
    """

    __slots__ = ("arrays", "constants", "numbers", "objects", "strings")

    def __init__(
        self,
        constants: int = 0,
        strings: tuple[Strings | FiniteStrings, ...] = (),
        numbers: tuple[Numbers | FiniteNumbers, ...] = (),
        arrays: tuple[Arrays, ...] = (),
        objects: tuple[Objects, ...] = (),
    ) -> None:
        self.constants = constants
        self.strings = strings
        self.numbers = numbers
        self.arrays = arrays
        self.objects = objects

    def of_value(self, value: Any) -> tuple[Any, ...]:
        """The alternatives for the type of ``value``, which is not null or a boolean."""
        if isinstance(value, str):
            return self.strings
        if isinstance(value, list):
            return self.arrays
        return self.objects if isinstance(value, dict) else self.numbers

    def accepts(self, value: Any, algebra: Algebra) -> bool:
        if value is None or isinstance(value, bool):
            return bool(self.constants & constant_bit(value))
        return any(part.accepts(value, algebra) for part in self.of_value(value))

    def parts(self) -> tuple[Part, ...]:
        return (*self.strings, *self.numbers, *self.arrays, *self.objects)

    def by_type(self) -> tuple[tuple[Any, ...], ...]:
        """The alternatives of each type, in the order of ``UNRESTRICTED``."""
        return (self.strings, self.numbers, self.arrays, self.objects)


# The parts that hold every value of their type. Where there is one, it is the only alternative.
UNRESTRICTED: tuple[Part, Part, Part, Part] = (ANY_STRING, ANY_NUMBER, ANY_ARRAY, ANY_OBJECT)

NOTHING = Normal()
ANYTHING = Normal(EVERY_CONSTANT, (ANY_STRING,), (ANY_NUMBER,), (ANY_ARRAY,), (ANY_OBJECT,))


def constant_bit(value: bool | None) -> int:
    return NULL_BIT if value is None else TRUE_BIT if value else FALSE_BIT


def narrowed(part: Any) -> Normal:
    """All values, those of the type of ``part`` (arrays or objects) narrowed to it."""
    arrays, objects = ANYTHING.arrays, ANYTHING.objects
    if isinstance(part, Objects):
        return Normal(EVERY_CONSTANT, ANYTHING.strings, ANYTHING.numbers, arrays, (part,))
    return Normal(EVERY_CONSTANT, ANYTHING.strings, ANYTHING.numbers, (part,), objects)


# What a type name stands for, before other keywords narrow it.
TYPES: dict[str, Normal] = {
    "null": Normal(NULL_BIT),
    "boolean": Normal(FALSE_BIT | TRUE_BIT),
    "string": Normal(strings=(ANY_STRING,)),
    "number": Normal(numbers=(ANY_NUMBER,)),
    "integer": Normal(numbers=(ANY_INTEGER,)),
    "array": Normal(arrays=(ANY_ARRAY,)),
    "object": Normal(objects=(ANY_OBJECT,)),
}
