"""Least fixpoints of questions about terms that may ask about themselves.

A schema may refer to itself without reading anything in between (``{"anyOf": [{"$ref": "#"}, ...]}``)
or need a value of its own kind inside itself. While a term is being worked out, its own answer is
taken to be ``bottom``; an answer reached under that assumption about a term further out is not
remembered. For the functions asked here - unions and conjunctions of languages, 'has a value' -
one round gives the least fixpoint.

Questions nest as deeply as schemas do, but Python's stack is limited. A question that is nested too deeply abandons
all those around it (``TooDeep``). It is then asked alone, so that its answer is known, and the outermost question is
asked again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from constrain.errors import InvalidSchema, WorkLimitExceeded
from constrain.work import Halt, checkpoint

# Beyond this many nested questions, the next one is asked alone first. Real schemas stay below 20.
DEEP = 50

# The limit if that does not help, because the question leads back to those that it was asked for.
MAX_DEPTH = 120

# Answers that could not be remembered. Schemas that refer to each other densely without reading
# anything in between would need exponentially many; real ones need a handful.
MAX_FORGOTTEN = 20_000


class Circular(InvalidSchema):
    """The answer for a term depends on itself in a way that leaves no answer."""


class TooDeep(Exception):
    """A question that must be asked alone, before those that have led to it."""

    def __init__(self, question: Any) -> None:
        super().__init__()
        self.question = question


class Nesting:
    """The open questions of fixpoints that ask each other.

    Attributes:
        open: the open questions, the outermost first; None precedes those that are asked alone.
        alone: the questions that are asked alone, each because the one before needs it.
    """

    __slots__ = ("alone", "open")

    def __init__(self) -> None:
        self.open: list[tuple[LeastFixpoint, Any] | None] = []
        self.alone: list[tuple[LeastFixpoint, Any]] = []

    def may_defer(self) -> bool:
        """Whether the innermost question is not being asked alone already."""
        return len(self.open) > 2 and self.open[-1] not in self.alone

    def defer(self) -> NoReturn:
        """Abandon all open questions and ask the innermost one alone."""
        raise TooDeep(self.open[-1])


def _nowhere(problem: BaseException, term: Any) -> None:
    pass


class LeastFixpoint:
    """``compute(term)``, memoised. ``top`` is an answer that no assumption could have made smaller."""

    __slots__ = ("answers", "bottom", "compute", "forgotten", "locate", "lowest", "nesting", "open", "top")

    def __init__(
        self,
        compute: Callable[[Any], Any],
        bottom: Any,
        top: Any = None,
        nesting: Nesting | None = None,
        locate: Callable[[BaseException, Any], None] | None = None,
    ) -> None:
        """``locate`` notes in an error about a limit that it was hit for a term."""
        self.locate = locate or _nowhere
        self.nesting = nesting or Nesting()
        self.compute = compute
        self.bottom = bottom
        self.top = top
        self.answers: dict[Any, Any] = {}
        self.open: dict[Any, int] = {}
        self.lowest = MAX_DEPTH
        self.forgotten = 0

    def certain(self, term: Any) -> Any:
        """The answer for ``term``; None if it rests on an assumption about a term that is still being worked out.

        A question that leads back to such a term is not circular: it was only asked too early.
        """
        if term in self.open:
            return None
        try:
            self(term)
        except Circular:
            return None
        return self.answers.get(term)

    def is_open(self, term: Any) -> bool:
        """Whether the answer for ``term`` is being worked out at the moment."""
        return term in self.open

    def watched(self, question: Callable[[], Any]) -> tuple[Any, int]:
        """The answer to ``question``, and the depth of the outermost open term whose assumed answer it rests on;
        ``MAX_DEPTH`` if it rests on none."""
        outer, self.lowest = self.lowest, MAX_DEPTH
        try:
            answer = question()
        finally:
            assumed, self.lowest = self.lowest, min(outer, self.lowest)
        return answer, assumed

    def rests_on(self, depth: int) -> None:
        """Note that what is being worked out rests on an answer that ``watched`` gave earlier."""
        self.lowest = min(self.lowest, depth)

    def __call__(self, term: Any) -> Any:
        answer = self.answers.get(term)
        if answer is not None:
            return answer
        depth = self.open.get(term)
        if depth is not None:
            self.lowest = min(self.lowest, depth)
            return self.bottom
        checkpoint()
        opened = self.nesting.open
        deferred = None
        depth = len(self.open)
        outer, self.lowest = self.lowest, MAX_DEPTH
        self.open[term] = depth
        opened.append((self, term))
        try:
            if len(opened) > DEEP:
                self._check_depth(depth)
            answer = self.compute(term)
        except TooDeep as deep:
            if len(opened) > 1:
                raise
            deferred = deep.question
        except (WorkLimitExceeded, Halt) as problem:
            self.locate(problem, term)
            raise
        finally:
            opened.pop()
            del self.open[term]
            assumed, self.lowest = self.lowest, outer
        if deferred is not None:
            return self._ask_after(deferred, term)
        if assumed >= depth or answer is self.top:
            self.answers[term] = answer
        else:
            self.lowest = min(self.lowest, assumed)
            self.forgotten += 1
            if self.forgotten > MAX_FORGOTTEN:
                raise WorkLimitExceeded(
                    "schemas refer to each other in too many ways; remove circular references",
                    limit="MAX_FORGOTTEN",
                    value=MAX_FORGOTTEN,
                )
        return answer

    def _check_depth(self, depth: int) -> None:
        """Ask the innermost question alone first, unless that has not helped."""
        if self.nesting.may_defer():
            self.nesting.defer()
        if depth >= MAX_DEPTH:
            raise WorkLimitExceeded(
                f"a value depends on more than {MAX_DEPTH} schemas that depend on each other; "
                "remove some of the references between them",
                limit="MAX_DEPTH",
                value=MAX_DEPTH,
            )

    def _ask_after(self, question: tuple[LeastFixpoint, Any], term: Any) -> Any:
        """Ask the outermost question again, after the one that was nested too deeply, and any that lie deeper still."""
        nesting = self.nesting
        nesting.alone.extend([(self, term), question])
        nesting.open.append(None)  # a mark: none of them is the outermost question
        try:
            while True:
                fixpoint, asked = nesting.alone[-1]
                try:
                    answer = fixpoint(asked)
                except TooDeep as deep:
                    nesting.alone.append(deep.question)
                    continue
                nesting.alone.pop()
                if not nesting.alone:
                    return answer
        finally:
            nesting.open.clear()
            nesting.alone.clear()
