"""Objects as expressions, from the states in which they are read (``object_states``)."""

from __future__ import annotations

from functools import partial
from typing import Any

from constrain.engine import Represented
from constrain.engine.completion import avoiding_text
from constrain.languages.json_schema.output.capture_handlers import KindsHandler
from constrain.languages.json_schema.output.output import Output
from constrain.languages.json_schema.states.object_state import Move, Property, State, is_settled
from constrain.languages.json_schema.states.object_states import ObjectStates
from constrain.languages.json_schema.states.undeclared_names import Kind
from constrain.languages.json_schema.values.objects import Objects
from constrain.languages.json_schema.writing.name_exhaustion import UsedNames

# A name that is made up is no longer than this, in bytes.
LONGEST_NAME = 64


class ObjectWriter:
    """The expression of one kind of object: every state is written when it is first reached."""

    __slots__ = (
        "_ends_after", "_in_order", "_named", "_names", "_plain_members", "_rests", "_used", "states", "writer",
    )  # fmt: skip

    def __init__(self, states: ObjectStates, writer: Output) -> None:
        self.states = states
        self.writer = writer
        self._names = [writer.shared.alphabet.spell(name) or b"" for name in states.names]
        self._used = UsedNames(writer.arena)
        self._rests: dict[State, Any] = {}
        self._in_order: ObjectWriter | None = None
        self._plain_members: dict[int, Any] = {}
        self._ends_after: dict[tuple[int, int], Any] = {}
        self._named: dict[tuple[int, int, int], Any] = {}

    def node(self, part: Objects) -> Any:
        """The whole object, one of ``part``."""
        start = self.states.start_of(part)
        return self.writer.arena.concat(self.writer.shared.open_object, self._members(start, None))

    def rest(self, state: State) -> Any:
        """The rest of the object after a value."""
        node = self._rests.get(state)
        if node is None:
            node = self._rests[state] = self.writer.arena.reference(Rest(self, state))
        return node

    def in_order(self) -> ObjectWriter:
        """The writer of the same objects with listed properties in one order."""
        states = self.states.in_order()
        if states is self.states:
            return self
        if self._in_order is None:
            self._in_order = ObjectWriter(states, self.writer)
        return self._in_order

    def write_rest(self, arena: Any, state: State) -> Any:
        """The rest of the object after a value, written out."""
        shared = self.writer.shared
        return arena.concat(shared.space, self._members(state, shared.comma))

    def _members(self, state: State, comma: Any) -> Any:
        """Another member, after ``comma`` if there is one, or the end."""
        arena, shared = self.writer.arena, self.writer.shared
        with self.writer.solver.budget:  # one budget for all questions about a state
            declared = self.states.declared(state)
            others = list(self.states.other_moves(state))
            members = [self.other(state, others)] if others else []
        if declared:
            follow = partial(self._follow, state=state, declared=declared)
            members.append(arena.choice(arena.table([self._names[i] for i in declared], follow)))
        node = arena.concat(shared.first if comma is None else comma, arena.union(members))
        close = shared.close_empty_object if comma is None else shared.close_object
        return arena.union((node, close)) if self.states.may_end(state) else node

    def _follow(self, arena: Any, index: int, state: State, declared: list[int]) -> Any:
        if is_settled(state):
            return arena.reference(AfterKey(self, state, declared[index]))
        return self.after_key(self.states.moves(state, declared[index]))

    def shortest_end(self, state: State) -> Any:
        """A short rest of the object after a value: what must come, and the end. EMPTY if none is found soon."""
        names = self.states.enough_names(state)
        if names is not None:
            return self._with_names(names)
        way = self.states.completion.completion(state)
        return self.writer.arena.EMPTY if way is None else self._with_properties(way, state.refused)

    def _with_properties(self, way: list[Property], refused: Any) -> Any:
        """Some properties, and the end of the object. Undeclared names are made up so as to avoid ``refused``."""
        arena, shared = self.writer.arena, self.writer.shared
        parts = []
        for name, kind, value in way:
            key = self._names[name or 0] if kind is None else self._new_name(kind, refused)
            if key is None:
                return arena.EMPTY
            refused = arena.with_text(refused, key)
            parts += [shared.space, shared.comma, arena.literal(key), shared.colon, self.writer.value(value)]
        return arena.concat(*parts, shared.space, shared.close_object)

    def _new_name(self, kind: Kind, refused: Any) -> bytes | None:
        """A short name of ``kind`` that is not in ``refused``, with its quotes."""
        keys, _ = self.writer.keys(self.states.others.names_of([kind]))
        return avoiding_text(self.writer.arena, keys, LONGEST_NAME, refused)

    def _with_names(self, names: int) -> Any:
        """Properties of these names, as bits, in order, and the end of the object."""
        arena, shared = self.writer.arena, self.writer.shared
        end = arena.concat(shared.space, shared.close_object)
        if not names:
            return end
        width = 1 << (len(self._names) - 1).bit_length()
        return arena.concat(self._members_named(0, width, names), end)

    def _members_named(self, base: int, width: int, names: int) -> Any:
        """Members of some of the ``width`` names from ``base`` on, as bits, in order, each after a comma.

        ``width`` is a power of two. Halves make a tree, so that the rests after each of n names have n log n parts
        in all; as chains, they would have n**2.
        """
        while width > 1:
            width >>= 1
            low, high = names & ((1 << width) - 1), names >> width
            if low and high:
                break
            base, names = (base, low) if low else (base + width, high)
        else:
            return self._plain_member(base)
        key = base, width, names
        node = self._named.get(key)
        if node is None:
            node = self._named[key] = self.writer.arena.reference(NamedMembers(self, base, width, low, high))
        return node

    def halves(self, base: int, width: int, low: int, high: int) -> Any:
        """Members of the names ``low`` of ``width`` from ``base`` on, and ``high`` of as many after these."""
        return self.writer.arena.concat(
            self._members_named(base, width, low), self._members_named(base + width, width, high)
        )

    def _plain_member(self, i: int) -> Any:
        member = self._plain_members.get(i)
        if member is None:
            arena, shared = self.writer.arena, self.writer.shared
            member = arena.concat(
                shared.space, shared.comma, arena.literal(self._names[i]), self._value_of(i)
            )
            self._plain_members[i] = member
        return member

    def end_after(self, state: State, i: int) -> Any:
        """The same after key ``i``, read in ``state``."""
        names = self.states.enough_after(state, i)
        if names is None:
            return self.writer.arena.EMPTY
        node = self._ends_after.get((i, names))
        if node is None:
            node = self.writer.arena.concat(self._value_of(i), self._with_names(names))
            self._ends_after[i, names] = node
        return node

    def _value_of(self, i: int) -> Any:
        """A colon, and a value of name ``i`` of which nothing else is asked."""
        return self.writer.arena.concat(self.writer.shared.colon, self.writer.value(self.states.members[i]))

    def after_key(self, moves: list[Move]) -> Any:
        """A colon, the value, and the rest of the object after it."""
        arena, writer = self.writer.arena, self.writer
        values = [arena.concat(writer.value(move.value), self.rest(move.state)) for move in moves]
        return arena.concat(writer.shared.colon, arena.union(values))

    def state_after_name(self, state: State, kind: Kind, name: bytes) -> State:
        """The state after the undeclared ``name`` of ``kind``, which must not come again."""
        following = self.states.with_used(state, kind, name)
        self._used.add(state.refused, name, following.refused)
        return following

    def other(self, state: State, others: list[tuple[Kind, list[Move]]]) -> Any:
        """A member whose name is of one of some kinds and has not been used.

        It is one capture for all kinds. Which kind a name belongs to is asked once the name is complete.
        """
        writer, arena = self.writer, self.writer.arena
        keys, extends = writer.keys(self.states.others.names_of([kind for kind, _ in others]))
        common = writer.shared.colon
        values = {move.value for _, moves in others for move in moves}
        if len(values) == 1:
            common = arena.concat(common, writer.value(values.pop()))
        refused = state.refused
        if not (extends or self._used.leaves_room(keys, refused)):
            taken, refused = [arena.literal(text) for text in arena.texts(refused)], arena.EMPTY
            if taken:
                keys = arena.leaf(arena.intersection([keys, arena.complement(arena.union(taken))]))
            if arena.is_empty(keys):
                return arena.EMPTY
        handler: KindsHandler = OtherMember(self, state, others, common, refused, extends)
        return arena.capture(keys, handler)


