"""``whitespace="spaced"`` and ``"indented"``: the texts that ``json.dumps`` writes, and no others."""

from __future__ import annotations

import json
import random
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import constrain as cn
from constrain.engine import Engine
from constrain.languages.json_schema import Options, build, build_shared
from constrain.masks.bits.bitmask import to_bool
from tests.json_schema_strategies import mutated, schemas
from tests.test_json_schema_conformance import text as dumped
from tests.test_masks import JSON_TOKENS, vocabulary_of
from tests.test_walks import SCHEMAS, assert_valid, random_document

INDENTS: dict[str, int | None] = {"spaced": None, "indented": 0}  # of json.dumps
ORDERS = ("schema", "any")
LAYOUTS = [(layout, order) for layout in INDENTS for order in ORDERS]
SLOW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])

# Tokens that lie across what stands between values, right and wrong ones.
TOKENS = [b'", "', b'": "', b'": ', b'":', b", "]
TOKENS += [b'"}, {"', b"], [", b"},", b" {", b"1, ", b": [", b"[]", b"{}, "]
TOKENS += [b'{\n  "', b'",\n  "', b"\n}", b"[\n", b"},\n", b"\n]", b'\n\t"', b" [\n  "]
VOCABULARY = vocabulary_of([*TOKENS, *JSON_TOKENS])

# Objects and arrays that are written by each of the modules: listed and other names, names by pattern, objects
# that must differ, items by position, items that must differ, any value at all.
STRUCTURES: list[Any] = [
    *SCHEMAS,
    {"type": "array", "uniqueItems": True, "maxItems": 4},
    {"type": "array", "uniqueItems": True, "items": {"enum": ["a", "b", 1, [], {}, [1, 2]]}},
    {"type": "array", "contains": {"type": "object", "minProperties": 2}, "maxItems": 3},
    {"type": "array", "prefixItems": [{"type": "array"}, {"type": "object"}], "minItems": 2},
    {"type": "object", "minProperties": 2, "maxProperties": 3},
    {"type": "object", "propertyNames": {"pattern": "^[a-c]+$"}, "additionalProperties": {"type": "array"}},
    {"type": "object", "properties": {"a": True, "b": True}, "dependentRequired": {"a": ["b"]}},
    {"enum": [{"a": [], "b": {}}, [1, [2, {"c": "d, e: f"}]], "x,y:z", None]},
]


def plain(text: str) -> str:
    """``text`` with 0 for each number outside a string, which has several spellings, and without indentation."""
    text = re.sub(r'("(?:[^"\\]|\\.)*")|-?[0-9][-+0-9.eE]*', lambda match: match[1] or "0", text)
    return re.sub(r"\n[ \t]{0,64}", "\n", text)


STRING_OR_BLANKS = re.compile(r'("(?:[^"\\]|\\.)*")|[ \t\n]+')


def assert_as_dumped(text: bytes, layout: str, ascii: bool = False) -> None:
    spelled = plain(text.decode())
    assert json.dumps(json.loads(spelled), indent=INDENTS[layout], ensure_ascii=ascii) == spelled


@pytest.mark.parametrize("schema", STRUCTURES, ids=str)
@pytest.mark.parametrize(("layout", "order"), LAYOUTS)
def test_walks_are_as_dumped(schema: Any, layout: str, order: str) -> None:
    for seed in range(10):
        ascii = bool(seed % 3 == 0)
        grammar = cn.json_schema(schema, whitespace=layout, property_order=order, ascii=ascii)
        text = random_document(cn.compile(grammar, VOCABULARY), seed, 40)
        assert_as_dumped(text, layout, ascii)
        assert_valid(text, schema)


@given(schemas(), st.sampled_from(LAYOUTS), st.integers(0, 1000))
@settings(SLOW, max_examples=100)
def test_walks_of_random_schemas_are_as_dumped(
    schema: dict[str, Any], way: tuple[str, str], seed: int
) -> None:
    layout, order = way
    try:
        grammar = cn.json_schema(schema, whitespace=layout, property_order=order, formats=False)
    except cn.SchemaError:
        assume(False)
    text = random_document(cn.compile(grammar, VOCABULARY), seed, 30)
    assert_as_dumped(text, layout)
    compact = cn.json_schema(schema, whitespace="compact", property_order=order, formats=False)
    assert compact.matches(STRING_OR_BLANKS.sub(r"\1", text.decode()))


START = [{}, [], {"a": []}, [1, {"b": 2}]]


@given(schemas(), st.sampled_from(list(INDENTS)), st.integers(0, 4), st.data())
@settings(SLOW, max_examples=100)
def test_a_layout_says_nothing_about_values(
    schema: dict[str, Any], layout: str, indent: int, data: st.DataObject
) -> None:
    """What is dumped is accepted exactly if it is when it is dumped without blanks."""
    try:
        languages = {
            (space, order): cn.json_schema(
                schema, whitespace=space, property_order=order, max_digits=8, formats=False
            )
            for space in (layout, "compact")
            for order in ORDERS
        }
    except cn.SchemaError:
        assume(False)
    value = data.draw(mutated(data.draw(mutated(data.draw(st.sampled_from(START))))))
    assume(dumped(value) == json.dumps(value, ensure_ascii=False))  # no number is spelled with an exponent
    text = json.dumps(value, ensure_ascii=False, indent=indent if layout == "indented" else None)
    compact = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for order in ORDERS:
        assert languages[layout, order].matches(text) == languages["compact", order].matches(compact)
    if compact != text:
        assert not languages[layout, "any"].matches(compact)


