"""Runs of characters: one walk for every counter.

The residual of a JSON string, of a string of 3 to 500 characters, of ``[a-z]{2,80}-`` is
``C{least,most} Q``: some characters, then something that begins unlike a character. The counter is different after each
character, and a new walk of the trie for each counter would cost a millisecond. But what the counters decide is simple.
Walk ``C*`` once and note how many characters each token starts: the tokens that stay in the run are those that start at
most ``most``, and those that leave it do so after ``least`` to ``most`` characters. Their tails must then fit ``Q`` and
what follows it.

This is valid if a text splits into characters in only one way: ``C`` is prefix-free, and ``Q`` begins
with other bytes than ``C`` does.
"""

from __future__ import annotations

import cython
import numpy as np

if cython.compiled:
    from cython.cimports.constrain.engine.derivative import Engine
    from cython.cimports.constrain.expression.nodes import EMPTY_NODE
    from cython.cimports.constrain.masks.bits.bitmask import IdBuffer, Row, clear_bits
    from cython.cimports.constrain.masks.leaves.loops import Loops
    from cython.cimports.constrain.vocabulary.layout import CHARACTERS, END, FIRST_CHILD, FIRST_TOKEN
    from cython.cimports.constrain.vocabulary.trie import Trie

from constrain.engine.completion import shortest_text
from constrain.masks.bits.bitmask import DENSE_FROM, row_of

# How many selections of tokens that are used within budgets a table keeps.
KEPT = 16

# How many tail tries of one table or mask are kept, of up to some tens of kilobytes each. A schema leads to a few. The
# tables that are kept with a vocabulary serve all schemas, each of which has its own bounds.
KEPT_WAYS_OUT = 256


