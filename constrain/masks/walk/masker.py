"""Masks of states: the tokens whose bytes can be read.

``follow(trie, node, head, tail)`` collects the tokens below a trie node that begin a text of ``head tail``. It follows
the *structure* of the expression, and builds no states for what it passes: a literal leads down one path, a table of
keys down as many paths as are in the trie, the parts of a union are followed in turn (masks are or-ed), and a leaf is
looked up (``masks.leaves.leaf``) and only the tails of the tokens that complete it go on with what follows. These are
the partial derivatives of Antimirov (1996), taken along the trie.

The structure can be too entangled for that: a grammar so ambiguous that the same place is reached along many paths, or
a leaf that may end where what follows begins with the same bytes. Then ``derivatives`` goes on token by token, which is
slower, but bounded by the size of the trie.
"""

from __future__ import annotations

from collections.abc import Sequence

import cython
import numpy as np

if cython.compiled:
    from cython.cimports.constrain.engine.derivative import Engine
    from cython.cimports.constrain.expression.nodes import (
        BYTE_SET,
        CAPTURE,
        CHOICE,
        CONCAT,
        EMPTY_NODE,
        EPSILON_NODE,
        KIND,
        LEAF,
        LITERAL,
        RECORD,
        REFERENCE,
        REPEAT,
        UNION,
        A,
        B,
    )
    from cython.cimports.constrain.masks.bits.bitmask import IdBuffer, TokenSet
    from cython.cimports.constrain.masks.walk.alternatives import walk_choice, walk_union
    from cython.cimports.constrain.masks.walk.captures import Captures
    from cython.cimports.constrain.masks.walk.derivatives import derive_below, walk_derivatives
    from cython.cimports.constrain.masks.walk.leaf_walk import LeafWalk
    from cython.cimports.constrain.masks.walk.records import Records
    from cython.cimports.constrain.masks.walk.walk import Walk
    from cython.cimports.constrain.vocabulary.layout import END, FIRST_TOKEN
    from cython.cimports.constrain.vocabulary.trie import Trie

from constrain.masks.walk.walk import Entangled

# Beyond these limits a structural walk gives up and derivatives take over. An ordinary mask takes tens of steps and is
# a dozen calls deep.
STEP_LIMIT = cython.declare(cython.int, 20_000)
DEPTH_LIMIT = cython.declare(cython.int, 400)