class Rest(Represented):
    """The rest of an object in ``state``, written when it is reached."""

    __slots__ = ("state", "writer")

    def __init__(self, writer: ObjectWriter, state: State) -> None:
        self.writer = writer
        self.state = state

    def __call__(self, arena: Any) -> Any:
        return self.writer.write_rest(arena, self.state)

    def representative(self, arena: Any) -> int:
        writer = self.writer.in_order()
        node: int = writer.write_rest(arena, self.state) if writer is self.writer else writer.rest(self.state)
        return node

    def ending(self, arena: Any) -> int:
        node: int = self.writer.shortest_end(self.state)
        return self.representative(arena) if node == arena.EMPTY else node


class AfterKey(Represented):
    """What follows key ``i``, read in ``state``, in which only names and their number matter; written when it is
    reached."""

    __slots__ = ("i", "state", "writer")

    def __init__(self, writer: ObjectWriter, state: State, i: int) -> None:
        self.writer = writer
        self.state = state
        self.i = i

    def __call__(self, arena: Any) -> Any:
        return self.writer.after_key(self.writer.states.moves(self.state, self.i))

    def representative(self, arena: Any) -> int:
        moves = self.writer.states.moves(self.state, self.i)
        node: int = self.writer.in_order().after_key(moves)
        return node

    def ending(self, arena: Any) -> int:
        node: int = self.writer.end_after(self.state, self.i)
        return self.representative(arena) if node == arena.EMPTY else node


