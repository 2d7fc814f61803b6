"""Whether every beginning of a name can still be completed to a name that has not been used.

Where every beginning has more ends than names have been used, one leaf serves for all members, and used names are
refused once they are complete. Otherwise some beginning could only be completed to a used name, so the names that are
left need a language of their own.
"""

from __future__ import annotations

from typing import Any
from weakref import ref

from constrain.languages.json_schema.values.shortest_texts import few_texts


class UsedNames:
    """Sets of used names, as text sets of one arena. What is known of a set follows from the set that it was made
    from and the one name that was added."""

    __slots__ = ("_added", "_arena", "_known")

    def __init__(self, arena: Any) -> None:
        self._arena = ref(arena)
        self._added: dict[Any, tuple[Any, bytes]] = {}
        self._known: dict[tuple[Any, Any], bool] = {}

    def add(self, before: Any, name: bytes, after: Any) -> None:
        """The set ``after`` is ``before`` and ``name``."""
        self._added.setdefault(after, (before, name))

    def leaves_room(self, keys: Any, used: Any) -> bool:
        """Whether each beginning of a text of ``keys`` is seen to have an end that makes a text not in ``used``."""
        arena: Any = self._arena()
        names: list[bytes] = []
        start = used
        while (keys, start) not in self._known and start in self._added:
            start, name = self._added[start]
            names.append(name)
        known = self._known.get((keys, start))
        if known is None:
            known = all(self._has_room(arena, keys, used, name) for name in arena.texts(start))
        self._known[keys, start] = known
        if names:
            known = known and all(self._has_room(arena, keys, used, name) for name in names)
            self._known[keys, used] = known
        return known

    def _has_room(self, arena: Any, keys: Any, used: Any, name: bytes) -> bool:
        """The same of the beginnings of ``name``."""
        for length in range(len(name)):
            taken = arena.text_count(arena.beginning_with(used, name[:length]))
            if few_texts(arena, keys, taken) is not None:
                return False
            keys = arena.derivative(keys, name[length])
            if keys == arena.EMPTY:
                break
        return True
