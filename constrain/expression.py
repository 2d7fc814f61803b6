"""The one intermediate representation: interned expressions and the laws they obey.

An expression denotes a set of byte strings. It is an ``int``: the index of a node in an ``Arena``,
where equal structure has equal index (hash-consing), so that a decoding state can be compared,
stored and forked for nothing. The constructors below are *smart*: they apply algebraic laws before
they intern, without which the derivatives of an expression would be infinitely many
(Brzozowski 1964, theorem 5.2; Owens, Reppy and Turon 2009, section 4.1).

Node kinds, with their three fields A, B, C:

    EMPTY         no text
    EPSILON       the empty text
    LITERAL       text[A : A+B]
    BYTE_SET      pool[A : A+8]: one byte out of a 256-bit set
    CONCAT        A, then B                       (associated to the right)
    UNION         pool[A : A+B], ascending
    INTERSECTION  pool[A : A+B], ascending
    COMPLEMENT    every byte string but those of A
    REPEAT        A, from B to C times            (C = -1: no upper bound)
    REFERENCE     the body that number A supplies when it is first needed
    CHOICE        pool[A : A+6] = table, low, high, depth, first, last: see ``Arena.choice``
    LEAF          A, a regular language whose masks are cached apart from what follows
    CAPTURE       a text of residual A, after the text B: then what handler C answers to the whole
    RECORD        the same for any A: see ``Arena.record``

The module is Cython in pure-Python mode; ``expression.pxd`` holds the C types. Memory is a handful
of growing arrays, addressed by index: a memoryview of an array is reassigned when it grows, so an
index stays good where a pointer would not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import cython
import numpy as np
from cython.cimports.libc.string import memcpy

EMPTY_NODE = 0
EPSILON_NODE = 1

EMPTY_KIND = 0
EPSILON_KIND = 1
LITERAL = 2
BYTE_SET = 3
CONCAT = 4
UNION = 5
INTERSECTION = 6
COMPLEMENT = 7
REPEAT = 8
REFERENCE = 9
CHOICE = 10
LEAF = 11
CAPTURE = 12
RECORD = 13

# Columns of ``Arena.nodes``.
KIND = 0
A = 1
B = 2
C = 3
FLAGS = 4
EDGES = 5  # offset into ``pool`` of the outgoing edges, -1 while they are not known
EDGE_COUNT = 6
HASH = 7
FIELDS = 8

# Bits of the FLAGS column.
NULLABLE = 1
UNCERTAIN = 2  # holds an intersection or a complement: may be empty without being EMPTY
KNOWN_EMPTY = 4
KNOWN_LIVE = 8
PRUNED = 16  # every edge to an empty target has been redirected to EMPTY

# Layout of a table of literals in ``pool``: count, number of its ``follow``, then the entries in
# ascending order of their bytes.
TABLE_HEADER = 2
ENTRY = 4
KEY_OFFSET = 0
KEY_LENGTH = 1
KEY_INDEX = 2
KEY_FOLLOW = 3


class Arena:
    """A growing set of interned expressions.

    ``Arena(base)`` starts as a copy of ``base``: its nodes keep their indexes, so what is cached
    for a node of the base holds in every arena made from it.
    """

    EMPTY = 0
    EPSILON = 1

    def __init__(self, base: Arena | None = None) -> None:
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

    def copy_from(self, base: Arena) -> cython.int:
        """Start as ``base``: one copy of each array, with room to grow. 8 us for 700 nodes."""
        nodes = np.empty((base.size + 128, FIELDS), np.intc)
        slots = np.empty(base.slot_mask + 1, np.intc)
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
        memcpy(cython.address(self.nodes[0, 0]), cython.address(base.nodes[0, 0]), base.size * FIELDS * 4)
        memcpy(cython.address(self.slots[0]), cython.address(base.slots[0]), (base.slot_mask + 1) * 4)
        memcpy(cython.address(self.pool[0]), cython.address(base.pool[0]), base.pool_used * 4)
        memcpy(cython.address(self.text[0]), cython.address(base.text[0]), base.text_used)
        self.references = list(base.references)
        self.bodies = list(base.bodies)
        self.follows = list(base.follows)
        self.handlers = list(base.handlers)
        self.handler_numbers = dict(base.handler_numbers)
        return 0

    # -- storage ------------------------------------------------------------------------------

    def reserve_pool(self, count: cython.int) -> None:
        if self.pool_used + count > self.pool.shape[0]:
            self.pool = _enlarged(np.asarray(self.pool), 2 * (self.pool_used + count))

    def reserve_text(self, count: cython.int) -> None:
        if self.text_used + count > self.text.shape[0]:
            self.text = _enlarged(np.asarray(self.text), 2 * (self.text_used + count))

    def push(self, value: cython.int) -> None:
        """Push onto the scratch stack, where n-ary constructors collect their parts."""
        if self.top == self.stack.shape[0]:
            self.stack = _enlarged(np.asarray(self.stack), 2 * self.top)
        self.stack[self.top] = value
        self.top += 1

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
        if node == self.nodes.shape[0]:
            self.nodes = _enlarged(np.asarray(self.nodes), 2 * node)
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
        self.slot_mask = 4 * (self.slot_mask + 1) - 1
        self.slots = np.full(self.slot_mask + 1, -1, np.intc)
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

    # -- union and intersection ---------------------------------------------------------------

    def union(self, parts: Iterable[int]) -> int:
        """The texts of any part."""
        start: cython.int = self.top
        part: cython.int
        for part in parts:
            self.push(part)
        return self.union_of_stack(start)

    def union2(self, first: cython.int, second: cython.int) -> cython.int:
        if first == second or second == EMPTY_NODE:
            return first
        if first == EMPTY_NODE:
            return second
        start: cython.int = self.top
        self.push(first)
        self.push(second)
        return self.union_of_stack(start)

    def union_of_stack(self, start: cython.int) -> cython.int:
        """The union of ``stack[start:top]``, which is popped.

        Laws: *associativity*, *commutativity*, *idempotence*, *zero*, *absorption* (by all texts,
        of epsilon by a nullable part), *byte sets join*, *left factoring* (hx | hy = h(x | y)).
        """
        i: cython.int
        count: cython.int
        node: cython.int
        flags: cython.int = 0
        keep: cython.int = start
        nullable: cython.bint = False
        self.flatten(start, UNION)
        for i in range(start, self.top):
            node = self.stack[i]
            if self.nodes[node, KIND] == COMPLEMENT and self.nodes[node, A] == EMPTY_NODE:
                self.top = start
                return node
            if node > EPSILON_NODE and self.nodes[node, FLAGS] & NULLABLE:
                nullable = True
        for i in range(start, self.top):
            node = self.stack[i]
            if node != EMPTY_NODE and not (node == EPSILON_NODE and nullable):
                self.stack[keep] = node
                keep += 1
        self.top = keep
        if keep - start > 1:
            self.sort_unique(start)
            self.merge_byte_sets(start)
            self.factor_heads(start)
            self.sort_unique(start)
        count = self.top - start
        if count < 2:
            node = self.stack[start] if count else EMPTY_NODE
            self.top = start
            return node
        self.reserve_pool(count)
        for i in range(count):
            node = self.stack[start + i]
            self.pool[self.pool_used + i] = node
            flags |= self.nodes[node, FLAGS] & (NULLABLE | UNCERTAIN)
        self.top = start
        return self.intern_pool(UNION, count, flags)

    def flatten(self, start: cython.int, kind: cython.int) -> None:
        """Replace each node of ``kind`` in ``stack[start:top]`` by its parts."""
        i: cython.int
        j: cython.int
        node: cython.int
        for i in range(start, self.top):
            node = self.stack[i]
            if self.nodes[node, KIND] == kind:
                self.stack[i] = self.pool[self.nodes[node, A]]
                for j in range(1, self.nodes[node, B]):
                    self.push(self.pool[self.nodes[node, A] + j])

    def sort_unique(self, start: cython.int) -> None:
        """Sort ``stack[start:top]`` and drop doubles. Insertion sort: parts are few or nearly sorted."""
        i: cython.int
        j: cython.int
        value: cython.int
        if self.top - start > 64:
            values: list = sorted(set(np.asarray(self.stack)[start : self.top].tolist()))
            for i in range(len(values)):
                self.stack[start + i] = values[i]
            self.top = start + cython.cast(cython.int, len(values))
            return
        for i in range(start + 1, self.top):
            value = self.stack[i]
            j = i
            while j > start and self.stack[j - 1] > value:
                self.stack[j] = self.stack[j - 1]
                j -= 1
            self.stack[j] = value
        j = start
        for i in range(start, self.top):
            if i == start or self.stack[i] != self.stack[j - 1]:
                self.stack[j] = self.stack[i]
                j += 1
        self.top = j

    def byte_set_bits(self, node: cython.int) -> cython.bint:
        """Or the set of one-byte ``node`` into the 8 words beyond ``pool_used``; False for other nodes."""
        i: cython.int
        byte: cython.int
        kind: cython.int = self.nodes[node, KIND]
        if kind == LITERAL and self.nodes[node, B] == 1:
            byte = self.text[self.nodes[node, A]]
            self.pool[self.pool_used + (byte >> 5)] |= cython.cast(
                cython.int, cython.cast(cython.uint, 1) << (byte & 31)
            )
            return True
        if kind == BYTE_SET:
            for i in range(8):
                self.pool[self.pool_used + i] |= self.pool[self.nodes[node, A] + i]
            return True
        return False

    def merge_byte_sets(self, start: cython.int) -> None:
        i: cython.int
        count: cython.int = 0
        keep: cython.int = start
        self.reserve_pool(8)
        for i in range(8):
            self.pool[self.pool_used + i] = 0
        for i in range(start, self.top):
            if self.byte_set_bits(self.stack[i]):
                count += 1
        if count < 2:
            return
        for i in range(start, self.top):
            if self.nodes[self.stack[i], KIND] != BYTE_SET and not (
                self.nodes[self.stack[i], KIND] == LITERAL and self.nodes[self.stack[i], B] == 1
            ):
                self.stack[keep] = self.stack[i]
                keep += 1
        self.top = keep
        self.push(self.set_of_pool())

    def factor_heads(self, start: cython.int) -> None:
        """Left factoring in ``stack[start:top]``: h x | h y | h = h (x | y | epsilon)."""
        i: cython.int
        j: cython.int
        inner: cython.int
        head: cython.int
        other: cython.int
        end: cython.int = self.top
        keep: cython.int = start
        for i in range(start, end):
            if self.stack[i] < 0:
                continue
            head = self.stack[i]
            if self.nodes[head, KIND] == CONCAT:
                head = self.nodes[head, A]
            inner = self.top
            for j in range(i + 1, end):
                other = self.stack[j]
                if other < 0:
                    continue
                if other == head:
                    self.push(EPSILON_NODE)
                elif self.nodes[other, KIND] == CONCAT and self.nodes[other, A] == head:
                    self.push(self.nodes[other, B])
                else:
                    continue
                self.stack[j] = -1
            if self.top > inner:
                self.push(self.nodes[self.stack[i], B] if self.stack[i] != head else EPSILON_NODE)
                other = self.union_of_stack(inner)
                self.stack[keep] = self.concat2(head, other)
            else:
                self.stack[keep] = self.stack[i]
            keep += 1
        self.top = keep

    def intersection(self, parts: Iterable[int]) -> int:
        """The texts of every part. At least one part must be given."""
        start: cython.int = self.top
        part: cython.int
        for part in parts:
            self.push(part)
        return self.intersection_of_stack(start)

    def intersection_of_stack(self, start: cython.int) -> cython.int:
        """Laws: *associativity*, *commutativity*, *idempotence*, *zero*, *unit* (all texts), *epsilon*."""
        i: cython.int
        count: cython.int
        node: cython.int
        keep: cython.int = start
        flags: cython.int = NULLABLE | UNCERTAIN
        epsilon: cython.bint = False
        self.flatten(start, INTERSECTION)
        for i in range(start, self.top):
            node = self.stack[i]
            if node == EMPTY_NODE:
                self.top = start
                return EMPTY_NODE
            if node == EPSILON_NODE:
                epsilon = True
            if not self.nodes[node, FLAGS] & NULLABLE:
                flags = UNCERTAIN
            if not (self.nodes[node, KIND] == COMPLEMENT and self.nodes[node, A] == EMPTY_NODE):
                self.stack[keep] = node
                keep += 1
        self.top = keep
        if epsilon:
            self.top = start
            return EPSILON_NODE if flags & NULLABLE else EMPTY_NODE
        self.sort_unique(start)
        count = self.top - start
        if count < 2:
            node = self.stack[start] if count else self.complement(EMPTY_NODE)
            self.top = start
            return node
        self.reserve_pool(count)
        for i in range(count):
            self.pool[self.pool_used + i] = self.stack[start + i]
        self.top = start
        return self.intern_pool(INTERSECTION, count, flags)

    def complement(self, body: int) -> int:
        """Every byte string that ``body`` does not accept. Law: *double complement*."""
        node: cython.int = body
        if self.nodes[node, KIND] == COMPLEMENT:
            return self.nodes[node, A]
        flags: cython.int = UNCERTAIN if node != EMPTY_NODE else 0
        if not self.nodes[node, FLAGS] & NULLABLE:
            flags |= NULLABLE
        return self.intern(COMPLEMENT, node, 0, 0, flags)

    # -- repetition ---------------------------------------------------------------------------

    def repeat(self, body: int, least: int = 0, most: int | None = None) -> int:
        """From ``least`` to ``most`` texts of ``body`` (``None``: no upper bound), never unrolled."""
        return self.repeat_of(body, least, -1 if most is None else most)

    def repeat_of(self, body: cython.int, least: cython.int, most: cython.int) -> cython.int:
        """Laws: *zero*, *unit*, *once*, *nullable body* (may be left out), *star of star*."""
        flags: cython.int
        if most >= 0 and least > most:
            return EMPTY_NODE
        if most == 0 or body == EPSILON_NODE:
            return EPSILON_NODE
        if body == EMPTY_NODE:
            return EPSILON_NODE if least == 0 else EMPTY_NODE
        if self.nodes[body, FLAGS] & NULLABLE:
            least = 0
        if most == 1:
            return body if least == 1 else self.union2(body, EPSILON_NODE)
        if self.nodes[body, KIND] == REPEAT and self.nodes[body, B] == 0 and self.nodes[body, C] == -1:
            return body
        flags = self.nodes[body, FLAGS] & UNCERTAIN
        if least == 0:
            flags |= NULLABLE
        return self.intern(REPEAT, body, least, most, flags)

    # -- references ---------------------------------------------------------------------------

    def reference(self, expand: Callable[[Any], int], nullable: bool = False) -> int:
        """A language whose body ``expand(arena)`` supplies when it is first needed.

        The caller answers for three things: ``nullable`` says whether the body accepts the empty
        text; the body is not empty; and no body reaches its own reference before a byte is read
        (no left recursion).
        """
        self.references.append(expand)
        self.bodies.append(-1)
        flags: cython.int = NULLABLE if nullable else 0
        return self.intern(REFERENCE, len(self.references) - 1, 0, 0, flags)

    def body_of(self, reference: cython.int) -> cython.int:
        number: cython.int = self.nodes[reference, A]
        body: cython.int = self.bodies[number]
        if body < 0:
            body = self.references[number](self)
            if self.is_nullable(body) != self.is_nullable(reference):
                raise AssertionError("a reference was declared with the wrong nullability")
            if body == EMPTY_NODE:
                raise AssertionError("a reference has an empty body")
            self.bodies[number] = body
        return body

    # -- tables of literals -------------------------------------------------------------------

    def table(self, keys: Sequence[bytes], follow: Callable[[Any, int], int] | None = None) -> int:
        """A table for ``choice``: distinct, non-empty ``keys`` and what follows each.

        ``follow(arena, i)`` supplies the continuation of ``keys[i]`` when it is first needed, never
        ``EMPTY``; without it the continuation is the empty text. Returns the table's number.
        """
        count: cython.int = len(keys)
        order = sorted(range(count), key=keys.__getitem__)
        self.reserve_pool(TABLE_HEADER + ENTRY * count)
        table: cython.int = self.pool_used
        at: cython.int = table + TABLE_HEADER
        i: cython.int
        self.pool_used += TABLE_HEADER + ENTRY * count
        self.pool[table] = count
        self.pool[table + 1] = len(self.follows)
        self.follows.append(follow)
        for index in order:
            data = cython.cast(bytes, keys[index])
            self.reserve_text(len(data))
            for i in range(len(data)):
                self.text[self.text_used + i] = data[i]
            self.pool[at + KEY_OFFSET] = self.text_used
            self.pool[at + KEY_LENGTH] = len(data)
            self.pool[at + KEY_INDEX] = index
            self.pool[at + KEY_FOLLOW] = -1 if follow is not None else EPSILON_NODE
            self.text_used += len(data)
            at += ENTRY
        return table

    def choice(self, table: int, first: int = 0, last: int | None = None) -> int:
        """Any ``keys[i]`` with ``first <= i <= last``, then its continuation.

        As the bytes of a key are read, the interval [low, high) of table entries in ascending
        order shrinks: thousands of keys cost one search a byte, and no expression of their own.
        """
        count: cython.int = self.pool[table]
        return self.choice_of(table, 0, count, 0, first, count - 1 if last is None else last)

    def choice_of(
        self,
        table: cython.int,
        low: cython.int,
        high: cython.int,
        depth: cython.int,
        first: cython.int,
        last: cython.int,
    ) -> cython.int:
        """Entries [low, high), ``depth`` bytes of which are read. Law: a single entry is a literal."""
        at: cython.int = table + TABLE_HEADER
        index: cython.int
        while low < high:
            index = self.pool[at + ENTRY * low + KEY_INDEX]
            if first <= index and index <= last:
                break
            low += 1
        while low < high:
            index = self.pool[at + ENTRY * (high - 1) + KEY_INDEX]
            if first <= index and index <= last:
                break
            high -= 1
        if low >= high:
            return EMPTY_NODE
        if self.pool[at + ENTRY * low + KEY_LENGTH] == depth:  # finished: only the first one can be
            index = self.follow_of(table, low)
            return self.union2(index, self.choice_of(table, low + 1, high, depth, first, last))
        if low == high - 1:
            at += ENTRY * low
            index = self.literal_at(self.pool[at + KEY_OFFSET] + depth, self.pool[at + KEY_LENGTH] - depth)
            return self.concat2(index, self.follow_of(table, low))
        self.reserve_pool(6)
        at = self.pool_used
        self.pool[at] = table
        self.pool[at + 1] = low
        self.pool[at + 2] = high
        self.pool[at + 3] = depth
        self.pool[at + 4] = first
        self.pool[at + 5] = last
        return self.intern_pool(CHOICE, 6, 0)

    def follow_of(self, table: cython.int, position: cython.int) -> cython.int:
        """The continuation of the entry at ``position`` of a table."""
        at: cython.int = table + TABLE_HEADER + ENTRY * position
        node: cython.int = self.pool[at + KEY_FOLLOW]
        if node < 0:
            node = self.follows[self.pool[table + 1]](self, self.pool[at + KEY_INDEX])
            if node == EMPTY_NODE:
                raise AssertionError("the continuation of a key is empty")
            self.pool[at + KEY_FOLLOW] = node
        return node

    # -- leaves and captures ------------------------------------------------------------------

    def leaf(self, body: int) -> int:
        """The regular language ``body``, marked: its masks are cached apart from what follows it."""
        return self.leaf_of(body)

    def leaf_of(self, body: cython.int) -> cython.int:
        kind: cython.int = self.nodes[body, KIND]
        if body <= EPSILON_NODE or kind == LITERAL or kind == LEAF:
            return body
        return self.intern(LEAF, body, 0, 0, self.nodes[body, FLAGS] & (NULLABLE | UNCERTAIN))

    def capture(self, leaf: int, handler: Any) -> int:
        """Texts *k w* with *k* in ``leaf`` and *w* in ``handler.complete(arena, k)``.

        ``leaf`` is prefix-free (no member is a proper prefix of another), and has infinitely many
        members with any prefix that it has at all. ``handler.special`` is a collection of texts *k*
        that may be answered in any way, ``EMPTY`` included; for all others the answer is
        ``concat(handler.common, x)`` with some ``x`` that is not empty.
        Equal handlers give one node. ``handler.begins`` is 0, or else the handler answers what ``record``
        asks for, and ``common`` does not matter.
        """
        number = self.number_of(handler)
        node: cython.int = leaf
        if self.nodes[node, KIND] == LEAF:
            node = self.nodes[node, A]
        return self.capture_of(node, EPSILON_NODE, number)

    def record(self, body: int, handler: Any) -> int:
        """Texts *k w* with *k* in ``body`` and *w* in ``handler.complete(arena, k)``, which is never ``EMPTY``.

        ``body`` is any expression that does not accept the empty text. ``handler.begins`` holds every
        byte that an answer may begin with, as a 256-bit integer; no answer accepts the empty text.
        Handlers with equal ``handler.common``, an expression, give answers that use the same bytes.
        Equal handlers give one node. For masks, ``handler.answer_to_any(arena)`` is all that may follow some
        text (``EMPTY``: unknown), ``is_common(arena, beginning)`` whether a beginning of that may follow every
        text, and ``string_at_end(beginning)`` the text noted last in it, if equal values are equal texts.
        """
        return self.record_of(body, EPSILON_NODE, self.number_of(handler))

    def record_of(self, residual: cython.int, text: cython.int, handler: cython.int) -> cython.int:
        return self.intern(RECORD, residual, text, handler, 0)

    def number_of(self, handler: Any) -> int:
        number = self.handler_numbers.get(handler)
        if number is None:
            number = self.handler_numbers[handler] = len(self.handlers)
            self.handlers.append(handler)
        return number

    def extended(self, text: cython.int, byte: cython.int) -> cython.int:
        """The literal (or empty text) ``text`` and one more byte, in place where nothing has been written behind it."""
        at: cython.int = self.text_used
        count: cython.int = 0
        node: cython.int
        if text != EPSILON_NODE:
            count = self.nodes[text, B]
            at = self.nodes[text, A]
        self.reserve_text(count + 1)
        if at + count != self.text_used:
            memcpy(cython.address(self.text[self.text_used]), cython.address(self.text[at]), count)
            at = self.text_used
        self.text[at + count] = byte
        node = self.literal_at(at, count + 1)
        if self.nodes[node, A] == at:
            self.text_used = at + count + 1
        return node

    def capture_of(self, residual: cython.int, text: cython.int, handler: cython.int) -> cython.int:
        return self.intern(CAPTURE, residual, text, handler, 0)


def _enlarged(array: np.ndarray, size: int) -> np.ndarray:
    """A copy of ``array`` with room for ``size`` rows."""
    larger = np.empty((size, *array.shape[1:]), array.dtype)
    larger[: array.shape[0]] = array
    return larger
