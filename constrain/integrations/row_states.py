"""Finds where each row of a batch is in its text, from the rows' token ids alone.

A logits processor of transformers is called as ``processor(input_ids, scores)`` and is not told where the prompt ends,
whether a new ``generate()`` has begun, or which beam went where. ``Rows`` keeps, for one ``generate()``, the ids it has
seen last and a cursor per row, and reads each call as follows:

1. A call *goes on* from the last one if every row, without its newest token, is a prefix of a row of the last call: of
   the same row (sampling, assisted decoding, where history also moves back), or of another row of the same prompt (beam
   search). Cursors are moved back, or copied, accordingly. The comparison is one vectorised operation over ids of which
   all but the newest column have been stored before.
2. Otherwise a new ``generate()`` has begun: its prompt is all of the ids, and each text starts there.
3. Then the newest token of each row is read. If no row can have chosen its token under the mask that it was
   given, a new ``generate()`` has begun after all, whose prompt is the old output and one more token. (A single row may
   have such a token: a beam that survives at a score of -inf, or a row that is padded after its end.)

One case cannot be told from ids: a prompt that equals, token by token, the prompt and output of the call before. It is
read as the continuation of that text, which is right for a text that ``max_new_tokens`` cut short.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np

from constrain.decoding.matcher import Constraint, Matcher
from constrain.errors import BudgetError, WorkLimitExceeded
from constrain.masks.bits.bitmask import allocate as allocate_bitmask
from constrain.masks.bits.bitmask import row_of

__all__ = ["Begin", "Cursor", "RowCursor", "Rows", "in_row"]

Made = TypeVar("Made")


class RowCursor(Protocol):
    """A row's place in its text; ``Cursor`` documents the members."""

    position: int
    start: int

    @property
    def failure(self) -> WorkLimitExceeded | None: ...
    @property
    def settled(self) -> bool: ...
    def read(self, token: int) -> bool: ...
    def fill_mask(self, bitmask: np.ndarray, row: int) -> None: ...
    def restart(self, prompt: np.ndarray) -> None: ...
    def move_back(self, position: int) -> None: ...
    def copy(self) -> RowCursor: ...


# A function that makes the cursor of a row from its prompt, ids ``[length]``.
Begin = Callable[[np.ndarray], RowCursor]


class Cursor:
    """A row's place in its text, for tokens at absolute positions of the row.

    Attributes:
        matcher: the matcher that has read the tokens of the text, as far as they are allowed.
        position: the row's length after the newest token read.
        start: the row's length before the text.
        max_tokens: the number of tokens within which a text must be complete (None: any number).
        failure: why the text cannot go on, if a limit on work was hit; the text then ends there, incomplete.
    """

    def __init__(self, constraint: Constraint, position: int, max_tokens: int | None = None) -> None:
        self.constraint = constraint
        self.max_tokens = max_tokens
        self.matcher = constraint.matcher(max_tokens)
        self.position = position
        self._read_to = position
        self._before: list[tuple[Matcher, int, int]] = []
        self.start = position
        self.failure: WorkLimitExceeded | None = None

    @property
    def settled(self) -> bool:
        """Whether only an end-of-sequence token may follow: the text has ended, or gone wrong."""
        return self.matcher.stopped or self._read_to < self.position or self.failure is not None

    def read(self, token: int) -> bool:
        """Read the next token of the row; return False if it cannot have been chosen under the mask before it."""
        settled = self.settled
        self.position += 1
        if settled:
            return token in self.constraint.vocabulary.eos_token_ids
        try:
            if not self.matcher.advance(token):
                return False
        except WorkLimitExceeded as error:
            self.failure = error
            return True
        self._read_to = self.position
        return True

    def fill_mask(self, bitmask: np.ndarray, row: int) -> None:
        """``Matcher.fill_mask`` for the next token; only the end is allowed if the text has gone wrong."""
        if self._read_to == self.position and self.failure is None:
            try:
                self.matcher.fill_mask(bitmask, row)
                return
            except WorkLimitExceeded as error:
                self.failure = error
        ends = self.constraint.vocabulary.eos_token_ids
        bitmask[row] = row_of(np.array(ends, np.intc), bitmask.shape[1])

    def restart(self, prompt: np.ndarray) -> None:
        """Start a new text here, after ``prompt``. Moving back before this place returns to the old text."""
        self._before.append((self.matcher, self.start, self._read_to))
        self.matcher = self.constraint.matcher(self.max_tokens)
        self.start = self._read_to = self.position
        self.failure = None

    def move_back(self, position: int) -> None:
        """Unread the tokens from ``position`` on."""
        if position < self.position:
            self.failure = None
        self.position = position
        while position < self.start:
            self.matcher, self.start, self._read_to = self._before.pop()
        if position < self._read_to:
            self.matcher.rollback(self._read_to - position)
            self._read_to = position

    def copy(self) -> Cursor:
        """An independent cursor at the same place."""
        twin = copy.copy(self)
        twin.matcher = self.matcher.fork()
        twin._before = [(matcher.fork(), start, end) for matcher, start, end in self._before]
        return twin


