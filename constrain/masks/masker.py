"""Masks of states: the tokens whose bytes can be read.

``walk(trie, node, head, tail)`` collects the tokens below a trie node that begin a text of
``head tail``. It follows the *structure* of the expression, and no state is made for what it passes:
a literal goes down one path, a table of keys down as many as are in the trie, a union does each
part in turn (masks are or-ed), a leaf is looked up (``masks.leaf``) and only the tails of the tokens
that complete it go on with what follows. These are the partial derivatives of Antimirov (1996),
taken along the trie.

The structure can be too entangled for that: a grammar so ambiguous that the same place is reached
along many paths, or a leaf that may end where what follows begins with the same bytes. Then
``walk_derivatives`` derives token by token, slower, and bounded by the size of the trie.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cython
import numpy as np

if cython.compiled:
    from cython.cimports.constrain.engine.derivative import Engine
    from cython.cimports.constrain.expression import (
        BYTE_SET,
        CAPTURE,
        CHOICE,
        CONCAT,
        EMPTY_NODE,
        ENTRY,
        EPSILON_NODE,
        KEY_INDEX,
        KEY_LENGTH,
        KEY_OFFSET,
        KIND,
        LEAF,
        LITERAL,
        REFERENCE,
        REPEAT,
        TABLE_HEADER,
        UNION,
        A,
        B,
        C,
    )
    from cython.cimports.constrain.masks.bitmask import (
        IdBuffer,
        TokenSet,
        clear_bits,
        or_into,
        overlaps,
        set_bit,
        set_bits,
    )
    from cython.cimports.constrain.masks.counted import CharacterRun
    from cython.cimports.constrain.masks.leaf import LeafCache, LeafMask
    from cython.cimports.constrain.vocabulary.trie import Trie

from constrain.masks.bitmask import DENSE_FROM, row_of

# Trie nodes that a leaf may reach to count as narrow: some microseconds.
NARROW_STEPS = cython.declare(cython.int, 300)

# Beyond these a structural walk gives up and derivatives take over. An ordinary mask takes tens of
# steps and is a dozen calls deep.
STEP_LIMIT = cython.declare(cython.int, 20_000)
DEPTH_LIMIT = cython.declare(cython.int, 400)


class _Entangled(Exception):
    """The structural walk was given up."""


class Masker:
    """Computes the masks of one engine's states over one vocabulary.

    ``tokens[i]`` are the bytes of token *i* or ``None``, ``trie`` is their trie, and ``shared`` the
    vocabulary's store of leaf masks for the engine's base (``LeafCache``).
    """

    def __init__(
        self, engine: Engine, trie: Trie, tokens: Sequence[bytes | None], words: int, shared: dict
    ) -> None:
        self.engine = engine
        self.trie = trie
        self.tokens = tokens
        self.words = words
        self.leaves = LeafCache(engine, words, shared)
        self.found = IdBuffer()
        self.rows = []
        self.scratch = None
        self.special = {}
        self.keys = {}
        self.begins = {}
        self.settled = {}
        self.narrow_left = 0
        self.pending = []
        self.origin = EMPTY_NODE
        self.guard = engine.reference(_never)
        self.places = None
        self.after = None
        self.no_ids = np.empty(0, np.intc)
        self.derived = False

    def mask(self, state: int, end_ids: np.ndarray) -> TokenSet:
        """The tokens allowed in ``state``; ``end_ids`` are added where the text may end."""
        return self.compute(state, self.engine.is_nullable(state), end_ids)

    def mask_by_derivatives(self, state: int, end_ids: np.ndarray) -> TokenSet:
        """The same mask, by derivatives alone."""
        self.found.used = 0
        self.rows = []
        self.walk_derivatives(self.trie, 0, state)
        if self.engine.is_nullable(state):
            self.found.add_range(end_ids, 0, len(end_ids))
        return self.combine()

    def places_of(self, state: int, after: Callable[[int], int]) -> list[tuple[int, int]] | None:
        """Where tokens allowed in ``state`` may end: inside the head of one of the pairs (head, tail), ``tail``
        being all that is left then. ``None`` if only derivatives can tell. ``after(capture)`` is what stands
        for all that may follow texts of a capture."""
        self.places, self.after, self.derived = [], after, False
        try:
            self.compute(state, False, self.no_ids)
        finally:
            places, self.places, self.after = self.places, None, None
        return None if self.derived else places

    def footprint(self) -> int:
        """Bytes in use, beside what is shared by all grammars."""
        entries = len(self.special) + len(self.begins) + len(self.settled) + len(self.keys)
        keys = sum(ids.nbytes + 80 * (len(rows) + len(pending)) for rows, ids, pending in self.keys.values())
        settled = sum(ids.nbytes for ids in self.settled.values())
        return self.leaves.footprint() + keys + settled + 300 * entries

    def compute(self, state: cython.int, ends: cython.bint, end_ids: cython.int[::1]) -> TokenSet:
        self.found.used = 0
        self.rows = []
        self.pending = []
        self.origin = state
        self.depth = 0
        self.steps = 0
        try:
            self.walk(self.trie, 0, state, EPSILON_NODE)
        except _Entangled:
            self.found.used = 0
            self.rows = []
            self.pending = []
            self.walk_derivatives(self.trie, 0, state)
        for trie, node in self.pending:
            self.verify(trie, node)
        if ends:
            self.found.add_range(end_ids, 0, end_ids.shape[0])
        return self.combine()

    def combine(self) -> object:
        """Rows and single ids as one token set."""
        if not self.rows:
            ids = self.found.take()
            if len(ids) > DENSE_FROM:
                return TokenSet(row_of(ids, self.words), np.empty(0, np.intc))
            return TokenSet(None, ids)
        dense = self.rows[0]
        own: cython.bint = False
        if len(self.rows) > 1 or self.found.used > 4 * DENSE_FROM:
            dense = dense.copy()
            for row in self.rows[1:]:
                or_into(dense, row)
            set_bits(dense, self.found.data, self.found.used)
            self.found.used = 0
            own = True
        return TokenSet(dense, self.found.take(), own)

    # -- the structural walk ------------------------------------------------------------------

    def walk(self, trie: Trie, node: cython.int, head: cython.int, tail: cython.int) -> cython.int:
        """Accept the tokens below ``node`` that begin a text of ``head tail``, both ending there or going on."""
        engine: Engine = self.engine
        kind: cython.int = engine.nodes[head, KIND]
        i: cython.int
        self.steps += 1
        if trie.is_leaf(node):
            return 0
        if self.steps > STEP_LIMIT or self.depth > DEPTH_LIMIT:
            raise _Entangled
        if self.places is not None:
            self.places.append((head, tail))
        self.depth += 1
        if kind == CONCAT:
            self.walk(trie, node, engine.nodes[head, A], engine.concat2(engine.nodes[head, B], tail))
        elif kind == LITERAL:
            self.walk_literal(trie, node, head, tail)
        elif kind == LEAF:
            self.walk_leaf(trie, node, engine.nodes[head, A], tail)
        elif kind == UNION:
            for i in range(engine.nodes[head, B]):
                self.walk(trie, node, engine.pool[engine.nodes[head, A] + i], tail)
        elif kind == CHOICE:
            i = engine.nodes[head, A]
            self.walk_choice(trie, node, engine.pool[i + 1], engine.pool[i + 2], engine.pool[i + 3], i, tail)
        elif kind == REFERENCE:
            if head == self.guard:
                self.pending.append((trie, node))
            else:
                self.walk(trie, node, engine.body_of(head), tail)
        elif kind == CAPTURE:
            self.walk_capture(trie, node, head, tail)
        elif kind == BYTE_SET:
            self.walk_bytes(trie, node, head, tail)
        elif kind == REPEAT:
            self.walk(trie, node, engine.nodes[head, A], engine.concat2(engine.rest(head), tail))
            if engine.is_nullable(head):
                self.walk(trie, node, tail, EPSILON_NODE)
        elif head > EPSILON_NODE:  # an intersection or a complement, not marked as a leaf
            self.walk_derivatives(trie, node, engine.concat2(head, tail))
        elif head == EPSILON_NODE and tail != EPSILON_NODE:
            self.walk(trie, node, tail, EPSILON_NODE)
        self.depth -= 1
        return 0

    def accept(self, trie: Trie, node: cython.int) -> cython.int:
        """Accept the tokens that end at ``node``."""
        i: cython.int
        for i in range(trie.token_start[node], trie.token_start[node + 1]):
            self.found.add(trie.ids[i])
        return 0

    def walk_literal(self, trie: Trie, node: cython.int, head: cython.int, tail: cython.int) -> cython.int:
        i: cython.int
        at: cython.int = self.engine.nodes[head, A]
        for i in range(self.engine.nodes[head, B]):
            node = trie.child(node, self.engine.text[at + i])
            if node < 0:
                return 0
            self.accept(trie, node)
        return self.walk(trie, node, tail, EPSILON_NODE)

    def walk_bytes(self, trie: Trie, node: cython.int, head: cython.int, tail: cython.int) -> cython.int:
        k: cython.int
        byte: cython.int
        at: cython.int = self.engine.nodes[head, A]
        for k in range(trie.child_start[node], trie.child_start[node + 1]):
            byte = trie.child_byte[k]
            if (cython.cast(cython.uint, self.engine.pool[at + (byte >> 5)]) >> (byte & 31)) & 1:
                self.accept(trie, trie.child_node[k])
                self.walk(trie, trie.child_node[k], tail, EPSILON_NODE)
        return 0

    def walk_leaf(self, trie: Trie, node: cython.int, body: cython.int, tail: cython.int) -> cython.int:
        """A leaf is a literal and then a leaf, a run of characters and then a leaf, or looked up."""
        engine: Engine = self.engine
        first: cython.int = engine.nodes[body, A]
        if engine.nodes[body, KIND] == CONCAT and engine.nodes[first, KIND] == LITERAL:
            return self.walk_literal(
                trie, node, first, engine.concat2(engine.leaf_of(engine.nodes[body, B]), tail)
            )
        if (
            engine.nodes[body, KIND] == CONCAT
            and engine.nodes[first, KIND] == REPEAT
            and self.leaves.is_run(body)
        ):
            if self.leaves.has_run(trie, node, engine.nodes[first, A]) or not self.walk_narrow(
                trie, node, body, tail
            ):
                self.walk_run(trie, node, first, engine.nodes[body, B], tail)
            return 0
        self.walk_whole(trie, node, body, tail)
        if engine.is_nullable(body):
            self.walk(trie, node, tail, EPSILON_NODE)
        return 0

    def walk_run(
        self, trie: Trie, node: cython.int, run: cython.int, close: cython.int, tail: cython.int
    ) -> cython.int:
        """A counted run of characters, as its table has it; what closes it begins unlike a character."""
        least: cython.int = self.engine.nodes[run, B]
        most: cython.int = self.engine.nodes[run, C]
        table: CharacterRun = self.leaves.run(trie, node, self.engine.nodes[run, A])
        tail = self.engine.concat2(self.engine.leaf_of(close), tail)
        dense = table.dense(most)
        if dense is not None:
            self.rows.append(dense)
        else:
            self.found.add_range(table.inside, 0, table.inside_count(most))
        if least == 0:
            self.walk(trie, node, tail, EPSILON_NODE)
        return self.walk_ways_out(trie, table.exits_between(least, most, self.begins_of(close)), tail)

    def walk_whole(self, trie: Trie, node: cython.int, body: cython.int, tail: cython.int) -> cython.int:
        """Tokens inside the leaf as the cache has them; those that leave it go on with ``tail``.

        A leaf of this grammar alone, and any leaf where few tokens are left, is first walked on the spot,
        which is all there is to do for one that few tokens fit, like a number or a date; the others are cached.
        """
        mask: LeafMask = self.leaves.known(trie, node, body)
        if mask is None:
            if not self.leaves.is_cached(trie, node, body) and self.walk_narrow(trie, node, body, tail):
                return 0
            mask = self.leaves.get(trie, node, body)
        if mask.soft and tail != EPSILON_NODE and mask.soft & self.begins_of(tail):
            return self.walk_derivatives(trie, node, self.engine.concat2(body, tail))
        if mask.dense is not None:
            self.rows.append(mask.dense)
        if mask.count:
            self.found.add_range(mask.ids, 0, mask.count)
        if mask.exit_count and tail != EPSILON_NODE:
            self.walk_ways_out(trie, mask.exits_to(self.begins_of(tail)), tail)
        return 0

    def begins_of(self, node: cython.int) -> object:
        """The bytes that a text of ``node`` may begin with, as a 256-bit integer."""
        begins = self.begins.get(node)
        if begins is None:
            begins = self.begins[node] = self.engine.first(node)
        return begins

    def walk_ways_out(self, trie: Trie, ways_out: object, tail: cython.int) -> cython.int:
        """Go on with ``tail`` below a tail trie, or below some nodes of ``trie``."""
        node: cython.int
        if isinstance(ways_out, Trie):
            return self.walk(ways_out, 0, tail, EPSILON_NODE)
        for node in ways_out:
            self.walk(trie, node, tail, EPSILON_NODE)
        return 0

    def walk_narrow(self, trie: Trie, node: cython.int, body: cython.int, tail: cython.int) -> cython.bint:
        """Walk a leaf by its edges, going on with ``tail`` where it may end. False, and nothing has
        changed, if that takes more than ``NARROW_STEPS``."""
        used: cython.int = self.found.used
        rows: cython.Py_ssize_t = len(self.rows)
        outer: cython.int = self.narrow_left
        self.narrow_left = NARROW_STEPS
        fits: cython.bint = self.walk_edges(trie, node, body, tail)
        self.narrow_left = outer
        if not fits:
            self.found.used = used
            del self.rows[rows:]
        return fits

    def walk_edges(self, trie: Trie, node: cython.int, state: cython.int, tail: cython.int) -> cython.bint:
        engine: Engine = self.engine
        at: cython.int = engine.edges(state)
        k: cython.int = trie.child_start[node]
        stop: cython.int = trie.child_start[node + 1]
        child: cython.int
        target: cython.int
        while k < stop:
            while engine.pool[at] < trie.child_byte[k]:
                at += 2
            target = engine.pool[at + 1]
            if target == EMPTY_NODE:
                while k < stop and trie.child_byte[k] <= engine.pool[at]:
                    k += 1
                continue
            self.narrow_left -= 1
            if self.narrow_left < 0:
                return False
            child = trie.child_node[k]
            k += 1
            self.accept(trie, child)
            if trie.is_leaf(child):
                continue
            if engine.is_nullable(target) and tail != EPSILON_NODE:
                self.walk(trie, child, tail, EPSILON_NODE)
            if target != EPSILON_NODE and not self.walk_edges(trie, child, target, tail):
                return False
        return True

    def walk_choice(
        self,
        trie: Trie,
        node: cython.int,
        low: cython.int,
        high: cython.int,
        depth: cython.int,
        choice: cython.int,
        tail: cython.int,
    ) -> cython.int:
        """Follow table entries [low, high), whose first ``depth`` bytes are read, down the trie together."""
        engine: Engine = self.engine
        table: cython.int = engine.pool[choice]
        first: cython.int = engine.pool[choice + 4]
        last: cython.int = engine.pool[choice + 5]
        at: cython.int
        end: cython.int
        byte: cython.int
        child: cython.int
        live: cython.bint
        while low < high:
            at = table + TABLE_HEADER + ENTRY * low
            if engine.pool[at + KEY_LENGTH] == depth:  # a whole key is read
                if first <= engine.pool[at + KEY_INDEX] <= last:
                    self.walk(trie, node, engine.follow_of(table, low), tail)
                low += 1
                continue
            byte = engine.text[engine.pool[at + KEY_OFFSET] + depth]
            end = engine.lower_bound(table, low, high, depth, byte + 1)
            child = trie.child(node, byte)
            if child >= 0:
                live = False
                for at in range(low, end):
                    if first <= engine.pool[table + TABLE_HEADER + ENTRY * at + KEY_INDEX] <= last:
                        live = True
                        break
                if live:
                    self.accept(trie, child)
                    if not trie.is_leaf(child):
                        self.walk_choice(trie, child, low, end, depth + 1, choice, tail)
            low = end
        return 0

    # -- captures -----------------------------------------------------------------------------

    def walk_capture(self, trie: Trie, node: cython.int, head: cython.int, tail: cython.int) -> cython.int:
        """A key to be: inside it every token will do; behind it comes what its handler answers.

        All but the special texts are answered alike, ``handler.common`` and then something that
        depends on the text: the few tokens that reach that far are verified one by one. Tokens that
        complete a special text are taken out, and those texts are then asked about by themselves.
        """
        engine: Engine = self.engine
        used: cython.int = self.found.used
        rows: cython.Py_ssize_t = len(self.rows)
        follow: cython.int
        reached: cython.int
        handler = engine.handlers[engine.nodes[head, C]]
        special: list = self.special_below(trie, node, head)
        places: cython.Py_ssize_t = len(self.pending)
        follow = engine.concat2(handler.common, self.guard)
        if self.places is not None:
            follow = engine.concat2(self.after(head), tail)
        self.walk_key(trie, node, engine.nodes[head, A], follow)
        if len(self.pending) > places and node == 0 and trie is self.trie and not special:
            self.settle(head, tail, places)
        for _, below in special:
            self.drop_below(trie, below, used, rows)
        for key, below in special:
            reached = below
            follow = handler.complete(engine, key)
            if follow != EMPTY_NODE:
                self.accept(trie, reached)
                self.walk(trie, reached, follow, tail)
        return 0

    def walk_key(self, trie: Trie, node: cython.int, body: cython.int, rest: cython.int) -> cython.int:
        """The leaf of a capture, then ``rest``. While a run of characters goes on, the tails of the tokens
        that end it are the same after each character: they are walked once for all."""
        engine: Engine = self.engine
        run: cython.int = engine.nodes[body, A]
        used: cython.int = self.found.used
        if (
            engine.nodes[body, KIND] != CONCAT
            or engine.nodes[run, KIND] != REPEAT
            or not self.leaves.is_run(body)
        ):
            return self.walk(trie, node, engine.leaf_of(body), rest)
        key = (trie.key, node, body, rest)
        known = self.keys.get(key) if self.places is None else None
        if known is None:
            rows, self.rows = self.rows, []
            pending, self.pending = self.pending, []
            self.walk_run(trie, node, run, engine.nodes[body, B], rest)
            ids = self.found.take(used)
            self.keys[key] = (self.rows, ids, self.pending)
            self.rows = rows + self.rows
            self.pending = pending + self.pending
            return 0
        self.rows.extend(known[0])
        self.pending.extend(known[2])
        return self.found.add_range(known[1], 0, len(known[1]))

    def special_below(self, trie: Trie, node: cython.int, head: cython.int) -> list:
        """(text, trie node) for the special texts of the capture ``head`` that some token below ``node`` completes."""
        engine: Engine = self.engine
        number: cython.int = engine.nodes[head, C]
        table: cython.int
        low: cython.int = 0
        high: cython.int
        depth: cython.int
        byte: cython.int
        text: bytes
        found: list = []
        known = self.special.get(number)
        if known is None:
            known = self.special[number] = engine.table(list(engine.handlers[number].special))
        table = known
        high = engine.pool[table]
        if high:
            text = engine.literal_bytes(engine.nodes[head, B])
            for depth in range(len(text)):  # not `for byte in text`: compiled, that yields signed chars
                byte = cython.cast(cython.uchar, text[depth])
                low = engine.lower_bound(table, low, high, depth, byte)
                high = engine.lower_bound(table, low, high, depth, byte + 1)
            self.collect_special(trie, node, table, low, high, cython.cast(cython.int, len(text)), found)
        return found

    def collect_special(
        self,
        trie: Trie,
        node: cython.int,
        table: cython.int,
        low: cython.int,
        high: cython.int,
        depth: cython.int,
        found: list,
    ) -> cython.int:
        """Follow the entries [low, high) of a table of texts down the trie together."""
        engine: Engine = self.engine
        at: cython.int
        end: cython.int
        byte: cython.int
        child: cython.int
        while low < high:
            at = table + TABLE_HEADER + ENTRY * low
            if engine.pool[at + KEY_LENGTH] == depth:
                found.append((engine.key_bytes(at), node))
                low += 1
                continue
            byte = engine.text[engine.pool[at + KEY_OFFSET] + depth]
            end = engine.lower_bound(table, low, high, depth, byte + 1)
            child = trie.child(node, byte)
            if child >= 0:
                self.collect_special(trie, child, table, low, end, depth + 1, found)
            low = end
        return 0

    def drop_below(
        self, trie: Trie, node: cython.int, start: cython.int, rows: cython.Py_ssize_t
    ) -> cython.int:
        """Take the tokens at and below ``node`` out of ``found[start:]`` and of ``self.rows[rows:]``."""
        low: cython.int = trie.token_start[node]
        high: cython.int = trie.token_start[trie.end[node]]
        kept: cython.int = start
        token: cython.int
        i: cython.int
        row: cython.int[::1]
        if self.scratch is None:
            self.scratch = np.zeros(self.words, np.int32)
        for i in range(low, high):
            set_bit(self.scratch, trie.ids[i])
        for i in range(start, self.found.used):
            token = self.found.data[i]
            if not (cython.cast(cython.uint, self.scratch[token >> 5]) >> (token & 31)) & 1:
                self.found.data[kept] = token
                kept += 1
        self.found.used = kept
        for i in range(low, high):
            self.scratch[trie.ids[i] >> 5] = 0
        for i in range(rows, len(self.rows)):
            row = self.rows[i]
            # The row of a run of characters holds no token with a closing quote, so none of these.
            if overlaps(row, trie.ids, low, high):
                self.rows[i] = self.rows[i].copy()
                clear_bits(self.rows[i], trie.ids[low:high], high - low)
        return 0

    def settle(self, head: cython.int, tail: cython.int, start: cython.Py_ssize_t) -> cython.int:
        """Verify the tokens at ``pending[start:]`` from the capture ``head`` on, once for all its texts: as
        long as they complete no second captured text, which might be equal to this one, it cannot matter."""
        engine: Engine = self.engine
        state: cython.int = engine.concat2(head, tail)
        before: cython.long = 0
        key = (engine.nodes[head, A], engine.nodes[head, C], tail)
        settled = self.settled.get(key)
        if settled is None:
            ids = []
            for trie, node in self.pending[start:]:
                for token in trie.tokens_below(node)[len(trie.tokens_at(node)) :]:
                    before = engine.completions
                    if engine.run(state, self.tokens[token]) != EMPTY_NODE:
                        ids.append(token)
                    if engine.completions - before > 1:
                        return 0
            settled = self.settled[key] = np.array(ids, np.intc)
        del self.pending[start:]
        return self.found.add_range(settled, 0, len(settled))

    def verify(self, trie: Trie, node: cython.int) -> cython.int:
        """Accept the tokens below ``node``, which reach past a captured text and what commonly follows it,
        if the state that this mask is of can read them."""
        i: cython.int
        for i in range(trie.token_start[node + 1], trie.token_start[trie.end[node]]):
            if self.engine.run(self.origin, self.tokens[trie.ids[i]]) != EMPTY_NODE:
                self.found.add(trie.ids[i])
        return 0

    # -- token by token -----------------------------------------------------------------------

    def walk_derivatives(self, trie: Trie, node: cython.int, state: cython.int) -> cython.int:
        """Accept the tokens below ``node`` that can be read from ``state``, one derivative a trie node."""
        k: cython.int
        child: cython.int
        target: cython.int
        self.derived = True
        for k in range(trie.child_start[node], trie.child_start[node + 1]):
            target = self.engine.derive(state, trie.child_byte[k])
            if target != EMPTY_NODE:
                child = trie.child_node[k]
                self.accept(trie, child)
                if not trie.is_leaf(child):
                    self.walk_derivatives(trie, child, target)
        return 0


def _never(arena: object) -> int:
    raise AssertionError("the guard behind a capture was expanded")
