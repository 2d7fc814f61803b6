"""Plans: how a text can be ended from a state, in how few tokens.

A budget is a number of tokens. The rule is one sentence: a token may be written if a completion of what is then
written is known that takes no more tokens than are then left. Masks keep it by what parts of a text cost
(``masks.costs``). A plan is the completion itself: it says beforehand whether a budget is enough, it is what
``Matcher.completion`` returns, and its first token is what is left where the costs of parts are too rough to show any.
"""

from __future__ import annotations

from functools import partial

from constrain.engine import Completions, Engine
from constrain.errors import BudgetError
from constrain.vocabulary.segmentation import fewest_tokens
from constrain.vocabulary.trie import Trie

__all__ = ["Plan", "Plans", "refuse"]

# How few tokens, and the text that they spell.
Plan = tuple[int, bytes]


class Plans:
    """Completions of the states of one engine, in the tokens of one vocabulary."""

    def __init__(self, engine: Engine, trie: Trie) -> None:
        self.trie = trie
        self._by_tokens = Completions(engine, partial(fewest_tokens, trie))
        self._by_bytes = Completions(engine)

    def footprint(self) -> int:
        """Bytes in use."""
        return sum(
            sum(250 + len(text) for _, text in search.known.values()) + 100 * len(search.failed)
            for search in (self._by_tokens, self._by_bytes)
        )

    def forget(self) -> None:
        """Drop what is known; it is found again when it is needed."""
        self._by_tokens.forget()
        self._by_bytes.forget()

    def of(self, state: int) -> Plan:
        """A cheap completion of ``state``: the shortest in bytes, or that whose parts take the fewest tokens.

        Raises:
            WorkLimitExceeded: finding one takes too much work.
        """
        return min(self.as_plan(search.cheapest(state)[1]) for search in (self._by_bytes, self._by_tokens))

    def as_plan(self, text: bytes) -> Plan:
        """``text`` as a plan."""
        return fewest_tokens(self.trie, text), text


def refuse(plan: Plan, budget: int) -> BudgetError:
    """The error of a budget that ``plan`` does not fit in."""
    count, text = plan
    return BudgetError(count, budget, text)
