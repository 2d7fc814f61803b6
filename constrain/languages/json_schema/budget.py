"""A bound on the work that one question may take."""

from __future__ import annotations

from constrain.errors import WorkLimitExceeded

# States of objects and arrays that one question may lead through: some seconds. Real schemas need some dozens.
MAX_STATES = 20_000

# Questions that may be asked inside each other. One takes up to 17 of Python's 1000 frames; real schemas stay below 10.
MAX_NESTED = 30


class Budget:
    """Counts the states visited between the outermost ``with`` and its end, whoever visits them. To enter more
    than ``MAX_NESTED`` inside each other raises WorkLimitExceeded.

    Deciding about an object may mean deciding about its values, and so on: each question by itself may
    be small while together they have no end.
    """

    __slots__ = ("_depth", "_spent")

    def __init__(self) -> None:
        self._depth = 0
        self._spent = 0

    def __enter__(self) -> None:
        if self._depth == 0:
            self._spent = 0
        if self._depth == MAX_NESTED:
            raise WorkLimitExceeded(
                f"whether a value can be completed depends on more than {MAX_NESTED} others nested in it; "
                "simplify the schemas that refer to themselves"
            )
        self._depth += 1

    def __exit__(self, *problem: object) -> None:
        self._depth -= 1

    def spend(self) -> None:
        """One more state.

        Raises:
            WorkLimitExceeded: it is one too many.
        """
        self._spent += 1
        if self._spent > MAX_STATES:
            raise WorkLimitExceeded(
                f"more than {MAX_STATES} combinations of properties or items decide whether a value can be "
                "completed; simplify what stands beside each other under allOf, oneOf and not"
            )
