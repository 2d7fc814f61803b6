"""Arrays: terms of the first items, a term of the rest, an interval of lengths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from constrain.languages.json_schema.finite import Finite
from constrain.languages.json_schema.spelling import smaller
from constrain.languages.json_schema.term import TRUE, Term

if TYPE_CHECKING:
    from constrain.languages.json_schema.terms import Terms
    from constrain.languages.json_schema.writer import Writer


class Arrays(NamedTuple):
    """Arrays of ``least`` to ``most`` items; item *i* is in ``prefix[i]``, or in ``rest`` beyond it."""

    prefix: tuple[Term, ...] = ()
    rest: Term = TRUE
    least: int = 0
    most: int | None = None

    def item(self, index: int) -> Term:
        return self.prefix[index] if index < len(self.prefix) else self.rest

    def meet(self, other: Any, terms: Terms) -> Any:
        if isinstance(other, Finite):
            return other.meet(self, terms)
        least = max(self.least, other.least)
        most = smaller(self.most, other.most)
        if most is not None and least > most:
            return None
        count = max(len(self.prefix), len(other.prefix))
        prefix = tuple([terms.both(self.item(i), other.item(i)) for i in range(count)])
        return Arrays(prefix, terms.both(self.rest, other.rest), least, most)

    def accepts(self, value: list[Any], terms: Terms) -> bool:
        if len(value) < self.least or (self.most is not None and len(value) > self.most):
            return False
        return all(terms.accepts(self.item(i), item) for i, item in enumerate(value))

    def inhabited(self, terms: Terms) -> bool:
        """Only the items that must be there are asked about: others may be recursive."""
        if self.most is not None and self.least > self.most:
            return False
        if self.least > len(self.prefix) and not terms.inhabited(self.rest):
            return False
        return all(terms.inhabited(term) for term in self.prefix[: self.least])

    def bounded(self, terms: Terms) -> Arrays:
        """The same arrays: ``most`` stops short of the first position that can have no value."""
        most = self.most
        for index, term in enumerate(self.prefix):
            if (most is None or index < most) and not terms.inhabited(term):
                most = index
        if (most is None or most > len(self.prefix)) and not terms.inhabited(self.rest):
            most = len(self.prefix)
        return self._replace(prefix=self.prefix[:most], most=most)

    def write(self, writer: Writer, order: Term) -> Any:
        """``[``, the items of the prefix one by one, the rest as one counted repetition, ``]``."""
        arena, shared, terms = writer.arena, writer.shared, writer.terms
        if self == ANY_ARRAY:
            return shared.array
        prefix, rest, least, most = self.bounded(terms)
        close = arena.literal(b"]")
        if most == 0:
            return arena.concat(shared.open_array, close)
        count = len(prefix)
        item = arena.EMPTY
        if most is None or most > count:
            item = writer.value(rest, writer.order.of_item(order, count, rest))
        more = arena.concat(shared.comma, item, shared.space)
        done = max(count, 1)
        beyond = None if most is None else most - done
        node = arena.concat(arena.repeat(more, max(least - done, 0), beyond), close)
        for index in range(count - 1, 0, -1):
            value = writer.value(prefix[index], writer.order.of_item(order, index, prefix[index]))
            node = arena.concat(shared.comma, value, shared.space, node)
            if index >= least:
                node = arena.union([node, close])
        if count:
            item = writer.value(prefix[0], writer.order.of_item(order, 0, prefix[0]))
        node = arena.concat(item, shared.space, node)
        return arena.concat(shared.open_array, arena.union([node, close]) if least == 0 else node)


ANY_ARRAY = Arrays()
