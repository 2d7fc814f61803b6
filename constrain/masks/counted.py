"""Runs of characters: one walk for every counter.

The residual of a JSON string, of a string of 3 to 500 characters, of ``[a-z]{2,80}-`` is
``C{least,most} Q``: some characters, then something that begins unlike a character. With another
counter after each character, walking the trie anew for each would cost a millisecond apiece. But
what the counters decide is simple. Walk ``C*`` once and note how many characters each token starts:
the tokens that stay in the run are those that start at most ``most``, and those that leave it do so
behind ``least`` to ``most`` of them, their tails being a matter of ``Q`` and what follows it.

It holds when a text splits into characters in one way only: ``C`` is prefix-free, and ``Q`` begins
with other bytes than ``C`` does.
"""

from __future__ import annotations

import cython
import numpy as np

if cython.compiled:
    from cython.cimports.constrain.engine.derivative import Engine
    from cython.cimports.constrain.expression import EMPTY_NODE
    from cython.cimports.constrain.masks.bitmask import IdBuffer, clear_bits
    from cython.cimports.constrain.masks.loops import Loops
    from cython.cimports.constrain.vocabulary.trie import Trie

from constrain.masks.bitmask import DENSE_FROM, row_of


class CharacterRun:
    """The tokens below one trie node that begin a text of ``C*``, by the characters they start.

    It depends on the language of ``C`` and on the trie, and keeps no reference to the engine.
    """

    def __init__(
        self, engine: Engine, loops: Loops, trie: Trie, node: int, character: int, words: int, shared: bool
    ) -> None:
        self.trie = trie
        self.words = words
        self.shared = shared
        self.rows = {}
        self.ways_out = {}
        self.found_inside = IdBuffer()
        self.found_exits = IdBuffer()
        self.start = engine.repeat_of(character, 0, -1)
        self.descend(engine, loops, node, self.start, 0)
        ids, started = _columns(self.found_inside)
        order = np.argsort(started.astype(np.uint16), kind="stable")  # radix sort: 0.2 ms for 50k tokens
        self.most_started = int(started.max(initial=0))
        self.inside = ids[order]
        self.inside_until = np.searchsorted(started[order], np.arange(1, self.most_started + 2)).astype(
            np.intc
        )
        self.whole = row_of(ids, self.words) if len(ids) > DENSE_FROM else None
        self.exits, self.exit_counts = _columns(self.found_exits)
        self.exit_bytes = trie.child_sets(self.exits)
        self.most_exited = int(self.exit_counts.max(initial=0))
        self.found_inside = self.found_exits = None

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
        for k in range(trie.child_start[node], trie.child_start[node + 1]):
            while engine.pool[at] < trie.child_byte[k]:
                at += 2
            target = engine.pool[at + 1]
            if target == EMPTY_NODE:
                leaving = True
                continue
            child = trie.child_node[k]
            for t in range(trie.token_start[child], trie.token_start[child + 1]):
                self.found_inside.add(trie.ids[t])
                self.found_inside.add(started)
            if trie.end[child] == child + 1:
                continue
            if target == self.start and loops.stay(trie, child, target):
                for t in range(trie.token_start[child + 1], trie.token_start[trie.end[child]]):
                    self.found_inside.add(trie.ids[t])
                    self.found_inside.add(started + trie.token_characters[t] - trie.characters[child])
                continue
            self.descend(engine, loops, child, target, started)
        if leaving and count and state == self.start:  # at no characters, the caller is still there
            self.found_exits.add(node)
            self.found_exits.add(count)
        return 0

    def inside_count(self, most: cython.int) -> cython.int:
        """How many of ``inside``, from the first, start at most ``most`` characters (-1: any number)."""
        limit: cython.int = self.most_started if most < 0 or most > self.most_started else most
        return self.inside_until[limit]

    def dense(self, most: cython.int) -> object:
        """The tokens that start at most ``most`` characters as a row, or ``None`` if they are few."""
        count: cython.int
        if most < 0 or most >= self.most_started:
            return self.whole
        count = self.inside_count(most)
        if count <= DENSE_FROM:
            return None
        row = self.rows.get(most)
        if row is None:
            ids = np.asarray(self.inside)
            if 2 * count < len(ids):
                row = row_of(ids[:count], self.words)
            else:  # few tokens are long, so few are to be taken out
                row = self.whole.copy()
                clear_bits(row, ids[count:], len(ids) - count)
            self.rows[most] = row
        return row

    def exits_between(self, least: cython.int, most: cython.int, begins: object) -> object:
        """Where tokens leave the run behind ``least`` to ``most`` characters, at least one, to go on with a
        byte of ``begins``, a 256-bit integer: a tail trie, or the trie nodes if they are few."""
        least = max(least, 1)
        if most < 0 or most > self.most_exited:
            most = self.most_exited
        key = (least, most, begins)
        found = self.ways_out.get(key)
        if found is None:
            leaving = (self.exit_counts >= least) & (self.exit_counts <= most)
            found = self.trie.ways_out(self.exits[leaving], self.exit_bytes[leaving], begins, self.shared)
            self.ways_out[key] = found
        return found

    def footprint(self) -> int:
        """Bytes in use."""
        rows = [row for row in (self.whole, *self.rows.values()) if row is not None]
        inside = 4 * (len(self.inside) + len(self.inside_until)) + 40 * len(self.exits)
        return sum(row.nbytes for row in rows) + inside + ways_out_size(self.ways_out)


def ways_out_size(ways_out: dict) -> int:
    """Bytes of tail tries, or of lists of nodes."""
    return sum(
        found.footprint() if isinstance(found, Trie) else 36 * len(found) for found in ways_out.values()
    )


def _columns(pairs: IdBuffer) -> tuple[np.ndarray, np.ndarray]:
    table = pairs.take().reshape(-1, 2)
    return table[:, 0].copy(), table[:, 1].copy()
