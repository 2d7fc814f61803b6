"""A bound on the work that one question may take."""

from __future__ import annotations

from constrain.errors import WorkLimitExceeded
from constrain.languages.json_schema.terms.fixpoint import Nesting
from constrain.work import checkpoint, current_limits

# What one step of a question is as steps of ``constrain.work``: about ten microseconds. ``Limits.steps`` says how many
# of them it may take; real schemas need some thousands.
STEP = 200

# What is spent on a state of an object or array, beside one step for so many atoms of its formula; and on a cell.
STATE, ATOMS, CELL = 5, 16, 5

# Questions that may be asked inside each other. One takes up to 17 of Python's 1000 frames; real schemas stay below 10.
MAX_NESTED = 30


class WorkBudget:
    """Counts the steps taken between the outermost ``with`` and its end, whoever takes them. To enter more
    than ``MAX_NESTED`` inside each other raises WorkLimitExceeded.

    Deciding about an object may mean deciding about its values, and so on: each question by itself may
    be small while together they have no end.
    """

    __slots__ = ("_depth", "_nesting", "_spent")

    def __init__(self, nesting: Nesting) -> None:
        """``nesting`` are the questions about schemas for the sake of which work is done."""
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
        """Some more steps; outside of any question they are not counted.

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