class NamedMembers(Represented):
    """Members of some names in two halves, see ``ObjectWriter._members_named``; written when they are reached."""

    __slots__ = ("base", "high", "low", "width", "writer")

    def __init__(self, writer: ObjectWriter, base: int, width: int, low: int, high: int) -> None:
        self.writer = writer
        self.base = base
        self.width = width
        self.low = low
        self.high = high

    def __call__(self, arena: Any) -> Any:
        return self.writer.halves(self.base, self.width, self.low, self.high)

    def representative(self, arena: Any) -> int:
        node: int = self(arena)
        return node


class OtherMember:
    """Handler of captured names: each name that is not refused is followed by its value."""

    begins = 0  # what follows is told by ``common``
    remembers = False
    __slots__ = ("_last", "_moves", "_refused", "alike", "common", "extends", "state", "writer")

    def __init__(
        self,
        writer: ObjectWriter,
        state: State,
        others: list[tuple[Kind, list[Move]]],
        common: Any,
        refused: Any,
        extends: bool,
    ) -> None:
        self.writer = writer
        self.state = state
        self.common = common
        self.extends = extends
        self.alike = len(others) == 1
        self._moves: dict[int, tuple[Kind, list[Move]]] = {one[0].number: one for one in others}
        self._refused = refused
        self._last: tuple[bytes, Any] = (
            b"",
            None,
        )  # the last answer: tokens that go on after one name ask in succession

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, OtherMember)
            and self.writer is other.writer
            and self._moves.keys() == other._moves.keys()
            and self.state == other.state
        )

    def __hash__(self) -> int:
        return hash((id(self.writer), *self._moves, self.state))

    @property
    def outlook(self) -> Any:
        return id(self.writer), self.state._replace(refused=None), *self._moves

    def apart(self, arena: Any) -> list[Any]:
        """Members whose names are of one kind each."""
        return [self.writer.other(self.state, [one]) for one in self._moves.values()]

    def refused(self, arena: Any) -> Any:
        """The names that are listed or have been read."""
        return self._refused

    def ending(self, arena: Any) -> Any:
        """A value, and the end of the object, where it may end after every name; else EMPTY."""
        writer, shared = self.writer.writer, self.writer.writer.shared
        if not self.alike:
            return arena.EMPTY
        [(_, moves)] = self._moves.values()
        ends = [move.value for move in moves if self.writer.states.may_end(move.state)]
        if not ends:
            return arena.EMPTY
        return arena.concat(shared.colon, writer.value(ends[0]), shared.space, shared.close_object)

    def complete(self, arena: Any, text: bytes) -> Any:
        """What follows the name ``text`` (with its quotes)."""
        if text != self._last[0]:
            self._last = text, self._after_name(arena, text)
        return self._last[1]

    def _after_name(self, arena: Any, text: bytes) -> Any:
        if arena.holds(self._refused, text):
            return arena.EMPTY
        kind, moves = self._moves[self.kinds(text[:-1], [text[-1:]])[0]]
        return self.writer.after_key(
            [move._replace(state=self.writer.state_after_name(move.state, kind, text)) for move in moves]
        )

    def kinds(self, begun: bytes, ends: list[bytes]) -> list[int]:
        """The numbers of the kinds of the names that ``begun`` and one of ``ends`` are, with their quotes."""
        if self.alike:
            return [*self._moves] * len(ends)
        kind_of = self.writer.states.others.kind_of
        first = 0 if begun else 1
        return [kind_of(begun[1:], end[first:-1]).number for end in ends]
