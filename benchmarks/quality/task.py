"""A question whose answer is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Task"]


@dataclass(frozen=True)
class Task:
    """One prompt.

    Attributes:
        family: what kind of question it is: a row of the tables.
        layout: how the prompt describes the form of the answer.
        prompt: the user's message.
        kind: ``"schema"``, ``"choice"`` or ``"regex"``.
        form: a JSON Schema, a list of texts or a pattern.
        answer: the right value: JSON for a schema, a text otherwise.
        lead: how an answer might begin, before what has that form.
    """

    family: str
    layout: str
    prompt: str
    kind: str
    form: Any
    answer: Any
    lead: str = "```json\n"
