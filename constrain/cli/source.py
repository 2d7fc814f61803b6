"""Sources of constraints for the command line: a grammar, and an independent check of the finished text."""

from __future__ import annotations

import json
import re
import sys
import warnings
from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import constrain as cn
from constrain.languages.json_schema.document.document import parse

__all__ = [
    "CommandError",
    "Source",
    "read_grammar",
    "read_regex",
    "read_registry",
    "read_schema",
    "read_schema_text",
    "read_text",
    "schema_options",
]

# Packages that the extra named 'transformers' installs.
EXTRA = {"torch", "transformers", "jsonschema", "tokenizers"}

# The validator of ``jsonschema`` for schemas without ``$schema``, by the draft given on the command line.
VALIDATORS = {
    None: "Draft202012Validator",
    4: "Draft4Validator",
    6: "Draft6Validator",
    7: "Draft7Validator",
    2019: "Draft201909Validator",
    2020: "Draft202012Validator",
}


class CommandError(Exception):
    """The command cannot be carried out; the message is complete and meant for the user."""

    @classmethod
    def of_missing(cls, error: ModuleNotFoundError) -> CommandError:
        """The error for a package that is not installed. Any other missing module is a bug in this library, and is
        raised."""
        if (error.name or "").partition(".")[0] not in EXTRA:
            raise error
        return cls(f"this command needs {error.name}: pip install 'constrain-lm[transformers]'")


@dataclass(frozen=True)
class Source:
    """A grammar, and how to check a text without it."""

    grammar: cn.Grammar
    problem: Callable[[str], str | None]
    """Says what is wrong with a text, None if nothing is."""
    means: str
    """What the check is made with."""


def read_schema(options: Namespace) -> Source:
    """The JSON Schema that ``options`` name; texts are checked by ``jsonschema``."""
    name = "standard input" if options.schema == "-" else options.schema
    text, registry = read_schema_text(options.schema), read_registry(options)
    try:
        grammar = _told(name, lambda: cn.json_schema(text, registry=registry, **schema_options(options)))
    except cn.SchemaError as error:
        raise CommandError(f"{name}: {error}") from error
    # Imported now, so that a missing package is reported before a model is loaded.
    validator = _validator(json.loads(text), registry, options.draft)
    return Source(grammar, lambda text: _schema_problem(validator, text), "jsonschema")


def _told(name: str, make: Callable[[], cn.Grammar]) -> cn.Grammar:
    """The grammar; warnings are printed."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", cn.SchemaWarning)
        grammar = make()
    for warning in caught:
        print(f"constrain: warning: {name}: {warning.message}", file=sys.stderr)
    return grammar


def read_schema_text(name: str) -> str:
    """The content of the file with that name; ``-`` is the standard input."""
    return sys.stdin.read() if name == "-" else read_text(Path(name))


def schema_options(options: Namespace) -> dict[str, Any]:
    """Arguments of ``json_schema``."""
    return {
        "property_order": options.order,
        "whitespace": options.whitespace,
        "formats": not options.no_formats,
        "draft": options.draft,
    }


def read_registry(options: Namespace) -> dict[str, Any]:
    """Documents by their identifiers, and by their paths relative to the given folder."""
    registry: dict[str, Any] = {}
    for path in map(Path, options.registry):
        folder = path if path.is_dir() else path.parent
        for file in sorted(path.rglob("*.json")) if path.is_dir() else [path]:
            contents = _document(file)
            registry[file.relative_to(folder).as_posix()] = contents
            for keyword in ("$id", "id"):
                name = contents.get(keyword) if isinstance(contents, dict) else None
                if isinstance(name, str) and name.rstrip("#"):
                    registry[name.rstrip("#")] = contents
    return registry


def read_vocabulary(name: str) -> cn.Vocabulary:
    """The vocabulary of a tokenizer: a folder with ``tokenizer.json``, a GGUF file or a SentencePiece model.

    Raises:
        CommandError: there is none, or it cannot be read.
    """
    path = Path(name).expanduser()
    if not path.exists():
        raise CommandError(f"cannot read the tokenizer {name}: there is no such file or folder")
    readers: dict[str, Callable[[Path], cn.Vocabulary]] = {
        ".gguf": cn.Vocabulary.from_gguf,
        ".model": cn.Vocabulary.from_sentencepiece,
    }
    try:
        return readers.get(path.suffix, cn.Vocabulary.from_tokenizer_json)(path)
    except ModuleNotFoundError as error:
        raise CommandError.of_missing(error) from error
    except (OSError, cn.VocabularyError) as error:
        raise CommandError(f"cannot read the tokenizer {name}: {error}") from error


def _document(path: Path) -> Any:
    try:
        contents = parse(read_text(path))
    except cn.InvalidSchema as error:
        raise CommandError(f"{path}: {error.reason}") from error
    if not isinstance(contents, (dict, bool)):
        raise CommandError(f"{path}: a schema is an object or a boolean, not {type(contents).__name__}")
    return contents


def read_regex(pattern: str) -> Source:
    """A regular expression; texts are checked by ``re``."""
    grammar = cn.regex(pattern)
    compiled = re.compile(pattern)
    return Source(
        grammar, lambda text: None if compiled.fullmatch(text) else f"it does not match {pattern}", "re"
    )


def read_grammar(name_or_path: str) -> Source:
    """A grammar; finished texts are checked by the grammar itself, without tokens."""
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
    """The content of a file.

    Raises:
        CommandError: it cannot be read, or is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CommandError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CommandError(
            f"{path} is not UTF-8: byte {error.start} is {error.object[error.start]:#04x}"
        ) from error


def _validator(schema: Any, documents: dict[str, Any], draft: int | None) -> Any:
    """The validator for the draft that the schema names."""
    try:
        from jsonschema import validators
        from referencing import Registry, Resource
        from referencing.jsonschema import specification_with
    except ModuleNotFoundError as error:
        raise CommandError.of_missing(error) from error
    default = getattr(validators, VALIDATORS[draft])
    kind = validators.validator_for(schema, default=default)
    specification = specification_with(kind.META_SCHEMA.get("$id") or kind.META_SCHEMA["id"])
    registry: Any = Registry().with_resources(
        (uri, Resource.from_contents(contents, default_specification=specification))
        for uri, contents in documents.items()
    )
    return kind(schema, registry=registry)


def _schema_problem(validator: Any, text: str) -> str | None:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        return f"it is not JSON: {error.msg} (column {error.colno})"
    errors = sorted(validator.iter_errors(value), key=lambda error: error.json_path)
    return f"at {errors[0].json_path}: {errors[0].message}" if errors else None
