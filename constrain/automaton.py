"""The automaton over tokens: states of one engine, their masks and the moves between them.

It is built as it is visited, and each part of it is held for as long as there is room:

* masks and moves lie in two generations. What is used moves to the younger one; when that is full the
  older one is dropped whole. Dropping costs nothing, and what is dropped can be computed again.
* expressions and what is known about leaves cannot be dropped one by one. When they have outgrown
  their half of the memory the automaton is ``full``: it goes on working for the matchers that are in
  it, and new matchers are given a new one (``matcher.Constraint``).
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import cython
import numpy as np

if cython.compiled:
    from cython.cimports.constrain.engine.derivative import Engine
    from cython.cimports.constrain.masks.bitmask import TokenSet
    from cython.cimports.constrain.masks.masker import Masker

from constrain.budget import Steering
from constrain.masks.bitmask import set_of_ids
from constrain.spelling import Viability, start_of

if TYPE_CHECKING:
    from constrain.languages.base import Grammar
    from constrain.masks.store import VocabularyIndex
    from constrain.vocabulary import Vocabulary

# The state after an end-of-sequence token.
ENDED = cython.declare(cython.int, -1)

# Bytes of a move: an entry of a dict, and the two numbers in it.
MOVE_SIZE = cython.declare(cython.int, 140)

# Bytes of a mask beside its ids and its row: its objects, and an entry of a dict.
MASK_SIZE = cython.declare(cython.int, 640)

# New masks after which all memory is counted, which takes some tens of microseconds.
COUNT_EVERY = cython.declare(cython.int, 128)


class TokenAutomaton:
    """What has been visited of one grammar's automaton over the tokens of one vocabulary.

    Lookups of what has been seen before take no lock; growth takes the grammar's.

    Attributes:
        root: the state at the start of a text.
        engine: the expressions that states are.
        viability: which states tokens can complete, where that is not told by their expressions; else None.
        full: whether expressions and leaves have outgrown half of ``memory``, in bytes.
    """

    def __init__(self, grammar: Grammar, vocabulary: Vocabulary, index: VocabularyIndex, memory: int) -> None:
        self.engine = grammar.engine
        self.tokens = vocabulary.tokens
        self.end_ids = index.end_ids
        self.end_set = index.end_set
        self.end_mask = index.end_mask
        self.lock = grammar.lock
        self.memory = memory
        self.full = False
        self.masks, self.older_masks = {}, {}
        self.moves, self.older_moves = {}, {}
        self.bounds = {}
        self.guide = None
        self.young_size = 0
        self.since_count = 0
        shared = index.shared(self.engine.base)
        with self.lock:
            self.masker = Masker(self.engine, index.trie, self.tokens, index.words, shared)
            self.root = start_of(grammar, index.alphabet, vocabulary.leading_space)
            self.viability = None
            if index.alphabet is not None and not index.alphabet.aligned:
                self.viability = Viability(self.engine, self.tokens, self.root)
        self.least = self.grown()

    # -- masks and moves ----------------------------------------------------------------------

    def mask_of(self, state: cython.int) -> TokenSet:
        """The tokens that may be read in ``state``."""
        found = self.masks.get(state)
        if found is not None:
            return found
        with self.lock:
            mask: TokenSet = self.older_masks.get(state)
            if mask is None:
                mask = self.end_mask if state == ENDED else self.masker.mask(state, self.end_ids)
                if self.viability is not None and state != ENDED:
                    mask = self.viable_of(state, mask, -1)
                self.count_memory()
            self.masks[state] = mask
            self.add_young(MASK_SIZE + mask.size)
        return mask

    def move(self, state: cython.int, token: cython.int) -> cython.int:
        """The state after ``token``, or ``EMPTY`` if it is not allowed."""
        if state == ENDED:
            return 0
        key = (cython.cast(cython.longlong, state) << 32) | token
        found = self.moves.get(key)
        if found is not None:
            return found
        target: cython.int
        with self.lock:
            found = self.older_moves.get(key)
            target = self.derive(state, token) if found is None else found
            self.moves[key] = target
            self.add_young(MOVE_SIZE)
        return target

    def derive(self, state: cython.int, token: cython.int) -> cython.int:
        if token < 0 or token >= len(self.tokens):
            return 0
        if token in self.end_set:
            return ENDED if self.engine.is_nullable(state) else 0
        data = self.tokens[token]
        if data is None:
            return 0
        target: cython.int = self.engine.run(state, data)
        if self.viability is not None and not self.viability.lives(target):
            return 0
        return target

    def viable_of(self, state: cython.int, mask: TokenSet, left: cython.int) -> TokenSet:
        """The tokens of ``mask`` behind which some tokens complete the text, at most ``left`` of them; any number if
        that is negative."""
        row = np.empty(self.masker.words, np.int32)
        mask.write(row)
        ids = np.flatnonzero(np.unpackbits(row.view(np.uint8), bitorder="little")).tolist()
        return set_of_ids([token for token in ids if self.is_viable(self.derive(state, token), left)])

    def is_viable(self, target: cython.int, left: cython.int) -> cython.bint:
        """Whether a token may lead to ``target`` with ``left`` more to come."""
        if target == 0 or target == ENDED or left < 0:
            return target != 0
        return self.viability.fewest(target) <= left

    def text_of(self, token: cython.int) -> object:
        """The bytes of a token; ``None`` if it is no text."""
        return self.tokens[token] if 0 <= token < len(self.tokens) else None

    def bound_of(self, state: cython.int) -> cython.int:
        """See ``Steering.bound``."""
        found = self.bounds.get(state)
        if found is None:
            with self.lock:
                found = self.steering().bound(state)
                self.add_young(MOVE_SIZE)
        return found

    def steering(self) -> object:
        """What is known about completions, made when it is first needed."""
        if self.guide is None:
            with self.lock:
                self.guide = Steering(self.engine, self.masker, self.bounds)
        return self.guide

    # -- memory -------------------------------------------------------------------------------

    def add_young(self, size: cython.int) -> cython.int:
        """Count what has been added to the younger generation, which becomes the older one when it is full."""
        self.young_size += size
        if 4 * self.young_size > self.memory:
            self.older_masks, self.masks = self.masks, {}
            self.older_moves, self.moves = self.moves, {}
            self.bounds.clear()
            self.young_size = 0
        return 0

    def count_memory(self) -> cython.int:
        self.since_count += 1
        if self.since_count == COUNT_EVERY:
            self.since_count = 0
            if self.guide is not None and 8 * self.guide.footprint() > self.memory:
                self.guide.forget()
            self.full = self.grown() > max(self.memory // 2, 2 * self.least)
        return 0

    def grown(self) -> int:
        """Bytes of what cannot be dropped: expressions, leaves, completions."""
        guide = 0 if self.guide is None else self.guide.footprint()
        return sum(self.engine.footprint().values()) + self.masker.footprint() + guide

    def footprint(self) -> dict[str, int]:
        """Bytes in use, by what for."""
        masks = [*self.masks.values(), *self.older_masks.values()]
        own = {id(mask): mask for mask in masks}.values()
        moves = [self.moves, self.older_moves, self.bounds]
        return {
            "masks": sum(MASK_SIZE + mask.size for mask in own),
            "moves": sum(sys.getsizeof(table) + 60 * len(table) for table in moves),
            "leaves": self.masker.footprint(),
            "expressions": sum(self.engine.footprint().values()),
            "completions": 0 if self.guide is None else self.guide.footprint(),
        }
