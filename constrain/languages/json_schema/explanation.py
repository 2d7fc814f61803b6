"""Why no document validates against a schema: the first place that rules out every value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constrain.languages.json_schema.objects import Objects
from constrain.languages.json_schema.pointers import escape
from constrain.languages.json_schema.term import PLACE, Term

if TYPE_CHECKING:
    from constrain.languages.json_schema.terms import Terms


def explain(root: Term, terms: Terms) -> tuple[str, str]:
    """(JSON pointer, reason) for a term without any value: follows required properties downwards."""
    term, pointer, path, seen = root, "", "", {root}
    while True:
        if term.kind == PLACE and not isinstance(term.schema, bool):
            pointer = terms.document.pointer(terms.origin(term))
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
    for name in parts[0].required:
        member = parts[0].member(name, terms)
        if not terms.inhabited(member):
            return name, member
    return None
