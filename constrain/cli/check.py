"""``constrain check``: what a JSON Schema admits, and whether it can be enforced."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from constrain.cli.source import read_registry, read_schema_text, read_vocabulary, schema_options
from constrain.decoding.compilation import compile
from constrain.errors import UnspellableError
from constrain.languages.base import Grammar
from constrain.languages.factories import json_schema
from constrain.languages.json_schema import Options
from constrain.languages.json_schema.report import Note, Report, report
from constrain.languages.json_schema.text.pointers import tokens
from constrain.vocabulary import Vocabulary

__all__ = ["check"]

USABLE, NOT_USABLE = 0, 1
DRAFTS = {2019: "2019-09", 2020: "2020-12"}

# How many places of one keyword are named, and how many other notes are printed.
MAX_PLACES, MAX_NOTES = 3, 20


def check(options: Namespace) -> int:
    """Print a report about a schema, and return the exit code.

    Args:
        options: ``schema``, ``draft``, ``registry``, ``order``, ``whitespace``, ``no_formats``, ``samples``, ``seed``,
            ``json``, ``tokenizer``, ``strict``.
    """
    text, choices, registry = (
        read_schema_text(options.schema),
        schema_options(options),
        read_registry(options),
    )
    result = report(text, Options(**choices), registry, samples=options.samples, seed=options.seed)
    spelling = None
    if options.tokenizer is not None and result.usable:
        spelling = _spelling(
            json_schema(text, registry=registry, unknown="ignore", **choices),
            read_vocabulary(options.tokenizer),
        )
    usable = result.usable and (spelling is None or not spelling.nothing)
    if options.json:
        found = (
            {"usable": usable} | asdict(result) | ({} if spelling is None else {"spelling": asdict(spelling)})
        )
        print(json.dumps(found, indent=2))
    else:
        print("\n".join([*_lines(result), *_spelling_lines(spelling)]))
    silent = bool(result.annotations or result.mistakes)
    return NOT_USABLE if not usable or (options.strict and silent) else USABLE


@dataclass(frozen=True)
class Spelling:
    """What a tokenizer cannot spell of a schema's documents.

    Attributes:
        nothing: why the tokenizer can spell none of them, or "".
        lost: what is removed, in words.
        characters: first and last code points of the ranges of characters that are removed.
        texts: the values and names that are removed.
    """

    nothing: str = ""
    lost: str = ""
    characters: tuple[tuple[int, int], ...] = ()
    texts: tuple[str, ...] = ()


def _spelling(grammar: Grammar, vocabulary: Vocabulary) -> Spelling:
    try:
        unspellable = compile(grammar, vocabulary).unspellable
    except UnspellableError as error:
        return Spelling(nothing=str(error))
    return Spelling("", str(unspellable), unspellable.characters, unspellable.texts)


def _spelling_lines(spelling: Spelling | None) -> Iterator[str]:
    if spelling is not None:
        yield from ["", "What the tokenizer cannot spell"]
        yield f"  no document: {spelling.nothing}" if spelling.nothing else f"  {spelling.lost}"


# -- words ------------------------------------------------------------------------------------


def _lines(result: Report) -> Iterator[str]:
    draft = "" if result.draft is None else f", draft {DRAFTS.get(result.draft, result.draft)}"
    if result.problems:
        malformed = any(note.invalid for note in result.problems)
        yield f"{'INVALID' if malformed else 'NOT SUPPORTED'}{draft}"
    elif result.unsatisfiable:
        yield f"UNSATISFIABLE{draft}: supported, but no document validates"
    else:
        yield f"OK{draft}: supported, and documents validate; compiled in {1000 * result.seconds:.1f} ms"
    yield from _section("Problems", result.problems)
    yield from _section("Why no document validates", [result.unsatisfiable] if result.unsatisfiable else [])
    yield from _section("Subschemas that admit no value", result.impossible)
    listed = {note.pointer for note in result.annotations}
    others = [note for note in result.mistakes if note.pointer not in listed]
    yield from _section("What looks like a mistake", others)
    yield from _grouped("Keywords that say nothing about which documents are valid", result.annotations)
    yield from _section("Patterns that are read as other dialects mean them", result.readings)
    if result.shortest:
        yield from ["", "A shortest document", f"  {result.shortest}"]
    if result.samples:
        yield from ["", "Random documents"]
        yield from [line for text in result.samples for line in _indented(text)]


def _section(title: str, notes: list[Note]) -> Iterator[str]:
    if not notes:
        return
    yield from ["", title]
    for note in notes[:MAX_NOTES]:
        yield f"  {note.pointer or '(root)'}"
        yield from ["  " + line for line in _indented(note.reason)]
        if note.hint:
            yield f"    -> {note.hint}"
    if len(notes) > MAX_NOTES:
        yield f"  ... and {len(notes) - MAX_NOTES} more"


def _grouped(title: str, notes: list[Note]) -> Iterator[str]:
    """One line for each keyword and reason."""
    if not notes:
        return
    yield from ["", title]
    groups: dict[tuple[str, str], list[str]] = {}
    for note in notes:
        keyword = tokens(note.pointer)[-1]
        groups.setdefault((keyword, note.reason), []).append(note.pointer)
    for (keyword, reason), pointers in list(groups.items())[:MAX_NOTES]:
        more = f" and {len(pointers) - MAX_PLACES} more" if len(pointers) > MAX_PLACES else ""
        yield f"  {keyword}: {reason}"
        yield f"    {', '.join(pointers[:MAX_PLACES])}{more}"
    if len(groups) > MAX_NOTES:
        yield f"  ... and {len(groups) - MAX_NOTES} more"


def _indented(text: str) -> list[str]:
    return ["  " + line for line in text.split("\n")]
