"""The front ends as users call them: each returns a ``Grammar``.

A front end is imported when it is first called: importing all of them takes as long as importing numpy.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from constrain.engine import Engine
from constrain.errors import InvalidSchema, RegexError
from constrain.languages.base import Grammar, utf8
from constrain.languages.python_types import schema_of
from constrain.languages.sizes import check_pattern, check_text, snapshot
from constrain.limits import DEFAULT, Limits
from constrain.work import Compiling, Meter

if TYPE_CHECKING:
    from constrain.languages.json_schema import Options, Shared
    from constrain.languages.regex import Flavour

# The choices for parts of a schema that look like mistakes.
UNKNOWN = ("warn", "raise", "ignore")

__all__ = ["choice", "gbnf", "grammar", "json_schema", "lark", "regex"]


def json_schema(
    schema: Any,
    *,
    property_order: str = "schema",
    whitespace: str = "flexible",
    max_digits: int = 32,
    formats: bool = True,
    draft: int | None = None,
    ascii: bool = False,
    integers: str = "value",
    registry: Mapping[str, Any] | None = None,
    limits: Limits | None = None,
    unknown: str = "warn",
) -> Grammar:
    """The JSON documents that validate against a JSON Schema.

    Args:
        schema: a dict, a bool, JSON text, a pydantic model, or another type for which pydantic has a schema: a
            dataclass, a ``TypedDict``, ``list[Model]``, ``A | B``, a ``TypeAdapter``.
        property_order: ``"schema"`` requires the keys of an object in the order in which the schema mentions them, with
            other keys last; ``"any"`` accepts any order.
        whitespace: ``"flexible"`` allows bounded runs wherever JSON does, ``"compact"`` none at all, ``"spaced"``
            requires those that ``json.dumps`` writes: ``{"a": 1, "b": [2, 3]}``, ``"indented"`` requires those that it
            writes with ``indent``, with each line indented by any number of blanks up to 64.
        max_digits: the longest run of digits in a number, before and after the decimal point.
        formats: whether ``format`` is asserted (formats that no specification defines never are).
        draft: 4, 6, 7, 2019 or 2020, for schemas without ``$schema``, and for those whose ``$schema`` names no known
            dialect (by default, the former are read as 2020 and the latter are refused).
        ascii: whether characters beyond ASCII are spelled with escapes, as ``json.dumps`` does by default.
        integers: ``"value"`` allows values of ``"type": "integer"``, ``const`` and ``enum`` to be spelled ``1.0`` as
            well, as the specification says; ``"digits"`` does not, for parsers that recognise integers by their
            spelling.
        registry: other schemas by URI, a mapping or a ``referencing.Registry``; nothing is ever fetched.
        limits: how much work the grammar, and what is compiled from it, may take.
        unknown: what to do about parts that have no effect and look like mistakes (misspelled keywords, a schema inside
            another object, keywords beside a type to which they do not apply, escapes that have a meaning only in other
            dialects of regular expressions): ``"warn"`` (``SchemaWarning``, once per schema), ``"raise"``, or
            ``"ignore"``. Other names that no draft knows are annotations.

    Raises:
        UnsupportedKeyword: a keyword, or a value of one, cannot be enforced; the error names its JSON pointer.
        InvalidSchema: the schema is malformed; or seems mistaken, and ``unknown`` is ``"raise"``.
        UnsatisfiableSchema: no document validates.
        WorkLimitExceeded: the schema is larger, or deciding whether a document validates takes more work, than
            ``limits`` allow.
    """
    from constrain.languages import json_schema as schema_language
    from constrain.languages.json_schema.keywords.ascii_only import plain_bytes

    if unknown not in UNKNOWN:
        raise ValueError(f"unknown must be one of {', '.join(UNKNOWN)}, not {unknown!r}")
    if isinstance(schema, Grammar):
        raise TypeError("that is a grammar already: it goes where a grammar is asked for, not a schema")
    with Compiling(Meter(limits), last=False):
        try:
            schema = snapshot(schema_of(schema), limits or DEFAULT)
        except RecursionError:
            raise InvalidSchema("", "the schema is nested too deeply, or holds itself") from None
        options, base, shared = _json_base(
            whitespace, max_digits, property_order, formats, draft, ascii, integers
        )
        checked = schema_language.check(schema, options, registry)
    if checked.suspects and unknown != "ignore":
        from constrain.languages.json_schema.keywords.mistakes import tell

        tell(checked, unknown)

    def build(engine: Engine) -> int:
        root: int = schema_language.build(engine, checked, options, shared)
        return root

    remake = partial(
        json_schema,
        schema,
        property_order=property_order,
        whitespace=whitespace,
        max_digits=max_digits,
        formats=formats,
        draft=draft,
        ascii=ascii,
        integers=integers,
        registry=registry,
        limits=limits,
        unknown="ignore",  # the user has been warned
    )
    return Grammar(
        "json_schema",
        build,
        remake=remake,
        base=base,
        annotations=checked.unknown_formats,
        names=shared.names,
        locate=schema_language.ActiveSubschemas(checked, options),
        plain=partial(plain_bytes, checked),
        limits=limits,
    )


@lru_cache(maxsize=64)
def _json_base(
    whitespace: str,
    max_digits: int,
    property_order: str,
    formats: bool,
    draft: int | None,
    ascii: bool,
    integers: str,
) -> tuple[Options, Engine, Shared]:
    """The engine of which every schema with these options starts as a copy, with its leaves closed."""
    from constrain.languages.json_schema import Options

    options = Options(whitespace, max_digits, property_order, formats, draft, ascii, integers)
    return options, *_json_leaves(whitespace, max_digits, ascii)


@lru_cache(maxsize=16)
def _json_leaves(whitespace: str, max_digits: int, ascii: bool) -> tuple[Engine, Shared]:
    from constrain.languages.json_schema import Options, build_shared

    base = Engine()
    shared = build_shared(base, Options(whitespace=whitespace, max_digits=max_digits, ascii=ascii))
    for leaf in (shared.string, shared.number, shared.integer, shared.space, shared.first):
        base.close(leaf)
    return base, shared


def regex(pattern: str, *, flavour: Flavour = "python", limits: Limits | None = None) -> Grammar:
    """The texts that ``pattern`` matches from end to end, as ``re.fullmatch`` does.

    Args:
        pattern: a regular expression.
        flavour: the syntax: ``"python"`` for that of ``re``, ``"ecma"`` for that of JavaScript.
        limits: how much work the grammar, and what is compiled from it, may take.

    Raises:
        WorkLimitExceeded: it is larger, or takes more work, than ``limits`` allow.
        RegexError: the pattern is malformed or not regular (backreferences); the error has the offset.
    """
    from constrain.languages import regex as regex_language

    if not isinstance(pattern, str):
        raise TypeError(f"a pattern is a str, not a {type(pattern).__name__}")
    if flavour not in ("python", "ecma"):
        raise ValueError(f"flavour must be one of python, ecma, not {flavour!r}")
    check_pattern(pattern, limits or DEFAULT)

    def build(engine: Engine) -> int:
        root: int = regex_language.build(engine, pattern, flavour)
        if engine.is_empty(root):
            raise RegexError(pattern, 0, "no text matches this pattern")
        return root

    return Grammar(
        "regex",
        build,
        remake=partial(regex, pattern, flavour=flavour, limits=limits),
        locate=regex_language.ActiveAtoms(pattern, flavour),
        limits=limits,
    )


def lark(text: str, *, start: str = "start", limits: Limits | None = None) -> Grammar:
    """The texts of a context-free grammar in the syntax of Lark.

    Args:
        text: the grammar.
        start: the rule that a whole text derives from.
        limits: how much work the grammar, and what is compiled from it, may take.

    Raises:
        WorkLimitExceeded: it is larger, or takes more work, than ``limits`` allow.
        GrammarError: the grammar is malformed, or derives no text; the error has line and column.
    """
    from constrain.languages import grammar as grammars

    remake = partial(lark, text, start=start, limits=limits)
    return _of_rules("lark", text, start, grammars.read_lark, remake, limits)


def gbnf(text: str, *, start: str = "root", limits: Limits | None = None) -> Grammar:
    """The texts of a grammar in GBNF, the syntax of llama.cpp. Left recursion is allowed, tokens are refused.

    Args:
        text: the grammar.
        start: the rule that a whole text derives from.
        limits: how much work the grammar, and what is compiled from it, may take.

    Raises:
        WorkLimitExceeded: it is larger, or takes more work, than ``limits`` allow.
        GrammarError: the grammar is malformed, or derives no text; the error has line and column.
    """
    from constrain.languages import grammar as grammars

    first = grammars.rule_name(start)
    remake = partial(gbnf, text, start=start, limits=limits)
    return _of_rules("gbnf", text, first, grammars.read_gbnf, remake, limits)


def _of_rules(
    kind: str,
    text: str,
    start: str,
    read: Callable[[str], Any],
    remake: Callable[[], Grammar],
    limits: Limits | None,
) -> Grammar:
    """The texts of the rule ``start`` of a grammar, which ``read`` parses."""
    from constrain.languages import grammar as grammars

    if not isinstance(text, str):
        raise TypeError(f"the text of a grammar is a str, not a {type(text).__name__}")
    check_text(text, limits or DEFAULT)

    def build(engine: Engine) -> int:
        root: int = grammars.build(engine, text, start, read)
        return root

    return Grammar(
        kind, build, remake=remake, locate=grammars.ActiveTerminals(text, start, read), limits=limits
    )


def grammar(
    name_or_path: str | os.PathLike[str], *, start: str | None = None, limits: Limits | None = None
) -> Grammar:
    """A grammar that is shipped with the library, such as ``"json"``, or one from a ``.lark`` or ``.gbnf`` file.

    Raises:
        ConstrainError: no grammar of that name is shipped.
        OSError: the file cannot be read.
        GrammarError: as ``lark`` and ``gbnf`` do.
    """
    from constrain.languages import grammar as grammars

    text = grammars.load(name_or_path)
    if os.fspath(name_or_path).endswith(grammars.GBNF_SUFFIX):
        return gbnf(text, start=start or "root", limits=limits)
    return lark(text, start=start or "start", limits=limits)


def choice(options: Iterable[str]) -> Grammar:
    """One of the given texts, which may be thousands.

    Raises:
        TypeError: an option is not a text.
        ValueError: there is no option, or one of them is empty or has half a surrogate pair.
    """
    if isinstance(options, str):
        raise TypeError("choice() takes several texts; one text is a str, which would be its characters")
    options = list(dict.fromkeys(options))
    wrong = next((option for option in options if not isinstance(option, str)), None)
    if wrong is not None:
        raise TypeError(f"choice() takes texts, not {wrong!r}: make it a str")
    texts = [utf8(option) for option in options]
    if not texts or b"" in texts:
        raise ValueError("choice() takes at least one option, and none may be empty")
    return Grammar(
        "choice", lambda engine: engine.choice(engine.table(texts)), remake=partial(choice, options)
    )
