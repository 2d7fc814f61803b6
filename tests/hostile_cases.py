"""Inputs that might be sent to do harm: schemas, patterns, grammars and vocabularies.

Large ones are written as expressions that make them. ``CASES`` lists each with the expected outcome: a text, or the
names of the errors that may refuse it. ``tests/hostile.py`` tries them, each in a process that can be killed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["CASES", "Case"]

SIMPLE = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}


@dataclass(frozen=True)
class Case:
    """An input.

    Attributes:
        kind: the front end that it is for; ``"vocabulary"`` is for ``compile``.
        make: the input itself.
        refused: the errors, one of which must be raised; none if there must be texts. ``"*"``: a text or any
            ``ConstrainError``.
    """

    kind: str
    make: Callable[[], Any]
    refused: tuple[str, ...] = ()


def nested(depth: int, around: Callable[[Any], Any], schema: Any = True) -> Any:
    for _ in range(depth):
        schema = around(schema)
    return schema


def names(count: int, **values: Any) -> dict[str, Any]:
    return {f"name_{i}": dict(values) for i in range(count)}


def chain(count: int, last: Any, **more: Any) -> dict[str, Any]:
    """A definition that refers to the next one, and so on."""
    definitions: dict[str, Any] = {f"d{i}": {"$ref": f"#/$defs/d{i + 1}", **more} for i in range(count)}
    return {"$ref": "#/$defs/d0", "$defs": {**definitions, f"d{count}": last}}


def bomb(depth: int, keyword: str) -> dict[str, Any]:
    """A schema that is twice the next one, and so on: 2**depth schemas if it were written out."""
    definitions: dict[str, Any] = {
        f"d{i}": {keyword: [{"$ref": f"#/$defs/d{i + 1}"}, {"$ref": f"#/$defs/d{i + 1}"}]}
        for i in range(depth)
    }
    return {"$ref": "#/$defs/d0", "$defs": {**definitions, f"d{depth}": {"type": "string"}}}


def glossary(depth: int) -> dict[str, Any]:
    """Unique items that are open objects with unique items, and so on."""

    def around(inner: Any) -> Any:
        items = {"type": "object", "properties": {"terms": inner, "examples": {"$ref": "#/$defs/examples"}}}
        return {"type": "array", "items": items, "uniqueItems": True}

    examples = {"type": "array", "items": {"type": "string"}, "uniqueItems": True}
    return {**nested(depth, around, {"$ref": "#/$defs/examples"}), "$defs": {"examples": examples}}


def cycle(*keywords: str) -> dict[str, Any]:
    """A schema that refers to itself by ``keywords`` alone."""
    inner: Any = {"$ref": "#"}
    for keyword in reversed(keywords):
        inner = {keyword: inner if keyword in ("not", "if") else [inner]}
    return inner  # type: ignore[no-any-return]


SCHEMAS: dict[str, tuple[Callable[[], Any], tuple[str, ...]]] = {
    # deep
    "2,000 nested arrays": (lambda: nested(2_000, lambda s: {"type": "array", "items": s}), ()),
    "200 nested required objects": (
        lambda: nested(200, lambda s: {"type": "object", "properties": {"a": s}, "required": ["a"]}), ()),
    "100,000 nested arrays": (
        lambda: '{"items":' * 100_000 + "true" + "}" * 100_000, ("InvalidSchema", "WorkLimitExceeded")),
    "100 nested not": (lambda: nested(100, lambda s: {"not": s}, {"type": "string"}), ()),
    "101 nested not": (lambda: nested(101, lambda s: {"not": s}, {"type": "string"}), ()),
    "200 nested anyOf of arrays and objects": (
        lambda: nested(200, lambda s: {"anyOf": [
            {"type": "array", "items": s}, {"type": "object", "properties": {"k": {"type": "null"}}, "required": ["k"]}
        ]}, {"type": "integer"}), ()),
    "a value nested 10,000 times": (
        lambda: '{"const":' + "[" * 10_000 + "]" * 10_000 + "}",
        ("InvalidSchema", "UnsupportedKeyword", "WorkLimitExceeded")),
    # references
    "a chain of 3,000 references": (lambda: chain(3_000, {"type": "string"}), ()),
    "a chain of 200 references with keywords": (lambda: chain(200, {"type": "string"}, minLength=1), ()),
    "2**25 references in anyOf": (lambda: bomb(25, "anyOf"), ()),
    "2**25 references in allOf": (lambda: bomb(25, "allOf"), ()),
    "2**25 references in oneOf": (lambda: bomb(25, "oneOf"), ("UnsatisfiableSchema", "WorkLimitExceeded")),
    "a reference to itself": (lambda: cycle(), ("UnsatisfiableSchema", "InvalidSchema")),
    "itself in allOf": (lambda: cycle("allOf"), ("*",)),
    "itself in anyOf": (lambda: cycle("anyOf"), ("*",)),
    "not itself": (lambda: cycle("not"), ("Circular",)),
    "not not itself": (lambda: cycle("not", "not"), ("*",)),
    "an array that needs itself": (
        lambda: {"type": "array", "items": {"$ref": "#"}, "minItems": 1}, ("UnsatisfiableSchema",)),
    "references that are no schemas": (lambda: {"$ref": "#/$defs/a", "$defs": {"a": 5}}, ("InvalidSchema",)),
    "a reference that leads nowhere": (lambda: {"$ref": "#/$defs/%zz~9"}, ("InvalidSchema",)),
    "a reference elsewhere": (lambda: {"$ref": "http://localhost:1/schema"}, ("InvalidSchema", "UnsupportedKeyword")),
    # many alternatives
    "10,000 alternatives of anyOf": (
        lambda: {"anyOf": [{"type": "object", "properties": {f"k{i}": {"const": i}}, "required": [f"k{i}"]}
                           for i in range(10_000)]}, ("*",)),
    "10,000 alternatives of oneOf": (
        lambda: {"oneOf": [{"type": "object", "properties": {"k": {"const": i}}, "required": ["k"]}
                           for i in range(10_000)]}, ("*",)),
    "10,000 constants in oneOf": (lambda: {"oneOf": [{"const": i} for i in range(10_000)]}, ()),
    "100 open alternatives of oneOf": (
        lambda: {"oneOf": [{"required": [f"k{i}"]} for i in range(100)], "type": "object"}, ("*",)),
    "14 choices of two in allOf": (
        lambda: {"allOf": [{"anyOf": [{"required": [f"a{i}"]}, {"required": [f"b{i}"]}]} for i in range(14)],
                 "type": "object"}, ()),
    "14 conditions": (
        lambda: {"type": "object", "allOf": [
            {"if": {"properties": {f"a{i}": {"const": 1}}, "required": [f"a{i}"]}, "then": {"required": [f"b{i}"]}}
            for i in range(14)
        ]}, ()),
    "a chain of 60 dependencies": (
        lambda: {"type": "object", "dependentRequired": {f"k{i}": [f"k{i + 1}"] for i in range(60)}}, ()),
    "12 negated name patterns": (
        lambda: {"type": "object", "allOf": [
            {"not": {"patternProperties": {f"^{chr(97 + i)}": {"not": {"type": "string", "pattern": "A"}}}}}
            for i in range(12)
        ]}, ("*",)),
    "12 overlapping name patterns": (
        lambda: {"type": "object", "patternProperties": {f"{chr(97 + i)}": {"minimum": i} for i in range(12)}}, ("*",)),
    # large
    "100,000 values of an enum": (lambda: {"enum": [f"value {i}" for i in range(100_000)]}, ()),
    "100,000 numbers of an enum": (lambda: {"enum": list(range(100_000))}, ()),
    "300 values that are mostly blanks": (lambda: {"enum": [" " * i + "x" * (3_000 - i) for i in range(300)]}, ()),
    "a key of 10,000 characters": (
        lambda: {"type": "object", "properties": {"k" * 10_000: True}, "required": ["k" * 10_000]}, ()),
    "3,000 properties": (lambda: {"type": "object", "properties": names(3_000, type="string")}, ()),
    "300 required properties": (
        lambda: {"type": "object", "properties": names(300, type="string"), "required": list(names(300))}, ()),
    "10 megabytes of annotations": (lambda: {"type": "string", "description": "x" * 10_000_000}, ()),
    "10 megabytes of definitions": (
        lambda: {"type": "string", "$defs": {f"d{i}": {"description": "x" * 1_000} for i in range(10_000)}}, ()),
    # counts
    "10,000 characters at least": (lambda: {"type": "string", "minLength": 10_000}, ()),
    "2**31 characters at most": (lambda: {"type": "string", "maxLength": 2**31}, ("*",)),
    "10**400 characters at most": (lambda: {"type": "string", "maxLength": 10**400}, ("*",)),
    "1,000 items at least": (lambda: {"type": "array", "items": {"type": "null"}, "minItems": 1_000}, ("*",)),
    "60 unique items of anything": (lambda: {"type": "array", "uniqueItems": True, "minItems": 60}, ()),
    "unique items of unique items of open objects": (lambda: glossary(3), ()),
    "unique strings of at most 40 characters": (
        lambda: {"type": "array", "items": {"type": "string", "maxLength": 40}, "uniqueItems": True}, ()),
    "300 names of a pattern": (
        lambda: {"type": "object", "minProperties": 300, "additionalProperties": False,
                 "patternProperties": {"^[a-z]{1,3}$": {"type": "null"}}}, ()),
    "as many names as there are": (
        lambda: {"type": "object", "minProperties": 26, "additionalProperties": False,
                 "patternProperties": {"^[a-z]$": {"type": "null"}}}, ()),
    "two of each of four in contains": (
        lambda: {"type": "array", "allOf": [
            {"contains": {"const": i}, "minContains": 2, "maxContains": 2} for i in range(4)]}, ()),
    # numbers
    "multiples of a long fraction": (lambda: {"type": "number", "multipleOf": 0.0123456789}, ("*",)),
    "multiples of 10**300": (lambda: {"type": "number", "multipleOf": 1e300}, ("*",)),
    "multiples of 1e-300": (lambda: {"type": "number", "multipleOf": 1e-300}, ("*",)),
    "between neighbours": (
        lambda: {"type": "number", "exclusiveMinimum": 1, "exclusiveMaximum": math.nextafter(1, 2)}, ("*",)),
    "a number of 300 digits": (lambda: '{"minimum": %s}' % ("9" * 300), ()),
    "a number of 100,000 digits": (lambda: '{"minimum": %s}' % ("9" * 100_000), ("*",)),
    "an exponent of nine digits": (lambda: '{"minimum": 1e999999999}', ("*",)),
    "not a number": (lambda: {"const": math.nan}, ("InvalidSchema", "UnsupportedKeyword")),
    "infinite": (lambda: {"maximum": math.inf}, ("InvalidSchema", "UnsupportedKeyword")),
    "negative counts": (lambda: {"minLength": -1, "maxItems": -5}, ("InvalidSchema",)),
    # texts that are no schemas
    "invalid UTF-8": (lambda: b'{"const": "\xff\xfe"}', ("InvalidSchema",)),
    "half a surrogate pair": (lambda: {"const": "\ud800"}, ("*",)),
    "half a surrogate pair in a name": (lambda: {"properties": {"\udfff": True}, "required": ["\udfff"]}, ("*",)),
    "half a surrogate pair in a pattern": (lambda: {"pattern": "\ud800"}, ("*",)),
    "a key that is no string": (lambda: {1: 2, None: 3}, ()),
    "a name that is no string": (lambda: {"properties": {1: {}, None: {}}}, ("InvalidSchema",)),
    "not JSON": (lambda: "{'type': 'string'}", ("InvalidSchema",)),
    "nothing": (lambda: "", ("InvalidSchema",)),
    "a list": (lambda: [], ("InvalidSchema",)),
    "the same name twice": (lambda: '{"type": "string", "type": "null"}', ("*",)),
    "unknown dialect": (
        lambda: {"$schema": "http://example.com/schema", "type": "string"}, ("UnsupportedKeyword", "InvalidSchema")),
    # patterns in schemas
    "4,000 optional letters": (lambda: {"type": "string", "pattern": "^" + "a?" * 4_000 + "$"}, ()),
    "8,000 classes": (lambda: {"type": "string", "pattern": "[ab][cd]" * 4_000}, ()),
    "a lookbehind of 330 letters": (lambda: {"type": "string", "pattern": "(?<=x{330})y"}, ()),
    "20 lookaheads": (
        lambda: {"type": "string", "pattern": "^" + "".join(f"(?=.*{chr(97 + i)})" for i in range(20))}, ("*",)),
    "10 patterns that must all hold": (
        lambda: {"type": "string", "allOf": [{"pattern": f"{chr(97 + i)}.{{{i}}}{chr(107 + i)}"} for i in range(10)]},
        ("*",)),
    "a pattern that nothing matches": (lambda: {"type": "string", "pattern": "a^b"}, ("UnsatisfiableSchema",)),
    "the format regex": (lambda: {"type": "string", "format": "regex"}, ()),
}  # fmt: skip

# Source: shapes that the OWASP page on regular expression denial of service and the tests of CodeQL's, safe-regex's and
# recheck's detectors list as exponential for a search that tracks back.
PATTERNS: dict[str, tuple[str, tuple[str, ...]]] = {
    "a repetition of a repetition": ("(a+)+", ()),
    "a class of them": ("([a-zA-Z]+)*", ()),
    "overlapping alternatives": ("(a|aa)+", ()),
    "optional alternatives": ("(a|a?)+", ()),
    "a gap thirty times": ("(.*a){30}", ()),
    "a mail address": (
        r"([a-zA-Z0-9])(([\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}(([a-z]{2,3})|([a-z]{2,3}[.]{1}[a-z]{2,3}))",
        ()),
    "a class of Java": ("(([a-z])+.)+[A-Z]([a-z])+", ()),
    "ten repetitions in each other": ("(" * 10 + "a" + "*)" * 10, ()),
    "equal alternatives": (r"(\w|\d|[0-9]|5)*x", ()),
    "what is and is not": ('((a|[^a]|.)*)"', ()),
    "words and blanks": (r"(\w+\s*)+x", ()),
    "alternatives that share a letter": ("(b|a?b)*c", ()),
    "the same text five times": (r"(\w*foo\w*foo\w*foo\w*foo\w*)+-", ()),
    "a long text or a class": (r"(this\w+query|thisisalongtexttotestthequery)*-", ()),
    "fifteen choices and a loop": ("(^|;)" + "(0|1)" * 15 + "(e+)+f", ("*",)),
    "a media type": (
        r"[a-z0-9]{1,127}/[a-z0-9]{1,127}(?:\s* *; *[a-z0-9!#]{1,127}(?:=\"?[a-z0-9!#]{0,126}\"?)?\s*)*", ()),
    "nested counts": ("((a{1,100}){1,100}){1,100}", ("*",)),
    "nested counts, eight levels": ("(" * 8 + "a" + "{0,9})" * 8, ("*",)),
    "20,000 letters": ("a{20000}", ("*",)),
    "2**31 letters": ("a{2147483647}", ("*",)),
    "more letters than can be counted": ("x{99999999999999999999}|a", ("*",)),
    "many bounds in a row": ("(?:a?){300}b", ()),
    "three gaps with bounds": ("a{0,1000}b{0,1000}c{0,1000}.{0,1000}d", ("*",)),
    "the k-th letter from the end": ("[ab]*a[ab]{18}", ("*",)),
    "the k-th letter from the end, negated": ("(?!.*a.{14}$)[ab]*", ("*",)),
    "blanks and letters": ("( ?x?)*( |y){0,500}z", ()),
    "a lookahead in a loop": ("((.b|b(?=.+a))+a)+", ("*",)),
    "a lookbehind in a loop": ("(|[A-z]*[A-z]*[A-z]*(?<!num))+", ("*",)),
    "a lookahead in a lookahead in a lookahead": ("(?=a(?!b(?=c(?!d)))).*", ("*",)),
    "20 lookbehinds": ("".join(f".*(?<=x{{{i}}})" for i in range(1, 21)), ("*",)),
    "a word border after each letter": (r"(\b\w\b\W)*", ("*",)),
    "4,000 optional letters": ("a?" * 4_000, ()),
    "50 nested groups": ("(" * 50 + "a" + ")" * 50, ()),
    "10,000 nested groups": ("(" * 10_000 + "a" + ")" * 10_000, ("RegexError", "WorkLimitExceeded")),
    "10,000 alternatives": ("|".join(f"word{i}x" for i in range(10_000)), ()),
    "all of Unicode three times": (r"[^\x00]{0,300}[^\x01]{0,300}[^\x02]{0,300}", ("*",)),
    "letters of any script": (r"[^\W\d_]{1,200}", ()),
    "an empty class": (r"[^\s\S]", ("RegexError", "ConstrainError")),
    "nothing": ("", ()),
    "half a surrogate pair": ("\ud800", ("*",)),
    "an open group": ("(((", ("RegexError",)),
    "a reference back": (r"(a+)b\1", ("RegexError",)),
}  # fmt: skip

GBNF: dict[str, tuple[Callable[[], str], tuple[str, ...]]] = {
    "20,000 rules in a chain": (
        lambda: "root ::= r0\n" + "".join(f"r{i} ::= r{i + 1}\n" for i in range(20_000)) + 'r20000 ::= "a"\n', ()),
    "nested counts": (lambda: 'root ::= ' + "(" * 24 + '"a"' + "){1,2}" * 24, ("*",)),
    "cut anywhere": (lambda: "root ::= ([^x]*){0,99}", ("*",)),
    "a rule that is itself": (lambda: "root ::= root", ("*",)),
    "a hidden circle": (lambda: 'root ::= a root "x" | "y"\na ::= "" | a', ("*",)),
    "empty rules in a circle": (lambda: 'root ::= a b\na ::= b | ""\nb ::= a | ""', ("*",)),
    "2**30 copies": (
        lambda: "root ::= r0\n" + "".join(f"r{i} ::= r{i + 1} r{i + 1}\n" for i in range(30)) + 'r30 ::= "a"\n',
        ("*",)),
    "counts beyond bounds": (lambda: 'root ::= "a"{99999999999}', ("*",)),
    "a rule that is missing": (lambda: "root ::= missing", ("GrammarError", "ConstrainError")),
    "no text": (lambda: 'root ::= "a" root', ("*",)),
    "brackets 50,000 deep": (lambda: "root ::= " + "(" * 50_000 + '"a"' + ")" * 50_000, ("*",)),
    "a class of everything but everything": (lambda: r"root ::= [^\x00-\U0010FFFF]", ("*",)),
    "invalid escapes": (lambda: 'root ::= "\\xZZ"', ("*",)),
    "nothing": (lambda: "", ("*",)),
}  # fmt: skip

LARK: dict[str, tuple[Callable[[], str], tuple[str, ...]]] = {
    "an ambiguous sum": (lambda: 'start: e\ne: "a" | e "+" e | e "*" e | "(" e ")"', ("*",)),
    "a list of anything": (lambda: 'start: s\ns: "a" | s? s? s? s?', ("*",)),
    "a left-recursive chain": (lambda: 'start: a\na: b "x" | "y"\nb: c "x"\nc: a "x" | "z"', ("*",)),
    "a hidden left recursion": (lambda: 'start: a\na: b? a "x" | "y"\nb: "z"', ("*",)),
    "40 counted words": (lambda: "start: WORD~1..40\nWORD: /[a-z,]+/\n%ignore / /", ("*",)),
    "an ignored text that ends nowhere": (lambda: 'start: "a"+\n%ignore /\\/\\*(.|\\n)*?\\*\\//', ("*",)),
    "1,000 optional words": (lambda: "start: " + " ".join(f'"w{i} "?' for i in range(1_000)), ("*",)),
    "terminals in a circle": (lambda: "start: A\nA: B\nB: A", ("GrammarError", "ConstrainError")),
    "rules that nobody needs": (
        lambda: 'start: "a"\n' + "\n".join(f'r{i}: r{i + 1}? "x"' for i in range(999)) + '\nr999: "y"', ("*",)),
    "a missing import": (lambda: "start: X\n%import nowhere.X", ("*",)),
    "nothing": (lambda: "", ("*",)),
}  # fmt: skip

TOOLS: dict[str, tuple[Callable[[], Any], tuple[str, ...]]] = {
    "1,000 tools": (
        lambda: [{"name": f"tool_{i}", "parameters": SIMPLE} for i in range(1_000)], ()),
    "the same tool twice": (lambda: [{"name": "a", "parameters": SIMPLE}] * 2, ("*",)),
    "a name that is no string": (lambda: [{"name": 5, "parameters": SIMPLE}], ("*",)),
    "a name of quotes": (lambda: [{"name": '"},{"', "parameters": SIMPLE}], ()),
    "arguments that are no object": (lambda: [{"name": "a", "parameters": {"type": "string"}}], ("*",)),
    "no tools": (lambda: [], ("*",)),
}  # fmt: skip

ALL_BYTES = [bytes([byte]) for byte in range(256)]

# Tokens; after them comes the one that ends a sequence. Compiled for ``SIMPLE``.
VOCABULARIES: dict[str, tuple[Callable[[], list[bytes | None]], tuple[str, ...]]] = {
    "a token of 9 megabytes": (lambda: [*ALL_BYTES, b"a" * 9_000_000], ("*",)),
    "a token of 300,000 characters": (lambda: [*ALL_BYTES, "é".encode() * 150_000], ("*",)),
    "300,000 tokens": (lambda: [*ALL_BYTES, *(b"%06d" % i for i in range(300_000))], ()),
    "300,000 tokens that begin alike": (
        lambda: [*ALL_BYTES, *(b'"' + b" " * 60 + b"%06d" % i for i in range(300_000))], ()),
    "400 tokens that begin each other": (lambda: [*ALL_BYTES, *(b"a" * i for i in range(2, 400))], ("*",)),
    "100,000 times the same token": (lambda: [*ALL_BYTES, *[b'{"'] * 100_000], ()),
    "holes": (lambda: [*ALL_BYTES, *[None, b""] * 50_000], ()),
    "no token for a quote": (lambda: [byte for byte in ALL_BYTES if byte != b'"'], ()),
    "no tokens for braces": (lambda: [byte for byte in ALL_BYTES if byte not in b"{}"], ("UnspellableError",)),
    "no tokens at all": (lambda: [None], ("ConstrainError", "UnspellableError", "VocabularyError")),
    "only odd tokens": (lambda: [b'{"', b'":', b'{"a":"', b'"}', b"}", b'\xc3', b'\xa9"}', b"1"], ("*",)),
}  # fmt: skip


def _every() -> dict[str, Case]:
    cases = {
        f"schema: {name}": Case("json_schema", make, refused) for name, (make, refused) in SCHEMAS.items()
    }
    for name, (pattern, refused) in PATTERNS.items():
        cases[f"pattern: {name}"] = Case("regex", lambda pattern=pattern: pattern, refused)  # type: ignore[misc]
    cases |= {f"gbnf: {name}": Case("gbnf", make, refused) for name, (make, refused) in GBNF.items()}
    cases |= {f"lark: {name}": Case("lark", make, refused) for name, (make, refused) in LARK.items()}
    cases |= {f"tools: {name}": Case("tool_call", make, refused) for name, (make, refused) in TOOLS.items()}
    cases |= {
        f"tokens: {name}": Case("vocabulary", make, refused) for name, (make, refused) in VOCABULARIES.items()
    }
    return cases


CASES = _every()
