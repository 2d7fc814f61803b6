"""Token tries: the bytes of many tokens, with shared prefixes.

A trie is a handful of flat arrays in preorder, so that the tokens below a node are one contiguous
range and a walk skips a subtree by one assignment. Node 0 is the root; a node's own tokens are
those that end exactly there (several: vocabularies hold duplicate byte strings).

A node is a row of ``nodes``: where its children begin in ``children``, where its tokens begin in ``ids``, the first
node that is not below it, and the characters read since the root. An entry of ``children`` is ``node << 8 | byte``.
What a step through the trie needs is adjacent in memory, because most steps wait for memory.

Besides the trie of a vocabulary there are *tail tries*, made with ``Trie.of_tails``: the rests of the tokens below some
nodes of another trie. They answer 'which tokens finish this string and then continue like that' without looking at the
finished part again.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import cython
import numpy as np
from cython.cimports.constrain.vocabulary.layout import (
    CHARACTERS,
    COLUMNS,
    END,
    FIRST_CHILD,
    FIRST_TOKEN,
)

from constrain.errors import VocabularyError

# Transitions of a UTF-8 decoder (RFC 3629, section 4) between its eight states: at a boundary, one,
# two or three continuation bytes missing, and after E0, ED, F0 and F4, whose next byte is restricted.
BOUNDARY, DEAD = 0, 255
_LEADS = [(0x00, 0x7F, 0), (0xC2, 0xDF, 1), (0xE0, 0xE0, 4), (0xE1, 0xEC, 2), (0xED, 0xED, 5)]
_LEADS += [(0xEE, 0xEF, 2), (0xF0, 0xF0, 6), (0xF1, 0xF3, 3), (0xF4, 0xF4, 7)]
_CONTINUATIONS = [(1, 0x80, 0xBF, 0), (2, 0x80, 0xBF, 1), (3, 0x80, 0xBF, 2), (4, 0xA0, 0xBF, 1)]
_CONTINUATIONS += [(5, 0x80, 0x9F, 1), (6, 0x90, 0xBF, 2), (7, 0x80, 0x8F, 2)]


def _utf8_transitions() -> np.ndarray:
    table = np.full((8, 256), DEAD, np.uint8)
    for low, high, target in _LEADS:
        table[BOUNDARY, low : high + 1] = target
    for state, low, high, target in _CONTINUATIONS:
        table[state, low : high + 1] = target
    return table


UTF8 = _utf8_transitions()
_SKIP_NONE = np.zeros(256, np.uint8)
ALL_BYTES = (1 << 256) - 1

# Tails are merged into a trie if there are at least this many roots (for fewer, walking them one by one is cheaper) and
# at most this many nodes.
MERGE_FROM = 3
MERGE_UP_TO = 20_000

# The length in bytes of the longest tokens in a trie: a walk of it may be nested as many calls deep. The longest ones
# of real vocabularies, runs of spaces, have 128 or 256.
DEEPEST = 256

# Nodes of a trie: a child is a number of 32 bits, eight of which are its byte.
MOST_NODES = (1 << 23) - 1
_keys = itertools.count()


class Trie:
    """An immutable token trie.

    Attributes:
        key: number of this trie, unique in the process.
        node_count: number of nodes, the root included.
        shared: whether the trie depends on the vocabulary alone, and not on one grammar.
        longer_than: all tokens have more bytes than this below the root.
        beyond: ids of the tokens that are too long to be in it.
    """

    def __init__(self, builder: Builder, shared: bool) -> None:
        self.key = next(_keys)
        self.shared = shared
        self.longer_than = 0
        self.beyond = ()
        self.long_tries = {}
        if builder.nodes > MOST_NODES:
            raise VocabularyError(f"the tokens have more than {MOST_NODES} beginnings: no trie can hold them")
        self.node_count = builder.nodes
        self.byte = np.asarray(builder.byte)[: builder.nodes]
        table = np.zeros((builder.nodes + 1, COLUMNS), np.intc)
        table[: builder.nodes, FIRST_TOKEN] = np.asarray(builder.token_start)[: builder.nodes]
        table[builder.nodes, FIRST_TOKEN] = builder.tokens
        table[: builder.nodes, END] = _subtree_ends(np.asarray(builder.depth)[: builder.nodes])
        self.nodes = table
        self.ids = np.asarray(builder.ids)[: builder.tokens].copy()
        self.most_id = int(np.asarray(self.ids).max(initial=-1))
        self.link()
        self.summarise()
        self.count_characters()

    @staticmethod
    def of_tokens(tokens: tuple, order: np.ndarray) -> Trie:
        """The trie of a vocabulary: token id *i* has the bytes ``tokens[i]``. ``order`` are the ids of those that
        have any, in the order of their bytes. Tokens of more than ``DEEPEST`` bytes are not in it.

        Raises:
            VocabularyError: the tokens have too many different beginnings.
        """
        ids: cython.int[::1] = order
        size: cython.longlong = 1
        previous: bytes = b""
        beyond: list = []
        data: bytes
        common: cython.int
        shorter: cython.int
        k: cython.int
        i: cython.int
        if len(order) and not 0 <= int(order.min()) <= int(order.max()) < len(tokens):
            raise IndexError(f"there are {len(tokens)} tokens, and not all of these")
        for k in range(ids.shape[0]):
            data = tokens[ids[k]]
            size += min(len(data), DEEPEST)
        builder: Builder = Builder(min(size, MOST_NODES + 1), ids.shape[0])
        builder.open(0, 0)
        for k in range(ids.shape[0]):
            data = tokens[ids[k]]
            if len(data) > DEEPEST:
                beyond.append(ids[k])
                continue
            common = 0
            shorter = min(len(data), len(previous))
            while common < shorter and data[common] == previous[common]:
                common += 1
            for i in range(common, len(data)):
                builder.open(data[i], i + 1)
            builder.add(ids[k])
            previous = data
        trie: Trie = Trie(builder, True)
        trie.beyond = tuple(beyond)
        return trie

    @staticmethod
    def of_token(token: int, data: bytes) -> Trie:
        """The trie of one token; it is not in it if it has more than ``DEEPEST`` bytes."""
        i: cython.int
        long: cython.bint = len(data) > DEEPEST
        builder: Builder = Builder(1 if long else len(data) + 1, 1)
        builder.open(0, 0)
        if not long:
            for i in range(len(data)):
                builder.open(data[i], i + 1)
            builder.add(token)
        trie: Trie = Trie(builder, False)
        if long:
            trie.beyond = (token,)
        return trie

    def of_tails(self, roots: Iterable[int], shared: bool, without: int = 0) -> Trie:
        """The trie of the tails of the tokens below any of ``roots``, nodes of this trie.

        Tails that begin with a byte in ``without``, a 256-bit integer, are left out.
        """
        nodes: cython.int[::1] = self.checked(np.fromiter(roots, np.intc))
        left_out = np.unpackbits(np.frombuffer(without.to_bytes(32, "little"), np.uint8), bitorder="little")
        skip: cython.uchar[::1] = left_out
        size: cython.int = 1
        tokens: cython.int = 0
        i: cython.int
        k: cython.int
        child: cython.int
        for i in range(nodes.shape[0]):
            for k in range(self.nodes[nodes[i], FIRST_CHILD], self.nodes[nodes[i] + 1, FIRST_CHILD]):
                if not skip[self.children[k] & 255]:
                    child = self.children[k] >> 8
                    size += self.nodes[child, END] - child
                    tokens += self.nodes[self.nodes[child, END], FIRST_TOKEN] - self.nodes[child, FIRST_TOKEN]
        builder: Builder = Builder(size, tokens)
        builder.open(0, 0)
        builder.merge(self, nodes, nodes.shape[0], 0, skip)
        return Trie(builder, shared)

    def rest_below(self, root: int, row: np.ndarray) -> Trie:
        """The trie of the tails of those tokens below ``root`` that are not in ``row``, a row of bits."""
        bits: cython.int[::1] = row
        self.check(root)
        if self.most_id >= 32 * bits.shape[0]:
            raise IndexError(f"a row of {bits.shape[0]} words has no token {self.most_id}")
        low: cython.int = self.nodes[root + 1, FIRST_TOKEN]
        high: cython.int = self.nodes[self.nodes[root, END], FIRST_TOKEN]
        kept: cython.int[::1] = np.zeros(self.ids.shape[0] + 1, np.intc)
        builder: Builder
        t: cython.int
        for t in range(low, high):
            kept[t + 1] = kept[t] + (not (bits[self.ids[t] >> 5] >> (self.ids[t] & 31)) & 1)
        builder = Builder(self.nodes[root, END] - root, kept[high])
        builder.open(0, 0)
        builder.copy_kept(self, root, 0, kept)
        return Trie(builder, self.shared)

    def longer_below(self, root: int, length: int) -> Trie | None:
        """The trie of the tails below ``root`` of more than ``length`` bytes; ``None`` if there are none. It is made
        once."""
        self.check(root)
        found: Trie = self.long_tries.get((root, length))
        if found is None and self.height[root] > length:
            builder: Builder = Builder(
                self.nodes[root, END] - root,
                self.nodes[self.nodes[root, END], FIRST_TOKEN] - self.nodes[root, FIRST_TOKEN],
            )
            builder.open(0, 0)
            builder.copy_longer(self, root, 0, length)
            found = Trie(builder, self.shared)
            found.longer_than = length
            self.long_tries[root, length] = found
        return found

    def ways_out(self, exits: np.ndarray, begins: int, shared: bool) -> Trie | list[int]:
        """Where to go on from ``exits``, nodes of this trie, with a byte of ``begins``, a 256-bit integer.

        The result is a tail trie, or those of the exits that have such a child, if they are few or the trie would be
        large: the tokens that begin with a space are half of a vocabulary.
        """
        at: cython.int[::1] = self.checked(exits)
        wanted: cython.uint[::1] = np.frombuffer(bytearray(begins.to_bytes(32, "little")), np.uintc)
        leading = np.empty(len(exits), np.intc)
        kept: cython.int[::1] = leading
        count: cython.int = 0
        size: cython.int = 0
        below: cython.int
        child: cython.int
        i: cython.int
        k: cython.int
        for i in range(at.shape[0]):
            below = 0
            for k in range(self.nodes[at[i], FIRST_CHILD], self.nodes[at[i] + 1, FIRST_CHILD]):
                child = self.children[k]
                if (wanted[(child & 255) >> 5] >> (child & 31)) & 1:
                    below += self.nodes[child >> 8, END] - (child >> 8)
            if below:
                kept[count] = at[i]
                count += 1
                size += below
        if count < MERGE_FROM or size > MERGE_UP_TO:
            return leading[:count].tolist()
        return self.of_tails(leading[:count], shared, ALL_BYTES & ~begins)

    def check(self, node: cython.longlong) -> cython.int:
        """
        Raises:
            IndexError: the trie has no such node.
        """
        if node < 0 or node >= self.node_count:
            raise IndexError(f"{node} is no node of a trie of {self.node_count}")
        return 0

    def checked(self, nodes: np.ndarray) -> np.ndarray:
        """``nodes``, after a check that the trie has all of them."""
        if len(nodes):
            self.check(int(nodes.min()))
            self.check(int(nodes.max()))
        return nodes

    def child(self, node: cython.int, byte: cython.int) -> cython.int:
        """The child of ``node`` for ``byte``, or -1."""
        low: cython.int = self.nodes[node, FIRST_CHILD]
        high: cython.int = self.nodes[node + 1, FIRST_CHILD]
        middle: cython.int
        while low < high:
            middle = (low + high) >> 1
            if (self.children[middle] & 255) < byte:
                low = middle + 1
            else:
                high = middle
        if low < self.nodes[node + 1, FIRST_CHILD] and (self.children[low] & 255) == byte:
            return self.children[low] >> 8
        return -1

    def is_leaf(self, node: cython.int) -> cython.bint:
        return self.nodes[node, END] == node + 1

    def find(self, data: bytes, node: int = 0) -> int:
        """The node reached from ``node`` by ``data``, or -1."""
        i: cython.Py_ssize_t
        at: cython.int = node
        self.check(node)
        for i in range(len(data)):  # not `for byte in data`: compiled, that yields signed chars
            at = self.child(at, cython.cast(cython.uchar, data[i]))
            if at < 0:
                break
        return at

    def footprint(self) -> int:
        """Bytes in use."""
        return (
            49 * cython.cast(cython.Py_ssize_t, self.node_count)
            + 8 * len(self.ids)
            + sum(trie.footprint() for trie in self.long_tries.values())
        )

    def tokens_at(self, node: int) -> list[int]:
        """Ids of the tokens that end exactly at ``node``."""
        self.check(node)
        return np.asarray(self.ids)[
            self.nodes[node, FIRST_TOKEN] : self.nodes[node + 1, FIRST_TOKEN]
        ].tolist()

    def tokens_below(self, node: int) -> list[int]:
        """Ids of the tokens that pass through ``node``, including those that end there."""
        self.check(node)
        return np.asarray(self.ids)[
            self.nodes[node, FIRST_TOKEN] : self.nodes[self.nodes[node, END], FIRST_TOKEN]
        ].tolist()

    def link(self) -> cython.int:
        """List the children of every node side by side, in ascending order of their bytes."""
        count: cython.int = self.node_count
        self.children = np.empty(max(count - 1, 1), np.intc)
        node: cython.int
        child: cython.int
        used: cython.int = 0
        for node in range(count):
            self.nodes[node, FIRST_CHILD] = used
            child = node + 1
            while child < self.nodes[node, END]:
                self.children[used] = child << 8 | self.byte[child]
                used += 1
                child = self.nodes[child, END]
        self.nodes[count, FIRST_CHILD] = used
        return 0

    def summarise(self) -> cython.int:
        """Per node: the ASCII bytes below it; the bytes from 0xC0 on, which begin the other characters; from which
        states of a UTF-8 decoder every path below is a prefix of well-formed UTF-8 (one bit a state), and from which
        every token below ends between two characters; how many bytes the longest token has left (255: or more)."""
        count: cython.int = self.node_count
        self.ascii_set = np.zeros((count, 2), np.ulonglong)
        self.leads = np.zeros(count, np.ulonglong)
        self.utf8 = np.full(count, 255, np.uint8)
        self.whole = np.full(count, 255, np.uint8)
        self.height = np.zeros(count, np.uint8)
        transitions: cython.uchar[:, ::1] = UTF8
        node: cython.int
        state: cython.int
        k: cython.int
        b: cython.int
        target: cython.int
        good: cython.int
        whole: cython.int
        ends: cython.bint
        child: cython.int
        for node in range(count - 1, -1, -1):
            for k in range(self.nodes[node, FIRST_CHILD], self.nodes[node + 1, FIRST_CHILD]):
                child = self.children[k] >> 8
                b = self.children[k] & 255
                self.ascii_set[node, 0] |= self.ascii_set[child, 0]
                self.ascii_set[node, 1] |= self.ascii_set[child, 1]
                self.leads[node] |= self.leads[child]
                self.height[node] = max(self.height[node], min(self.height[child] + 1, 255))
                if b < 128:
                    self.ascii_set[node, b >> 6] |= cython.cast(cython.ulonglong, 1) << (b & 63)
                elif b >= 0xC0:
                    self.leads[node] |= cython.cast(cython.ulonglong, 1) << (b & 63)
                good = 0
                whole = 0
                ends = self.nodes[child, FIRST_TOKEN] < self.nodes[child + 1, FIRST_TOKEN]
                for state in range(8):
                    target = transitions[state, b]
                    if target != 255 and (self.utf8[child] >> target) & 1:
                        good |= 1 << state
                    if target != 255 and (self.whole[child] >> target) & 1 and not (ends and target):
                        whole |= 1 << state
                self.utf8[node] &= good
                self.whole[node] &= whole
        return 0

    def count_characters(self) -> cython.int:
        """Per node, and per token, the characters read since the root: bytes that begin one in UTF-8. Per node, how
        many bytes are missing of the last one that has begun since."""
        self.missing = np.zeros(self.node_count, np.uint8)
        self.token_characters = np.zeros(self.ids.shape[0], np.intc)
        self.most_characters = 0
        node: cython.int
        child: cython.int
        byte: cython.int
        k: cython.int
        t: cython.int
        for node in range(self.node_count):
            self.most_characters = max(self.most_characters, self.nodes[node, CHARACTERS])
            for t in range(self.nodes[node, FIRST_TOKEN], self.nodes[node + 1, FIRST_TOKEN]):
                self.token_characters[t] = self.nodes[node, CHARACTERS]
            for k in range(self.nodes[node, FIRST_CHILD], self.nodes[node + 1, FIRST_CHILD]):
                child = self.children[k] >> 8
                byte = self.children[k] & 255
                self.nodes[child, CHARACTERS] = self.nodes[node, CHARACTERS] + (byte & 0xC0 != 0x80)
                if byte >= 0xC0:
                    self.missing[child] = 1 if byte < 0xE0 else 2 if byte < 0xF0 else 3
                elif byte >= 0x80 and self.missing[node]:
                    self.missing[child] = self.missing[node] - 1
        return 0


class Builder:
    """Collects the nodes and tokens of a trie in preorder."""

    def __init__(self, nodes: int, tokens: int) -> None:
        self.byte = np.empty(nodes, np.uint8)
        self.depth = np.empty(nodes, np.intc)
        self.token_start = np.empty(nodes, np.intc)
        self.ids = np.empty(max(tokens, 1), np.intc)
        self.nodes = 0
        self.tokens = 0

    def open(self, byte: cython.int, depth: cython.int) -> cython.int:
        if self.nodes == self.byte.shape[0]:
            raise VocabularyError(f"the tokens have more than {MOST_NODES} beginnings: no trie can hold them")
        self.byte[self.nodes] = byte
        self.depth[self.nodes] = depth
        self.token_start[self.nodes] = self.tokens
        self.nodes += 1
        return 0

    def add(self, token: cython.int) -> cython.int:
        self.ids[self.tokens] = token
        self.tokens += 1
        return 0

    def merge(
        self,
        source: Trie,
        roots: cython.int[::1],
        count: cython.int,
        depth: cython.int,
        skip: cython.uchar[::1],
    ) -> cython.int:
        """Add what is below the first ``count`` of ``roots``, nodes of ``source``, with equal paths joined, except the
        children of bytes that ``skip`` marks.

        The children of all roots are sorted by their byte (a counting sort), and each group is one child.
        """
        groups: cython.int[::1] = np.zeros(257, np.intc)
        children: cython.int[::1]
        i: cython.int
        k: cython.int
        t: cython.int
        byte: cython.int
        deeper: cython.int
        for i in range(count):
            for k in range(source.nodes[roots[i], FIRST_CHILD], source.nodes[roots[i] + 1, FIRST_CHILD]):
                groups[(source.children[k] & 255) + 1] += 1
        for byte in range(256):
            groups[byte + 1] += groups[byte]
        children = np.empty(groups[256], np.intc)
        for i in range(count):
            for k in range(source.nodes[roots[i], FIRST_CHILD], source.nodes[roots[i] + 1, FIRST_CHILD]):
                children[groups[source.children[k] & 255]] = source.children[k] >> 8
                groups[source.children[k] & 255] += 1  # in the end: where the group of the next byte starts
        i = 0
        for byte in range(256):
            if skip[byte] or i == groups[byte]:
                i = groups[byte]
                continue
            self.open(byte, depth + 1)
            deeper = i
            while i < groups[byte]:
                k = children[i]
                for t in range(source.nodes[k, FIRST_TOKEN], source.nodes[k + 1, FIRST_TOKEN]):
                    self.add(source.ids[t])
                if source.nodes[k, END] > k + 1:
                    children[deeper] = k
                    deeper += 1
                i += 1
            k = deeper - (groups[byte - 1] if byte else 0)
            if k == 1:
                self.copy_below(source, children[deeper - 1], depth + 1)
            elif k > 1:
                self.merge(source, children[deeper - k : deeper], k, depth + 1, _SKIP_NONE)
        return 0

    def copy_below(self, source: Trie, node: cython.int, depth: cython.int) -> cython.int:
        """Add everything below ``node`` of ``source`` unchanged."""
        k: cython.int
        t: cython.int
        child: cython.int
        for k in range(source.nodes[node, FIRST_CHILD], source.nodes[node + 1, FIRST_CHILD]):
            child = source.children[k] >> 8
            self.open(source.children[k] & 255, depth + 1)
            for t in range(source.nodes[child, FIRST_TOKEN], source.nodes[child + 1, FIRST_TOKEN]):
                self.add(source.ids[t])
            if source.nodes[child, END] > child + 1:
                self.copy_below(source, child, depth + 1)
        return 0

    def copy_longer(
        self, source: Trie, node: cython.int, depth: cython.int, length: cython.int
    ) -> cython.int:
        """Add what is below ``node`` of ``source``, as far as it leads to tokens of more than ``length`` bytes."""
        k: cython.int
        t: cython.int
        child: cython.int
        for k in range(source.nodes[node, FIRST_CHILD], source.nodes[node + 1, FIRST_CHILD]):
            child = source.children[k] >> 8
            if depth + 1 + source.height[child] <= length:
                continue
            self.open(source.children[k] & 255, depth + 1)
            if depth + 1 > length:
                for t in range(source.nodes[child, FIRST_TOKEN], source.nodes[child + 1, FIRST_TOKEN]):
                    self.add(source.ids[t])
            self.copy_longer(source, child, depth + 1, length)
        return 0

    def copy_kept(
        self, source: Trie, node: cython.int, depth: cython.int, kept: cython.int[::1]
    ) -> cython.int:
        """Add what is below ``node`` of ``source``, as far as it leads to tokens that are kept:
        ``kept[t]`` says how many of those before token ``t`` are."""
        k: cython.int
        t: cython.int
        child: cython.int
        for k in range(source.nodes[node, FIRST_CHILD], source.nodes[node + 1, FIRST_CHILD]):
            child = source.children[k] >> 8
            if (
                kept[source.nodes[source.nodes[child, END], FIRST_TOKEN]]
                == kept[source.nodes[child, FIRST_TOKEN]]
            ):
                continue
            self.open(source.children[k] & 255, depth + 1)
            for t in range(source.nodes[child, FIRST_TOKEN], source.nodes[child + 1, FIRST_TOKEN]):
                if kept[t + 1] > kept[t]:
                    self.add(source.ids[t])
            self.copy_kept(source, child, depth + 1, kept)
        return 0


def _subtree_ends(depths: np.ndarray) -> np.ndarray:
    """For each node in preorder, the first later node that is not below it."""
    depth: cython.int[::1] = depths
    count: cython.int = depth.shape[0]
    ends = np.empty(count, np.intc)
    end: cython.int[::1] = ends
    open_nodes: cython.int[::1] = np.empty(count + 1, np.intc)
    top: cython.int = 0
    node: cython.int
    for node in range(count):
        while top and depth[open_nodes[top - 1]] >= depth[node]:
            top -= 1
            end[open_nodes[top]] = node
        open_nodes[top] = node
        top += 1
    while top:
        top -= 1
        end[open_nodes[top]] = count
    return ends
