"""Masks of leaves: which tokens stay inside a regular sub-language, and where the others leave it.

For a leaf with residual ``body``, followed by something unknown, the tokens below a trie node are
of three kinds: those that are read to their end inside the leaf (allowed whatever follows), those
that die in it, and those that complete it midway, whose *tails* alone what follows must accept. The
first and the last are found by one walk and kept per (trie node, body), so that no later mask ever
looks into the leaf again. Leaves that many grammars share, like a JSON string, are walked once a
vocabulary.

Three things keep a walk short. Children of a trie node and edges of a state are both in ascending
order, so a step is a merge. A subtree whose every byte leads back to the state at its root is
accepted unwalked. And a counted run of characters is walked once for all counters
(``masks.counted``).
"""

from __future__ import annotations

import cython
import numpy as np

if cython.compiled:
    from cython.cimports.constrain.engine.derivative import Engine
    from cython.cimports.constrain.expression import (
        BYTE_SET,
        CONCAT,
        EDGE_COUNT,
        EMPTY_NODE,
        EPSILON_NODE,
        KIND,
        LEAF,
        LITERAL,
        REPEAT,
        A,
        B,
    )
    from cython.cimports.constrain.masks.bitmask import IdBuffer, set_bits
    from cython.cimports.constrain.masks.counted import CharacterRun
    from cython.cimports.constrain.masks.loops import Loops
    from cython.cimports.constrain.vocabulary.trie import Trie

from constrain.masks.bitmask import DENSE_FROM
from constrain.masks.counted import ways_out_size

# Ids that are collected before they are moved to a row.
FLUSH_FROM = cython.declare(cython.int, 4096)

# Below a trie node with at most this many others, a leaf is walked each time: that takes a microsecond
# or two, and making a table thirty.
SMALL = cython.declare(cython.int, 200)

# States that the check for a prefix-free character may visit.
CHARACTER_STATES = 200

# Columns of ``LeafCache.frames``.
CHILD = cython.declare(cython.int, 0)
STOP = cython.declare(cython.int, 1)
RUN = cython.declare(cython.int, 2)
STATE = cython.declare(cython.int, 3)


class LeafMask:
    """What the walk of one leaf found below one trie node.

    Attributes:
        dense: row of the tokens that stay inside, if they are many, else ``None``; ``ids`` has the rest.
        exits: the nodes of ``trie`` where the leaf may end.
        soft: bytes (a 256-bit integer) behind exits that were left out because every byte there also
            continues the leaf: what follows must not begin with one of them for this mask to hold.
    """

    def __init__(
        self,
        trie: Trie,
        dense: np.ndarray | None,
        ids: np.ndarray,
        exits: np.ndarray,
        soft: int,
        shared: bool,
    ) -> None:
        self.trie = trie
        self.dense = dense
        self.ids = ids
        self.count = len(ids)
        self.exits = exits
        self.exit_count = len(exits)
        self.exit_bytes = trie.child_sets(exits)
        self.soft = soft
        self.shared = shared
        self.ways_out = {}

    def exits_to(self, begins: object) -> object:
        """Where tokens leave the leaf to go on with a byte of ``begins``, a 256-bit integer: a tail
        trie, or the trie nodes if they are few, or too much is below them."""
        found = self.ways_out.get(begins)
        if found is None:
            found = self.trie.ways_out(self.exits, self.exit_bytes, begins, self.shared)
            self.ways_out[begins] = found
        return found

    def footprint(self) -> int:
        """Bytes in use."""
        dense = 0 if self.dense is None else self.dense.nbytes
        return dense + 4 * self.count + 36 * self.exit_count + ways_out_size(self.ways_out)


