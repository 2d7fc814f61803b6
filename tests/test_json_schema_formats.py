"""Formats: the official suite, cases, other implementations, and random walks through every expression."""

from __future__ import annotations

import datetime
import ipaddress
import json
import random
import re
import shutil
from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from constrain.engine import Engine, shortest_text
from constrain.languages.json_schema.formats import FORMATS, KNOWN, LENGTHS, format_contents
from constrain.languages.json_schema.formats.idn_labels import HEAVIEST, WEIGHTS
from constrain.languages.json_schema.text.json_text import UNICODE
from constrain.languages.regex.unicode.ranges import ALL
from tests.data_folder import suite_path
from tests.format_cases import INVALID, NARROWER, VALID
from tests.oracle import Oracle
from tests.regex_support import Node, refusal

DRAFTS = ["draft4", "draft6", "draft7", "draft2019-09", "draft2020-12"]


class Format:
    def __init__(self, name: str) -> None:
        self.engine = Engine()
        self.node = format_contents(self.engine, name)

    def accepts(self, text: str) -> bool:
        return UNICODE.spell(text) is not None and self.engine.matches(self.node, UNICODE.contents(text))

    def walk(self, chooser: random.Random, steps: int) -> str:
        """A text by random bytes, ended in the shortest way; the bytes that occur in few edges are not rarer."""
        node, data = self.node, bytearray()
        for _ in range(steps):
            edges = self.engine.transitions(node)
            if not edges or (self.engine.nullable(node) and chooser.random() < 0.05):
                break
            members, target = chooser.choice(edges)
            data.append(chooser.choice([byte for byte in range(256) if members >> byte & 1]))
            node = target
        data += b"" if self.engine.nullable(node) else shortest_text(self.engine, node)
        text = json.loads(b'"%s"' % bytes(data))
        assert isinstance(text, str)
        assert self.accepts(text)
        return text


@cache
def made(name: str) -> Format:
    return Format(name)


def walks(name: str, count: int) -> list[str]:
    chooser = random.Random(name)
    return [made(name).walk(chooser, chooser.choice([3, 10, 30, 80])) for _ in range(count)]


# -- the suite ------------------------------------------------------------------------------------


def suite(draft: str) -> Iterator[tuple[str, str, str, bool]]:
    """(format, description, text, valid) of the suite's tests of known formats."""
    for path in sorted(suite_path("tests", draft, "optional", "format").glob("*.json")):
        for group in json.loads(path.read_text()):
            for case in group["tests"]:
                if group["schema"]["format"] in FORMATS and isinstance(case["data"], str):
                    yield group["schema"]["format"], case["description"], case["data"], case["valid"]


@pytest.mark.parametrize("draft", DRAFTS)
def test_official_suite(draft: str) -> None:
    cases = list(suite(draft))
    answers = [(name, why, made(name).accepts(text), valid) for name, why, text, valid in cases]
    assert not [answer for answer in answers if answer[2] and not answer[3]]
    refused = {(name, why) for name, why, accepted, valid in answers if valid and not accepted}
    assert refused <= set(NARROWER)
    if draft == "draft2020-12":
        assert len(cases) > 350
        assert len(refused) < 0.03 * len(cases)


def test_each_exception_is_needed() -> None:
    """The latest draft has all of them, but for those that a release of the suite does not have yet."""
    cases = list(suite("draft2020-12"))
    refused = {(name, why) for name, why, text, valid in cases if valid and not made(name).accepts(text)}
    assert refused == set(NARROWER) & {(name, why) for name, why, _, _ in cases}


# -- cases ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMATS)
def test_cases(name: str) -> None:
    assert [text for text in VALID[name] if not made(name).accepts(text)] == []
    assert [text for text in INVALID[name] if made(name).accepts(text)] == []


@pytest.mark.parametrize(
    "name", ["date", "duration", "ipv4", "uuid", "json-pointer", "relative-json-pointer"]
)
def test_the_slow_twin_agrees(name: str) -> None:
    arena: Any = Oracle()
    node = format_contents(arena, name)
    for text in [*VALID[name], *INVALID[name]]:
        assert arena.matches(node, UNICODE.contents(text)) == made(name).accepts(text)


def test_every_format_belongs_to_a_draft() -> None:
    assert KNOWN.keys() == FORMATS.keys()
    assert set(KNOWN.values()) <= {4, 6, 7, 2019}


