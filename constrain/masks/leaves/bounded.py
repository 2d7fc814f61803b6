"""Bounded patterns: one walk of a pattern for every bound on its length.

The residual of a string with a ``pattern`` and a ``maxLength`` is ``(C{least,most} & P) Q``: as an
automaton it has a state for each counter and each state of P, and each of them must be searched for a
way to its end. But the two interact only through a number. Walk ``C* & P`` once, as a pair of automata, and note
for each token how many characters it starts and what it leaves of P. What is left of P can be completed
by some numbers of characters; the token stays inside if one of them is within the bounds that remain.

This is valid if a text splits into characters in only one way: ``C`` is prefix-free, and ``Q`` begins
with other bytes than ``C`` does.
"""

from __future__ import annotations

from heapq import heappop, heappush

import cython
import numpy as np

if cython.compiled:
    from cython.cimports.constrain.engine.derivative import Engine
    from cython.cimports.constrain.expression.nodes import EMPTY_NODE, EPSILON_NODE, A, B
    from cython.cimports.constrain.masks.bits.bitmask import IdBuffer, Row, clear_bits
    from cython.cimports.constrain.masks.leaves.leaf_classes import Bounds, LeafClasses
    from cython.cimports.constrain.masks.leaves.loops import Loops
    from cython.cimports.constrain.vocabulary.layout import CHARACTERS, END, FIRST_CHILD, FIRST_TOKEN
    from cython.cimports.constrain.vocabulary.trie import Trie

from constrain.masks.bits.bitmask import DENSE_FROM, row_of
from constrain.masks.leaves.character_run import keep_ways_out, ways_out_size

# A number of characters that no completion reaches.
NEVER = 1 << 29

# A place in the queue of the search for a completion: the end of a text.
FINISHED = -1

# The number of pairs of states that may be visited to tell how a token can be completed.
SEARCH_LIMIT = 3_000


class TooLong(Exception):
    """The pattern has too many states, or a token too many characters."""


