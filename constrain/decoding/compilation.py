"""From a grammar and a vocabulary to a constraint."""

from __future__ import annotations

import copyreg
import weakref
from dataclasses import replace
from typing import Any

from constrain.decoding.matcher import Constraint
from constrain.languages.base import Grammar
from constrain.limits import Limits
from constrain.masks.vocabulary_index import index_of
from constrain.vocabulary import Vocabulary
from constrain.work import Scope

__all__ = ["compile"]


def compile(
    grammar: Grammar, vocabulary: Vocabulary, *, memory: int | None = None, limits: Limits | None = None
) -> Constraint:
    """Return ``grammar`` as a constraint on the tokens of ``vocabulary``.

    The constraint is immutable and may be shared between threads. As long as it lives, compiling the same grammar for
    the same vocabulary again, in any thread, returns the same constraint with the masks that it has computed.

    Args:
        grammar: what to enforce.
        vocabulary: the tokens that the constraint is about.
        memory: bytes that may be used to keep what has been visited, in place of ``limits.memory``. What has not been
            used for long is dropped and, if needed, computed again. Too little memory costs time, never exactness.
        limits: how much work compiling and matching may take; the limits of the grammar if not given.

    Raises:
        WorkLimitExceeded: compiling takes more work than ``limits`` allow.
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
    constraint, wanted = _known(grammar, vocabulary, memory, limits)
    if constraint is None:
        index = index_of(vocabulary)
        with Scope(grammar.meter, wanted, "compile_seconds", grammar.engine):
            constraint, wanted = _known(
                grammar, vocabulary, memory, limits
            )  # another thread may have made it
            if constraint is None:
                constraint = Constraint(grammar, vocabulary, index, wanted)
                grammar.constraints[id(vocabulary)] = weakref.ref(constraint)
    return constraint


def _known(
    grammar: Grammar, vocabulary: Vocabulary, memory: int | None, limits: Limits | None
) -> tuple[Constraint | None, Limits]:
    """The constraint that exists for ``grammar`` and ``vocabulary`` within the requested limits; and these limits."""
    known = grammar.constraints.get(id(vocabulary))
    constraint: Constraint | None = None if known is None else known()
    if limits is None:
        limits = grammar.limits if constraint is None else constraint.limits
    limits = limits if memory is None else replace(limits, memory=memory)
    return constraint if constraint is not None and constraint.limits == limits else None, limits


def _reduce(constraint: Constraint) -> tuple[Any, ...]:
    """Compile a pickled constraint again. A constraint is pickled as its sources."""
    return _restore, (constraint.grammar, constraint.vocabulary, constraint.limits)


def _restore(grammar: Grammar, vocabulary: Vocabulary, limits: Limits) -> Constraint:
    return compile(grammar, vocabulary, limits=limits)


copyreg.pickle(Constraint, _reduce)