@pytest.mark.parametrize("name", FORMATS)
def test_lengths(name: str) -> None:
    least, most = LENGTHS[name]
    assert len(json.loads(b'"%s"' % shortest_text(made(name).engine, made(name).node))) == least
    if most == 253:  # that nothing is longer takes too long to search
        assert made(name).accepts(f"{'a.' * 126}a")
        assert not made(name).accepts(f"{'a.' * 126}aa")
        return
    engine = Engine()
    node, character = format_contents(engine, name), UNICODE.characters(engine, ALL)
    beyond = engine.intersection([node, engine.repeat(character, 300 if most is None else most + 1)])
    assert engine.is_empty(beyond) == (most is not None)
    if most is not None:
        assert not engine.is_empty(engine.intersection([node, engine.repeat(character, most, most)]))


# -- walks ----------------------------------------------------------------------------------------

# Checkers of jsonschema that are wrong about texts of the RFC, or about another language.
OTHERWISE = {
    "relative-json-pointer": "its checker reads digits of the pointer as the number",
    "regex": "its checker knows the syntax of Python's re",
}


# What the checkers refuse although the RFC allows it: the datetime module has no year 0000 and no leap seconds,
# and uri_template takes the percent sign that may begin a variable's name for an operator.
_BEYOND = {
    "date": "0000",
    "time": ".*:60",
    "date-time": "0000|.*:60",
    "uri-template": r".*[{,+#./;?&]%",
}


def is_beyond_the_checker(name: str, text: str) -> bool:
    return name in _BEYOND and re.match(_BEYOND[name], text, re.DOTALL) is not None


@pytest.mark.parametrize("name", FORMATS)
def test_walks_end_in_texts_that_a_checker_accepts(name: str) -> None:
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    texts = walks(name, 150)
    assert len(set(texts)) > 20
    if name in checker.checkers and name not in OTHERWISE:
        wrong = [text for text in texts if not checker.conforms(text, name)]
        assert [text for text in wrong if not is_beyond_the_checker(name, text)] == []


def test_walks_are_patterns() -> None:
    reasons = {pattern: refusal(pattern, "ecma") for pattern in walks("regex", 400)}
    unsupported = ("backreferences are not regular", "no exact data")
    assert [
        pattern
        for pattern, reason in reasons.items()
        if not (reason or "no exact data").startswith(unsupported)
    ] == []


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_walks_are_patterns_of_node() -> None:
    node = Node()
    answers = [(pattern, node.search(pattern, [])) for pattern in walks("regex", 400)]
    node.close()
    assert [pattern for pattern, answer in answers if answer is None or not answer["unicode"]] == []


def test_walks_have_a_short_form_in_ascii() -> None:
    for name in walks("idn-hostname", 300):
        labels = re.split("[.\u3002\uff0e\uff61]", name)
        encoded = [
            label if label.isascii() else "xn--" + label.encode("punycode").decode() for label in labels
        ]
        assert max(map(len, encoded)) <= 63
        assert len(".".join(encoded)) <= 253


# -- other implementations ------------------------------------------------------------------------


def near(texts: list[str], letters: str) -> st.SearchStrategy[str]:
    """Texts with a few characters replaced, inserted or left out."""
    place, letter = st.integers(0, 60), st.sampled_from(["", *letters])
    edits = st.lists(st.tuples(place, st.booleans(), letter), max_size=3)

    def edit(text: str, changes: list[tuple[int, bool, str]]) -> str:
        for at, over, new in changes:
            at %= len(text) + 1
            text = text[:at] + new + text[at + over :]
        return text

    return st.builds(edit, st.sampled_from(texts), edits)


@given(st.builds("{:04}-{:02}-{:02}".format, st.integers(1, 9999), st.integers(0, 13), st.integers(0, 32)))
@example("1900-02-29")
@example("2000-02-29")
def test_dates(text: str) -> None:
    try:
        datetime.date.fromisoformat(text)
        valid = True
    except ValueError:
        valid = False
    assert made("date").accepts(text) == valid
    assert made("date-time").accepts(text + "T00:00:00Z") == valid


@given(st.integers(0, 24 * 60 - 1), st.integers(-24 * 60 + 1, 24 * 60 - 1))
@example(0, 1)
@example(24 * 60 - 1, 0)
def test_leap_seconds(local: int, offset: int) -> None:
    hour, minute = divmod(abs(offset), 60)
    sign = "-" if offset < 0 else "+"
    text = f"{local // 60:02}:{local % 60:02}:60{sign}{hour:02}:{minute:02}"
    assert made("time").accepts(text) == ((local - offset) % (24 * 60) == 23 * 60 + 59)


