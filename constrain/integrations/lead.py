"""The text that a row writes before its constrained text: free text up to a marker, then perhaps a fixed text.

Reasoning models think before they answer, and close their thoughts with a marker such as ``</think>``. Before the
marker is complete, every token is allowed except those that end the sequence and those that contain the end of the
marker and more: the constrained text begins with a new token. Once a limit is reached, only the marker is allowed.

A marker is a text or, where it is a token without a text of its own, the id of that token.

Within a budget of tokens, only the marker is allowed as soon as one more free token might not leave enough tokens for
the marker, the fixed text and the shortest constrained text. Fixed texts may then have to be spelled in as few tokens
as that requires.
"""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass

import numpy as np

from constrain.decoding.matcher import Constraint
from constrain.errors import BudgetError, UnspellableError, WorkLimitExceeded
from constrain.integrations.row_states import Cursor, RowCursor
from constrain.masks.bits.bitmask import row_of, words
from constrain.vocabulary import Vocabulary

__all__ = ["Beginning", "Lead", "LeadCursor"]


@dataclass(frozen=True)
class Free:
    """Free text, whose last ``matched`` bytes are a prefix of the marker."""

    matched: int


@dataclass(frozen=True)
class Spell:
    """Only the rest of a fixed text may come. After it the constrained text begins."""

    left: bytes


@dataclass(frozen=True)
class Close:
    """Only the marker's token may come."""


State = Free | Spell | Close
TEXT = Spell(b"")


