"""Expressions that every schema uses, built once.

An engine that holds them is made once and copied for each schema, so that all copies share their nodes and the masks
cached for these. Nothing here may keep a node that was built later, in a copy.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from constrain.engine import Engine
from constrain.languages.json_schema.output.capture_handlers import CaptureHandler
from constrain.languages.json_schema.output.json_base import Shared
from constrain.languages.json_schema.output.undeclared_keys import OtherKeys
from constrain.languages.json_schema.text.json_text import ASCII, UNICODE
from constrain.languages.json_schema.text.options import Options

# The most blanks before a line: json.dumps(indent=4) of values nested 16 deep.
MAX_INDENTATION = 64


# What explanations call the expressions that all schemas share.
NAMES = {
    "string": "a string",
    "number": "a number",
    "integer": "an integer",
    "array": "an array",
    "object": "an object",
    "value": "any JSON value",
    "first": "a new line",
    "space": "whitespace",
}


def build_shared(arena: Engine, options: Options) -> Shared:
    """Build the shared expressions in ``arena``."""
    members: dict[str, Any] = {"options": options}
    members["space"] = _space(arena) if options.whitespace == "flexible" else arena.EPSILON
    members["quote"] = arena.literal(b'"')
    members["alphabet"] = ASCII if options.ascii else UNICODE
    members["character"] = members["alphabet"].characters(arena, ((0, 0xD7FF), (0xE000, 0x10FFFF)))
    members["string"] = arena.leaf(
        arena.concat(members["quote"], arena.repeat(members["character"]), members["quote"])
    )
    members.update(_numbers(arena, options.max_digits))
    members.update(_structures(arena, members["space"], options.whitespace))
    # A value may hold values, so the reference comes first and looks up its alternatives when it is expanded.
    members["value"] = arena.reference(partial(_any_value, members=members))
    members["array"] = _free_array(arena, members)
    members["object"] = arena.EMPTY
    members["object"] = _free_object(arena, Shared(**members))
    return Shared(**members, names={members[kind]: name for kind, name in NAMES.items()})


def _any_value(arena: Any, members: dict[str, Any]) -> Any:
    constants = [arena.literal(text) for text in (b"null", b"false", b"true")]
    return arena.union([*constants, *[members[kind] for kind in ("string", "number", "array", "object")]])


def _indentation(arena: Any) -> Any:
    return arena.repeat(arena.byte_set(1 << 0x20 | 1 << 0x09), 0, MAX_INDENTATION)


def _space(arena: Any) -> Any:
    """``[ ]?(\\r?\\n[ \\t]{0,64})?``: bounded, so that a model cannot lose itself in it."""
    line = arena.concat(arena.repeat(arena.literal(b"\r"), 0, 1), arena.literal(b"\n"), _indentation(arena))
    return arena.leaf(arena.concat(arena.repeat(arena.literal(b" "), 0, 1), arena.repeat(line, 0, 1)))


def _numbers(arena: Any, max_digits: int) -> dict[str, Any]:
    digits = 0x3FF << 48
    digit, point = arena.byte_set(digits), arena.literal(b".")
    nonzero, zero = arena.byte_set(digits & ~(1 << 48)), arena.literal(b"0")
    minus = arena.repeat(arena.literal(b"-"), 0, 1)
    whole = arena.union([zero, arena.concat(nonzero, arena.repeat(digit, 0, max_digits - 1))])
    any_fraction = arena.repeat(arena.concat(point, arena.repeat(digit, 1, max_digits)), 0, 1)
    zero_fraction = arena.repeat(arena.concat(point, arena.repeat(zero, 1, max_digits)), 0, 1)
    sign = arena.repeat(arena.byte_set(1 << 0x2B | 1 << 0x2D), 0, 1)
    exponent = arena.concat(arena.byte_set(1 << 0x45 | 1 << 0x65), sign, arena.repeat(digit, 1, 3))
    positive = [arena.EMPTY]
    for count in range(1, max_digits + 1):
        some = arena.concat(nonzero, arena.repeat(digit, 0, count - 1))
        positive.append(arena.union([some, arena.concat(zero, positive[count - 1])]))
    return {
        "digit": digit,
        "zero": zero,
        "any_fraction": any_fraction,
        "zero_fraction": zero_fraction,
        "positive_digits": tuple(positive),
        "number": arena.leaf(arena.concat(minus, whole, any_fraction, arena.repeat(exponent, 0, 1))),
        "integer": arena.leaf(arena.concat(minus, whole, zero_fraction)),
    }


def _line(arena: Any) -> Any:
    """``\n[ \t]{0,64}``: the beginning of a line of indented text, whose depth is left to the model."""
    return arena.leaf(arena.concat(arena.literal(b"\n"), _indentation(arena)))


def _structures(arena: Any, space: Any, whitespace: str) -> dict[str, Any]:
    """What comes between values: ``space``, or the blanks that ``"spaced"`` and ``"indented"`` want."""
    blank = arena.literal(b" ")
    line = _line(arena) if whitespace == "indented" else arena.EPSILON
    after_colon = {"flexible": space, "compact": arena.EPSILON}.get(whitespace, blank)
    after_comma = {"flexible": space, "spaced": blank}.get(whitespace, line)
    close_array, close_object = arena.literal(b"]"), arena.literal(b"}")
    return {
        "colon": arena.concat(space, arena.literal(b":"), after_colon),
        "comma": arena.concat(arena.literal(b","), after_comma),
        "open_array": arena.concat(arena.literal(b"["), space),
        "open_object": arena.concat(arena.literal(b"{"), space),
        "first": line,
        "close_array": arena.concat(line, close_array),
        "close_object": arena.concat(line, close_object),
        "close_empty_array": close_array,
        "close_empty_object": close_object,
    }


def _free_array(arena: Any, members: dict[str, Any]) -> Any:
    item, space = members["value"], members["space"]
    more = arena.repeat(arena.concat(members["comma"], item, space))
    some = arena.concat(members["first"], item, space, more, members["close_array"])
    return arena.concat(members["open_array"], arena.union([some, members["close_empty_array"]]))


def _free_object(arena: Any, shared: Shared) -> Any:
    keys: CaptureHandler = OtherKeys(frozenset(), None, arena.concat(shared.colon, shared.value), shared)
    some = arena.concat(shared.first, arena.capture(shared.string, keys))
    return arena.concat(shared.open_object, arena.union([some, shared.close_empty_object]))
