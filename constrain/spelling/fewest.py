"""A search for the fewest tokens that complete a text, for vocabularies whose atoms are not aligned.

With the tokens ``ab`` and ``abc``, the text ``abc`` can be spelled, but it cannot be completed after ``ab``. So the
spelled texts are not a language whose derivatives could be the states: what can come after a token depends on where the
token ends. States are those of the whole language, and a token is allowed if some sequence of tokens leads from its end
to the end of a text. A search finds such a sequence, and the result is kept for the states on its way. The search is
slow, and exact as long as there are few states. If there are many, it goes first where few bytes are missing, and the
number of tokens is an upper bound.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from typing import Any

from constrain.engine.completion import Completions
from constrain.errors import UnspellableError
from constrain.work import checkpoint

__all__ = ["NEVER", "Viability"]

# The number for a state that no tokens complete.
NEVER = -1

# Up to this many states the fewest tokens are found, which takes some tens of milliseconds.
LEVEL_LIMIT = 500

# How many states one search may visit. A state from which no end is found within this limit counts as if it had none.
# What the search has found does lead to an end, so even then no allowed token leads to a dead end.
STATE_LIMIT = 2_000

# A trie of tokens: it maps the next byte to the trie after it, and has the key -1 where a token ends.
Node = dict[int, Any]


class Viability:
    """The fewest tokens that complete the states of one engine, kept as they are found."""

    def __init__(self, engine: Any, tokens: Iterable[bytes | None], root: int) -> None:
        """``root`` is the state at the start of a text.

        Raises:
            UnspellableError: no tokens complete it.
        """
        self.engine = engine
        self._trie: Node = {}
        for token in {token for token in tokens if token}:
            node = self._trie
            for byte in token:
                node = node.setdefault(byte, {})
            node[-1] = True
        self._known: dict[int, int] = {}
        self._shortest = Completions(engine)
        if not self.lives(root):
            raise UnspellableError(
                "no text of the grammar can be written with the tokens of this vocabulary, as far as a search among "
                f"{STATE_LIMIT} states shows; use a tokenizer in which single characters or bytes are tokens"
            )

    def lives(self, state: int) -> bool:
        """Whether some tokens complete a text in ``state``."""
        return state != self.engine.EMPTY and self.fewest(state) != NEVER

    def plan(self, state: int) -> tuple[int, bytes]:
        """Few tokens that complete a text in ``state``, which is live: how many, and the text that they spell."""
        count = self.fewest(state)
        text = b""
        for rest in reversed(range(count)):
            data, state = next(
                (data, target) for data, target in self._successors(state) if self._rest(target) == rest
            )
            text += data
        return count, text

    def fewest(self, state: int) -> int:
        """The least number of tokens known to complete a text in ``state``; ``NEVER`` if none do, or none are found."""
        found = self._known.get(state)
        if found is None:
            found = self._by_level(state)
            if found is None:
                found = self._nearest_first(state)
            self._known[state] = found
        return found

    def _by_level(self, start: int) -> int | None:
        """A breadth-first search, which finds the fewest tokens; None if it takes too many states."""
        before: dict[int, int] = {start: start}
        level, depth = [start], 0
        best, last = NEVER, start
        while level and (best == NEVER or depth < best):
            following = []
            for state in level:
                checkpoint()
                rest = self._rest(state)
                if rest != NEVER and (best == NEVER or depth + rest < best):
                    best, last = depth + rest, state
                if rest == NEVER and state not in self._known:
                    for _, target in self._successors(state):
                        if target not in before:
                            before[target] = state
                            following.append(target)
                if len(before) > LEVEL_LIMIT:
                    return None
            level, depth = following, depth + 1
        if best == NEVER:
            self._known.update(dict.fromkeys(before, NEVER))
        else:
            self._keep_way(before, last)
        return best

    def _nearest_first(self, start: int) -> int:
        """A search that prefers states which few bytes complete. It finds an end quickly, though perhaps one of more
        tokens."""
        before: dict[int, int] = {start: start}
        queue = [(0, start)]
        while queue and len(before) <= STATE_LIMIT:
            checkpoint()
            _, state = heappop(queue)
            if self._rest(state) != NEVER:
                return self._keep_way(before, state)
            if state in self._known:
                continue
            for _, target in self._successors(state):
                if target not in before:
                    before[target] = state
                    heappush(queue, (self._shortest.cheapest(target)[0], target))
        if not queue:
            self._known.update(dict.fromkeys(before, NEVER))
        return NEVER

    def _rest(self, state: int) -> int:
        return 0 if self.engine.nullable(state) else self._known.get(state, NEVER)

    def _keep_way(self, before: dict[int, int], last: int) -> int:
        """Note how far the states on the way to ``last`` are from the end; return how far the first one is."""
        state, count = last, self._rest(last)
        while before[state] != state:
            state, count = before[state], count + 1
            self._known[state] = count
        return count

    def _successors(self, state: int) -> Iterator[tuple[bytes, int]]:
        """The tokens that can be read in ``state``, and the states to which they lead."""
        todo = [(self._trie, state, b"")]
        while todo:
            checkpoint()
            node, state, data = todo.pop()
            if -1 in node:
                yield data, state
            for byte, child in node.items():
                if byte >= 0:
                    target = self.engine.derivative(state, byte)
                    if target != self.engine.EMPTY:
                        todo.append((child, target, data + bytes([byte])))
