"""The values that an array has read, where it matters whether one of them comes again.

They are text sets of names of values. The name of a string is its spelling, so that a set of strings is also what a
capture refuses. What is known about a set follows from the set that it was made from and the one value added to it.
"""

from __future__ import annotations

from typing import Any

from constrain.languages.json_schema.states.value_partition import Cell
from constrain.languages.json_schema.terms.term import Term
from constrain.languages.json_schema.text.json_text import identity
from constrain.languages.json_schema.values.value_algebra import ValueAlgebra


class SeenValues:
    """Names of values, and sets of them.

    Attributes:
        empty: the empty set.
        values: the values named so far.
    """

    __slots__ = ("_added", "_anonyms", "_homes", "_names", "_taken", "algebra", "empty", "values")

    def __init__(self, algebra: ValueAlgebra) -> None:
        self.algebra = algebra
        self.values: dict[bytes, Any] = {}
        self.empty = self.arena.text_set(())
        self._names: dict[Any, bytes] = {}
        self._homes: dict[tuple[bytes, Term], bool] = {}
        self._anonyms: dict[frozenset[Term], bytes] = {}
        self._added: dict[Any, tuple[Any, bytes]] = {}
        self._taken: dict[tuple[Any, Cell], int] = {}

    @property
    def arena(self) -> Any:
        """Where the sets are."""
        return self.algebra.languages.arena

    def with_value(self, used: Any, value: Any) -> Any:
        """The set ``used``, and ``value``."""
        key = identity(value)
        name = self._names.get(key)
        if name is None:
            spelled = self.algebra.languages.alphabet.spell(value) if isinstance(value, str) else None
            name = self._names[key] = b"#%d" % len(self.values) if spelled is None else spelled
            self.values[name] = value
        return self._with_name(used, name)

    def with_some_value(self, used: Any, satisfied: frozenset[Term]) -> Any:
        """The set ``used``, and a name that stands for some value of the cell that satisfies just these terms."""
        return self._with_name(used, self._anonyms.setdefault(satisfied, b"~%d" % len(self._anonyms)))

    def _with_name(self, used: Any, name: bytes) -> Any:
        longer = self.arena.with_text(used, name)
        if longer != used:
            self._added.setdefault(longer, (used, name))
        return longer

    def last(self, used: Any) -> tuple[Any, bytes] | None:
        """The set that ``used`` was made from, and the name that was added; None if ``used`` is empty."""
        return self._added.get(used)

    def names(self, used: Any) -> list[bytes]:
        """The names in a set."""
        names: list[bytes] = self.arena.texts(used)
        return names

    def count(self, used: Any) -> int:
        """How many values there are in a set."""
        count: int = self.arena.text_count(used)
        return count

    def count_in(self, cell: Cell, used: Any) -> int:
        """How many of them are in a cell."""
        longer = []
        while (used, cell) not in self._taken and used in self._added:
            longer.append(used)
            used = self._added[used][0]
        count = self._taken.setdefault((used, cell), 0)
        for used in reversed(longer):
            count += self._is_in(self._added[used][1], cell)
            self._taken[used, cell] = count
        return count

    def _is_in(self, name: bytes, cell: Cell) -> bool:
        """Whether the value of a name is in a cell. A name without a value stands for one of many."""
        if name not in self.values:
            return self._anonyms.get(cell[1]) == name
        found = self._homes.get((name, cell[0]))
        if found is None:
            found = self._homes[name, cell[0]] = self.algebra.accepts(cell[0], self.values[name])
        return found
