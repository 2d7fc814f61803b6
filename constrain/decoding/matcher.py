"""The objects that users hold: a constraint, and a matcher, which is a cursor over one sequence.

Masks and moves are kept with the constraint (``automaton``): the first matcher that comes to a state pays for its mask,
and all others copy a row. A matcher holds the last of its steps (``steps``), which its forks share.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import cython
import numpy as np

if cython.compiled:
    from cython.cimports.constrain.decoding.automaton import ENDED, TokenAutomaton
    from cython.cimports.constrain.decoding.steps import Step, Steps
    from cython.cimports.constrain.engine.derivative import Engine
    from cython.cimports.constrain.masks.bits.bitmask import TokenSet, write_rows

from constrain.decoding.explanation import Explanation, beyond_budget, explain_text
from constrain.decoding.forced import canonical_tokens
from constrain.engine.completion import forced_text
from constrain.errors import BatchError, WorkLimitExceeded
from constrain.masks.bits.bitmask import set_of_ids
from constrain.spelling import Unspellable, lost

if TYPE_CHECKING:
    from constrain.languages.base import Grammar
    from constrain.limits import Limits
    from constrain.masks.vocabulary_index import VocabularyIndex
    from constrain.vocabulary import Vocabulary
    from constrain.vocabulary.selftest import Encode


class Constraint:
    """A grammar compiled for a vocabulary. It is immutable for its users, and safe to share between threads.

    Made by ``constrain.compile``. Looking up what is known takes no lock; growth takes one.

    Attributes:
        vocabulary: the vocabulary that it is compiled for.
        grammar: the grammar that it is compiled from.
        limits: how much work its matchers may take.
        memory: bytes for keeping what matchers have visited. One half is for masks and moves, of which those not used
            for long are dropped. The other half is for what they are computed from, which is dropped when it outgrows
            that half. Only expressions cannot be dropped: when they take half of the second half, new matchers start
            afresh, and the old ones keep what they have for as long as they live.
    """

    def __init__(
        self, grammar: Grammar, vocabulary: Vocabulary, index: VocabularyIndex, limits: Limits
    ) -> None:
        self.grammar = grammar
        self.vocabulary = vocabulary
        self.index = index
        self.limits = limits
        self.memory = limits.memory
        self.automaton = TokenAutomaton(grammar, vocabulary, index, limits)

    def matcher(self, max_tokens: int | None = None) -> Matcher:
        """A new cursor at the start of a text.

        With ``max_tokens``, masks ensure that the text is complete when that many tokens are written, at the latest. An
        end-of-sequence token is not counted. Masks are changed only where they must be.

        Raises:
            BudgetError: the shortest text known takes more than ``max_tokens`` tokens.
        """
        return Matcher(self, max_tokens)

    def current(self) -> TokenAutomaton:
        """The automaton that new matchers use."""
        full: TokenAutomaton = self.automaton
        if full.full and (self.grammar.engine is not full.engine or self.grammar.renew(full.engine)):
            with self.grammar.lock:
                if self.automaton is full:
                    self.automaton = TokenAutomaton(self.grammar, self.vocabulary, self.index, self.limits)
        return self.automaton

    @property
    def engine(self) -> Engine:
        """The engine that holds the expressions, and so the states, of new matchers."""
        return self.automaton.engine

    @property
    def root(self) -> int:
        """The state at the start of a text."""
        return self.automaton.root

    @property
    def unspellable(self) -> Unspellable:
        """The parts of the grammar that the vocabulary cannot spell and that are therefore not admitted; false if there
        are none.

        The whole grammar is searched for them, unless every byte is a token.
        """
        return lost(self.grammar, self.index.alphabet)

    def footprint(self) -> dict[str, int]:
        """Bytes in use by what new matchers share, by purpose."""
        with self.grammar.lock:
            return self.automaton.footprint()

    def statistics(self) -> dict[str, float]:
        """Counts for all matchers that share the automaton of new matchers.

        ``mask_hits`` masks were known, and ``mask_misses`` were computed, in ``mask_seconds`` altogether and at most
        ``longest_mask_seconds`` each. ``memory`` bytes are in use, and ``times_forgotten`` is how often the data that
        masks are computed from has been dropped because of ``limits.memory``.
        """
        with self.grammar.lock:
            return {**self.automaton.statistics(), "memory": sum(self.automaton.footprint().values())}

    def __deepcopy__(self, memo: dict[int, Any]) -> Constraint:
        return self

    def __repr__(self) -> str:
        return f"<Constraint {self.grammar!r} over {self.vocabulary!r}>"


def fill_masks(matchers: Sequence[Matcher | None], bitmask: Any) -> None:
    """Write the mask of ``matchers[i]`` into ``bitmask[i]`` for a whole batch; ones where there is no matcher.

    It does the same as ``fill_mask`` for each matcher, in less time. Rows are written without the interpreter's lock.

    Raises:
        BatchError: masks of some rows take more work than their limits allow. The error says which rows, and why. In
            these rows no token is allowed; all other rows have been written.
        ValueError: ``bitmask`` has another type, shape or alignment than a vocabulary needs.
        IndexError: ``bitmask`` has fewer rows than there are matchers.
    """
    rows: cython.int[:, ::1] = array_of(bitmask)
    sets: list = []
    matcher: Matcher
    failed: dict = {}
    for one in matchers:
        matcher = one
        if matcher is None:
            sets.append(None)
            continue
        if rows.shape[1] != matcher.steps.automaton.masker.words:
            matcher.check(bitmask, 0)
        try:
            sets.append(matcher.steps.mask_at(matcher.last))
        except WorkLimitExceeded as error:
            error.row = len(sets)
            failed[error.row] = error
            sets.append(set_of_ids([]))
    if cython.cast(cython.Py_ssize_t, len(sets)) > rows.shape[0]:
        raise IndexError(f"{len(sets)} matchers for a bitmask of {rows.shape[0]} rows")
    write_rows(sets, rows)
    if failed:
        raise BatchError(failed)


def array_of(bitmask: Any) -> np.ndarray:
    """``bitmask``, an array or a tensor, as an array whose words can be read and written by C."""
    array: np.ndarray = bitmask if isinstance(bitmask, np.ndarray) else bitmask.numpy()
    if not array.flags.aligned:
        raise ValueError("the bitmask must be aligned: its address must be a multiple of 4")
    return array


class Matcher:
    """A cursor over one sequence of tokens.

    Attributes:
        constraint: what it matches.
        state: the current state; equal states have equal futures, as long as the constraint has not started afresh.
    """

    def __init__(self, constraint: Constraint, max_tokens: int | None = None) -> None:
        self.constraint = constraint
        self.bitmask = None
        self.steps = Steps(constraint.current(), max_tokens)
        self.last = self.steps.start()

    def fill_mask(self, bitmask: Any, row: cython.int = 0) -> None:
        """Write which tokens may come next into ``bitmask[row]``, in place.

        ``bitmask`` is an int32 array or CPU tensor of shape ``[rows, words]`` as ``allocate_bitmask`` makes it: bit
        ``t & 31`` of word ``t >> 5`` is set where token *t* is allowed. An end-of-sequence token is
        allowed where the text is complete, and nothing else is allowed after one.

        Raises:
            ValueError: ``bitmask`` has another type, shape or alignment.
            IndexError: there is no such row.
        """
        if bitmask is not self.bitmask or row < 0 or row >= self.rows.shape[0]:
            self.check(bitmask, row)
        self.steps.mask_at(self.last).write(self.rows[row])

    def check(self, bitmask: object, row: cython.int) -> cython.int:
        """Take a view of ``bitmask``, which costs more than filling a row of it, and keep it."""
        width: cython.int = self.steps.automaton.masker.words
        self.bitmask = None
        self.rows = array_of(bitmask)
        if self.rows.shape[1] != width:
            raise ValueError(
                f"the bitmask has {self.rows.shape[1]} words a row, the vocabulary needs {width}"
            )
        if row < 0 or row >= self.rows.shape[0]:
            raise IndexError(f"row {row} of a bitmask of {self.rows.shape[0]} rows")
        self.bitmask = bitmask
        return 0

    def advance(self, token_id: cython.int) -> cython.bint:
        """Read one token; return False, with nothing changed, if it is not allowed here."""
        step: Step = self.steps.after(self.last, token_id)
        if step is None:
            return False
        self.last = step
        return True

    # -- budgets ------------------------------------------------------------------------------

    @property
    def max_tokens(self) -> int | None:
        """How many tokens of text may be written; ``None`` without a budget."""
        return None if self.steps.budget < 0 else self.steps.budget

    @property
    def remaining(self) -> int | None:
        """How many tokens of text may still be written; ``None`` without a budget."""
        return None if self.steps.budget < 0 else self.steps.budget - self.count

    def completion(self) -> list[int]:
        """Few tokens that complete the text: the fewest that spell a text known to complete it."""
        if self.last.state == ENDED:
            return []
        return self.steps.completion(self.last)

    # -- forced text --------------------------------------------------------------------------

    def forced_bytes(self) -> bytes:
        """The longest text that every continuation begins with; none where the text may end."""
        if self.last.state == ENDED:
            return b""
        with self.steps.automaton.lock:
            return forced_text(self.steps.automaton.engine, self.last.state)

    def forced_tokens(self, encode: Encode | None = None) -> list[int]:
        """The tokens that come next whatever is chosen, as the tokenizer itself would write them.

        They spell the forced text, or the part of it up to the last boundary that no token can lie across:
        the tokenizer may join what comes after that boundary with text that is not forced.

        Args:
            encode: a function from text to ids, without special tokens; by default the vocabulary's, if it has one.

        Raises:
            ValueError: no ``encode`` is known.
        """
        automaton: TokenAutomaton = self.steps.automaton
        encode = encode or self.constraint.vocabulary.encode
        if encode is None:
            raise ValueError("the vocabulary does not know how its tokenizer encodes: pass encode")
        forced = self.forced_bytes()
        if not forced:
            return []
        with automaton.lock:
            behind = automaton.engine.first(automaton.engine.advance(self.last.state, forced))
        tokens = canonical_tokens(
            self.constraint.vocabulary, automaton.trie, encode, self.tokens, forced, behind
        )
        return tokens[: self.validate(tokens)]

    # -- speculation --------------------------------------------------------------------------

    def validate(self, token_ids: Iterable[int]) -> int:
        """How many of ``token_ids``, from the first, could be read one after the other. The matcher does not change."""
        step: Step = self.last
        count: cython.int = 0
        for token in token_ids:
            step = self.steps.after(step, token)
            if step is None:
                break
            count += 1
        return count

    def fill_masks_along(self, token_ids: Iterable[int], bitmask: Any, row: int = 0) -> int:
        """Write the masks along a draft: ``bitmask[row + i]`` is the mask after *i* of ``token_ids``. The matcher does
        not change.

        Returns how many of the tokens, from the first, can be read one after the other; rows beyond ``row`` + that
        number are not changed. At most one more mask than tokens is written.
        """
        sets: list = [self.steps.mask_at(self.last)]
        step: Step = self.last
        for token in token_ids:
            step = self.steps.after(step, token)
            if step is None:
                break
            sets.append(self.steps.mask_at(step))
        self.write(sets, bitmask, row)
        return len(sets) - 1

    def fill_masks_tree(
        self, token_ids: Sequence[int], parents: Sequence[int], bitmask: Any, row: int = 0
    ) -> list[bool]:
        """Write the masks of a tree of drafts, as in tree attention. The matcher does not change.

        Node *i* of the tree is ``token_ids[i]`` after node ``parents[i]``, which has a lower index, or after what has
        been read if ``parents[i]`` is -1. ``bitmask[row]`` is the mask after what has been read, ``bitmask[row + 1 +
        i]`` is the mask after node *i*, which allows nothing if the node cannot be read. Returns which nodes can be
        read. Raises ``ValueError`` if ``parents`` is not a tree.
        """
        steps: list = []
        sets: list = [self.steps.mask_at(self.last)]
        nothing = set_of_ids([])
        if len(token_ids) != len(parents):
            raise ValueError(f"{len(token_ids)} tokens and {len(parents)} parents make no tree")
        parent: int
        for i, parent in enumerate(parents):
            if not -1 <= parent < i:
                raise ValueError(f"node {i} of a tree has the parent {parent}, which does not come before it")
            step: Step = self.last if parent < 0 else steps[parent]
            if step is not None:
                step = self.steps.after(step, token_ids[i])
            steps.append(step)
            sets.append(nothing if step is None else self.steps.mask_at(step))
        self.write(sets, bitmask, row)
        return [step is not None for step in steps]

    def write(self, sets: list, bitmask: object, row: cython.int) -> cython.int:
        """Write token sets to ``bitmask`` from ``row`` on."""
        count: cython.Py_ssize_t = len(sets)
        if bitmask is not self.bitmask or row < 0 or row >= self.rows.shape[0]:
            self.check(bitmask, row)
        if count > self.rows.shape[0] - row:  # not row + count, which may be more than an int holds
            raise IndexError(f"{count} masks from row {row} on, of a bitmask of {self.rows.shape[0]} rows")
        return write_rows(sets, self.rows[row : row + count])

    def rollback(self, count: int) -> None:
        """Unread the last ``count`` tokens.

        Raises:
            ValueError: fewer tokens than that have been read.
        """
        step: Step = self.last
        if not 0 <= count <= step.count:
            raise ValueError(f"cannot unread {count} of {step.count} tokens")
        target: cython.int = step.count - count
        while step.count > target:
            step = step.before
        self.last = step

    def fork(self) -> Matcher:
        """An independent matcher at the same place."""
        copy: Matcher = Matcher.__new__(Matcher)
        copy.constraint = self.constraint
        copy.steps = self.steps
        copy.last = self.last
        return copy

    def reset(self) -> None:
        """Go back to the start of the text."""
        self.steps = Steps(self.constraint.current(), self.max_tokens)
        self.last = self.steps.start()

    # -- looking ------------------------------------------------------------------------------

    @property
    def state(self) -> int:
        return self.last.state

    @property
    def count(self) -> int:
        """How many tokens have been read, an end-of-sequence token not included."""
        return self.last.count - (self.last.state == ENDED)

    @property
    def tokens(self) -> list[int]:
        """The tokens that have been read, in order."""
        found: list = []
        step: Step = self.last
        while step.before is not None:
            found.append(step.token)
            step = step.before
        return found[::-1]

    @property
    def text(self) -> bytes:
        """What has been read, as text."""
        return self.constraint.vocabulary.decode(self.tokens)

    @property
    def can_stop(self) -> bool:
        """Whether the text so far is complete: an end-of-sequence token may come next, or has come."""
        return self.last.state == ENDED or self.steps.automaton.engine.is_nullable(self.last.state)

    @property
    def stopped(self) -> bool:
        """Whether an end-of-sequence token has been read."""
        return self.last.state == ENDED

    def explain(self, what: int | str | bytes) -> Explanation:
        """Why a token or a text may or may not come next, and what may. ``str()`` of the result is for people to
        read."""
        automaton: TokenAutomaton = self.steps.automaton
        token = None if isinstance(what, (str, bytes)) else operator.index(what)
        given = (
            what.encode(errors="surrogatepass")  # half a surrogate pair: in no text, but no error
            if isinstance(what, str)
            else what
            if token is None
            else automaton.text_of(token)
        )
        state: cython.int = self.last.state
        if state == ENDED:
            return Explanation(
                token in automaton.end_set, given, token, self.text, b"", (), True, (), "the text has ended"
            )
        with automaton.lock:
            found = explain_text(
                automaton.engine, state, given, self.text, self.constraint.grammar, self.constraint.vocabulary
            )
        if token is None:
            return found
        found = replace(found, token=token, allowed=self.validate([token]) == 1)
        if given is None and token not in automaton.end_set:
            return replace(found, reason="it is no text")
        if found.allowed or found.accepted != found.given:
            return found
        if self.steps.budget < 0:
            return replace(found, reason="no tokens of the vocabulary complete the text after it")
        free = self.constraint.matcher()
        if not all(free.advance(one) for one in (*self.tokens, token)):
            return found
        return beyond_budget(found, self.remaining - 1, len(free.completion()))

    def allowed_tokens(self) -> list[int]:
        """Ids of the tokens that may come next, ascending. This is for inspection; ``fill_mask`` is for decoding."""
        row = np.zeros(self.steps.automaton.masker.words, np.int32)
        self.steps.mask_at(self.last).write(row)
        return np.flatnonzero(np.unpackbits(row.view(np.uint8), bitorder="little")).tolist()

    def mask_by_derivatives(self) -> np.ndarray:
        """The row that ``fill_mask`` should write without a budget, computed by the derivative of every token. This is
        slow, and serves to check ``fill_mask``."""
        row = np.zeros(self.steps.automaton.masker.words, np.int32)
        with self.steps.automaton.lock:
            self.steps.automaton.masker.mask_by_derivatives(
                self.last.state, self.steps.automaton.end_ids
            ).fill(row)
        return row

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError("a matcher cannot be pickled; pickle its constraint and the tokens it has read")

    def __repr__(self) -> str:
        return f"<Matcher in state {self.last.state} after {self.last.count} tokens of {self.constraint!r}>"
