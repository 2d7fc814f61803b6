"""Languages without what the vocabulary cannot spell: examples of every kind of part, in every front end."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

import constrain as cn
from constrain.engine import Engine
from constrain.masks.bits.bitmask import to_bool
from constrain.spelling.atoms import alphabet_of, bytes_of

# A byte-level vocabulary that has never seen some lead bytes, nor a digit.
LACKING = b"\xf1\xf2\x047"


def byte_level(lacking: bytes = LACKING, more: tuple[bytes, ...] = ()) -> cn.Vocabulary:
    tokens = [bytes([byte]) for byte in range(256) if byte not in lacking]
    return cn.Vocabulary([*tokens, *more, None], [len(tokens) + len(more)])


def admits(constraint: cn.Constraint, text: str) -> bool:
    """Whether ``text`` is written by some tokens, one byte each."""
    matcher = constraint.matcher()
    tokens = constraint.vocabulary.tokens
    for byte in text.encode():
        if bytes([byte]) not in tokens or not matcher.advance(tokens.index(bytes([byte]))):
            return False
        if not matcher.allowed_tokens():
            raise AssertionError(f"a dead end in {text!r}")
        row = matcher.mask_by_derivatives()
        assert matcher.allowed_tokens() == to_bool(row, constraint.vocabulary.size).nonzero()[0].tolist()
    return matcher.can_stop


FAR = "\U00050000"  # F1 90 80 80


@pytest.mark.parametrize(
    ("schema", "within", "outside"),
    [
        ({"type": "string"}, ["", "é日😀"], [FAR, f"a{FAR}"]),
        ({"enum": ["a", FAR]}, ["a"], [FAR]),
        ({"type": "integer"}, [12], [7, 17]),
        ({"type": "number", "multipleOf": 7}, [14, 21], [7, 70]),
        ({"type": "number", "minimum": 70, "maximum": 80}, [80], [70, 75]),
        ({"type": "integer", "minimum": 7, "maximum": 13, "multipleOf": 7}, None, None),
        ({"anyOf": [{"type": "integer", "minimum": 7, "maximum": 13, "multipleOf": 7}, {"const": 1}]}, [1], [7]),
        ({"items": {"type": "integer", "minimum": 7, "maximum": 13, "multipleOf": 7}, "uniqueItems": True},
         [[]], [[7]]),
        ({"items": {"type": "integer", "minimum": 7, "maximum": 20, "multipleOf": 7}, "uniqueItems": True},
         [[], [14]], [[7], [14, 7]]),
        ({"properties": {"a": {"const": FAR}}}, [{}, {"b": 1}], [{"a": FAR}, {"a": "b"}]),
        ({"properties": {"a": True, FAR: True, "b": {"const": 7}}}, [{"a": 1, "c": 2}], [{FAR: 1}, {"b": 7}]),
        ({"additionalProperties": {"const": 7}}, [{}], [{"a": 7}]),
        ({"patternProperties": {"^x": {"const": 7}, "^y": {"const": 8}}, "additionalProperties": False},
         [{}, {"y": 8}], [{"x": 7}]),
        ({"propertyNames": {"pattern": "^[a7é]$"}, "minProperties": 2, "type": "object"},
         [{"a": 1, "é": 2}], [{"a": 1, "7": 1}]),
        ({"items": {"enum": [7, 1, "x"]}, "uniqueItems": True, "minItems": 2}, [[1, "x"], ["x", 1]], [[1, 7]]),
        ({"prefixItems": [{"const": 1}, {"const": FAR}]}, [[1], []], [[1, FAR]]),
        ({"contains": {"const": 7}}, None, None),
        ({"anyOf": [{"const": 7}, {"type": "null"}]}, [None], [7]),
        ({"type": "string", "pattern": "^[6-8]+$"}, ["68"], ["7", "67"]),
        ({"type": "string", "not": {"pattern": "^[^7]"}}, [""], ["7"]),
        ({"type": "string", "minLength": 2, "maxLength": 3}, ["66"], ["67"]),
        ({"type": "string", "format": "date"}, ["2024-02-29"], ["2024-02-27"]),
    ],
    ids=str,
)  # fmt: skip
def test_schemas(schema: Any, within: list[Any] | None, outside: list[Any]) -> None:
    schema = (
        {"type": "array", **schema}
        if "contains" in schema or "prefixItems" in schema or "items" in schema
        else schema
    )
    grammar = cn.json_schema(schema, whitespace="compact")
    if within is None:
        with pytest.raises(cn.UnspellableError):
            cn.compile(grammar, byte_level())
        return
    constraint = cn.compile(grammar, byte_level())
    for value in within:
        assert admits(constraint, json.dumps(value, ensure_ascii=False, separators=(",", ":"))), value
    for value in outside:
        assert not admits(constraint, json.dumps(value, ensure_ascii=False, separators=(",", ":"))), value


# -- atoms ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tokens", "single", "longer", "aligned"),
    [
        ([b"a", b"b", b"ab", b"abba"], b"ab", set(), True),
        ([b"a", "é".encode(), "aé".encode(), None, b""], b"a", {"é".encode()}, True),
        ([b"\xc3", b"\xa9", "é".encode()], b"\xa9\xc3", set(), True),
        ([b"\xc3", "é".encode()], b"\xc3", {"é".encode()}, False),
        ([b"a", b"bc", b"abc", b"bca", b"cb"], b"a", {b"bc", b"cb"}, False),
        (["日".encode()[:2], b"a"], b"a", {"日".encode()[:2]}, False),
    ],
)
def test_atoms(tokens: list[bytes | None], single: bytes, longer: set[bytes], aligned: bool) -> None:
    alphabet = alphabet_of(tokens)
    assert alphabet is not None and bytes(bytes_of(alphabet.members)) == single
    assert alphabet.longer == longer and alphabet.aligned is aligned


def test_positions_within_characters() -> None:
    """Behind each byte of a text."""
    alphabet = alphabet_of([one.encode() for one in "aéèÀÁ日旦本"])
    assert alphabet is not None and alphabet.spells("aé日".encode()) and not alphabet.spells("aê".encode())
    assert alphabet.read(b"a\xc3") > 0 and alphabet.read(b"a\xc4") == -1 and alphabet.read(b"\xa9", 0) == -1
    engine = Engine()
    star = alphabet.star(engine)
    for text in ("", "aéèÀ", "日本a", "ê", "a旦月"):
        assert engine.matches(star, text.encode()) == alphabet.spells(text.encode())


def test_a_complete_vocabulary_changes_nothing() -> None:
    """The state at the start is the grammar's own expression, and nothing of it has been looked at."""
    grammar = cn.json_schema({"properties": {"a": {"type": "object"}}})
    constraint = cn.compile(grammar, byte_level(b""))
    assert constraint.root == grammar.root and not grammar.restrictions and not constraint.unspellable


