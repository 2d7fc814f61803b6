"""Least fixpoints of questions about terms that may ask about themselves.

A schema may refer to itself without reading anything in between (``{"anyOf": [{"$ref": "#"}, ...]}``)
or need a value of its own kind inside itself. While a term is being worked out, its own answer is
taken to be ``bottom``; an answer reached under that assumption about a term further out is not
remembered. For the functions asked here - unions and conjunctions of languages, 'has a value' -
one round gives the least fixpoint.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from constrain.errors import InvalidSchema, WorkLimitExceeded

# Terms that one question may lead through. Real schemas stay below 20.
MAX_DEPTH = 120

# Answers that could not be remembered. Schemas that refer to each other densely without reading
# anything in between would need exponentially many; real ones need a handful.
MAX_FORGOTTEN = 20_000


class Circular(InvalidSchema):
    """The answer for a term is asked for to find its own, in a way that leaves none."""


class LeastFixpoint:
    """``compute(term)``, memoised. ``top`` is an answer that no assumption could have made smaller."""

    __slots__ = ("answers", "bottom", "compute", "forgotten", "lowest", "open", "top")

    def __init__(self, compute: Callable[[Any], Any], bottom: Any, top: Any = None) -> None:
        self.compute = compute
        self.bottom = bottom
        self.top = top
        self.answers: dict[Any, Any] = {}
        self.open: dict[Any, int] = {}
        self.lowest = MAX_DEPTH
        self.forgotten = 0

    def certain(self, term: Any) -> Any:
        """The answer for ``term``, or None if it rests on what is assumed of a term being worked out.

        A question that leads back to such a term is not circular by itself: it was only asked too early.
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
        """The answer to ``question``, and how far out the outermost term being worked out stands that it rests
        on what is assumed of: ``MAX_DEPTH`` if it rests on nothing."""
        outer, self.lowest = self.lowest, MAX_DEPTH
        try:
            answer = question()
        finally:
            assumed, self.lowest = self.lowest, min(outer, self.lowest)
        return answer, assumed

    def rests_on(self, depth: int) -> None:
        """What is being worked out rests on an answer that ``watched`` gave earlier."""
        self.lowest = min(self.lowest, depth)

    def __call__(self, term: Any) -> Any:
        answer = self.answers.get(term)
        if answer is not None:
            return answer
        depth = self.open.get(term)
        if depth is not None:
            self.lowest = min(self.lowest, depth)
            return self.bottom
        depth = len(self.open)
        if depth == MAX_DEPTH:
            raise WorkLimitExceeded(
                f"a value depends on more than {MAX_DEPTH} schemas at once; flatten the references"
            )
        outer, self.lowest = self.lowest, MAX_DEPTH
        self.open[term] = depth
        try:
            answer = self.compute(term)
        finally:
            del self.open[term]
            assumed, self.lowest = self.lowest, outer
        if assumed >= depth or answer is self.top:
            self.answers[term] = answer
        else:
            self.lowest = min(self.lowest, assumed)
            self.forgotten += 1
            if self.forgotten > MAX_FORGOTTEN:
                raise WorkLimitExceeded(
                    "schemas refer to each other in too many ways; remove circular references"
                )
        return answer