class BoundedPattern:
    """The tokens below one trie node that begin a text of ``C* & P``, in groups.

    A group is a number of characters started and a pair of residuals, of ``C*`` and of P.

    Attributes:
        begins: whether a character may begin at ``node``, with no other one unfinished there.
        turns: the most turns that a token takes of the loops that ``LeafClasses.relaxed`` freed of their bounds, turns
            that complete the character in which it ends included.

    Raises:
        TooLong: the table is not worth its cost.
    """

    def __init__(
        self,
        engine: Engine,
        shapes: LeafClasses,
        loops: Loops,
        trie: Trie,
        node: int,
        bounds: Bounds,
        pattern: int,
        words: int,
    ) -> None:
        self.engine = engine
        self.leaf_classes = shapes
        self.loops = loops
        self.trie = trie
        self.words = words
        self.character = bounds.character
        self.start = engine.repeat_of(bounds.character, 0, -1)
        self.turns = 0
        self.begins = bounds.count == self.start
        self.root = node
        self.pairs = {}
        self.groups = []
        self.lengths = shapes.lengths
        self.at_start = np.full(engine.size + 256, -1, np.intc)
        self.width = trie.most_characters + 1
        self.numbers = np.full(16 * self.width, -1, np.intc)
        self.masks = {}
        self.ways_out = {}
        self.found = IdBuffer()
        self.group_of = IdBuffer()
        self.left = IdBuffer()
        if self.width > 0xFFFF:
            raise TooLong
        below: cython.int = trie.nodes[trie.nodes[node, END], FIRST_TOKEN] - trie.nodes[node, FIRST_TOKEN]
        self.found.reserve(below)
        self.group_of.reserve(below)
        self.descend(node, bounds.count, pattern, 0)
        self.finish_characters()
        self.sort_groups()
        self.exits, self.exit_counts = _columns(self.left)
        self.most_exited = int(self.exit_counts.max(initial=0))
        self.found = self.group_of = self.left = None

    def sort_groups(self) -> None:
        """Token ids by group, and for each group: the characters started, the pair, and the fewest characters that
        complete it."""
        groups = np.array(self.groups, np.int64)
        # Pairs between two characters come first: what is known of these shortens the search from within a character.
        for pair in sorted(self.pairs, key=lambda pair: pair >> 32 != self.start):
            self.length(pair, False)
        shortest = np.array([self.length(pair, False) for pair in self.pairs], np.int64)
        self.sizes = np.zeros(len(groups), np.intc)
        self.count_ids(self.sizes)
        self.ids = np.empty(self.found.used, np.intc)
        self.sort_ids(self.ids, np.concatenate([[0], np.cumsum(self.sizes)]).astype(np.intc))
        self.started = groups & 0xFFFF
        self.pair = groups >> 16
        self.shortest = shortest[self.pair]
        self.list_of_pairs = list(self.pairs)
        self.whole = Row(row_of(self.ids, self.words)) if len(self.ids) > DENSE_FROM else None

    def count_ids(self, sizes: cython.int[::1]) -> cython.int:
        """How many of the ids found are in each group."""
        i: cython.int
        for i in range(self.group_of.used):
            sizes[self.group_of.data[i]] += 1
        return 0

    def sort_ids(self, target: cython.int[::1], place: cython.int[::1]) -> cython.int:
        """The ids found, by group (a counting sort): ``place`` is where each group begins."""
        i: cython.int
        group: cython.int
        for i in range(self.found.used):
            group = self.group_of.data[i]
            target[place[group]] = self.found.data[i]
            place[group] += 1
        return 0

    # -- the walk -----------------------------------------------------------------------------

    def descend(
        self, node: cython.int, count: cython.int, pattern: cython.int, started: cython.int
    ) -> cython.int:
        """Walk below ``node``, where ``started`` characters have been started."""
        engine: Engine = self.engine
        trie: Trie = self.trie
        at: cython.int = engine.edges(count)
        also: cython.int = engine.edges(pattern)
        k: cython.int
        last: cython.int
        child: cython.int
        one: cython.int
        other: cython.int
        pair: cython.int
        between: cython.bint = count == self.start
        now: cython.int = started + between
        leaving: cython.bint = False
        engine.meter.count(4)
        for k in range(trie.nodes[node, FIRST_CHILD], trie.nodes[node + 1, FIRST_CHILD]):
            while engine.pool[at] < (trie.children[k] & 255):
                at += 2
            while engine.pool[also] < (trie.children[k] & 255):
                also += 2
            one = engine.pool[at + 1]
            other = engine.pool[also + 1]
            if one == EMPTY_NODE:
                leaving = True
            if one == EMPTY_NODE or other == EMPTY_NODE:
                continue
            child = trie.children[k] >> 8
            pair = -1
            if one == self.start and other < self.at_start.shape[0]:
                pair = self.at_start[other]
            if pair < 0:
                pair = self.pair_of(one, other)
            last = child + 1
            if (
                one == self.start
                and last < trie.nodes[child, END]
                and self.loops.stay(trie, child, one)
                and self.loops.stay(trie, child, other)
            ):
                last = trie.nodes[child, END]
            self.add(
                trie.nodes[child, FIRST_TOKEN],
                trie.nodes[last, FIRST_TOKEN],
                pair,
                now - trie.nodes[child, CHARACTERS],
            )
            if last < trie.nodes[child, END]:
                self.descend(child, one, other, now)
        # Where a character may begin at the root, the caller goes on from there itself.
        if leaving and between and engine.is_nullable(pattern) and not (self.begins and node == self.root):
            self.left.add(node)
            self.left.add(started)
        return 0

    def pair_of(self, count: cython.int, pattern: cython.int) -> cython.int:
        key: object = cython.cast(cython.longlong, count) << 32 | pattern
        found = self.pairs.get(key)
        if found is None:
            found = self.pairs[key] = len(self.pairs)
            self.turns = max(self.turns, self.leaf_classes.turns_of(pattern))
            if found > SEARCH_LIMIT:
                raise TooLong
            if count == self.start and pattern < self.at_start.shape[0]:
                self.at_start[pattern] = found
        return found

    def finish_characters(self) -> None:
        """Count the turns that complete a character in which a token ends: a turn of the pattern may begin there."""
        todo = [pair for pair in self.pairs if pair >> 32 != self.start]
        seen = set(todo)
        while todo:
            pair = todo.pop()
            for after in self.pairs_after(pair >> 32, pair & 0xFFFFFFFF):
                self.turns = max(self.turns, self.leaf_classes.turns_of(after & 0xFFFFFFFF))
                if after >> 32 != self.start and after not in seen:
                    seen.add(after)
                    todo.append(after)
            if len(seen) > SEARCH_LIMIT:
                raise TooLong

    def add(self, first: cython.int, last: cython.int, pair: cython.int, shift: cython.int) -> cython.int:
        """Note the tokens [first, last) of the trie. Each starts ``shift`` more characters than its bytes below
        ``node`` do."""
        trie: Trie = self.trie
        t: cython.int
        slot: cython.int
        at: cython.int = self.found.used
        self.found.reserve(last - first)
        self.group_of.reserve(last - first)
        for t in range(first, last):
            slot = pair * self.width + shift + trie.token_characters[t]
            if slot >= self.numbers.shape[0]:
                self.numbers = np.concatenate([np.asarray(self.numbers), np.full(slot, -1, np.intc)])
            if self.numbers[slot] < 0:
                self.numbers[slot] = len(self.groups)
                self.groups.append(pair << 16 | (shift + trie.token_characters[t]))
            self.found.data[at] = trie.ids[t]
            self.group_of.data[at] = self.numbers[slot]
            at += 1
        self.found.used = self.group_of.used = at
        return 0

    # -- how many characters complete a pair of residuals --------------------------------------

    def length_of(self, pair: int, looping: bool) -> int:
        """The least number of characters that complete a pair; ``NEVER`` if none do. If ``looping``, only texts count
        on whose way a character leads back to where it begins, so that any greater length is possible as well.

        This is Dijkstra's algorithm, in which a byte within a character costs nothing. What is known of a pair is not
        searched again.
        """
        count: cython.int
        pattern: cython.int
        cost: cython.int
        again: cython.bint
        queue = [(0, pair << 1 | (not looping))]
        best: dict = {queue[0][1]: 0}
        while queue:
            length, state = heappop(queue)
            if state == FINISHED:
                return length
            if length > best[state]:
                continue
            if len(best) > SEARCH_LIMIT:
                raise TooLong
            known = self.lengths.get((state >> 1, not state & 1))
            if known is not None:
                if known < NEVER:
                    heappush(queue, (length + known, FINISHED))
                continue
            count = state >> 33
            pattern = (state >> 1) & 0xFFFFFFFF
            cost = count == self.start
            if state & 1 and cost and self.engine.is_nullable(pattern):
                return length
            for after in self.pairs_after(count, pattern):
                again = state & 1 or (cost and after == state >> 1)
                key = after << 1 | again
                if length + cost < best.get(key, NEVER):
                    best[key] = length + cost
                    heappush(queue, (length + cost, key))
        return NEVER

    def pairs_after(self, count: cython.int, pattern: cython.int) -> list[int]:
        """The pairs that some byte leads to."""
        engine: Engine = self.engine
        at: cython.int = engine.edges(count)
        also: cython.int = engine.edges(pattern)
        one: cython.int
        other: cython.int
        byte: cython.int = 0
        found: list = []
        engine.meter.count(20)
        while byte < 256:
            one = engine.pool[at + 1]
            other = engine.pool[also + 1]
            if one != EMPTY_NODE and other != EMPTY_NODE:
                found.append(cython.cast(cython.longlong, one) << 32 | other)
            byte = min(engine.pool[at], engine.pool[also]) + 1
            if engine.pool[at] < byte:
                at += 2
            if engine.pool[also] < byte:
                also += 2
        return found

    def length(self, pair: int, looping: bool) -> int:
        """``length_of``, memoised; ``NEVER`` where a loop takes too long to find."""
        key = (pair, looping)
        found = self.lengths.get(key)
        if found is None:
            try:
                found = self.length_of(pair, looping)
            except TooLong:
                if not looping:
                    raise
                found = NEVER
            self.lengths[key] = found
        return found

    # -- selections ---------------------------------------------------------------------------

    def inside(self, least: int, most: int, certain: bool) -> tuple[Row | None, np.ndarray] | None:
        """The tokens that stay inside ``least`` to ``most`` characters: a row or ``None``, and ids.

        Unless ``certain``, the answer is ``None`` where only a search of the unchanged pattern could tell.
        """
        rest = (NEVER if most < 0 else most) - self.started
        needed = least - self.started
        short = (rest >= 0) & (self.shortest <= rest)
        alive = short & (needed <= self.shortest)
        for group in np.flatnonzero(short & ~alive).tolist():
            pair = self.list_of_pairs[self.pair[group]]
            if self.length(pair, True) <= rest[group]:
                alive[group] = True
            elif certain:
                alive[group] = self.search(pair, needed[group], -1 if most < 0 else rest[group])
            else:
                return None
        key = alive.tobytes()
        found = self.masks.get(key)
        if found is None:
            found = self.masks[key] = self.select(np.repeat(alive, self.sizes))
        return found

    def footprint(self) -> int:
        """Bytes in use."""
        groups = 4 * (len(self.numbers) + len(self.at_start)) + 100 * len(self.groups) + 300 * len(self.pairs)
        rows = (self.whole is not None) + sum(row is not None for row, _ in self.masks.values())
        ids = self.ids.nbytes + sum(ids.nbytes for _, ids in self.masks.values())
        return groups + 4 * self.words * rows + ids + 40 * len(self.exits) + ways_out_size(self.ways_out)

    def search(self, pair: int, least: int, most: int) -> bool:
        """Whether ``least`` to ``most`` characters complete a pair of residuals."""
        engine: Engine = self.engine
        count: cython.int = pair >> 32
        pattern: cython.int = pair & 0xFFFFFFFF
        begun: cython.int = EPSILON_NODE
        while count != self.start:
            begun = engine.concat2(begun, engine.nodes[count, A])
            count = engine.nodes[count, B]
        run: cython.int = engine.repeat_of(self.character, max(least, 0), most)
        start = engine.top
        engine.push(engine.concat2(begun, run))
        engine.push(pattern)
        return engine.viable(engine.intersection_of_stack(start))

    def select(self, chosen: np.ndarray) -> tuple[Row | None, np.ndarray]:
        ids = self.ids[chosen]
        if self.whole is None or len(ids) <= DENSE_FROM:
            return None, ids
        if 2 * len(ids) < len(self.ids):
            return Row(row_of(ids, self.words)), ids[:0]
        if len(ids) == len(self.ids):
            return self.whole, ids[:0]
        row: Row = self.whole.copy()
        left_out = self.ids[~chosen]
        clear_bits(row.bits, left_out, len(left_out))
        return row, ids[:0]

    def exits_between(self, least: int, most: int, begins: object) -> object:
        """As in ``CharacterRun``: where tokens leave the pattern after ``least`` to ``most`` characters, of which at
        least one is new or was unfinished before."""
        least = min(max(least, 0), self.most_exited + 1)
        if most < 0 or most > self.most_exited:
            most = self.most_exited
        key = (least, most, begins)
        found = self.ways_out.get(key)
        if found is None:
            leaving = (self.exit_counts >= least) & (self.exit_counts <= most)
            found = self.trie.ways_out(self.exits[leaving], begins, False)
            keep_ways_out(self.ways_out, key, found)
        return found


def _columns(pairs: IdBuffer) -> tuple[np.ndarray, np.ndarray]:
    table = pairs.take().reshape(-1, 2)
    return table[:, 0].copy(), table[:, 1].copy()
