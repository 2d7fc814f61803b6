"""Every error that constrain raises on purpose.

    ConstrainError(ValueError)
    +-- SchemaError            where: a JSON pointer into the schema
    |   +-- InvalidSchema          the schema itself is malformed
    |   +-- UnsupportedKeyword     a keyword or value that cannot be enforced
    |   +-- UnsatisfiableSchema    no document validates
    +-- SyntaxProblem          where: an offset into the source text
    |   +-- RegexError             a regular expression that is malformed or not supported
    |   +-- GrammarError           a grammar that is malformed or not supported
    +-- VocabularyError        a tokenizer whose tokens cannot be read as bytes
    +-- UnspellableError       the vocabulary cannot spell any text of the language
    +-- StreamError            where: a character of the text that was read
    +-- BudgetError            no text of the language fits in so many tokens
    +-- ScoreError             a model's scores that nothing can be chosen by
    +-- WorkLimitExceeded      which limit: it would take more work than that allows
    +-- BatchError             rows: what went wrong in each of some rows of a batch
    +-- Cancelled              another thread has stopped the work

``SchemaWarning`` is only a warning (``UserWarning``): the schema is enforced as it is written, but more seems to have
been meant.

An error carries its data as attributes; ``str(error)`` says what is wrong, where, and what to do.
"""

from __future__ import annotations

__all__ = [
    "BatchError",
    "BudgetError",
    "Cancelled",
    "ConstrainError",
    "GrammarError",
    "InvalidSchema",
    "RegexError",
    "SchemaError",
    "SchemaWarning",
    "ScoreError",
    "StreamError",
    "SyntaxProblem",
    "UnsatisfiableSchema",
    "UnspellableError",
    "UnsupportedKeyword",
    "VocabularyError",
    "WorkLimitExceeded",
]


class ConstrainError(ValueError):
    """Base of every error below."""


class SchemaError(ConstrainError):
    """A JSON Schema that cannot be compiled.

    Attributes:
        pointer: JSON pointer (RFC 6901) to the offending keyword, ``""`` for the root.
        reason: what is wrong there.
        hint: what to do about it, or ``""``.
    """

    def __init__(self, pointer: str, reason: str, hint: str = "") -> None:
        super().__init__(pointer, reason, hint)
        self.pointer = pointer
        self.reason = reason
        self.hint = hint

    def __str__(self) -> str:
        place = f"at {self.pointer}" if self.pointer else "at the root of the schema"
        return f"{place}: {self.reason}" + (f" ({self.hint})" if self.hint else "")


class InvalidSchema(SchemaError):
    """The schema is malformed: an ill-typed keyword, a reference to nowhere."""


class UnsupportedKeyword(SchemaError):
    """The schema uses a keyword, or a value of one, that cannot be enforced exactly."""


class UnsatisfiableSchema(SchemaError):
    """No JSON document validates against the schema."""


class SchemaWarning(UserWarning):
    """A JSON Schema that can be compiled, but has parts that have no effect and look like mistakes."""


class SyntaxProblem(ConstrainError):
    """A source text that cannot be compiled.

    Attributes:
        source: the whole text.
        offset: index into ``source``, in code points, of the offending place.
        reason: what is wrong there.
    """

    def __init__(self, source: str, offset: int, reason: str) -> None:
        super().__init__(source, offset, reason)
        self.source = source
        self.offset = offset
        self.reason = reason

    @property
    def line(self) -> int:
        """Line of the offending place, counted from 1."""
        return self.source.count("\n", 0, self.offset) + 1

    @property
    def column(self) -> int:
        """Column of the offending place, counted from 1."""
        return self.offset - self.source.rfind("\n", 0, self.offset)

    def __str__(self) -> str:
        start = self.offset - self.column + 1
        line = self.source[start:].partition("\n")[0]
        first = max(0, self.column - 1 - 60)
        excerpt = line[first : first + 100]
        caret = " " * (self.column - 1 - first) + "^"
        return f"{self.reason} (line {self.line}, column {self.column})\n  {excerpt}\n  {caret}"


class RegexError(SyntaxProblem):
    """A regular expression that is malformed, or uses what a regular language cannot express."""


class GrammarError(SyntaxProblem):
    """A grammar that is malformed, or uses a directive that is not supported."""


class VocabularyError(ConstrainError):
    """A tokenizer whose tokens cannot be read as bytes, or whose token table is wrong."""