def test_vocabularies_with_the_same_atoms_share_what_is_spelt() -> None:
    grammar = cn.json_schema({"type": "string"})
    first, second = (cn.compile(grammar, byte_level(more=more)) for more in ((), (b"ab", b"abc")))
    assert first.root == second.root != grammar.root and len(grammar.restrictions) == 1


def letters(characters: str, *more: str) -> cn.Vocabulary:
    """A vocabulary of whole characters, as Unigram without byte fallback has it."""
    tokens = [*[one.encode() for one in characters], *[one.encode() for one in more]]
    return cn.Vocabulary([*tokens, None], [len(tokens)])


def walked(constraint: cn.Constraint, *tokens: str) -> cn.Matcher:
    matcher = constraint.matcher()
    for token in tokens:
        assert matcher.advance(constraint.vocabulary.tokens.index(token.encode())), token
    return matcher


def shown(matcher: cn.Matcher) -> set[str]:
    """The tokens that may come next, the end as a full stop."""
    tokens = matcher.constraint.vocabulary.tokens
    return {"." if tokens[i] is None else (tokens[i] or b"").decode() for i in matcher.allowed_tokens()}


def test_whole_characters_as_tokens() -> None:
    """None of their bytes is a token, and the expression parts in the middle of characters."""
    vocabulary = letters('"aé日b', "éa", "日日")
    constraint = cn.compile(
        cn.json_schema({"enum": ["é", "è", "日a", "月", "éa"]}, whitespace="compact"), vocabulary
    )
    assert shown(constraint.matcher()) == {'"'}
    assert shown(walked(constraint, '"')) == {"é", "日", "éa"}
    assert shown(walked(constraint, '"', "é")) == {'"', "a"}
    anything = cn.compile(
        cn.json_schema({"type": "string", "maxLength": 2}, whitespace="compact"), vocabulary
    )
    assert shown(walked(anything, '"')) == {"a", "é", "日", "b", "éa", "日日", '"'}
    assert shown(walked(anything, '"', "日")) == {"a", "é", "日", "b", '"'}


