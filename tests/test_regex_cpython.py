"""The table of patterns by which CPython tests its own ``re``: each matches in full the texts that ``re`` says."""

from __future__ import annotations

import re
import warnings
from typing import Any

import pytest

import constrain as cn

TABLE: list[Any] = pytest.importorskip(
    "test.re_tests", reason="this Python comes without the package of its own tests"
).tests

# Patterns of the table that ``re`` compiles and this library refuses, by reason.
REFUSED: dict[str, frozenset[str]] = {
    "backreferences are not regular": frozenset([
        r"(?P<foo_123>a)(?P=foo_123)", r"(?P<id>aa)(?P=id)",
        r"((((((((((a))))))))))\10", r"(?i)((((((((((a))))))))))\10", r"(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)(k)(l)\119",
        r"(a)\1", r"(a+)\1", r"(a+)+\1", r"(a+)a\1$", r"(a+).\1$", r"^(a+).\1$", r"(a).+\1", r"(a)ba*\1",
        r"(abc)\1", r"(?i)(abc)\1", r"([abc]*)\1", r"([a-c]*)\1", r"(?i)([a-c]*)\1", r"([a-c]+)\1",
        r"(a|aa)a\1$", r"(aa|a)a\1$",
    ]),
    "no text matches this pattern": frozenset([
        r"$b", r"(?i)$b", r"\Ba\B", r"\Bx", r"\By\B", r"\By\b", r"\Bz", r"\by\B", r"x\B", r"z\B",
    ]),
}  # fmt: skip
REASONS = {source: reason for reason, sources in REFUSED.items() for source in sources}


def compiled(source: str) -> re.Pattern[str] | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return re.compile(source)
        except re.error:
            return None


# Each pattern with all texts that it comes with, and what is made of these.
TEXTS: dict[str, set[str]] = {}
for source, text, *_ in TABLE:
    if isinstance(source, str):
        TEXTS.setdefault(source, set()).update(
            {"", text, text[1:], text[:-1], text * 2, f"x{text}", f"{text}\n", f"a{text}b", text.swapcase()}
        )


def ways(source: str) -> set[str]:
    """The texts of a pattern, and its matches in them: most of these it matches in full, too."""
    expected = compiled(source)
    assert expected is not None
    return TEXTS[source] | {found.group() for text in TEXTS[source] for found in expected.finditer(text)}


MALFORMED = sorted(source for source in TEXTS if compiled(source) is None)
READ = sorted(TEXTS.keys() - MALFORMED - REASONS.keys())


def test_the_table_is_looked_through() -> None:
    assert len(READ) > 250 and len(MALFORMED) > 20
    assert REASONS.keys() <= TEXTS.keys()


@pytest.mark.parametrize("source", READ)
def test_matches_as_in_re(source: str) -> None:
    grammar, expected = cn.regex(source), compiled(source)
    assert expected is not None
    for text in ways(source):
        assert grammar.matches(text) == (expected.fullmatch(text) is not None), text


@pytest.mark.parametrize("source", sorted(REASONS))
def test_refused_for_the_reason_listed(source: str) -> None:
    with pytest.raises(cn.RegexError) as caught:
        cn.regex(source)
    assert REASONS[source] in caught.value.reason


@pytest.mark.parametrize("source", sorted(REFUSED["no text matches this pattern"]))
def test_what_is_said_to_match_nothing_matches_nothing_in_re(source: str) -> None:
    expected = compiled(source)
    assert expected is not None
    assert [text for text in ways(source) if expected.fullmatch(text)] == []


@pytest.mark.parametrize("source", MALFORMED)
def test_malformed_as_in_re(source: str) -> None:
    with pytest.raises(cn.RegexError):
        cn.regex(source)
