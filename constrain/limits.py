"""Limits on the work that untrusted input may cause.

    limits = cn.Limits(schema_bytes=100_000, compile_seconds=2, mask_seconds=0.5)
    grammar = cn.json_schema(schema, limits=limits)
    constraint = cn.compile(grammar, vocabulary, limits=limits)

The defaults are far above what real schemas, patterns and grammars need. Where one is hit, WorkLimitExceeded names it,
its value, and the place. ``docs/limits.md`` lists these limits and all constants that bound work and cannot be set.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

__all__ = ["DEFAULT", "Limits"]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much work a grammar and what is compiled from it may take.

    Attributes:
        schema_bytes: bytes of a schema, as it would be written in JSON without whitespace, and of the text of a
            grammar.
        schema_depth: how deeply the lists and objects of a schema may be nested.
        pattern_size: characters of a regular expression.
        nodes: expressions that a grammar and its states may consist of; each takes some 50 bytes.
        steps: steps that one question about a schema may take, such as whether an object can be completed; each takes
            about ten microseconds.
        states: states that one search of a regular expression may visit.
        memory: bytes in which a constraint keeps what its matchers have visited. Nothing is refused because of this
            limit: what has not been used for long is dropped, and computed again if it is needed.
        matcher_memory: bytes that cannot be dropped as long as a matcher lives: the expressions of its grammar.
        compile_seconds: seconds of the thread's processor time for making a grammar, and for compiling it for a
            vocabulary.
        mask_seconds: seconds of the thread's processor time for one mask, or for reading one token.

    Raises:
        ValueError: a limit is not positive, or too large to be counted (``nodes``, ``states``: 2**31 - 1).
    """

    schema_bytes: int = 256 << 20
    schema_depth: int = 10_000
    pattern_size: int = 10_000_000
    nodes: int = 1 << 25
    steps: int = 400_000
    states: int = 200_000
    memory: int = 64 << 20
    matcher_memory: int = 1 << 30
    compile_seconds: float = 60.0
    mask_seconds: float = 60.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            number = (int, float) if field.name.endswith("seconds") else int
            if isinstance(value, bool) or not isinstance(value, number):
                raise TypeError(f"{field.name} must be a number, not {value!r}")
            if not 0 < value < (1 << 31 if field.name in ("nodes", "steps", "states") else 1 << 62):
                raise ValueError(f"{field.name} must be positive and countable, not {value!r}")


DEFAULT = Limits()
