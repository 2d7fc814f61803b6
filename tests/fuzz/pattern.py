"""Regular expressions: Python's against ``re``, both kinds against the slow twin of the engine.

An input is choices of a pattern with every construct that is regular, or the text of one.
"""

from __future__ import annotations

import json
import re
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import constrain as cn
from constrain.engine import random_text
from constrain.languages.regex import Flavour
from tests.fuzz.chooser import LIMITS, Chooser, chooser_of, text_of
from tests.fuzz.command import main
from tests.oracle import Oracle
from tests.regex_support import (
    COUNTS,
    ECMA_ONLY,
    FIXED_BEHIND,
    LETTERS,
    PLACES,
    PYTHON_ONLY,
    Pattern,
)

DATA = Path(__file__).parents[1] / "data" / "regex" / "cases.json"
DICTIONARY = [*LETTERS, *PLACES, *PYTHON_ONLY, *ECMA_ONLY, *COUNTS]
DICTIONARY += "(?= (?! (?<= (?<! (?: (?> (?P<n> (?P=n) (?(1) (?i) (?m) (?s) (?x) (?a) (?#)".split()
# ``re`` tracks back: a text of so few letters ends soon, whatever the pattern.
LONGEST = 6
TEXTS = 12
LONG_COUNT = re.compile(r"[{,]\d{3}")
SINCE_3_11 = re.compile(r"\(\?>|[*+?}]\+")  # atomic groups and possessive quantifiers
SMALL = 40  # characters of a pattern that the slow twin is asked about
# Letters that are one with others, when case is ignored, beyond upper and lower case.
ODD_CASES = "sSſkK\u212aσςΣßẞÿŸµμΜiIıİ"
CASED = ["(?i:s)", "(?i:[^ks])", "(?i:ς)", "(?i:ß)", "(?i:[à-ÿ])", "(?i:µ)", "(?i:i)"]
ALPHABET = "ab-\né_ 1"
OFTEN = ["", "a", "b", "-", "\n", "ab", "a\n", "aa"]
ECMA_BEHIND = [*FIXED_BEHIND, "^|a", "a*b", "b(a|b)+"]
# What is refused where ``re`` takes it, with reasons.
NOT_REGULAR = ("regular", "order of matching", "no text matches", "not supported")


def check(data: bytes) -> None:
    """Try one input."""
    text = text_of(data)
    chooser = chooser_of(data)
    if text is None:
        flavour: Flavour = chooser.choice(["python", "python", "ecma"])
        source = draw_pattern(chooser, flavour)
        alphabet = ALPHABET + ODD_CASES * ("(?i" in source)
    else:
        flavour, source = "python", text
        alphabet = "".join(sorted({*text, *"ab\n"})) + ODD_CASES * ("i" in text)
        _check_texts(text, "ecma", None, _texts(alphabet, chooser), chooser)
    expected = _compiled(source) if flavour == "python" else None
    _check_texts(source, flavour, expected, _texts(alphabet, chooser), chooser)


def _texts(alphabet: str, chooser: Chooser) -> list[str]:
    return [*OFTEN, *(chooser.text(alphabet, LONGEST) for _ in range(TEXTS))]


def draw_pattern(chooser: Random, flavour: str, depth: int = 3) -> str:
    """A pattern with any construct of a flavour."""
    leaves = [*LETTERS, *PLACES, *CASED, *(PYTHON_ONLY if flavour == "python" else ECMA_ONLY)]
    form = (
        chooser.choice(["leaf", "concat", "concat", "either", "repeat", "look", "behind"])
        if depth
        else "leaf"
    )
    if form == "leaf":
        return chooser.choice(leaves)
    if form == "behind":
        return f"(?<{chooser.choice('=!')}{chooser.choice(FIXED_BEHIND if flavour == 'python' else ECMA_BEHIND)})"
    part = draw_pattern(chooser, flavour, depth - 1)
    if form == "concat":
        return part + draw_pattern(chooser, flavour, depth - 1)
    if form == "either":
        return f"(?:{part}|{draw_pattern(chooser, flavour, depth - 1)})"
    if form == "repeat":
        return f"({part}){chooser.choice(COUNTS)}"
    return f"(?{chooser.choice('=!')}{part})"


def _compiled(source: str) -> Any:
    """The pattern as ``re`` has it; its error; None where it warns, cannot say, or would count for long."""
    if LONG_COUNT.search(source) or (sys.version_info < (3, 11) and SINCE_3_11.search(source)):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return re.compile(source)
        except re.error as error:
            return error
        except (Warning, ValueError, OverflowError, RecursionError):
            return None


def _check_texts(source: str, flavour: Flavour, expected: Any, texts: list[str], chooser: Chooser) -> None:
    grammar: Any = None
    try:
        grammar = cn.regex(source, flavour=flavour, limits=LIMITS)
    except cn.WorkLimitExceeded:
        return
    except cn.RegexError as error:
        assert str(error)
        reason = error.reason
    if isinstance(expected, re.error):
        if "look-behind" in str(expected) and ("[^" in source or not _is_text(source)):
            return  # what matches no character is cut out, before widths are compared
        assert grammar is None, f"{source!r} is no pattern to re: {expected}"
        return
    if grammar is None:
        assert expected is None or any(said in reason for said in NOT_REGULAR), (
            f"{source!r} is refused: {reason}"
        )
        if "no text matches" not in reason:
            return
    try:
        accepted = [grammar is not None and grammar.matches(text) for text in texts]
        if grammar is not None:
            written = random_text(grammar.engine, grammar.root, chooser, LONGEST)
            assert grammar.matches(written), f"{written!r} was walked to and is refused: {source!r}"
    except cn.WorkLimitExceeded:
        return
    if expected is not None:
        found = [expected.fullmatch(text) is not None and _is_text(text) for text in texts]
        assert accepted == found, f"{source!r} on {_differing(texts, accepted, found)}"
    elif grammar is not None and len(source) <= SMALL:
        _check_twin(source, flavour, texts, accepted)


def _check_twin(source: str, flavour: Flavour, texts: list[str], accepted: list[bool]) -> None:
    twin = Pattern(Oracle, source, flavour, "fullmatch")
    found = [_is_text(text) and twin.matches(text) for text in texts[: len(OFTEN)]]
    assert accepted[: len(OFTEN)] == found, f"{source!r} ({flavour}) on {_differing(texts, accepted, found)}"


def _is_text(text: str) -> bool:
    """Half a surrogate pair is in no text."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _differing(texts: list[str], accepted: list[bool], found: list[bool]) -> list[tuple[str, bool]]:
    return [(text, one) for text, one, other in zip(texts, accepted, found, strict=False) if one != other]


def seeds() -> Iterator[bytes]:
    """The patterns of the tests."""
    for case in json.loads(DATA.read_text(encoding="utf-8")):
        yield case["pattern"].encode("utf-8", "surrogateescape") or b"a"


if __name__ == "__main__":
    main(check)