class CharacterRun:
    """The tokens below one trie node that begin a text of ``C*``, by the characters they start.

    The table depends only on the language of ``C`` and on the trie, and keeps no reference to the engine.
    """

    def __init__(
        self, engine: Engine, loops: Loops, trie: Trie, node: int, character: int, words: int, shared: bool
    ) -> None:
        self.trie = trie
        self.words = words
        self.shared = shared
        self.rows = {}
        self.ways_out = {}
        self.finished = {}
        self.others = None
        self.inside = self.inside_until = None
        self.found, self.found_counts = IdBuffer(), IdBuffer()
        self.left, self.left_counts = IdBuffer(), IdBuffer()
        self.unfinished = IdBuffer()
        self.lacking = {}
        self.start = engine.repeat_of(character, 0, -1)
        self.descend(engine, loops, node, self.start, 0)
        self.ids, self.counts = self.found.take(), self.found_counts.take()
        self.most_started = int(self.counts.max(initial=0))
        self.whole = Row(row_of(self.ids, self.words)) if len(self.ids) > DENSE_FROM else None
        self.exits, self.exit_counts = self.left.take(), self.left_counts.take()
        self.most_exited = int(self.exit_counts.max(initial=0))
        unfinished = self.unfinished.take().reshape(-1, 3)
        self.within, self.missing = unfinished[:, 0].copy(), unfinished[:, 1].copy()
        self.within_counts = unfinished[:, 2].copy()
        self.most_missing = int(self.missing.max(initial=0))
        self.found = self.found_counts = self.left = self.left_counts = self.unfinished = None

    def descend(
        self, engine: Engine, loops: Loops, node: cython.int, state: cython.int, count: cython.int
    ) -> cython.int:
        """Walk below ``node``, where ``count`` characters are started."""
        trie: Trie = self.trie
        at: cython.int = engine.edges(state)
        k: cython.int
        t: cython.int
        child: cython.int
        target: cython.int
        started: cython.int = count + (state == self.start)
        leaving: cython.bint = False
        engine.meter.count(4)
        for k in range(trie.nodes[node, FIRST_CHILD], trie.nodes[node + 1, FIRST_CHILD]):
            while engine.pool[at] < (trie.children[k] & 255):
                at += 2
            target = engine.pool[at + 1]
            if target == EMPTY_NODE:
                leaving = True
                continue
            child = trie.children[k] >> 8
            for t in range(trie.nodes[child, FIRST_TOKEN], trie.nodes[child + 1, FIRST_TOKEN]):
                self.found.add(trie.ids[t])
                self.found_counts.add(started)
                if target != self.start:
                    self.unfinished.add(trie.ids[t])
                    self.unfinished.add(self.lacks(engine, target))
                    self.unfinished.add(started)
            if trie.nodes[child, END] == child + 1:
                continue
            if target == self.start and loops.stay(trie, child, target):
                self.add_below(child, started - trie.nodes[child, CHARACTERS])
                continue
            self.descend(engine, loops, child, target, started)
        if leaving and count and state == self.start:  # at no characters, the caller is still there
            self.left.add(node)
            self.left_counts.add(count)
        return 0

    def add_below(self, node: cython.int, shift: cython.int) -> cython.int:
        """Note the tokens below ``node``. Each starts ``shift`` more characters than its bytes do."""
        trie: Trie = self.trie
        first: cython.int = trie.nodes[node + 1, FIRST_TOKEN]
        last: cython.int = trie.nodes[trie.nodes[node, END], FIRST_TOKEN]
        t: cython.int
        below: cython.int
        at: cython.int = self.found.used
        self.found.add_range(trie.ids, first, last)
        self.found_counts.reserve(last - first)
        for t in range(first, last):
            self.found_counts.data[at] = shift + trie.token_characters[t]
            at += 1
        self.found_counts.used = at
        if not trie.whole[node] & 1:
            for below in range(node + 1, trie.nodes[node, END]):
                if trie.missing[below]:
                    for t in range(trie.nodes[below, FIRST_TOKEN], trie.nodes[below + 1, FIRST_TOKEN]):
                        self.unfinished.add(trie.ids[t])
                        self.unfinished.add(trie.missing[below])
                        self.unfinished.add(shift + trie.token_characters[t])
        return 0

    def rest(self, node: int) -> Trie:
        """The tails of the tokens below ``node``, where this run begins, that do not stay in it."""
        if self.others is None:
            self.others = self.trie.rest_below(node, np.asarray(self.whole.bits))
        return self.others

    def inside_count(self, most: cython.int) -> cython.int:
        """How many of ``inside``, from the first, start at most ``most`` characters (-1: any number)."""
        if self.inside_until is None:
            self.sort()
        limit: cython.int = self.most_started if most < 0 or most > self.most_started else most
        return self.inside_until[limit]

    def sort(self) -> None:
        """Find ``inside``, the ids ordered by how many characters they start. Runs without bounds do not need it."""
        order = np.argsort(self.counts.astype(np.uint16), kind="stable")  # radix sort: 0.2 ms for 50k tokens
        bounds = np.arange(1, self.most_started + 2)
        until = np.searchsorted(self.counts[order], bounds).astype(np.intc)
        self.inside, self.inside_until = self.ids[order], until

    def dense(self, most: cython.int) -> Row:
        """The tokens that start at most ``most`` characters as a row, or ``None`` if they are few."""
        count: cython.int
        if most < 0 or most >= self.most_started:
            return self.whole
        count = self.inside_count(most)
        if count <= DENSE_FROM:
            return None
        row: Row = self.rows.get(most)
        if row is None:
            ids = np.asarray(self.inside)
            if 2 * count < len(ids):
                row = Row(row_of(ids[:count], self.words))
            else:  # few tokens are long, so few must be taken out
                row = self.whole.copy()
                clear_bits(row.bits, ids[count:], len(ids) - count)
            self.rows[most] = row
        return row

    def lacks(self, engine: Engine, state: cython.int) -> cython.int:
        """The least number of bytes that complete the character that has begun in ``state``."""
        if state not in self.lacking:
            self.lacking[state] = len(shortest_text(engine, state))
        return self.lacking[state]

    def unfinished_with(self, missing: cython.int, most: cython.int) -> object:
        """The tokens that start at most ``most`` characters and lack at most ``missing`` bytes of the last one."""
        chosen = self.missing <= missing
        if 0 <= most < self.most_started:
            chosen &= self.within_counts <= most
        return self.within[chosen]

    def between(self, most: cython.int, fits: tuple) -> tuple:
        """The tokens that end between two characters and start at most ``most`` of them, if that number fits: ``fits[n
        - 1]`` says whether *n* characters do, and its last entry stands for all larger numbers. Returns a row or
        ``None``, and ids."""
        if most < 0 or most > self.most_started:
            most = self.most_started
        key = (most, fits)
        found = self.finished.get(key)
        if found is None:
            counts = np.asarray(self.counts)
            chosen = np.array(fits)[np.minimum(counts, len(fits)) - 1] & (counts <= most)
            ids = np.asarray(self.ids)[chosen]
            ids = ids[~np.isin(ids, self.within)]
            many = len(ids) > DENSE_FROM
            found = (Row(row_of(ids, self.words)), ids[:0]) if many else (None, np.ascontiguousarray(ids))
            if len(self.finished) >= KEPT:
                self.finished.clear()
            self.finished[key] = found
        return found

    def exits_between(self, least: cython.int, most: cython.int, begins: object) -> object:
        """Where tokens leave the run after ``least`` to ``most`` characters, but at least one, and go on with a byte of
        ``begins``, a 256-bit integer: a tail trie, or the trie nodes if they are few."""
        least = max(least, 1)
        if most < 0 or most > self.most_exited:
            most = self.most_exited
        key = (least, most, begins)
        found = self.ways_out.get(key)
        if found is None:
            leaving = (self.exit_counts >= least) & (self.exit_counts <= most)
            found = self.trie.ways_out(self.exits[leaving], begins, self.shared)
            keep_ways_out(self.ways_out, key, found)
        return found

    def footprint(self) -> int:
        """Bytes in use."""
        rows = len(self.rows) + len(self.finished) + (self.whole is not None)
        inside = 4 * (3 * len(self.ids) + 2 * len(self.exits))
        return 4 * self.words * rows + inside + ways_out_size(self.ways_out)


def keep_ways_out(ways_out: dict, key: object, found: object) -> None:
    """Remember a selection. If there are many, as with many bounds on lengths, all earlier ones are dropped."""
    if len(ways_out) >= KEPT_WAYS_OUT:
        ways_out.clear()
    ways_out[key] = found


def ways_out_size(ways_out: dict) -> int:
    """Bytes of tail tries, or of lists of nodes."""
    return sum(
        found.footprint() if isinstance(found, Trie) else 36 * len(found) for found in ways_out.values()
    )
