"""Hash-consing: nodes, their fields, and the literals, byte sets and concatenations, which need nothing else."""

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
from cython.cimports.libc.string import memcmp, memcpy

# The largest index, and how many steps of ``Meter.count`` one more node counts as.
MOST = cython.declare(cython.int, 2147483647)
NODE = cython.declare(cython.int, 10)

# The hash of a literal is the sum of (its byte i + 1) * DIGIT * FACTOR**i modulo 2**32. So the hash of the literal
# without its first byte, and the hash with one more byte at its end, follow from it: a long literal is not read again
# at each byte.
FACTOR = cython.declare(cython.uint, 2654435761)
INVERSE = cython.declare(cython.uint, 244002641)
DIGIT = cython.declare(cython.uint, 2246822507)


class Interning:
    """A growing set of nodes in which equal structure has equal index, with literals, byte sets and concatenations.

    ``Interning(base)`` starts as a copy of ``base``: its nodes keep their indexes, so what is cached for a node of
    the base holds in everything made from it.
    """

    def __init__(self, base: Interning | None = None) -> None:
        self.meter = Meter()
        self.stack = np.empty(256, np.intc)
        self.top = 0
        self.frames = np.empty(64, np.intc)
        self.frame_top = 0
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
        self.tables = set()
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
        self.tables = set(base.tables)
        self.handlers = list(base.handlers)
        self.handler_numbers = dict(base.handler_numbers)
        return 0

    # -- storage ------------------------------------------------------------------------------

    def bind(self, meter: Meter) -> None:
        """From now on, work under the lock of ``meter`` and within its limits."""
        self.meter = meter

    def recover(self) -> None:
        """Clear away what was under construction when an error occurred. Nodes are always complete or absent."""
        self.top = 0

    def held(self) -> cython.Py_ssize_t:
        """Bytes of the arrays, including their room to grow."""
        return (
            4 * (FIELDS * self.nodes.shape[0] + self.slots.shape[0] + self.pool.shape[0]) + self.text.shape[0]
        )

    def room_for(
        self, needed: cython.Py_ssize_t, size: cython.Py_ssize_t, item: cython.Py_ssize_t
    ) -> cython.Py_ssize_t:
        """The new length of an array of ``size`` items, each of the given number of bytes, that needs ``needed`` items:
        twice as long, or as long as the limits on memory and the range of an int allow.

        Raises:
            WorkLimitExceeded: ``needed`` is more than these allow. Within a scope, a ``Halt`` is raised instead.
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
        """Count one more node, and make room for it."""
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

    def push_frame(self, value: cython.int) -> cython.int:
        """Push onto the stack of remaining work of nested constructors."""
        if self.frame_top == self.frames.shape[0]:
            self.frames = _enlarged(np.asarray(self.frames), 2 * self.frame_top)
        self.frames[self.frame_top] = value
        self.frame_top += 1
        return 0

    def pop_frame(self) -> cython.int:
        self.frame_top -= 1
        return self.frames[self.frame_top]

    @cython.overflowcheck(False)
    def hash_of(self, kind: cython.int, a: cython.int, b: cython.int, c: cython.int) -> cython.uint:
        """FNV-1a over the node's structure, by content where a field is an offset; for a literal, a polynomial."""
        h: cython.uint = 0
        i: cython.int
        if kind == LITERAL:
            for i in range(a + b - 1, a - 1, -1):
                h = h * FACTOR + (cython.cast(cython.uint, self.text[i]) + 1) * DIGIT
            return h
        h = 2166136261
        h = (h ^ cython.cast(cython.uint, kind)) * 16777619
        if BYTE_SET == kind or kind == UNION or kind == INTERSECTION or kind == CHOICE:
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
            return (
                a == other
                or memcmp(
                    cython.address(self.text[a]),
                    cython.address(self.text[other]),
                    cython.cast(cython.size_t, b),
                )
                == 0
            )
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
        return self.intern_hashed(self.hash_of(kind, a, b, c), kind, a, b, c, flags)

    def intern_hashed(
        self,
        h: cython.uint,
        kind: cython.int,
        a: cython.int,
        b: cython.int,
        c: cython.int,
        flags: cython.int,
    ) -> cython.int:
        """``intern`` of a structure whose hash is known."""
        slot: cython.int = cython.cast(cython.int, h & cython.cast(cython.uint, self.slot_mask))
        node: cython.int = self.slots[slot]
        while node >= 0:
            if cython.cast(cython.uint, self.nodes[node, HASH]) == h and self.same(node, kind, a, b, c):
                return node
            slot = (slot + 1) & self.slot_mask
            node = self.slots[slot]
            self.meter.patience -= 1  # many nodes with the same hash are work, which limits count
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

    def valid(self, node: cython.longlong) -> cython.int:
        """``node``, an int from Python that is checked.

        Raises:
            IndexError: there is no such expression.
        """
        if node < 0 or node >= self.size:
            raise IndexError(f"{node} is no expression: there are {self.size}")
        return cython.cast(cython.int, node)

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

    @cython.overflowcheck(False)
    def rest_of_literal(self, node: cython.int, count: cython.int) -> cython.int:
        """The literal ``node`` without its first ``count`` bytes."""
        at: cython.int = self.nodes[node, A]
        left: cython.int = self.nodes[node, B] - count
        h: cython.uint = cython.cast(cython.uint, self.nodes[node, HASH])
        i: cython.int
        if left == 0:
            return EPSILON_NODE
        for i in range(at, at + count):
            h = (h - (cython.cast(cython.uint, self.text[i]) + 1) * DIGIT) * INVERSE
        return self.intern_hashed(h, LITERAL, at + count, left, 0, 0)

    @cython.overflowcheck(False)
    def literal_with(self, node: cython.int, at: cython.int) -> cython.int:
        """The literal (or empty text) ``node`` with one more byte, both of which are in the text from ``at`` on."""
        count: cython.int = self.nodes[node, B] if node != EPSILON_NODE else 0
        h: cython.uint = cython.cast(cython.uint, self.nodes[node, HASH]) if count else 0
        power: cython.uint = 1
        square: cython.uint = FACTOR
        bits: cython.int = count
        while bits:
            if bits & 1:
                power *= square
            square *= square
            bits >>= 1
        h += (cython.cast(cython.uint, self.text[at + count]) + 1) * DIGIT * power
        return self.intern_hashed(h, LITERAL, at, count + 1, 0, 0)

    def byte_set(self, members: int) -> int:
        """One byte out of ``members``, a 256-bit integer: bit *b* stands for byte *b*."""
        i: cython.int
        word: cython.uint
        if members < 0 or members >> 256:
            raise ValueError("a set of bytes is an integer of 256 bits")
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
        i: cython.int = len(parts)
        while i > 0:
            i -= 1
            part = self.valid(parts[i])
            if self.nodes[part, KIND] == LITERAL:
                first: cython.int = i
                while first > 0 and self.nodes[self.valid(parts[first - 1]), KIND] == LITERAL:
                    first -= 1
                part = self.join_all(parts, first, i + 1)
                i = first
            node = self.concat2(part, node)
        return node

    def join_all(self, parts: tuple, first: cython.int, last: cython.int) -> cython.int:
        """A single literal of the literals ``parts[first:last]``. Joining them two by two would write each text as many
        times as there are others after it."""
        i: cython.int
        if last == first + 1:
            return parts[first]
        texts: list = []
        for i in range(first, last):
            at: cython.int = self.nodes[cython.cast(cython.int, parts[i]), A]
            count: cython.int = self.nodes[cython.cast(cython.int, parts[i]), B]
            texts.append(bytes(self.text[at : at + count]))
        return self.literal(b"".join(texts))

    def concat2(self, first: cython.int, second: cython.int) -> cython.int:
        """Laws: *zero*, *unit*, *associativity* (to the right), *adjacent literals join*, *star twice* (r* r* = r*),
        *options join* (r{0,a} r{0,b} = r{0,a+b}).

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
            return self.concat_parts(first, second)
        if kind == LITERAL:
            if self.nodes[second, KIND] == LITERAL:
                return self.join_literals(first, second)
            if self.nodes[second, KIND] == CONCAT and self.nodes[self.nodes[second, A], KIND] == LITERAL:
                first = self.join_literals(first, self.nodes[second, A])
                second = self.nodes[second, B]
        if kind == REPEAT and self.nodes[first, B] == 0 and self.nodes[first, C] == -1:
            if second == first or (self.nodes[second, KIND] == CONCAT and self.nodes[second, A] == first):
                return second
        elif kind == REPEAT or kind == UNION:
            kind = self.nodes[second, A] if self.nodes[second, KIND] == CONCAT else second
            if self.nodes[kind, KIND] == REPEAT or self.nodes[kind, KIND] == UNION:
                kind = self.join_options(first, kind)
                if kind >= 0:
                    if self.nodes[second, KIND] != CONCAT:
                        return kind
                    return self.concat2(kind, self.nodes[second, B])
        flags: cython.int = self.nodes[first, FLAGS] & self.nodes[second, FLAGS] & NULLABLE
        flags |= (self.nodes[first, FLAGS] | self.nodes[second, FLAGS]) & UNCERTAIN
        return self.intern(CONCAT, first, second, 0, flags)

    def join_options(self, first: cython.int, second: cython.int) -> cython.int:
        """The concatenation of r{0,a} and r{0,b}, which is r{0,a+b}; -1 for other nodes."""
        body: cython.int = self.option_of(first)
        most: cython.int
        if body < 0 or body != self.option_of(second):
            return -1
        most = self.nodes[first, C] if self.nodes[first, KIND] == REPEAT else 1
        if self.nodes[second, KIND] != REPEAT:
            most = most + 1 if most < 2147483647 else -1
        elif self.nodes[second, C] == -1:
            return second
        elif most <= 2147483647 - self.nodes[second, C]:
            most += self.nodes[second, C]
        else:
            return -1
        if most < 0:
            return -1
        return self.intern(REPEAT, body, 0, most, NULLABLE | (self.nodes[body, FLAGS] & UNCERTAIN))

    def option_of(self, node: cython.int) -> cython.int:
        """The r of r{0,n}, including n = 1 and no bound; -1 for other nodes."""
        at: cython.int = self.nodes[node, A]
        if self.nodes[node, KIND] == REPEAT:
            return at if self.nodes[node, B] == 0 else -1
        if self.nodes[node, B] != 2 or self.pool[at] != EPSILON_NODE:
            return -1
        return self.pool[at + 1]

    def concat_parts(self, first: cython.int, second: cython.int) -> cython.int:
        """``concat2`` of a concatenation, part by part from its end. No part is a concatenation itself."""
        start: cython.int = self.top
        while self.nodes[first, KIND] == CONCAT:
            self.push(self.nodes[first, A])
            first = self.nodes[first, B]
        second = self.concat2(first, second)
        while self.top > start:
            self.top -= 1
            second = self.concat2(self.stack[self.top], second)
        return second

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
