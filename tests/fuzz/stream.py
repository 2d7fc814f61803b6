"""Documents as they are written: whatever the pieces, what ``json.loads`` reads of the whole.

An input is the text of a document, which is cut where its own bytes say, or choices of one, some of whose bytes are
changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import constrain as cn
from tests.fuzz.chooser import Chooser
from tests.fuzz.command import main
from tests.fuzz.schemas import draw_value

DICTIONARY = '{" ": " , [] {} 1e 0.5 -0 E+ \\\\u00 \\\\ud83d \\\\ude00 \\\\n \\\\/ true false null NaN -Infinity'.split(
    " "
)


def check(data: bytes) -> None:
    """Try one input."""
    chooser = Chooser(data)
    if data and data[0] < 0x20:
        data = _document(chooser)
    expected, found = _loaded(data), _read(data, chooser)
    assert repr(found) == repr(expected), f"{found!r}, json.loads has {expected!r}: {data!r}"


def _document(chooser: Chooser) -> bytes:
    data = bytearray(json.dumps(draw_value(chooser, 3), ensure_ascii=chooser.random() < 0.5).encode())
    for _ in range(chooser.randint(0, 2)):
        at = chooser.randint(0, len(data))
        data[at : at + chooser.randint(0, 2)] = chooser.choice([b"", b'"', b"\\", b"0", b",", b"\xc3", b"}"])
    return bytes(data)


def _loaded(data: bytes) -> list[Any]:
    """The value, if this is a document."""
    try:
        return [json.loads(data.decode(), parse_constant=_refuse)]
    except (ValueError, RecursionError):
        return []


def _refuse(name: str) -> Any:
    raise ValueError(name)  # NaN and the like are no JSON


def _read(data: bytes, chooser: Chooser) -> list[Any]:
    """The same by a stream."""
    stream, at, events = cn.JsonStream(), 0, []
    try:
        while at < len(data):
            size = chooser.randint(0, 4)
            events += stream.feed(data[at : at + size])
            at += size
            before = stream.value
            assert repr(stream.value) == repr(before), "asking for the value changes it"
        events += stream.finish()
    except cn.StreamError as error:
        assert str(error) and 0 <= error.offset <= len(data)
        return []
    assert stream.complete and stream.partial is None
    return [stream.value]


def seeds() -> Iterator[bytes]:
    """Documents with every kind of value and escape."""
    yield b'{"a": [1, -2.5e3, "x\\n\\u00e9"], "b": {"c": null, "d": [true, false, {}]}}'
    yield b'["\\ud83d\\ude00", "\\ud83d", "\\/\\b\\f\\r\\t\\\\", 0, -0, 1E5, 0.25]'
    yield '"é日😀"'.encode()
    for number in range(8):
        yield bytes([number, *range(number, number + 30)])


if __name__ == "__main__":
    main(check)
