r"""Unicode properties, for ``\p{...}`` of ECMA-262: General_Category, Script, Script_Extensions and binary.

The members are in a data file of one Unicode version (its first line says which, and how it is read),
so that a pattern means the same on every interpreter.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib.resources import files
from itertools import accumulate

from constrain.languages.regex.unicode import ranges as sets
from constrain.languages.regex.unicode.ranges import Ranges

# PropertyValueAliases.txt, General_Category: name -> the two-letter values it stands for.
_CATEGORIES = {
    "Letter": "Lu Ll Lt Lm Lo",
    "Cased_Letter": "Lu Ll Lt",
    "Uppercase_Letter": "Lu",
    "Lowercase_Letter": "Ll",
    "Titlecase_Letter": "Lt",
    "Modifier_Letter": "Lm",
    "Other_Letter": "Lo",
    "Mark": "Mn Mc Me",
    "Combining_Mark": "Mn Mc Me",
    "Nonspacing_Mark": "Mn",
    "Spacing_Mark": "Mc",
    "Enclosing_Mark": "Me",
    "Number": "Nd Nl No",
    "Decimal_Number": "Nd",
    "digit": "Nd",
    "Letter_Number": "Nl",
    "Other_Number": "No",
    "Punctuation": "Pc Pd Ps Pe Pi Pf Po",
    "punct": "Pc Pd Ps Pe Pi Pf Po",
    "Connector_Punctuation": "Pc",
    "Dash_Punctuation": "Pd",
    "Open_Punctuation": "Ps",
    "Close_Punctuation": "Pe",
    "Initial_Punctuation": "Pi",
    "Final_Punctuation": "Pf",
    "Other_Punctuation": "Po",
    "Symbol": "Sm Sc Sk So",
    "Math_Symbol": "Sm",
    "Currency_Symbol": "Sc",
    "Modifier_Symbol": "Sk",
    "Other_Symbol": "So",
    "Separator": "Zs Zl Zp",
    "Space_Separator": "Zs",
    "Line_Separator": "Zl",
    "Paragraph_Separator": "Zp",
    "Other": "Cc Cf Cs Co Cn",
    "Control": "Cc",
    "cntrl": "Cc",
    "Format": "Cf",
    "Surrogate": "Cs",
    "Private_Use": "Co",
    "Unassigned": "Cn",
    "L": "Lu Ll Lt Lm Lo",
    "LC": "Lu Ll Lt",
    "M": "Mn Mc Me",
    "N": "Nd Nl No",
    "P": "Pc Pd Ps Pe Pi Pf Po",
    "S": "Sm Sc Sk So",
    "Z": "Zs Zl Zp",
    "C": "Cc Cf Cs Co Cn",
}
_UNKNOWN_SCRIPT = ("Unknown", "Zzzz")
_PROPERTIES = {"General_Category": "gc", "Script": "sc", "Script_Extensions": "scx"}
_NAME = re.compile(r"[A-Za-z_]+(=[A-Za-z0-9_]+)?\Z")


@cache
def _table() -> dict[tuple[str, str], str]:
    """(property, name) -> lengths of the stretches outside, inside, outside ... the set."""
    text = files("constrain.languages.regex.unicode").joinpath("properties.txt").read_text(encoding="utf-8")
    lines = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    return {(kind, name): lengths for kind, names, lengths in lines for name in names.split(" ")}


def _members(kind: str, name: str) -> Ranges | None:
    """The members of one entry of the data file."""
    lengths = _table().get((kind, name))
    if lengths is None:
        return None
    edges = list(accumulate(int(length, 36) for length in lengths.split(" ")))
    return sets.normalise((first, end - 1) for first, end in zip(edges[::2], edges[1::2], strict=True))


def _category(name: str) -> Ranges | None:
    """Characters of a General_Category value, by short or long name."""
    found = [_members("gc", code) for code in _CATEGORIES.get(name, name).split()]
    return None if None in found else sets.union(members for members in found if members)


@cache
def _unknown_script() -> Ranges:
    """Characters of no script, among them all that are not assigned (UAX #24, section 2.1)."""
    scripts = [_members("sc", name) or sets.NONE for kind, name in _table() if kind == "sc"]
    return sets.complement(sets.union(scripts))


@lru_cache(maxsize=256)
def property_set(name: str) -> Ranges | None:
    r"""Members of ``\p{name}``, or None where ECMA-262 has no property of that name."""
    key, equals, value = name.partition("=")
    kind = _PROPERTIES.get(key, key)
    if kind in ("sc", "scx") and value in _UNKNOWN_SCRIPT:
        return _unknown_script()
    if equals:
        return _category(value) if kind == "gc" else _members(kind, value) if kind in ("sc", "scx") else None
    if name == "Any":
        return sets.ALL
    if name == "ASCII":
        return ((0, 0x7F),)
    if name == "Assigned":
        return sets.complement(_category("Cn") or sets.NONE)
    found = _category(name)
    return _members("", name) if found is None else found


def is_property_name(name: str) -> bool:
    r"""Whether ``\p{name}`` is well formed, whatever the name means."""
    return _NAME.match(name) is not None
