"""What the command line constrains by: a grammar, and an independent check of the finished text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import constrain as cn

__all__ = ["CommandError", "Source", "read_grammar", "read_regex", "read_schema", "read_text"]

# Packages that the extra named 'transformers' installs.
EXTRA = {"torch", "transformers", "jsonschema", "tokenizers"}


class CommandError(Exception):
    """The command cannot be carried out; the message is for the user and says all there is to say."""

    @classmethod
    def of_missing(cls, error: ModuleNotFoundError) -> CommandError:
        """For a package that is not installed. Any other missing module is a fault of ours: it is raised."""
        if (error.name or "").partition(".")[0] not in EXTRA:
            raise error
        return cls(f"this command needs {error.name}: pip install 'constrain[transformers]'")


@dataclass(frozen=True)
class Source:
    """A grammar, and how to check a text without it."""

    grammar: cn.Grammar
    problem: Callable[[str], str | None]
    """Says what is wrong with a text, None if nothing is."""
    means: str
    """What the check is made with."""


def read_schema(path: Path) -> Source:
    """A JSON Schema file; texts are checked by ``jsonschema``."""
    try:
        schema = json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise CommandError(
            f"{path} is not JSON: {error.msg} (line {error.lineno}, column {error.colno})"
        ) from error
    try:
        grammar = cn.json_schema(schema)
    except cn.SchemaError as error:
        raise CommandError(f"{path}: {error}") from error
    validator = _validator(schema)  # now, so that a missing package is told before a model is loaded
    return Source(grammar, lambda text: _schema_problem(validator, text), "jsonschema")


def read_regex(pattern: str) -> Source:
    """A regular expression; texts are checked by ``re``."""
    grammar = cn.regex(pattern)
    compiled = re.compile(pattern)
    return Source(
        grammar, lambda text: None if compiled.fullmatch(text) else f"it does not match {pattern}", "re"
    )


def read_grammar(name_or_path: str) -> Source:
    """A grammar; texts are read from end to end by it, apart from any token."""
    try:
        grammar = cn.grammar(name_or_path)
    except OSError as error:
        raise CommandError(f"cannot read {name_or_path}: {error.strerror}") from error
    except cn.GrammarError as error:
        raise CommandError(f"{name_or_path}: {error}") from error
    return Source(
        grammar,
        lambda text: None if grammar.matches(text) else "the grammar does not derive it",
        "the grammar",
    )


def read_text(path: Path) -> str:
    """What a file holds.

    Raises:
        CommandError: it cannot be read, or is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise CommandError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CommandError(
            f"{path} is not UTF-8: byte {error.start} is {error.object[error.start]:#04x}"
        ) from error


def _validator(schema: Any) -> Any:
    """The validator for the draft that the schema names."""
    try:
        from jsonschema import Draft202012Validator
        from jsonschema.validators import validator_for
    except ModuleNotFoundError as error:
        raise CommandError.of_missing(error) from error
    return validator_for(schema, default=Draft202012Validator)(schema)


def _schema_problem(validator: Any, text: str) -> str | None:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        return f"it is not JSON: {error.msg} (column {error.colno})"
    errors = sorted(validator.iter_errors(value), key=lambda error: error.json_path)
    return f"at {errors[0].json_path}: {errors[0].message}" if errors else None
