"""Budgets and spellings by brute force: every place that tokens lead to, and the least number of tokens that complete a
text from it.

``TokenGraph`` reads a language byte by byte, in an engine that no constraint works in or in its slow twin, and
knows nothing of masks. ``check_budgets`` and ``check_spelling`` compare a constraint with it. A violation of what must
hold raises ``Unsound``; a ``Tally`` counts what is lost where more is forbidden than necessary.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, fields
from random import Random
from typing import Any

import numpy as np

import constrain as cn

__all__ = [
    "NEVER",
    "RULES",
    "Tally",
    "TokenGraph",
    "Unsound",
    "allowed_by_mask",
    "check_budgets",
    "check_spelling",
]

# More tokens than any text takes: nothing completes the text.
NEVER = 1 << 30
# Places beyond which a graph is cut off: it has come so far in a tenth of a second.
MOST_PLACES = 600
# Budgets beyond that of the shortest text.
BUDGETS_BEYOND = 5
MOST_STEPS = 25  # of a walk without a budget


class Unsound(AssertionError):
    """What a constraint must never do.

    Attributes:
        rule: which of the rules is broken, one of ``RULES``.
    """

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = RULES[rule]


# By a short name for this file.
RULES = {
    "sound": "allowed, and nothing completes it",
    "exact": "not allowed, and something completes it",
    "empty": "nothing is allowed",
    "read": "the mask and advance differ",
    "completion": "a completion does not complete the text",
    "rollback": "another mask after going back",
    "refusal": "a refusal that is wrong, or says what is wrong",
    "spelling": "refused for its spelling, or not, and wrongly",
}


@dataclass
class Tally:
    """What was checked, and what was lost where a budget forbids more than it must.

    Attributes:
        budgets: how many were tried, those that were refused included.
        refused: budgets refused.
        refused_in_vain: those in which a text would have fitted.
        masks: how many were compared.
        exact: masks that allow all that can be completed.
        allowed: tokens that can be completed, of all masks.
        lost: those of them that are not allowed.
        steps: completions compared.
        longer: those that take more tokens than the fewest.
    """

    budgets: int = 0
    refused: int = 0
    refused_in_vain: int = 0
    masks: int = 0
    exact: int = 0
    allowed: int = 0
    lost: int = 0
    steps: int = 0
    longer: int = 0

    def add(self, other: Tally) -> None:
        """Count what ``other`` has counted, too."""
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))


class TokenGraph:
    """The places (states of the language) that tokens lead to.

    Attributes:
        root: the place at the start of a text.
        moves: by place and token, the place that the token leads to. Places at the horizon have none.
        cost: of each place, how few tokens complete the text; ``NEVER`` where none do within the horizon.
        horizon: all places after fewer tokens than this have their moves; None if all places have.
    """

    def __init__(self, engine: Any, root: Any, vocabulary: cn.Vocabulary, most: int = MOST_PLACES) -> None:
        """The graph of the language of ``root`` in ``engine``, which is an ``Engine`` or its slow twin."""
        self.engine = engine
        self.root = root
        if vocabulary.leading_space:  # decoding drops one
            others = [byte for byte in range(256) if byte != 0x20]
            parts = [
                engine.concat(engine.literal(bytes([byte])), engine.derivative(root, byte)) for byte in others
            ]
            parts += [engine.EPSILON] if engine.nullable(root) else []
            self.root = engine.union([*parts, engine.concat(engine.literal(b" "), root)])
        self.ends = frozenset(vocabulary.eos_token_ids)
        self._trie = _trie_of(vocabulary)
        self._following: dict[Any, dict[int, Any]] = {}
        self.moves: dict[Any, dict[int, Any]] = {}
        self.horizon: int | None = None
        self._explore(most)
        self.cost = self._costs()

    def is_complete(self, place: Any) -> bool:
        """Whether the text may end here."""
        return bool(self.engine.nullable(place))

    def exact(self, place: Any, left: int) -> set[int]:
        """The tokens after which ``left - 1`` more complete the text, and those that end it where it is complete."""
        moves = self.moves[place] if left else {}  # at the horizon no tokens are left
        found = {token for token, target in moves.items() if self.cost[target] < left}
        return found | self.ends if self.is_complete(place) else found

    def _explore(self, most: int) -> None:
        """One ring of places after the other, each one token farther from the start."""
        seen, ring, depth = {self.root}, [self.root], 0
        while ring:
            moves, after = {}, {}
            for place in ring:
                moves[place] = self._moves_of(place)
                after.update(dict.fromkeys(target for target in moves[place].values() if target not in seen))
                if len(seen) + len(after) > most:
                    self.horizon = depth
                    return
            self.moves.update(moves)
            seen.update(after)
            ring, depth = list(after), depth + 1

    def _moves_of(self, place: Any) -> dict[int, Any]:
        moves: dict[int, Any] = {}
        todo = [(self._trie, place)]
        while todo:
            node, reached = todo.pop()
            following = self._after(reached)
            few, many = sorted((node.below, following), key=len)
            for byte in few:
                if byte in many:
                    child, target = node.below[byte], following[byte]
                    moves.update(dict.fromkeys(child.tokens, target))
                    todo.append((child, target))
        return moves

    def _after(self, place: Any) -> dict[int, Any]:
        """What follows each byte that may come next."""
        if place not in self._following:
            first = self.engine.first(place)
            following = {
                byte: self.engine.derivative(place, byte) for byte in range(256) if first >> byte & 1
            }
            self._following[place] = following
        return self._following[place]

    def _costs(self) -> dict[Any, int]:
        """Backwards from the places where a text may end."""
        before: dict[Any, set[Any]] = {}
        for place, moves in self.moves.items():
            for target in moves.values():
                before.setdefault(target, set()).add(place)
        places = {self.root, *self.moves, *before}
        cost = {place: 0 if self.is_complete(place) else NEVER for place in places}
        todo = deque(place for place in places if cost[place] == 0)
        while todo:
            place = todo.popleft()
            for source in before.get(place, ()):
                if cost[source] == NEVER:
                    cost[source] = cost[place] + 1
                    todo.append(source)
        return cost


class _Trie:
    def __init__(self) -> None:
        self.below: dict[int, _Trie] = {}
        self.tokens: list[int] = []


def _trie_of(vocabulary: cn.Vocabulary) -> _Trie:
    root = _Trie()
    for token, data in enumerate(vocabulary.tokens):
        if data:
            node = root
            for byte in data:
                node = node.below.setdefault(byte, _Trie())
            node.tokens.append(token)
    return root


# -- comparing ----------------------------------------------------------------------------------


def check_budgets(
    graph: TokenGraph, constraint: cn.Constraint, chooser: Random, *, exact: bool = False, some: int = NEVER
) -> Tally:
    """Compare a constraint with ``graph`` within each budget from 0 to a few more than the shortest text takes.

    With ``exact``, masks must be all that can be completed, and refusals right; else what is lost is counted.
    Of more than ``some`` budgets only so many are drawn.
    """
    tally, least = Tally(), graph.cost[graph.root]
    most = min(least + BUDGETS_BEYOND, NEVER if graph.horizon is None else graph.horizon)
    for budget in chooser.sample(range(most + 1), some) if some <= most else range(most + 1):
        tally.budgets += 1
        try:
            matcher = constraint.matcher(budget)
        except cn.BudgetError as error:
            tally.refused += 1
            tally.refused_in_vain += least <= budget
            _check_refusal(constraint, error, budget)
            _require(not exact or least > budget, "refusal", f"{budget} tokens are refused, {least} would do")
            continue
        _require(
            least <= budget,
            "refusal",
            f"a budget of {budget} is accepted, and no text has fewer than {least} tokens",
        )
        _walk(graph, matcher, chooser, tally, exact=exact)
    return tally


def check_spelling(graph: TokenGraph, constraint: cn.Constraint, chooser: Random) -> Tally:
    """Compare masks without a budget with ``graph``, of which all places must be known."""
    tally = Tally()
    _walk(graph, constraint.matcher(), chooser, tally, exact=True)
    return tally


def _check_refusal(constraint: cn.Constraint, error: cn.BudgetError, budget: int) -> None:
    _require(
        error.allowed == budget, "refusal", f"{error.allowed} tokens are said to be allowed, {budget} are"
    )
    _require(
        error.needed > budget, "refusal", f"{budget} tokens are refused though {error.needed} are needed"
    )
    text = error.text
    if constraint.vocabulary.leading_space and text.startswith(b" "):
        text = text[1:]  # as decoding drops it
    _require(constraint.grammar.matches(text), "refusal", f"{text!r} is said to be a text")
    try:
        constraint.matcher(error.needed)
    except cn.BudgetError as again:
        raise Unsound(
            "refusal", f"{error.needed} tokens are said to be enough, then {again.needed}"
        ) from again


def _walk(graph: TokenGraph, matcher: cn.Matcher, chooser: Random, tally: Tally, *, exact: bool) -> None:
    """Random tokens from the start to the end; each mask on the way is compared."""
    place, masks = graph.root, []
    choose = chooser.choice(CHOICES)
    while True:
        left = NEVER if matcher.remaining is None else matcher.remaining
        mask = allowed_by_mask(matcher)
        expected = graph.exact(place, left)
        where = f"with {matcher.remaining} tokens left after {matcher.text!r}, tokens {matcher.tokens}"
        _compare(mask, expected, matcher.constraint.vocabulary, where, exact=exact)
        _check_moves(matcher, mask, chooser, where)
        _check_completion(graph, matcher, place, left, tally, where)
        tally.masks += 1
        tally.exact += mask == expected
        tally.allowed += len(expected)
        tally.lost += len(expected - mask)
        masks.append(mask)
        _check_rollback(matcher, masks, chooser, where)
        token = choose(graph, place, sorted(mask), chooser)
        if token in graph.ends or matcher.count >= MOST_STEPS:
            return
        _require(matcher.advance(token), "read", f"token {token} is allowed and not read {where}")
        place = graph.moves[place][token]


def _compare(
    mask: set[int], expected: set[int], vocabulary: cn.Vocabulary, where: str, *, exact: bool
) -> None:
    _require(mask, "empty", f"nothing is allowed {where}")
    _require(
        mask <= expected,
        "sound",
        f"{_named(mask - expected, vocabulary)} allowed, and nothing completes them {where}",
    )
    _require(
        not exact or mask == expected, "exact", f"{_named(expected - mask, vocabulary)} not allowed {where}"
    )


def _named(tokens: set[int], vocabulary: cn.Vocabulary) -> str:
    return f"tokens {[(token, vocabulary.tokens[token]) for token in sorted(tokens)]} are"


def _check_moves(matcher: cn.Matcher, mask: set[int], chooser: Random, where: str) -> None:
    """``advance`` reads what is allowed, and nothing else."""
    size = matcher.constraint.vocabulary.size
    for token in mask | set(chooser.sample(range(size), min(size, 20))):
        fork = matcher.fork()
        _require(
            fork.advance(token) == (token in mask),
            "read",
            f"token {token} is {'allowed' if token in mask else 'not allowed'}, advance has it the other way {where}",
        )
        _require(
            fork.count == matcher.count + (token in mask and not fork.stopped),
            "read",
            f"a wrong count {where}",
        )


def _check_completion(
    graph: TokenGraph, matcher: cn.Matcher, place: Any, left: int, tally: Tally, where: str
) -> None:
    tokens, fork = matcher.completion(), matcher.fork()
    _require(len(tokens) <= left, "completion", f"the completion {tokens} is too long {where}")
    for token in tokens:
        _require(
            fork.advance(token), "completion", f"token {token} of the completion {tokens} is not read {where}"
        )
    _require(fork.can_stop, "completion", f"the completion {tokens} does not end the text {where}")
    _require(
        fork.advance(min(graph.ends)),
        "completion",
        f"the text does not end behind the completion {tokens} {where}",
    )
    tally.steps += 1
    tally.longer += len(tokens) > graph.cost[place]


def _check_rollback(matcher: cn.Matcher, masks: list[set[int]], chooser: Random, where: str) -> None:
    """A fork that goes back finds the mask that was there."""
    fork, count = matcher.fork(), chooser.randrange(len(masks))
    fork.rollback(count)
    _require(
        allowed_by_mask(fork) == masks[-1 - count], "rollback", f"another mask {count} tokens before, {where}"
    )


def allowed_by_mask(matcher: cn.Matcher) -> set[int]:
    """The tokens whose bits ``fill_mask`` sets."""
    bitmask = cn.allocate_bitmask(1, matcher.constraint.vocabulary.size)
    matcher.fill_mask(bitmask, 0)
    return set(np.flatnonzero(np.unpackbits(bitmask[0].view(np.uint8), bitorder="little")).tolist())


def _require(condition: object, rule: str, message: str) -> None:
    if not condition:
        raise Unsound(rule, message)


# -- choosing -----------------------------------------------------------------------------------

Choice = Callable[[TokenGraph, int, list[int], Random], int]


def _any_token(graph: TokenGraph, place: Any, tokens: list[int], chooser: Random) -> int:
    return chooser.choice(tokens)


def _going_on(graph: TokenGraph, place: Any, tokens: list[int], chooser: Random) -> int:
    """A token that does not end the text, if there is one."""
    return chooser.choice([token for token in tokens if token not in graph.ends] or tokens)


def _dearest(graph: TokenGraph, place: Any, tokens: list[int], chooser: Random) -> int:
    """One of the tokens after which the most are needed."""
    costs = {token: graph.cost[graph.moves[place][token]] for token in tokens if token not in graph.ends}
    most = max(costs.values(), default=0)
    return chooser.choice([token for token, cost in costs.items() if cost == most] or tokens)


CHOICES: list[Choice] = [_any_token, _going_on, _going_on, _dearest]
