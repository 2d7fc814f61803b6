"""One linear pass over all schemas that can be reached, which applies a rule to each keyword."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from constrain.errors import InvalidSchema, SchemaError, UnsupportedKeyword
from constrain.languages.json_schema.document.document import Document
from constrain.languages.json_schema.document.resources import UnknownResource
from constrain.languages.json_schema.text.options import Options
from constrain.work import checkpoint


class SchemaPass:
    """The state of one pass: the schemas still to be looked at, and those that have been.

    Attributes:
        negating: schemas that ask for a value not to satisfy another schema.
        refers: whether any reference has been met.
        difficult: schemas and patterns that only compiling will show to be regular.
        unknown_formats: names of formats that no draft defines (keys), which are annotations.
        suspects: schemas with keywords that may have no effect, or another one than intended.
    """

    __slots__ = (
        "difficult", "document", "dynamic", "negating", "options", "pending", "refers", "rules", "schema", "seen",
        "suspects", "unknown", "unknown_formats",
    )  # fmt: skip

    def __init__(
        self, document: Document, options: Options, rules: dict[str, Rule | None], unknown: Rule
    ) -> None:
        """``rules``: what to do for each keyword, None for nothing; ``unknown`` for a keyword that is not in it."""
        self.document = document
        self.options = options
        self.pending: list[Any] = [document.root]
        self.seen: set[int] = set()
        self.schema: dict[str, Any] = {}  # the one being looked at
        self.dynamic: list[tuple[dict[str, Any], str]] = []
        self.unknown_formats: dict[str, None] = {}
        self.difficult: list[tuple[dict[str, Any], str]] = []
        self.negating: list[dict[str, Any]] = []
        self.suspects: list[tuple[dict[str, Any], str]] = []
        self.refers = False
        self.rules = rules
        self.unknown = unknown

    def run(self) -> None:
        """Look at every schema that is reachable through keywords and references.

        Raises:
            InvalidSchema: a keyword has a value of the wrong form, or a reference leads nowhere.
            UnsupportedKeyword: a keyword, or its value, cannot be enforced.
        """
        while self.pending:
            self._look_at_pending()
            for schema, keyword in self.dynamic:  # what is reached may be what a dynamic reference leads to
                self.schema = schema
                for target in self.document.dynamic_targets(schema, keyword, schema[keyword]):
                    if isinstance(target, dict) and id(target) not in self.seen:
                        self.pending.append(target)

    def _look_at_pending(self) -> None:
        pending, seen, document = self.pending, self.seen, self.document
        rules, unknown = self.rules, self.unknown
        while pending:
            schema = pending.pop()
            if schema is True or schema is False or id(schema) in seen:
                continue
            seen.add(id(schema))
            if not len(seen) % 16:
                checkpoint(1000)
            self.schema = schema
            if "$schema" in schema:
                document.identify(schema)  # before anything in it is read, as it may be of another draft
            dialect = document.dialect if document.uniform else document.dialect_of(schema)
            if dialect.draft <= 7 and "$ref" in schema:  # it hides the keywords beside it
                rule = rules["$ref"]
                if rule is not None:
                    rule(self, "$ref", schema["$ref"])
                if len(schema) > 1:
                    self.suspects.append((schema, "$ref"))
                continue
            disabled = dialect.disabled
            for keyword, value in schema.items():
                rule = rules.get(keyword, unknown)
                if rule is not None and not (disabled and keyword in disabled):
                    rule(self, keyword, value)

    def push(self, keyword: str, schema: Any) -> None:
        if isinstance(schema, (dict, bool)):
            self.pending.append(schema)
        else:
            raise self.invalid(keyword, f"a schema is an object or a boolean, not {kind_of(schema)}")

    def invalid(self, keyword: str, reason: str, hint: str = "") -> SchemaError:
        return self.document.error(InvalidSchema, self.schema, keyword, reason, hint)

    def unsupported(self, keyword: str, reason: str, hint: str = "") -> SchemaError:
        return self.document.error(UnsupportedKeyword, self.schema, keyword, reason, hint)

    def lost(self, keyword: str, reference: str, problem: LookupError) -> SchemaError:
        """What went wrong in following a reference, as an error about ``keyword``."""
        if isinstance(problem, UnknownResource):
            hint = "pass the document in a registry, or put the schema under $defs"
            return self.unsupported(keyword, f"{reference!r} cannot be followed: {problem.args[0]}", hint)
        return self.invalid(keyword, f"{reference!r} leads nowhere: {problem.args[0]}")


# What is done for a keyword and its value.
Rule = Callable[[SchemaPass, str, Any], None]


def kind_of(value: Any) -> str:
    """A value for error messages: itself if it is short, else its type."""
    return f"{value!r:.60}" if isinstance(value, (bool, int, float, str)) else type(value).__name__