def test_characters_of_classes_and_of_what_is_negated() -> None:
    constraint = cn.compile(cn.regex("[^a]é?(?!b)."), letters("aé日b"))
    assert shown(constraint.matcher()) == {"é", "日", "b"}
    assert shown(walked(constraint, "日")) == {"a", "é", "日"}
    assert shown(walked(constraint, "日", "a")) == {"."}


def test_grammars_of_every_kind() -> None:
    vocabulary = letters("ab(+)é")
    arithmetic = (
        'start: sum\nsum: product ("+" product)*\nproduct: atom ("*" atom)*\natom: "a" | "7" | "(" sum ")"'
    )
    constraint = cn.compile(cn.lark(arithmetic), vocabulary)
    assert shown(constraint.matcher()) == {"a", "("}
    assert shown(walked(constraint, "(", "a")) == {"+", ")"}
    gbnf = cn.compile(cn.gbnf('root ::= [a-cé] root? | "x" root'), vocabulary)
    assert shown(gbnf.matcher()) == {"a", "b", "é"}
    assert shown(walked(gbnf, "é")) == {"a", "b", "é", "."}
    chosen = cn.compile(cn.choice(["ab", "a7", "é", "7"]), vocabulary)
    assert shown(chosen.matcher()) == {"a", "é"} and shown(walked(chosen, "a")) == {"b"}
    repeated = cn.compile(cn.repeat(cn.either("ab", "x"), 1, 2, separator="+"), vocabulary)
    assert shown(walked(repeated, "a", "b")) == {"+", "."}
    until = cn.compile(cn.until("+)"), vocabulary)
    assert shown(walked(until, "é", "+")) == {"a", "b", "(", "+", ")", "é"}
    assert shown(walked(until, "é", "+", ")")) == {"."}


def test_rules_that_end_nowhere_are_left_out() -> None:
    """A rule that only comes back to itself without a character that cannot be spelled."""
    constraint = cn.compile(cn.lark('start: "a" start | x\nx: "b" x | "7"\n  | "+"'), letters("ab+"))
    assert shown(constraint.matcher()) == {"a", "b", "+"}
    with pytest.raises(cn.UnspellableError, match="'7'"):
        cn.compile(cn.lark('start: "a" start | x\nx: "b" x | "7"'), letters("ab+"))


def test_names_are_used_up() -> None:
    """Few names can be spelled, so after each of them fewer are left, and none when all are used."""
    schema = {
        "type": "object",
        "patternProperties": {"^[a-zé]$": {"const": 1}},
        "additionalProperties": False,
    }
    grammar = cn.json_schema(schema | {"minProperties": 2}, whitespace="compact")
    constraint = cn.compile(grammar, letters('{}":,1ab'))
    assert shown(walked(constraint, *'{"')) == {"a", "b"}
    assert shown(walked(constraint, *'{"a":1')) == {","}
    assert shown(walked(constraint, *'{"a":1,"')) == {"b"}
    assert shown(walked(constraint, *'{"a":1,"b":1')) == {"}"}
    with pytest.raises(cn.UnspellableError):
        cn.compile(cn.json_schema(schema | {"minProperties": 3}), letters('{}":,1ab'))


def test_items_behind_which_no_other_is_left() -> None:
    """Items differ: after "a" the second one would be "é"."""
    schema = {"type": "array", "uniqueItems": True, "prefixItems": [{"type": "string"}, {"enum": ["a", "é"]}]}
    grammar = cn.json_schema(schema | {"minItems": 2, "maxItems": 2}, whitespace="compact")
    constraint = cn.compile(grammar, letters('[]",ab'))
    assert shown(walked(constraint, *'["a')) == {"[", "]", ",", "a", "b"}
    assert shown(walked(constraint, *'["b"')) == {","}
    numbers = schema | {"prefixItems": [{"type": ["integer", "boolean"]}, {"enum": [1, True, "é"]}]}
    numbered = cn.json_schema(numbers | {"minItems": 2, "maxItems": 2}, whitespace="compact")
    vocabulary = letters("[],1", "true", "false")
    assert shown(walked(cn.compile(numbered, vocabulary), "[")) == {"1", "true", "false"}
    one = numbers | {"prefixItems": [{"type": ["integer", "boolean"]}, {"enum": [True, "é"]}]}
    only = cn.compile(cn.json_schema(one | {"minItems": 2, "maxItems": 2}, whitespace="compact"), vocabulary)
    assert shown(walked(only, "[")) == {"1", "false"}
    assert shown(walked(only, "[", "1", ",")) == {"true"}


