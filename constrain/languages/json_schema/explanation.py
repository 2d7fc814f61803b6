"""Why no document validates against a schema: the first place that rules out every value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constrain.languages.json_schema.document import escape
from constrain.languages.json_schema.objects import Objects
from constrain.languages.json_schema.term import Term

if TYPE_CHECKING:
    from constrain.languages.json_schema.terms import Terms


def explain(root: Term, terms: Terms) -> tuple[str, str]:
    """(JSON pointer, reason) for a term without any value: follows required properties downwards."""
    term, pointer, path, seen = root, "", "", {root}
    while True:
        if term.schema is not None and not isinstance(term.schema, bool):
            pointer = terms.document.pointer(term.schema)
        blocked = _blocked_property(term, terms)
        if blocked is None or blocked[1] in seen:
            break
        name, term = blocked
        seen.add(term)
        path += f"/{escape(name)}"
    where = f", for the required property at {path}" if path else ""
    if term.schema is False:
        return pointer, f"the schema false admits no value{where}"
    if blocked is not None:
        return pointer, f"a value would have to contain a value of the same kind without end{where}"
    return pointer, f"no value satisfies all of these keywords{where}"


def _blocked_property(term: Term, terms: Terms) -> tuple[str, Term] | None:
    """A required property that can have no value, if that is what rules out the only kind of value left."""
    parts = terms.normal(term).parts()
    if len(parts) != 1 or not isinstance(parts[0], Objects):
        return None
    for name in sorted(parts[0].required):
        if not terms.inhabited(parts[0].member(name)):
            return name, parts[0].member(name)
    return None
