"""Expressions that every schema uses."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from constrain.languages.json_schema.text.json_text import JsonText
from constrain.languages.json_schema.text.options import Options


@dataclass(frozen=True)
class Shared:
    """Nodes of one arena and its copies; ``options`` says which texts they stand for."""

    options: Options
    alphabet: JsonText
    space: Any  # insignificant whitespace, or nothing
    quote: Any
    character: Any  # one character inside a string, escaped where JSON wants it
    string: Any
    digit: Any
    zero: Any
    any_fraction: Any  # nothing, or a point and digits
    zero_fraction: Any  # nothing, or a point and zeros
    positive_digits: tuple[Any, ...]  # [n]: at most n digits, not all zero
    number: Any
    integer: Any
    colon: Any  # between a key and its value, with the space around it
    comma: Any  # between two values, with the space after it but not that before it
    open_array: Any
    open_object: Any
    first: Any  # what comes before a first item or member: the beginning of a line, or nothing
    close_array: Any  # after an item
    close_object: Any  # after a member
    close_empty_array: Any  # after the opening bracket
    close_empty_object: Any
    value: Any
    array: Any
    object: Any
    names: dict[Any, str] = field(default_factory=dict)  # what explanations call some of these nodes