def test_a_space_that_decoding_drops_has_to_be_spelt() -> None:
    tokens = [b"a", b" a", b"b"]
    constraint = cn.compile(cn.regex("a"), cn.Vocabulary([*tokens, None], [3], leading_space=True))
    assert constraint.matcher().allowed_tokens() == [0, 1]


@pytest.mark.parametrize(
    ("pattern", "texts"),
    [
        (" a", {"  a"}),
        ("[^x]a", {" ba", "  a", "ba", " aa", "aa"}),
        (" ?a", {"a", " a", "  a"}),
        (" *b?a", {"a", " a", "  a", "   a", "ba", " ba", "  ba"}),
        (
            "( |b)*",
            {"", " ", "  ", "   ", "b", " b", "bb", "b ", "  b", " bb", " b ", "bbb", "bb ", "b b", "b  "},
        ),
    ],
)
def test_a_text_that_begins_with_a_space_has_another_before_it(pattern: str, texts: set[str]) -> None:
    tokens = [b" ", b"a", b"b", b"ba", b" b"]
    constraint = cn.compile(cn.regex(pattern), cn.Vocabulary([*tokens, None], [5], leading_space=True))
    found, todo = set(), [constraint.matcher()]
    while todo:
        matcher = todo.pop()
        for token in matcher.allowed_tokens():
            following = matcher.fork()
            assert following.advance(token)
            if following.stopped:
                found.add(matcher.text.decode())
            elif len(following.text) <= 4:
                todo.append(following)
    for text in texts:
        assert cn.regex(pattern).matches(text.removeprefix(" "))
    assert {text for text in found if len(text) <= 3} == {text for text in texts if len(text) <= 3}


def test_a_space_that_decoding_drops_before_whole_characters() -> None:
    """Without the texts that begin with a space, a text is cut after its first byte, within a character."""
    tokens = ["é".encode(), "日".encode(), b"b", b" "]
    grammar = cn.either(cn.until("b"), cn.repeat(cn.until("é", within="[日]*"), 1, 2))
    constraint = cn.compile(grammar, cn.Vocabulary([*tokens, None], [4], leading_space=True))
    matcher = constraint.matcher()
    assert shown(matcher) == {"é", "日", "b", " "}
    assert matcher.advance(0) and shown(matcher) == {"é", "日", "b", " ", "."}


@pytest.mark.parametrize("max_tokens", [None, 2, 3, 4])
def test_tokens_that_are_no_characters(max_tokens: int | None) -> None:
    """abc can be spelled, but not after ab: the text alone does not tell what may come next."""
    constraint = cn.compile(cn.regex("abcd|ab|abab+"), letters("b", "ab", "abc", "abcd", "cd"))
    matcher = constraint.matcher(max_tokens)
    assert shown(matcher) == {"ab", "abcd"}
    assert matcher.advance(1)
    assert shown(matcher) == ({"ab", "cd", "."} if max_tokens != 1 else {"."})
    with pytest.raises(cn.UnspellableError):
        cn.compile(cn.regex("bc"), letters("b", "ab", "abc"))
    dead = cn.compile(cn.regex("abcd|b"), letters("b", "ab", "abc", "abcd")).matcher()
    assert not dead.explain(1).allowed and "no tokens" in dead.explain(1).reason
    with pytest.raises(cn.BudgetError):
        cn.compile(cn.regex("ababab"), letters("b", "ab")).matcher(2)


def test_tokens_that_are_no_characters_and_names_without_end() -> None:
    """There are too many beginnings of names to look through them level by level."""
    schema = {"type": "object", "additionalProperties": {"enum": [0]}}
    vocabulary = byte_level(b"l", (b'":l', b"0l}", b'xl"'))
    constraint = cn.compile(cn.json_schema(schema, whitespace="compact"), vocabulary)
    assert admits(constraint, "{}") and admits(constraint, '{"a":0,"bc":0}')
    matcher = constraint.matcher(20)
    chooser = random.Random(1)
    while not matcher.stopped:
        assert matcher.advance(chooser.choice(matcher.allowed_tokens()))
    assert set(json.loads(matcher.text).values()) <= {0}


