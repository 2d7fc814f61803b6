"""What is known and still to be satisfied while an object is read (``object_states``)."""

from __future__ import annotations

from typing import Any, NamedTuple

from constrain.languages.json_schema.states.atom_index import AtomIndex
from constrain.languages.json_schema.states.undeclared_names import Kind
from constrain.languages.json_schema.terms.counting_formula import ALWAYS, Formula
from constrain.languages.json_schema.terms.term import Term


class State(NamedTuple):
    """What may still come.

    Attributes:
        formula: what the properties to come must satisfy.
        gone: bit *i* is set if name *i* can no longer come.
        refused: what undeclared names may not be: a text set of the listed names and those read, as they are spelled.
        taken: how many names of each kind have been read; 0 where a kind has infinitely many.
        least, most: how many properties must and may (None: any number) follow.
        must_differ_from: objects that it must not equal, and that agree with what has been read so far.
    """

    formula: Formula
    gone: int
    refused: Any
    taken: tuple[int, ...]
    least: int
    most: int | None
    must_differ_from: frozenset[Term] = frozenset()


class Step(NamedTuple):
    """What is read of a property, as far as formulas depend on it.

    Attributes:
        name: the number of its name in the list; or, negative, ``~number`` of the kind of an undeclared name.
        comes: whether it is there; if not, its name can no longer come.
        satisfied: those of the relevant terms that its value satisfies.
    """

    name: int
    comes: bool
    satisfied: frozenset[Term]


class Prospect(NamedTuple):
    """A property that may be next.

    Attributes:
        name: its name, if it is in the list, else None.
        read: as ``Step.name``.
        value: what its value satisfies.
        formula: what must be satisfied from this property on.
        asked: what the formula asks about it.
        gone, passed: the listed names, as bits, that can no longer come after it; those of them that could before it.
    """

    name: str | None
    read: int
    value: Term
    formula: Formula
    asked: AtomIndex
    gone: int
    passed: int


class ValueCell(NamedTuple):
    """Values of a property with one future.

    Attributes:
        value: the values.
        satisfied: the terms that the formula asks about and they satisfy.
        must_differ_from: those that the object may still be equal to.
        best: no other cell is better: if the object could be completed before, it can be completed after it.
    """

    value: Term
    satisfied: frozenset[Term]
    must_differ_from: frozenset[Term]
    best: bool


class Property(NamedTuple):
    """A property that may be written: the listed name number ``name``, or any of ``kind``, with a value in
    ``value``."""

    name: int | None
    kind: Kind | None
    value: Term


class Move(NamedTuple):
    """A value that a property may have, and the state after it.

    ``harmless``: if the object could be completed before, it can be completed after it.
    """

    value: Term
    state: State
    harmless: bool


def is_settled(state: State) -> bool:
    """Whether only names and the number of properties matter."""
    return state.formula == ALWAYS and not state.must_differ_from