def other_spellings(text: str) -> list[str]:
    """``text`` with a blank more or less."""
    longer = [text[:at] + blank + text[at:] for at in range(len(text) + 1) for blank in " \n\t"]
    shorter = [text[: blank.start()] + text[blank.end() :] for blank in re.finditer("[ \n]", text)]
    return longer + shorter


@pytest.mark.parametrize(("layout", "order"), LAYOUTS)
@pytest.mark.parametrize(
    "schema",
    [
        True,
        {"required": ["a", "b"], "properties": {"a": {"items": {"type": ["integer", "object"]}}}},
        {"properties": {"a": {"uniqueItems": True}, "b": {"maxProperties": 1}}},
        {"patternProperties": {"^[ab]$": {"type": ["array", "object"]}}, "minProperties": 2},
    ],
)
def test_any_other_blank_is_refused(schema: Any, layout: str, order: str) -> None:
    engine = Engine()
    root = build(engine, schema, Options(whitespace=layout, property_order=order))
    value = {"a": [1, {}, {"c": 2}], "b": {"d": []}}
    text = json.dumps(value, indent=INDENTS[layout])
    assert engine.matches(root, text.encode())
    inside = [again for again in other_spellings(text) if json.loads(again, strict=False) == value]
    deeper = [again for again in inside if layout == "indented" and plain(again) == plain(text)]
    assert bool(deeper) == (layout == "indented") and len(inside) - len(deeper) > 60
    assert [again for again in inside if engine.matches(root, again.encode())] == deeper


@pytest.mark.parametrize(("layout", "order"), LAYOUTS)
@pytest.mark.parametrize("schema", STRUCTURES, ids=str)
def test_masks_are_those_of_derivatives(schema: Any, layout: str, order: str) -> None:
    grammar = cn.json_schema(schema, whitespace=layout, property_order=order, max_digits=4)
    constraint = cn.compile(grammar, VOCABULARY)
    bitmask = cn.allocate_bitmask(1, VOCABULARY.size)
    for seed in range(2):
        text, matcher = random_document(constraint, seed, 25), constraint.matcher()
        for byte in text[:60]:
            matcher.fill_mask(bitmask, 0)
            expected = to_bool(matcher.mask_by_derivatives(), VOCABULARY.size)
            assert (to_bool(bitmask[0], VOCABULARY.size) == expected).all(), text
            assert matcher.advance(len(VOCABULARY.tokens) - 257 + byte)


def test_whatever_is_fixed_is_one_text() -> None:
    grammar = cn.json_schema({"const": {"a": ["x", {"b": "c"}], "d": []}}, whitespace="spaced")
    matcher = cn.compile(grammar, VOCABULARY).matcher()
    assert matcher.forced_bytes() == b'{"a": ["x", {"b": "c"}], "d": []}'


def test_lines_are_indented_by_64_blanks_at_most() -> None:
    grammar = cn.json_schema({"type": "array", "items": {"const": 1}}, whitespace="indented")
    assert grammar.matches("[\n" + " " * 64 + "1,\n\t1\n]")
    assert not grammar.matches("[\n" + " " * 65 + "1\n]")
    assert not grammar.matches("[\r\n1\n]") and not grammar.matches("[\n\n1\n]")


def test_shared_expressions_are_those_of_the_option() -> None:
    engine = Engine()
    shared = build_shared(engine, Options(whitespace="spaced"))
    assert shared.space == engine.EPSILON and shared.colon == engine.literal(b": ")
    with pytest.raises(ValueError, match="other spellings"):
        build(engine, True, Options(whitespace="compact"), shared)


def test_random_values_are_told_from_other_layouts() -> None:
    chooser = random.Random(3)
    grammars = {layout: cn.json_schema(True, whitespace=layout) for layout in INDENTS}

    def value(depth: int) -> Any:
        kind = chooser.randrange(5 if depth else 3)
        if kind == 3:
            return [value(depth - 1) for _ in range(chooser.randrange(4))]
        if kind == 4:
            names = [chooser.choice("abcdef") * 2 + str(i) for i in range(chooser.randrange(4))]
            return {name: value(depth - 1) for name in names}
        return (chooser.randrange(1000), "a, b: [c]", None)[kind]

    for _ in range(100):
        document = value(4)
        spaced, indented = json.dumps(document), json.dumps(document, indent=2)
        assert grammars["spaced"].matches(spaced) and grammars["indented"].matches(indented)
        assert grammars["spaced"].matches(indented) == (indented == spaced)
        assert grammars["indented"].matches(spaced) == (indented == spaced)