def test_expressions_keep_their_names() -> None:
    constraint = cn.compile(cn.json_schema({"type": ["string", "null"]}, whitespace="compact"), byte_level())
    assert constraint.matcher().explain("1").expected == ("'null'", "a string")


def test_forced_text_and_completions() -> None:
    constraint = cn.compile(cn.json_schema({"enum": [f"a{FAR}", "ab"]}, whitespace="compact"), byte_level())
    matcher = constraint.matcher()
    assert matcher.forced_bytes() == b'"ab"'
    assert constraint.vocabulary.decode(matcher.completion()) == b'"ab"'


def test_an_engine_that_starts_afresh_spells_the_same() -> None:
    """Little memory: new matchers get a new engine, made from the source."""
    constraint = cn.compile(
        cn.json_schema({"additionalProperties": {"enum": [1, 7]}}), byte_level(), memory=1
    )
    vocabulary = constraint.vocabulary
    engines = set()
    for number in range(600):
        matcher = constraint.matcher()
        engines.add(id(constraint.engine))
        for byte in b'{"%s":' % number.to_bytes(2, "big").hex().replace("7", "x").encode():
            assert matcher.advance(vocabulary.tokens.index(bytes([byte]))) and matcher.allowed_tokens()
        allowed = {vocabulary.tokens[token] for token in matcher.allowed_tokens()}
        assert b"1" in allowed and b"7" not in allowed
    assert len(engines) > 1


# -- what is lost -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("grammar", "words"),
    [
        (cn.json_schema({"type": "object", "required": ["a"], "properties": {"a": {"const": "7"}}}),
         ("/properties/a", "'\"7\"'")),
        (cn.json_schema({"type": "array", "contains": {"const": 7}}), ("/contains", "'7'")),
        (cn.lark('start: "a" b\nb: "7" | "x7"'), ("line 2, column 4", "'7'")),
        (cn.regex("a7b"), ("line 1, column 2", "'a7b'")),
    ],
    ids=str,
)  # fmt: skip
def test_errors_name_the_text_and_its_place(grammar: cn.Grammar, words: tuple[str, str]) -> None:
    with pytest.raises(cn.UnspellableError) as caught:
        cn.compile(grammar, byte_level())
    for word in words:
        assert word in str(caught.value)
    assert caught.value.text and caught.value.places


def test_what_is_lost_is_told() -> None:
    schema = {"properties": {"a": {"enum": ["x", "7", 8]}, FAR: True}, "additionalProperties": False}
    lost = cn.compile(cn.json_schema(schema), byte_level()).unspellable
    assert lost.texts == (f'"{FAR}"', '"7"') and (0x37, 0x37) in lost.characters and lost.complete
    text = cn.compile(cn.json_schema({"type": "string"}), byte_level()).unspellable
    assert text.characters == ((0x37, 0x37), (0x40000, 0xBFFFF)) and not text.texts
    assert str(text) == "characters: '7', U+40000 to U+BFFFF"
    kept = cn.compile(cn.json_schema({"enum": ["x", 8]}), byte_level()).unspellable
    assert not kept and str(kept) == "everything can be spelt"


def test_characters_that_a_class_loses() -> None:
    lost = cn.compile(cn.regex("[a-fé月]+"), letters("abé")).unspellable
    assert lost.characters == ((ord("c"), ord("f")), (ord("月"), ord("月")))


# -- schemas in ASCII -------------------------------------------------------------------------

ALL = (1 << 256) - 1


