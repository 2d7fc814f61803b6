"""Sets of texts that grow one by one, such as the names that an object has used up.

A set is a crit-bit tree (Bernstein 2004) of interned nodes: its texts are separated at the first bit in which some
differ. Equal sets are one node, in whatever order they grew. A further text costs a node for each fork on its way,
about log2 of the number of texts, and texts with a common prefix are one subtree.

A set is EMPTY, a text (a LITERAL or EPSILON), or a FORK, which is not an expression: it has no derivative.
"""

from __future__ import annotations

from collections.abc import Iterable

import cython
from cython.cimports.constrain.expression.alternatives import Alternatives
from cython.cimports.constrain.expression.nodes import (
    EMPTY_NODE,
    EPSILON_NODE,
    FIRST_TEXT,
    FORK,
    KIND,
    LAST_BYTE,
    LITERAL,
    TEXT_COUNT,
    A,
    B,
    C,
)


class TextSets(Alternatives):
    """Nodes with sets of texts.

    A text has nine bits per byte: whether there is a byte, then the byte, the highest bit first. Zeros follow for ever.
    So one text may be a prefix of another, and the texts of a set are in ascending order.
    """

    def text_set(self, texts: Iterable[bytes]) -> int:
        """The set of ``texts``."""
        start: cython.int = self.top
        text: bytes
        for text in sorted(set(texts)):
            self.push(self.literal(text))
        node: cython.int = self.set_of_stack(start, self.top)
        self.top = start
        return node

    def set_of_stack(self, low: cython.int, high: cython.int) -> cython.int:
        """The set of the texts ``stack[low:high]``, which are distinct and in ascending order.

        It is built from left to right. The forks that may still grow are kept, each with its side of zeros, and the bit
        of each is beyond that of the one before it.
        """
        outermost: cython.int = self.frame_top
        node: cython.int
        bit: cython.int
        i: cython.int
        if low == high:
            return EMPTY_NODE
        node = self.stack[low]
        for i in range(low + 1, high):
            bit = self.differing_bit(self.stack[i - 1], self.stack[i])
            node = self.close_forks(node, outermost, bit)
            self.push_frame(node)
            self.push_frame(bit)
            node = self.stack[i]
        return self.close_forks(node, outermost, -1)

    def close_forks(self, node: cython.int, outermost: cython.int, bit: cython.int) -> cython.int:
        """Complete the kept forks above ``outermost`` whose bits are beyond ``bit``: ``node`` is the side of ones of
        the last fork."""
        last: cython.int
        while self.frame_top > outermost and self.frames[self.frame_top - 1] > bit:
            last = self.pop_frame()
            node = self.fork(self.pop_frame(), node, last)
        return node

    def with_text(self, texts: int, text: bytes) -> int:
        """The set ``texts`` with ``text`` added; ``texts`` itself if it contains ``text``."""
        start: cython.int = self.top
        whole: cython.int = self.valid_set(texts)
        node: cython.int = texts
        added: cython.int = self.literal(text)
        if node == EMPTY_NODE:
            return added
        bit: cython.int = self.differing_bit(self.nearest(node, added), added)
        if bit < 0:
            return whole
        while self.nodes[node, KIND] == FORK and self.nodes[node, C] < bit:
            self.push(node)
            node = self.nodes[node, B if self.bit_of(added, self.nodes[node, C]) else A]
        node = self.fork(node, added, bit) if self.bit_of(added, bit) else self.fork(added, node, bit)
        while self.top > start:
            self.top -= 1
            whole = self.stack[self.top]
            bit = self.nodes[whole, C]
            if self.bit_of(added, bit):
                node = self.fork(self.nodes[whole, A], node, bit)
            else:
                node = self.fork(node, self.nodes[whole, B], bit)
        return node

    def fork(self, low: cython.int, high: cython.int, bit: cython.int) -> cython.int:
        """The texts of ``low``, whose ``bit`` is 0, and those of ``high``, where it is 1. All bits before agree."""
        before: cython.int = self.size
        node: cython.int = self.intern(FORK, low, high, bit, 0)
        if self.size > before:
            self.nodes[node, FIRST_TEXT] = self.first_text(low)
            self.nodes[node, TEXT_COUNT] = self.count_of(low) + self.count_of(high)
            self.nodes[node, LAST_BYTE] = self.last_byte(low)
            if self.last_byte(high) != self.last_byte(low):
                self.nodes[node, LAST_BYTE] = -1
        return node

    def valid_set(self, texts: cython.int) -> cython.int:
        """``texts``, a node from Python that is checked.

        Raises:
            IndexError: there is no such expression.
            ValueError: it is not a set of texts.
        """
        kind: cython.int = self.nodes[self.valid(texts), KIND]
        if kind != FORK and kind != LITERAL and texts > EPSILON_NODE:
            raise ValueError(f"{texts} is no set of texts")
        return texts

    # -- what is in a set ---------------------------------------------------------------------

    def holds(self, texts: int, text: bytes) -> bool:
        """Whether ``text`` is in a set."""
        if self.valid_set(texts) == EMPTY_NODE:
            return False
        whole: cython.int = self.literal(text)
        return self.nearest(texts, whole) == whole

    def nearest(self, texts: cython.int, text: cython.int) -> cython.int:
        """The text of a set at which a search for ``text`` ends: ``text`` itself if it is in the set."""
        while self.nodes[texts, KIND] == FORK:
            texts = self.nodes[texts, B if self.bit_of(text, self.nodes[texts, C]) else A]
        return texts

    def texts(self, texts: int) -> list[bytes]:
        """The texts of a set, in ascending order."""
        found: list[bytes] = []
        todo: list[int] = [texts] if self.valid_set(texts) != EMPTY_NODE else []
        node: cython.int
        at: cython.int
        while todo:
            node = todo.pop()
            if self.nodes[node, KIND] == FORK:
                todo += [self.nodes[node, B], self.nodes[node, A]]
            else:
                at = self.nodes[node, A]
                found.append(bytes(self.text[at : at + self.nodes[node, B]]))
        return found

    def text_count(self, texts: int) -> int:
        """How many texts there are in a set."""
        return self.count_of(self.valid_set(texts))

    def beginning_with(self, texts: int, begun: bytes) -> int:
        """The texts of a set that begin with ``begun``, as a set."""
        if self.valid_set(texts) == EMPTY_NODE:
            return texts
        return self.beginning_with_literal(texts, self.literal(begun))

    def beginning_with_literal(self, texts: cython.int, begun: cython.int) -> cython.int:
        count: cython.int = self.nodes[begun, B]
        i: cython.int
        while self.nodes[texts, KIND] == FORK and self.nodes[texts, C] < 9 * count:
            texts = self.nodes[texts, B if self.bit_of(begun, self.nodes[texts, C]) else A]
        if texts == EMPTY_NODE:
            return EMPTY_NODE
        first: cython.int = self.first_text(texts)
        if self.nodes[first, B] < count:
            return EMPTY_NODE
        for i in range(count):
            if self.text[self.nodes[first, A] + i] != self.text[self.nodes[begun, A] + i]:
                return EMPTY_NODE
        return texts

    def by_next_byte(self, texts: int, depth: cython.int) -> list[tuple[int, int]]:
        """(byte, set) for the texts of a set that go on after the ``depth`` bytes that all of them begin with."""
        found: list[tuple[int, int]] = []
        todo: list[int] = [texts] if self.valid_set(texts) != EMPTY_NODE else []
        node: cython.int
        first: cython.int
        while todo:
            node = todo.pop()
            if self.nodes[node, KIND] == FORK and self.nodes[node, C] < 9 * depth + 9:
                todo += [self.nodes[node, B], self.nodes[node, A]]
                continue
            first = self.first_text(node)
            if self.nodes[first, B] > depth:
                found.append((self.text[self.nodes[first, A] + depth], node))
        return found

    # -- fields -------------------------------------------------------------------------------

    def first_text(self, texts: cython.int) -> cython.int:
        return self.nodes[texts, FIRST_TEXT] if self.nodes[texts, KIND] == FORK else texts

    def count_of(self, texts: cython.int) -> cython.int:
        if self.nodes[texts, KIND] == FORK:
            return self.nodes[texts, TEXT_COUNT]
        return 1 if texts != EMPTY_NODE else 0

    def last_byte(self, texts: cython.int) -> cython.int:
        """The byte that all texts of a set end with; -1 if there is none."""
        if self.nodes[texts, KIND] == FORK:
            return self.nodes[texts, LAST_BYTE]
        return self.text[self.nodes[texts, A] + self.nodes[texts, B] - 1] if self.nodes[texts, B] else -1

    def bit_of(self, text: cython.int, bit: cython.int) -> cython.bint:
        at: cython.int = bit // 9
        within: cython.int = bit - 9 * at
        if at >= self.nodes[text, B]:
            return False
        return within == 0 or (self.text[self.nodes[text, A] + at] >> (8 - within)) & 1

    def differing_bit(self, first: cython.int, second: cython.int) -> cython.int:
        """The first bit in which two texts differ; -1 if they are equal."""
        i: cython.int = 0
        bit: cython.int = 1
        difference: cython.int
        shorter: cython.int = min(self.nodes[first, B], self.nodes[second, B])
        while i < shorter:
            difference = self.text[self.nodes[first, A] + i] ^ self.text[self.nodes[second, A] + i]
            if difference:
                while not (difference >> (8 - bit)) & 1:
                    bit += 1
                return 9 * i + bit
            i += 1
        return -1 if self.nodes[first, B] == self.nodes[second, B] else 9 * shorter
