"""Cut the text of a grammar into tokens.

A definition ends where its line ends, unless the next line begins with ``|``, a bracket is still
open, or the line ends in a backslash; the scanner handles this, so that the reader sees a NEWLINE only where a
statement ends.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from constrain.errors import GrammarError
from constrain.work import checkpoint

NAME = "name"
STRING = "string"
REGEXP = "regular expression"
NUMBER = "number"
DIRECTIVE = "directive"
NEWLINE = "end of line"
END = "end of the grammar"
MARK = "mark"  # punctuation; the token's text says which

_BLANK = re.compile(r"(?:[ \t\f\r]|\\[ \t\r]*\n|//[^\n]*|\#[^\n]*)*")
_TOKEN = re.compile(
    r"""
      (?P<newline> \n )
    | (?P<name> [A-Za-z_][A-Za-z0-9_]* )
    | (?P<string> "(?:\\.|[^"\\\n])*"i? )
    | (?P<regexp> /(?:\\[\s\S]|[^/\\])+/[a-z]* )
    | (?P<number> [+-]?[0-9]+ )
    | (?P<directive> %[A-Za-z_]* )
    | (?P<mark> -> | \.\. | [|:,.~?*+!(){}\[\]] )
    """,
    re.VERBOSE,
)
_KINDS = {
    "newline": NEWLINE,
    "name": NAME,
    "string": STRING,
    "regexp": REGEXP,
    "number": NUMBER,
    "directive": DIRECTIVE,
    "mark": MARK,
}
_SPELLING = re.compile(r"_?[a-z][_a-z0-9]*|_?[A-Z][_A-Z0-9]*")
_UNFINISHED = {
    '"': "this string has no closing quote on its line",
    "/": "this regular expression has no closing '/'",
}
_OPENING, _CLOSING = "([{", ")]}"


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    offset: int

    def describe(self) -> str:
        """The token for error messages: its text, or its kind if it has no text to show."""
        return self.kind if self.kind in (NEWLINE, END) else f"'{self.text}'"


def scan(source: str) -> list[Token]:
    """The tokens of ``source``, statement by statement; the last one is END."""
    tokens: list[Token] = []
    depth = 0
    offset = 0
    while True:
        blank = _BLANK.match(source, offset)
        offset = blank.end() if blank else offset
        if offset == len(source):
            break
        checkpoint()
        token = _token(source, offset)
        offset += len(token.text)
        if token.kind == NEWLINE:
            if depth == 0 and tokens and tokens[-1].kind != NEWLINE:
                tokens.append(token)
            continue
        if token.kind == MARK:
            depth = max(0, depth + (token.text in _OPENING) - (token.text in _CLOSING))
            if token.text == "|" and tokens and tokens[-1].kind == NEWLINE:
                tokens.pop()
        tokens.append(token)
    if tokens and tokens[-1].kind != NEWLINE:
        tokens.append(Token(NEWLINE, "", len(source)))
    return [*tokens, Token(END, "", len(source))]


def _token(source: str, offset: int) -> Token:
    found = _TOKEN.match(source, offset)
    if found is None or found.lastgroup is None:
        reason = _UNFINISHED.get(source[offset], f"unexpected character {source[offset]!r}")
        raise GrammarError(source, offset, reason)
    if found.lastgroup == "name" and not _SPELLING.fullmatch(found.group()):
        spelling = "a rule is in lower case, a terminal in upper case, with at most one '_' in front"
        raise GrammarError(source, offset, f"'{found.group()}' is no name: {spelling}")
    return Token(_KINDS[found.lastgroup], found.group(), offset)
