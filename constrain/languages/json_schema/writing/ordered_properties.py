"""The members of an object, in schema order: declared keys first, then any others.

The declared keys are one table of literals. Those that may come next are an interval of it, from the one after the last
key written to the next required one. Undeclared keys are captured: after the closing quote, the key is added to the set
of refused keys, so no key is ever written twice.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from constrain.languages.json_schema.output.capture_handlers import CaptureHandler
from constrain.languages.json_schema.output.output import Output
from constrain.languages.json_schema.output.undeclared_keys import OtherKeys
from constrain.languages.json_schema.terms.term import FALSE, Term
from constrain.languages.json_schema.values.objects import Objects


class OrderedProperties:
    """The expression of objects whose properties can each be decided by itself."""

    __slots__ = ("_rests", "last", "members", "others", "required_from", "table", "writer")

    def __init__(self, part: Objects, writer: Output) -> None:
        self.writer = writer
        solver = writer.solver
        keys: list[bytes] = []
        declared: list[bytes] = []
        self.members: list[Term] = []
        required: list[bool] = []
        for name in part.names():
            key = writer.shared.alphabet.spell(name)
            if key is None:
                continue
            declared.append(key)
            term = part.member(name, solver)
            if term is not FALSE and solver.inhabited(term):
                keys.append(key)
                required.append(name in part.required)
                self.members.append(term)
        self.last = _next_required(required)
        self.required_from = max((i + 1 for i, needed in enumerate(required) if needed), default=0)
        self.table = writer.arena.table(keys, self.follow) if keys else None
        self.others = self._others(part.additional, declared)
        self._rests: dict[int, Any] = {}

    def _others(self, additional: Term, declared: list[bytes]) -> Any:
        """A first undeclared member, or EMPTY if there can be none."""
        writer = self.writer
        if additional is FALSE or not writer.solver.inhabited(additional):
            return writer.arena.EMPTY
        common = writer.arena.concat(writer.shared.colon, writer.value(additional))
        keys: CaptureHandler = OtherKeys(frozenset(declared), None, common, writer.shared)
        return writer.arena.capture(writer.shared.string, keys)

    def node(self) -> Any:
        """The whole object."""
        shared, arena = self.writer.shared, self.writer.arena
        close = shared.close_empty_object if self.may_end(0) else arena.EMPTY
        some = arena.concat(shared.first, self.next_member(0))
        return arena.concat(shared.open_object, arena.union([some, close]))

    def may_end(self, index: int) -> bool:
        """Whether no required key is left from member ``index`` on."""
        return index >= self.required_from

    def next_member(self, index: int) -> Any:
        """The next member, when those before ``index`` can no longer come."""
        arena = self.writer.arena
        if index == len(self.members):
            return self.others
        declared = arena.choice(self.table, index, self.last[index])
        return arena.union((declared, self.others)) if self.may_end(index) else declared

    def follow(self, arena: Any, index: int) -> Any:
        """What comes after the key of member ``index``: its value, and the rest of the object."""
        writer = self.writer
        value = writer.value(self.members[index])
        return arena.concat(writer.shared.colon, value, self.rest(index + 1))

    def rest(self, index: int) -> Any:
        """The rest of an object after a value.

        A choice of one key builds what follows it at once. There the rest must be a reference, or a chain of
        required keys would be built to its end. Elsewhere it need not be one.
        """
        node = self._rests.get(index)
        if node is None:
            arena = self.writer.arena
            if index < len(self.members) and self.last[index] == index:
                node = arena.reference(partial(self.write_rest, index=index))
            else:
                node = self.write_rest(arena, index)
            self._rests[index] = node
        return node

    def write_rest(self, arena: Any, index: int) -> Any:
        shared = self.writer.shared
        node = arena.concat(shared.comma, self.next_member(index))
        if self.may_end(index):
            node = arena.union((node, shared.close_object))
        return arena.concat(shared.space, node)


def _next_required(required: list[bool]) -> list[int]:
    """For each index, the last member that may come next: the first required one from there on."""
    last = len(required) - 1
    result = [last] * len(required)
    for index in range(len(required) - 1, -1, -1):
        if required[index]:
            last = index
        result[index] = last
    return result
