"""Masks of leaves: which tokens stay inside a regular sublanguage, and where the others leave it.

For a leaf with residual ``body``, followed by something unknown, the tokens below a trie node are
of three kinds: those that end inside the leaf (allowed whatever follows), those that reach a dead end in it, and those
that complete it midway, of which only the *tails* must be accepted by what follows. The first and the last kind are
found by one walk and kept per (trie node, body), so that no later mask ever looks into the leaf again. Leaves that many
grammars share, like a JSON string, are walked once per vocabulary.

Three things keep a walk short. Children of a trie node and edges of a state are both in ascending
order, so a step is a merge. A subtree whose every byte leads back to the state at its root is
accepted unwalked. And a counted run of characters is walked once for all counters
(``masks.leaves.character_run``).
"""

from __future__ import annotations

import cython
import numpy as np

if cython.compiled:
    from cython.cimports.constrain.engine.derivative import Engine
    from cython.cimports.constrain.expression.nodes import (
        BYTE_SET,
        CONCAT,
        EDGE_COUNT,
        EMPTY_NODE,
        EPSILON_NODE,
        FLAGS,
        KIND,
        LEAF,
        LITERAL,
        REPEAT,
        UNCERTAIN,
        A,
        B,
    )
    from cython.cimports.constrain.masks.bits.bitmask import IdBuffer, Row, or_into, set_bits
    from cython.cimports.constrain.masks.leaves.arithmetic_states import accept_below, begins_below
    from cython.cimports.constrain.masks.leaves.bounded import BoundedPattern
    from cython.cimports.constrain.masks.leaves.character_run import CharacterRun
    from cython.cimports.constrain.masks.leaves.character_run_cache import SMALL, CharacterRunCache
    from cython.cimports.constrain.masks.leaves.counter_relaxation import CounterRelaxation
    from cython.cimports.constrain.masks.leaves.leaf_classes import FAR, Bounds, LeafClasses
    from cython.cimports.constrain.masks.leaves.leaf_mask import LeafMask
    from cython.cimports.constrain.masks.leaves.loops import Loops
    from cython.cimports.constrain.masks.leaves.safe_distance import SafeDistances
    from cython.cimports.constrain.vocabulary.layout import CHARACTERS, END, FIRST_CHILD, FIRST_TOKEN
    from cython.cimports.constrain.vocabulary.trie import Trie

from constrain.masks.bits.bitmask import DENSE_FROM
from constrain.masks.leaves.bounded import TooLong
from constrain.masks.leaves.counter_relaxation import HORIZONS

# How many ids are collected before they are moved to a row.
FLUSH_FROM = cython.declare(cython.int, 4096)

# Loops of fewer turns than this are walked unchanged, since tokens reach their end.
RELAX_FROM = 8

# Walking this many nodes takes as long as finding out that the walk is not needed.
FEW = cython.declare(cython.int, 16)

# Longer than any token.
NO_LIMIT = cython.declare(cython.int, 1 << 20)

# How many bytes of a character may be missing within a subtree that is accepted without a walk.
CHARACTER = cython.declare(cython.int, 3)

# The key, in the shared store, of the ids of shared masks.
POOL = "pool"

# Columns of ``LeafCache.frames``.
CHILD = cython.declare(cython.int, 0)
STOP = cython.declare(cython.int, 1)
RUN = cython.declare(cython.int, 2)
LAST_RUN = cython.declare(cython.int, 3)

# How many runs of bytes, in ints, are skipped at once where a state has more.
MANY = cython.declare(cython.int, 16)