class Rows:
    """The rows of one ``generate()``.

    Attributes:
        width: the width of the scores; an assistant model with its own tokenizer may have a different one.
        cursors: one per row, None where the row is free.
        chosen: bool ``[B]``, the rows that have a cursor; None if all have.
        bitmask: int32 ``[B, words]``, filled anew at each step.
        failures: rows that were ended because a limit on work was hit, and why.
    """

    def __init__(self, begins: Sequence[Begin | None], ids: np.ndarray, width: int, size: int) -> None:
        """Rows whose prompts are ``ids`` ``[B, length]``; B is a multiple of ``len(begins)``.

        Args:
            begins: one for each run of ``B / len(begins)`` rows, None where rows are free.
            size: the number of tokens of the vocabulary.

        Raises:
            ValueError: B is not such a multiple.
            BudgetError: not even the shortest text of a row fits in its budget.
        """
        count, self.prompt_length = ids.shape
        if count % len(begins):
            raise ValueError(
                f"{count} rows cannot be shared out among {len(begins)} constraints: give one, and each of its "
                "options, for all, or one for each prompt (None where a row is free)"
            )
        self.width = width
        self.block = count // len(begins)
        places = [begins[row // self.block] for row in range(count)]
        self.cursors = [
            None if begin is None else in_row(row if count > 1 else None, begin, ids[row])
            for row, begin in enumerate(places)
        ]
        self.chosen = None if None not in places else np.array([one is not None for one in places])
        self.bitmask = allocate_bitmask(count, size)
        self.failures: dict[int, WorkLimitExceeded] = {}
        self._length = self.prompt_length
        self._seen = ids.copy()

    def report(self, row: int, failure: WorkLimitExceeded) -> None:
        """Note that ``row`` was ended, and warn about it once."""
        if row not in self.failures:
            self.failures[row] = failure
            warnings.warn(f"row {row} was ended before its text was complete: {failure}", stacklevel=3)

    def follow(self, ids: np.ndarray, width: int) -> bool:
        """Move to ``ids`` ``[B, length]``; return False, with nothing changed, if they do not go on from here."""
        count, length = ids.shape
        known = max(self.prompt_length, length - 1)
        if count != len(self.cursors) or width != self.width:
            return False
        if length < self.prompt_length or self._length < known:
            return False
        if np.count_nonzero(ids[:, :known] != self._seen[:, :known]):
            sources = self._sources(ids[:, :known])
            if sources is None:
                return False
            self.cursors = [_copied(self.cursors[source]) for source in sources]
            self._seen[:, :known] = ids[:, :known]
        self._length = length
        self._move(known)
        if length > known:
            self._read(ids[:, known])
        return True

    def _sources(self, ids: np.ndarray) -> list[int] | None:
        """For each row, the row of the last call that it continues; None if a row continues none."""
        rows = [row.tobytes() for row in ids]
        seen = [row.tobytes() for row in self._seen[:, : ids.shape[1]]]
        first = {(place // self.block, row): place for place, row in reversed(list(enumerate(seen)))}
        sources = [
            place if row == seen[place] else first.get((place // self.block, row), -1)
            for place, row in enumerate(rows)
        ]
        return None if -1 in sources else sources

    def _move(self, position: int) -> None:
        for cursor in self.cursors:
            if cursor is not None and cursor.position != position:
                cursor.move_back(position)

    def _read(self, newest: np.ndarray) -> None:
        """Let all cursors read the ids ``newest`` ``[B]``."""
        self._store(newest)
        possible = False
        for cursor, token in zip(self.cursors, newest.tolist(), strict=True):
            if cursor is not None and cursor.read(token):
                possible = True
        if not possible:
            for row, cursor in enumerate(self.cursors):
                if cursor is not None:
                    cursor.restart(self._seen[row, : self._length])

    def _store(self, newest: np.ndarray) -> None:
        """Keep ids in a buffer of our own: the caller may write into his tensor again."""
        last = self._length - 1
        if last == self._seen.shape[1]:
            larger = np.zeros((len(self._seen), 2 * last + 64), self._seen.dtype)
            larger[:, :last] = self._seen
            self._seen = larger
        self._seen[:, last] = newest


def in_row(row: int | None, begin: Callable[..., Made], *arguments: Any) -> Made:
    """``begin(*arguments)``, where an error about a budget that is too small names the row."""
    try:
        return begin(*arguments)
    except BudgetError as error:
        raise error.of_row(row) from None


def _copied(cursor: RowCursor | None) -> RowCursor | None:
    return None if cursor is None else cursor.copy()
