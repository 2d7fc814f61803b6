"""Questions that lead to questions about parts, and these to others, as deep as an expression is nested."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

__all__ = ["DEEPEST", "Questions"]

Question = TypeVar("Question")
Answer = TypeVar("Answer")

# Questions within questions, of a few frames each. Python allows for 1000 frames, some of which are the caller's.
DEEPEST = 40


class _TooDeep(Exception):
    """A question is to be asked by itself first."""

    def __init__(self, questions: Questions, question: object) -> None:
        self.questions = questions
        self.question = question


class Questions:
    """Asks one kind of questions, those that lie too deep by themselves first."""

    def __init__(self) -> None:
        self._depth = 0

    def ask(self, find: Callable[[Question], Answer], question: Question) -> Answer:
        """``find(question)``, to be asked if the answer is not known yet. ``find`` remembers its answers, asks about
        parts by this method in turn, and may be called anew after it was given up for a question about a part."""
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
