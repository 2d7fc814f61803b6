"""Unions and intersections, and the laws that keep their parts few.

Without left factoring, the states of an ``anyOf`` of similar objects would double with every byte.
"""

from __future__ import annotations

from collections.abc import Iterable

import cython
import numpy as np
from cython.cimports.constrain.expression.inclusion import Inclusion
from cython.cimports.constrain.expression.nodes import (
    BYTE_SET,
    COMPLEMENT,
    CONCAT,
    EMPTY_NODE,
    EPSILON_NODE,
    FLAGS,
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

# Up to this many repetitions in one union are compared with each other.
MOST_COUNTED = cython.declare(cython.int, 16)

# After how many parts that may be empty the rest is compared with the other parts of the union.
MOST_PASSED = cython.declare(cython.int, 8)


class Alternatives(Inclusion):
    """Nodes with unions, intersections and complements."""

    # -- union and intersection ---------------------------------------------------------------

    def union(self, parts: Iterable[int]) -> int:
        """The texts of any part."""
        start: cython.int = self.top
        for part in parts:
            self.push(self.valid(part))
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
        of epsilon by a nullable part), *byte sets join*, *left factoring* (hx | hy = h(x | y)),
        *left out* (x y | y = x y if x may be empty), *narrower repetition* (r{a,b} t | r{c,d} t = r{c,d} t if
        [a,b] is within [c,d]), *inclusion* where it shows (``inclusion``).
        """
        node: cython.int = self.union_begun(start)
        return self.factor_heads(start) if node < 0 else node

    def union_begun(self, start: cython.int) -> cython.int:
        """Apply all laws except left factoring; return the union if they determine it, else -1."""
        i: cython.int
        node: cython.int
        keep: cython.int = start
        nullable: cython.bint = False
        self.flatten(start, UNION)
        self.meter.count(self.top - start)
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
            self.drop_left_out(start)
            self.merge_byte_sets(start)
            self.drop_narrower_repeats(start)
            self.drop_included(start)
        if self.top - start > 1:
            return -1
        node = self.stack[start] if self.top > start else EMPTY_NODE
        self.top = start
        return node

    def union_of_factors(self, start: cython.int) -> cython.int:
        """The union of ``stack[start:top]``, no two parts of which have the same head."""
        i: cython.int
        node: cython.int
        flags: cython.int = 0
        self.sort_unique(start)
        count: cython.int = self.top - start
        self.top = start
        if count < 2:
            return self.stack[start]
        self.reserve_pool(count)
        for i in range(count):
            node = self.stack[start + i]
            self.pool[self.pool_used + i] = node
            flags |= self.nodes[node, FLAGS] & (NULLABLE | UNCERTAIN)
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
        """Sort ``stack[start:top]`` and drop duplicates. Insertion sort serves, since parts are few or nearly
        sorted."""
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

    def drop_left_out(self, start: cython.int) -> cython.int:
        """Drop from ``stack[start:top]``, which is sorted, each part that remains of another one after some leading
        parts that may be empty.

        Otherwise the rest of ``x?y?x?y?...`` would be the union of all its suffixes, each of which has as many
        suffixes.
        """
        i: cython.int
        node: cython.int
        at: cython.int
        passed: cython.int
        keep: cython.int = start
        for i in range(start, self.top):
            node = self.stack[i]
            node = max(node, -node)
            passed = 0
            while (
                passed < MOST_PASSED
                and self.nodes[node, KIND] == CONCAT
                and self.nodes[self.nodes[node, A], FLAGS] & NULLABLE
            ):
                node = self.nodes[node, B]
                passed += 1
                at = self.place_of(node, start)
                if at >= 0:
                    self.stack[at] = -node
        for i in range(start, self.top):
            if self.stack[i] >= 0:
                self.stack[keep] = self.stack[i]
                keep += 1
        self.top = keep
        return 0

    def place_of(self, node: cython.int, start: cython.int) -> cython.int:
        """The position of ``node`` in ``stack[start:top]``, whose absolute values are ascending; -1 if it is not
        there."""
        low: cython.int = start
        high: cython.int = self.top
        middle: cython.int
        other: cython.int
        while low < high:
            middle = (low + high) >> 1
            other = self.stack[middle]
            if max(other, -other) < node:
                low = middle + 1
            else:
                high = middle
        if low == self.top:
            return -1
        other = self.stack[low]
        return low if max(other, -other) == node else -1

    def drop_narrower_repeats(self, start: cython.int) -> None:
        """Drop each part of ``stack[start:top]`` that begins with a repetition and is included in another one.

        Otherwise the states of nested counters such as ``(.{1,63}[.]){1,127}`` would be sets of counters. Where there
        are many such parts, as in a search for ``x{162}``, none is included in another, and they are kept.
        """
        i: cython.int
        j: cython.int
        count: cython.int = 0
        keep: cython.int = start
        for i in range(start, self.top):
            count += self.is_counted(self.stack[i])
            if count > MOST_COUNTED:
                return
        if count < 2:
            return
        for i in range(start, self.top):
            if self.is_counted(self.stack[i]):
                for j in range(start, self.top):
                    if i != j and self.has_narrower(self.stack[j], self.stack[i]):
                        break
                else:
                    self.stack[keep] = self.stack[i]
                    keep += 1
            else:
                self.stack[keep] = self.stack[i]
                keep += 1
        self.top = keep

    def drop_included(self, start: cython.int) -> cython.int:
        """Drop each part of ``stack[start:top]`` that is seen to be included in another one."""
        i: cython.int
        j: cython.int
        node: cython.int
        count: cython.int = 0
        keep: cython.int = start
        for i in range(start, self.top):
            node = self.stack[i]
            count += self.nodes[node, KIND] == INTERSECTION or self.is_star(
                self.nodes[node, A] if self.nodes[node, KIND] == CONCAT else node
            )
        if not 0 < count <= MOST_COUNTED:
            return 0
        for i in range(start, self.top):
            for j in range(start, self.top):
                if i != j and self.stack[j] >= 0 and self.is_part_of(self.stack[i], self.stack[j]):
                    self.stack[i] = -1
                    break
        for i in range(start, self.top):
            if self.stack[i] >= 0:
                self.stack[keep] = self.stack[i]
                keep += 1
        self.top = keep
        return 0

    def is_counted(self, node: cython.int) -> cython.bint:
        return self.nodes[node, KIND] == CONCAT and self.nodes[self.nodes[node, A], KIND] == REPEAT

    def has_narrower(self, node: cython.int, other: cython.int) -> cython.bint:
        """Whether ``node`` is r{c,d} t and ``other`` is r{a,b} t, [a,b] within [c,d]."""
        return (
            self.is_counted(node)
            and self.nodes[node, B] == self.nodes[other, B]
            and self.is_wider(self.nodes[node, A], self.nodes[other, A])
        )

    def byte_set_bits(self, node: cython.int) -> cython.bint:
        """Or the set of ``node``, if it is one byte, into the 8 words beyond ``pool_used``; return False for other
        nodes."""
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

    def factor_heads(self, start: cython.int) -> cython.int:
        """The union of ``stack[start:top]`` by left factoring: h x | h y | h = h (x | y | epsilon).

        What follows a head is another union, which may have common heads in turn, down to the length of the texts. So
        the remaining work of the outer unions is kept on a stack.
        """
        outermost: cython.int = self.frame_top
        i: cython.int = start
        keep: cython.int = start
        end: cython.int = self.top
        head: cython.int
        inner: cython.int
        node: cython.int = -1
        grouped: cython.bint = self.sort_by_head(start)
        while True:
            if node >= 0:
                if self.frame_top == outermost:
                    return node
                head = self.pop_frame()
                grouped = self.pop_frame() != 0
                end = self.pop_frame()
                keep = self.pop_frame()
                i = self.pop_frame() + 1
                start = self.pop_frame()
                self.stack[keep] = self.concat2(head, node)
                keep += 1
                node = -1
            elif i == end:
                self.top = keep
                node = self.union_of_factors(start)
            elif self.stack[i] < 0:
                i += 1
            else:
                inner = self.top
                head = self.push_tails(i, end, grouped)
                if self.top == inner:
                    self.stack[keep] = self.stack[i]
                    keep += 1
                    i += 1
                    continue
                self.push_frame(start)
                self.push_frame(i)
                self.push_frame(keep)
                self.push_frame(end)
                self.push_frame(grouped)
                self.push_frame(head)
                start = inner
                node = self.union_begun(start)
                if node < 0:
                    i = keep = start
                    end = self.top
                    grouped = self.sort_by_head(start)

    def push_tails(self, i: cython.int, end: cython.int, grouped: cython.bint) -> cython.int:
        """Take the parts of ``stack[i + 1 : end]`` that have the same head as ``stack[i]``, if there are any, and push
        what follows the head in each of them and in ``stack[i]``. Returns the head."""
        j: cython.int
        other: cython.int
        inner: cython.int = self.top
        head: cython.int = self.stack[i]
        if self.nodes[head, KIND] == CONCAT:
            head = self.nodes[head, A]
        for j in range(i + 1, end):
            other = self.stack[j]
            if other < 0:
                continue
            if other == head:
                self.push(EPSILON_NODE)
            elif self.nodes[other, KIND] == CONCAT and self.nodes[other, A] == head:
                self.push(self.nodes[other, B])
            elif grouped:
                break
            else:
                continue
            self.stack[j] = -1
        if self.top > inner:
            self.push(self.nodes[self.stack[i], B] if self.stack[i] != head else EPSILON_NODE)
        return head

    def sort_by_head(self, start: cython.int) -> cython.bint:
        """Sort ``stack[start:top]``, if it is long, by what ``factor_heads`` compares; return whether it was long.
        Comparing all pairs of 35,000 arms would take seconds."""
        if self.top - start <= 64:
            return False
        nodes = np.asarray(self.nodes)
        parts = np.asarray(self.stack)[start : self.top]
        heads = np.where(nodes[parts, KIND] == CONCAT, nodes[parts, A], parts)
        parts[:] = parts[np.argsort(heads, kind="stable")]
        return True

    def intersection(self, parts: Iterable[int]) -> int:
        """The texts of every part. At least one part must be given."""
        start: cython.int = self.top
        for part in parts:
            self.push(self.valid(part))
        if self.top == start:
            raise ValueError("an intersection of nothing")
        return self.intersection_of_stack(start)

    def intersection_of_stack(self, start: cython.int) -> cython.int:
        """Laws: *associativity*, *commutativity*, *idempotence*, *zero*, *unit* (all texts), *epsilon*,
        *wider repetition* (r{a,b} & r{c,d} = r{a,b} if [a,b] is within [c,d], also after a common head; x & r{0,} = x
        where all of x is seen to be made of r)."""
        i: cython.int
        count: cython.int
        node: cython.int
        keep: cython.int = start
        flags: cython.int = NULLABLE | UNCERTAIN
        epsilon: cython.bint = False
        self.flatten(start, INTERSECTION)
        self.meter.count(self.top - start)
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
        self.drop_wider_repeats(start)
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

    def drop_wider_repeats(self, start: cython.int) -> cython.int:
        """Drop each repetition in ``stack[start:top]`` that includes another one."""
        i: cython.int
        j: cython.int
        node: cython.int
        other: cython.int
        keep: cython.int = start
        for i in range(start, self.top):
            node = self.stack[i]
            for j in range(start, self.top):
                other = self.stack[j]
                if i == j or other < 0:
                    continue
                if self.is_wider(node, other) or (self.is_star(node) and self.is_made_of(other, node)):
                    self.stack[i] = -1
                    break
        for i in range(start, self.top):
            if self.stack[i] >= 0:
                self.stack[keep] = self.stack[i]
                keep += 1
        self.top = keep
        return 0

    def is_wider(self, node: cython.int, other: cython.int) -> cython.bint:
        """Whether ``node`` is r{c,d} and ``other`` r{a,b} with [a,b] within [c,d], or both after equal heads."""
        while (
            self.nodes[node, KIND] == CONCAT
            and self.nodes[other, KIND] == CONCAT
            and self.nodes[node, A] == self.nodes[other, A]
        ):
            node = self.nodes[node, B]
            other = self.nodes[other, B]
        if self.nodes[node, KIND] != REPEAT or self.nodes[other, KIND] != REPEAT:
            return False
        if self.nodes[node, A] != self.nodes[other, A] or self.nodes[node, B] > self.nodes[other, B]:
            return False
        return self.nodes[node, C] < 0 or 0 <= self.nodes[other, C] <= self.nodes[node, C]

    def complement(self, body: int) -> int:
        """Every byte string that ``body`` does not accept. Law: *double complement*."""
        node: cython.int = self.valid(body)
        if self.nodes[node, KIND] == COMPLEMENT:
            return self.nodes[node, A]
        flags: cython.int = UNCERTAIN if node != EMPTY_NODE else 0
        if not self.nodes[node, FLAGS] & NULLABLE:
            flags |= NULLABLE
        return self.intern(COMPLEMENT, node, 0, 0, flags)
