"""Objects as expressions, from the states in which they are read (``object_states``)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from constrain.engine import Represented
from constrain.languages.json_schema.object_state import Move, State
from constrain.languages.json_schema.object_states import ObjectStates
from constrain.languages.json_schema.other_names import Kind
from constrain.languages.json_schema.used_names import UsedNames

if TYPE_CHECKING:
    from constrain.languages.json_schema.objects import Objects
    from constrain.languages.json_schema.writer import Writer


class ObjectWriter:
    """The expression of one kind of object: every state is written when it is first reached."""

    __slots__ = ("_after", "_in_order", "_names", "_used", "states", "writer")

    def __init__(self, states: ObjectStates, writer: Writer) -> None:
        self.states = states
        self.writer = writer
        self._names = [writer.shared.alphabet.spell(name) or b"" for name in states.names]
        self._used = UsedNames(writer.arena)
        self._after: dict[State, Any] = {}
        self._in_order: ObjectWriter | None = None

    def node(self, part: Objects) -> Any:
        """The whole object, one of ``part``."""
        start = self.states.start_of(part)
        return self.writer.arena.concat(self.writer.shared.open_object, self._members(start, None))

    def after(self, state: State) -> Any:
        """The rest of the object behind a value."""
        node = self._after.get(state)
        if node is None:
            node = self._after[state] = self.writer.arena.reference(Rest(self, state))
        return node

    def in_order(self) -> ObjectWriter:
        """What writes the same objects with their listed properties in one order."""
        states = self.states.in_order()
        if states is self.states:
            return self
        if self._in_order is None:
            self._in_order = ObjectWriter(states, self.writer)
        return self._in_order

    def write_after(self, arena: Any, state: State) -> Any:
        """The rest of the object behind a value, written out."""
        shared = self.writer.shared
        return arena.concat(shared.space, self._members(state, shared.comma))

    def _members(self, state: State, comma: Any) -> Any:
        """Another member, behind ``comma`` if there is one, or the end."""
        arena, shared = self.writer.arena, self.writer.shared
        with self.writer.terms.budget:  # one for all the questions that a state asks
            declared = self.states.declared(state)
            members = [self._other(state, kind, moves) for kind, moves in self.states.other_moves(state)]
        if declared:
            follow = partial(self._follow, state=state, declared=declared)
            members.append(arena.choice(arena.table([self._names[i] for i in declared], follow)))
        node = arena.union(members)
        if comma is not None:
            node = arena.concat(comma, node)
        return arena.union((node, shared.close_object)) if self.states.may_end(state) else node

    def _follow(self, arena: Any, index: int, state: State, declared: list[int]) -> Any:
        return self.behind_key(self.states.moves(state, declared[index]))

    def behind_key(self, moves: list[Move]) -> Any:
        """A colon, the value, and the rest of the object behind it."""
        arena, writer = self.writer.arena, self.writer
        values = [arena.concat(writer.value(move.value), self.after(move.state)) for move in moves]
        return arena.concat(writer.shared.colon, arena.union(values))

    def behind_name(self, state: State, kind: Kind, name: bytes) -> State:
        """The state when ``name``, another one of ``kind``, has been read and is not to come again."""
        following = self.states.with_used(state, kind, name)
        self._used.add(state.refused, name, following.refused)
        return following

    def _other(self, state: State, kind: Kind, moves: list[Move]) -> Any:
        """A member whose name is one of ``kind`` and has not been used."""
        writer, arena = self.writer, self.writer.arena
        keys, extends = writer.keys(kind.key)
        common = writer.shared.colon
        if len(moves) == 1:
            common = arena.concat(common, writer.value(moves[0].value))
        if extends or self._used.leaves_room(keys, state.refused):
            return arena.capture(keys, OtherMember(self, state, kind, moves, common, state.refused, extends))
        taken = [arena.literal(text) for text in arena.texts(state.refused)]
        keys = arena.leaf(arena.intersection([keys, arena.complement(arena.union(taken))])) if taken else keys
        if arena.is_empty(keys):
            return arena.EMPTY
        return arena.capture(keys, OtherMember(self, state, kind, moves, common, arena.EMPTY, False))


class Rest(Represented):
    """The rest of an object in ``state``, written when it is reached."""

    __slots__ = ("state", "writer")

    def __init__(self, writer: ObjectWriter, state: State) -> None:
        self.writer = writer
        self.state = state

    def __call__(self, arena: Any) -> Any:
        return self.writer.write_after(arena, self.state)

    def representative(self, arena: Any) -> int:
        writer = self.writer.in_order()
        node: int = (
            writer.write_after(arena, self.state) if writer is self.writer else writer.after(self.state)
        )
        return node


class OtherMember:
    """Handler of captured names: behind each that is not refused its value comes."""

    begins = 0  # what follows is told by ``common``
    __slots__ = ("_refused", "common", "extends", "kind", "moves", "state", "writer")

    def __init__(
        self,
        writer: ObjectWriter,
        state: State,
        kind: Kind,
        moves: list[Move],
        common: Any,
        refused: Any,
        extends: bool,
    ) -> None:
        self.writer = writer
        self.state = state
        self.kind = kind
        self.moves = moves
        self.common = common
        self._refused = refused
        self.extends = extends

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, OtherMember)
            and self.writer is other.writer
            and self.kind.number == other.kind.number
            and self.state == other.state
        )

    def __hash__(self) -> int:
        return hash((id(self.writer), self.kind.number, self.state))

    def refused(self, arena: Any) -> Any:
        """The names that are listed or have been read."""
        return self._refused

    def complete(self, arena: Any, text: bytes) -> Any:
        """What follows the name ``text`` (with its quotes)."""
        if arena.holds(self._refused, text):
            return arena.EMPTY
        return self.writer.behind_key(
            [move._replace(state=self.writer.behind_name(move.state, self.kind, text)) for move in self.moves]
        )
