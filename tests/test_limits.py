"""Limits on work: errors name the limit that was hit, earlier results stay right, and work can be stopped from
outside."""

from __future__ import annotations

import gc
import logging
import pickle
import signal
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import constrain as cn
from constrain.languages.sizes import snapshot
from constrain.limits import DEFAULT
from tests.test_masks import JSON_TOKENS, allowed, vocabulary_of

VOCABULARY = vocabulary_of(JSON_TOKENS)

# Without an end in sight: lookbehinds of many lengths, each after any text.
LONG = ["".join(f".*(?<={letter}{{{count}}})" for count in range(1, 31)) for letter in ("x", "[xy]")]

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 12, "pattern": "^[a-z]* ?[a-z]*$"},
        "tags": {"type": "array", "items": {"type": "string", "maxLength": 3}, "uniqueItems": True},
        "next": {"$ref": "#"},
    },
    "patternProperties": {"^x": {"type": "integer", "multipleOf": 7}, "y$": {"minimum": 3}},
}
TEXT = b'{"name":"a the","tags":["a","b","ab"],"next":{"xy":14}}'


def masks_along(matcher: cn.Matcher, text: bytes = TEXT) -> Iterator[list[bool]]:
    """The masks on the way of a text, of which each byte is a token."""
    tokens = matcher.constraint.vocabulary.tokens
    single = {data: token for token, data in enumerate(tokens) if data and len(data) == 1}
    for byte in text:
        yield allowed(matcher)
        assert matcher.advance(single[bytes([byte])])
    yield allowed(matcher)


# -- which limit, its value, where -----------------------------------------------------------------


def nested(depth: int) -> Any:
    schema: Any = {"type": "null"}
    for _ in range(depth):
        schema = {"type": "array", "items": schema}
    return schema


MANY = "".join(f"(a{i}|b)*" for i in range(300))
CROWD = {
    "allOf": [{"anyOf": [{"required": [f"{i}{j}"]} for j in "abc"]} for i in range(12)],
    "maxProperties": 9,
}
HITS: dict[str, tuple[float, Callable[[cn.Limits], Any]]] = {
    "schema_bytes": (100, lambda limits: cn.json_schema({"enum": ["x" * 99]}, limits=limits)),
    "schema_depth": (20, lambda limits: cn.json_schema(nested(20), limits=limits)),
    "pattern_size": (10, lambda limits: cn.regex("a" * 11, limits=limits)),
    "nodes": (50, lambda limits: cn.regex(MANY, limits=limits)),
    "steps": (20, lambda limits: cn.json_schema(CROWD, limits=limits)),
    "states": (50, lambda limits: cn.regex("(?=.*a.{99}).*b.{7}(?<!c)", limits=limits)),
    "matcher_memory": (9000, lambda limits: cn.regex(MANY, limits=limits)),
    "compile_seconds": (1e-6, lambda limits: cn.regex(LONG[0], limits=limits)),
}


@pytest.mark.parametrize("limit", HITS)
def test_what_hits_a_limit_says_which(limit: str) -> None:
    value, work = HITS[limit]
    lowered: dict[str, Any] = {limit: value}
    with pytest.raises(cn.WorkLimitExceeded) as caught:
        work(cn.Limits(**lowered))
    assert (caught.value.limit, caught.value.value) == (limit, value)
    assert limit in str(caught.value)


@pytest.mark.parametrize("limit", sorted(HITS.keys() - {"compile_seconds"}))
def test_the_same_is_no_matter_within_the_defaults(limit: str) -> None:
    assert HITS[limit][1](DEFAULT)


def test_what_is_hit_for_a_part_of_a_schema_says_where() -> None:
    schema = {"properties": {"a": {"items": CROWD}}, "required": ["a"]}
    matcher = cn.json_schema(schema, limits=cn.Limits(steps=20))
    with pytest.raises(cn.WorkLimitExceeded, match="at #/properties/a/items") as caught:
        matcher.matches('{"a":[{"0a":1')
    assert caught.value.where.startswith("#/properties/a/items")
    with pytest.raises(cn.WorkLimitExceeded) as caught:
        cn.json_schema(CROWD, limits=cn.Limits(nodes=3))
    assert caught.value.where.startswith("#")


def test_the_text_of_a_grammar_has_a_limit() -> None:
    for make in (cn.lark, cn.gbnf):
        with pytest.raises(cn.WorkLimitExceeded) as caught:
            make('start: "a"', limits=cn.Limits(schema_bytes=5))
        assert caught.value.limit == "schema_bytes"


def test_a_mask_has_a_limit_on_time() -> None:
    grammar = cn.regex("[ab]*", limits=cn.Limits(mask_seconds=1e-9))
    with pytest.raises(cn.WorkLimitExceeded) as caught:
        grammar.matches("ab" * 100_000)
    assert caught.value.limit == "mask_seconds"


