"""How few tokens complete a text, by searching: for vocabularies whose atoms are not aligned.

With the tokens ``ab`` and ``abc``, the text ``abc`` is spelt, but not behind ``ab``. So there is no language of what is
spelt, of which states could be the derivatives: what can come behind a token depends on where it ends. States are
those of the whole language, and a token is allowed if some sequence of tokens leads from where it ends to the end of a
text. That is found by a search, breadth first, and kept for the states that it leads through. It is exact, and slow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from constrain.errors import UnspellableError
from constrain.work import checkpoint

__all__ = ["NEVER", "Viability"]

# What no tokens complete.
NEVER = -1

# States that one search may visit. One that has no end among so many counts as if it had none: what the search has
# found leads to an end, so even then no token that is allowed leads to a dead end.
STATE_LIMIT = 20_000

# A trie of tokens: by the next byte, what is behind it; under -1 that a token ends here.
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
        if not self.lives(root):
            raise UnspellableError(
                "no text of the grammar can be written with the tokens of this vocabulary, as far as a search among "
                f"{STATE_LIMIT} states shows; use a tokenizer in which single characters or bytes are tokens"
            )

    def lives(self, state: int) -> bool:
        """Whether some tokens complete a text in ``state``."""
        return state != self.engine.EMPTY and self.fewest(state) != NEVER

    def plan(self, state: int) -> tuple[int, bytes]:
        """The fewest tokens that complete a text in ``state``, which lives, and what they spell."""
        count = self.fewest(state)
        text = b""
        for rest in reversed(range(count)):
            data, state = next(
                (data, target) for data, target in self._successors(state) if self.fewest(target) == rest
            )
            text += data
        return count, text

    def fewest(self, state: int) -> int:
        """How few tokens complete a text in ``state``; ``NEVER`` if none do, or none that are found."""
        found = self._known.get(state)
        if found is None:
            found = self._known[state] = self._search(state)
        return found

    def _search(self, start: int) -> int:
        """Level by level. The states on the way to the end are as far from it as they are from its last one."""
        before: dict[int, int] = {start: start}
        level, depth = [start], 0
        best, last = NEVER, start
        while level and (best == NEVER or depth < best) and len(before) <= STATE_LIMIT:
            checkpoint()
            following = []
            for state in level:
                rest = 0 if self.engine.nullable(state) else self._known.get(state, NEVER)
                if rest != NEVER and (best == NEVER or depth + rest < best):
                    best, last = depth + rest, state
                if rest == NEVER and state not in self._known:
                    for _, target in self._successors(state):
                        if target not in before:
                            before[target] = state
                            following.append(target)
            level, depth = following, depth + 1
        if best == NEVER:
            if not level:
                self._known.update(dict.fromkeys(before, NEVER))
            return NEVER
        state, count = last, 0 if self.engine.nullable(last) else self._known[last]
        while state != start:
            self._known[state] = count
            state, count = before[state], count + 1
        return best

    def _successors(self, state: int) -> Iterator[tuple[bytes, int]]:
        """The tokens that can be read in ``state``, and where they lead."""
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
