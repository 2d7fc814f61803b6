"""From a grammar and a vocabulary to a constraint."""

from __future__ import annotations

import copyreg
import weakref
from dataclasses import replace
from typing import Any

from constrain.languages.base import Grammar
from constrain.limits import Limits
from constrain.masks.store import index_of
from constrain.matcher import Constraint
from constrain.vocabulary import Vocabulary

__all__ = ["compile"]


def compile(
    grammar: Grammar, vocabulary: Vocabulary, *, memory: int | None = None, limits: Limits | None = None
) -> Constraint:
    """``grammar`` as a constraint on the tokens of ``vocabulary``.

    The constraint is immutable and may be shared between threads. As long as it lives, compiling the
    same grammar for the same vocabulary again returns it, with the masks that it has learnt.

    Args:
        grammar: what to enforce.
        vocabulary: over the tokens of which.
        memory: bytes that may be kept of what has been visited, in place of ``limits.memory``; what has not been used
            for long is dropped and, if needed, computed again. Little memory costs time, never exactness.
        limits: how much work compiling and matching may take; those of the grammar if not given.

    Raises:
        WorkLimitExceeded: it takes more work than ``limits`` allow.
        UnspellableError: the tokens of the vocabulary spell no text of the grammar.
    """
    if not isinstance(grammar, Grammar):
        raise TypeError(
            f"compile() takes a Grammar, not {type(grammar).__name__}: "
            "make one with json_schema(), regex(), lark(), gbnf(), grammar() or choice()"
        )
    if not isinstance(vocabulary, Vocabulary):
        raise TypeError(
            f"compile() takes a Vocabulary, not a {type(vocabulary).__name__}: "
            "make one with Vocabulary.from_transformers(tokenizer), from_tokenizer_json(folder), ..."
        )
    known = grammar.constraints.get(id(vocabulary))
    constraint: Constraint | None = None if known is None else known()
    if constraint is not None:
        limits = constraint.limits if limits is None else limits
    limits = grammar.limits if limits is None else limits
    limits = limits if memory is None else replace(limits, memory=memory)
    if constraint is None or constraint.limits != limits:
        index = index_of(vocabulary)
        constraint = Constraint(grammar, vocabulary, index, limits)
        grammar.constraints[id(vocabulary)] = weakref.ref(constraint)
    return constraint


def _reduce(constraint: Constraint) -> tuple[Any, ...]:
    """A constraint is pickled as its sources, and compiled again where it arrives."""
    return _restore, (constraint.grammar, constraint.vocabulary, constraint.limits)


def _restore(grammar: Grammar, vocabulary: Vocabulary, limits: Limits) -> Constraint:
    return compile(grammar, vocabulary, limits=limits)


copyreg.pickle(Constraint, _reduce)