def test_limits_are_checked() -> None:
    for field in fields(cn.Limits):
        for wrong in (0, -1, True, "9", 1 << 63):
            given: dict[str, Any] = {field.name: wrong}
            with pytest.raises((TypeError, ValueError)):
                cn.Limits(**given)


def test_errors_about_limits_pickle() -> None:
    error = cn.WorkLimitExceeded("too much", limit="nodes", value=7, where="/a", row=3)
    twin = pickle.loads(pickle.dumps(error))
    assert vars(twin) == vars(error) and str(twin) == "row 3: at /a: too much (limit nodes: 7)"


def test_limits_travel_with_grammars_and_constraints() -> None:
    limits = cn.Limits(nodes=12_345, memory=1 << 20)
    for grammar in (
        cn.json_schema(SCHEMA, limits=limits),
        cn.regex("ab*", limits=limits),
        cn.sequence("x", cn.regex("ab*", limits=limits)),
    ):
        assert pickle.loads(pickle.dumps(grammar)).limits == limits
        constraint = cn.compile(grammar, VOCABULARY)
        assert constraint.limits == limits
        assert pickle.loads(pickle.dumps(constraint)).limits == limits


# -- what an error leaves behind -------------------------------------------------------------------


@given(nodes=st.integers(1, 2500))
@settings(max_examples=60, deadline=None)
def test_an_error_in_the_middle_leaves_what_is_shared_as_it_was(nodes: int) -> None:
    """Matchers that share an engine with one whose work was ended anywhere have the masks that they have without it."""
    grammar = cn.json_schema(SCHEMA)
    expected = list(masks_along(cn.compile(cn.json_schema(SCHEMA), VOCABULARY).matcher()))
    try:
        hit = list(masks_along(cn.compile(grammar, VOCABULARY, limits=cn.Limits(nodes=nodes)).matcher()))
        assert hit == expected
    except cn.WorkLimitExceeded:
        pass
    constraint = cn.compile(grammar, VOCABULARY, limits=cn.Limits())
    matcher = constraint.matcher()
    assert list(masks_along(matcher)) == expected
    assert list(masks_along(constraint.matcher())) == expected


@given(nodes=st.integers(1, 2500))
@settings(max_examples=30, deadline=None)
def test_an_error_in_the_middle_leaves_budgets_as_they_were(nodes: int) -> None:
    """The same of masks within budgets."""
    constraint = cn.compile(cn.json_schema(SCHEMA), VOCABULARY)
    expected = list(masks_along(constraint.matcher(max_tokens=80)))
    grammar = cn.json_schema(SCHEMA)
    try:
        limited = cn.compile(grammar, VOCABULARY, limits=cn.Limits(nodes=nodes))
        assert list(masks_along(limited.matcher(max_tokens=80))) == expected
    except cn.WorkLimitExceeded:
        free = cn.compile(grammar, VOCABULARY, limits=cn.Limits())
        assert list(masks_along(free.matcher(max_tokens=80))) == expected


def barely_compiled() -> cn.Constraint:
    """A constraint that can be compiled within its limit on nodes, and then needs more for its first mask."""
    for nodes in range(1, 1000):
        try:
            return cn.compile(cn.json_schema(SCHEMA, limits=cn.Limits(nodes=nodes)), VOCABULARY)
        except cn.WorkLimitExceeded:
            continue
    raise AssertionError("it takes more than that")


def test_in_a_batch_an_error_fails_its_own_row() -> None:
    easy = cn.compile(cn.regex("[ab]+"), VOCABULARY).matcher()
    hard = barely_compiled().matcher()
    bitmask = cn.allocate_bitmask(4, VOCABULARY.size)
    with pytest.raises(cn.BatchError) as caught:
        cn.fill_masks([easy, hard, None, easy], bitmask)
    assert list(caught.value.errors) == [1]
    error = caught.value.errors[1]
    assert isinstance(error, cn.WorkLimitExceeded) and error.row == 1 and "row 1" in str(caught.value)
    row = cn.allocate_bitmask(1, VOCABULARY.size)
    easy.fill_mask(row)
    assert np.array_equal(bitmask[0], row[0]) and np.array_equal(bitmask[3], row[0])
    assert not bitmask[1].any() and (bitmask[2] == -1).all()


