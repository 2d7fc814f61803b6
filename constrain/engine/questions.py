"""Questions that lead to questions about parts, and these to further ones, as deep as an expression is nested."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

__all__ = ["DEEPEST", "Questions"]

Question = TypeVar("Question")
Answer = TypeVar("Answer")

# How deeply questions may be nested, with a few frames each. Python allows 1000 frames, some of which are the caller's.
DEEPEST = 40


class _TooDeep(Exception):
    """Raised to say that another question must be answered first, from the outermost level."""

    def __init__(self, questions: Questions, question: object) -> None:
        self.questions = questions
        self.question = question


class Questions:
    """Answers one kind of question. Those that are nested too deep are answered first, from the outermost level."""

    def __init__(self) -> None:
        self._depth = 0

    def ask(self, find: Callable[[Question], Answer], question: Question) -> Answer:
        """Return ``find(question)``; call this only if the answer is not known yet. ``find`` must remember its answers,
        ask about parts through this method, and tolerate being called again after it was abandoned for a question about
        a part."""
        if self._depth == DEEPEST:
            raise _TooDeep(self, question)
        if self._depth:
            return self._deeper(find, question)
        todo = [question]
        while True:
            try:
                found = self._deeper(find, todo[-1])
            except _TooDeep as deep:
                if deep.questions is not self:
                    raise
                todo.append(deep.question)  # type: ignore[arg-type]
                continue
            todo.pop()
            if not todo:
                return found

    def _deeper(self, find: Callable[[Question], Answer], question: Question) -> Answer:
        self._depth += 1
        try:
            return find(question)
        finally:
            self._depth -= 1
