"""What the parts of a walk have in common: where it is, what it collects, and the way back into it.

The parts (``leaf_walk``, ``alternatives``, ``captures``, ``records``) handle one kind of expression each. What they
find inside can again be any expression, so each is given the ``Walk`` that it is part of, and goes on by
``Walk.follow``, which ``Masker`` implements.
"""

from __future__ import annotations

from collections.abc import Sequence

import cython

if cython.compiled:
    from cython.cimports.constrain.engine.derivative import Engine
    from cython.cimports.constrain.expression.nodes import CONCAT, EPSILON_NODE, KIND, A, B, C
    from cython.cimports.constrain.masks.budgets.allowance import Allowance
    from cython.cimports.constrain.masks.leaves.leaf import LeafCache
    from cython.cimports.constrain.masks.walk.collected import Collected
    from cython.cimports.constrain.vocabulary.layout import FIRST_TOKEN
    from cython.cimports.constrain.vocabulary.trie import Trie


class Entangled(Exception):
    """The structural walk was given up."""


class Walk:
    """A walk of one engine's states over one vocabulary.

    Attributes:
        trie: the trie of the vocabulary's tokens. Leaves have further tries, of the tails of tokens.
        tokens: the bytes of token *i*, or ``None``.
        words: 32-bit words of a mask.
        leaves: masks of leaves.
        budget: what there is room for. It is not asked if there is no limit.
        guard: the expression that stands for the answer to a captured text, whichever text it is.
        guards: the expressions that stand for the answer of a handler and then a tail, with the handler and the tail of
            each.
        texts: the part already read of the text whose answer a guard stands for.
        begins: bytes that a node may begin with, as 256-bit integers.
        depth, steps: how many calls of ``follow`` are nested, and how many there were.
    """

    def __init__(
        self, engine: Engine, trie: Trie, tokens: Sequence[bytes | None], words: int, shared: dict
    ) -> None:
        self.engine = engine
        self.trie = trie
        self.tokens = tokens
        self.words = words
        self.leaves = LeafCache(engine, words, shared)
        self.budget = Allowance(engine)
        self.collected = Collected(words)
        self.begins = {}
        self.guard = engine.reference(give_up)
        self.guards = {}
        self.texts = {}
        self.depth = self.steps = 0

    def follow(self, trie: Trie, node: cython.int, head: cython.int, tail: cython.int) -> cython.int:
        """Accept the tokens below ``node`` that begin a text of ``head tail``, both ending there or going on. This is
        the one method that is not here but in ``Masker``, which knows the parts."""
        raise NotImplementedError

    def walk_ways_out(self, trie: Trie, ways_out: object, tail: cython.int) -> cython.int:
        """Go on with ``tail`` below a tail trie, or below some nodes of ``trie``."""
        node: cython.int
        if isinstance(ways_out, Trie):
            return self.follow(ways_out, 0, tail, EPSILON_NODE)
        for node in ways_out:
            self.follow(trie, node, tail, EPSILON_NODE)
        return 0

    def has_tokens(self, trie: Trie, node: cython.int) -> cython.bint:
        """Whether a token ends at ``node``."""
        return trie.nodes[node, FIRST_TOKEN] < trie.nodes[node + 1, FIRST_TOKEN]

    def begins_of(self, node: cython.int) -> object:
        """The bytes that a text of ``node`` may begin with, as a 256-bit integer."""
        engine: Engine = self.engine
        spine: list = []
        while engine.nodes[node, KIND] == CONCAT and not engine.is_nullable(engine.nodes[node, A]):
            node = engine.nodes[node, A]
        begins = self.begins.get(node)
        while (
            begins is None
            and engine.nodes[node, KIND] == CONCAT
            and engine.is_nullable(engine.nodes[node, A])
        ):
            spine.append(node)
            node = engine.nodes[node, B]
            begins = self.begins.get(node)
        if begins is None:
            begins = self.begins[node] = engine.first(node)
        for node in reversed(spine):
            begins |= engine.first(engine.nodes[node, A])
            self.begins[node] = begins
        return begins

    def guard_of(self, head: cython.int, tail: cython.int) -> cython.int:
        """A stand-in for what the handler of ``head``, a record or a capture, will answer, and ``tail``, of
        which the first bytes are known."""
        number: cython.int = self.engine.nodes[head, C]
        guard = self.guards.get((number, tail))
        if guard is None:
            guard = self.engine.reference(give_up)
            self.begins[guard] = self.engine.handlers[number].begins
            if self.budget.byte_costs is not None:
                self.budget.byte_costs.stand_in(guard)
            self.guards[guard] = (self.engine.handlers[number], tail)
            self.guards[number, tail] = guard
        self.texts[guard] = self.engine.nodes[head, B]
        return guard


def give_up(arena: object) -> int:
    """Give up: what follows a guard is not known, and a walk that needs to know it cannot go on."""
    raise Entangled
