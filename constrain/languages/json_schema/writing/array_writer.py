"""Arrays as expressions, from the states in which they are read (``array_states``).

Where items must differ, the text of each is noted, and what follows depends on its value. Strings are captured, as
names of properties are; other items are recorded (``Arena.record``). An item that must differ from earlier ones is
written as the conjunction of its term and their negations, so that the beginning of a used item is never a dead end.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from functools import partial
from typing import Any

from constrain.engine.completion import shortest_text
from constrain.languages.json_schema.output.capture_handlers import CaptureHandler, RecordHandler, Spelt
from constrain.languages.json_schema.output.output import Output
from constrain.languages.json_schema.states.array_state import Move, State, affirms, cares
from constrain.languages.json_schema.states.array_states import ArrayStates
from constrain.languages.json_schema.terms.term import VALUES, Term
from constrain.languages.json_schema.values.normal_algebra import without
from constrain.languages.json_schema.values.normal_form import Normal
from constrain.languages.json_schema.writing.positional_arrays import more_items, write_simple
from constrain.languages.json_schema.writing.seen_numbers import SeenNumbers, is_interval
from constrain.languages.json_schema.writing.value_abundance import MANY, has_many

WHITESPACE = b" \t\r\n"

# The length in bytes, with quotes, at which some string is always new: there are 90 to the power of six of them.
LONGEST_NEW_STRING = 8

WHOLE_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')


class ArrayWriter:
    """The expression of one kind of array: every state is written when it is first reached."""

    __slots__ = (
        "_items", "_many", "_numbers", "_others", "_parted", "_rests", "_unused", "states", "writer",
    )  # fmt: skip

    def __init__(self, states: ArrayStates, writer: Output) -> None:
        self.states = states
        self.writer = writer
        self._rests: dict[State, Any] = {}
        self._many: dict[tuple[Term, bytes, Spelt | None], bool] = {}
        self._items: dict[State, Any] = {}
        self._unused: dict[tuple[Term, Any], Term] = {}
        self._others: dict[Term, Term] = {}
        self._parted: dict[Term, tuple[tuple[Any, ...], Term]] = {}
        self._numbers = SeenNumbers(states.read, writer)

    def node(self) -> Any:
        """The whole array."""
        arena, shared, state = self.writer.arena, self.writer.shared, self.states.start
        settled = self.states.settled(state)
        if settled is not None:
            return write_simple(settled.bounded(self.writer.solver), self.writer)
        close = shared.close_empty_array if self.states.may_end(state) else arena.EMPTY
        some = arena.concat(shared.first, self._item(state))
        return arena.concat(shared.open_array, arena.union([some, close]))

    def rest(self, state: State) -> Any:
        """The rest of the array after an item."""
        node = self._rests.get(state)
        if node is None:
            settled = self.states.settled(state)
            if settled is None:
                node = self.writer.arena.reference(partial(self._write_rest, state=state))
            else:
                node = more_items(settled.bounded(self.writer.solver), self.writer)
                node = self.writer.arena.concat(self.writer.shared.space, node)
            self._rests[state] = node
        return node

    def _write_rest(self, arena: Any, state: State) -> Any:
        shared = self.writer.shared
        node = arena.concat(shared.comma, self.item(state))
        if self.states.may_end(state):
            node = arena.union((node, shared.close_array))
        return arena.concat(shared.space, node)

    def _item(self, state: State) -> Any:
        """The next item and the rest of the array after it."""
        return self.writer.arena.union([self._by_move(move, state) for move in self.states.moves(state)])

    def _by_move(self, move: Move, state: State) -> Any:
        arena, writer = self.writer.arena, self.writer
        if move.fresh is None:
            return arena.concat(writer.value(move.value), self.rest(move.state))
        if not move.fresh:
            return arena.concat(writer.value(self._repeated(move.value, state)), self.rest(move.state))
        if not cares(move.state):
            return arena.concat(self.unread(move.value, state.used), self.rest(move.state))
        strings = self._new_string(move, state)
        recorded = self._recorded(move, state, self.recorded(move))
        return recorded if strings is None else arena.union([strings, recorded])

    # -- terms --------------------------------------------------------------------------------

    def _constant(self, name: bytes) -> Term:
        return self.writer.solver.constant(self.states.read.values[name], silent=True)

    def _repeated(self, term: Term, state: State) -> Term:
        """The values of ``term`` that have been read."""
        solver = self.writer.solver
        read = solver.any_of([self._constant(name) for name in self.states.read.names(state.used)])
        return solver.both(term, read)

    def unread(self, term: Term, used: Any) -> Any:
        """The values of ``term`` that have not been read, written; EMPTY if there are none."""
        arena, inhabited = self.writer.arena, self.writer.solver.inhabited
        numbers, others = self._intervals(term)
        nodes = [self._numbers.left(numbers, used)] if numbers else []
        if inhabited(others) and inhabited(new := self._new(others, used)):
            nodes.append(self.writer.value(new))
        return arena.union(nodes)

    def _intervals(self, term: Term) -> tuple[tuple[Any, ...], Term]:
        """The numbers of ``term`` that are plain intervals, and its other values."""
        found = self._parted.get(term)
        if found is None:
            normal = self.writer.solver.normal(term)
            numbers = tuple([part for part in normal.numbers if is_interval(part)])
            others = term
            if numbers:
                kept = tuple([part for part in normal.numbers if not is_interval(part)])
                rest = Normal(normal.constants, normal.strings, kept, normal.arrays, normal.objects)
                others = self.writer.solver.values((VALUES, term, "no intervals"), rest)
            found = self._parted[term] = numbers, others
        return found

    def _new(self, term: Term, used: Any) -> Term:
        """The values of ``term`` that have not been read. Each value read is taken out of what was left before it."""
        longer = []
        known = self._unused.get((term, used))
        while known is None and (before := self.states.read.last(used)) is not None:
            longer.append((used, before[1]))
            used = before[0]
            known = self._unused.get((term, used))
        result = known or term
        for used, name in reversed(longer):
            result = self._unused[term, used] = self._without(result, name)
        return result

    def _without(self, term: Term, name: bytes) -> Term:
        solver = self.writer.solver
        value = self.states.read.values[name]
        if not solver.accepts(term, value):
            return term
        return without(term, frozenset([self._constant(name)]), solver)

    def _without_strings(self, term: Term) -> Term:
        others = self._others.get(term)
        if others is None:
            normal = self.writer.solver.normal(term)
            kept = Normal(normal.constants, (), normal.numbers, normal.arrays, normal.objects)
            others = self._others[term] = self.writer.solver.values((VALUES, term, "no strings"), kept)
        return others

    def has_two_values(self, term: Term, used: Any, begun: bytes, spelt: Spelt | None) -> bool:
        """Whether two values of ``term`` that begin with ``begun`` have not been read. If ``spelt`` is given, only what
        it leaves of expressions counts."""
        arena, writer = self.writer.arena, self.writer
        is_string = begun.startswith(b'"') and bool(writer.solver.normal(term).strings)
        if spelt is None and is_string and writer.keys(term)[1]:
            return True
        if self.states.read.count(used) + 1 < MANY and self._has_many(term, begun, spelt):
            return True
        others = self._without_strings(term)
        end = arena.advance(self._unread_spelt(others, used, spelt), begun)
        if end == arena.EMPTY:
            return False
        value = json.loads(begun + shortest_text(arena, end), parse_float=Decimal)
        used = self.states.read.with_value(used, value)
        return bool(arena.advance(self._unread_spelt(others, used, spelt), begun) != arena.EMPTY)

    def _unread_spelt(self, term: Term, used: Any, spelt: Spelt | None) -> Any:
        node = self.unread(term, used)
        return node if spelt is None else spelt(node)

    def spare(self, move: Move, used: Any, begun: bytes, spelt: Spelt | None) -> int:
        """How many bytes the second shortest unread value of ``move`` that begins with ``begun`` is longer than the
        shortest; 0 if there are not two. If ``spelt`` is given, only what it leaves of expressions counts."""
        arena, writer = self.writer.arena, self.writer
        is_string = begun[:1] in (b"", b'"') and bool(writer.solver.normal(move.value).strings)
        if spelt is None and is_string and writer.keys(move.value)[1]:
            return LONGEST_NEW_STRING
        others = move.value if spelt is not None else self._without_strings(move.value)
        shortest = arena.advance(self._unread_spelt(others, used, spelt), begun)
        if shortest == arena.EMPTY:
            return 0
        text = shortest_text(arena, shortest)
        used = self.states.read.with_value(used, json.loads(begun + text, parse_float=Decimal))
        second = arena.advance(self._unread_spelt(others, used, spelt), begun)
        return 0 if second == arena.EMPTY else len(shortest_text(arena, second)) - len(text)

    def _has_many(self, term: Term, begun: bytes, spelt: Spelt | None) -> bool:
        """Whether ``MANY`` values of ``term`` are seen to begin with ``begun``."""
        known = self._many.get((term, begun, spelt))
        if known is None:
            arena = self.writer.arena
            node = self.writer.value(term) if spelt is None else spelt(self.writer.value(term))
            node = arena.advance(node, begun)
            known = self._many[term, begun, spelt] = node != arena.EMPTY and has_many(arena, node)
        return known

    # -- items that must differ ---------------------------------------------------------------

    def _recorded(self, move: Move, state: State, term: Term) -> Any:
        """An item in ``term`` that has not been read yet; EMPTY if there is none."""
        arena = self.writer.arena
        next_bytes = self._after_item()
        body = self.unread(term, state.used)
        if body == arena.EMPTY:
            return body
        common = arena.concat(self.writer.value(term), next_bytes)
        handler: RecordHandler = NewItem(
            self, move, state, common, arena.text_set(()), arena.first(next_bytes)
        )
        return arena.record(body, handler)

    def _after_item(self) -> Any:
        """The first byte after an item, with the space before it, whether or not the current state allows it."""
        arena, shared = self.writer.arena, self.writer.shared
        begin = arena.first(shared.comma) | arena.first(shared.close_array)
        return arena.concat(shared.space, arena.byte_set(begin))

    def item(self, state: State) -> Any:
        """The next item and the rest of the array after it, remembered."""
        node = self._items.get(state)
        if node is None:
            node = self._items[state] = self._item(state)
        return node

    def recorded(self, move: Move) -> Term:
        """The items that are recorded: all of them, or all but strings where these are captured."""
        return move.value if self._strings(move) is None else self._without_strings(move.value)

    def _strings(self, move: Move) -> Any:
        """The strings of an item if every beginning of one has infinitely many ends, else None."""
        if not self.writer.solver.normal(move.value).strings:
            return None
        leaf, extends = self.writer.keys(move.value)
        return leaf if extends else None

    def _new_string(self, move: Move, state: State) -> Any:
        """The same for strings; None if they are not captured."""
        arena = self.writer.arena
        leaf = self._strings(move)
        if leaf is None:
            return None
        next_bytes = self._after_item()
        common = arena.concat(leaf, next_bytes)
        handler: CaptureHandler = NewItem(self, move, state, common, state.used, arena.first(next_bytes))
        return arena.capture(leaf, handler)


class NewItem:
    """Handler of items that must differ: the rest of the array follows, in a state that knows the item."""

    extends = alike = remembers = True
    __slots__ = ("_common", "_refused", "_spare", "begins", "common", "move", "state", "writer")

    def __init__(
        self,
        writer: ArrayWriter,
        move: Move,
        state: State,
        common: Any,
        refused: Any,
        begins: int,
    ) -> None:
        self.writer = writer
        self.move = move
        self.state = state
        self.common = common
        self._refused = refused
        self.begins = begins
        self._common: dict[tuple[bytes, Spelt | None], bool] = {}
        self._spare: dict[tuple[bytes, Spelt | None], int] = {}

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, NewItem)
            and self.writer is other.writer
            and self.begins == other.begins
            and self.move == other.move
            and self.state == other.state
        )

    def __hash__(self) -> int:
        return hash((id(self.writer), self.begins, self.state))

    @property
    def outlook(self) -> Any:
        return self

    def refused(self, arena: Any) -> Any:
        """The strings that have been read."""
        return self._refused

    def ending(self, arena: Any) -> Any:
        """The end of the array, where it may end after any item; else EMPTY."""
        if affirms(self.move.state.formula) or not self.writer.states.may_end(self._any):
            return arena.EMPTY
        return arena.concat(self.writer.writer.shared.space, arena.literal(b"]"))

    def complete(self, arena: Any, text: bytes) -> Any:
        """What follows the item spelled ``text``."""
        if arena.holds(self._refused, text):
            return arena.EMPTY
        value = json.loads(text, parse_float=Decimal)
        return self.writer.rest(self.writer.states.value_after(self.move, self.state, value))

    def without(self, arena: Any, texts: list[bytes]) -> Any:
        """The body of a record without the items spelled ``texts``, however they are spelled."""
        used = self.state.used
        for text in texts:
            used = self.writer.states.read.with_value(used, json.loads(text, parse_float=Decimal))
        return self.writer.unread(self.writer.recorded(self.move), used)

    # -- what follows every item ----------------------------------------------------------------

    @property
    def _any(self) -> State:
        """The state after an item that is not remembered."""
        return self.move.state._replace(used=self.state.used)

    def answer_to_any(self, arena: Any) -> Any:
        """All that may follow some item of the move, and maybe more, as the item itself excludes nothing here. EMPTY if
        that cannot be said, because an item may have to come again."""
        if affirms(self.move.state.formula):
            return arena.EMPTY
        return self.writer.rest(self._any)

    def is_common(self, arena: Any, text: bytes, spelt: Spelt | None = None) -> bool:
        """Whether ``text``, a beginning of ``answer_to_any``, may follow any item of the move: the next item, which it
        begins, can still have two values. If ``spelt`` is given, only what it leaves of expressions counts."""
        begun = text.lstrip(WHITESPACE)
        if not begun or begun.startswith(b"]"):
            return True
        begun = begun[1:].lstrip(WHITESPACE)
        known = self._common.get((begun, spelt))
        if known is None:
            known = self._common[begun, spelt] = self._has_two_values(begun, spelt)
        return known

    def spare(self, arena: Any, text: bytes, spelt: Spelt | None = None) -> int:
        """How many bytes more than ``answer_to_any`` tells are needed to complete the array after ``text``, a
        beginning of it, because the next items must differ from the current one, too."""
        begun = text.lstrip(WHITESPACE)[1:].lstrip(WHITESPACE)
        if text.lstrip(WHITESPACE)[:1] in (b"", b"]") and self.writer.states.may_end(self._any):
            return 0
        known = self._spare.get((begun, spelt))
        if known is None:
            moves = [move for move in self.writer.states.moves(self._any) if move.fresh]
            known = max([self.writer.spare(move, self.state.used, begun, spelt) for move in moves], default=0)
            self._spare[begun, spelt] = known
        return known

    def string_at_end(self, text: bytes) -> bytes | None:
        """The item at the end of ``text`` (which begins after another one) if it is a string, else None."""
        item = text.lstrip(WHITESPACE)[1:].lstrip(WHITESPACE)
        return item if WHOLE_STRING.fullmatch(item) else None

    def _has_two_values(self, begun: bytes, spelt: Spelt | None) -> bool:
        writer = self.writer
        for move in writer.states.moves(self._any):
            if move.fresh and writer.has_two_values(move.value, self.state.used, begun, spelt):
                return True
        return False