class Lead:
    """The rules of a lead for one vocabulary, and their masks.

    Attributes:
        limit: how many tokens of free text there may be, without the marker; None for no limit.
        first: the state in which a row begins.
        behind: the state after the marker.
    """

    def __init__(
        self, vocabulary: Vocabulary, marker: str | int | None, limit: int | None, prefix: str = ""
    ) -> None:
        """A lead of free text that ends with ``marker``, if that is not None, and of ``prefix``.

        Raises:
            ValueError: there is a limit but no marker, or the marker is empty or not a token.
            UnspellableError: no tokens spell the marker or the prefix.
        """
        if marker is None and limit is not None:
            raise ValueError("a limit of free text needs the marker that ends it")
        known = marker is None or isinstance(marker, (str, int))
        if not known or marker == "" or (isinstance(marker, int) and not 0 <= marker < vocabulary.size):
            raise ValueError(f"{marker!r} is no marker: give a text, or the id of a token")
        self.vocabulary = vocabulary
        self.limit = limit
        self._marker = marker.encode() if isinstance(marker, str) else b""
        self._marker_id = marker if isinstance(marker, int) else None
        self._prefix = prefix.encode()
        self.behind: State = Spell(self._prefix)
        self._ends = frozenset(vocabulary.eos_token_ids)
        self._prices: dict[bytes, float] = {b"": 0}
        self._spellings: dict[bytes, list[int]] = vocabulary.attachments.setdefault("ids by bytes", {})
        self._rows: dict[State, np.ndarray] = vocabulary.attachments.setdefault(
            f"lead {marker!r} {prefix!r}", {}
        )
        self.first: State = self.behind if marker is None else Free(0)
        if self.price(self.first) == math.inf:
            fixed = self.shortest(self.first).decode()
            raise UnspellableError(
                f"the vocabulary has no tokens that spell {fixed!r}, before the constrained text"
            )

    def first_after(self, prompt: np.ndarray) -> State:
        """The state in which a row begins whose prompt is the ids ``[length]``.

        A prompt that ends with the marker, and perhaps whitespace, has closed the thoughts: chat templates write such
        prompts where thinking is turned off.
        """
        if self.first == self.behind:
            return self.first
        text = b""
        for token in reversed(prompt.tolist()):
            if token == self._marker_id:
                return self.behind
            data = self.vocabulary.tokens[token] if 0 <= token < self.vocabulary.size else None
            if data is None:
                break
            text = data + text
            at = text.rfind(self._marker) if self._marker else -1
            if at >= 0 and not text[at + len(self._marker) :].strip():
                return self.behind
            if len(text.rstrip()) >= max(len(self._marker), 1):
                break
        return self.first

    def forced(self, state: State) -> State:
        """``state`` once the limit is reached."""
        if not isinstance(state, Free):
            return state
        return Close() if self._marker_id is not None else Spell(self._marker[state.matched :] + self._prefix)

    def shortest(self, state: State) -> bytes:
        """The text that leads from ``state`` directly to the constrained text, without a marker that has no text."""
        state = self.forced(state)
        return state.left if isinstance(state, Spell) else self._prefix

    # -- prices -------------------------------------------------------------------------------

    def price(self, state: State) -> float:
        """The least number of tokens that lead from ``state`` to the constrained text; infinite if none do."""
        state = self.forced(state)
        if isinstance(state, Spell):
            return self._fewest(state.left)
        return 1 + self._fewest(self._prefix)

    @property
    def dearest(self) -> float:
        """The highest price of any state that free text leads to."""
        free = [self.price(Free(matched)) for matched in range(max(len(self._marker), 1))]
        return max(self.price(self.behind), *free)

    def _fewest(self, text: bytes) -> float:
        """The least number of tokens that spell ``text``."""
        if text not in self._prices:
            known, least = self._ids_by_bytes(), self._prices
            for start in reversed(range(len(text))):
                ends = [end for end in range(start + 1, len(text) + 1) if text[start:end] in known]
                least[text[start:]] = 1 + min((least[text[end:]] for end in ends), default=math.inf)
        return self._prices[text]

    def _ids_by_bytes(self) -> dict[bytes, list[int]]:
        if not self._spellings:
            for token, data in enumerate(self.vocabulary.tokens):
                if data is not None:
                    self._spellings.setdefault(data, []).append(token)
        return self._spellings

    # -- steps --------------------------------------------------------------------------------

    def after(self, state: State, token: int) -> State | None:
        """The state after ``token``; None if it is not allowed."""
        data = self.vocabulary.tokens[token] if token < self.vocabulary.size else None
        if token in self._ends:
            return None
        if isinstance(state, Free):
            return self.behind if token == self._marker_id else self._read_free(state.matched, data or b"")
        if isinstance(state, Close):
            return self.behind if token == self._marker_id else None
        if not data or not state.left.startswith(data) or self._fewest(state.left[len(data) :]) == math.inf:
            return None
        return Spell(state.left[len(data) :])

    def _read_free(self, matched: int, data: bytes) -> State | None:
        if not self._marker:
            return Free(0)
        if self._reaches_past(matched, data):
            return None
        text = self._marker[:matched] + data if data else b""
        if text.endswith(self._marker):
            return self.behind
        longest = min(len(text), len(self._marker) - 1)
        return Free(next(n for n in range(longest, -1, -1) if text.endswith(self._marker[:n])))

    def _reaches_past(self, matched: int, data: bytes) -> bool:
        """Whether a token ends the marker and goes on."""
        if not self._marker or self._marker[-1:] not in data[:-1]:
            return False
        text = self._marker[:matched] + data
        return 0 <= text.find(self._marker) < len(text) - len(self._marker)

    def mask(self, state: State, most: float = math.inf) -> np.ndarray:
        """The allowed tokens, int32 ``[words]``. Those of a fixed text leave at most ``most`` tokens to write.

        Without such a limit, the masks are kept with the vocabulary. Making the one for free text takes a look at each
        token (30 ms).
        """
        if most < math.inf and isinstance(state, Spell):
            return self._row(self._spelling(state.left, most))
        if state not in self._rows:
            self._rows[state] = self._row(self._allowed(state))
        return self._rows[state]

    def _row(self, ids: list[int]) -> np.ndarray:
        return row_of(np.array(sorted(ids), np.intc), words(self.vocabulary.size))

    def _spelling(self, left: bytes, most: float = math.inf) -> list[int]:
        known = self._ids_by_bytes()
        ends = [end for end in range(1, len(left) + 1) if left[:end] in known]
        most = min(most, len(left))  # which excludes what cannot be spelled
        return [token for end in ends if self._fewest(left[end:]) <= most for token in known[left[:end]]]

    def _allowed(self, state: State) -> list[int]:
        if isinstance(state, Free):
            tokens = enumerate(self.vocabulary.tokens)
            refused = {token for token, data in tokens if data and self._reaches_past(state.matched, data)}
            return sorted(set(range(self.vocabulary.size)) - refused - self._ends)
        if isinstance(state, Spell):
            return self._spelling(state.left)
        return [] if self._marker_id is None else [self._marker_id]