class LeafCache:
    """Leaf masks of one engine over the tries of one vocabulary.

    ``shared`` outlives the engine: it holds the masks of leaves in the engine's base over tries of
    the vocabulary, which are the same for every engine with that base.
    """

    def __init__(self, engine: Engine, words: int, shared: dict) -> None:
        self.engine = engine
        self.words = words
        self.shared = shared
        self.local = {}
        self.prefix_free = {}
        self.runs = {}
        self.loops = Loops(engine)
        self.found = None
        self.dense = None

    def footprint(self) -> int:
        """Bytes in use by what is not shared."""
        size = 25 * self.loops.known + 100 * (len(self.runs) + len(self.prefix_free))
        for kept in self.local.values():
            found = [kept] if isinstance(kept, CharacterRun) else kept.values()
            size += sum(600 + one.footprint() for one in found)
        return size

    def warm(self, trie: Trie) -> None:
        """Find the masks of every leaf of the engine's base over the whole trie."""
        leaf: cython.int
        body: cython.int
        node: cython.int
        for leaf in range(self.engine.base_size):
            if self.engine.nodes[leaf, KIND] == LEAF:
                body = self.engine.nodes[leaf, A]
                node = 0
                if (
                    self.engine.nodes[body, KIND] == CONCAT
                    and self.engine.nodes[self.engine.nodes[body, A], KIND] == LITERAL
                ):
                    node = trie.find(self.engine.inspect(self.engine.nodes[body, A])[1])
                    body = self.engine.nodes[body, B]
                if node >= 0 and self.is_run(body):
                    self.run(trie, node, self.engine.nodes[self.engine.nodes[body, A], A])
                elif node >= 0:
                    self.get(trie, node, body)

    def is_cached(self, trie: Trie, node: cython.int, body: cython.int) -> cython.bint:
        """Whether to look for, or make, a mask at once: for leaves that are shared, where it is worth it."""
        return self.is_shared(trie, body) and trie.end[node] - node > SMALL

    def is_shared(self, trie: Trie, body: cython.int) -> cython.bint:
        return trie.shared and body < self.engine.base_size

    def known(self, trie: Trie, node: cython.int, body: cython.int) -> LeafMask:
        """The mask of the leaf ``body`` for the tokens below ``node`` if it has been found before, or ``None``."""
        store: dict = self.shared if self.is_shared(trie, body) else self.local
        masks = store.get(trie.key)
        if masks is None:
            return None
        return cython.cast(dict, masks).get((cython.cast(cython.longlong, node) << 32) | body)

    def get(self, trie: Trie, node: cython.int, body: cython.int) -> LeafMask:
        """The mask of the leaf ``body`` for the tokens below ``node``."""
        mask: LeafMask = self.known(trie, node, body)
        if mask is None:
            mask = self.compute(trie, node, body)
            store: dict = self.shared if self.is_shared(trie, body) else self.local
            store.setdefault(trie.key, {})[(cython.cast(cython.longlong, node) << 32) | body] = mask
        return mask

    def compute(self, trie: Trie, node: cython.int, body: cython.int) -> LeafMask:
        self.walk(trie, node, body)
        return self.finish(trie, body)

    # -- the walk -----------------------------------------------------------------------------

    def walk(self, trie: Trie, node: cython.int, body: cython.int) -> cython.int:
        """Depth first through the trie and the automaton of ``body``, into ``found``, ``exits`` and ``soft``."""
        engine: Engine = self.engine
        depth: cython.int = 0
        k: cython.int
        at: cython.int
        byte: cython.int
        child: cython.int
        target: cython.int
        if self.found is None:  # many grammars need no leaf of their own, and none of this
            self.frames = np.zeros((64, 4), np.intc)
            self.exits = np.zeros(64, np.intc)
            self.soft = np.zeros(8, np.uintc)
            self.found = IdBuffer()
        self.found.used = 0
        self.dense = None
        self.exit_used = 0
        for k in range(8):
            self.soft[k] = 0
        self.enter(0, trie, node, body)
        while depth >= 0:
            k = self.frames[depth, CHILD]
            if k == self.frames[depth, STOP]:
                depth -= 1
                continue
            byte = trie.child_byte[k]
            at = self.frames[depth, RUN]
            while engine.pool[at] < byte:
                at += 2
            self.frames[depth, RUN] = at
            target = engine.pool[at + 1]
            if target == EMPTY_NODE:
                while k < self.frames[depth, STOP] and trie.child_byte[k] <= engine.pool[at]:
                    k += 1
                self.frames[depth, CHILD] = k
                continue
            self.frames[depth, CHILD] = k + 1
            child = trie.child_node[k]
            self.found.add_range(trie.ids, trie.token_start[child], trie.token_start[child + 1])
            if trie.end[child] == child + 1:
                continue
            if engine.is_nullable(target):
                self.leave(trie, child, target)
                if target == EPSILON_NODE:
                    continue
            elif self.loops.stay(trie, child, target):
                self.found.add_range(trie.ids, trie.token_start[child + 1], trie.token_start[trie.end[child]])
                if self.found.used > FLUSH_FROM:
                    self.flush()
                continue
            depth += 1
            self.enter(depth, trie, child, target)
        return 0

    def flush(self) -> cython.int:
        """Move the ids in ``found`` to a row, which a wide leaf fills as it is walked."""
        if self.dense is None:
            self.dense = np.zeros(self.words, np.int32)
            self.row = self.dense
        set_bits(self.row, self.found.data, self.found.used)
        self.found.used = 0
        return 0

    def enter(self, depth: cython.int, trie: Trie, node: cython.int, state: cython.int) -> cython.int:
        """Open a frame for the children of ``node``."""
        if depth == self.frames.shape[0]:
            self.frames = np.concatenate([np.asarray(self.frames), np.zeros((depth, 4), np.intc)])
        self.frames[depth, CHILD] = trie.child_start[node]
        self.frames[depth, STOP] = trie.child_start[node + 1]
        self.frames[depth, RUN] = self.engine.edges(state)
        self.frames[depth, STATE] = state
        return 0

    def leave(self, trie: Trie, node: cython.int, state: cython.int) -> cython.int:
        """Note ``node``, where the leaf may end, as an exit, or its children's bytes as soft."""
        at: cython.int = self.engine.edges(state)
        pool: cython.int[::1] = self.engine.pool
        k: cython.int
        for k in range(trie.child_start[node], trie.child_start[node + 1]):
            while pool[at] < trie.child_byte[k]:
                at += 2
            if pool[at + 1] == EMPTY_NODE:
                if self.exit_used == self.exits.shape[0]:
                    self.exits = np.concatenate([np.asarray(self.exits), np.zeros(self.exit_used, np.intc)])
                self.exits[self.exit_used] = node
                self.exit_used += 1
                return 0
        for k in range(trie.child_start[node], trie.child_start[node + 1]):
            self.soft[trie.child_byte[k] >> 5] |= cython.cast(cython.uint, 1) << (trie.child_byte[k] & 31)
        return 0

    def finish(self, trie: Trie, body: cython.int) -> LeafMask:
        """Freeze what the walk found."""
        exits = np.asarray(self.exits)[: self.exit_used].copy()
        if self.dense is not None or self.found.used > DENSE_FROM:
            self.flush()
        dense, self.dense = self.dense, None
        soft = int.from_bytes(np.asarray(self.soft).tobytes(), "little")
        return LeafMask(trie, dense, self.found.take(), exits, soft, self.is_shared(trie, body))

    # -- runs of characters -------------------------------------------------------------------

    def run(self, trie: Trie, node: cython.int, character: cython.int) -> CharacterRun:
        """The table of runs of ``character`` below ``node``, shared by content where it is one byte."""
        key: object = character
        shared: cython.bint = self.is_shared(trie, character)
        if self.engine.nodes[character, KIND] == BYTE_SET and trie.shared:
            key = self.engine.inspect(character)[1]
            shared = True
        store: dict = self.shared if shared else self.local
        found = store.get((trie.key, node, key))
        if found is None:
            found = CharacterRun(self.engine, self.loops, trie, node, character, self.words, shared)
            store[trie.key, node, key] = found
        return found

    def has_run(self, trie: Trie, node: cython.int, character: cython.int) -> cython.bint:
        """Whether the table of ``run`` exists, or is worth making for all who share it."""
        if self.is_shared(trie, character):
            return trie.end[node] - node > SMALL or (trie.key, node, character) in self.shared
        return (trie.key, node, character) in self.local

    def is_run(self, body: cython.int) -> cython.bint:
        """Whether ``body`` is ``C{least,most} Q`` with the properties that ``masks.counted`` asks for."""
        known = self.runs.get(body)
        if known is None:
            known = self.runs[body] = self.find_run(body)
        return known

    def find_run(self, body: cython.int) -> cython.bint:
        engine: Engine = self.engine
        run: cython.int = engine.nodes[body, A]
        if engine.nodes[body, KIND] != CONCAT or engine.nodes[run, KIND] != REPEAT:
            return False
        if engine.is_nullable(engine.nodes[body, B]) or engine.is_nullable(engine.nodes[run, A]):
            return False
        if engine.first(engine.nodes[run, A]) & engine.first(engine.nodes[body, B]):
            return False
        return self.is_prefix_free(engine.nodes[run, A])

    def is_prefix_free(self, body: cython.int) -> cython.bint:
        """Whether no text of ``body`` is a proper prefix of another; False when that takes long to say."""
        if body not in self.prefix_free:
            self.prefix_free[body] = self._is_prefix_free(body)
        return self.prefix_free[body]

    def _is_prefix_free(self, body: int) -> bool:
        engine: Engine = self.engine
        seen: set = {body}
        todo: list = [body]
        node: cython.int
        at: cython.int
        i: cython.int
        while todo:
            node = todo.pop()
            if (engine.is_nullable(node) and node != EPSILON_NODE) or len(seen) > CHARACTER_STATES:
                return False
            at = engine.edges(node)
            for i in range(engine.nodes[node, EDGE_COUNT]):
                target = engine.pool[at + 2 * i + 1]
                if target not in seen and target != EMPTY_NODE:
                    seen.add(target)
                    todo.append(target)
        return True
