"""Objects: terms of named properties, a term of all others, the names that are required."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constrain.languages.json_schema.finite import Finite
from constrain.languages.json_schema.members import Members
from constrain.languages.json_schema.spelling import spell
from constrain.languages.json_schema.term import TRUE, Term

if TYPE_CHECKING:
    from constrain.languages.json_schema.terms import Terms
    from constrain.languages.json_schema.writer import Writer


class Objects:
    """Objects whose property *k* is in ``properties[k]``, or in ``additional`` if it has no entry."""

    __slots__ = ("additional", "properties", "required")

    def __init__(self, properties: dict[str, Term], additional: Term, required: frozenset[str]) -> None:
        self.properties = properties
        self.additional = additional
        self.required = required

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Objects)
            and self.additional is other.additional
            and self.required == other.required
            and self.properties == other.properties
        )

    def __hash__(self) -> int:
        return hash((len(self.properties), self.additional, self.required))

    def member(self, name: str) -> Term:
        """What the value of property ``name`` must satisfy."""
        return self.properties.get(name, self.additional)

    def meet(self, other: Any, terms: Terms) -> Any:
        if isinstance(other, Finite):
            return other.meet(self, terms)
        properties = {name: terms.both(term, other.member(name)) for name, term in self.properties.items()}
        for name, term in other.properties.items():
            if name not in properties:
                properties[name] = terms.both(self.additional, term)
        return Objects(
            properties, terms.both(self.additional, other.additional), self.required | other.required
        )

    def accepts(self, value: dict[str, Any], terms: Terms) -> bool:
        if not self.required <= value.keys():
            return False
        return all(terms.accepts(self.member(name), item) for name, item in value.items())

    def inhabited(self, terms: Terms) -> bool:
        """Only the properties that must be there are asked about: others may be recursive."""
        for name in self.required:
            if not (name.isascii() or spell(name)) or not terms.inhabited(self.member(name)):
                return False
        return True

    def write(self, writer: Writer, order: Term) -> Any:
        if self == ANY_OBJECT:
            return writer.shared.object
        return Members(self, writer, order).node()


ANY_OBJECT = Objects({}, TRUE, frozenset())