@given(near([*VALID["ipv4"], *INVALID["ipv4"]], "0125.x"))
def test_ipv4(text: str) -> None:
    try:
        ipaddress.IPv4Address(text)
        valid = True
    except ValueError:
        valid = False
    assert made("ipv4").accepts(text) == valid


@given(near([*VALID["ipv6"], *INVALID["ipv6"], "1:2:3:4:5:6:7:8", "::", "a::b:1.2.3.4"], "019af:.g"))
def test_ipv6(text: str) -> None:
    try:
        ipaddress.IPv6Address(text)
        valid = "%" not in text
    except ValueError:
        valid = False
    assert made("ipv6").accepts(text) == valid


@pytest.mark.parametrize(
    ("name", "rule"),
    [("uri", "URI"), ("uri-reference", "URI_reference"), ("iri", "IRI"), ("iri-reference", "IRI_reference")],
)
@given(data=st.data())
def test_uris(name: str, rule: str, data: st.DataObject) -> None:
    rfc3987 = pytest.importorskip("rfc3987")
    text = data.draw(near([*VALID[name], *INVALID[name], *VALID["uri"]], "a1:/?#[]@%.v-\\ é\ue000"))
    assert made(name).accepts(text) == (rfc3987.match(text, rule) is not None)


@given(near([*VALID["hostname"], *INVALID["hostname"], "a" * 63, "a" * 64, ".".join(["abc"] * 63)], "aA1-.x"))
def test_hostnames(text: str) -> None:
    labels = text.split(".")
    valid = len(text) <= 253 and all(
        re.fullmatch("[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?", label) for label in labels
    )
    if "xn--" in text.lower():
        assert valid >= made("hostname").accepts(text)
    else:
        assert made("hostname").accepts(text) == valid


@given(st.text("abcdefghijklmnopqrstuvwxyz0123456789-", max_size=12), st.text("éßøł·ñ\u0301ж", max_size=2))
def test_punycode(letters: str, others: str) -> None:
    """A host name with one label in Punycode is accepted only if it stands for a label in lower case."""
    for place in range(len(letters) + 1):
        label = letters[:place] + others + letters[place:]
        if not label or label.isascii():
            continue
        encoded = "xn--" + label.encode("punycode").decode()
        hyphens = "--" in letters or letters.startswith("-") or letters.endswith("-")
        single = len(others) == 1 and others not in "·\u0301" and not hyphens
        assert made("hostname").accepts(encoded) >= single
        if made("hostname").accepts(encoded):
            assert made("idn-hostname").accepts(label)


@given(st.text("aé0\u0660אבلب\u200c\u200d·lक्षा\u0301ー・かk-.ß", min_size=1, max_size=8))
def test_internationalized_names(text: str) -> None:
    idna = pytest.importorskip("idna")
    if made("idn-hostname").accepts(text) and not made("hostname").accepts(text):
        idna.encode(text, strict=True)


# -- the weights of internationalized labels -------------------------------------------------------


def most_digits(count: int, total: int) -> int:
    """The most digits that ``count`` numbers with the sum ``total`` can take in Punycode.

    The least number that needs one more digit, whatever the bias: 1, 36, 1261, ... (RFC 3492, section 3.3).
    """
    steps, digits, before = [], count, 0
    for length in range(1, 8):
        steps.append(min(_least(length, bias) for bias in range(260)))
    for least in steps:
        more = min(count, total // (least - before))
        digits, total, before = digits + more, total - more * (least - before), least
        if more < count:
            break
    return digits


def _least(length: int, bias: int) -> int:
    """The least number with more than ``length`` digits."""
    least, weight = 0, 1
    for place in range(1, length + 1):
        threshold = min(26, max(1, 36 * place - bias))
        least, weight = least + threshold * weight, weight * (36 - threshold)
    return least


def test_labels_within_the_weight_are_short_in_punycode() -> None:
    """The numbers are differences of code points times a length, and differences of places."""
    two, three = WEIGHTS[1][1], WEIGHTS[2][1]
    for twos in range(HEAVIEST // two + 1):
        for threes in range((HEAVIEST - two * twos) // three + 1):
            ones = HEAVIEST - two * twos - three * threes
            length = ones + twos + threes
            digits = most_digits(twos, (0x800 - 0x80) * length + twos * length)
            digits += most_digits(threes, (0x10000 - 0x80) * length + threes * length)
            assert len("xn--") + ones + len("-") + digits <= 62
