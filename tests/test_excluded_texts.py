"""Masks of bounded strings that exclude some texts: they equal those without the exclusions, except along the excluded
texts."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import constrain as cn
from tests.test_masks import vocabulary_of

# Tokens of one to three letters, some with a quote or an escape in them, and what an array is written with.
LETTERS = """a b é aa ab ba aab bab éa a" ab" b", "a "ab ","a "] " \\ u 0 6 1 [ ] , \\u0""".split()
VOCABULARY = vocabulary_of([*[text.encode() for text in LETTERS], *[bytes([byte]) for byte in range(256)]])

texts = st.text("abé", max_size=5)


@st.composite
def schemas(draw: Any) -> dict[str, Any]:
    string: dict[str, Any] = {"type": "string", "maxLength": draw(st.integers(0, 5))}
    if draw(st.booleans()):
        string["minLength"] = draw(st.integers(0, string["maxLength"]))
    if draw(st.booleans()):
        string["pattern"] = draw(st.sampled_from(["^a*b*$", "ab", "^[ab]+$", "a$", "^(ab|é)*$"]))
    if draw(st.booleans()):
        string["not"] = {"enum": draw(st.lists(texts, min_size=1, max_size=6))}
    return {"type": "array", "items": string, "uniqueItems": draw(st.booleans())}


@given(schema=schemas(), data=st.data(), budget=st.none() | st.integers(8, 30))
@settings(max_examples=150, deadline=None)
def test_masks_are_those_of_derivatives(
    schema: dict[str, Any], data: st.DataObject, budget: int | None
) -> None:
    constraint = cn.compile(cn.json_schema(schema, whitespace="compact"), VOCABULARY)
    matcher = constraint.matcher(max_tokens=budget)
    row = cn.allocate_bitmask(1, VOCABULARY.size)
    for _ in range(12):
        matcher.fill_mask(row)
        exact = matcher.mask_by_derivatives()
        if budget is None:
            assert np.array_equal(row[0], exact)
        else:
            assert not (row[0] & ~exact).any() and row[0].any()
        allowed = matcher.allowed_tokens()
        if allowed == list(VOCABULARY.eos_token_ids):
            break
        assert matcher.advance(data.draw(st.sampled_from(allowed)))
        if matcher.stopped:
            break
