"""The automaton over tokens: states of one engine, their masks and the moves between them.

It is built as it is visited, and each part of it is kept as long as there is room:

* masks and moves lie in two generations. What is used moves to the younger one; when that is full, the older one is
  dropped as a whole. Dropping costs nothing, and what is dropped can be computed again.
* what is known about leaves and completions is dropped as a whole when it and the expressions have outgrown their half
  of the memory. It, too, can be computed again.
* expressions cannot be dropped. When they alone have outgrown a quarter of the memory, the automaton is ``full``: it
  goes on working for the matchers that use it, and new matchers are given a new automaton (``matcher.Constraint``).
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import cython
import numpy as np
from cython.cimports.cpython.time import perf_counter

if cython.compiled:
    from cython.cimports.constrain.engine.derivative import Engine
    from cython.cimports.constrain.masks.bits.bitmask import TokenSet
    from cython.cimports.constrain.masks.walk.masker import Masker
    from cython.cimports.constrain.vocabulary.trie import Trie


from constrain.masks.bits.bitmask import set_of_ids
from constrain.spelling import Viability, start_of
from constrain.vocabulary.segmentation import fewest_tokens, spell
from constrain.work import Scope, note_slow_mask

if TYPE_CHECKING:
    from constrain.languages.base import Grammar
    from constrain.limits import Limits
    from constrain.masks.vocabulary_index import VocabularyIndex
    from constrain.vocabulary import Vocabulary

# The state after an end-of-sequence token.
ENDED = cython.declare(cython.int, -1)

# Bytes of a move: an entry of a dict, and the two numbers in it.
MOVE_SIZE = cython.declare(cython.int, 140)

# Bytes of a mask in addition to its ids and its row: its objects, and an entry of a dict.
MASK_SIZE = cython.declare(cython.int, 640)

# How many new masks are made before all memory is counted, which takes some tens of microseconds.
COUNT_EVERY = cython.declare(cython.int, 128)


# Masks that take at least this many seconds are logged.
SLOW = cython.declare(cython.double, 0.05)


class TokenAutomaton:
    """The visited part of one grammar's automaton over the tokens of one vocabulary.

    Lookups of what has been seen before take no lock; growth takes the grammar's.

    Attributes:
        root: the state at the start of a text.
        engine: the expressions. A state is one of them.
        viability: which states tokens can complete, where the expressions do not tell that; else None.
        trie: the tokens. Unlike the masker's trie, it is never exchanged, so it may be read without the lock.
        full: whether expressions have outgrown a quarter of ``memory``, in bytes.
    """

    def __init__(
        self, grammar: Grammar, vocabulary: Vocabulary, index: VocabularyIndex, limits: Limits
    ) -> None:
        self.engine = grammar.engine
        self.tokens = vocabulary.tokens
        self.end_ids = index.end_ids
        self.end_set = index.end_set
        self.end_mask = index.end_mask
        self.trie = index.trie
        self.lock = Scope(grammar.meter, limits, "mask_seconds", grammar.engine)
        self.memory = limits.memory
        self.full = False
        self.masks, self.older_masks = {}, {}
        self.moves, self.older_moves = {}, {}
        self.bounds = {}
        self.tight, self.older_tight = {}, {}
        self.young_size = 0
        self.since_count = 0
        self.hits = self.misses = self.forgotten = 0
        self.seconds = self.longest = 0.0
        shared = index.shared(self.engine.base)
        with Scope(grammar.meter, limits, "compile_seconds", grammar.engine):
            self.masker = Masker(self.engine, index.trie, self.tokens, index.words, shared)
            self.root = start_of(grammar, index.alphabet, vocabulary.leading_space)
            self.viability = None
            if index.alphabet is not None and not index.alphabet.aligned:
                self.viability = Viability(self.engine, self.tokens, self.root)
        self.least = self.expressions_size()

    # -- masks and moves ----------------------------------------------------------------------

    def mask_of(self, state: cython.int) -> TokenSet:
        """The tokens that may be read in ``state``."""
        found = self.masks.get(state)
        if found is not None:
            self.hits += 1
            return found
        with self.lock:
            mask: TokenSet = self.masks.get(state)
            if mask is not None:  # another thread has found it while this one waited
                self.hits += 1
                return mask
            mask = self.older_masks.get(state)
            if mask is None and state != ENDED:
                mask = self.find_mask(state)
            else:
                self.hits += 1
                mask = self.end_mask if state == ENDED else mask
            self.masks[state] = mask
            self.add_young(MASK_SIZE + mask.size)
        return mask

    def find_mask(self, state: cython.int) -> TokenSet:
        """The tokens that may be read in ``state``, computed anew."""
        start: cython.double = perf_counter()
        mask: TokenSet = self.masker.mask(state, self.end_ids)
        if self.viability is not None:
            mask = self.viable_of(state, mask, -1)
        self.count_memory()
        self.note_mask(perf_counter() - start)
        return mask

    def note_mask(self, seconds: cython.double) -> cython.int:
        """Count a mask that took this many seconds."""
        self.misses += 1
        self.seconds += seconds
        self.longest = max(self.longest, seconds)
        if seconds > SLOW:
            note_slow_mask(seconds)
        return 0

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
            found = self.moves.get(key)
            if found is not None:
                return found
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
        """The tokens of ``mask`` after which at most ``left`` tokens, or any number if ``left`` is negative, complete
        the text."""
        row = np.empty(self.masker.words, np.int32)
        mask.write(row)
        ids = np.flatnonzero(np.unpackbits(row.view(np.uint8), bitorder="little")).tolist()
        return set_of_ids([token for token in ids if self.is_viable(self.derive(state, token), left)])

    def is_viable(self, target: cython.int, left: cython.int) -> cython.bint:
        """Whether a token may lead to ``target`` if ``left`` more tokens may follow."""
        if target == 0 or target == ENDED or left < 0:
            return target != 0
        return self.viability.fewest(target) <= left

    def text_of(self, token: cython.int) -> object:
        """The bytes of a token; ``None`` if it has no text."""
        return self.tokens[token] if 0 <= token < len(self.tokens) else None

    # -- budgets ------------------------------------------------------------------------------

    def mask_within(self, state: cython.int, left: cython.int) -> TokenSet:
        """The tokens that may be read in ``state`` and after which ``left`` more tokens are known to complete the
        text."""
        bound = self.bounds.get(state)
        if bound is not None and bound <= left:
            return self.mask_of(state)
        key = (cython.cast(cython.longlong, state) << 32) | left
        mask: TokenSet = self.tight.get(key)
        if mask is not None:
            return mask
        with self.lock:
            bound = self.bounds.get(state)
            if bound is not None and bound <= left:
                return self.mask_of(state)
            mask = self.tight.get(key)
            if mask is not None:
                return mask
            mask = self.older_tight.get(key)
            cut, most = True, 0
            if mask is None:
                start: cython.double = perf_counter()
                mask, cut, most = self.masker.mask_within(state, left, self.end_ids)
                self.count_memory()
                self.note_mask(perf_counter() - start)
            if cut:
                self.tight[key] = mask
            else:
                self.bounds[state] = most
                self.masks.setdefault(state, mask)
            self.add_young(MASK_SIZE + MOVE_SIZE + mask.size)
        return mask

    def allows_within(self, state: cython.int, token: cython.int, left: cython.int) -> cython.bint:
        """Whether ``mask_within`` has ``token``, which can be read in ``state``."""
        bound = self.bounds.get(state)
        if bound is not None and bound <= left:
            return True
        return self.mask_within(state, left).has(token)

    def is_cut(self, state: cython.int, left: cython.int) -> cython.bint:
        """Whether ``mask_within`` has left out tokens because of the budget."""
        bound = self.bounds.get(state)
        return bound is None or bound > left

    def fits(self, state: cython.int, budget: cython.int) -> cython.bint:
        """Whether ``budget`` tokens evidently complete a text from ``state``."""
        if self.viability is not None:
            return False
        with self.lock:
            return self.masker.fits(state, budget)

    def plan_of(self, state: cython.int) -> object:
        """The least number of tokens known to complete a text from ``state``, and the text that they spell."""
        with self.lock:
            self.masker.count_costs()
            text = self.masker.budget.token_costs.text(state)
            return fewest_tokens(self.trie, text), text

    def plan_after(self, state: cython.int, token: cython.int, left: cython.int) -> object:
        """The least number of tokens known to complete a text after ``token``, which ``mask_within`` has, and their
        text. Both come from the place of ``token`` in ``state``."""
        with self.lock:
            texts = self.masker.witness(state, token, left)
        return min([(fewest_tokens(self.trie, text), text) for text in texts], default=None)

    def spell(self, text: bytes, most: object) -> list:
        """The first ``most`` of the fewest tokens that spell ``text``."""
        return spell(self.trie, text, most)

    # -- memory -------------------------------------------------------------------------------

    def add_young(self, size: cython.int) -> cython.int:
        """Count an addition to the younger generation, which becomes the older one when it is full."""
        self.young_size += size
        if 4 * self.young_size > self.memory:
            self.older_masks, self.masks = self.masks, {}
            self.older_moves, self.moves = self.moves, {}
            self.older_tight, self.tight = self.tight, {}
            self.bounds.clear()
            self.young_size = 0
        return 0

    def count_memory(self) -> cython.int:
        """Check the memory in use after every so many masks, and whenever large tables have been made."""
        self.since_count += 1
        if self.since_count < COUNT_EVERY and 8 * self.masker.leaves.made < self.memory:
            return 0
        self.since_count = 0
        self.masker.leaves.made = 0
        if 8 * self.completions_size() > self.memory:
            self.forget_completions()
        expressions: cython.Py_ssize_t = self.expressions_size()
        tables: cython.Py_ssize_t = self.masker.footprint() + self.completions_size()
        if expressions + tables > max(self.memory // 2, 2 * self.least) and 8 * tables > self.memory:
            self.forgotten += 1
            self.masker.forget()
            self.forget_completions()
            self.masks, self.older_masks = {}, {}  # their rows belonged to tables, and were counted there
            self.tight, self.older_tight = {}, {}
            self.bounds.clear()
        self.full = expressions > max(self.memory // 4, 2 * self.least)
        return 0

    def expressions_size(self) -> int:
        """Bytes in use that cannot be dropped."""
        return sum(self.engine.footprint().values())

    def completions_size(self) -> int:
        """Bytes in use by completions and their costs."""
        if self.masker.budget.byte_costs is None:
            return 0
        return self.masker.budget.byte_costs.footprint() + self.masker.budget.token_costs.footprint()

    def forget_completions(self) -> None:
        """Drop completions; they are found again when they are needed."""
        if self.masker.budget.byte_costs is not None:
            self.masker.budget.byte_costs.forget()
            self.masker.budget.token_costs.forget()

    def statistics(self) -> dict[str, float]:
        """Counts of the requests to this automaton; see ``Constraint.statistics``."""
        return {
            "mask_hits": self.hits,
            "mask_misses": self.misses,
            "mask_seconds": self.seconds,
            "longest_mask_seconds": self.longest,
            "times_forgotten": self.forgotten,
        }

    def footprint(self) -> dict[str, int]:
        """Bytes in use, by purpose."""
        kept = (self.masks, self.older_masks, self.tight, self.older_tight)
        masks = [mask for table in kept for mask in table.values()]
        own = {id(mask): mask for mask in masks}.values()
        moves = [self.moves, self.older_moves, self.bounds]
        return {
            "masks": sum(MASK_SIZE + mask.size for mask in own),
            "moves": sum(sys.getsizeof(table) + 60 * len(table) for table in moves),
            "leaves": self.masker.footprint(),
            "expressions": sum(self.engine.footprint().values()),
            "completions": self.completions_size(),
        }
