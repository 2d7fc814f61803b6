"""Compiling from right to left: what may follow a place, as a function of the place.

A continuation answers ``at(left, right)``: the expression of all that may follow a place whose left
context is ``left``, if what follows also obeys the right mask ``right`` (see ``borders``). The answer for a node is
built from the answers of the continuation after it, so an assertion only narrows ``left`` and ``right``; only a
lookahead of more than one character intersects languages. Pure stretches are compiled as a whole wherever the place
after them does not matter.

    Finish     the end of the text            Branch     alternatives
    Anything   no demand on what follows      Ahead      a lookahead: intersection
    Pure       a node without assertions      Star       a repetition with assertions, without
    Condition  an assertion of one place                 end: a recursive reference
    Round      one copy of the body of a counted repetition: a reference
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from constrain.engine.questions import Questions
from constrain.languages.regex.assertions.borders import Borders
from constrain.languages.regex.parsing.analysis import consuming, edge_set, looks_left
from constrain.languages.regex.parsing.syntax import (
    Alt,
    Chars,
    Concat,
    Look,
    Loop,
    Node,
    Text,
    loop,
    nullable,
)
from constrain.languages.regex.unicode import ranges as sets
from constrain.languages.regex.unicode.alphabet import Expression
from constrain.languages.regex.unicode.ranges import Ranges
from constrain.work import checkpoint

# How many alternatives consecutive repetitions may multiply to, each written out for its last rounds.
MOST_SPREAD = 30


class Compiling(Protocol):
    """What continuations ask of ``Compiler``, which makes them."""

    arena: Any
    borders: Borders
    memories: list[dict[tuple[int, int], Expression]]
    dead: set[tuple[int, int, int]]
    questions: Questions

    @property
    def plain(self) -> Callable[[Node], Expression]: ...

    @property
    def characters(self) -> Callable[[Ranges], Expression]: ...

    def settle(self, continuation: Continuation) -> None: ...

    def trimmed(self, body: Node) -> list[Node]: ...

    def recursive(self, star: Star, left: int, right: int) -> Expression: ...


class Continuation:
    """What may follow a place. ``blind``: the left context never matters. ``sure``: an answer that is not the empty set
    has a text (no intersection and no recursion further right). ``spread``: the maximum number of alternatives of an
    answer that are written out because of left contexts."""

    def __init__(self, compiler: Compiling, blind: bool, sure: bool) -> None:
        self.compiler = compiler
        self.arena = compiler.arena
        self.borders = compiler.borders
        self.blind = blind
        self.sure = sure
        self.spread = 1
        self._answers: dict[tuple[int, int], Expression] = {}
        compiler.memories.append(self._answers)

    def at(self, left: int, right: int) -> Expression:
        """All that may follow, memoised."""
        if self.blind:
            left = self.borders.start
        key = (left, right)
        answer = self._answers.get(key)
        if answer is None:
            checkpoint()
            answer = self.compiler.questions.ask(_answer, (self, left, right))
        return answer

    def compute(self, left: int, right: int) -> Expression:
        raise NotImplementedError


def _answer(question: tuple[Continuation, int, int]) -> Expression:
    continuation, left, right = question
    answer = continuation._answers.get((left, right))
    if answer is None:
        answer = continuation._answers[left, right] = continuation.compute(left, right)
    return answer


class Finish(Continuation):
    """The end of the text."""

    def __init__(self, compiler: Compiling) -> None:
        super().__init__(compiler, True, True)

    def compute(self, left: int, right: int) -> Expression:
        return self.arena.EPSILON if right & self.borders.end else self.arena.EMPTY


class Anything(Continuation):
    """What may follow the body of a lookahead: anything.

    This means any bytes, not 'any text'. The result is the same, since it is intersected with texts, and no spelling of
    a character is a prefix of another. And by the laws of expressions, 'any bytes' vanishes from an intersection, and
    its complement from a union.
    """

    def __init__(self, compiler: Compiling) -> None:
        super().__init__(compiler, True, True)

    def compute(self, left: int, right: int) -> Expression:
        arena, borders = self.arena, self.borders
        if right == borders.everything:
            return arena.complement(arena.EMPTY)
        found = [arena.EPSILON] if right & borders.end else []
        for i, atom in enumerate(borders.atoms):
            rest = borders.rest_after(i, right)
            if rest:
                found.append(arena.concat(self.compiler.characters(atom), self.at(left, rest)))
        return arena.union(found)


class Pure(Continuation):
    """A node without assertions, then ``following``."""

    def __init__(self, node: Node, following: Continuation) -> None:
        super().__init__(following.compiler, following.blind, following.sure)
        if isinstance(node, Loop) and nullable(node.body):
            node = loop(consuming(node.body), 0, node.most)
        self.node = node
        self.following = following
        self._recursive = self.borders.window is None
        self._nullable = nullable(node)
        self._first = self.borders.mask(edge_set(node, False))
        self._parts: list[Continuation] | None = None
        self._rounds: list[Continuation] | None = None
        if not self.blind:
            self.spread = following.spread * self._ways()
            # As references to repetitions by place, there are no more of them than places.
            if isinstance(node, Loop) and (node.most is None and self.spread > MOST_SPREAD):
                self._recursive = True
            if self._recursive:
                self.spread = 1

    def _ways(self) -> int:
        """The factor by which the node multiplies the number of alternatives after it."""
        node, window = self.node, self.borders.window or 1
        if isinstance(node, Alt):
            return len(node.parts)
        if isinstance(node, Loop):
            return window + 1 if node.most is None else min(window, node.most - node.least) + 1
        return 1

    def compute(self, left: int, right: int) -> Expression:
        everything = self.borders.everything
        if not self._nullable and not self._first & ~right:
            right = everything
        if right == everything:
            after = self._after(left)
            if after is not None:
                return self._before(after, left)
        return _PIECEWISE[type(self.node)](self, left, right)

    def _after(self, left: int) -> Expression | None:
        """What follows a consuming text of the node, if it is the same after all such texts."""
        following, borders = self.following, self.borders
        if following.blind:
            return following.at(left, borders.everything)
        if borders.lookbehinds:
            return None
        answers = {
            following.at(borders.step(left, atom), borders.everything)
            for atom, _ in borders.split(edge_set(self.node, True))
        }
        return answers.pop() if len(answers) == 1 else None

    def _before(self, after: Expression, left: int) -> Expression:
        plain = self.compiler.plain
        if not self._nullable:
            return self.arena.concat(plain(self.node), after)
        skipped = self.following.at(left, self.borders.everything)
        if skipped == after:
            return self.arena.concat(plain(self.node), after)
        return self.arena.union([skipped, self.arena.concat(plain(consuming(self.node)), after)])

    # -- piece by piece -----------------------------------------------------------------------

    def _text(self, left: int, right: int) -> Expression:
        text = self.node.text  # type: ignore[union-attr]
        borders = self.borders
        for letter in text:
            atom = borders.split(sets.single(ord(letter)))[0][0]
            right = borders.rest_after(atom, right)
            left = borders.step(left, atom)
            if not right:
                return self.arena.EMPTY
        return self.arena.concat(self.compiler.plain(self.node), self.following.at(left, right))

    def _chars(self, left: int, right: int) -> Expression:
        borders = self.borders
        found: dict[Expression, list[Ranges]] = {}
        for atom, part in borders.split(self.node.ranges):  # type: ignore[union-attr]
            rest = borders.rest_after(atom, right)
            if rest:
                after = self.following.at(borders.step(left, atom), rest)
                found.setdefault(after, []).append(part)
        characters = self.compiler.characters
        return self.arena.union(
            [self.arena.concat(characters(sets.union(parts)), after) for after, parts in found.items()]
        )

    def _inner(self, left: int, right: int) -> Expression:
        """The answers of the pieces into which the node is divided."""
        if self._parts is None:
            self._parts = self._pieces()
        return self.arena.union([part.at(left, right) for part in self._parts])

    def _loop(self, left: int, right: int) -> Expression:
        """A repetition. A narrowed right mask affects the first round, and a left context depends on the last
        ``window`` rounds; the rounds between are one counted repetition."""
        node = self.node
        assert isinstance(node, Loop)
        window = self.borders.window
        if right != self.borders.everything or window is None or self._recursive:
            return self._inner(left, right)
        if self._rounds is None:
            self._rounds = [self.following]
            for _ in range(window):
                self._rounds.append(Pure(node.body, self._rounds[-1]))
        most = window if node.most is None else min(window, node.most + 1)
        few = [self._rounds[i].at(left, right) for i in range(node.least, most)]
        if node.most is not None and node.most < window:
            return self.arena.union(few)
        rest = None if node.most is None else node.most - window
        middle = self.compiler.plain(loop(node.body, max(node.least - window, 0), rest))
        many = self._rounds[window].at(self.borders.start, right)
        return self.arena.union([*few, self.arena.concat(middle, many)])

    def _pieces(self) -> list[Continuation]:
        node, following = self.node, self.following
        if isinstance(node, Alt):
            return [Pure(part, following) for part in node.parts]
        if isinstance(node, Concat):
            return [chain(list(node.parts), following)]
        assert isinstance(node, Loop)
        if self._recursive:
            self.borders.check_copies(node, 1)
            return [repeated(node, following)]
        rest = loop(node.body, max(node.least - 1, 0), None if node.most is None else node.most - 1)
        first = Pure(node.body, Pure(rest, following))
        return [first] if node.least else [first, following]


_PIECEWISE: dict[type, Callable[[Pure, int, int], Expression]] = {
    Text: Pure._text,
    Chars: Pure._chars,
    Concat: Pure._inner,
    Alt: Pure._inner,
    Loop: Pure._loop,
}


class Condition(Continuation):
    """An assertion that a left context and a right mask decide."""

    def __init__(self, node: Node, following: Continuation) -> None:
        super().__init__(following.compiler, following.blind and not looks_left(node), following.sure)
        self.node = node
        self.following = following
        self.spread = following.spread

    def compute(self, left: int, right: int) -> Expression:
        right &= self.borders.allowed(self.node, left)
        return self.following.at(left, right) if right else self.arena.EMPTY


class Ahead(Continuation):
    """A lookahead: what follows must (not) begin with a text of its body."""

    def __init__(self, node: Look, following: Continuation) -> None:
        super().__init__(following.compiler, following.blind and not looks_left(node), False)
        self.following = following
        self.spread = following.spread
        self._negated = node.negated
        self._inside = chain(self.compiler.trimmed(node.body), Anything(self.compiler))

    def compute(self, left: int, right: int) -> Expression:
        arena = self.arena
        rest = self.following.at(left, right)
        if rest == arena.EMPTY:
            return rest
        inside = self._inside.at(left, self.borders.everything)
        if inside == arena.EMPTY:
            return rest if self._negated else inside
        return arena.intersection([rest, arena.complement(inside) if self._negated else inside])


class Branch(Continuation):
    """Alternatives, each with the same continuation."""

    def __init__(self, branches: list[Continuation]) -> None:
        compiler = branches[0].compiler
        super().__init__(compiler, all(b.blind for b in branches), all(b.sure for b in branches))
        self._branches = branches
        self.spread = sum(branch.spread for branch in branches)

    def compute(self, left: int, right: int) -> Expression:
        return self.arena.union([branch.at(left, right) for branch in self._branches])


class Star(Continuation):
    """``body`` any number of times, then ``following``, with one reference per requested place.

    Every round consumes a character (an empty round changes nothing), so the reference is right-linear and guarded: X =
    following + body X.
    """

    def __init__(self, body: Node, following: Continuation) -> None:
        super().__init__(following.compiler, following.blind and not looks_left(body), False)
        self.following = following
        self._round = then(consuming(body), self)

    def compute(self, left: int, right: int) -> Expression:
        if (id(self), left, right) in self.compiler.dead:
            return self.arena.EMPTY
        return self.compiler.recursive(self, left, right)

    def expand(self, left: int, right: int) -> Expression:
        """The body of the reference."""
        return self.arena.union([self.following.at(left, right), self._round.at(left, right)])


class Round(Continuation):
    """One of the copies of a counted repetition with assertions, as a reference to it.

    Written out, each copy would contain the next ones in every branch, and a union of two copies would factor common
    heads through all of them: 4^n steps for n copies. A union of two references costs nothing until it is derived. A
    reference must have a text, so this needs ``sure``.
    """

    def __init__(self, copy: Continuation) -> None:
        super().__init__(copy.compiler, copy.blind, copy.sure)
        self._copy = copy
        self.spread = 1 if copy.sure else copy.spread

    def compute(self, left: int, right: int) -> Expression:
        arena = self.arena
        body = self._copy.at(left, right)
        if not self.sure or body == arena.EMPTY or body == arena.EPSILON:
            return body
        return arena.reference(lambda arena: body, arena.nullable(body))


def then(node: Node, following: Continuation) -> Continuation:
    """The continuation 'first ``node``, then ``following``'."""
    if node.pure:
        return Pure(node, following)
    if isinstance(node, Concat):
        return chain(list(node.parts), following)
    if isinstance(node, Alt):
        return Branch([then(part, following) for part in node.parts])
    if isinstance(node, Loop):
        return repeated(node, following)
    if isinstance(node, Look) and following.borders.looks_ahead(node):
        return Ahead(node, following)
    return Condition(node, following)


def chain(parts: list[Node], following: Continuation) -> Continuation:
    """The continuation of parts in order."""
    for part in reversed(parts):
        following = then(part, following)
        following.compiler.settle(following)
    return following


def repeated(node: Loop, following: Continuation) -> Continuation:
    """The continuation of a repetition whose rounds depend on the place: copies, and a Star where there is no bound."""
    if node.most is None:
        following = Star(node.body, following)
    else:
        round_ = consuming(node.body)
        skip = following
        for _ in range(node.most - node.least):
            following = Round(Branch([skip, then(round_, following)]))
            following.compiler.settle(following)
    for _ in range(node.least):
        following = Round(then(node.body, following))
        following.compiler.settle(following)
    return following
