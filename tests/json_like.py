"""A hand-written JSON value, straight from the arena's methods: the engine's own test grammar.

It has every node kind that the JSON Schema front end uses and none of its code.
"""

from __future__ import annotations

from typing import Any


def bits(*ranges: tuple[int, int]) -> int:
    """The byte set of inclusive ranges."""
    return sum(1 << byte for low, high in ranges for byte in range(low, high + 1))


def character(arena: Any) -> Any:
    """One character of a JSON string: well-formed UTF-8, or a backslash escape of one letter."""
    tail = arena.byte_set(bits((0x80, 0xBF)))

    def sequence(low: int, high: int, *rest: Any) -> Any:
        return arena.concat(arena.byte_set(bits((low, high))), *rest)

    return arena.union(
        [
            arena.byte_set(bits((0x20, 0x21), (0x23, 0x5B), (0x5D, 0x7F))),
            arena.concat(arena.literal(b"\\"), arena.byte_set(sum(1 << b for b in b'"\\nrtbf'))),
            sequence(0xC2, 0xDF, tail),
            sequence(0xE0, 0xE0, arena.byte_set(bits((0xA0, 0xBF))), tail),
            sequence(0xE1, 0xEC, tail, tail),
            sequence(0xED, 0xED, arena.byte_set(bits((0x80, 0x9F))), tail),
            sequence(0xEE, 0xEF, tail, tail),
            sequence(0xF0, 0xF0, arena.byte_set(bits((0x90, 0xBF))), tail, tail),
            sequence(0xF1, 0xF3, tail, tail, tail),
            sequence(0xF4, 0xF4, arena.byte_set(bits((0x80, 0x8F))), tail, tail),
        ]
    )


def string(arena: Any, least: int = 0, most: int | None = None) -> Any:
    quote = arena.literal(b'"')
    return arena.leaf(arena.concat(quote, arena.repeat(character(arena), least, most), quote))


def number(arena: Any) -> Any:
    digit = arena.byte_set(bits((0x30, 0x39)))
    whole = arena.union(
        [arena.literal(b"0"), arena.concat(arena.byte_set(bits((0x31, 0x39))), arena.repeat(digit, 0, 15))]
    )
    fraction = arena.concat(arena.literal(b"."), arena.repeat(digit, 1, 15))
    sign = arena.repeat(arena.literal(b"-"), 0, 1)
    return arena.leaf(arena.concat(sign, whole, arena.repeat(fraction, 0, 1)))


def space(arena: Any) -> Any:
    blank = arena.byte_set(bits((0x20, 0x20), (0x09, 0x09)))
    line = arena.concat(arena.literal(b"\n"), arena.repeat(blank, 0, 64))
    return arena.leaf(arena.concat(arena.repeat(arena.literal(b" "), 0, 1), arena.repeat(line, 0, 1)))


class OtherKeys:
    """Undeclared keys of an object, each different from the declared and the earlier ones."""

    begins = 0
    extends = alike = True
    remembers = False

    def __init__(self, grammar: JsonLike, refused: Any) -> None:
        self.grammar = grammar
        self._refused = refused
        self.common = grammar.colon
        self.outlook = id(grammar)

    def refused(self, arena: Any) -> Any:
        return self._refused

    def complete(self, arena: Any, key: bytes) -> Any:
        refused = arena.with_text(self._refused, key)
        if refused == self._refused:
            return arena.EMPTY
        rest = self.grammar.other_keys_after(arena, refused)
        return arena.concat(self.common, self.grammar.value, rest)


class JsonLike:
    """``value`` is any JSON value; ``record`` an object with declared keys, a required one among them."""

    KEYS = (b'"name"', b'"note"', b'"age"', b'"a"')
    REQUIRED = 2

    def __init__(self, arena: Any) -> None:
        self.space = space(arena)
        self.string = string(arena)
        self.number = number(arena)
        self.colon = arena.concat(self.space, arena.literal(b":"), self.space)
        self.value = arena.reference(self._value)
        self.bounded = string(arena, 2, 5)
        self.table = arena.table(self.KEYS, self._property)
        self.record = arena.concat(
            arena.literal(b"{"), self.space, arena.choice(self.table, 0, self.REQUIRED)
        )

    def _value(self, arena: Any) -> Any:
        words = arena.choice(arena.table([b"true", b"false", b"null"]))
        comma = arena.concat(arena.literal(b","), self.space)
        items = arena.concat(
            self.value, self.space, arena.repeat(arena.concat(comma, self.value, self.space), 0, None)
        )
        array = arena.concat(
            arena.literal(b"["), self.space, arena.union([arena.EPSILON, items]), arena.literal(b"]")
        )
        object_ = arena.concat(
            arena.literal(b"{"),
            self.space,
            arena.union(
                [arena.literal(b"}"), arena.capture(self.string, OtherKeys(self, arena.text_set([])))]
            ),
        )
        return arena.union([self.string, self.number, words, array, object_])

    def _property(self, arena: Any, index: int) -> Any:
        value = [self.bounded, self.value, self.number, string(arena, 0, 40)][index]
        following = []
        if index < self.REQUIRED:
            following.append(arena.choice(self.table, index + 1, self.REQUIRED))
        elif index + 1 < len(self.KEYS):
            following.append(arena.choice(self.table, index + 1))
        if index >= self.REQUIRED:
            following.append(arena.capture(self.string, OtherKeys(self, arena.text_set(self.KEYS))))
        more = arena.concat(arena.literal(b","), self.space, arena.union(following))
        end = arena.literal(b"}") if index >= self.REQUIRED else arena.EMPTY
        return arena.concat(self.colon, value, self.space, arena.union([more, end]))

    def other_keys_after(self, arena: Any, refused: Any) -> Any:
        def rest(arena: Any) -> Any:
            key = arena.capture(self.string, OtherKeys(self, refused))
            more = arena.concat(arena.literal(b","), self.space, key)
            return arena.concat(self.space, arena.union([more, arena.literal(b"}")]))

        return arena.reference(rest)
