r"""What ECMA-262 reads as plain characters in its tolerant mode (Annex B), but has a meaning in other dialects.

``\A``, ``\z``, ``[[:digit:]]``, ``\Q..\E`` and ``{,3}`` are not errors there: a backslash that begins no escape is
ignored, and a brace that begins no count is a literal.
"""

from __future__ import annotations

import re

from constrain.languages.regex.parsing.schema import liberties

__all__ = ["foreign"]

# Letters that have a meaning after a backslash, or are an error there.
_ESCAPES = frozenset("bBdDwWsSpPfnrtvcxuk")

# What to write instead for the meaning that a letter has in other dialects.
_INSTEAD = {
    "A": "^", "z": "$", "Z": "$", "h": r"[ \t]", "H": r"[^ \t]", "R": r"(?:\r\n|[\n\r])",
    "a": r"\u0007", "e": r"\u001b",
    "Q": "a backslash before each character that needs one", "E": "a backslash before each character that needs one",
    "i": r"[\p{L}_:]", "l": "[a-z]", "L": "[^a-z]",
}  # fmt: skip
_CLASSES = {
    "alnum": "a-zA-Z0-9", "alpha": "a-zA-Z", "blank": r" \t", "cntrl": r"\u0000-\u001f\u007f", "digit": "0-9",
    "graph": "!-~", "lower": "a-z", "print": " -~", "punct": r"!-\/:-@\[-`{-~", "space": r"\s", "upper": "A-Z",
    "word": r"\w", "xdigit": "0-9a-fA-F",
}  # fmt: skip

_SIGNS = re.compile(r"\\[ACEFGHIJKLMNOQRTUVXYZaeghijlmoqyz]|\[:|\{,")
_COUNT = re.compile(r"\{,([0-9]+)\}")
_CLASS = re.compile(r"\[:(\^?)([a-z]+):\]")


def foreign(pattern: str) -> str:
    """What in an ECMA pattern was most likely meant in another dialect, and what to write instead; "" if there is
    nothing.

    The pattern has been read already. What is an error in ECMA has been read with the intended meaning (``schema``).
    """
    if _SIGNS.search(pattern) is None or liberties(pattern):
        return ""
    position, within = 0, False
    while position < len(pattern):
        character = pattern[position]
        if character == "\\":
            letter = pattern[position + 1 : position + 2]
            if letter.isascii() and letter.isalpha() and letter not in _ESCAPES:
                return _of_escape(letter)
            position += 2
            continue
        if character == "[" and within:
            found = _CLASS.match(pattern, position)
            if found is not None and found[2] in _CLASSES:
                return f"{found[0]} is a set of single characters to ECMA; write {_CLASSES[found[2]]}"
        elif character == "{" and not within:
            found = _COUNT.match(pattern, position)
            if found is not None:
                return f"{found[0]} is no count but plain text to ECMA; write {{0,{found[1]}}}"
        within = character == "[" or (within and character != "]")
        position += 1
    return ""


def _of_escape(letter: str) -> str:
    instead = f"; write {_INSTEAD[letter]}" if letter in _INSTEAD else ""
    return f"\\{letter} is the letter {letter} to ECMA{instead}"
