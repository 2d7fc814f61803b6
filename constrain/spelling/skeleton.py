"""Expressions without the parts that an alphabet cannot spell, as far as their own structure tells.

``Skeleton.of(node)`` is an expression of the texts of ``node`` that are sequences of atoms. However, parts that are
supplied later (the bodies of references, what follows the keys of tables, the answers of handlers) may turn out to have
no such text. ``restriction`` removes those.

A union may have been factored in the middle of a character, ``C3 (A9|A8)``. So a part is examined from a position of
the alphabet, and yields one expression for each position after it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import ref

from constrain.engine.described import Described, Represented
from constrain.engine.questions import Questions
from constrain.spelling.atoms import Alphabet
from constrain.spelling.suppliers import RestrictedBody, RestrictedHandler, RestrictedRepresented
from constrain.spelling.tables import Table

if TYPE_CHECKING:
    from constrain.engine import Engine

# The expressions from a position, by the position after them.
Parts = dict[int, int]


class Skeleton:
    """The skeletons of one engine's nodes.

    Attributes:
        alphabet: the atoms; aligned.
        origins: for each reference, capture and record of a skeleton, the node from which it is made.
        tables: the tables of the choices in skeletons, by their numbers.
    """

    def __init__(self, engine: Engine, alphabet: Alphabet) -> None:
        self._engine = ref(engine)  # weak: the engine holds the suppliers of its parts, and so this
        self.alphabet = alphabet
        self.origins: dict[int, int] = {}
        self.tables: dict[int, Table] = {}
        self._known: dict[tuple[int, int], Parts] = {}
        self._base_size: int = engine.base_size
        self._of_base: dict[tuple[int, int], Parts] = alphabet.known_of(engine.base)
        self._references: dict[int, int] = {}
        self._translated: dict[int, Table] = {}
        self._star: int | None = None
        self._questions = Questions()

    @property
    def engine(self) -> Any:
        return self._engine()

    def of(self, node: int) -> int:
        """The skeleton of ``node``; ``EMPTY`` if the structure shows that no text of it can be spelled."""
        return self.parts(node, 0).get(0, int(self.engine.EMPTY))

    def final(self, node: int) -> int:
        """The expression of exactly the texts of ``node`` that are sequences of atoms; ``restriction`` implements
        it."""
        raise NotImplementedError

    def restricted(self, node: int) -> int:
        """The skeleton of a node that is not a skeleton itself."""
        return self.final(self.of(node))

    def parts(self, node: int, position: int) -> Parts:
        """What can be spelled of ``node`` from ``position`` on, by the position after it."""
        key = node, position
        found = self._known.get(key)
        if found is None and node < self._base_size:
            found = self._of_base.get(key)
        return self._questions.ask(self._find_parts, key) if found is None else found

    def _find_parts(self, key: tuple[int, int]) -> Parts:
        node, position = key
        found = self._known.get(key)
        if found is None:
            supplier = self.engine.supplier(node)
            if supplier is not None:
                found = self._reference(node, supplier, position)
            else:
                kind, *fields = self.engine.inspect(node)
                found = _RULES[kind](self, node, fields, position)
            if node < self._base_size and all(part < self._base_size for part in found.values()):
                self._of_base[key] = found
            self._known[key] = found
        return found

    def names(self, names: Mapping[int, str]) -> dict[int, str]:
        """The names of expressions, extended to what can be spelled of them, as far as that has been computed."""
        spelt = {
            self._known[node, 0].get(0, node): name
            for node, name in names.items()
            if (node, 0) in self._known
        }
        return {**names, **spelt}

    def star(self) -> int:
        """All sequences of atoms."""
        if self._star is None:
            self._star = self.alphabet.star(self.engine)
        return self._star

    # -- what is supplied later ---------------------------------------------------------------

    def _reference(self, node: int, supplier: Any, position: int) -> Parts:
        if position:
            raise _SplitCharacter
        if isinstance(supplier, Described) and not supplier.used & ~self.alphabet.members:
            return {0: node}
        found = self._references.get(node)
        if found is None:
            kind = RestrictedRepresented if isinstance(supplier, Represented) else RestrictedBody
            body = kind(self, node, supplier)
            found = self.engine.reference(body, self.engine.nullable(node))
            self._references[node] = found
            self.origins[found] = node
        return {0: found}

    def body(self, reference: int) -> int:
        """The skeleton of the body of a reference of a skeleton."""
        engine = self.engine
        return self.whole(engine.inspect(self.origins[reference])[1])

    def whole(self, node: int) -> int:
        """The skeleton of a part that begins and ends between characters."""
        found = self.parts(node, 0)
        if found.keys() - {0}:
            raise _SplitCharacter
        return found.get(0, int(self.engine.EMPTY))

    def table_of(self, number: int) -> Table:
        """Table ``number`` without the keys that cannot be spelled."""
        table = self._translated.get(number)
        if table is None:
            keys = [
                (index, key, partial(self._follow_at, number, place))
                for key, index, place in self.engine.entries(number)
            ]
            table = self._translated[number] = self.new_table(sorted(keys))
        return table

    def _follow_at(self, table: int, place: int) -> int:
        return int(self.engine.follow_at(table, place))

    def new_table(self, keys: Sequence[tuple[int, bytes, Callable[[], int]]]) -> Table:
        """A table of the keys that can be spelled, from (index, key, function that supplies what follows it)."""
        table = Table(self, [key for key in keys if self.alphabet.spells(key[1])])
        self.tables[table.number] = table
        return table


class _SplitCharacter(AssertionError):
    """Raised where a part that can only be read as a whole begins or ends inside a character, which front ends do not
    write."""


# -- rules: each yields what ``Skeleton.parts`` does --------------------------------------------


def _nothing(skeleton: Skeleton, node: int, fields: list[Any], position: int) -> Parts:
    return {}


def _same(skeleton: Skeleton, node: int, fields: list[Any], position: int) -> Parts:
    return {position: node}


def _literal(skeleton: Skeleton, node: int, fields: list[Any], position: int) -> Parts:
    behind = skeleton.alphabet.read(fields[0], position)
    return {} if behind < 0 else {behind: node}


def _byte_set(skeleton: Skeleton, node: int, fields: list[Any], position: int) -> Parts:
    found = {}
    for members, behind in skeleton.alphabet.ways[position]:
        if members & fields[0]:
            found[behind] = skeleton.engine.byte_set(members & fields[0])
    return found


def _concat(skeleton: Skeleton, node: int, fields: list[Any], position: int) -> Parts:
    """The parts of a concatenation: forwards, the positions that are reached; then backwards, what is read from each of
    them."""
    engine = skeleton.engine
    spine = [fields[0]]
    kind, *fields = "concat", *fields
    while kind == "concat":
        last = fields[1]
        if engine.supplier(last) is not None:
            break
        kind, *fields = engine.inspect(last)
        if kind == "concat":
            spine.append(fields[0])
    spine.append(last)
    if not skeleton.alphabet.longer:
        return _concat_of_bytes(skeleton, node, spine)
    reached = [{position}]
    for part in spine:
        reached.append({behind for before in reached[-1] for behind in skeleton.parts(part, before)})
        if not reached[-1]:
            return {}
    rest: dict[int, Parts] = {end: {end: engine.EPSILON} for end in reached[-1]}
    for part, places in zip(reversed(spine), reversed(reached[:-1]), strict=True):
        rest = {before: _joined(engine, skeleton.parts(part, before), rest) for before in places}
    return rest[position]


def _concat_of_bytes(skeleton: Skeleton, node: int, spine: list[int]) -> Parts:
    """The parts of a concatenation where all atoms are bytes."""
    found = []
    for part in spine:
        one = skeleton.parts(part, 0)
        if not one:
            return {}
        found.append(one[0])
    return {0: node if found == spine else skeleton.engine.concat(*found)}


def _joined(engine: Any, heads: Parts, rest: dict[int, Parts]) -> Parts:
    found: dict[int, list[int]] = {}
    for between, head in heads.items():
        for end, tail in rest[between].items():
            found.setdefault(end, []).append(engine.concat(head, tail))
    return {end: engine.union(nodes) if len(nodes) > 1 else nodes[0] for end, nodes in found.items()}


def _union(skeleton: Skeleton, node: int, fields: list[Any], position: int) -> Parts:
    found: dict[int, list[int]] = {}
    for part in fields[0]:
        for end, one in skeleton.parts(part, position).items():
            found.setdefault(end, []).append(one)
    return {end: skeleton.engine.union(nodes) for end, nodes in found.items()}


def _repeat(skeleton: Skeleton, node: int, fields: list[Any], position: int) -> Parts:
    body, least, most = fields
    found = {} if position else skeleton.parts(body, 0)
    if position or found.keys() - {0}:
        raise _SplitCharacter
    once = found.get(0, skeleton.engine.EMPTY)
    if once == body:
        return {0: node}
    whole = skeleton.engine.repeat(once, least, most)
    return {0: whole} if whole != skeleton.engine.EMPTY else {}


def _leaf(skeleton: Skeleton, node: int, fields: list[Any], position: int) -> Parts:
    """A leaf of what can be spelled of its body, in the same shape if possible, because masks of runs of characters are
    tables."""
    engine = skeleton.engine
    try:
        found = skeleton.parts(fields[0], position)
    except _SplitCharacter:
        if position:
            raise
        found = {0: engine.intersection([fields[0], skeleton.star()])}
    return {end: engine.leaf(body) for end, body in found.items() if not engine.is_empty(body)}


def _intersection(skeleton: Skeleton, node: int, fields: list[Any], position: int) -> Parts:
    """An intersection of what can be spelled of the factors, with unchanged complements. All factors are restricted
    only where no single one can be."""
    engine = skeleton.engine
    if position:
        raise _SplitCharacter
    factors = list(fields[0])
    restricted = False
    for i, factor in enumerate(factors):
        if engine.supplier(factor) is None and engine.inspect(factor)[0] == "complement":
            continue
        try:
            factors[i] = skeleton.restricted(factor)
            restricted = True
        except _SplitCharacter:
            continue
    found = engine.intersection(factors if restricted else [*factors, skeleton.star()])
    return {} if engine.is_empty(found) else {0: found}


def _complement(skeleton: Skeleton, node: int, fields: list[Any], position: int) -> Parts:
    if position:
        raise _SplitCharacter
    found = skeleton.engine.intersection([node, skeleton.star()])
    return {} if skeleton.engine.is_empty(found) else {0: found}


def _choice(skeleton: Skeleton, node: int, fields: list[Any], position: int) -> Parts:
    """A choice of the same keys in the table of those that can be spelled. A choice whose keys have been read in part
    has a table of its own."""
    if position:
        raise _SplitCharacter
    number, _, _, depth, first, last = fields[0]
    if depth == 0:
        table = skeleton.table_of(number)
        found = table.between(first, last)
    else:
        rests = skeleton.engine.choices(node)
        table = skeleton.new_table([(i, rest, follow) for i, (rest, follow) in enumerate(rests)])
        found = table.between(0, len(rests) - 1)
    return {} if found == skeleton.engine.EMPTY else {0: found}


def _capture(skeleton: Skeleton, node: int, fields: list[Any], position: int) -> Parts:
    body, text, handler = fields
    if position or text:
        raise _SplitCharacter
    leaf = skeleton.parts(skeleton.engine.leaf(body), 0)
    if leaf.keys() - {0}:
        raise _SplitCharacter
    if not leaf:
        return {}
    found = skeleton.engine.capture(leaf[0], RestrictedHandler(skeleton, handler))
    skeleton.origins[found] = node
    return {0: found}


def _record(skeleton: Skeleton, node: int, fields: list[Any], position: int) -> Parts:
    body, text, handler = fields
    if position or text:
        raise _SplitCharacter
    found = skeleton.whole(body)
    if found == skeleton.engine.EMPTY:
        return {}
    record = skeleton.engine.record(found, RestrictedHandler(skeleton, handler))
    skeleton.origins[record] = node
    return {0: record}


_RULES: dict[str, Callable[[Skeleton, int, list[Any], int], Parts]] = {
    "empty": _nothing,
    "epsilon": _same,
    "literal": _literal,
    "byte_set": _byte_set,
    "concat": _concat,
    "union": _union,
    "repeat": _repeat,
    "leaf": _leaf,
    "intersection": _intersection,
    "complement": _complement,
    "choice": _choice,
    "capture": _capture,
    "record": _record,
}
