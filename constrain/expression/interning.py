"""Hash-consing: nodes, their fields, and the texts, sets and concatenations that need no more than that."""

from __future__ import annotations

import cython
import numpy as np
from cython.cimports.constrain.expression.nodes import (
    BYTE_SET,
    CHOICE,
    CONCAT,
    EDGE_COUNT,
    EDGES,
    EMPTY_KIND,
    EMPTY_NODE,
    EPSILON_KIND,
    EPSILON_NODE,
    FIELDS,
    FLAGS,
    HASH,
    INTERSECTION,
    KIND,
    LITERAL,
    NULLABLE,
    REPEAT,
    UNCERTAIN,
    UNION,
    A,
    B,
    C,
)
from cython.cimports.constrain.work import Meter
from cython.cimports.libc.string import memcpy

# The largest index, and what one node more counts as in steps of ``Meter.count``.
MOST = cython.declare(cython.int, 2147483647)
NODE = cython.declare(cython.int, 10)


class Interning:
    """A growing set of nodes in which equal structure has equal index, with literals, byte sets and concatenations.

    ``Interning(base)`` starts as a copy of ``base``: its nodes keep their indexes, so what is cached for a node of
    the base holds in everything made from it.
    """

    def __init__(self, base: Interning | None = None) -> None:
        self.meter = Meter()
        self.stack = np.empty(256, np.intc)
        self.top = 0
        if base is not None:
            self.copy_from(base)
            return
        self.base = None
        self.base_size = 0
        self.nodes = np.empty((64, FIELDS), np.intc)
        self.size = 0
        self.slots = np.full(256, -1, np.intc)
        self.slot_mask = 255
        self.pool = np.empty(1024, np.intc)
        self.pool_used = 0
        self.text = np.empty(1024, np.uint8)
        self.text_used = 0
        self.references = []
        self.bodies = []
        self.follows = []
        self.handlers = []
        self.handler_numbers = {}
        self.intern(EMPTY_KIND, 0, 0, 0, 0)
        self.intern(EPSILON_KIND, 0, 0, 0, NULLABLE)

    def copy_from(self, base: Interning) -> cython.int:
        """Start as ``base``: one copy of each array, with room to grow. 8 us for 700 nodes."""
        nodes = np.empty((base.size + 128, FIELDS), np.intc)
        slots = np.empty(cython.cast(cython.Py_ssize_t, base.slot_mask) + 1, np.intc)
        pool = np.empty(base.pool_used + 2048, np.intc)
        text = np.empty(base.text_used + 1024, np.uint8)
        self.base = base
        self.base_size = base.size
        self.size = base.size
        self.slot_mask = base.slot_mask
        self.pool_used = base.pool_used
        self.text_used = base.text_used
        self.nodes = nodes
        self.slots = slots
        self.pool = pool
        self.text = text
        memcpy(
            cython.address(self.nodes[0, 0]),
            cython.address(base.nodes[0, 0]),
            4 * FIELDS * cython.cast(cython.size_t, base.size),
        )
        memcpy(
            cython.address(self.slots[0]),
            cython.address(base.slots[0]),
            4 * cython.cast(cython.size_t, base.slot_mask) + 4,
        )
        memcpy(
            cython.address(self.pool[0]),
            cython.address(base.pool[0]),
            4 * cython.cast(cython.size_t, base.pool_used),
        )
        memcpy(cython.address(self.text[0]), cython.address(base.text[0]), base.text_used)
        self.references = list(base.references)
        self.bodies = list(base.bodies)
        self.follows = list(base.follows)
        self.handlers = list(base.handlers)
        self.handler_numbers = dict(base.handler_numbers)
        return 0

    # -- storage ------------------------------------------------------------------------------

    def bind(self, meter: Meter) -> None:
        """Work under the lock of ``meter``, and within its limits, from now on."""
        self.meter = meter

    def recover(self) -> None:
        """Clear away what was being put together when an error ended it. Nodes are whole or not there, always."""
        self.top = 0

    def held(self) -> cython.Py_ssize_t:
        """Bytes of the arrays, the room that they have to grow included."""
        return (
            4 * (FIELDS * self.nodes.shape[0] + self.slots.shape[0] + self.pool.shape[0]) + self.text.shape[0]
        )

    def room_for(
        self, needed: cython.Py_ssize_t, size: cython.Py_ssize_t, item: cython.Py_ssize_t
    ) -> cython.Py_ssize_t:
        """How long an array of ``size`` items of so many bytes is to be where it needs ``needed`` of them: twice as
        long, or as long as the limits on memory and the range of an int allow.

        Raises:
            WorkLimitExceeded: ``needed`` is more than these allow; as a ``Halt`` within a scope.
        """
        limit: cython.Py_ssize_t = self.meter.most_bytes
        room: cython.Py_ssize_t = min(
            (limit - self.held()) // item + size, cython.cast(cython.Py_ssize_t, MOST)
        )
        if needed > room:
            self.meter.exceed(
                "matcher_memory", limit, f"the expressions of a grammar take more than {limit} bytes"
            )
        return min(2 * needed, room)

    def reserve_pool(self, count: cython.int) -> cython.int:
        needed: cython.Py_ssize_t = cython.cast(cython.Py_ssize_t, self.pool_used) + count
        if needed > self.pool.shape[0]:
            self.pool = _enlarged(np.asarray(self.pool), self.room_for(needed, self.pool.shape[0], 4))
        return 0

    def reserve_text(self, count: cython.int) -> cython.int:
        needed: cython.Py_ssize_t = cython.cast(cython.Py_ssize_t, self.text_used) + count
        if needed > self.text.shape[0]:
            self.text = _enlarged(np.asarray(self.text), self.room_for(needed, self.text.shape[0], 1))
        return 0

    def reserve_node(self) -> cython.int:
        """Count one node more, and make room for it."""
        needed: cython.Py_ssize_t = cython.cast(cython.Py_ssize_t, self.size) + 1
        most: cython.int = self.meter.most_nodes
        if self.size - self.base_size >= most:
            self.meter.exceed("nodes", most, f"a grammar and its states are more than {most} expressions")
        if needed > self.nodes.shape[0]:
            self.nodes = _enlarged(
                np.asarray(self.nodes), self.room_for(needed, self.nodes.shape[0], 4 * FIELDS)
            )
        self.meter.patience -= NODE
        if self.meter.patience < 0:
            self.meter.check()
        return 0

    def push(self, value: cython.int) -> cython.int:
        """Push onto the scratch stack, where n-ary constructors collect their parts."""
        if self.top == self.stack.shape[0]:
            self.stack = _enlarged(
                np.asarray(self.stack),
                self.room_for(cython.cast(cython.Py_ssize_t, self.top) + 1, self.top, 4),
            )
        self.stack[self.top] = value
        self.top += 1
        return 0

    @cython.overflowcheck(False)
    def hash_of(self, kind: cython.int, a: cython.int, b: cython.int, c: cython.int) -> cython.uint:
        """FNV-1a over the node's structure, by content where a field is an offset."""
        h: cython.uint = 2166136261
        i: cython.int
        h = (h ^ cython.cast(cython.uint, kind)) * 16777619
        if kind == LITERAL:
            for i in range(a, a + b):
                h = (h ^ self.text[i]) * 16777619
        elif BYTE_SET == kind or kind == UNION or kind == INTERSECTION or kind == CHOICE:
            for i in range(a, a + b):
                h = (h ^ cython.cast(cython.uint, self.pool[i])) * 16777619
                h ^= h >> 15
        else:
            h = (h ^ cython.cast(cython.uint, a)) * 16777619
            h ^= h >> 15
            h = (h ^ cython.cast(cython.uint, b)) * 16777619
            h ^= h >> 15
            h = (h ^ cython.cast(cython.uint, c)) * 16777619
        return h ^ (h >> 13)

    def same(
        self, node: cython.int, kind: cython.int, a: cython.int, b: cython.int, c: cython.int
    ) -> cython.bint:
        i: cython.int
        other: cython.int = self.nodes[node, A]
        if self.nodes[node, KIND] != kind or self.nodes[node, B] != b:
            return False
        if kind == LITERAL:
            for i in range(b):
                if self.text[a + i] != self.text[other + i]:
                    return False
            return True
        if BYTE_SET == kind or kind == UNION or kind == INTERSECTION or kind == CHOICE:
            for i in range(b):
                if self.pool[a + i] != self.pool[other + i]:
                    return False
            return True
        return other == a and self.nodes[node, C] == c

    def intern(
        self, kind: cython.int, a: cython.int, b: cython.int, c: cython.int, flags: cython.int
    ) -> cython.int:
        """The node of this structure, made if it does not exist."""
        h: cython.uint = self.hash_of(kind, a, b, c)
        slot: cython.int = cython.cast(cython.int, h & cython.cast(cython.uint, self.slot_mask))
        node: cython.int = self.slots[slot]
        while node >= 0:
            if cython.cast(cython.uint, self.nodes[node, HASH]) == h and self.same(node, kind, a, b, c):
                return node
            slot = (slot + 1) & self.slot_mask
            node = self.slots[slot]
        node = self.size
        self.reserve_node()
        self.nodes[node, KIND] = kind
        self.nodes[node, A] = a
        self.nodes[node, B] = b
        self.nodes[node, C] = c
        self.nodes[node, FLAGS] = flags
        self.nodes[node, EDGES] = -1
        self.nodes[node, EDGE_COUNT] = 0
        self.nodes[node, HASH] = cython.cast(cython.int, h)
        self.slots[slot] = node
        self.size += 1
        if 2 * self.size > self.slot_mask:
            self.grow_slots()
        return node

    def intern_pool(self, kind: cython.int, count: cython.int, flags: cython.int) -> cython.int:
        """Intern a node whose content is the last ``count`` ints written beyond ``pool_used``."""
        before: cython.int = self.size
        node: cython.int = self.intern(kind, self.pool_used, count, 0, flags)
        if self.size > before:
            self.pool_used += count
        return node

    def grow_slots(self) -> None:
        node: cython.int
        slot: cython.int
        count: cython.Py_ssize_t = cython.cast(cython.Py_ssize_t, self.slot_mask) + 1
        if self.room_for(2 * count, count, 4) == 4 * count:
            count *= 2
        slots = np.full(2 * count, -1, np.intc)
        self.slots = slots
        self.slot_mask = len(slots) - 1
        for node in range(self.size):
            slot = self.nodes[node, HASH] & self.slot_mask
            while self.slots[slot] >= 0:
                slot = (slot + 1) & self.slot_mask
            self.slots[slot] = node

    def is_nullable(self, node: cython.int) -> cython.bint:
        return (self.nodes[node, FLAGS] & NULLABLE) != 0

    # -- literals and byte sets ---------------------------------------------------------------

    def literal(self, data: bytes) -> int:
        """The one text ``data``."""
        i: cython.int
        count: cython.int = len(data)
        self.reserve_text(count)
        for i in range(count):
            self.text[self.text_used + i] = data[i]
        before: cython.int = self.size
        node: cython.int = self.literal_at(self.text_used, count)
        if self.size > before:
            self.text_used += count
        return node

    def literal_at(self, offset: cython.int, length: cython.int) -> cython.int:
        """The literal ``text[offset : offset + length]``, sharing those bytes."""
        if length == 0:
            return EPSILON_NODE
        return self.intern(LITERAL, offset, length, 0, 0)

    def byte_set(self, members: int) -> int:
        """One byte out of ``members``, a 256-bit integer: bit *b* stands for byte *b*."""
        i: cython.int
        word: cython.uint
        self.reserve_pool(8)
        for i in range(8):
            word = (members >> (32 * i)) & 0xFFFFFFFF
            self.pool[self.pool_used + i] = cython.cast(cython.int, word)
        return self.set_of_pool()

    def set_of_pool(self) -> cython.int:
        """The byte set of the 8 words beyond ``pool_used``; a single byte is a literal (law *singleton*)."""
        i: cython.int
        word: cython.uint
        count: cython.int = 0
        byte: cython.int = 0
        for i in range(8):
            word = cython.cast(cython.uint, self.pool[self.pool_used + i])
            if word:
                if word & (word - 1):
                    return self.intern_pool(BYTE_SET, 8, 0)
                count += 1
                byte = 32 * i
                while word > 1:
                    word >>= 1
                    byte += 1
        if count == 0:
            return EMPTY_NODE
        if count > 1:
            return self.intern_pool(BYTE_SET, 8, 0)
        self.reserve_text(1)
        self.text[self.text_used] = byte
        before: cython.int = self.size
        node: cython.int = self.literal_at(self.text_used, 1)
        if self.size > before:
            self.text_used += 1
        return node

    # -- concatenation ------------------------------------------------------------------------

    def concat(self, *parts: int) -> int:
        """The texts of each part, one after the other."""
        node: cython.int = EPSILON_NODE
        part: cython.int
        i: cython.int
        for i in range(len(parts) - 1, -1, -1):
            part = parts[i]
            node = self.concat2(part, node)
        return node

    def concat2(self, first: cython.int, second: cython.int) -> cython.int:
        """Laws: *zero*, *unit*, *associativity* (to the right), *adjacent literals join*, *star twice* (r* r* = r*).

        The last one keeps the states of ambiguous operator grammars from growing with each operator.
        """
        kind: cython.int
        if first == EMPTY_NODE or second == EMPTY_NODE:
            return EMPTY_NODE
        if first == EPSILON_NODE:
            return second
        if second == EPSILON_NODE:
            return first
        kind = self.nodes[first, KIND]
        if kind == CONCAT:
            return self.concat2(self.nodes[first, A], self.concat2(self.nodes[first, B], second))
        if kind == LITERAL:
            if self.nodes[second, KIND] == LITERAL:
                return self.join_literals(first, second)
            if self.nodes[second, KIND] == CONCAT and self.nodes[self.nodes[second, A], KIND] == LITERAL:
                first = self.join_literals(first, self.nodes[second, A])
                second = self.nodes[second, B]
        if kind == REPEAT and self.nodes[first, B] == 0 and self.nodes[first, C] == -1:
            if second == first or (self.nodes[second, KIND] == CONCAT and self.nodes[second, A] == first):
                return second
        flags: cython.int = self.nodes[first, FLAGS] & self.nodes[second, FLAGS] & NULLABLE
        flags |= (self.nodes[first, FLAGS] | self.nodes[second, FLAGS]) & UNCERTAIN
        return self.intern(CONCAT, first, second, 0, flags)

    def join_literals(self, first: cython.int, second: cython.int) -> cython.int:
        i: cython.int
        _: cython.int
        count: cython.int = 0
        self.reserve_text(self.nodes[first, B] + self.nodes[second, B])
        for _ in range(2):
            for i in range(self.nodes[first, B]):
                self.text[self.text_used + count] = self.text[self.nodes[first, A] + i]
                count += 1
            first = second
        before: cython.int = self.size
        node: cython.int = self.literal_at(self.text_used, count)
        if self.size > before:
            self.text_used += count
        return node


def _enlarged(array: np.ndarray, size: int) -> np.ndarray:
    """A copy of ``array`` with room for ``size`` rows."""
    larger = np.empty((size, *array.shape[1:]), array.dtype)
    larger[: array.shape[0]] = array
    return larger
