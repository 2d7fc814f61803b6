"""What is known and still to be satisfied while an array is read (``array_states``)."""

from __future__ import annotations

from typing import Any, NamedTuple

from constrain.languages.json_schema.terms.counting_formula import Atom, Formula, atom, negate
from constrain.languages.json_schema.terms.name_class import UNBOUNDED
from constrain.languages.json_schema.terms.term import TRUE, Term


class Positions(NamedTuple):
    """The items from the ``first`` to the ``last`` (None: all) of those still to come."""

    first: int
    last: int | None

    @property
    def most(self) -> int:
        return UNBOUNDED if self.last is None else self.last + 1 - self.first

    def shifted(self) -> Positions:
        """The class once the next item has been read."""
        return Positions(max(self.first - 1, 0), None if self.last is None else self.last - 1)


class _Pairs(NamedTuple):
    """The class of pairs of equal items. It holds no position."""

    most: int = UNBOUNDED
    first: int = -1


ALL_POSITIONS = Positions(0, None)
PAIR = Atom(_Pairs(), TRUE, 1)
REPEATED = atom(*PAIR)
ONLY_UNIQUE = negate(REPEATED)


class State(NamedTuple):
    """What may still come.

    Attributes:
        formula: what the items to come must satisfy.
        position: which item is next; all positions after the prefix count as one.
        least, most: how many items must and may (None: any number) follow.
        used: the values read so far, while it matters whether one is repeated: a set of ``SeenValues``.
    """

    formula: Formula
    position: int
    least: int
    most: int | None
    used: Any


class Move(NamedTuple):
    """The values that an item may have, and the state after it, apart from ``used``.

    ``fresh`` is True if the values must differ from those read before (and be remembered if ``state`` cares), False
    if they must repeat one of those, None if that does not matter.
    """

    value: Term
    state: State
    fresh: bool | None


def cares(state: State) -> bool:
    """Whether it matters in ``state`` which values have been read."""
    return state.most != 0 and PAIR in state.formula.atoms


def affirms(formula: Formula) -> bool:
    """Whether equal items may be wanted."""
    return PAIR in formula.positive
