"""Ending in time: which tokens leave a text that the rest of a budget can still complete.

A budget is a number of tokens. The rule is one sentence: a token may be written if a completion of
what is then written is known that takes no more tokens than are then left. It needs

* *plans*: a cheap completion of a state, and how few tokens spell it (``Steering.plan``);
* a *bound* on the plans of all states that the next token may lead to, which is found along with a
  mask. While the budget has room for it, masks are left as they are (``Steering.bound``);
* *prices* of single tokens, where it has not (``masks.prices``).

The first token of a plan leads to a state whose plan is the rest of it, so no mask is ever empty.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from constrain.engine import Completions, Engine
from constrain.engine.peaks import Peaks, longest_of_first
from constrain.errors import BudgetError
from constrain.masks.prices import (
    UNSPELLABLE,
    TokenPrices,
    fewest_tokens,
    price_before,
    spell,
    token_counts,
)

if TYPE_CHECKING:
    from constrain.masks.masker import Masker
    from constrain.vocabulary.trie import Trie

__all__ = ["Plan", "Steering"]

# How few tokens, and the text that they spell.
Plan = tuple[int, bytes]

# States whose prices are kept: those that matchers near the end of their budgets are in.
PRICED_STATES = 8

# Completions whose spelling is kept.
SPELLED_TEXTS = 256


def _price(trie: Trie, text: bytes) -> int:
    """Tokens for ``text`` as a part of a whole: of one that ends inside a character, no more than its bytes."""
    return min(len(text), fewest_tokens(trie, text))


class Steering:
    """What is known about completions in one engine, for the tokens of one vocabulary."""

    def __init__(self, engine: Engine, masker: Masker, bounds: dict[int, int]) -> None:
        self.engine = engine
        self.masker = masker
        self.trie = masker.trie
        self.completions = Completions(engine, partial(_price, self.trie))
        self.peaks = Peaks(engine)
        self.bounds = bounds
        self._walk = TokenPrices(engine, self.trie)
        self._priced: dict[int, Priced] = {}
        self._spelled: dict[int, tuple[bytes, np.ndarray]] = {}
        self._captured: dict[tuple[int, int], int] = {}
        self._after: dict[int, int] = {}

    def footprint(self) -> int:
        """Bytes in use by completions."""
        known = [*self.completions.known.values(), *self.peaks.completions.known.values()]
        texts = sum(250 + len(text) for _, text in known) + 100 * len(self.completions.failed)
        spelled = sum(250 + 5 * len(text) for text, _ in self._spelled.values())
        return texts + spelled + sum(priced.size for priced in self._priced.values())

    def forget(self) -> None:
        """Drop completions; what is needed of them is found again."""
        self.completions.known.clear()
        self.completions.failed.clear()
        self._spelled.clear()
        self._captured.clear()
        self._after.clear()
        self._priced.clear()
        self.peaks.completions.known.clear()

    # -- completions --------------------------------------------------------------------------

    def plan(self, state: int) -> Plan:
        """A cheap completion of ``state``: cheapest in its parts, or shortest in bytes."""
        text, counts = self._spelled_text(state)
        return min((int(counts[0]), text), self.priced_text(self.peaks.completions.cheapest(state)[1]))

    def priced_text(self, text: bytes) -> Plan:
        """``text`` as a plan."""
        return fewest_tokens(self.trie, text), text

    def spell(self, text: bytes, most: int | None = None) -> list[int]:
        """The fewest tokens that spell ``text``, the first ``most`` of them."""
        return spell(self.trie, text, most)

    def _spelled_text(self, node: int) -> tuple[bytes, np.ndarray]:
        """A cheap completion, and how few tokens spell it from each of its bytes on."""
        found = self._spelled.get(node)
        if found is None:
            text = self.completions.cheapest(node)[1]
            found = text, token_counts(self.trie, text)
            if len(self._spelled) >= SPELLED_TEXTS:
                self._spelled.clear()
            self._spelled[node] = found
        return found

    def of_rest(self, head: int, tail: int) -> int:
        """How few tokens complete ``head tail``, as far as is known."""
        text, counts = self._spelled_text(tail)
        return price_before(self.trie, self.completions.cheapest(head)[1], text, counts)

    def uncertain(self, head: int, rest: int) -> int:
        """The same, the parts spelled one by one: holds for whatever differs in the texts of the parts alone."""
        return self.completions.cheapest(self.engine.concat(head, rest))[0]

    def captured(self, head: int, rest: int, handler: Any) -> int:
        """How few tokens complete what a capture has left, ``head`` and then ``rest``, whatever it has
        captured: of the first texts of ``head``, those that may be refused leave one."""
        behind = self.completions.cheapest(rest)[0]
        if head == self.engine.EPSILON:
            return behind
        key = head, self.enough(handler)
        if key not in self._captured:
            self._captured[key] = longest_of_first(self.engine, *key)
        return self._captured[key] + behind

    def enough(self, handler: Any) -> int:
        """More texts than ``handler`` refuses: a power of two, so that most keys of a long object ask the same."""
        refused: int = self.engine.text_count(handler.refused(self.engine))
        return 1 << refused.bit_length()

    def after(self, capture: int) -> int:
        """What follows a shortest text of ``capture`` that is not refused."""
        follow = self._after.get(capture)
        if follow is None:
            body, text, handler = self.engine.inspect(capture)[1:]
            ordinary = text + self.peaks.ordinary_suffix(body, text, handler)
            follow = self._after[capture] = handler.complete(self.engine, ordinary)
        return follow

    # -- masks --------------------------------------------------------------------------------

    def bound(self, state: int) -> int:
        """No token that is allowed in ``state`` leads to where more tokens than this are needed to complete."""
        known = self.bounds.get(state)
        if known is None:
            known = self.bounds[state] = self._bound(state)
        return known

    def _bound(self, state: int) -> int:
        places = self.masker.places_of(state, self.after)
        if places is None:
            return UNSPELLABLE
        return max((self._place_bound(head, tail) for head, tail in set(places)), default=0)

    def _place_bound(self, head: int, tail: int) -> int:
        kind, *fields = self.engine.inspect(head)
        if kind == "choice":
            return max(
                len(key) - 1 + self.uncertain(follow(), tail) for key, follow in self.engine.choices(head)
            )
        if kind == "capture":
            return self._capture_bound(head, tail, fields[0], fields[2]) if fields[2].alike else 0
        within = self.peaks.inside(head, kind, fields)
        return 0 if within is None else within + self.completions.cheapest(tail)[0]

    def _capture_bound(self, head: int, tail: int, body: int, handler: Any) -> int:
        rest = self.completions.cheapest(self.engine.concat(self.after(head), tail))[0]
        return self.peaks.captured(body, self.enough(handler)) + rest

    def priced(self, state: int) -> Priced:
        """The price of each token that is allowed in ``state``."""
        found = self._priced.pop(state, None)
        if found is None:
            found = Priced(*self._walk.of(state, self))
        self._priced[state] = found  # the most recent last
        if len(self._priced) > PRICED_STATES:
            del self._priced[next(iter(self._priced))]
        return found

    def plans_after(self, state: int, token: int) -> list[Plan]:
        """Plans for what follows ``token`` in ``state``, as its price has it."""
        rest = self.priced(state).rest_after(token)
        if rest is None:
            return []
        return [self.priced_text(b"".join(self.completions.cheapest(part)[1] for part in rest))]

    def tighten(self, state: int, allowed: np.ndarray) -> int:
        """The bound of ``state`` by the prices of its tokens, of which ``allowed`` is the row of a bitmask."""
        most = self.priced(state).most(allowed)
        self.bounds[state] = min(self.bounds.get(state, UNSPELLABLE), UNSPELLABLE if most is None else most)
        return self.bounds[state]


class Priced:
    """Prices of tokens in one state.

    Attributes:
        ids: the tokens, ascending.
        places: of each, the number of the place in the state that it ends in.
        prices: of each place, how few tokens complete the text from there.
        rests: of each place, the parts [head, tail] that a text of so many tokens is of; -1 where the state
            itself has to be asked.
    """

    def __init__(self, ids: np.ndarray, places: np.ndarray, prices: np.ndarray, rests: np.ndarray) -> None:
        self.ids = ids
        self.places = places
        self.prices = prices
        self.rests = rests

    @property
    def size(self) -> int:
        """Bytes in use."""
        return self.ids.nbytes + self.places.nbytes + self.prices.nbytes + self.rests.nbytes

    def most(self, row: np.ndarray) -> int | None:
        """The highest price of a token that is allowed in ``row`` of a bitmask; None if one has none."""
        within = self.within(row)
        if np.count_nonzero(within) < np.count_nonzero(np.unpackbits(row.view(np.uint8))):
            return None
        return int(self.prices[self.places[within]].max(initial=0))

    def within(self, row: np.ndarray) -> np.ndarray:
        """Which of ``ids`` are allowed in ``row`` of a bitmask, as booleans."""
        bits: np.ndarray = row.view(np.uint32)[self.ids >> 5] >> (self.ids & 31).astype(np.uint32) & 1
        return bits.astype(bool)

    def affordable(self, row: np.ndarray, left: int) -> np.ndarray:
        """The tokens of ``row`` after which ``left`` tokens complete the text."""
        chosen: np.ndarray = self.ids[self.within(row) & (self.prices <= left)[self.places]]
        return chosen

    def price_after(self, token: int) -> int:
        """How few tokens complete the text after ``token``."""
        at = self._place(token)
        return UNSPELLABLE if at < 0 else int(self.prices[self.places[at]])

    def rest_after(self, token: int) -> tuple[int, int] | None:
        """The parts of the state after ``token`` that tell its price, if any do."""
        at = self._place(token)
        head, tail = (-1, -1) if at < 0 else self.rests[self.places[at]].tolist()
        return None if head < 0 else (head, tail)

    def _place(self, token: int) -> int:
        at = int(np.searchsorted(self.ids, token))
        return at if at < len(self.ids) and self.ids[at] == token else -1


def refuse(plan: Plan, budget: int) -> BudgetError:
    """The error of a budget that ``plan`` does not fit in."""
    count, text = plan
    return BudgetError(count, budget, text)
