"""The normal form of a term: for each JSON type, alternatives without any choice left in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constrain.errors import WorkLimitExceeded
from constrain.languages.json_schema.arrays import ANY_ARRAY
from constrain.languages.json_schema.finite import Finite
from constrain.languages.json_schema.numbers import ANY_INTEGER, ANY_NUMBER
from constrain.languages.json_schema.objects import ANY_OBJECT
from constrain.languages.json_schema.strings import ANY_STRING

if TYPE_CHECKING:
    from constrain.languages.json_schema.terms import Terms

# Bits of ``Normal.constants``.
NULL_BIT, FALSE_BIT, TRUE_BIT = 1, 2, 4

# Alternatives that one type of one value may have. Ordinary schemas have fewer than 10; the product
# of several ``anyOf`` that stand side by side is what grows.
MAX_ALTERNATIVES = 4096


class Normal:
    """A union of parts, by type.

    Attributes:
        constants: which of null, false and true (bits).
        strings, numbers, arrays, objects: alternatives, each a part (``Strings`` etc.) or ``Finite``.
    """

    __slots__ = ("arrays", "constants", "numbers", "objects", "strings")

    def __init__(
        self,
        constants: int = 0,
        strings: tuple[Any, ...] = (),
        numbers: tuple[Any, ...] = (),
        arrays: tuple[Any, ...] = (),
        objects: tuple[Any, ...] = (),
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

    def accepts(self, value: Any, terms: Terms) -> bool:
        if value is None or isinstance(value, bool):
            return bool(self.constants & constant_bit(value))
        return any(part.accepts(value, terms) for part in self.of_value(value))

    def parts(self) -> tuple[Any, ...]:
        return (*self.strings, *self.numbers, *self.arrays, *self.objects)


# The parts that hold every value of their type. Where there is one, it is the only alternative.
UNRESTRICTED = (ANY_STRING, ANY_NUMBER, ANY_ARRAY, ANY_OBJECT)

NOTHING = Normal()
ANYTHING = Normal(NULL_BIT | FALSE_BIT | TRUE_BIT, (ANY_STRING,), (ANY_NUMBER,), (ANY_ARRAY,), (ANY_OBJECT,))


def constant_bit(value: bool | None) -> int:
    return NULL_BIT if value is None else TRUE_BIT if value else FALSE_BIT


def meet(one: Normal, other: Normal, terms: Terms) -> Normal:
    """The values of both."""
    if one is ANYTHING or other is ANYTHING:
        return other if one is ANYTHING else one
    return Normal(
        one.constants & other.constants,
        _product(one.strings, other.strings, terms),
        _product(one.numbers, other.numbers, terms),
        _product(one.arrays, other.arrays, terms),
        _product(one.objects, other.objects, terms),
    )


def _product(ones: tuple[Any, ...], others: tuple[Any, ...], terms: Terms) -> tuple[Any, ...]:
    if not ones or not others:
        return ()
    if ones[0] in UNRESTRICTED or others[0] in UNRESTRICTED:
        return others if ones[0] in UNRESTRICTED else ones
    if len(ones) * len(others) > MAX_ALTERNATIVES:
        raise WorkLimitExceeded(
            f"anyOf side by side make more than {MAX_ALTERNATIVES} alternatives for one value; merge some of them"
        )
    both = [one.meet(other, terms) for one in ones for other in others]
    return _distinct([part for part in both if part is not None])


def join(arms: list[Normal]) -> Normal:
    """The values of any of ``arms``."""
    if len(arms) == 1:
        return arms[0]
    constants = 0
    for arm in arms:
        constants |= arm.constants
    return Normal(
        constants,
        _distinct([part for arm in arms for part in arm.strings]),
        _distinct([part for arm in arms for part in arm.numbers]),
        _distinct([part for arm in arms for part in arm.arrays]),
        _distinct([part for arm in arms for part in arm.objects]),
    )


def _distinct(parts: list[Any]) -> tuple[Any, ...]:
    """Each part once; an unrestricted one takes in all others; finite ones become one."""
    if len(parts) < 2:
        return tuple(parts)
    kept = dict.fromkeys(parts)
    for part in UNRESTRICTED:
        if part in kept:
            return (part,)
    finite = [part for part in kept if isinstance(part, Finite)]
    if len(finite) < 2:
        return tuple(kept)
    others = [part for part in kept if not isinstance(part, Finite)]
    for lexical in (False, True):
        values = [value for part in finite if part.lexical is lexical for value in part.values]
        if values:
            others.append(Finite(values, lexical))
    return tuple(others)


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