class UnspellableError(ConstrainError):
    """The vocabulary lacks tokens without which no text of the language can be written.

    Attributes:
        text: what cannot be spelled, as it would be written; empty if that is not known.
        places: where in the source of the grammar it stands, as far as that is known: JSON pointers of a schema, lines
            and columns of a grammar.
    """

    def __init__(self, reason: str, *, text: bytes = b"", places: tuple[str, ...] = ()) -> None:
        super().__init__(reason)
        self.text = text
        self.places = places


class BudgetError(ConstrainError):
    """A budget of tokens into which no known text fits.

    Attributes:
        needed: tokens that the shortest known text takes.
        allowed: tokens that may be written.
        text: the shortest known text.
        row: which of several texts, counted from 0; None where there is one.
    """

    def __init__(self, needed: int, allowed: int, text: bytes, row: int | None = None) -> None:
        super().__init__(needed, allowed, text, row)
        self.needed = needed
        self.allowed = allowed
        self.text = text
        self.row = row

    def of_row(self, row: int | None) -> BudgetError:
        """This error for the text in ``row`` of a batch."""
        return BudgetError(self.needed, self.allowed, self.text, row)

    def __str__(self) -> str:
        shown = self.text.decode(errors="replace")
        shown = shown if len(shown) <= 100 else f"{shown[:80]}...{shown[-15:]}"
        return ("" if self.row is None else f"row {self.row}: ") + (
            f"the shortest text known takes {self.needed} tokens, and {self.allowed} may be written: {shown} "
            "(allow more tokens, or relax what is required)"
        )


class ScoreError(ConstrainError):
    """Scores by which no token can be chosen: an allowed token has nan or +inf.

    Attributes:
        row: which row of the batch, counted from 0.
        step: how many tokens the row has been given by then.
        score: nan or inf.
    """

    def __init__(self, row: int, step: int, score: float) -> None:
        super().__init__(row, step, score)
        self.row = row
        self.step = step
        self.score = score

    def __str__(self) -> str:
        return (
            f"row {self.row}: after {self.step} tokens, an allowed token has a score of {self.score}, by which nothing "
            "can be chosen (float16 overflows where bfloat16 does not; remove_invalid_values=True lets generate "
            "replace what the model scores so)"
        )


class StreamError(ConstrainError):
    """A text that is not a prefix of a JSON document.

    Attributes:
        offset: of the offending place, in characters of the whole text read so far.
        reason: what is wrong there.
    """

    def __init__(self, offset: int, reason: str) -> None:
        super().__init__(offset, reason)
        self.offset = offset
        self.reason = reason

    def __str__(self) -> str:
        return f"at character {self.offset}: {self.reason}"


class WorkLimitExceeded(ConstrainError):
    """Going on would take more work than a limit allows.

    Attributes:
        reason: what takes so much work, and what to do.
        limit: the name of the limit: a field of ``Limits``, or a constant that ``docs/limits.md`` lists.
        value: the limit.
        where: the place in a schema, as a JSON pointer after ``#``, if that is known; else ``""``.
        row: which of several texts, counted from 0; None where there is one.
    """

    def __init__(
        self,
        reason: str,
        *,
        limit: str = "",
        value: float | None = None,
        where: str = "",
        row: int | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.limit = limit
        self.value = value
        self.where = where
        self.row = row

    def __reduce__(self) -> tuple[object, ...]:
        return _work_limit, (self.reason, self.limit, self.value, self.where, self.row)

    def __str__(self) -> str:
        place = f"at {self.where}: " if self.where else ""
        limit = f" (limit {self.limit}: {self.value})" if self.limit else ""
        return ("" if self.row is None else f"row {self.row}: ") + place + self.reason + limit


def _work_limit(
    reason: str, limit: str, value: float | None, where: str, row: int | None
) -> WorkLimitExceeded:
    return WorkLimitExceeded(reason, limit=limit, value=value, where=where, row=row)


class BatchError(ConstrainError):
    """Some rows of a batch failed; all others were served.

    Attributes:
        errors: what went wrong, by the row, counted from 0.
    """

    def __init__(self, errors: dict[int, ConstrainError]) -> None:
        super().__init__(errors)
        self.errors = errors

    def __str__(self) -> str:
        return "; ".join(str(error) for error in self.errors.values())


class Cancelled(ConstrainError):
    """The work was stopped by ``Cancellation.cancel``."""
