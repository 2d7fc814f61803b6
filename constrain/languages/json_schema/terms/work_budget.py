"""A bound on the work that one question may take."""

from __future__ import annotations

from constrain.errors import WorkLimitExceeded
from constrain.languages.json_schema.terms.fixpoint import Nesting
from constrain.work import checkpoint, current_limits

# One step of a question in steps of ``constrain.work``: about ten microseconds. ``Limits.steps`` is the number of
# steps that a question may take; real schemas need a few thousand.
STEP = 200

# The steps for a state of an object or array, with one more for every so many atoms of its formula; and for a cell.
STATE, ATOMS, CELL = 5, 16, 5

# How deeply questions may nest. Each takes up to 17 of Python's 1000 frames; real schemas stay below 10.
MAX_NESTED = 30


class WorkBudget:
    """Counts the steps taken within the outermost ``with``, whoever takes them. Nesting more than ``MAX_NESTED``
    of them raises WorkLimitExceeded.

    Deciding about an object may mean deciding about its values, and so on. Each question may be small, while
    together they never end.
    """

    __slots__ = ("_depth", "_nesting", "_spent")

    def __init__(self, nesting: Nesting) -> None:
        """``nesting``: the questions about schemas that the work is done for."""
        self._nesting = nesting
        self._depth = 0
        self._spent = 0

    def __enter__(self) -> None:
        if self._depth == 0:
            self._spent = 0
        if self._depth >= MAX_NESTED // 2 and self._nesting.may_defer():
            self._nesting.defer()
        if self._depth == MAX_NESTED:
            raise WorkLimitExceeded(
                f"whether a value can be completed depends on more than {MAX_NESTED} others nested in it; "
                "simplify the schemas that refer to themselves",
                limit="MAX_NESTED",
                value=MAX_NESTED,
            )
        self._depth += 1

    def __exit__(self, *problem: object) -> None:
        self._depth -= 1

    @property
    def is_open(self) -> bool:
        """Whether a question is being answered."""
        return self._depth > 0

    def spend(self, steps: int) -> None:
        """Spend some steps; outside of any question they are not counted.

        Raises:
            WorkLimitExceeded: they are too many.
        """
        checkpoint(STEP * steps)
        self._spent += steps
        most = current_limits().steps
        if self._spent > most and self._depth:
            raise WorkLimitExceeded(
                f"to decide whether a value can be completed takes more than {most} steps; "
                "simplify what stands beside each other under allOf, oneOf and not",
                limit="steps",
                value=most,
            )