@pytest.mark.parametrize(
    ("schema", "plain"),
    [
        ({"type": "object", "properties": {"a": {"type": "string", "format": "date"}}}, True),
        ({"type": "string", "pattern": r"^[a-z\d_]+(?:-x)?$"}, True),
        ({"oneOf": [{"minLength": 1}, {"not": {"type": "string"}}]}, True),
        ({"type": "string", "pattern": r"^(ab|c)\.[\]\\]{2,3}$", "uniqueItems": True}, True),
        ({"type": "string", "pattern": r"a.b\s\S(?:c|[\s\S])"}, True),
        ({"type": "string", "pattern": r"^a|b$"}, True),
        ({"type": "string", "pattern": r"a.b", "uniqueItems": True}, False),
        ({"type": "string", "pattern": r"a\b"}, False),
        ({"type": "string", "pattern": "(?!a)."}, False),
        ({"type": "string", "pattern": "[^a]"}, False),
        ({"type": "string", "pattern": "é"}, False),
        ({"type": "string", "pattern": r"^\W$"}, False),
        ({"not": {"pattern": "^[a-z]*$"}}, False),
        ({"properties": {"é": True}}, False),
        ({"enum": [{"a": ["é"]}]}, False),
        ({"format": "iri"}, False),
        ({"patternProperties": {"^é$": {"type": "string"}}, "additionalProperties": False}, True),
        ({"patternProperties": {"^é$": True}, "minProperties": 1}, False),
        ({"patternProperties": {"^é$": True}, "not": {"type": "null"}}, False),
        ({"minLength": 1, "maxLength": 1}, False),
        ({"minItems": 2000}, False),
    ],
    ids=str,
)  # fmt: skip
def test_schemas_that_are_seen_to_be_in_ascii(schema: Any, plain: bool) -> None:
    assert (cn.json_schema(schema).plain() != ALL) is plain


def test_names_in_ascii_that_are_lost() -> None:
    schema = {
        "patternProperties": {"^é$": True, "^7": True},
        "properties": {"a": True},
        "additionalProperties": False,
    }
    constraint = cn.compile(
        cn.json_schema(schema | {"type": "object"}, whitespace="compact"), letters('{}"a:1é7')
    )
    assert shown(walked(constraint, *'{"')) == {"a", "é", "7"}
    fewer = cn.compile(cn.json_schema(schema | {"type": "object"}, whitespace="compact"), letters('{}"a:1'))
    assert shown(walked(fewer, *'{"')) == {"a"}
    level = cn.compile(
        cn.json_schema(schema | {"type": "object"}, whitespace="compact"), byte_level(b"7\xc3")
    )
    assert shown(walked(level, *'{"')) == {"a"}


def test_schemas_in_ascii_are_spelt_as_if_nothing_were_known_of_them() -> None:
    inner = {"type": "object", "required": ["b"], "properties": {"b": {"type": "string", "format": "date"}}}
    schema = {
        "properties": {"a": inner, "list": {"items": inner, "uniqueItems": True}, "c": {"maxLength": 9}},
        "required": ["a"],
    }
    plain, looked_at = cn.json_schema(schema), cn.json_schema(schema)
    assert plain.plain() != ALL
    looked_at.plain = lambda: ALL
    for seed in range(5):
        chooser = random.Random(seed)
        matchers = [cn.compile(one, byte_level()).matcher() for one in (plain, looked_at)]
        for _ in range(60):
            allowed = matchers[0].allowed_tokens()
            assert allowed == matchers[1].allowed_tokens()
            token = chooser.choice(allowed)
            assert all(matcher.advance(token) for matcher in matchers)
            if matchers[0].stopped:
                break


@pytest.mark.parametrize("order", ["schema", "any"])
@pytest.mark.parametrize(
    ("schema", "missing"),
    [
        ({"type": "array", "items": {"type": "string"}, "uniqueItems": True}, "]"),
        ({"type": "array", "items": {"type": "array", "uniqueItems": True}, "uniqueItems": True}, "]"),
        ({"type": "array", "uniqueItems": True, "minItems": 4}, "]"),
        ({"type": "array", "uniqueItems": True, "contains": {"const": "x"}}, '"'),
        ({"type": "object", "patternProperties": {"^a": {"type": "string"}, "b$": {"type": "integer"}}}, "}"),
    ],
)
def test_what_cannot_be_closed_is_refused_without_trying_its_parts(
    schema: dict[str, Any], missing: str, order: str
) -> None:
    tokens = [bytes([byte]) for byte in range(0x20, 0x7F) if chr(byte) != missing]
    grammar = cn.json_schema(schema, property_order=order, limits=cn.Limits(compile_seconds=2))
    with pytest.raises(cn.UnspellableError):
        cn.compile(grammar, cn.Vocabulary([*tokens, None], [len(tokens)]))
