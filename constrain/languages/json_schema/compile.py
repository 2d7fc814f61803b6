"""From a schema to an expression: the steps in their order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from constrain.engine import Engine
from constrain.errors import RegexError, UnsatisfiableSchema, UnsupportedKeyword
from constrain.languages.json_schema.diagnostics.unsatisfiable import explain
from constrain.languages.json_schema.document.document import Document, parse
from constrain.languages.json_schema.keywords.schema_check import Check
from constrain.languages.json_schema.keywords.self_negation import circles
from constrain.languages.json_schema.output.json_base import Shared
from constrain.languages.json_schema.output.json_base_builder import build_shared
from constrain.languages.json_schema.solver import Solver
from constrain.languages.json_schema.text.options import Options
from constrain.languages.json_schema.values.string_languages import StringLanguages
from constrain.languages.json_schema.values.strings import Language
from constrain.languages.json_schema.writing.writer import Writer


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

    Only the root is written now; what lies below it is written when it is first reached. ``shared``
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
    solver = Solver(checked.document, options, StringLanguages(arena, shared.character, shared.alphabet))
    for place, pattern in checked.difficult:
        _compile_now(place, pattern, solver)
    for schema in circles(checked):
        with solver.budget:
            solver.normal(solver.at(schema))  # raises if it means nothing
    root = solver.at(checked.document.root)
    if not solver.inhabited(root):
        raise UnsatisfiableSchema(*explain(root, solver))
    return arena.concat(shared.space, Writer(arena, shared, solver).write(arena, root))


def _compile_now(schema: Any, pattern: str, solver: Solver) -> None:
    """Compile a pattern that may turn out not to be regular now, rather than when a value first needs it."""
    try:
        solver.languages.node(Language("pattern", pattern))
    except RegexError as problem:
        reason = f"the pattern cannot be enforced: {problem}"
        raise solver.document.error(UnsupportedKeyword, schema, "pattern", reason) from problem
