"""What a user holds: a constraint, and a matcher, its cursor over one sequence.

A decoding state is an int (an expression of the engine), so a matcher is a state and the list of
those before it. Masks and moves are kept with the constraint: whichever matcher comes to a state
first pays for its mask, and all others copy a row.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import cython
import numpy as np

if cython.compiled:
    from cython.cimports.constrain.engine.derivative import Engine
    from cython.cimports.constrain.masks.bitmask import TokenSet
    from cython.cimports.constrain.masks.masker import Masker

if TYPE_CHECKING:
    from constrain.languages.base import Grammar
    from constrain.masks.store import VocabularyIndex
    from constrain.vocabulary import Vocabulary

# The state after an end-of-sequence token.
ENDED = cython.declare(cython.int, -1)


class Constraint:
    """A grammar compiled for a vocabulary. Immutable to its users, and safe to share between threads.

    Made by ``constrain.compile``. Lookups of what has been seen before take no lock; growth takes one.

    Attributes:
        vocabulary: the vocabulary that it is compiled for.
        grammar: the grammar that it is compiled from.
        root: the state at the start of a text.
    """

    def __init__(self, grammar: Grammar, vocabulary: Vocabulary, index: VocabularyIndex) -> None:
        self.grammar = grammar
        self.vocabulary = vocabulary
        self.engine = grammar.engine
        self.tokens = vocabulary.tokens
        self.end_ids = index.end_ids
        self.end_set = index.end_set
        self.masks = {}
        self.moves = {}
        self.lock = grammar.lock
        shared = index.shared(self.engine.base)
        with self.lock:
            self.masker = Masker(self.engine, index.trie, self.tokens, index.words, shared)
        self.end_mask = index.end_mask
        self.root = grammar.root
        if vocabulary.leading_space:
            # The decoder drops one space at the start of a sequence, so one may be written there.
            with self.lock:
                space = self.engine.literal(b" ")
                self.root = self.engine.union([self.root, self.engine.concat(space, self.root)])

    def matcher(self) -> Matcher:
        """A new cursor at the start of a text."""
        return Matcher(self)

    def mask_of(self, state: cython.int) -> TokenSet:
        found = self.masks.get(state)
        if found is not None:
            return found
        with self.lock:
            mask: TokenSet = self.end_mask if state == ENDED else self.masker.mask(state, self.end_ids)
            self.masks[state] = mask
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
            target = self.derive(state, token)
            self.moves[key] = target
        return target

    def derive(self, state: cython.int, token: cython.int) -> cython.int:
        if token < 0 or token >= len(self.tokens):
            return 0
        if token in self.end_set:
            return ENDED if self.engine.is_nullable(state) else 0
        data = self.tokens[token]
        return self.engine.run(state, data) if data is not None else 0

    def __deepcopy__(self, memo: dict[int, Any]) -> Constraint:
        return self

    def __repr__(self) -> str:
        return f"<Constraint {self.grammar!r} over {self.vocabulary!r}>"


class Matcher:
    """A cursor over one sequence of tokens.

    Attributes:
        constraint: what it matches.
        state: where it is; equal states of one constraint have equal futures.
    """

    def __init__(self, constraint: Constraint) -> None:
        self.constraint = constraint
        self.state = constraint.root
        self.history = []
        self.bitmask = None

    def fill_mask(self, bitmask: Any, row: cython.int = 0) -> None:
        """Write which tokens may come next into ``bitmask[row]``, in place.

        ``bitmask`` is an int32 array or CPU tensor of shape ``[rows, words]`` as ``allocate_bitmask`` makes it: bit
        ``t & 31`` of word ``t >> 5`` is set where token *t* is allowed. An end-of-sequence token is
        allowed where the text is complete, and nothing else is allowed after one.

        Raises:
            ValueError: ``bitmask`` has another type or shape.
            IndexError: there is no such row.
        """
        if bitmask is not self.bitmask:  # taking a view of an array costs more than filling it
            self.rows = bitmask if isinstance(bitmask, np.ndarray) else bitmask.numpy()
            if self.rows.shape[1] != self.constraint.masker.words:
                width = self.constraint.masker.words
                raise ValueError(
                    f"the bitmask has {self.rows.shape[1]} words a row, the vocabulary needs {width}"
                )
            self.bitmask = bitmask
        if row < 0 or row >= self.rows.shape[0]:
            raise IndexError(f"row {row} of a bitmask of {self.rows.shape[0]} rows")
        self.constraint.mask_of(self.state).write(self.rows[row])

    def advance(self, token_id: cython.int) -> cython.bint:
        """Read one token. False, and nothing has changed, if it is not allowed here."""
        target: cython.int = self.constraint.move(self.state, token_id)
        if target == 0:
            return False
        self.history.append(self.state)
        self.state = target
        return True

    def validate(self, token_ids: Iterable[int]) -> int:
        """How many of ``token_ids``, from the first, could be read one after the other. Changes nothing."""
        state: cython.int = self.state
        count: cython.int = 0
        for token in token_ids:
            state = self.constraint.move(state, token)
            if state == 0:
                break
            count += 1
        return count

    @property
    def can_stop(self) -> bool:
        """Whether the text so far is complete: an end-of-sequence token may come next, or has come."""
        return self.state == ENDED or self.constraint.engine.is_nullable(self.state)

    @property
    def stopped(self) -> bool:
        """Whether an end-of-sequence token has been read."""
        return self.state == ENDED

    def rollback(self, count: int) -> None:
        """Unread the last ``count`` tokens.

        Raises:
            ValueError: fewer tokens than that have been read.
        """
        if not 0 <= count <= len(self.history):
            raise ValueError(f"cannot unread {count} of {len(self.history)} tokens")
        if count:
            self.state = self.history[len(self.history) - count]
            del self.history[len(self.history) - count :]

    def fork(self) -> Matcher:
        """An independent matcher at the same place."""
        copy = Matcher(self.constraint)
        copy.state = self.state
        copy.history = list(self.history)
        return copy

    def reset(self) -> None:
        """Go back to the start of the text."""
        self.state = self.constraint.root
        self.history = []

    def allowed_tokens(self) -> list[int]:
        """Ids of the tokens that may come next, ascending. For looking; ``fill_mask`` is for decoding."""
        row = np.zeros(self.constraint.masker.words, np.int32)
        self.constraint.mask_of(self.state).write(row)
        return np.flatnonzero(np.unpackbits(row.view(np.uint8), bitorder="little")).tolist()

    def mask_by_derivatives(self) -> np.ndarray:
        """The row that ``fill_mask`` should write, by the derivative of every token: slow, for checking it."""
        row = np.zeros(self.constraint.masker.words, np.int32)
        with self.constraint.lock:
            self.constraint.masker.mask_by_derivatives(self.state, self.constraint.end_ids).fill(row)
        return row

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError("a matcher cannot be pickled; pickle its constraint and the tokens it has read")

    def __repr__(self) -> str:
        return f"<Matcher in state {self.state} after {len(self.history)} tokens of {self.constraint!r}>"
