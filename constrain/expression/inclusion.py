"""Inclusion that can be seen from the shapes of expressions. Nothing is derived, and False does not mean that inclusion
fails.

After an a is read, ``.* a .*`` leaves ``.*`` or ``.* a .*``, which is the same as ``.*`` alone. That the second arm is
included in the first can be seen from its parts, which are all made of characters. Otherwise a pattern that has been
found would still be searched for, and the states of several patterns together would double with each pattern.
"""

from __future__ import annotations

import cython
from cython.cimports.constrain.expression.interning import Interning
from cython.cimports.constrain.expression.nodes import (
    BYTE_SET,
    CONCAT,
    EMPTY_NODE,
    EPSILON_NODE,
    FLAGS,
    INTERSECTION,
    KIND,
    LITERAL,
    REPEAT,
    UNCERTAIN,
    UNION,
    A,
    B,
    C,
)

# How deeply nested unions are examined. Beyond this depth the answer is False, which does not mean that inclusion
# fails.
DEEPEST = cython.declare(cython.int, 50)


class Inclusion(Interning):
    """Nodes, some of which are seen to be included in others."""

    def __init__(self, base: Inclusion | None = None) -> None:
        Interning.__init__(self, base)
        self.made_of = {}

    def is_star(self, node: cython.int) -> cython.bint:
        """Whether ``node`` is ``x{0,}``."""
        return self.nodes[node, KIND] == REPEAT and self.nodes[node, B] == 0 and self.nodes[node, C] == -1

    def is_made_of(self, node: cython.int, star: cython.int) -> cython.bint:
        """Whether all texts of ``node`` are seen to be texts of ``star``, which is ``x{0,}``."""
        known: cython.int = self.known_made_of(node, star)
        return known != 0 if known >= 0 else self.find_made_of(node, star)

    def known_made_of(self, node: cython.int, star: cython.int) -> cython.int:
        """The answer of ``is_made_of`` if it is known or evident; else -1."""
        kind: cython.int = self.nodes[node, KIND]
        if node <= EPSILON_NODE or node == star or node == self.nodes[star, A]:
            return 1
        known = self.made_of.get(cython.cast(cython.longlong, star) << 32 | node)
        if known is not None:
            return 1 if known else 0
        if self.nodes[self.nodes[star, A], KIND] == UNION and self.is_among(node, self.nodes[star, A]):
            return 1
        if kind == LITERAL or kind == BYTE_SET:
            return self.has_bytes(self.nodes[star, A], node)
        if kind == REPEAT or kind == CONCAT or kind == UNION or kind == INTERSECTION:
            return -1
        return 0

    def find_made_of(self, node: cython.int, star: cython.int) -> cython.bint:
        """``is_made_of``, part by part: for an intersection, one part suffices. The stack holds two ints for each node
        that is examined, however deep: the node, and how many of its parts have been examined."""
        start: cython.int = self.top
        answer: cython.int = -1
        asked: cython.int
        one: cython.int
        self.push(node)
        self.push(0)
        while self.top > start:
            node = self.stack[self.top - 2]
            asked = self.stack[self.top - 1]
            one = self.nodes[node, KIND] == INTERSECTION
            if asked and (answer == one or asked == self.part_count(node)):
                self.made_of[cython.cast(cython.longlong, star) << 32 | node] = answer != 0
                self.top -= 2
                continue
            self.stack[self.top - 1] = asked + 1
            node = self.part_at(node, asked)
            answer = self.known_made_of(node, star)
            if answer < 0:
                self.push(node)
                self.push(0)
        return answer != 0

    def part_count(self, node: cython.int) -> cython.int:
        """How many parts a concatenation, union, intersection, repetition, leaf or complement has."""
        kind: cython.int = self.nodes[node, KIND]
        if kind == UNION or kind == INTERSECTION:
            return self.nodes[node, B]
        return 2 if kind == CONCAT else 1

    def part_at(self, node: cython.int, i: cython.int) -> cython.int:
        kind: cython.int = self.nodes[node, KIND]
        if kind == UNION or kind == INTERSECTION:
            return self.pool[self.nodes[node, A] + i]
        return self.nodes[node, B] if i else self.nodes[node, A]

    def parts_first(self, node: cython.int, known: dict, certain: cython.bint) -> list[int]:
        """``node`` and all that it is made of, without what ``known`` has, each after its parts. In this order,
        something can be computed for each node from the results for its parts, without recursion. If ``certain``, the
        parts of nodes that may be empty without being ``EMPTY`` are left out."""
        found: list = []
        seen: set = set()
        start: cython.int = self.top
        kind: cython.int
        i: cython.int
        self.push(node)
        while self.top > start:
            node = self.stack[self.top - 1]
            if node < 0:
                found.append(-node)
                self.top -= 1
                continue
            if node in seen or node in known:
                self.top -= 1
                continue
            seen.add(node)
            self.stack[self.top - 1] = -node
            kind = self.nodes[node, KIND]
            if certain and self.nodes[node, FLAGS] & UNCERTAIN:
                continue
            if kind == CONCAT or kind == REPEAT or kind == UNION or kind == INTERSECTION:
                for i in range(self.part_count(node)):
                    self.push(self.part_at(node, i))
        return found

    def is_among(self, node: cython.int, whole: cython.int) -> cython.bint:
        """Whether ``node`` is one of the parts of ``whole``, a union or an intersection."""
        i: cython.int
        for i in range(self.nodes[whole, B]):
            if self.pool[self.nodes[whole, A] + i] == node:
                return True
        return False

    def has_bytes(self, characters: cython.int, node: cython.int) -> cython.bint:
        """Whether each byte in ``node``, a literal or a byte set, is a text of ``characters``."""
        kind: cython.int = self.nodes[characters, KIND]
        at: cython.int = self.nodes[node, A]
        set_at: cython.int = self.nodes[characters, A]
        i: cython.int
        byte: cython.int
        if kind == UNION:
            for i in range(self.nodes[characters, B]):
                if self.has_bytes(self.pool[set_at + i], node):
                    return True
        if kind != BYTE_SET:
            return False
        if self.nodes[node, KIND] == BYTE_SET:
            for i in range(8):
                if self.pool[at + i] & ~self.pool[set_at + i]:
                    return False
            return True
        for i in range(self.nodes[node, B]):
            byte = self.text[at + i]
            if not (cython.cast(cython.uint, self.pool[set_at + (byte >> 5)]) >> (byte & 31)) & 1:
                return False
        return True

    def is_part_of(self, node: cython.int, other: cython.int) -> cython.bint:
        """Whether all texts of ``node`` are seen to be texts of ``other``: of x{0,}, of x{0,} followed by something, or
        of an intersection of fewer conditions."""
        star: cython.int = other
        tail: cython.int = EPSILON_NODE
        if self.nodes[node, KIND] == INTERSECTION and self.has_conditions(node, other):
            return True
        if self.nodes[other, KIND] == CONCAT:
            star = self.nodes[other, A]
            tail = self.nodes[other, B]
        return self.is_star(star) and self.is_spelled(node, star, tail, 0)

    def is_spelled(
        self, node: cython.int, star: cython.int, tail: cython.int, depth: cython.int
    ) -> cython.bint:
        """Whether all texts of ``node`` are seen to be texts of ``star tail``."""
        i: cython.int
        if depth > DEEPEST:
            return False
        if tail == EPSILON_NODE:
            return self.is_made_of(node, star)
        while self.nodes[node, KIND] == CONCAT and node != tail:
            # The parts of a node are made before it, so ``tail`` is not a part of an earlier node.
            if node < tail or not self.is_made_of(self.nodes[node, A], star):
                return False
            node = self.nodes[node, B]
        if self.nodes[node, KIND] == UNION and node != tail:
            for i in range(self.nodes[node, B]):
                if not self.is_spelled(self.pool[self.nodes[node, A] + i], star, tail, depth + 1):
                    return False
            return True
        return node == tail

    def has_conditions(self, node: cython.int, other: cython.int) -> cython.bint:
        """Whether the intersection ``node`` has all parts of ``other``, or has it as a part."""
        i: cython.int
        if self.nodes[other, KIND] != INTERSECTION:
            return self.is_among(other, node)
        for i in range(self.nodes[other, B]):
            if not self.is_among(self.pool[self.nodes[other, A] + i], node):
                return False
        return True

    # -- conditions that leave each other alone -----------------------------------------------

    def open_star(self, node: cython.int) -> cython.int:
        """The ``star`` to which the parts of an intersection are *open*, like searches for some patterns; -1 if they
        are not.

        An open part is made of ``star``, can go on after any text of ``star`` with such a text, and then with any other
        one. So the intersection, too, can go on after any text: to the end of the first part, of the second, and so on.
        """
        i: cython.int
        part: cython.int
        star: cython.int = -1
        if self.nodes[node, KIND] == INTERSECTION:
            star = self.head_star(self.pool[self.nodes[node, A]], 0)
            for i in range(self.nodes[node, B]):
                part = self.pool[self.nodes[node, A] + i]
                if star < 0 or not (
                    self.goes_on(part, star, 0)
                    and self.ends_in(part, star, 0)
                    and self.is_made_of(part, star)
                ):
                    return -1
        return star

    def head_star(self, node: cython.int, depth: cython.int) -> cython.int:
        """The first ``x{0,}`` that texts of ``node`` are seen to begin in; -1 if there is none."""
        i: cython.int
        star: cython.int = -1
        if depth > DEEPEST:
            return -1
        while self.nodes[node, KIND] == CONCAT:
            node = self.nodes[node, A]
        if self.nodes[node, KIND] == UNION:
            for i in range(self.nodes[node, B]):
                star = self.head_star(self.pool[self.nodes[node, A] + i], depth + 1)
                if star >= 0:
                    break
            return star
        return node if self.is_star(node) else -1

    def goes_on(self, node: cython.int, star: cython.int, depth: cython.int) -> cython.bint:
        """Whether ``node`` is seen to go on after any text of ``star``."""
        i: cython.int
        if depth > DEEPEST:
            return False
        if self.nodes[node, KIND] == UNION:
            for i in range(self.nodes[node, B]):
                if self.goes_on(self.pool[self.nodes[node, A] + i], star, depth + 1):
                    return True
            return False
        while self.nodes[node, KIND] == CONCAT:
            if self.nodes[self.nodes[node, B], FLAGS] & UNCERTAIN or self.nodes[node, B] == EMPTY_NODE:
                return False
            node = self.nodes[node, A]
        return node == star

    def ends_in(self, node: cython.int, star: cython.int, depth: cython.int) -> cython.bint:
        """Whether any text of ``star`` is seen to be allowed after any text of ``node``."""
        i: cython.int
        if depth > DEEPEST:
            return False
        while self.nodes[node, KIND] == CONCAT:
            node = self.nodes[node, B]
        if self.nodes[node, KIND] != UNION:
            return node == star
        for i in range(self.nodes[node, B]):
            if not self.ends_in(self.pool[self.nodes[node, A] + i], star, depth + 1):
                return False
        return True
