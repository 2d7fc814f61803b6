"""The stream against ``json.loads``: the same values, however the text is cut."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import constrain as cn
from constrain.streaming import JsonStream
from tests.json_schema_strategies import values
from tests.test_masks import JSON_TOKENS, vocabulary_of

texts = st.text() | st.sampled_from(["\ud800", "a\udc00", "\U0001f600", '"\\/\b\f\n\r\t'])
documents = st.recursive(
    values | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
styles = st.sampled_from([{}, {"indent": 1}, {"ensure_ascii": False}, {"separators": (",", ":")}])


def encoded(value: Any, style: dict[str, Any]) -> bytes:
    return json.dumps(value, **style).encode("utf-8", "surrogatepass")


def cut(data: bytes, sizes: list[int]) -> list[bytes]:
    pieces, at = [], 0
    for size in sizes:
        pieces.append(data[at : at + size])
        at += size
    return [*pieces, data[at:]]


@given(documents, styles, st.lists(st.integers(0, 7), max_size=30))
@settings(max_examples=400, deadline=None)
def test_equals_loads_however_it_is_cut(value: Any, style: dict[str, Any], sizes: list[int]) -> None:
    try:
        data = json.dumps(value, **style).encode()
    except UnicodeEncodeError:  # a lone surrogate is only written as an escape
        data = json.dumps(value).encode()
    stream = JsonStream()
    events = [event for piece in cut(data, sizes) for event in stream.feed(piece)]
    events += stream.finish()
    assert stream.complete and stream.partial is None
    assert stream.value == json.loads(data)
    assert type(stream.value) is type(json.loads(data))
    assert rebuilt(events) == json.loads(data)


def rebuilt(events: list[Any]) -> Any:
    """The value from the events alone."""
    root: list[Any] = []
    around: list[Any] = [root]
    text = ""
    for kind, key, depth, value in events:
        if kind == "close":
            around.pop()
        assert depth == len(around) - 1
        if kind == "text":
            text += value
        elif kind in ("open", "value"):
            assert not isinstance(value, str) or value == text
            text = ""
            value = type(value)() if kind == "open" else value
            if isinstance(around[-1], dict):
                around[-1][key] = value
            else:
                assert len(around) == 1 or key == len(around[-1])
                around[-1].append(value)
            if kind == "open":
                around.append(value)
    return root[0]


@given(documents, st.integers(0, 200))
@settings(max_examples=300, deadline=None)
def test_what_is_known_so_far_is_part_of_the_end(value: Any, length: int) -> None:
    data = json.dumps(value)
    stream = JsonStream()
    stream.feed(data[:length])
    partial = json.loads(json.dumps(stream.value)) if stream.value is not None else None
    if partial is not None:
        assert begins(partial, json.loads(data), stream.partial)
    stream.feed(data[length:])
    stream.finish()
    assert stream.value == json.loads(data)


def begins(part: Any, whole: Any, open_kind: str | None) -> bool:
    """Whether ``part`` is ``whole`` as far as it has been read; only what is last may be cut short."""
    if isinstance(part, dict):
        keys = list(part)
        return all(begins(part[k], whole[k], open_kind if k == keys[-1] else None) for k in keys)
    if isinstance(part, list):
        last = len(part) - 1
        return all(begins(p, whole[i], open_kind if i == last else None) for i, p in enumerate(part))
    if open_kind == "string" and isinstance(part, str):
        return isinstance(whole, str) and whole.startswith(part)
    return open_kind == "number" or part == whole


def test_value_while_it_is_written() -> None:
    stream = JsonStream()
    seen = []
    for piece in ('{"na', 'me": "A', 'da", "age', '": 3', '6, "tags": ["x', '"]', "}"):
        stream.feed(piece)
        seen.append((json.loads(json.dumps(stream.value)), stream.partial, stream.path))
    assert seen == [
        ({}, "key", ()),
        ({"name": "A"}, "string", ("name",)),
        ({"name": "Ada"}, "key", ("name",)),
        ({"name": "Ada", "age": 3}, "number", ("age",)),
        ({"name": "Ada", "age": 36, "tags": ["x"]}, "string", ("tags", 0)),
        ({"name": "Ada", "age": 36, "tags": ["x"]}, None, ("tags",)),
        ({"name": "Ada", "age": 36, "tags": ["x"]}, None, ()),
    ]
    assert stream.complete


REFUSED = """
] [1,] {"a"_1} {"a":} {1:2} [1_2] tru_e
01 1.e nulll "\\x" 1_2 {,} +1 .5 1..2 --1 NaN {"a":1,} [1} "\\u00g0" [,1] {"a":1]
""".split()


def read(text: str, size: int) -> None:
    stream = JsonStream()
    for at in range(0, len(text), size):
        stream.feed(text[at : at + size])
    stream.finish()


@pytest.mark.parametrize("text", [*(text.replace("_", " ") for text in REFUSED), '"\n"'])
@pytest.mark.parametrize("size", [1, 100])
def test_refuses_what_is_not_json(text: str, size: int) -> None:
    with pytest.raises(ValueError):
        json.loads(text, parse_constant=lambda name: int(name))
    with pytest.raises(cn.StreamError):
        read(text, size)


@pytest.mark.parametrize("text", ["", " ", "[", '{"a"', '"ab', "tru", "-", "1.", '"\\u12', "[1"])
def test_what_is_cut_short_is_not_complete(text: str) -> None:
    stream = JsonStream()
    stream.feed(text)
    assert not stream.complete
    with pytest.raises(cn.StreamError):
        stream.finish()


def test_cut_inside_a_character() -> None:
    stream = JsonStream()
    stream.feed(b'"\xc3')
    assert stream.value == ""
    stream.feed(b'\xa9"')
    assert stream.value == "é"
    with pytest.raises(cn.StreamError, match="UTF-8"):
        JsonStream().feed(b'"\xff')


def test_in_step_with_a_matcher() -> None:
    schema = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
    vocabulary = vocabulary_of(JSON_TOKENS)
    stream = JsonStream(cn.compile(cn.json_schema(schema), vocabulary).matcher())
    for token in (b"{", b'"name"', b":", b'"', b"quick"):
        assert stream.advance(JSON_TOKENS.index(token)) is not None
    assert stream.value == {"name": "quick"} and stream.partial == "string"
    for token in (b'"', b"}"):
        assert stream.advance(JSON_TOKENS.index(token))
    assert stream.advance(JSON_TOKENS.index(b"a")) is None
    assert stream.advance(vocabulary.eos_token_ids[0]) == [] and stream.complete
    with pytest.raises(ValueError, match="feed"):
        JsonStream().advance(0)
