"""Constructs of other dialects, and values that are not texts: messages and answers."""

from __future__ import annotations

import pytest

import constrain as cn


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("STRING", "string"),
        ("Integer", "integer"),
        ("dict", "object"),
        ("str", "string"),
        ("float", "number"),
    ],
)
@pytest.mark.parametrize("listed", [False, True])
def test_a_type_of_another_dialect_is_named_with_the_one_that_is_meant(
    name: str, meant: str, listed: bool
) -> None:
    with pytest.raises(cn.InvalidSchema, match=f'"{meant}"'):
        cn.json_schema({"type": [name] if listed else name})


@pytest.mark.parametrize("grammar", [cn.regex("."), cn.json_schema(True), cn.lark("start: /./")])
def test_a_lone_surrogate_is_no_text(grammar: cn.Grammar) -> None:
    assert not grammar.matches("\ud800")
    assert not grammar.matches('"\udc00"')