# -- stopping work from outside --------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers here")
@pytest.mark.parametrize("pattern", LONG)
def test_ctrl_c_ends_a_long_compilation(pattern: str) -> None:
    def interrupt(number: int, frame: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    # More than once, for a callback of the garbage collector may swallow one.
    signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
    try:
        with pytest.raises(KeyboardInterrupt):
            cn.regex(pattern)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


class Countdown(cn.Cancellation):
    """Cancelled when it has been looked at so many times."""

    def __init__(self, looks: int) -> None:
        self.looks = looks

    @property
    def cancelled(self) -> bool:  # type: ignore[override]
        self.looks -= 1
        return self.looks < 0


@pytest.mark.parametrize("pattern", LONG)
@pytest.mark.parametrize("looks", [0, 1, 5])
def test_cancelled_work_ends(pattern: str, looks: int) -> None:
    with pytest.raises(cn.Cancelled), Countdown(looks):
        cn.regex(pattern)


def test_work_is_cancelled_from_another_thread() -> None:
    stop, begun, found = cn.Cancellation(), threading.Event(), []

    def work() -> None:
        try:
            with stop:
                begun.set()
                cn.regex(LONG[0])
        except cn.ConstrainError as error:
            found.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    begun.wait()
    stop.cancel()
    thread.join()
    assert [type(error) for error in found] == [cn.Cancelled]


def test_who_waits_for_another_thread_can_be_cancelled() -> None:
    grammar = cn.regex("[ab]+")
    matcher = cn.compile(grammar, VOCABULARY).matcher()
    stop, found = cn.Cancellation(), []

    def wait() -> None:
        try:
            with stop:
                matcher.allowed_tokens()
        except cn.ConstrainError as error:
            found.append(error)

    with grammar.lock:
        thread = threading.Thread(target=wait)
        thread.start()
        stop.cancel()
        thread.join()
    assert [type(error) for error in found] == [cn.Cancelled]
    assert matcher.allowed_tokens()


def test_cancellations_nest() -> None:
    outer, inner = cn.Cancellation(), cn.Cancellation()
    with outer, inner:
        outer.cancel()
        with pytest.raises(cn.Cancelled):
            cn.regex(LONG[0])
    assert cn.regex("a").matches("a")


# -- memory ----------------------------------------------------------------------------------------

ITEMS = {"type": "array", "items": {"type": "string", "maxLength": 40}, "uniqueItems": True}


def array_of(count: int) -> bytes:
    return b"[" + b",".join(b'"%s"' % (b"abc"[i % 3 :][:1] * (i // 3 + 1))[:40] for i in range(count)) + b"]"


@pytest.mark.parametrize("most", [2, 4, 40])
def test_items_that_must_differ_have_the_masks_of_derivatives(most: int) -> None:
    """Where few texts are left, too: of those of two letters, none may be left behind one of them."""
    items = {"type": "string", "pattern": "^[a-c]*$", "maxLength": most}
    constraint = cn.compile(cn.json_schema({**ITEMS, "items": items}), VOCABULARY)
    texts = ["a", "ab", "b", "aa", "ac", "", "ba"]
    text = b"[" + b",".join(b'"%s"' % one.encode() for one in texts) + b"]"
    matcher = constraint.matcher()
    for _ in masks_along(matcher, text):
        row = np.zeros((1, (VOCABULARY.size + 31) // 32), np.int32)
        matcher.fill_mask(row)
        assert np.array_equal(row[0], matcher.mask_by_derivatives())


def test_items_that_must_differ_need_no_tables_of_their_own() -> None:
    def tables() -> int:
        return sum(type(one).__name__ == "BoundedPattern" for one in gc.get_objects())

    constraint = cn.compile(cn.json_schema(ITEMS), VOCABULARY)
    before = tables()
    list(masks_along(constraint.matcher(), array_of(40)))
    assert tables() == before


def test_records_within_records_note_no_vocabulary() -> None:
    """Items that must differ hold items that must: what lies behind all of them at once is verified token by token."""
    tails = [b'"]}', b'"]}]', b'"]},', b'"]},{"', b'"]}]},', b'"]}]},{"', b'"]}]}]', b"]}]},{", b'}]},{"']
    vocabulary = vocabulary_of([*JSON_TOKENS, *tails])
    for kind in ("string", "integer"):
        inner = {"type": "array", "items": {"type": kind}, "uniqueItems": True}
        for name in ("examples", "terms"):
            inner = {"type": "object", "properties": {name: inner}}
            inner = {"type": "array", "items": inner, "uniqueItems": True}
        constraint = cn.compile(cn.json_schema(inner), vocabulary)
        matcher = constraint.matcher()
        value = b'"a"' if kind == "string" else b"12"
        text = b'[{"terms":[{"examples":[%s]}]},{"terms":[{"examples":[],"n":[%s]}]}]' % (value, value)
        for _ in masks_along(matcher, text):
            row = cn.allocate_bitmask(1, vocabulary.size)
            matcher.fill_mask(row)
            size = constraint.engine.size
            twin = cn.compile(cn.json_schema(inner), vocabulary).matcher()
            assert all(twin.advance(token) for token in matcher.tokens)
            assert np.array_equal(row[0], twin.mask_by_derivatives())
        assert size < 5_000


def test_tables_are_dropped_while_a_matcher_lives() -> None:
    patterns = {
        f"p{i}": {"type": "string", "pattern": f"^[a-f]{{{i}}}[a-z ]*", "maxLength": 30} for i in range(30)
    }
    schema = {"type": "object", "properties": patterns}
    little = cn.compile(cn.json_schema(schema), VOCABULARY, memory=200_000)
    free = cn.compile(cn.json_schema(schema), VOCABULARY).matcher()
    text = b'{"p0":"the","p1":"a the","p2":"ab the","p3":"abc the","p6":"abcabc the","p9":"abcabcabc the"}'
    assert list(masks_along(little.matcher(), text)) == list(masks_along(free, text))
    assert little.statistics()["times_forgotten"] > 0
    assert little.footprint()["leaves"] < 200_000


def test_what_is_counted_is_what_is_held() -> None:
    """The figures of ``footprint`` against what Python and numpy have allocated since."""
    grammar = cn.json_schema({**ITEMS, "items": {"type": "string", "maxLength": 40, "pattern": "a|b|c"}})
    constraint = cn.compile(grammar, VOCABULARY)
    list(masks_along(constraint.matcher(), array_of(3)))
    tracemalloc.start()
    try:
        before, counted = tracemalloc.get_traced_memory()[0], sum(constraint.footprint().values())
        list(masks_along(constraint.matcher(), array_of(100)))
        held = tracemalloc.get_traced_memory()[0] - before
        counted = sum(constraint.footprint().values()) - counted
    finally:
        tracemalloc.stop()
    assert 0.5 * held < counted < 2.5 * held


# -- what is too strict no more --------------------------------------------------------------------

DEEP: dict[str, Callable[[Any], Any]] = {
    "properties": lambda schema: {"type": "object", "properties": {"a": schema}},
    "required": lambda schema: {"type": "object", "properties": {"a": schema}, "required": ["a"]},
    "items": lambda schema: {"type": "array", "items": schema, "minItems": 1},
    "allOf": lambda schema: {"allOf": [schema, {"maximum": 9}]},
    "anyOf": lambda schema: {"anyOf": [schema, {"type": "null"}]},
    "not": lambda schema: {"not": schema},
    "then": lambda schema: {"if": {"type": "integer"}, "then": schema, "else": False},
}


@pytest.mark.parametrize("kind", DEEP)
@pytest.mark.parametrize("order", ["schema", "any"])
def test_two_thousand_nested_schemas(kind: str, order: str) -> None:
    schema: Any = {"type": "integer"}
    for _ in range(2000):
        schema = DEEP[kind](schema)
    grammar = cn.json_schema(schema, property_order=order)
    opening, closing = {"items": ("[", "]")}.get(kind, ('{"a":', "}"))
    if kind in ("properties", "required", "items"):
        assert grammar.matches(opening * 2000 + "1" + closing * 2000)
        assert not grammar.matches(opening * 2000 + '"1"' + closing * 2000)
    else:
        assert grammar.matches("1") and not grammar.matches('"1"')


def test_a_snapshot_is_a_copy() -> None:
    value = {"a": [1, {"b": [None, 2.5, "x"]}, []], "c": {}}
    shared = [3]
    twice = {"one": shared, "two": shared}
    for one in (value, twice, [], "text", 5, None):
        copy = snapshot(one, DEFAULT)
        assert copy == one and (copy is not one or not isinstance(one, (dict, list)))


# -- what can be read ------------------------------------------------------------------------------


def test_statistics_of_a_constraint() -> None:
    constraint = cn.compile(cn.regex("[ab]+"), VOCABULARY)
    for _ in range(3):
        constraint.matcher().allowed_tokens()
    found = constraint.statistics()
    assert found["mask_misses"] == 1 and found["mask_hits"] == 2
    assert 0 < found["longest_mask_seconds"] <= found["mask_seconds"]
    assert found["memory"] == sum(constraint.footprint().values())


def test_statistics_of_the_process_and_its_log(caplog: pytest.LogCaptureFixture) -> None:
    before = cn.statistics()
    with caplog.at_level(logging.DEBUG, logger="constrain"):
        cn.regex("a")
        with pytest.raises(cn.UnsatisfiableSchema):
            cn.json_schema(False)
        with pytest.raises(cn.WorkLimitExceeded):
            cn.regex("(a|b)*c", limits=cn.Limits(nodes=3))
    after = cn.statistics()
    assert after["compilations"] == before["compilations"] + 1
    assert after["compile_seconds"] > before["compile_seconds"]
    assert after["refusals"]["UnsatisfiableSchema"] == before["refusals"].get("UnsatisfiableSchema", 0) + 1
    assert after["limits"]["nodes"] == before["limits"].get("nodes", 0) + 1
    levels = [record.levelno for record in caplog.records]
    assert levels.count(logging.WARNING) == 1 and logging.DEBUG in levels
