"""Case-insensitive matching: sets closed under the flavour's notion of 'the same letter'.

Every rule is an equivalence between characters:

    python        ``re.IGNORECASE`` on str: simple lower case, and lower-case letters that share an
                  upper-case letter are the same (the table ``re`` calls 'extra cases')
    ascii         ``re.IGNORECASE | re.ASCII``: A-Z and a-z
    ecma-unicode  Canonicalize with the ``u`` flag: simple case folding (CaseFolding.txt, C and S)
    ecma          Canonicalize without it: upper case of one character, never from non-ASCII into ASCII

The rules of Python follow the Unicode version of the running interpreter, as ``re`` does. The rules of ECMA-262 are in
a data file of one Unicode version, the same as for the properties (its first line says which), so that a pattern means
the same everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from importlib.resources import files

from constrain.languages.regex.unicode import ranges as sets
from constrain.languages.regex.unicode.ranges import Ranges

# No cased character lies beyond plane 1; a test compares with all code points.
_LAST_CASED = 0x1FFFF


def _lower(character: str) -> str:
    """Simple lower case. Only U+0130 has a longer full one, which begins with the simple one."""
    return character.lower()[0]


def _ascii_lower(character: str) -> str:
    return character.lower() if character < "\x80" else character


def _python_canonical() -> Callable[[str], str]:
    """Lower case, then one letter for all lower-case letters with the same upper case."""
    partners: dict[str, list[str]] = {}
    for code_point in range(_LAST_CASED + 1):
        character = chr(code_point)
        if _lower(character) == character != character.upper():
            partners.setdefault(character.upper(), []).append(character)
    chosen = {letter: group[0] for group in partners.values() for letter in group}
    return lambda character: chosen.get(_lower(character), _lower(character))


# The letters by which the data file names the rules of ECMA-262.
_ECMA_RULES = {"ecma-unicode": "u", "ecma": "n"}


@cache
def _table() -> tuple[tuple[str, tuple[int, ...]], ...]:
    """(rules, characters that are the same letter by these) of the data file."""
    text = files("constrain.languages.regex.unicode").joinpath("case.txt").read_text(encoding="utf-8")
    lines = [line.partition("\t") for line in text.splitlines() if not line.startswith("#")]
    return tuple((rules, tuple(int(c, 16) for c in members.split(" "))) for rules, _, members in lines)


@cache
def _classes(rule: str) -> dict[int, tuple[int, ...]]:
    """Character -> all characters that are the same letter, for those that are not alone."""
    if rule in _ECMA_RULES:
        letter = _ECMA_RULES[rule]
        return {member: group for rules, group in _table() if letter in rules for member in group}
    canonical = _python_canonical() if rule == "python" else _ascii_lower
    groups: dict[str, list[int]] = {}
    for code_point in range(_LAST_CASED + 1):
        character = chr(code_point)
        same = canonical(character)
        if same != character:
            groups.setdefault(same, [ord(same)]).append(code_point)
    return {member: tuple(group) for group in groups.values() for member in group}


@lru_cache(maxsize=1024)
def close(ranges: Ranges, rule: str) -> Ranges:
    """The characters that some member of ``ranges`` matches when case is ignored."""
    classes = _classes(rule)
    size = sum(last - first + 1 for first, last in ranges)
    if size < len(classes):
        members = [c for first, last in ranges for c in range(first, last + 1) if c in classes]
    else:
        members = [c for c in classes if sets.contains(ranges, c)]
    return sets.union([ranges, tuple((same, same) for c in members for same in classes[c])])