class Masker(Walk):
    """Computes the masks of one engine's states over one vocabulary.

    ``tokens[i]`` are the bytes of token *i* or ``None``, ``trie`` is their trie, and ``shared`` the
    vocabulary's store of leaf masks for the engine's base (``LeafCache``).
    """

    def __init__(
        self, engine: Engine, trie: Trie, tokens: Sequence[bytes | None], words: int, shared: dict
    ) -> None:
        Walk.__init__(self, engine, trie, tokens, words, shared)
        self.leaf_walk = LeafWalk()
        self.captures = Captures(self.leaf_walk)
        self.records = Records()
        self.origin = EMPTY_NODE

    def mask(self, state: cython.int, end_ids: object) -> TokenSet:
        """The tokens allowed in ``state``; ``end_ids`` are added where the text may end."""
        self.compute(self.engine.valid(state))
        if self.engine.is_nullable(state):
            self.add_ends(end_ids)
        return self.collected.combined()

    def mask_by_derivatives(self, state: int, end_ids: np.ndarray) -> TokenSet:
        """The same mask as ``mask``, computed by derivatives alone."""
        self.collected.clear()
        self.origin = self.engine.valid(state)
        walk_derivatives(self, self.trie, 0, state)
        self.verify_beyond()
        if self.engine.is_nullable(state):
            self.add_ends(end_ids)
        return self.collected.combined()

    def mask_within(self, state: cython.int, left: cython.int, end_ids: object) -> tuple:
        """The tokens allowed in ``state`` after which ``left`` tokens are known to complete the text.

        Returns the set; whether any tokens were left out; and how many tokens complete the text after any token in the
        set."""
        self.count_costs()
        self.budget.begin(left)
        try:
            found = self.mask(state, end_ids)
        finally:
            self.budget.limited = False
        return found, self.budget.cut, self.budget.most

    def witness(self, state: int, token: int, left: int) -> list[bytes]:
        """The texts because of which ``mask_within`` contains ``token``: they may follow it, within ``left`` tokens."""
        trie: Trie = self.trie
        if not 0 <= token < len(self.tokens) or self.tokens[token] is None:
            raise IndexError(f"{token} is no token")
        self.budget.witnesses, self.trie = [], Trie.of_token(token, self.tokens[token])
        try:
            self.mask_within(state, left, [])
            return self.budget.witnesses
        finally:
            self.budget.witnesses, self.trie = None, trie

    def fits(self, state: cython.int, budget: cython.int) -> cython.bint:
        """Whether ``budget`` tokens evidently complete a text from ``state``."""
        self.count_costs()
        return self.budget.byte_costs.bound(state) <= budget

    def count_costs(self) -> cython.int:
        """Start to keep what completions cost."""
        if self.budget.byte_costs is None:
            self.budget.count_costs(self.leaves.leaf_classes, self.trie)
            for guard in [self.guard, *self.guards.values()]:
                if isinstance(guard, int):
                    self.budget.byte_costs.stand_in(guard)
        return 0

    def forget(self) -> None:
        """Drop what was found on the way to masks; it is found again when it is needed. Masks that were handed out stay
        valid."""
        self.leaves.forget()
        self.collected.pool = IdBuffer()
        self.captures.forget()
        self.records.forget()
        self.begins = {guard: self.guards[guard][0].begins for guard in self.guards if isinstance(guard, int)}

    def footprint(self) -> int:
        """Bytes in use, without what all grammars share."""
        entries = len(self.begins) + len(self.guards) + len(self.texts)
        entries += self.captures.entries() + self.records.entries()
        pool = cython.cast(cython.Py_ssize_t, self.collected.pool.used)
        return self.leaves.footprint() + 4 * pool + 400 * entries

    def follow(self, trie: Trie, node: cython.int, head: cython.int, tail: cython.int) -> cython.int:
        """Accept the tokens below ``node`` that begin a text of ``head tail``, both ending there or going on."""
        engine: Engine = self.engine
        kind: cython.int = engine.nodes[head, KIND]
        i: cython.int
        self.steps += 1
        if trie.is_leaf(node):
            return 0
        if self.steps > STEP_LIMIT or self.depth > DEPTH_LIMIT:
            raise Entangled
        engine.meter.patience -= 2
        if engine.meter.patience < 0:
            engine.meter.check()
        self.depth += 1
        if kind == CONCAT:
            self.follow(trie, node, engine.nodes[head, A], engine.concat2(engine.nodes[head, B], tail))
        elif kind == LITERAL:
            self.leaf_walk.walk_literal(self, trie, node, head, tail)
        elif kind == LEAF:
            self.leaf_walk.walk_leaf(self, trie, node, engine.nodes[head, A], tail)
        elif kind == UNION:
            walk_union(self, trie, node, head, tail)
        elif kind == CHOICE:
            i = engine.nodes[head, A]
            walk_choice(self, trie, node, engine.pool[i + 1], engine.pool[i + 2], engine.pool[i + 3], i, tail)
        elif kind == REFERENCE:
            if head == self.guard:
                self.collected.pending.append((trie, node))
            elif head in self.guards:
                self.records.end_record(self, trie, node, head)
            else:
                self.follow(trie, node, engine.body_of(head), tail)
        elif kind == CAPTURE:
            self.captures.walk_capture(self, trie, node, head, tail)
        elif kind == RECORD:
            self.records.walk_record(self, trie, node, head, tail)
        elif kind == BYTE_SET:
            self.leaf_walk.walk_bytes(self, trie, node, head, tail)
        elif kind == REPEAT:
            self.follow(trie, node, engine.nodes[head, A], engine.concat2(engine.rest(head), tail))
            if engine.is_nullable(head):
                self.follow(trie, node, tail, EPSILON_NODE)
        elif head > EPSILON_NODE:  # an intersection or a complement, not marked as a leaf
            derive_below(self, trie, node, engine.concat2(head, tail))
        elif head == EPSILON_NODE and tail != EPSILON_NODE:
            self.follow(trie, node, tail, EPSILON_NODE)
        self.depth -= 1
        return 0

    def add_ends(self, end_ids: object) -> cython.int:
        token: cython.int
        for token in end_ids:
            self.collected.ids.add(token)
        return 0

    def compute(self, state: cython.int) -> cython.int:
        """Collect the tokens allowed in ``state``."""
        self.collected.clear()
        self.origin = state
        self.depth = 0
        self.steps = 0
        top: cython.int = self.engine.top
        try:
            self.follow(self.trie, 0, state, EPSILON_NODE)
        except Entangled:
            self.engine.top = top
            self.collected.clear()
            self.budget.begin_again()
            derive_below(self, self.trie, 0, state)
        for trie, node in self.collected.pending:
            self.verify(trie, node)
        self.verify_recorded()
        return self.verify_beyond()

    def verify_beyond(self) -> cython.int:
        """Accept those tokens among the ones too long for the trie that the state of this mask can read."""
        for token in self.trie.beyond:
            self.verify_token(token)
        return 0

    def verify(self, trie: Trie, node: cython.int) -> cython.int:
        """Accept those tokens below ``node``, which reach past a captured text and its common continuation, that the
        state of this mask can read."""
        return self.verify_range(
            trie, trie.nodes[node + 1, FIRST_TOKEN], trie.nodes[trie.nodes[node, END], FIRST_TOKEN]
        )

    def verify_range(self, trie: Trie, start: cython.int, stop: cython.int) -> cython.int:
        """Accept those of the tokens [start, stop) of a trie that the state of this mask can read and the budget can
        afford."""
        i: cython.int
        for i in range(start, stop):
            self.verify_token(trie.ids[i])
        return 0

    def verify_token(self, token: cython.int) -> cython.int:
        """Accept ``token`` if the state of this mask can read it and the budget can afford it."""
        extra: cython.int = self.budget.extra
        target: cython.int = self.engine.run(self.origin, self.tokens[token])
        if target == EMPTY_NODE:
            return 0
        self.budget.extra = 0  # the state after the token is then all that is left
        if not self.budget.limited or self.budget.has_room_for_rest(EPSILON_NODE, 0, target):
            self.collected.ids.add(token)
        self.budget.extra = extra
        return 0

    def verify_recorded(self) -> cython.int:
        """Accept the tokens at and below the recorded nodes that the state of this mask can read."""
        node: cython.int
        trie: Trie
        for recorded in self.collected.recorded:
            trie, node = recorded[0], recorded[1]
            self.verify_range(
                trie, trie.nodes[node, FIRST_TOKEN], trie.nodes[trie.nodes[node, END], FIRST_TOKEN]
            )
        return 0
