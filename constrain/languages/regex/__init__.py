"""Regular expressions, in the syntax of Python's ``re`` or of ECMA-262, as expressions over bytes.

Start at ``parsing/`` (pattern to tree), then ``compiler.py`` (tree to expression) with ``assertions/`` (lookaround and
boundaries); ``unicode/`` has sets of characters and their encodings as bytes. ``active_atoms.py`` tells which parts of
a pattern may match where a text breaks off.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from constrain.errors import RegexError
from constrain.languages.regex.active_atoms import ActiveAtoms
from constrain.languages.regex.compiler import Mode, compile_tree
from constrain.languages.regex.parsing.ecma import read_ecma
from constrain.languages.regex.parsing.python import read_python
from constrain.languages.regex.parsing.schema import liberties, read_schema
from constrain.languages.regex.parsing.syntax import Node, Text
from constrain.languages.regex.unicode.alphabet import Alphabet, Arena, Expression
from constrain.languages.regex.unicode.utf8 import Utf8

Flavour = Literal["python", "ecma"]
# "schema": the patterns of JSON Schema, which are those of "ecma" and some more (``parsing/schema.py``).
Syntax = Literal["python", "ecma", "schema"]

_READERS = {"python": read_python, "ecma": read_ecma, "schema": read_schema}


@lru_cache(maxsize=8192)
def parse(pattern: str, flavour: Syntax = "python") -> Node:
    """The syntax tree of a pattern, cached.

    Raises RegexError (``source``, ``offset``, ``reason``) where the pattern is malformed in its
    flavour, or well formed but not regular: backreferences, and a few atomic groups and conditionals.
    """
    return _READERS[flavour](pattern)


def regex_expression(
    arena: Arena,
    pattern: str | Node,
    *,
    flavour: Syntax = "python",
    alphabet: Alphabet,
    mode: Mode = "fullmatch",
) -> Expression:
    """The expression of all texts over ``alphabet`` that a pattern (or its tree) matches.

    mode "fullmatch": the whole text, as ``re.fullmatch``. "search": any part of it, as ``re.search``
    and JSON Schema's ``pattern``. Raises RegexError for what cannot be compiled exactly, ValueError for another mode.
    """
    if mode not in ("fullmatch", "search"):
        raise ValueError(f"mode must be one of fullmatch, search, not {mode!r}")
    source = pattern if isinstance(pattern, str) else ""
    tree = parse(pattern, flavour) if isinstance(pattern, str) else pattern
    return compile_tree(arena, tree, alphabet, mode, source)


def build(arena: Arena, pattern: str, flavour: Flavour = "python") -> Expression:
    """The UTF-8 texts that ``pattern`` matches in full; a leaf unless it is a plain literal."""
    tree = parse(pattern, flavour)
    expression = compile_tree(arena, tree, Utf8(), "fullmatch", pattern)
    return expression if isinstance(tree, Text) else arena.leaf(expression)


__all__ = [
    "ActiveAtoms",
    "Alphabet",
    "Flavour",
    "Mode",
    "RegexError",
    "Syntax",
    "Utf8",
    "build",
    "liberties",
    "parse",
    "regex_expression",
]
