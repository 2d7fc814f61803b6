"""Tables of keys without those that cannot be spelled, or that nothing spelled can follow."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import Any, Protocol

# The index of a key in the table that is translated, the key, and what supplies its continuation there.
Key = tuple[int, bytes, Callable[[], int]]


class Restricting(Protocol):
    """The methods of ``Restriction`` that suppliers and tables use."""

    @property
    def engine(self) -> Any: ...

    def whole(self, node: int) -> int: ...

    def final(self, node: int) -> int: ...

    def restricted(self, node: int) -> int: ...

    def new_table(self, keys: Sequence[Key]) -> Table: ...


class Table:
    """Keys of a table, in the order of their indexes in the original table.

    An interval of keys in the original is an interval of keys here, so a table is translated once for all its choices.

    Attributes:
        number: the table in the engine.
        keys: the keys; a *place* is an index into them.
    """

    __slots__ = ("_indexes", "_settled", "_unsettled", "keys", "number", "skeleton")

    def __init__(self, skeleton: Restricting, keys: list[Key]) -> None:
        self.skeleton = skeleton
        self.keys = keys
        self.number: int = skeleton.engine.table([key for _, key, _ in keys], self._follow)
        self._indexes = [index for index, _, _ in keys]
        self._settled: Table | None = None
        self._unsettled = list(range(len(keys) + 1))

    def _follow(self, arena: Any, place: int) -> int:
        return self.skeleton.restricted(self.keys[place][2]())

    def behind(self, place: int) -> int:
        """The skeleton of what follows a key."""
        return self.skeleton.whole(self.keys[place][2]())

    def places(self, first: int, last: int) -> tuple[int, int]:
        """The first and the last place of the keys with indexes from ``first`` to ``last``."""
        return bisect_left(self._indexes, first), bisect_right(self._indexes, last) - 1

    def between(self, first: int, last: int) -> int:
        """The skeleton of a choice of these keys. For a single key it is a concatenation, as in the engine."""
        engine = self.skeleton.engine
        low, high = self.places(first, last)
        if low > high:
            return int(engine.EMPTY)
        if low == high:
            return int(engine.concat(engine.literal(self.keys[low][1]), self.behind(low)))
        return int(engine.choice(self.number, low, high))

    def settled(self, low: int, high: int, live: Callable[[int], bool]) -> int:
        """The choice of the keys from place ``low`` to ``high`` that something spelled can follow, as ``live(place)``
        tells.

        Each place is examined once, whatever intervals it is in. As soon as one is left out, all are examined.
        """
        place = self._next_unsettled(low)
        while place <= high and self._settled is None:
            if live(place):
                self._unsettled[place] = place + 1
                place = self._next_unsettled(place)
            else:
                kept = [key for place, key in enumerate(self.keys) if live(place)]
                self._settled = self.skeleton.new_table(kept)
        if self._settled is None:
            return int(self.skeleton.engine.choice(self.number, low, high))
        found = self._settled.between(self._indexes[low], self._indexes[high])
        return self.skeleton.final(found)

    def _next_unsettled(self, place: int) -> int:
        """The first place from ``place`` on that has not been examined."""
        root = place
        while self._unsettled[root] != root:
            root = self._unsettled[root]
        while self._unsettled[place] != root:
            self._unsettled[place], place = root, self._unsettled[place]
        return root
