"""What the tests of regular expressions share: arenas, patterns, texts, and node's RegExp."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

from hypothesis import strategies as st

from constrain.engine import Engine
from constrain.errors import RegexError
from constrain.languages.regex import Flavour, Mode, Utf8, parse, regex_expression
from tests.oracle import Oracle

ARENAS = [Oracle, Engine]


def accepts(arena: Any, expression: Any, text: str) -> bool:
    """Whether the text is accepted. The oracle's search for dead ends after every byte is left out:
    it takes seconds where a pattern holds lookaheads, and changes no answer."""
    if not isinstance(arena, Oracle):
        return bool(arena.matches(expression, text.encode()))
    for byte in text.encode():
        expression = arena._derivative(expression, byte)
    return arena.nullable(expression)


class Pattern:
    """One pattern, compiled in one arena."""

    def __init__(self, kind: Any, source: str, flavour: Flavour, mode: Mode) -> None:
        self.arena = kind()
        self.expression = regex_expression(self.arena, source, flavour=flavour, alphabet=Utf8(), mode=mode)

    def matches(self, text: str) -> bool:
        return accepts(self.arena, self.expression, text)


def refusal(source: str, flavour: Flavour) -> str | None:
    """Why the pattern does not parse, or None if it does."""
    try:
        parse(source, flavour)
    except RegexError as error:
        return error.reason
    return None


# -- random patterns ------------------------------------------------------------------------------

LETTERS = ["a", "b", "-", "\\n", "ab", "é", ".", "[ab]", "[^a]", "[^\\n-]", "\\w", "\\W", "\\s", "\\S", "\\d"]
PLACES = ["^", "$", "\\b", "\\B"]
PYTHON_ONLY = ["\\A", "\\Z", "(?m:^)", "(?m:$)", "(?s:.)", "(?i:K)", "(?i:[^a])", "(?a:\\w)", "(?a:\\b)"]
ECMA_ONLY = ["[^]", "\\u{61}", "\\u0061", "\\x61", "\\/"]
COUNTS = ["*", "+", "?", "{2}", "{1,3}", "{0,2}", "{2,}", "*?"]
# Python wants a fixed width, and so each alternative to have it.
BEHIND = ["a", "ab", "[^b].", "^a", "\\b", "\\ba", "a|b", "-(?<!a-)", "^|a"]
FIXED_BEHIND = BEHIND[:-1]


def patterns(flavour: Flavour) -> st.SearchStrategy[str]:
    """Patterns with every construct of a flavour that is regular."""
    leaves = [*LETTERS, *PLACES, *(PYTHON_ONLY if flavour == "python" else ECMA_ONLY)]
    behind = st.sampled_from(FIXED_BEHIND if flavour == "python" else [*BEHIND, "a*b", "b(a|b)+"])

    def grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.one_of(
            st.tuples(inner, inner).map("".join),
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"(?:{'|'.join(parts)})"),
            st.tuples(inner, st.sampled_from(COUNTS)).map(lambda pair: f"({pair[0]}){pair[1]}"),
            st.tuples(st.sampled_from("=!"), inner).map(lambda pair: f"(?{pair[0]}{pair[1]})"),
            st.tuples(st.sampled_from("=!"), behind).map(lambda pair: f"(?<{pair[0]}{pair[1]})"),
        )

    return st.recursive(st.sampled_from(leaves), grow, max_leaves=7)


def texts(letters: str = "ab-\né_ 1Kkſ") -> st.SearchStrategy[list[str]]:
    """Some short texts, the shortest ones always among them."""
    some = st.lists(st.text(letters, max_size=6), min_size=5, max_size=12)
    return some.map(lambda found: ["", "a", "b", "-", "\n", "ab", "a\n", "aa", *found])


# -- node -----------------------------------------------------------------------------------------

# A text on which node backtracks for longer than its share of time has the answer null.
_SCRIPT = r"""
const vm = require('vm');
const context = vm.createContext({});
const testAll = new vm.Script('texts.map((text) => regexp.test(text))');
const test = (texts, timeout) => {
  context.texts = texts;
  try { return testAll.runInContext(context, {timeout}); } catch (e) { return null; }
};
const compile = (p, flags) => {
  try { return [new RegExp(p, 'u' + flags), true]; } catch (e) { return [new RegExp(p, flags), false]; }
};
require('readline').createInterface({input: process.stdin}).on('line', (line) => {
  const [pattern, flags, texts] = JSON.parse(line);
  let answer = null;
  try {
    const [regexp, unicode] = compile(pattern, flags);
    context.regexp = regexp;
    answer = {unicode, matches: test(texts, 1000) ?? texts.map((text) => (test([text], 20) ?? [null])[0])};
  } catch (e) {}
  console.log(JSON.stringify(answer));
});
"""


class Node:
    """A running node process that tests texts against patterns, with the u flag where that is valid."""

    def __init__(self) -> None:
        command = [shutil.which("node") or "node", "-e", _SCRIPT]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, encoding="utf-8")

    def search(self, pattern: str, texts: list[str], flags: str = "") -> dict[str, Any] | None:
        """Which texts hold a match (None: it would take too long), and whether the u flag was used.

        None: not a pattern.
        """
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps([pattern, flags, texts]) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] | None = json.loads(self._process.stdout.readline())
        return answer

    @property
    def version(self) -> str:
        """The version of Unicode that node knows: ``17.0``."""
        command = [shutil.which("node") or "node", "-p", "process.versions.unicode"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    def close(self) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()