class LeafCache:
    """Leaf masks of one engine over the tries of one vocabulary.

    ``shared`` outlives the engine: it holds the masks of leaves in the engine's base over tries of
    the vocabulary, which are the same for every engine with that base.
    """

    def __init__(self, engine: Engine, words: int, shared: dict) -> None:
        self.engine = engine
        self.words = words
        self.shared = shared
        if POOL not in shared:
            shared[POOL] = IdBuffer()
        self.shared_pool = shared[POOL]
        self.forget()
        self.relaxing = False
        self.limit = NO_LIMIT
        self.uncertain = False
        self.found = None
        self.dense = None

    def forget(self) -> None:
        """Drop what is known about the leaves of this engine alone; it is found again when it is needed."""
        self.local = {}
        self.loops = Loops(self.engine)
        self.safe_distances = SafeDistances(self.engine)
        self.leaf_classes = LeafClasses(self.engine)
        self.run_cache = CharacterRunCache(self.engine, self.loops, self.words, self.shared)
        self.pool = IdBuffer()
        self.relaxation = CounterRelaxation(self.engine)
        self.made = 0

    def footprint(self) -> int:
        """Bytes in use, without what is shared."""
        size = (
            25 * cython.cast(cython.Py_ssize_t, self.loops.known)
            + self.safe_distances.footprint()
            + self.relaxation.footprint()
            + self.leaf_classes.footprint()
            + 4 * cython.cast(cython.Py_ssize_t, self.pool.used)
            + self.run_cache.footprint()
        )
        for kept in self.local.values():
            found = kept.values() if isinstance(kept, dict) else [kept]
            size += sum(600 + one.footprint() for one in found if one is not None)
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
                if node >= 0 and self.leaf_classes.is_run(body):
                    self.run_cache.warm(trie, node, self.engine.nodes[self.engine.nodes[body, A], A])
                elif node >= 0:
                    self.get(trie, node, body)

    def stay(self, trie: Trie, node: cython.int, state: cython.int) -> cython.bint:
        """See ``Loops.stay``."""
        return self.loops.stay(trie, node, state)

    def is_cached(self, trie: Trie, node: cython.int, body: cython.int) -> cython.bint:
        """Whether to look up or make a mask at once, which pays for leaves that are shared or free."""
        if trie.nodes[node, END] - node <= SMALL or not trie.shared:
            return False
        return (
            body < self.engine.base_size
            or self.leaf_classes.free_character(body, self.run_cache.characters) >= 0
        )

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
            mask = self.get_far(trie, node, body, False) or self.compute_relaxed(trie, node, body)
            store: dict = self.shared if self.is_shared(trie, body) else self.local
            store.setdefault(trie.key, {})[(cython.cast(cython.longlong, node) << 32) | body] = mask
        return mask

    def is_far(self, trie: Trie, node: cython.int, body: cython.int) -> cython.bint:
        """Whether ``body`` has a mask that all counters share. If so, the mask is found."""
        mask: LeafMask = self.known(trie, node, body)
        if mask is None:
            mask = self.get_far(trie, node, body, True)
            if mask is not None:
                self.local.setdefault(trie.key, {})[(cython.cast(cython.longlong, node) << 32) | body] = mask
        return mask is not None

    def get_far(self, trie: Trie, node: cython.int, body: cython.int, wholly: cython.bint) -> LeafMask:
        """The mask of ``body`` that many bodies can share by ``counter_relaxation``; ``None`` if they cannot. If
        ``wholly``, there is one only if no counter remains in which these bodies differ."""
        mask: LeafMask
        key: cython.longlong
        horizon: cython.int = 0
        for horizon in HORIZONS:
            if horizon > trie.longer_than:
                break
        if horizon <= trie.longer_than or self.is_shared(trie, body):
            return None
        bounds: Bounds = self.leaf_classes.bounds_of(body)  # a bound beside a pattern does not matter
        if not self.relaxation.counts_bytes(body if bounds is None else bounds.pattern):
            return None
        relaxed, reach, near = self.relaxation.relaxed(body, horizon)
        if (
            relaxed == body
            or (wholly and near)
            or self.leaf_classes.free_character(body, self.run_cache.characters) >= 0
        ):
            return None
        store: dict = self.local.setdefault((trie.key, horizon), {})
        key = (cython.cast(cython.longlong, node) << 32) | cython.cast(cython.longlong, relaxed)
        mask = store.get(key)
        if mask is None:
            self.limit = horizon
            self.uncertain = (self.engine.nodes[relaxed, FLAGS] & UNCERTAIN) != 0
            self.completion = 0
            try:
                self.walk(trie, node, relaxed)
                mask = store[key] = self.finish(trie, relaxed, None)
            finally:
                self.limit = NO_LIMIT
                self.uncertain = False
            mask.completion = self.completion
        if horizon + mask.completion > reach:
            return None
        return mask.up_to(trie.longer_below(node, horizon))

    def compute_relaxed(self, trie: Trie, node: cython.int, body: cython.int) -> LeafMask:
        """The mask of ``body``, shared by all bodies that differ only in bounds of loops that no token reaches."""
        relaxed, bound = self.leaf_classes.relaxed(body)
        if bound < RELAX_FROM or bound == FAR:
            return self.compute(trie, node, body)
        mask: LeafMask = self.known(trie, node, relaxed)
        if mask is None:
            self.relaxing = True
            self.turns = 0
            self.counted = np.zeros(self.engine.size + 256, np.uint8)
            try:
                mask = self.compute(trie, node, relaxed)
            finally:
                self.relaxing = False
            mask.turns = self.turns
            self.local.setdefault(trie.key, {})[(cython.cast(cython.longlong, node) << 32) | relaxed] = mask
        if mask.turns < bound:
            return mask
        return self.compute(trie, node, body)

    def compute(self, trie: Trie, node: cython.int, body: cython.int) -> LeafMask:
        character: cython.int = -1
        if trie.shared and trie.nodes[node, END] - node > SMALL:
            character = self.leaf_classes.free_character(body, self.run_cache.characters)
        # Making a missing table would take ten milliseconds, and a walk that accepts whole subtrees takes one.
        if character >= 0 and self.run_cache.has(trie, node, character):
            table: CharacterRun = self.run_cache.of(trie, node, character)
            if table.whole is not None:
                rest: Trie = table.rest(node)
                self.walk(rest, 0, body)
                return self.finish(rest, body, table.whole)
        self.walk(trie, node, body)
        return self.finish(trie, body, None)

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
            byte = trie.children[k] & 255
            at = self.frames[depth, RUN]
            if engine.pool[at] < byte:
                while self.frames[depth, LAST_RUN] - at > MANY and engine.pool[at + MANY] < byte:
                    at += MANY
                while engine.pool[at] < byte:
                    at += 2
            self.frames[depth, RUN] = at
            target = engine.pool[at + 1]
            if target == EMPTY_NODE:
                while k < self.frames[depth, STOP] and (trie.children[k] & 255) <= engine.pool[at]:
                    k += 1
                self.frames[depth, CHILD] = k
                continue
            self.frames[depth, CHILD] = k + 1
            child = trie.children[k] >> 8
            self.found.add_range(trie.ids, trie.nodes[child, FIRST_TOKEN], trie.nodes[child + 1, FIRST_TOKEN])
            if self.uncertain:
                self.completion = max(self.completion, self.relaxation.completion(target) + CHARACTER)
            if trie.nodes[child, END] == child + 1 or depth + 1 == self.limit:
                continue
            begins = begins_below(engine, trie, child, target) if self.limit == NO_LIMIT else None
            if begins is not None:
                if not accept_below(self.found, trie, child, begins) and engine.is_nullable(target):
                    self.add_exit(child)
                continue
            if engine.is_nullable(target):
                self.leave(trie, child, target)
                if target == EPSILON_NODE:
                    continue
            elif (self.limit == NO_LIMIT or depth + 1 + trie.height[child] <= self.limit) and (
                self.loops.stay(trie, child, target)
                or (
                    trie.nodes[child, END] - child > FEW
                    and not (self.uncertain or self.relaxing)
                    and self.safe_distances.far(trie, child, target)
                )
            ):
                self.found.add_range(
                    trie.ids,
                    trie.nodes[child + 1, FIRST_TOKEN],
                    trie.nodes[trie.nodes[child, END], FIRST_TOKEN],
                )
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
        self.engine.meter.patience -= 4
        if self.engine.meter.patience < 0:
            self.engine.meter.check()
        self.frames[depth, CHILD] = trie.nodes[node, FIRST_CHILD]
        self.frames[depth, STOP] = trie.nodes[node + 1, FIRST_CHILD]
        self.frames[depth, RUN] = self.engine.edges(state)
        self.frames[depth, LAST_RUN] = self.frames[depth, RUN] + 2 * self.engine.nodes[state, EDGE_COUNT] - 2
        if self.relaxing and (state >= self.counted.shape[0] or not self.counted[state]):
            self.count_turns(state)
        return 0

    def count_turns(self, state: cython.int) -> cython.int:
        """Note how many turns of loops the way to ``state`` has taken."""
        if state >= self.counted.shape[0]:
            counted = np.zeros(2 * self.engine.size, np.uint8)
            counted[: self.counted.shape[0]] = self.counted
            self.counted = counted
        self.counted[state] = 1
        self.turns = max(self.turns, self.leaf_classes.turns_of(state))
        return 0

    def leave(self, trie: Trie, node: cython.int, state: cython.int) -> cython.int:
        """Note ``node``, where the leaf may end, as an exit, or its children's bytes as soft."""
        at: cython.int = self.engine.edges(state)
        pool: cython.int[::1] = self.engine.pool
        k: cython.int
        for k in range(trie.nodes[node, FIRST_CHILD], trie.nodes[node + 1, FIRST_CHILD]):
            while pool[at] < (trie.children[k] & 255):
                at += 2
            if pool[at + 1] == EMPTY_NODE:
                return self.add_exit(node)
        for k in range(trie.nodes[node, FIRST_CHILD], trie.nodes[node + 1, FIRST_CHILD]):
            self.soft[(trie.children[k] & 255) >> 5] |= cython.cast(cython.uint, 1) << (
                (trie.children[k] & 255) & 31
            )
        return 0

    def add_exit(self, node: cython.int) -> cython.int:
        if self.exit_used == self.exits.shape[0]:
            self.exits = np.concatenate([np.asarray(self.exits), np.zeros(self.exit_used, np.intc)])
        self.exits[self.exit_used] = node
        self.exit_used += 1
        return 0

    def finish(self, trie: Trie, body: cython.int, row: Row) -> LeafMask:
        """Freeze what the walk found, in addition to the tokens of ``row``."""
        exits = np.asarray(self.exits)[: self.exit_used].copy() if self.exit_used else None
        start: cython.int
        count: cython.int
        if self.dense is not None or self.found.used > DENSE_FROM:
            self.flush()
        dense, self.dense = self.dense, None
        if dense is not None:
            if row is not None:
                or_into(dense, row.bits)
            row = Row(dense)
            self.made += 4 * self.words
        soft = self.softness()
        shared: cython.bint = self.is_shared(trie, body)
        pool: IdBuffer = self.shared_pool if shared else self.pool
        count = self.found.used
        start = self.found.move_to(pool, 0)
        return LeafMask(trie, row, pool, start, count, exits, soft, shared)

    def softness(self) -> object:
        """The soft bytes as a 256-bit integer."""
        i: cython.int
        for i in range(8):
            if self.soft[i]:
                return int.from_bytes(np.asarray(self.soft).tobytes(), "little")
        return 0

    def bounded(self, trie: Trie, node: cython.int, bounds: Bounds, relaxed: cython.bint) -> BoundedPattern:
        """The table of a bounded pattern below ``node``, or ``None`` where a table does not pay. If ``relaxed``, it is
        made as if the loops had no bounds; ``None`` where these matter."""
        table: BoundedPattern
        pattern: cython.int = bounds.pattern
        bound: cython.int = 1
        if relaxed:
            pattern, bound = self.leaf_classes.relaxed(pattern)
        key = (trie.key, node, bounds.count, bounds.character, pattern)
        if key in self.local:
            table = self.local[key]
        else:
            try:
                table = BoundedPattern(
                    self.engine, self.leaf_classes, self.loops, trie, node, bounds, pattern, self.words
                )
                self.made += table.footprint()
            except TooLong:
                table = None
            self.local[key] = table
        if table is not None and table.turns >= bound:
            return None
        return table
