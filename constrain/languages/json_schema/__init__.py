"""JSON Schema, drafts 4 to 2020-12, as expressions over bytes.

Reading order, which is the order in which data flows:

* ``document``: the schema and what can be referred to, with ``dialects``, ``resources``, ``library``;
* ``keywords``: every keyword, and the eager check; ``circles``: schemas that may mean nothing;
* ``term`` and ``terms``: what a value must satisfy, as formulas over schemas;
* ``reading`` and ``unevaluated``: from keywords to terms and parts;
* ``normal``: unions of parts, closed under conjunction and complement, with ``overlap`` and ``clause``;
* the parts of each type: ``strings`` with ``patterns`` and ``formats``, ``numbers`` with ``multiples``,
  ``arrays``, ``objects`` with ``keys``, and ``finite`` values;
* ``formula``, ``cells``, ``object_states`` with ``object_formula``, ``asked``, ``other_names``, ``object_search``,
  ``substitution`` and ``rivals``, ``array_states`` with ``array_dive`` and ``variety``: what remains to be
  satisfied while an object or array is read, where its members cannot each be decided by themselves;
* ``writer`` with ``members``, ``object_writer``, ``used_names``, ``array_writer``, ``read_numbers``, ``intervals``,
  ``numerals`` with ``magnitudes`` and ``levels``: terms to expressions; ``spelling`` says how values are spelled,
  ``shared`` what all schemas have in common;
* ``explanation`` with ``conjuncts``: why no value validates; ``in_force`` with ``begun``: which subschemas speak of the
  place where a text breaks off.

The texts are one well-defined subset J of JSON; within J a text is accepted exactly if its value
validates: no duplicate keys, keys in schema order or in any, each string in one spelling
(``spelling``), whitespace and digits bounded (``Options``), exponents only where no numeric keyword
applies.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from constrain.errors import RegexError, UnsatisfiableSchema, UnsupportedKeyword
from constrain.languages.json_schema.circles import circles
from constrain.languages.json_schema.document import Document, parse
from constrain.languages.json_schema.explanation import explain
from constrain.languages.json_schema.in_force import InForce
from constrain.languages.json_schema.keywords import Check
from constrain.languages.json_schema.options import Options
from constrain.languages.json_schema.patterns import Language, Patterns
from constrain.languages.json_schema.shared import Shared, build_shared
from constrain.languages.json_schema.terms import Terms
from constrain.languages.json_schema.writer import Writer

if TYPE_CHECKING:
    from constrain.engine import Engine

__all__ = ["Check", "InForce", "Options", "Shared", "build", "build_shared", "check"]


def check(schema: Any, options: Options | None = None, registry: Mapping[str, Any] | None = None) -> Check:
    """Check that every keyword that can be reached is well-formed and enforceable.

    ``schema`` is a dict, a bool, or JSON text. The result can be given to ``build`` in place of the
    schema; its ``unknown_formats`` are the names of formats that are annotations. Raises as
    ``build`` does, except that it does not decide whether any document validates.
    """
    options = options or Options()
    root = parse(schema) if isinstance(schema, (str, bytes)) else schema
    result = Check(Document(root, draft=options.draft, registry=registry), options)
    result.run()
    return result


def build(arena: Engine, schema: Any, options: Options | None = None, shared: Shared | None = None) -> Any:
    """The expression of all J-texts whose value validates against ``schema``.

    Only the root is written out; what lies below it is written when it is first reached. ``shared``
    must have been built in ``arena``, or in the arena it is a copy of, with the same ``Options.spelling``.
    ``schema`` must not be changed while the arena is in use.

    Raises:
        InvalidSchema: the schema is malformed.
        UnsupportedKeyword: it uses a keyword, or a value of one, that cannot be enforced.
        UnsatisfiableSchema: no document validates.
        WorkLimitExceeded: a combination of patterns or alternatives is too large.
    """
    options = options or Options()
    if shared is None:
        shared = build_shared(arena, options)
    elif shared.options.spelling != options.spelling:
        raise ValueError("the shared expressions were built for other spellings")
    checked = schema if isinstance(schema, Check) else check(schema, options)
    terms = Terms(checked.document, options, Patterns(arena, shared.character, shared.alphabet))
    for place, pattern in checked.difficult:
        _compile_now(place, pattern, terms)
    for schema in circles(checked):
        with terms.budget:
            terms.normal(terms.at(schema))  # raises if it means nothing
    root = terms.at(checked.document.root)
    if not terms.inhabited(root):
        raise UnsatisfiableSchema(*explain(root, terms))
    return arena.concat(shared.space, Writer(arena, shared, terms).write(arena, root))


def _compile_now(schema: Any, pattern: str, terms: Terms) -> None:
    """A pattern that may turn out not to be regular does so now, not when a value first needs it."""
    try:
        terms.patterns.node(Language("pattern", pattern))
    except RegexError as problem:
        reason = f"the pattern cannot be enforced: {problem}"
        raise terms.document.error(UnsupportedKeyword, schema, "pattern", reason) from problem
