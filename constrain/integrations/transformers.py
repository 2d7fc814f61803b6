"""A logits processor for ``generate`` of transformers.

    from constrain.integrations.transformers import ConstrainedLogitsProcessor

    processor = ConstrainedLogitsProcessor(tokenizer, schema=schema)
    model.generate(**inputs, logits_processor=[processor])

It works with greedy search, sampling, beam search, assisted decoding and prompt lookup, with batches of one
constraint or of one per prompt, and from one ``generate()`` to the next. ``row_states`` explains how it knows where
each row is in its text, and ``logits`` how masks are applied.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from transformers import LogitsProcessor

import constrain as cn
from constrain.integrations.lead import Beginning, Lead
from constrain.integrations.logits import apply_bitmask, unusable_rows
from constrain.integrations.prompts import check_counts, spread
from constrain.integrations.row_states import Rows, in_row
from constrain.vocabulary.readers.transformers_tokenizer import check_tokenizer
from constrain.vocabulary.table import Ids, as_ids

__all__ = ["ConstrainedLogitsProcessor", "vocabulary_of"]

# How many batches are tracked at once, per thread: that of the model, and those of an assistant model with other ids,
# which begin anew with each draft.
BATCHES = 4

EndIds = Ids | None
Marker = str | int | None


class _Batches(threading.local):
    """The batches of this thread, the most recent first."""

    def __init__(self) -> None:
        self.kept: list[Rows] = []


class ConstrainedLogitsProcessor(LogitsProcessor):
    """Lets ``generate`` choose only tokens that the constraint of the row allows.

    A row that has ended may only end again, so that the decoded text stays a text of the constraint. If no allowed
    token has a score above -inf, the constraint wins: with ``min_new_tokens``, a text that can only end does end.
    Scores beyond the vocabulary are masked.

    No reset is needed between two ``generate()``. One case cannot be told from ids: a prompt that is exactly the prompt
    and output of the call before is continued; call ``reset()`` first to begin a new text.

    ``generate`` does not tell logits processors its options. Give the same ``max_new_tokens`` and the same ids that end
    a sequence to both, or give them only to the processor and ``**processor.options()`` to ``generate``. If
    ``generate`` stops at a smaller number, it cuts the text, which the processor cannot notice.

    With ``cache_implementation="paged"``, ``generate`` ignores all logits processors, including this one.

    Attributes:
        constraints: one per row, or one for each run of ``rows / len(constraints)`` rows; None leaves rows free.
        max_new_tokens: for each constraint, the number of tokens within which everything is complete, or None.
        vocabulary: the vocabulary of all the constraints.
    """

    supports_continuous_batching = False

    def __init__(
        self,
        source: Any,
        *,
        schema: Any = None,
        regex: str | None = None,
        grammar: cn.Grammar | str | os.PathLike[str] | None = None,
        eos_token_ids: EndIds = None,
        after: Marker | Sequence[Marker] = None,
        after_at_most: int | Sequence[int | None] | None = None,
        prefix: str | Sequence[str] = "",
        max_new_tokens: int | Sequence[int | None] | None = None,
        foreign_assistant: bool = False,
    ) -> None:
        """Make a processor of constraints, or of one constraint that is made on the spot from a tokenizer.

        ``after``, ``after_at_most``, ``prefix`` and ``max_new_tokens`` have one value for all rows or, like
        constraints, a list with one for each prompt.

        Args:
            source: a constraint for all rows; a list with one for each prompt, None for a free prompt; or a tokenizer,
                with exactly one of the next three.
            schema: a JSON Schema as ``constrain.json_schema`` takes it.
            regex: a regular expression as ``constrain.regex`` takes it.
            grammar: a grammar, or the name or path of one as ``constrain.grammar`` takes it.
            eos_token_ids: with a tokenizer, ids that end a sequence besides its own, or ``model.generation_config``,
                where chat models list them. (Those of the folder that the tokenizer was loaded from are known.)
            after: rows write freely up to this marker, for example ``"</think>"``, and are constrained from there on.
                It is a text, or the id of a token; with a tokenizer, a special token may be named by its text. A prompt
                that ends with the marker, apart from whitespace, is constrained at once.
            after_at_most: number of tokens of free text after which only the marker is allowed; a single number applies
                to the rows that have a marker.
            prefix: a fixed text to write before the constrained text (and after the marker).
            max_new_tokens: the same number as for ``generate``: each text is complete when that many tokens are
                written, including free text, marker and prefix. Masks change only where the remaining tokens require
                it.
            foreign_assistant: the assistant model has another tokenizer (universal assisted decoding). Its scores,
                recognised because there are too few for the vocabulary, are returned unchanged; its drafts are still
                checked.

        Raises:
            TypeError: ``source`` does not go with the other arguments.
            BudgetError: the shortest text, with prefix, takes more than ``max_new_tokens``. With ``after`` it may be
                raised when a text begins, because the prompt decides whether the marker must be written, too.
            ValueError: the constraints have different vocabularies, or there is none; ``after`` is not a marker, a
                number of tokens is negative, or lists differ in length.
            ConstrainError: the schema, pattern or grammar cannot be compiled, or the vocabulary cannot spell marker or
                prefix.
        """
        languages = {"schema": schema, "regex": regex, "grammar": grammar}
        given = {name: value for name, value in languages.items() if value is not None}
        check_counts(after_at_most=after_at_most, max_new_tokens=max_new_tokens)
        if isinstance(after, (list, tuple)) and isinstance(after_at_most, int):
            after_at_most = [None if marker is None else after_at_most for marker in after]
        each = spread(
            constraints=_as_constraints(source, given, eos_token_ids),
            after=after,
            after_at_most=after_at_most,
            prefix=prefix,
            max_new_tokens=max_new_tokens,
        )
        self.constraints = each["constraints"]
        self.max_new_tokens = each["max_new_tokens"]
        self.vocabulary = _common_vocabulary(self.constraints)
        self._narrowest = _narrowest(self.vocabulary)
        if given:
            each["after"] = tuple(_special_token(source, one, self.vocabulary) for one in each["after"])
        self._options: dict[str, Any] = {**each, "foreign_assistant": foreign_assistant}
        del self._options["constraints"]
        leads = zip(each["after"], each["after_at_most"], each["prefix"], strict=True)
        self._begins = [
            None if constraint is None else Beginning(constraint, most, _lead(self.vocabulary, *lead))
            for constraint, most, lead in zip(self.constraints, self.max_new_tokens, leads, strict=True)
        ]
        for row, begin in enumerate(self._begins):
            if begin is not None:
                in_row(row if len(self._begins) > 1 else None, begin.check)
        self._foreign_assistant = foreign_assistant
        self._batches = _Batches()

    @classmethod
    def from_tokenizer(cls, tokenizer: Any, **options: Any) -> ConstrainedLogitsProcessor:
        """Make a processor from a tokenizer, like the constructor, under a name that says so."""
        return cls(tokenizer, **options)

    def options(self) -> dict[str, Any]:
        """The options to pass to ``generate``: ``model.generate(**inputs, **processor.options())``.

        They are the processor, the ids that end a sequence and, if the processor has ``max_new_tokens`` for every row
        that is not free, the largest of these.
        """
        options: dict[str, Any] = {
            "logits_processor": [self],
            "eos_token_id": list(self.vocabulary.eos_token_ids),
        }
        rows = zip(self.constraints, self.max_new_tokens, strict=True)
        if all(most is not None for constraint, most in rows if constraint is not None):
            options["max_new_tokens"] = max(most for most in self.max_new_tokens if most is not None)
        return options

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Masked scores, a new tensor.

        Args:
            input_ids: ``[B, length]``, prompts and generated ids.
            scores: ``[B, width]``, of the next token.

        Raises:
            BudgetError: a row begins, and its shortest text does not fit.
            ScoreError: an allowed token of a row has a score of nan or +inf.
            ValueError: B is not a multiple of the number of constraints, or scores are too narrow for the vocabulary.
        """
        if scores.shape[1] < self._narrowest:
            self._check_assistant(*scores.shape)
            return scores
        ids = input_ids if input_ids.is_cpu else input_ids.cpu()
        rows = self._rows(ids.numpy(), scores.shape[1])
        for row, cursor in enumerate(rows.cursors):
            if cursor is not None:
                cursor.fill_mask(rows.bitmask, row)
                if cursor.failure is not None:
                    rows.report(row, cursor.failure)
        masked = apply_bitmask(scores, rows.bitmask, self.vocabulary.size, rows.chosen)
        for row, score in unusable_rows(masked):
            cursor = rows.cursors[row]
            if cursor is not None:
                raise cn.ScoreError(row, cursor.position - cursor.start, score)
        return masked

    @property
    def failures(self) -> dict[int, cn.WorkLimitExceeded]:
        """The rows of the last batch that ended incomplete because a limit on work was hit, and why. (There is also a
        warning for each. With the default limits, no case is known.)"""
        return dict(self._batches.kept[0].failures) if self._batches.kept else {}

    def reset(self) -> None:
        """Forget the generated texts: the next call begins new ones, whatever its ids are."""
        self._batches.kept.clear()

    def _rows(self, ids: np.ndarray, width: int) -> Rows:
        """The rows of the ``generate()`` that this call belongs to, moved to ``ids`` ``[B, length]``."""
        kept = self._batches.kept
        for place, rows in enumerate(kept):
            if rows.follow(ids, width):
                kept.insert(0, kept.pop(place))
                return rows
        rows = Rows(self._begins, ids, width, self.vocabulary.size)
        kept.insert(0, rows)
        del kept[BATCHES:]
        return rows

    def _check_assistant(self, rows: int, width: int) -> None:
        """Refuse scores too narrow for the vocabulary, unless they can be those of an assistant."""
        if self._foreign_assistant and rows == 1:
            return
        hint = "if they are those of an assistant model with another tokenizer, say foreign_assistant=True"
        if self._foreign_assistant:
            hint = f"an assistant model has one row, not {rows}"
        raise ValueError(
            f"{width} scores are too few for this vocabulary, whose last token is {self._narrowest - 1}: make the "
            f"constraint from the tokenizer that belongs to the model ({hint})"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(type(self), **self._options), (list(self.constraints),)

    def __repr__(self) -> str:
        shown = self.constraints[0] if len(self.constraints) == 1 else list(self.constraints)
        return f"{type(self).__name__}({shown!r})"


def _lead(vocabulary: cn.Vocabulary, marker: Marker, limit: int | None, prefix: str) -> Lead | None:
    if marker is None and limit is None and not prefix:
        return None
    return Lead(vocabulary, marker, limit, prefix)


def _as_constraints(source: Any, given: dict[str, Any], ends: EndIds) -> tuple[cn.Constraint | None, ...]:
    if isinstance(source, cn.Grammar):
        raise TypeError(
            "a grammar has no tokens yet: give (tokenizer, grammar=...), or constrain.compile() it"
        )
    constraints = [source] if isinstance(source, cn.Constraint) else source
    if isinstance(constraints, Sequence) and not isinstance(constraints, str):
        wrong = [one for one in constraints if one is not None and not isinstance(one, cn.Constraint)]
        if wrong:
            raise TypeError(
                f"constraints are made by constrain.compile(); a {type(wrong[0]).__name__} is not one"
            )
        if given or ends is not None:
            raise TypeError(
                "schema, regex, grammar and eos_token_ids go with a tokenizer, not with a constraint"
            )
        return tuple(constraints)
    if len(given) != 1:
        raise TypeError("with a tokenizer, give exactly one of schema, regex and grammar")
    return (cn.compile(_as_grammar(*next(iter(given.items()))), vocabulary_of(source, ends)),)


def _special_token(tokenizer: Any, marker: Marker, vocabulary: cn.Vocabulary) -> Marker:
    """The id of ``marker`` if it is a token without a text of its own, else ``marker``."""
    inner = getattr(tokenizer, "tokenizer", tokenizer)
    token = inner.get_added_vocab().get(marker) if isinstance(marker, str) else None
    return marker if token is None or vocabulary.tokens[token] is not None else token


def _as_grammar(kind: str, value: Any) -> cn.Grammar:
    if kind == "schema":
        if isinstance(value, cn.Grammar):
            raise TypeError("a grammar made by json_schema() goes in as grammar=, a schema as schema=")
        return cn.json_schema(value)
    if kind == "regex":
        return cn.regex(value)
    return value if isinstance(value, cn.Grammar) else cn.grammar(value)


def _common_vocabulary(constraints: Sequence[cn.Constraint | None]) -> cn.Vocabulary:
    vocabularies = [constraint.vocabulary for constraint in constraints if constraint is not None]
    if not vocabularies:
        raise ValueError("there is no constraint; leave the processor out where nothing is constrained")
    first: cn.Vocabulary = vocabularies[0]
    if any(other is not first and other != first for other in vocabularies):
        raise ValueError("the constraints are compiled for different vocabularies; one model has one")
    return first


def _narrowest(vocabulary: cn.Vocabulary) -> int:
    """The least width of scores that covers all tokens of text and an end; padding tokens may be beyond it."""
    text = max((token for token, data in enumerate(vocabulary.tokens) if data is not None), default=0)
    return 1 + max(text, min(vocabulary.eos_token_ids))


_vocabularies: weakref.WeakKeyDictionary[Any, dict[Any, cn.Vocabulary]] = weakref.WeakKeyDictionary()


def vocabulary_of(tokenizer: Any, eos_token_ids: EndIds = None) -> cn.Vocabulary:
    """``Vocabulary.from_transformers(tokenizer, eos_token_ids)``, kept as long as the tokenizer lives.

    A tokenizer to which tokens have been added since is read again.

    Raises:
        TypeError: this is not a tokenizer.
        VocabularyError: as ``Vocabulary.from_transformers``.
    """
    ends = tuple(as_ids(eos_token_ids))
    inner = tokenizer if hasattr(tokenizer, "all_special_ids") else getattr(tokenizer, "tokenizer", tokenizer)
    check_tokenizer(inner)
    key = (len(inner), ends)
    kept = _vocabularies.setdefault(tokenizer, {})
    if key not in kept:
        kept[key] = cn.Vocabulary.from_transformers(tokenizer, ends)
    return kept[key]
