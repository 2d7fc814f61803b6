"""Derivatives: what may follow after a byte.

``derivative(e, b)`` is the language of what may follow in ``e`` once byte ``b`` is read (Brzozowski
1964). It is computed in two ways, for two kinds of expression:

* *Regular* expressions - the bodies of leaves - have ``edges``.
* Everything else is derived structurally, one byte at a time (``derive``), which builds only what
  the byte at hand needs. Unions stay unions of spines, so an ambiguous grammar costs a longer
  union, never a product. The derivative of a reference is memoised apart from what follows it.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import cython
import numpy as np

if cython.compiled:
    from cython.cimports.constrain.engine.edges import Edges
    from cython.cimports.constrain.expression.nodes import (
        BYTE_SET,
        CAPTURE,
        CHOICE,
        COMPLEMENT,
        CONCAT,
        EDGE_COUNT,
        EMPTY_NODE,
        ENTRY,
        EPSILON_NODE,
        FIELDS,
        INTERSECTION,
        KEY_INDEX,
        KEY_LENGTH,
        KEY_OFFSET,
        KIND,
        LEAF,
        LITERAL,
        RECORD,
        REFERENCE,
        REPEAT,
        TABLE_HEADER,
        UNION,
        A,
        B,
        C,
    )

# How deeply calls of ``derive`` are nested, with some 100 bytes of stack each. Deeper expressions are derived without
# recursion.
DEEPEST = cython.declare(cython.int, 100)

# If more parts than this wait in ``first_bytes``, it notes which ones it has visited.
MANY = cython.declare(cython.int, 32)


class Engine(Edges):
    """An arena that can derive its expressions."""

    def __init__(self, base: Engine | None = None) -> None:
        Edges.__init__(self, base)
        self.reference_derivatives = {}
        self.apart = {}
        self.completions = 0
        self.answers = {}

    # -- queries from Python ------------------------------------------------------------------

    def nullable(self, node: int) -> bool:
        """Whether ``node`` accepts the empty text."""
        return self.is_nullable(self.valid(node))

    def derivative(self, node: int, byte: int) -> int:
        """What may follow in ``node`` after ``byte``; ``EMPTY`` if nothing may."""
        if not 0 <= byte <= 255:
            raise ValueError(f"{byte} is no byte")
        return self.derive(self.valid(node), byte)

    def advance(self, node: int, data: bytes) -> int:
        """What may follow in ``node`` after all of ``data``."""
        return self.run(self.valid(node), data)

    def matches(self, node: int, data: bytes) -> bool:
        """Whether ``node`` accepts exactly ``data``."""
        return self.is_nullable(self.run(self.valid(node), data))

    def is_empty(self, node: int) -> bool:
        """Whether ``node`` accepts no text at all."""
        return not self.viable(self.valid(node))

    def first(self, node: cython.int) -> Any:
        """The bytes that a non-empty text of ``node`` may begin with, as a 256-bit integer."""
        i: cython.int
        words: cython.uint[8]
        for i in range(8):
            words[i] = 0
        self.first_bytes(self.valid(node), words)
        return int.from_bytes(cython.cast(cython.p_char, words)[:32], "little")

    def transitions(self, node: int) -> list[tuple[int, int]]:
        """The edges of a regular expression: (256-bit byte set, target) for each target except ``EMPTY``."""
        sets: dict[int, int] = {}
        low: object = 0  # Python ints: C ints would overflow in the shifts
        last: object
        i: cython.int
        at: cython.int = self.edges(self.valid(node))
        for i in range(self.nodes[node, EDGE_COUNT]):
            last = self.pool[at + 2 * i]
            target = self.pool[at + 2 * i + 1]
            if target != EMPTY_NODE:
                sets[target] = sets.get(target, 0) | ((2 << last) - (1 << low))
            low = last + 1
        return [(members, target) for target, members in sets.items()]

    def choices(self, node: int) -> list[tuple[bytes, Any]]:
        """The rest of each key of a choice, with a function that supplies what follows the key."""
        if self.nodes[self.valid(node), KIND] != CHOICE:
            raise ValueError(f"{node} is no choice")
        fields = np.asarray(self.pool)[self.nodes[node, A] : self.nodes[node, A] + 6]
        table, low, high, depth, first, last = (int(field) for field in fields)
        result = []
        for position in range(low, high):
            at: cython.int = table + TABLE_HEADER + ENTRY * position
            if first <= self.pool[at + KEY_INDEX] <= last:
                start = self.pool[at + KEY_OFFSET]
                rest = bytes(self.text[start + depth : start + self.pool[at + KEY_LENGTH]])
                result.append((rest, partial(self.follow_at, table, position)))
        return result

    def entries(self, table: int) -> list[tuple[bytes, int, int]]:
        """The keys of a table, ascending: each with its index in ``Arena.table``, and its position here."""
        found = []
        position: cython.int
        at: cython.int = self.valid_table(table) + TABLE_HEADER
        for position in range(self.pool[table]):
            found.append((self.key_bytes(at), int(self.pool[at + KEY_INDEX]), position))
            at += ENTRY
        return found

    def supplier(self, node: int) -> Any:
        """The function that supplies the body of a reference when it is first needed; ``None`` if ``node`` is not a
        reference."""
        return (
            self.references[self.nodes[node, A]] if self.nodes[self.valid(node), KIND] == REFERENCE else None
        )

    def follow_at(self, table: int, position: int) -> int:
        """The continuation of the entry at ``position`` of a table."""
        if not 0 <= position < self.pool[self.valid_table(table)]:
            raise IndexError(f"the table has no key {position}")
        return self.follow_of(table, position)

    def close(self, node: int) -> None:
        """Build all states of ``node``, a regular expression, and their edges."""
        seen: set = {self.valid(node)}
        todo: list = [node]
        at: cython.int
        i: cython.int
        while todo:
            state = todo.pop()
            at = self.edges(state)
            for i in range(self.nodes[state, EDGE_COUNT]):
                target = self.pool[at + 2 * i + 1]
                if target not in seen:
                    seen.add(target)
                    todo.append(target)

    def footprint(self) -> dict[str, int]:
        """Bytes in use: by nodes, their hash table, the pool of ints, the text of literals, the derivatives of
        references, the known inclusions of expressions in each other, and (estimated) handlers and functions that
        supply parts."""
        return {
            "nodes": 4 * FIELDS * cython.cast(cython.Py_ssize_t, self.size),
            "slots": 4 * (cython.cast(cython.Py_ssize_t, self.slot_mask) + 1),
            "pool": 4 * cython.cast(cython.Py_ssize_t, self.pool_used),
            "text": self.text_used,
            "derivatives": 130
            * (len(self.reference_derivatives) + len(self.made_of) + len(self.answers) + len(self.apart)),
            "suppliers": 800 * (len(self.handlers) + len(self.references) + len(self.follows)),
        }

    def inspect(self, node: int) -> tuple[Any, ...]:
        """The structure of a node, for tools and tests: kind and fields, with bytes and parts written out."""
        kind: cython.int = self.nodes[self.valid(node), KIND]
        a: cython.int = self.nodes[node, A]
        b: cython.int = self.nodes[node, B]
        if kind == LITERAL:
            return ("literal", self.literal_bytes(node))
        if kind == BYTE_SET:
            words = np.asarray(self.pool)[a : a + 8].astype(np.uint32)
            return ("byte_set", int.from_bytes(words.tobytes(), "little"))
        if kind == UNION or kind == INTERSECTION:
            name = "union" if kind == UNION else "intersection"
            return (name, tuple(int(part) for part in np.asarray(self.pool)[a : a + b]))
        if kind == CHOICE:
            return ("choice", tuple(int(field) for field in np.asarray(self.pool)[a : a + b]))
        if kind == REFERENCE:
            return ("reference", self.body_of(node), self.references[a])
        if kind == CAPTURE:
            return ("capture", a, self.literal_bytes(b), self.handlers[self.nodes[node, C]])
        if kind == RECORD:
            return ("record", a, self.literal_bytes(b), self.handlers[self.nodes[node, C]])
        if kind == CONCAT:
            return ("concat", a, b)
        if kind == REPEAT:
            most: cython.int = self.nodes[node, C]
            return ("repeat", a, b, None if most < 0 else most)
        if kind == COMPLEMENT:
            return ("complement", a)
        if kind == LEAF:
            return ("leaf", a)
        return ("epsilon",) if node == EPSILON_NODE else ("empty",)

    # -- one byte at a time -------------------------------------------------------------------

    def derive(self, node: cython.int, byte: cython.int) -> cython.int:
        return self.derive_at(node, byte, 0)

    def derive_at(self, node: cython.int, byte: cython.int, depth: cython.int) -> cython.int:
        """``derive``, nested ``depth`` calls deep."""
        kind: cython.int = self.nodes[node, KIND]
        at: cython.int
        if kind == LITERAL:
            at = self.nodes[node, A]
            return self.rest_of_literal(node, 1) if self.text[at] == byte else EMPTY_NODE
        if kind == LEAF:
            return self.leaf_of(self.step(self.nodes[node, A], byte))
        if kind == CHOICE:
            return self.derive_choice(node, byte)
        if kind == BYTE_SET:
            at = self.pool[self.nodes[node, A] + (byte >> 5)]
            return EPSILON_NODE if (cython.cast(cython.uint, at) >> (byte & 31)) & 1 else EMPTY_NODE
        if kind == CAPTURE:
            return self.derive_capture(node, byte)
        if kind == INTERSECTION or kind == COMPLEMENT:
            return self.step(node, byte)
        if depth == DEEPEST:
            return self.derive_deep(node, byte)
        if kind == CONCAT:
            return self.derive_concat(node, byte, depth + 1)
        if kind == UNION:
            return self.derive_union(node, byte, depth + 1)
        if kind == REFERENCE:
            return self.derive_reference(node, byte, depth + 1)
        if kind == REPEAT:
            return self.concat2(self.derive_at(self.nodes[node, A], byte, depth + 1), self.rest(node))
        if kind == RECORD:
            return self.derive_record(node, byte, self.derive_at(self.nodes[node, A], byte, depth + 1))
        return EMPTY_NODE

    def derive_concat(self, node: cython.int, byte: cython.int, depth: cython.int) -> cython.int:
        head: cython.int = self.nodes[node, A]
        tail: cython.int = self.nodes[node, B]
        result: cython.int = self.concat2(self.derive_at(head, byte, depth), tail)
        if self.is_nullable(head):
            result = self.union2(result, self.derive_at(tail, byte, depth))
        return result

    def derive_union(self, node: cython.int, byte: cython.int, depth: cython.int) -> cython.int:
        start: cython.int = self.top
        i: cython.int
        for i in range(self.nodes[node, B]):
            self.push(self.derive_at(self.pool[self.nodes[node, A] + i], byte, depth))
        return self.union_of_stack(start)

    def derive_reference(self, node: cython.int, byte: cython.int, depth: cython.int) -> cython.int:
        key: cython.longlong = cython.cast(cython.longlong, node) << 8 | byte
        found = self.reference_derivatives.get(key)
        if found is None:
            found = self.derive_at(self.body_of(node), byte, depth)
            self.reference_derivatives[key] = found
        return found

    # -- the same of what is deep ---------------------------------------------------------------

    def derive_deep(self, node: cython.int, byte: cython.int) -> cython.int:
        """The derivative of ``node``, without recursion: the parts that it is made of are derived first."""
        known: dict = {}
        begun: set = set()
        todo: list = [node]
        part: cython.int
        while todo:
            part = todo[len(todo) - 1]
            if part in known:
                todo.pop()
                continue
            missing: list = [one for one in self.derived_parts(part, byte) if one not in known]
            if not missing:
                known[part] = self.derive_from(part, byte, known)
                todo.pop()
                continue
            begun.add(part)
            if not begun.isdisjoint(missing):
                raise AssertionError("a reference is reached again before a byte is read")
            todo.extend(missing)
        return known[node]

    def derived_parts(self, node: cython.int, byte: cython.int) -> list[int]:
        """The parts of ``node`` from whose derivatives by ``byte`` its own derivative is made."""
        kind: cython.int = self.nodes[node, KIND]
        if kind == UNION:
            return [self.pool[self.nodes[node, A] + i] for i in range(self.nodes[node, B])]
        if kind == CONCAT and self.is_nullable(self.nodes[node, A]):
            return [self.nodes[node, B], self.nodes[node, A]]
        if kind == CONCAT or kind == REPEAT or kind == RECORD:
            return [self.nodes[node, A]]
        if kind == REFERENCE:
            known: object = cython.cast(cython.longlong, node) << 8 | byte
            return [] if known in self.reference_derivatives else [self.body_of(node)]
        return []

    def derive_from(self, node: cython.int, byte: cython.int, known: dict) -> cython.int:
        """The derivative of ``node``, given that those of its ``derived_parts`` are known."""
        kind: cython.int = self.nodes[node, KIND]
        i: cython.int
        result: cython.int
        if kind == UNION:
            i = self.top
            for part in self.derived_parts(node, byte):
                self.push(known[part])
            return self.union_of_stack(i)
        if kind == CONCAT:
            result = self.concat2(known[self.nodes[node, A]], self.nodes[node, B])
            if self.is_nullable(self.nodes[node, A]):
                result = self.union2(result, known[self.nodes[node, B]])
            return result
        if kind == REPEAT:
            return self.concat2(known[self.nodes[node, A]], self.rest(node))
        if kind == RECORD:
            return self.derive_record(node, byte, known[self.nodes[node, A]])
        if kind == REFERENCE:
            key: object = cython.cast(cython.longlong, node) << 8 | byte
            if key not in self.reference_derivatives:
                self.reference_derivatives[key] = known[self.body_of(node)]
            return self.reference_derivatives[key]
        return self.derive_at(node, byte, 0)

    # -- tables and texts -----------------------------------------------------------------------

    def derive_choice(self, node: cython.int, byte: cython.int) -> cython.int:
        """Narrow the interval of table entries to those whose next byte is ``byte``: two searches."""
        at: cython.int = self.nodes[node, A]
        table: cython.int = self.pool[at]
        depth: cython.int = self.pool[at + 3]
        low: cython.int = self.pool[at + 1]
        high: cython.int = self.pool[at + 2]
        first: cython.int = self.pool[at + 4]
        last: cython.int = self.pool[at + 5]
        low = self.lower_bound(table, low, high, depth, byte)
        high = self.lower_bound(table, low, high, depth, byte + 1)
        return self.choice_of(table, low, high, depth + 1, first, last)

    def lower_bound(
        self, table: cython.int, low: cython.int, high: cython.int, depth: cython.int, byte: cython.int
    ) -> cython.int:
        """First entry in [low, high) whose byte at ``depth`` is at least ``byte``."""
        at: cython.int
        middle: cython.int
        while low < high:
            middle = (low + high) >> 1
            at = table + TABLE_HEADER + ENTRY * middle
            if self.pool[at + KEY_LENGTH] <= depth or self.text[self.pool[at + KEY_OFFSET] + depth] < byte:
                low = middle + 1
            else:
                high = middle
        return low

    def derive_capture(self, node: cython.int, byte: cython.int) -> cython.int:
        residual: cython.int = self.step(self.nodes[node, A], byte)
        text: cython.int
        handler: cython.int = self.nodes[node, C]
        if residual == EMPTY_NODE:
            return EMPTY_NODE
        text = self.extended(self.nodes[node, B], byte)
        if residual == EPSILON_NODE:
            return self.complete(handler, text)
        return self.capture_of(residual, text, handler)

    def captures(self, node: int) -> list[int]:
        """Captures that together are the capture ``node``, and each of which gives all its texts the same answer."""
        if self.nodes[self.valid(node), KIND] != CAPTURE:
            raise ValueError(f"{node} is no capture")
        handler = self.handlers[self.nodes[node, C]]
        if handler.alike:
            return [node]
        text = self.literal_bytes(self.nodes[node, B])
        found = [self.run(part, text) for part in handler.apart(self)]
        return [part for part in found if part != EMPTY_NODE]

    def complete(self, handler: cython.int, text: cython.int) -> cython.int:
        self.completions += 1
        return self.valid(self.handlers[handler].complete(self, self.literal_bytes(text)))

    def derive_record(self, node: cython.int, byte: cython.int, residual: cython.int) -> cython.int:
        """The derivative of a record. Wherever the recorded text may end, the handler's answer is one way to go on.
        ``residual`` is the derivative of the body that is recorded."""
        handler: cython.int = self.nodes[node, C]
        text: cython.int = self.nodes[node, B]
        if residual == EMPTY_NODE:
            return EMPTY_NODE
        text = self.extended(text, byte)
        node = EMPTY_NODE
        if residual != EPSILON_NODE:
            node = self.record_of(residual, text, handler)
        if self.is_nullable(residual):
            node = self.union2(node, self.answer(handler, text))
        return node

    def answer(self, handler: cython.int, text: cython.int) -> cython.int:
        """The answer of handler number ``handler`` to a text; each is asked for only once."""
        key: cython.longlong = (cython.cast(cython.longlong, handler) << 32) | text
        known = self.answers.get(key)
        if known is None:
            known = self.answers[key] = self.complete(handler, text)
        else:
            self.completions += 1
        return known

    def literal_bytes(self, node: cython.int) -> bytes:
        if node == EPSILON_NODE:
            return b""
        at: cython.int = self.nodes[node, A]
        return bytes(self.text[at : at + self.nodes[node, B]])

    def key_bytes(self, entry: cython.int) -> bytes:
        """The literal of a table entry, given by its offset into ``pool``."""
        at: cython.int = self.pool[entry + KEY_OFFSET]
        return bytes(self.text[at : at + self.pool[entry + KEY_LENGTH]])

    # -- many bytes at a time -----------------------------------------------------------------

    def run(self, node: cython.int, data: bytes) -> cython.int:
        """The derivative by all of ``data``. Within a leaf, no nodes are made for the states in between."""
        read: cython.int
        count: cython.int = len(data)
        i: cython.int = 0
        head: cython.int
        tail: cython.int
        kind: cython.int
        while i < count and node != EMPTY_NODE:
            self.meter.patience -= 1
            if self.meter.patience < 0:
                self.meter.check()
            head = node
            tail = EPSILON_NODE
            if self.nodes[node, KIND] == CONCAT:
                head = self.nodes[node, A]
                tail = self.nodes[node, B]
            kind = self.nodes[head, KIND]
            if kind == LEAF and not self.is_nullable(head):
                head = self.nodes[head, A]
                while i < count and head > EPSILON_NODE and not self.is_nullable(head):
                    read = 0
                    if self.nodes[head, KIND] == CONCAT and self.nodes[self.nodes[head, A], KIND] == REPEAT:
                        read = self.run_characters(head, data, i)
                    if read:
                        head = self.reached
                        i += read
                    else:
                        head = self.step(head, data[i])
                        i += 1
                node = self.concat2(self.leaf_of(head), tail)
            elif kind == LITERAL:
                node = self.run_literal(head, tail, data, i)
                i += self.nodes[head, B]
            else:
                node = self.derive(node, data[i])
                i += 1
        return node

    def run_characters(self, body: cython.int, data: bytes, start: cython.int) -> cython.int:
        """Read whole characters of ``C{least,most} Q`` from ``start`` on, if Q begins with other bytes than C; return
        how many bytes they have. ``reached`` is set to what may follow. No nodes are made for the counters in between,
        which would cost half a kilobyte each."""
        run: cython.int = self.nodes[body, A]
        character: cython.int = self.nodes[run, A]
        least: cython.int = self.nodes[run, B]
        most: cython.int = self.nodes[run, C]
        count: cython.int = len(data)
        read: cython.int = 0
        done: cython.int = start
        i: cython.int = start
        state: cython.int = character
        if not self.is_apart(character, self.nodes[body, B]):
            return 0
        while i < count and read != most and state != EMPTY_NODE:
            state = self.step(state, data[i])
            i += 1
            if state == EPSILON_NODE:
                state = character
                read += 1
                done = i
            elif self.is_nullable(state):
                break
        if read:
            run = self.repeat_of(character, max(least - read, 0), most - read if most >= 0 else -1)
            self.reached = self.concat2(run, self.nodes[body, B])
        return done - start

    def is_apart(self, character: cython.int, close: cython.int) -> cython.bint:
        """Whether neither accepts the empty text and their first bytes never agree."""
        key: object = cython.cast(cython.longlong, character) << 32 | close
        known = self.apart.get(key)
        if known is None:
            known = not (self.is_nullable(character) or self.is_nullable(close))
            known = self.apart[key] = known and not self.first(character) & self.first(close)
        return known

    def run_literal(self, head: cython.int, tail: cython.int, data: bytes, start: cython.int) -> cython.int:
        length: cython.int = self.nodes[head, B]
        at: cython.int = self.nodes[head, A]
        count: cython.int = min(length, cython.cast(cython.int, len(data)) - start)
        i: cython.int
        for i in range(count):
            if self.text[at + i] != cython.cast(cython.uchar, data[start + i]):
                return EMPTY_NODE
        return self.concat2(self.rest_of_literal(head, count), tail)

    # -- first bytes --------------------------------------------------------------------------

    def first_bytes(self, node: cython.int, words: cython.p_uint) -> cython.int:
        """Add to ``words`` (8 of them) the bytes that a non-empty text of ``node`` may begin with."""
        start: cython.int = self.top
        seen: object = None
        self.push(node)
        while self.top > start:
            self.top -= 1
            node = self.stack[self.top]
            if self.first_of_parts(node):
                if seen is None and self.top - start > MANY:
                    seen = set()
                if seen is not None:
                    if node in seen:
                        self.top -= self.pushed
                    seen.add(node)
            else:
                self.first_of_one(node, words)
        return 0

    def first_of_parts(self, node: cython.int) -> cython.bint:
        """Push the parts of ``node`` that a text of it may begin in; return False if its first bytes do not follow from
        parts."""
        kind: cython.int = self.nodes[node, KIND]
        i: cython.int
        start: cython.int = self.top
        if kind == UNION:
            for i in range(self.nodes[node, B]):
                self.push(self.pool[self.nodes[node, A] + i])
        elif kind == REFERENCE:
            self.push(self.body_of(node))
        elif kind == CONCAT or kind == REPEAT or kind == RECORD:
            self.push(self.nodes[node, A])
            if kind == CONCAT and self.is_nullable(self.nodes[node, A]):
                self.push(self.nodes[node, B])
        self.pushed = self.top - start
        return self.pushed > 0

    def first_of_one(self, node: cython.int, words: cython.p_uint) -> cython.int:
        """``first_bytes`` of a node whose first bytes do not follow from parts."""
        kind: cython.int = self.nodes[node, KIND]
        i: cython.int
        byte: cython.int = 0
        at: cython.int
        low: cython.int
        if kind == LITERAL:
            byte = self.text[self.nodes[node, A]]
            words[byte >> 5] |= cython.cast(cython.uint, 1) << (byte & 31)
        elif kind == BYTE_SET:
            for i in range(8):
                words[i] |= cython.cast(cython.uint, self.pool[self.nodes[node, A] + i])
        elif kind == CHOICE:
            at = self.nodes[node, A]
            low = self.pool[at + 1]
            while low < self.pool[at + 2]:
                i = self.pool[at] + TABLE_HEADER + ENTRY * low
                byte = self.text[self.pool[i + KEY_OFFSET] + self.pool[at + 3]]
                words[byte >> 5] |= cython.cast(cython.uint, 1) << (byte & 31)
                low = self.lower_bound(self.pool[at], low, self.pool[at + 2], self.pool[at + 3], byte + 1)
        elif node > EPSILON_NODE:
            if kind == CAPTURE or kind == LEAF:
                node = self.nodes[node, A]
            at = self.edges(node)
            for i in range(self.nodes[node, EDGE_COUNT]):
                while byte <= self.pool[at + 2 * i]:
                    if self.pool[at + 2 * i + 1] != EMPTY_NODE:
                        words[byte >> 5] |= cython.cast(cython.uint, 1) << (byte & 31)
                    byte += 1
        return 0