class LeadCursor:
    """A ``RowCursor`` for a lead and the text after it."""

    def __init__(
        self,
        constraint: Constraint,
        position: int,
        lead: Lead,
        max_tokens: int | None = None,
        first: State | None = None,
    ) -> None:
        """A cursor for a lead that begins at ``position``; everything is complete within ``max_tokens`` tokens (None:
        any number).

        ``first`` is the state in which the row begins, if not the first state of the lead.

        Raises:
            BudgetError: not even the shortest texts fit.
        """
        self.constraint = constraint
        self.position = position
        self.max_tokens = max_tokens
        self._lead = lead
        self._reserve: float = 0  # tokens of the shortest constrained text
        self._dearest: float = 0
        first = first or lead.first
        if max_tokens is not None:
            shortest = constraint.matcher().completion()
            self._reserve, self._dearest = len(shortest), lead.dearest
            needed = lead.price(first) + len(shortest)
            if needed > max_tokens:
                text = lead.shortest(first) + constraint.vocabulary.decode(shortest)
                raise BudgetError(int(min(needed, 10**9)), max_tokens, text)
        self._before: list[tuple[int, list[State | None], Cursor | None]] = []
        self._begin(position, first)

    def _begin(self, position: int, first: State) -> None:
        self.start = position
        self._states: list[State | None] = [first]  # at the start, and after each token of the lead
        self._text = self._begin_text() if first == TEXT else None

    def _begin_text(self) -> Cursor:
        left = None if self.max_tokens is None else int(self._left())
        return Cursor(self.constraint, self.position, left)

    def _left(self) -> float:
        """How many tokens may still be written."""
        return math.inf if self.max_tokens is None else self.max_tokens - (len(self._states) - 1)

    def _state(self) -> State | None:
        state, limit = self._states[-1], self._lead.limit
        if state is None:
            return None
        over = limit is not None and len(self._states) > limit
        return self._lead.forced(state) if over or self._left() <= self._dearest + self._reserve else state

    @property
    def failure(self) -> WorkLimitExceeded | None:
        """Why the text cannot go on, if a limit on work was hit."""
        return None if self._text is None else self._text.failure

    @property
    def settled(self) -> bool:
        """Whether only an end-of-sequence token may follow."""
        return self._states[-1] is None if self._text is None else self._text.settled

    def read(self, token: int) -> bool:
        """Read the next token of the row; return False if it cannot have been chosen under the mask before it."""
        self.position += 1
        if self._text is not None:
            return self._text.read(token)
        state = self._state()
        following = None if state is None else self._lead.after(state, token)
        if following is not None and self._lead.price(following) + self._reserve > self._left() - 1:
            following = None
        self._states.append(following)
        if following == TEXT:
            self._text = self._begin_text()
        return following is not None or (state is None and token in self.constraint.vocabulary.eos_token_ids)

    def fill_mask(self, bitmask: np.ndarray, row: int) -> None:
        """``Matcher.fill_mask`` for the next token; only the end is allowed if the text has gone wrong."""
        state = self._state()
        if self._text is not None:
            self._text.fill_mask(bitmask, row)
        elif state is None:
            bitmask[row] = row_of(
                np.array(self.constraint.vocabulary.eos_token_ids, np.intc), bitmask.shape[1]
            )
        else:
            bitmask[row] = self._lead.mask(state, self._left() - self._reserve - 1)

    def restart(self, prompt: np.ndarray) -> None:
        """Start a new text here, after ``prompt``. Moving back before this place returns to the old text."""
        self._before.append((self.start, self._states, self._text))
        self._begin(self.position, self._lead.first_after(prompt))

    def move_back(self, position: int) -> None:
        """Unread the tokens from ``position`` on."""
        self.position = position
        while position < self.start:
            self.start, self._states, self._text = self._before.pop()
        if self._text is not None and position >= self.start + len(self._states) - 1:
            self._text.move_back(position)
            return
        del self._states[position - self.start + 1 :]
        if self._states[-1] != TEXT:
            self._text = None

    def copy(self) -> LeadCursor:
        """An independent cursor at the same place."""
        twin = copy.copy(self)
        copies = [
            (start, list(states), None if text is None else text.copy())
            for start, states, text in [*self._before, (self.start, self._states, self._text)]
        ]
        twin._before, (twin.start, twin._states, twin._text) = copies[:-1], copies[-1]
        return twin


@dataclass(frozen=True)
class Beginning:
    """How rows of a prompt begin.

    Attributes:
        constraint: the constraint on their text.
        max_tokens: the number of tokens within which everything is complete (None: any number).
        lead: the lead that comes before the text, if any.
    """

    constraint: Constraint
    max_tokens: int | None = None
    lead: Lead | None = None

    def __call__(self, prompt: np.ndarray) -> RowCursor:
        """The cursor of a row whose prompt is the ids ``[length]``.

        Raises:
            BudgetError: not even the shortest text fits.
        """
        if self.lead is None:
            return Cursor(self.constraint, len(prompt), self.max_tokens)
        first = self.lead.first_after(prompt)
        return LeadCursor(self.constraint, len(prompt), self.lead, self.max_tokens, first)

    def check(self) -> None:
        """Refuse a budget that is too small for every prompt, even one that ends with the marker.

        Raises:
            BudgetError: it is too small.
        """
        if self.max_tokens is None:
            return
        if self.lead is None:
            self.constraint.matcher(self.max_tokens)
        else:
            LeadCursor(self.constraint, 0, self.lead, self.max_tokens, self.lead.behind)
