"""What the writers of single types may ask of the whole writer."""

from __future__ import annotations

from typing import Any, Protocol

from constrain.languages.json_schema.output.json_base import Shared
from constrain.languages.json_schema.solver import Solver
from constrain.languages.json_schema.terms.term import Term
from constrain.languages.json_schema.text.options import Options
from constrain.languages.json_schema.values.numbers import Numbers


class Output(Protocol):
    """One arena that values are written into.

    Attributes:
        number_leaves: the leaf of each part of numbers with a divisor.
        numerals: the ``Numerals`` of each such part, by the part without its interval.
    """

    shared: Shared
    solver: Solver
    options: Options
    number_leaves: dict[Numbers, Any]
    numerals: dict[Numbers, Any]

    @property
    def arena(self) -> Any:
        """The arena written to."""

    def value(self, term: Term) -> Any:
        """The texts of an inhabited term; a reference where they may be recursive."""

    def keys(self, term: Term) -> tuple[Any, bool]:
        """The names in ``term`` as JSON strings; and whether each beginning of one has infinitely many ends."""
