"""The atoms of a vocabulary, of which its texts are made.

An *atom* is a token that is not a concatenation of other tokens. Sequences of tokens spell the same texts as sequences
of atoms. In most vocabularies all 256 bytes are atoms, and everything can be spelled. Otherwise the atoms are most of
the bytes (byte-level vocabularies that have never seen a lead byte), or the characters that the vocabulary knows
(Unigram without byte fallback).

Such atoms are *aligned*: each is a byte or a character of UTF-8, and none is a prefix of another. Then every sequence
of tokens ends where an atom ends, so a text can be completed if and only if the rest of the language contains a
sequence of atoms. A vocabulary with other atoms must be searched (``constrain.spelling.fewest``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

__all__ = ["ALL_BYTES", "Alphabet", "alphabet_of"]

ALL_BYTES = (1 << 256) - 1

# A way to go on: the bytes that may come next, as a 256-bit integer, and the position after them.
Way = tuple[int, int]


class Alphabet:
    """A finite set of atoms. Equal sets are equal.

    A *position* is a place inside an atom; 0 is the place between two atoms. Places from which an atom goes on in the
    same ways are one position.

    Attributes:
        members: the bytes that are atoms, as a 256-bit integer.
        longer: the atoms of more than one byte.
        aligned: whether each of the longer atoms is a character of UTF-8 that begins with none of ``members``.
        ways: the ways to go on from each position.
    """

    __slots__ = ("_hash", "_known", "_numbers", "_targets", "aligned", "longer", "members", "ways")

    def __init__(self, atoms: Iterable[bytes]) -> None:
        atoms = frozenset(atoms)
        self.members = sum(1 << atom[0] for atom in atoms if len(atom) == 1)
        self.longer = frozenset(atom for atom in atoms if len(atom) > 1)
        self.aligned = all(_is_character(atom) and not self.members >> atom[0] & 1 for atom in self.longer)
        self.ways: list[list[Way]] = [[]]
        self._targets: list[dict[int, int]] | None = None
        self._numbers: dict[frozenset[bytes], int] = {}
        self._known: WeakKeyDictionary[Any, dict[Any, Any]] = WeakKeyDictionary()
        self._hash = hash((self.members, self.longer))
        if self.aligned:
            self.ways[0] = self._ways_of(self.longer, self.members)

    def _ways_of(self, rests: frozenset[bytes], ends: int) -> list[Way]:
        """The ways to go on where ``rests`` may come, or one of the bytes ``ends`` and then the next atom."""
        behind: dict[int, set[bytes]] = {}
        for rest in rests:
            behind.setdefault(rest[0], set()).add(rest[1:])
        found = {0: ends} if ends else {}
        for byte, tails in behind.items():
            target = self._position(frozenset(tails))
            found[target] = found.get(target, 0) | 1 << byte
        return [(members, target) for target, members in found.items()]

    def _position(self, rests: frozenset[bytes]) -> int:
        if rests == {b""}:
            return 0
        number = self._numbers.get(rests)
        if number is None:
            number = self._numbers[rests] = len(self.ways)
            self.ways.append([])
            self.ways[number] = self._ways_of(rests, 0)
        return number

    def known_of(self, base: Any) -> dict[Any, Any]:
        """What engines that are copies of ``base`` share: the spelled part of each of its expressions, where that is an
        expression of ``base`` too."""
        return {} if base is None else self._known.setdefault(base, {})

    def read(self, data: bytes, position: int = 0) -> int:
        """The position after ``data``; -1 if no sequence of atoms begins with ``data``."""
        if not self.longer:
            return 0 if all(self.members >> byte & 1 for byte in data) else -1
        if self._targets is None:
            self._targets = [
                {byte: target for members, target in ways for byte in bytes_of(members)} for ways in self.ways
            ]
        for byte in data:
            position = self._targets[position].get(byte, -1)
            if position < 0:
                return -1
        return position

    def spells(self, data: bytes) -> bool:
        """Whether ``data`` is a sequence of atoms."""
        return self.read(data) == 0

    def star(self, engine: Any) -> int:
        """The expression of all sequences of atoms."""
        nodes: dict[int, int] = {}
        for position in reversed(
            range(len(self.ways))
        ):  # the position after a position has a higher number, or is 0
            self._write(engine, position, nodes)
        node: int = engine.repeat(nodes[0])
        return node

    def _write(self, engine: Any, position: int, nodes: dict[int, int]) -> None:
        parts = []
        for members, target in self.ways[position]:
            if target and target not in nodes:
                self._write(engine, target, nodes)
            one = engine.byte_set(members)
            parts.append(engine.concat(one, nodes[target]) if target else one)
        nodes[position] = engine.union(parts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Alphabet) and self.members == other.members and self.longer == other.longer

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return f"<Alphabet of {self.members.bit_count()} bytes and {len(self.longer)} longer atoms>"


def alphabet_of(tokens: Sequence[bytes | None]) -> Alphabet | None:
    """The atoms of a vocabulary with the texts ``tokens``; None if they are all bytes.

    Tokens that consist of bytes that are tokens are recognised by one call; only the others are examined (50,000 tokens
    take 6 ms).
    """
    texts = {token for token in tokens if token}
    single = {token for token in texts if len(token) == 1}
    if len(single) == 256:
        return None
    known = b"".join(single)
    others = sorted((token for token in texts if token.translate(None, known)), key=len)
    atoms = set(single)
    longest = 1
    for token in others:
        if not _is_sequence(token, atoms, longest):
            atoms.add(token)
            longest = len(token)
    return Alphabet(atoms)


def bytes_of(members: int) -> list[int]:
    """The bytes in a 256-bit integer, ascending."""
    found = []
    while members:
        low = members & -members
        found.append(low.bit_length() - 1)
        members ^= low
    return found


def _is_sequence(token: bytes, atoms: set[bytes], longest: int) -> bool:
    """Whether ``token`` is a sequence of ``atoms``, which are no longer than ``longest``."""
    ends = {0}
    for end in range(1, len(token) + 1):
        if any(start in ends and token[start:end] in atoms for start in range(max(0, end - longest), end)):
            ends.add(end)
    return len(token) in ends


def _is_character(atom: bytes) -> bool:
    try:
        return len(atom.decode()) == 1
    except UnicodeDecodeError:
        return False
